"""How one thing that is waited for stands: the time that counted, the deadline, and how far it is."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.config import Sla
from bot.model.kinds import Kind
from bot.model.timeline import Stage, Standing, Target
from bot.policies.sla.hours import Hours
from bot.policies.sla.rounds import End, Hold, How, Wait

_NOTHING = timedelta()


@dataclass(frozen=True, slots=True)
class Goal:
    """One thing that is waited for.

    `elapsed` is the time that counted so far, or until the end. `allowed` None: the issue has no kind yet, or nothing
    is set for it. `due_at` None with a time allowed: a pause keeps it open. At `changes_at` the next stage is reached;
    `steps` are when each is, in their order, while it is waited for.
    """

    target: Target
    since: datetime
    end: End | None
    elapsed: timedelta
    is_paused: bool
    kind: Kind | None = None
    allowed: timedelta | None = None
    due_at: datetime | None = None
    stage: Stage = Stage.ON_TRACK
    changes_at: datetime | None = None
    steps: tuple[tuple[Stage, datetime | None], ...] = ()

    @property
    def late_by(self) -> timedelta:
        """The time that counted beyond what was allowed."""
        return _NOTHING if self.allowed is None else max(self.elapsed - self.allowed, _NOTHING)

    @property
    def remaining(self) -> timedelta | None:
        """The time that is left; None where nothing is due."""
        return None if self.allowed is None else max(self.allowed - self.elapsed, _NOTHING)

    @property
    def standing(self) -> Standing | None:
        """The goal as it is recorded for reports; None where nothing is due."""
        if self.allowed is None:
            return None
        return Standing(
            self.target,
            self.since,
            self.kind,
            self.stage,
            allowed=self.allowed,
            elapsed=self.elapsed,
            due_at=self.due_at,
            ended_at=self.end.at if self.end else None,
            is_answered=self.end is not None and self.end.how is How.ANSWERED,
        )


@dataclass(frozen=True, slots=True)
class Interval:
    """A time in which the clock ran, and how much of it counted."""

    since: datetime
    until: datetime
    counted: timedelta


class Runs:
    """When the clock of a round runs: all the time but the holds, which may overlap."""

    def __init__(self, since: datetime, holds: Sequence[Hold], hours: Hours) -> None:
        """Lay the holds, which are in the order in which they began, over each other."""
        self._hours = hours
        self._spans = tuple(_gaps(since, holds))
        self._starts = [start for start, _ in self._spans]

    def intervals(self, since: datetime, until: datetime) -> Iterator[Interval]:
        """Yield the times between two moments in which the clock ran."""
        for start, stop in self._within(since, until):
            first, last = max(start, since), until if stop is None else min(stop, until)
            if first < last:
                yield Interval(first, last, self._hours.between(first, last))

    def counted(self, since: datetime, until: datetime) -> timedelta:
        """Return how much counted between two moments."""
        return sum((each.counted for each in self.intervals(since, until)), _NOTHING)

    def is_held(self, moment: datetime) -> bool:
        """Say whether the clock stands still at this moment."""
        place = bisect_right(self._starts, moment) - 1
        stop = self._spans[place][1] if place >= 0 else moment
        return stop is not None and stop <= moment

    def reach(self, since: datetime, until: datetime, amount: timedelta) -> datetime | None:
        """Return when so much has counted or will have, if nothing happens after `until`; None: it is held then."""
        for start, stop in self._within(since, until):
            first = max(start, since)
            if stop is None or stop > until:
                return self._hours.after(first, amount)
            counted = self._hours.between(first, stop)
            if counted >= amount:
                return self._hours.after(first, amount)
            amount -= counted
        return None

    def _within(self, since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime | None]]:
        place = max(bisect_right(self._starts, since) - 1, 0)
        for start, stop in self._spans[place:]:
            if start > until:
                return
            if stop is None or stop > since:
                yield start, stop


def _gaps(since: datetime, holds: Sequence[Hold]) -> Iterator[tuple[datetime, datetime | None]]:
    """Yield the times between the holds; the last one is open unless a hold is."""
    start = since
    for hold in holds:
        if hold.until == hold.since:
            continue  # of no length: it divides nothing
        if hold.since > start:
            yield start, hold.since
        if hold.until is None:
            return
        start = max(start, hold.until)
    yield start, None


@dataclass(frozen=True, slots=True)
class Bearing:
    """What an issue is by its labels and type; more than one kind is a contradiction, and the strictest holds."""

    kinds: frozenset[Kind]
    labels: frozenset[str]


def judge(wait: Wait, *, runs: Runs, bearing: Bearing, settings: Sla, now: datetime) -> Goal:
    """Return how a wait stands. `bearing` is what the issue was when it ended, or what it is now."""
    until = wait.end.at if wait.end else now
    goal = Goal(
        wait.target,
        wait.since,
        wait.end,
        elapsed=runs.counted(wait.since, until),
        is_paused=wait.end is None and runs.is_held(now),
    )
    kind, allowed = allowance(wait.target, bearing, settings)
    if allowed is None:
        return replace(goal, kind=kind)
    goal = replace(goal, kind=kind, allowed=allowed)
    if wait.end:
        due_at = runs.reach(wait.since, until, allowed)
        return replace(goal, due_at=due_at, stage=_settled(wait.end, due_at))
    percents = ((Stage.AT_RISK, settings.at_risk), (Stage.BREACHED, 100), (Stage.ESCALATED, settings.escalate))
    steps = tuple((stage, runs.reach(wait.since, until, allowed * percent // 100)) for stage, percent in percents)
    passed = [stage for stage, moment in steps if moment is not None and moment <= now]
    following = (moment for _, moment in steps if moment is not None and moment > now)
    stage = passed[-1] if passed else Stage.ON_TRACK
    return replace(goal, due_at=steps[1][1], steps=steps, stage=stage, changes_at=next(following, None))


def _settled(end: End, due_at: datetime | None) -> Stage:
    """Say how a wait ended; to the very moment of the deadline is in time."""
    if due_at is not None and end.at > due_at:
        return Stage.MISSED
    return Stage.MOOT if end.how is How.WITHDRAWN else Stage.MET


def allowance(target: Target, bearing: Bearing, settings: Sla) -> tuple[Kind | None, timedelta | None]:
    """Return the kind that decides, and the time that it allows; None where nothing is due."""
    found = [(kind, _allowed(target, kind, bearing.labels, settings)) for kind in sorted(bearing.kinds)]
    limited = [(allowed, kind) for kind, allowed in found if allowed is not None]
    if limited:
        allowed, kind = min(limited)
        return kind, allowed
    return (found[0][0] if found else None), None


def _allowed(target: Target, kind: Kind, labels: frozenset[str], settings: Sla) -> timedelta | None:
    for goal in settings.goals:
        is_meant = goal.target is target and (not goal.kinds or kind in goal.kinds)
        if is_meant and all(each.casefold() in labels for each in goal.labels):
            return goal.within
    return settings.of(kind) if target is Target.FIRST_ANSWER else None
