"""A clock in plain words for a terminal: every interval, pause and deadline, in the reader's language."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from bot.config.sla import Calendar
from bot.model.subjects import Actor
from bot.policies.sla.clock import Clock, Lap
from bot.policies.sla.events import EventsError, Note
from bot.policies.sla.goals import Goal, Interval
from bot.policies.sla.rounds import Cause, End, Hold, PassedOver
from bot.policies.sla.statement import pressing, seconds, state
from bot.render.durations import duration
from bot.render.terminal import shown
from bot.render.words import Words

#: More lines of one sort than this are not printed.
MOST = 200


@dataclass(frozen=True, slots=True)
class ClockPage:
    """The words for clocks, from the catalog `sla/explain.txt`: a line for each thing to say."""

    words: Mapping[str, str]
    language: str
    zone: tzinfo

    @classmethod
    def of(cls, words: Words, language: str, calendar: Calendar | None = None) -> "ClockPage":
        """Return the page in a language, with times in the zone of the calendar."""
        lines = words.document("sla/explain.txt", language).splitlines()
        zone = ZoneInfo(calendar.timezone if calendar else "UTC")
        return cls(dict(line.split(": ", 1) for line in lines), language, zone)

    def tell(self, clock: Clock, notes: Sequence[Note] = ()) -> str:
        """Return everything there is to say, one thing a line."""
        return "\n".join([*self._heading(clock), *self._laps(clock), *self._outlook(clock), *self.notes(notes)]) + "\n"

    def error(self, error: EventsError) -> str:
        """Return the place of a mistake and what it is."""
        return f"{error.place}: {self.say(f'error-{error.code}', **error.data)}"

    def notes(self, notes: Sequence[Note]) -> Iterator[str]:
        """Give what was assumed."""
        for note in notes:
            yield self.say("note", note=self.say(f"note-{note.code}", **note.data))

    def _heading(self, clock: Clock) -> Iterator[str]:
        yield self.say("times", zone=str(self.zone), now=self._at(clock.now))
        if not clock.laps:
            yield self.say("not-open")
            return
        yield self.say("opened", at=self._at(clock.laps[0].since), who=self._who(clock.author))
        goal = pressing(clock)
        yield self.say(
            f"exempt-{clock.exempt}" if clock.exempt else f"kind-{goal.kind if goal and goal.kind else 'none'}"
        )
        yield self.say("hours-all" if clock.laps[-1].settings.calendar is None else "hours-business")

    def _laps(self, clock: Clock) -> Iterator[str]:
        for lap in clock.laps:
            yield ""
            yield self._round(lap)
            yield from self._limited([self._time(each) for each in _in_order(lap)])
            yield from self._limited([self._passed_over(each) for each in lap.passed_over])
            yield from self._limited([line for goal in lap.goals for line in self._goal(goal)])

    def _round(self, lap: Lap) -> str:
        end = self._end(lap.end) if lap.end else ""
        return self.say("round-over" if end else "round", number=lap.number, since=self._at(lap.since), end=end)

    def _limited(self, lines: Sequence[str]) -> Iterator[str]:
        yield from (f"  {line}" for line in lines[:MOST])
        if len(lines) > MOST:
            yield "  " + self.say("more", count=len(lines) - MOST)

    def _time(self, each: Interval | Hold) -> str:
        since, until = self._at(each.since), self._at(each.until) if each.until else self.say("now")
        if isinstance(each, Interval):
            return self.say("ran", since=since, until=until, counted=self._span(each.counted))
        code = "pause-reason" if each.cause is Cause.PAUSE and each.reason else each.cause.value
        return self.say(code, since=since, until=until, by=self._who(each.by), reason=shown(each.reason))

    def _passed_over(self, each: PassedOver) -> str:
        return self.say(
            "passed-over", at=self._at(each.at), by=self._who(each.by), why=self.say(f"why-{each.why.value}")
        )

    def _goal(self, goal: Goal) -> Iterator[str]:
        code = "met-open" if state(goal) == "met" and goal.due_at is None else state(goal)
        yield self.say(
            code,
            target=self.say(goal.target.value, since=self._at(goal.since)),
            end=self._end(goal.end) if goal.end else "",
            elapsed=self._span(goal.elapsed),
            allowed=self._span(goal.allowed or timedelta()),
            remaining=self._span(goal.remaining or timedelta()),
            late=self._span(goal.late_by),
            due=self._at(goal.due_at) if goal.due_at else "",
        )
        moments = {stage.value.replace("-", "_"): self._at(moment) for stage, moment in goal.steps if moment}
        if goal.end is None and len(moments) == 3:
            yield "  " + self.say("steps", **moments)

    def _end(self, end: End) -> str:
        return self.say(f"ended-{end.how.value}", at=self._at(end.at), by=self._who(end.by))

    def _outlook(self, clock: Clock) -> Iterator[str]:
        yield ""
        if clock.changes_at:
            yield self.say("changes", at=self._at(clock.changes_at))
        else:
            yield self.say("changes-never")

    def say(self, code: str, **data: str | int) -> str:
        """Return one sentence of the catalog."""
        return self.words[code].format_map(data)

    def _who(self, actor: Actor | None) -> str:
        return shown(actor.login) if actor else self.words["somebody"]

    def _at(self, moment: datetime) -> str:
        local = moment.astimezone(self.zone)
        return local.isoformat(" ")[: 19 if local.second else 16]

    def _span(self, time: timedelta) -> str:
        return duration(seconds(time), self.language)


def _in_order(lap: Lap) -> list[Interval | Hold]:
    return sorted([*lap.intervals, *lap.holds], key=lambda each: each.since)
