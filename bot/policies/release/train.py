"""One release on its way: what comes next, and what is in the way.

Every answer is bound to the candidate's commit. Evidence and approvals for another commit do not count: when the
candidate moves, all of it is void. Each step is one effect that may be repeated; which one is next follows from what is
already there, so that a crash between two steps loses nothing and does nothing twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.config.release import Release
from bot.model.roles import Role
from bot.policies.release.suite import Outcome
from bot.policies.release.versions import Step, Version


class Obstacle(StrEnum):
    """Why a release cannot go on."""

    NOT_DUE = "not_due"
    WRONG_STEP = "wrong_step"
    BLOCKER_ISSUE = "blocker_issue"
    LATE_BUG = "late_bug"
    WRONG_PULL = "wrong_pull"
    RED_CHECK = "red_check"
    UNKNOWN_CHECK = "unknown_check"
    EVIDENCE = "evidence"
    NO_ANSWER = "no_answer"
    TAG_ELSEWHERE = "tag_elsewhere"
    REF_GONE = "ref_gone"
    TOO_MANY_CHANGES = "too_many_changes"


class Next(StrEnum):
    """What a release needs now."""

    REMOVE_OBSTACLES = "remove_obstacles"
    DISPATCH = "dispatch"
    AWAIT_RESULT = "await_result"
    EXTEND = "extend"
    AWAIT_APPROVAL = "await_approval"
    CREATE_TAG = "create_tag"
    CREATE_RELEASE = "create_release"
    CLOSE_ISSUE = "close_issue"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Blocking:
    """One thing in the way: an issue or pull request by number, a check by name, or an outcome of the suite."""

    obstacle: Obstacle
    number: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Approval:
    """Somebody's word that this commit may go out, with the role that they had when they gave it."""

    user_id: int
    login: str
    role: Role | None
    sha: str
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """What the suite said of a commit; `extensions` counts how often it was asked for more pairs."""

    sha: str
    outcome: Outcome
    extensions: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A run of the suite that was asked for and has not answered."""

    sha: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Check:
    """What CI says of the candidate; None is no conclusion yet."""

    name: str
    is_green: bool | None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of one release: what was asked for, the candidate, and what has been done already."""

    step: Step
    version: Version
    last: Version
    sha: str
    due: datetime | None
    blockers: tuple[int, ...] = ()
    late_bugs: tuple[int, ...] = ()
    architecture_pulls: tuple[int, ...] = ()
    checks: tuple[Check, ...] = ()
    waiting: Waiting | None = None
    measured: Measured | None = None
    approvals: tuple[Approval, ...] = ()
    tag_sha: str | None = None
    has_release: bool = False
    is_closed: bool = False
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """The next step, all that is in the way, how many approvals are missing, and when to look again."""

    next: Next
    blocking: tuple[Blocking, ...] = ()
    missing_approvals: int = 0
    wake_at: datetime | None = None


def decide(facts: Facts, rules: Release, now: datetime) -> Decision:
    """Say what this release needs now."""
    if facts.is_cancelled or facts.is_closed:
        return Decision(Next.NOTHING)
    if facts.tag_sha == facts.sha:
        return Decision(Next.CLOSE_ISSUE if facts.has_release else Next.CREATE_RELEASE)
    if blocking := tuple(_in_the_way(facts, now)):
        return Decision(Next.REMOVE_OBSTACLES, blocking, wake_at=facts.due if _is_early(facts, now) else None)
    if (unproven := _evidence(facts, rules, now)) is not None:
        return unproven
    if missing := max(0, rules.approvals - len(standing(facts.approvals, facts.sha))):
        return Decision(Next.AWAIT_APPROVAL, missing_approvals=missing)
    return Decision(Next.CREATE_TAG)


def standing(approvals: Sequence[Approval], sha: str) -> tuple[Approval, ...]:
    """Return the approvals that count: of this commit, by people who may maintain, each person once."""
    counted = {
        each.user_id: each
        for each in approvals
        if each.sha == sha and not each.is_bot and each.role is not None and each.role >= Role.MAINTAIN
    }
    return tuple(counted.values())


def _in_the_way(facts: Facts, now: datetime) -> list[Blocking]:
    """Return everything that people have to remove before the runners are asked for anything."""
    found = []
    if facts.last.after(facts.step) != facts.version:
        found.append(Blocking(Obstacle.WRONG_STEP, detail=str(facts.last.after(facts.step))))
    if facts.tag_sha is not None:
        found.append(Blocking(Obstacle.TAG_ELSEWHERE, detail=facts.tag_sha))
    if _is_early(facts, now):
        found.append(Blocking(Obstacle.NOT_DUE))
    found += (Blocking(Obstacle.BLOCKER_ISSUE, number) for number in facts.blockers)
    found += (Blocking(Obstacle.LATE_BUG, number) for number in facts.late_bugs)
    if facts.step is not Step.MAJOR:
        found += (Blocking(Obstacle.WRONG_PULL, number) for number in facts.architecture_pulls)
    found += (_of_check(check) for check in facts.checks if check.is_green is not True)
    if not facts.checks:
        found.append(Blocking(Obstacle.UNKNOWN_CHECK))
    return found


def _is_early(facts: Facts, now: datetime) -> bool:
    return facts.due is not None and now < facts.due


def _of_check(check: Check) -> Blocking:
    obstacle = Obstacle.UNKNOWN_CHECK if check.is_green is None else Obstacle.RED_CHECK
    return Blocking(obstacle, detail=check.name)


def _evidence(facts: Facts, rules: Release, now: datetime) -> Decision | None:
    """Say what is to be done for a verdict on this very commit; None where it passed."""
    measured = facts.measured if facts.measured is not None and facts.measured.sha == facts.sha else None
    waiting = facts.waiting if facts.waiting is not None and facts.waiting.sha == facts.sha else None
    if waiting is not None:
        return _awaited(waiting, rules, now)
    if measured is None:
        return Decision(Next.DISPATCH)
    match measured.outcome:
        case Outcome.PASS:
            return None
        case Outcome.INCONCLUSIVE if measured.extensions == 0:
            return Decision(Next.EXTEND)
        case _:
            blocking = Blocking(Obstacle.EVIDENCE, detail=measured.outcome)
            return Decision(Next.REMOVE_OBSTACLES, (blocking,))


def _awaited(waiting: Waiting, rules: Release, now: datetime) -> Decision:
    """Wait for the runners as long as the rules say; a result that never comes blocks."""
    until = waiting.since + rules.patience
    if now < until:
        return Decision(Next.AWAIT_RESULT, wake_at=until)
    return Decision(Next.REMOVE_OBSTACLES, (Blocking(Obstacle.NO_ANSWER),))
