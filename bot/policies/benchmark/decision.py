"""The benchmark verdict: whether performance data is needed, whether there is enough, and what it says."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.config import globs
from bot.config.benchmark import Benchmark
from bot.model.decisions import Override
from bot.model.samples import Direction
from bot.model.trust import Trust
from bot.model.verdicts import Outcome
from bot.policies.benchmark import claims
from bot.policies.benchmark.claims import Claim, Row
from bot.policies.benchmark.comparison import Comparison, compare
from bot.policies.benchmark.conditions import Expected, Fault
from bot.policies.benchmark.evidence import BenchmarkEvidence, Broken, Measured, Waiting
from bot.policies.benchmark.relevance import Exemption, Relevance, relevance
from bot.policies.benchmark.rule import Call

#: What a description without a table claims.
NO_CLAIM = Claim()


class Level(StrEnum):
    """What the data rests on: nothing, the author's word, or raw samples."""

    NONE = "none"
    CLAIMED = "claimed"
    MEASURED = "measured"


class Reason(StrEnum):
    """Why the gate decided as it did; each names what to do next in its words."""

    OFF = "off"
    EXEMPT = "exempt"
    OVERRIDDEN = "overridden"
    WITHIN_MARGIN = "within-margin"
    CLAIMED = "claimed"
    REGRESSION = "regression"
    NO_DATA = "no-data"
    CLAIM_INCOMPLETE = "claim-incomplete"
    CLAIM_STALE = "claim-stale"
    CLAIM_SLOWER = "claim-slower"
    NOT_MEASURED = "not-measured"
    MEASURING = "measuring"
    TOO_LATE = "too-late"
    UNREADABLE = "unreadable"
    INVALID = "invalid"
    NOT_COMPARABLE = "not-comparable"
    INCONCLUSIVE = "inconclusive"
    PROTECTED = "protected"
    NOT_TRUSTED = "not-trusted"


@dataclass(frozen=True, slots=True)
class BenchmarkVerdict:
    """How the gate came out and everything that shows why; what is `protected` is None where it is not known."""

    outcome: Outcome
    reason: Reason
    level: Level
    required: Level
    relevance: Relevance
    claim: Claim = NO_CLAIM
    comparison: Comparison | None = None
    trust: Trust | None = None
    trouble: str = ""
    protected: tuple[str, ...] | None = ()
    override: Override | None = None
    wake_at: datetime | None = None

    @property
    def exemption(self) -> Exemption | None:
        """Why no data is needed; None where it is."""
        return self.relevance.exemption

    @property
    def could_bend(self) -> bool:
        """Whether the change could have bent its own measurement, or nobody knows that it could not."""
        return self.protected is None or bool(self.protected)


_BLOCKED = Outcome.ACTION_REQUIRED


def decide(evidence: BenchmarkEvidence, rules: Benchmark, now: datetime) -> BenchmarkVerdict:
    """Judge the evidence that there is; whatever is missing, late or contradictory blocks and says so."""
    found = _decided(evidence, rules, now)
    override = evidence.override
    is_in_order = found.outcome in {Outcome.PASS, Outcome.NOT_APPLICABLE}
    if is_in_order or override is None or not _is_valid(override, evidence, now):
        return found
    return replace(found, outcome=Outcome.PASS, reason=Reason.OVERRIDDEN, override=override, wake_at=None)


def _is_valid(override: Override, evidence: BenchmarkEvidence, now: datetime) -> bool:
    """Say whether somebody answers for this very head today; a release takes nobody's word for numbers."""
    is_today = override.until is None or now.date() <= override.until
    return override.head_sha == evidence.head_sha and is_today and not evidence.is_release


def _decided(evidence: BenchmarkEvidence, rules: Benchmark, now: datetime) -> BenchmarkVerdict:
    required = Level.MEASURED if evidence.is_release else Level(rules.evidence)
    matters = Relevance((), None) if evidence.is_release else relevance(evidence.changed, rules)
    protected = _protected(evidence, rules)
    found = BenchmarkVerdict(_BLOCKED, Reason.NO_DATA, Level.NONE, required, matters, protected=protected)
    if required is Level.NONE:
        return replace(found, outcome=Outcome.NOT_APPLICABLE, reason=Reason.OFF)
    if matters.exemption is not None:
        return replace(found, outcome=Outcome.PASS, reason=Reason.EXEMPT)
    found = replace(found, claim=claims.read(evidence.body))
    match evidence.measurement:
        case Measured():
            return _measured(evidence.measurement, found, evidence, rules)
        case Broken():
            return replace(found, reason=Reason.UNREADABLE, trouble=evidence.measurement.why)
        case Waiting():
            return _waiting(evidence.measurement, found, rules, now)
        case None:
            return _claimed(found, evidence, rules)


