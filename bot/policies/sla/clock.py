"""The clock of an issue: a pure function of what happened, the settings in force when it started, and now."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import ValidationError

from bot.config import Config, Sla, frozen
from bot.model.kinds import Kind
from bot.model.subjects import Actor
from bot.model.timeline import Standing, Target, Timeline
from bot.policies.sla.goals import Bearing, Goal, Interval, Runs, judge
from bot.policies.sla.history import settle
from bot.policies.sla.hours import hours_of
from bot.policies.sla.rounds import End, Hold, Marks, PassedOver, Past, Round, read


@dataclass(frozen=True, slots=True)
class Lap:
    """A round with its goals: the first answer, then as far as they are set the next answers and the resolution.

    `intervals` are when the clock ran, until nothing was waited for any more.
    """

    number: int
    since: datetime
    end: End | None
    goals: tuple[Goal, ...]
    intervals: tuple[Interval, ...]
    holds: tuple[Hold, ...]
    passed_over: tuple[PassedOver, ...]
    settings: Sla

    @property
    def first_answer(self) -> Goal:
        """The goal that every round has."""
        return self.goals[0]


@dataclass(frozen=True, slots=True)
class Clock:
    """How an issue stands at a moment. No laps: it was not open yet, or nobody knows when it was opened.

    `exempt` says why it has no deadlines at all: `disabled`, `bot` or `before`. `taken_off` is when a person last took
    each label off. `is_answered`: the author has answered the last question.
    """

    now: datetime
    laps: tuple[Lap, ...]
    exempt: str | None = None
    author: Actor | None = None
    assignees: tuple[str, ...] = ()
    taken_off: Mapping[str, datetime] = field(default_factory=dict)
    is_answered: bool = False

    @property
    def goals(self) -> tuple[Goal, ...]:
        """The goals of all rounds, oldest first."""
        return tuple(goal for lap in self.laps for goal in lap.goals)

    @property
    def waiting(self) -> tuple[Goal, ...]:
        """The goals with a deadline that somebody waits for now, the most pressing first."""
        found = [goal for goal in self.goals if goal.end is None and goal.allowed is not None]
        return tuple(sorted(found, key=lambda goal: (goal.due_at is None, goal.due_at or goal.since, goal.target)))

    @property
    def changes_at(self) -> datetime | None:
        """The next moment at which a stage changes if nothing happens; None: never."""
        return min((goal.changes_at for goal in self.waiting if goal.changes_at), default=None)

    @property
    def standings(self) -> tuple[Standing, ...]:
        """Each goal that has a deadline, as it is recorded for reports."""
        return tuple(standing for goal in self.goals if (standing := goal.standing))


def clock(timeline: Timeline, config: Config, now: datetime) -> Clock:
    """Return the clock of an issue at a moment; what happened later is not known yet."""
    past = read(settle(timeline.happenings, until=now), config)
    exempt = _exempt(past, config)
    bearings = _Bearings((), None) if exempt else _Bearings(past.marks, timeline.kind)
    laps = (
        _lap(number, round_, _settings(timeline, round_.since, config), bearings, now)
        for number, round_ in enumerate(past.rounds, start=1)
    )
    return Clock(now, tuple(laps), exempt, past.author, past.assignees, past.taken_off, past.is_answered)


def _settings(timeline: Timeline, start: datetime, config: Config) -> Sla:
    """Return the settings in force when a clock started; of one that started before all, the oldest that are known."""
    regimes = sorted(timeline.regimes, key=lambda each: each.since)
    chosen = [each for each in regimes if each.since <= start][-1:] or regimes[:1]
    try:
        return frozen.read(chosen[0].settings).sla if chosen else config.sla
    except (ValidationError, ValueError):
        return config.sla  # kept by another version of Reeve


def _exempt(past: Past, config: Config) -> str | None:
    """Say why an issue has no deadlines, if so."""
    if not config.sla.enabled:
        return "disabled"
    if past.author is not None and past.author.is_bot:
        return "bot"
    since = config.sla.since
    is_before = since is not None and past.rounds and past.rounds[0].since.date().isoformat() < since
    return "before" if is_before else None


class _Bearings:
    """What the issue was at each time, by its marks; where these name no kind, by the first that do later.

    What it is now triage knows better, where it has an answer: it also sees what is being changed at this moment.
    """

    def __init__(self, marks: Sequence[Marks], kind: Kind | None) -> None:
        self._since = [each.since for each in marks]
        self._labels = [each.labels for each in marks]
        self._present = frozenset({kind} if kind else ())
        later = self._present
        self._kinds: list[frozenset[Kind]] = []
        for each in reversed(marks):
            later = each.kinds or later
            self._kinds.append(later)
        self._kinds.reverse()
        self._first = self._kinds[0] if marks else later

    def at(self, moment: datetime) -> Bearing:
        """Return what it was when a wait ended."""
        place = bisect_right(self._since, moment) - 1
        if place < 0:
            return Bearing(self._first, frozenset())
        return Bearing(self._kinds[place], self._labels[place])

    def now(self) -> Bearing:
        """Return what it is."""
        kinds = self._kinds[-1] if self._kinds else frozenset()
        return Bearing(self._present or kinds, self._labels[-1] if self._labels else frozenset())


def _lap(number: int, round_: Round, settings: Sla, bearings: _Bearings, now: datetime) -> Lap:
    runs = Runs(round_.since, round_.holds, hours_of(settings.calendar))
    wanted = {Target.FIRST_ANSWER, *(goal.target for goal in settings.goals)}
    goals = (
        judge(
            wait,
            runs=runs,
            bearing=bearings.at(wait.end.at) if wait.end else bearings.now(),
            settings=settings,
            now=now,
        )
        for wait in round_.waits
        if wait.target in wanted
    )
    found = tuple(goals)
    ends = [goal.end.at for goal in found if goal.end]
    is_over = len(ends) == len(found)
    return Lap(
        number,
        round_.since,
        round_.end,
        goals=found,
        intervals=tuple(runs.intervals(round_.since, max(ends) if is_over else now)),
        holds=round_.holds,
        passed_over=round_.passed_over,
        settings=settings,
    )
