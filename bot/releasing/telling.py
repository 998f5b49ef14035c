"""What is said of a release: the issue that it lives in, the check on its candidate, answers to comments."""

import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bot.model.effects import CheckRun, Effect, KeepIssue, React, Reaction, StickyComment
from bot.model.subjects import Subject
from bot.model.trains import Asked, Fate, Stage, Train
from bot.model.verdicts import Data, Message
from bot.policies.release.drift import Drift
from bot.policies.release.suite import Conclusion, Outcome
from bot.policies.release.train import Decision, Obstacle, standing
from bot.policies.release.train import Facts as TrainFacts
from bot.releasing.gathering import CHECK
from bot.releasing.parts import Place
from bot.reports.tensor_parallel import Case, Document

#: Lists in an issue are cut after this many entries, and say so.
MOST = 60

_FAILED = frozenset({Outcome.REGRESS, Outcome.INCORRECT})

CheckConclusion = Literal["success", "failure", "action_required", "timed_out", "cancelled"] | None


@dataclass(frozen=True, slots=True)
class Read:
    """A result with what follows from its numbers."""

    document: Document
    conclusion: Conclusion
    drift: tuple[Drift, ...] = ()


@dataclass(frozen=True, slots=True)
class Stand:
    """How a release stands: what it needs next, what that rests on, and its result where there is one."""

    train: Train
    facts: TrainFacts
    decision: Decision
    read: Read | None = None
    is_dead: bool = False
    is_shadow: bool = False

    @property
    def outcome(self) -> Outcome | None:
        """What is known of the candidate's speed; None is nothing yet."""
        return self.facts.measured.outcome if self.facts.measured else None

    @property
    def flaw(self) -> str:
        """Why what the last run handed over does not count."""
        latest = self.train.latest
        return latest.flaw if latest is not None else ""


def issue(stand: Stand, place: Place) -> KeepIssue:
    """Return the one issue of a release; it is closed when the release is out or given up."""
    data = facts_of(stand, place)
    title, body = place.desk.words.headed(Message("release/issue", data), stand.train.language)
    is_open = stand.train.stage in {Stage.OPEN, Stage.SUGGESTED}
    return KeepIssue(Subject(place.repository.id, 0), stand.train.key, title, body.strip(), is_open=is_open)


def check(stand: Stand, place: Place) -> CheckRun:
    """Return the check on the candidate: green only where its result passed."""
    title, summary = place.desk.words.headed(Message("release/check", facts_of(stand, place)), stand.train.language)
    subject = Subject(place.repository.id, 0)
    return CheckRun(subject, stand.train.sha, CHECK, _conclusion(stand), title, summary.strip())


def _conclusion(stand: Stand) -> CheckConclusion:
    if stand.train.stage is Stage.CANCELLED:
        return "cancelled"
    if any(each.obstacle is Obstacle.NO_ANSWER for each in stand.decision.blocking):
        return "timed_out"
    latest = stand.train.latest
    if latest is None or latest.fate is Fate.WAITING or stand.outcome is None:
        return None
    if stand.outcome is Outcome.PASS:
        return "success"
    return "failure" if stand.outcome in _FAILED else "action_required"


