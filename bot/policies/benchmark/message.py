"""The benchmark verdict as what people are told: the data for the words, a check run and a comment."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, Protocol

from bot.model.effects import CheckRun
from bot.model.samples import Metric
from bot.model.trust import Trust
from bot.model.verdicts import Data, Message, Outcome, Verdict
from bot.policies.benchmark.calibration import Calibration
from bot.policies.benchmark.claims import Row
from bot.policies.benchmark.comparison import Comparison
from bot.policies.benchmark.conditions import Fault
from bot.policies.benchmark.decision import BenchmarkVerdict, Level, of_call
from bot.policies.benchmark.evidence import BenchmarkEvidence
from bot.policies.benchmark.relevance import Relevance
from bot.policies.benchmark.rule import PLAN, Call

POLICY = "benchmark"

#: The name of the check run, as people see it and branch protection may require it.
CHECK = "reeve / benchmark"

#: How many rows of each kind are shown; how many more there are is said.
MAX_ROWS = 50

_CONCLUSIONS: Mapping[Outcome, Literal["success", "failure"]] = {
    Outcome.PASS: "success",
    Outcome.NOT_APPLICABLE: "success",
    Outcome.FAIL: "failure",
}
_WORST_FIRST = (Call.REGRESS, Call.INVALID, Call.NOT_COMPARABLE, Call.INCONCLUSIVE, Call.PASS)
_NOTHING = Comparison(())


class Words(Protocol):
    """The sentences for people."""

    def headed(self, message: Message, language: str) -> tuple[str, str]:
        """Return a message as a title in plain text and a body in Markdown."""
        ...


def told(found: BenchmarkVerdict, evidence: BenchmarkEvidence, words: Words, language: str) -> Verdict:
    """Return the verdict with its check run, and the message for the one comment where there is something to do."""
    data = facts(found, head_sha=evidence.head_sha)
    title, summary = words.headed(Message("benchmark/check", data), language)
    check = CheckRun(
        evidence.subject,
        evidence.head_sha,
        CHECK,
        None if found.outcome is Outcome.PENDING else _CONCLUSIONS.get(found.outcome, "action_required"),
        title,
        summary,
    )
    is_quiet = found.outcome in {Outcome.PASS, Outcome.NOT_APPLICABLE} and not data["too_good"]
    message = None if is_quiet else Message("benchmark/comment", data)
    return Verdict(POLICY, found.reason, found.outcome, message, (check,), wake_at=found.wake_at)


def local(comparison: Comparison) -> BenchmarkVerdict:
    """Return what a report says by itself, on somebody's own machine and without a pull request around it."""
    outcome, reason = of_call(comparison.call)
    is_means = any(each.fault is Fault.NO_SAMPLES for each in comparison.faults)
    level = Level.CLAIMED if is_means else Level.MEASURED
    nothing = Relevance((), None)
    return BenchmarkVerdict(outcome, reason, level, Level.NONE, nothing, comparison=comparison, trust=Trust.LOCAL)


def facts(found: BenchmarkVerdict, *, head_sha: str = "") -> dict[str, Data]:
    """Return everything that the words may use, as plain values."""
    comparison = found.comparison or _NOTHING
    override = found.override
    return {
        "reason": found.reason.value,
        "outcome": found.outcome.value,
        "level": found.level.value,
        "required": found.required.value,
        "exemption": found.exemption.value if found.exemption else None,
        "trust": found.trust.value if found.trust else None,
        "head": head_sha[:12],
        "paths": found.relevance.paths[:MAX_ROWS],
        "paths_total": len(found.relevance.paths),
        "trouble": found.trouble,
        "protected": (found.protected or ())[:MAX_ROWS],
        "by": override.by if override else None,
        "why": override.reason if override else None,
        **_measured(comparison),
        **_conditions(comparison),
        **_claimed(found),
    }


