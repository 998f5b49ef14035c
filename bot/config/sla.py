"""How soon issues are to be answered, in which hours that time runs, and what happens when it runs out."""

import re
from datetime import timedelta
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from bot.config.hours import Country, Day, Opening, Quiet, TimeZone, is_region, span
from bot.config.mistakes import Unusable, quote
from bot.config.names import Thing
from bot.config.section import Section
from bot.config.shadow import Enforced
from bot.config.values import Duration, LabelName
from bot.model.kinds import Kind
from bot.model.timeline import Target

_WEEK = timedelta(days=7)
#: A deadline that a calendar would put off for longer than this is taken for a mistake.
_LONGEST_WAIT = timedelta(days=3650)
_LOGIN = r"[A-Za-z0-9](?:-?[A-Za-z0-9]){0,38}"
_ADDRESSEE = re.compile(rf"@?{_LOGIN}(?:/[A-Za-z0-9][A-Za-z0-9._-]{{0,99}})?")


def _addressee(text: str) -> str:
    if _ADDRESSEE.fullmatch(text) is None:
        raise Unusable("addressee")
    return text.removeprefix("@")


#: A person, or a team as `organisation/team`.
Addressee = Annotated[
    str,
    AfterValidator(_addressee),
    WithJsonSchema({"type": "string", "examples": ["acme/maintainers", "octocat"]}),
    Thing.TEAM,
]
Openings = Annotated[tuple[Opening, ...], Field(max_length=12)]
Days = Annotated[tuple[Day, ...], Field(max_length=400)]


class Calendar(Section):
    """The hours in which time runs. `hours` hold on working days; a weekday of its own stands above them.

    With a country its public holidays are closed, and the days that it works instead (China's) are open as `hours` say.
    """

    timezone: TimeZone = "UTC"
    country: Country | None = None
    region: str | None = None
    hours: Openings = ("00:00-24:00",)
    monday: Openings | None = None
    tuesday: Openings | None = None
    wednesday: Openings | None = None
    thursday: Openings | None = None
    friday: Openings | None = None
    saturday: Openings | None = None
    sunday: Openings | None = None
    days_off: Days = ()
    workdays: Days = ()

    def weekday(self, number: int) -> tuple[str, ...] | None:
        """Return a weekday's own hours, Monday being 0; None where it has none of its own."""
        days = (self.monday, self.tuesday, self.wednesday, self.thursday, self.friday, self.saturday, self.sunday)
        return days[number]

    @property
    def week(self) -> timedelta:
        """How long it is open in a week of five working days."""
        own = (self.weekday(number) for number in range(7))
        days = ((self.hours if number < 5 else ()) if each is None else each for number, each in enumerate(own))
        return sum(map(_length, days), timedelta())

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        for each in (self.hours, *(self.weekday(number) or () for number in range(7))):
            if any(first[1] > second[0] for first, second in pairwise(span(one) for one in each)):
                raise Unusable("hours-overlap")
        if self.region is not None and (self.country is None or not is_region(self.country, self.region)):
            raise Unusable("region", region=quote(self.region))
        if set(self.days_off) & set(self.workdays):
            raise Unusable("day-both")
        return self


def _length(openings: tuple[str, ...]) -> timedelta:
    return sum((timedelta(minutes=end - start) for start, end in map(span, openings)), timedelta())


class Goal(Section):
    """One goal: for issues of these kinds that carry all these labels, `target` is due within this time."""

    target: Target = Target.FIRST_ANSWER
    kinds: Annotated[tuple[Kind, ...], Field(max_length=3)] = ()
    labels: Annotated[tuple[LabelName, ...], Field(max_length=10)] = ()
    within: Duration


class Sla(Enforced):
    """How soon an issue of each kind is to be answered. The first of `goals` that fits decides; else the kind does."""

    enabled: Annotated[bool, Field(strict=True)] = True
    bug: Duration = timedelta(hours=24)
    feature: Duration = timedelta(hours=72)
    docs: Duration = timedelta(hours=72)
    goals: Annotated[tuple[Goal, ...], Field(max_length=50)] = ()
    calendar: Calendar | None = None
    since: Day | None = None
    at_risk: Annotated[int, Field(strict=True, ge=1, le=99)] = 75
    escalate: Annotated[int, Field(strict=True, ge=101, le=1000)] = 150
    team: Addressee | None = None
    maintainers: Addressee | None = None
    responders: Annotated[tuple[Addressee, ...], Field(max_length=50)] = ()
    quiet_hours: Quiet | None = None
    notices_per_day: Annotated[int, Field(strict=True, ge=0, le=1000)] = 20
    digest: Literal["off", "daily", "weekly"] = "daily"

    def of(self, kind: Kind) -> timedelta:
        """Return the time that an issue of this kind may wait for its first answer."""
        match kind:
            case Kind.BUG:
                return self.bug
            case Kind.FEATURE:
                return self.feature
            case Kind.DOCS:
                return self.docs

    @model_validator(mode="after")
    def _is_within_reach(self) -> Self:
        if self.calendar is None:
            return self
        longest = max(self.bug, self.feature, self.docs, *(goal.within for goal in self.goals), timedelta())
        weekly = self.calendar.week
        if not weekly or longest / weekly * _WEEK > _LONGEST_WAIT:
            raise Unusable("calendar-too-little")
        return self