def facts_of(stand: Stand, place: Place) -> Mapping[str, Data]:
    """Return a release as a template is given it."""
    train, decision, rules = stand.train, stand.decision, place.config.release
    latest = train.latest
    counted = standing(stand.facts.approvals, train.sha)
    today = place.desk.now.date()
    waived = [each for each in train.waivers if each.holds(train.sha, today)]
    blocking = decision.blocking[:MOST]
    return {
        "version": train.version,
        "step": train.step,
        "ref": train.ref,
        "sha": train.sha,
        "short": train.sha[:12],
        "base_tag": train.base_tag,
        "by": train.by,
        "stage": train.stage.value,
        "next": decision.next.value,
        "due": train.due.isoformat() if train.due and not train.is_cut else None,
        "obstacles": tuple(each.obstacle.value for each in blocking),
        "obstacle_numbers": tuple(f"#{each.number}" if each.number else "" for each in blocking),
        "obstacle_details": tuple(each.detail for each in blocking),
        "left_out": len(decision.blocking) - len(blocking),
        "outcome": stand.outcome.value if stand.outcome else None,
        "is_waiting": latest is not None and latest.fate is Fate.WAITING,
        "is_extended": latest is not None and latest.pairs is not None,
        "deadline": (latest.at + rules.patience).isoformat() if latest else None,
        "flaw": stand.flaw,
        "run_url": latest.url if latest else "",
        "profile": latest.profile if latest else rules.profile,
        "approvers": tuple(each.login for each in counted),
        "approvals": rules.approvals,
        "missing": max(0, rules.approvals - len(counted)),
        "waived": tuple(each.case for each in waived),
        "waived_by": tuple(each.by for each in waived),
        "waived_reasons": tuple(each.reason for each in waived),
        "voided": train.voided[:12],
        "is_dead": stand.is_dead,
        "is_shadow": stand.is_shadow,
        "has_tag": stand.facts.tag_sha == train.sha,
        "has_release": stand.facts.has_release,
        **evidence_of(stand.read),
    }


def evidence_of(read: Read | None) -> dict[str, Data]:
    """Return a result as templates are given it: a row for each timed case, and a line for each finding."""
    if read is None:
        nothing: dict[str, Data] = dict.fromkeys(_ROWS, ())
        return nothing
    cases = [each for each in read.document.cases if each.launches][:MOST]
    judged = [read.conclusion.judgements.get(each.id) for each in cases]
    findings = read.conclusion.findings[:MOST]
    return {
        "cases": tuple(each.id for each in cases),
        "bases": tuple(_milliseconds(each, "base") for each in cases),
        "heads": tuple(_milliseconds(each, "head") for each in cases),
        "ratios": tuple(f"{each.ratio:.3f}" if each and each.ratio is not None else "-" for each in judged),
        "intervals": tuple(
            f"{each.low:.3f}-{each.high:.3f}" if each and each.low is not None and each.high is not None else "-"
            for each in judged
        ),
        "calls": tuple(each.call.value if each else "not_comparable" for each in judged),
        "finding_outcomes": tuple(each.outcome.value for each in findings),
        "finding_cases": tuple(each.case for each in findings),
        "finding_reasons": tuple(each.reason for each in findings),
        "drift_cases": tuple(each.case for each in read.drift),
        "drift_versions": tuple(each.version for each in read.drift),
        "drift_ratios": tuple(f"{each.ratio:.3f}" for each in read.drift),
    }


_ROWS = (
    *("cases", "bases", "heads", "ratios", "intervals", "calls", "finding_outcomes", "finding_cases"),
    *("finding_reasons", "drift_cases", "drift_versions", "drift_ratios"),
)


def _milliseconds(case: Case, side: str) -> str:
    found = [statistics.median(each.samples) for each in case.launches if each.side == side]
    return f"{statistics.median(found):.4g}" if found else "-"


def answer(asked: Asked, what: str, sign: Reaction, place: Place, **data: Data) -> tuple[Effect, ...]:
    """Return the sign and the words with which a comment is answered."""
    given: dict[str, Data] = {**dict.fromkeys(_ANSWERS), **data, "what": what}
    body = place.desk.words.answer([Message("release/answer", given)], asked.language)
    return (
        React(asked.subject, asked.comment_id, sign),
        StickyComment(asked.subject, body, key=f"release-{asked.comment_id}"),
    )


def status(asked: Asked, stand: Stand, place: Place) -> tuple[Effect, ...]:
    """Return the answer that tells how a release stands, in the words of its issue."""
    body = place.desk.words.answer([Message("release/issue", facts_of(stand, place))], asked.language)
    return (
        React(asked.subject, asked.comment_id, "+1"),
        StickyComment(asked.subject, body, key=f"release-{asked.comment_id}"),
    )


_ANSWERS = ("version", "other", "short", "ref", "by", "case", "due", "steps", "missing", "reason")