def _measured(comparison: Comparison) -> dict[str, Data]:
    order = {call: place for place, call in enumerate(_WORST_FIRST)}
    metrics = sorted(comparison.metrics, key=lambda each: (not each.is_required, order[each.judgement.call]))
    shown = metrics[:MAX_ROWS]
    required = [each for each in metrics if each.is_required]
    return {
        "metrics": tuple(each.metric.name for each in shown),
        "calls": tuple(each.judgement.call.value for each in shown),
        "grounds": tuple(each.judgement.ground.value for each in shown),
        "changes": tuple(percent(each.judgement.ratio) for each in shown),
        "lows": tuple(percent(each.judgement.low) for each in shown),
        "highs": tuple(percent(each.judgement.high) for each in shown),
        "betters": tuple(each.metric.better.value if each.metric.better else "" for each in shown),
        "margins": tuple(f"{each.margin * 100:g} %" for each in shown),
        "pairs": tuple(str(each.judgement.pairs) for each in shown),
        "spreads": tuple(_share(each.judgement.spread) for each in shown),
        "requireds": tuple("yes" if each.is_required else "" for each in shown),
        "metrics_total": len(metrics),
        "required_total": len(required),
        "slower_total": sum(each.judgement.call is Call.REGRESS for each in required),
        "too_good": tuple(each.metric.name for each in metrics if each.judgement.is_too_good)[:MAX_ROWS],
        "more": comparison.more,
        "floor": f"{comparison.floor * 100:g} %",
        "least_pairs": min((each.judgement.pairs for each in required), default=0),
        "first_look": PLAN.looks[0],
        "base_commit": comparison.base[:12],
        "head_commit": comparison.head[:12],
    }


def _conditions(comparison: Comparison) -> dict[str, Data]:
    return {
        "faults": tuple(each.fault.value for each in comparison.faults[:MAX_ROWS]),
        "fault_details": tuple(each.detail for each in comparison.faults[:MAX_ROWS]),
        "fields": tuple(each.field for each in comparison.mismatches[:MAX_ROWS]),
        "field_bases": tuple(each.base for each in comparison.mismatches[:MAX_ROWS]),
        "field_heads": tuple(each.head for each in comparison.mismatches[:MAX_ROWS]),
        "cautions": tuple(each.value for each in comparison.cautions),
    }


def _claimed(found: BenchmarkVerdict) -> dict[str, Data]:
    rows = found.claim.rows[:MAX_ROWS]
    commits = {commit: None for row in found.claim.rows for commit in row.commits}
    return {
        "claims": tuple(each.metric for each in rows),
        "claim_befores": tuple(f"{each.before:g} {each.unit}".strip() for each in rows),
        "claim_afters": tuple(f"{each.after:g} {each.unit}".strip() for each in rows),
        "claim_changes": tuple(percent(each.after / each.before) for each in rows),
        "claim_hardware": tuple(_once(rows, "hardware")),
        "claim_commands": tuple(_once(rows, "command")),
        "claim_commits": tuple(commits)[:MAX_ROWS],
        "missing": tuple(each.value for each in found.claim.missing),
        "unreadable": found.claim.unreadable[:MAX_ROWS],
    }


def _once(rows: Sequence[Row], name: Literal["hardware", "command"]) -> Iterator[str]:
    yield from dict.fromkeys(text for row in rows if (text := row.hardware if name == "hardware" else row.command))


def calibration(found: Mapping[Metric, Calibration], comparison: Comparison) -> dict[str, Data]:
    """Return what the words for a calibration may use."""
    troubles = [(metric.name, trouble.value) for metric, each in found.items() for trouble in each.troubles]
    return {
        "metrics": tuple(each.name for each in found),
        "pairs": tuple(str(each.pairs) for each in found.values()),
        "spreads": tuple(_share(each.spread) for each in found.values()),
        "half_widths": tuple(_share(each.half_width) for each in found.values()),
        "least_margins": tuple(_share(each.least_margin) for each in found.values()),
        "trouble_metrics": tuple(name for name, _ in troubles),
        "troubles": tuple(trouble for _, trouble in troubles),
        "wanted": PLAN.looks[-1],
        **_conditions(comparison),
    }


def _share(value: float | None) -> str:
    return "" if value is None else f"{value * 100:.1f} %"


def percent(ratio: float | None) -> str:
    """Return a ratio as a change in percent: 1.034 is `+3.4 %`; never rounded to nothing where there is something."""
    if ratio is None:
        return ""
    change = (ratio - 1) * 100
    if abs(change) >= 1000:
        return f"× {ratio:.3g}"
    digits = 1 if abs(change) >= 0.05 or change == 0 else 3
    return f"{change:+.{digits}f} %"
