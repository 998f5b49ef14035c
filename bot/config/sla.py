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
_PERSON = re.compile(rf"@?{_LOGIN}")
_ADDRESSEE = re.compile(rf"@?{_LOGIN}(?:/[A-Za-z0-9][A-Za-z0-9._-]{{0,99}})?")


def _addressee(text: str) -> str:
    if _ADDRESSEE.fullmatch(text) is None:
        raise Unusable("addressee")
    return text.removeprefix("@")


def _person(text: str) -> str:
    if _PERSON.fullmatch(text) is None:
        raise Unusable("person")
    return text.removeprefix("@")


#: A person by their login: a team cannot be assigned.
Person = Annotated[str, AfterValidator(_person), WithJsonSchema({"type": "string", "examples": ["octocat"]})]
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

    timezone: TimeZone = Field(default="UTC", description="The time zone of all hours here, by its IANA name.")
    country: Country | None = Field(default=None, description="Its public holidays are closed.")
    region: str | None = Field(
        default=None, description="A part of the country with holidays of its own, by its ISO code."
    )
    hours: Openings = Field(default=("00:00-24:00",), description="The hours of a working day, one after the other.")
    monday: Openings | None = Field(default=None, description="The hours of a Monday, if others.")
    tuesday: Openings | None = Field(default=None, description="The hours of a Tuesday, if others.")
    wednesday: Openings | None = Field(default=None, description="The hours of a Wednesday, if others.")
    thursday: Openings | None = Field(default=None, description="The hours of a Thursday, if others.")
    friday: Openings | None = Field(default=None, description="The hours of a Friday, if others.")
    saturday: Openings | None = Field(default=None, description="The hours of a Saturday, if others.")
    sunday: Openings | None = Field(default=None, description="The hours of a Sunday, if others.")
    days_off: Days = Field(default=(), description="Days that are closed besides.")
    workdays: Days = Field(
        default=(), description="Days that are open as `hours` say, whatever weekday or holiday they are."
    )

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

    target: Target = Field(
        default=Target.FIRST_ANSWER, description="What is due: the first answer, the next one, or the end."
    )
    kinds: Annotated[tuple[Kind, ...], Field(max_length=3)] = Field(
        default=(), description="The kinds it is for; all where none is named."
    )
    labels: Annotated[tuple[LabelName, ...], Field(max_length=10)] = Field(
        default=(), description="The labels that an issue must carry, all of them."
    )
    within: Duration = Field(description="How soon it is due.")


class Sla(Enforced):
    """How soon an issue of each kind is to be answered. The first of `goals` that fits decides; else the kind does."""

    enabled: Annotated[bool, Field(strict=True)] = Field(
        default=True, description="Whether there are deadlines at all."
    )
    bug: Duration = Field(default=timedelta(hours=24), description="How soon a bug is to get its first answer.")
    feature: Duration = Field(
        default=timedelta(hours=72), description="How soon a feature request is to get its first answer."
    )
    docs: Duration = Field(
        default=timedelta(hours=72), description="How soon an issue about the documentation is to get its first answer."
    )
    goals: Annotated[tuple[Goal, ...], Field(max_length=50)] = Field(
        default=(), description="Goals for some issues; the first that fits decides, before the three above."
    )
    calendar: Calendar | None = Field(
        default=None, description="The hours in which time runs; without it, it always runs."
    )
    since: Day | None = Field(default=None, description="Issues opened before this day have no deadline.")
    at_risk: Annotated[int, Field(strict=True, ge=1, le=99)] = Field(
        default=75, description="When an answer counts as nearly due, in percent of its time."
    )
    escalate: Annotated[int, Field(strict=True, ge=101, le=1000)] = Field(
        default=150, description="When the maintainers are called, in percent of the time."
    )
    team: Addressee | None = Field(default=None, description="Who is called when an answer is nearly due or late.")
    maintainers: Addressee | None = Field(default=None, description="Who is called when it is escalated.")
    responders: Annotated[tuple[Person, ...], Field(max_length=50)] = Field(
        default=(), description="Who is suggested, in turn, to take a late issue that nobody is assigned to."
    )
    quiet_hours: Quiet | None = Field(
        default=None, description="When nobody is called; what is due then waits for their end."
    )
    notices_per_day: Annotated[int, Field(strict=True, ge=0, le=1000)] = Field(
        default=20, description="How many calls and digests there may be in a repository in 24 hours."
    )
    digest: Literal["never", "daily", "weekly"] = Field(
        default="daily", description="How often what is late is summed up in one issue."
    )

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