def _protected(evidence: BenchmarkEvidence, rules: Benchmark) -> tuple[str, ...] | None:
    """Return the changed paths that could bend the measurement; None where nobody knows what was changed."""
    if evidence.protected is not None or evidence.changed is None:
        return evidence.protected
    return tuple(each for each in evidence.changed if globs.first(rules.protected, each))


def _waiting(waiting: Waiting, found: BenchmarkVerdict, rules: Benchmark, now: datetime) -> BenchmarkVerdict:
    due = waiting.since + rules.wait
    if now >= due:
        return replace(found, reason=Reason.TOO_LATE)
    return replace(found, outcome=Outcome.PENDING, reason=Reason.MEASURING, wake_at=due)


def _measured(
    measured: Measured, found: BenchmarkVerdict, evidence: BenchmarkEvidence, rules: Benchmark
) -> BenchmarkVerdict:
    expected = Expected(evidence.heads | {evidence.head_sha}, evidence.bases)
    comparison = compare(measured.samples, rules, expected)
    if {each.fault for each in comparison.faults} == {Fault.NO_SAMPLES} and not evidence.is_release:
        return _means_only(comparison, found)
    found = replace(found, level=Level.MEASURED, comparison=comparison, trust=measured.trust)
    is_doubtful = measured.trust in {Trust.LOCAL, Trust.REPORTED}
    if is_doubtful and evidence.is_release:
        return replace(found, reason=Reason.NOT_TRUSTED)
    if is_doubtful and found.could_bend and not evidence.acknowledged_by and comparison.call is Call.PASS:
        return replace(found, reason=Reason.PROTECTED)
    outcome, reason = of_call(comparison.call)
    return replace(found, outcome=outcome, reason=reason)


def of_call(call: Call) -> tuple[Outcome, Reason]:
    """Return what the word on a report means for the gate."""
    match call:
        case Call.PASS:
            return Outcome.PASS, Reason.WITHIN_MARGIN
        case Call.REGRESS:
            return Outcome.FAIL, Reason.REGRESSION
        case Call.INCONCLUSIVE:
            return _BLOCKED, Reason.INCONCLUSIVE
        case Call.INVALID:
            return _BLOCKED, Reason.INVALID
        case Call.NOT_COMPARABLE:
            return _BLOCKED, Reason.NOT_COMPARABLE


def _means_only(comparison: Comparison, found: BenchmarkVerdict) -> BenchmarkVerdict:
    """Take a report of means for what it is: numbers that are claimed, with which nothing can be tested."""
    found = replace(found, level=Level.CLAIMED, comparison=comparison)
    if comparison.mismatches:
        return replace(found, reason=Reason.NOT_COMPARABLE)
    if found.required is Level.MEASURED:
        return replace(found, reason=Reason.NOT_MEASURED)
    if any(each.is_required and each.is_slower for each in comparison.metrics):
        return replace(found, reason=Reason.CLAIM_SLOWER)
    return replace(found, outcome=Outcome.PASS, reason=Reason.CLAIMED)


def _claimed(found: BenchmarkVerdict, evidence: BenchmarkEvidence, rules: Benchmark) -> BenchmarkVerdict:
    claim = found.claim
    if not claim.rows and not claim.unreadable:
        return replace(found, reason=Reason.NOT_MEASURED if evidence.is_release else Reason.NO_DATA)
    if claim.missing or claim.unreadable:
        return replace(found, reason=Reason.CLAIM_INCOMPLETE)
    if not all(_is_current(row, evidence) for row in claim.rows):
        return replace(found, reason=Reason.CLAIM_STALE)
    found = replace(found, level=Level.CLAIMED)
    if found.required is Level.MEASURED:
        return replace(found, reason=Reason.NOT_MEASURED)
    if any(is_slower(row, rules) for row in claim.rows):
        return replace(found, reason=Reason.CLAIM_SLOWER)
    return replace(found, outcome=Outcome.PASS, reason=Reason.CLAIMED)


def _is_current(row: Row, evidence: BenchmarkEvidence) -> bool:
    return any(row.is_of(head) for head in (evidence.head_sha, *evidence.heads))


def is_slower(row: Row, rules: Benchmark) -> bool:
    """Say whether a claim itself admits to more than the margin, of a metric whose direction the policy file states."""
    setting = rules.of(row.metric)
    if setting is None:
        return False
    margin = rules.margin if setting.margin is None else setting.margin
    is_lower = Direction(setting.better) is Direction.LOWER
    worse = row.after / row.before if is_lower else row.before / row.after
    return worse > 1 + float(margin) / 100
