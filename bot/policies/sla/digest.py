"""The issue that lists what is late: every day what has escalated, or every week also how the last one went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.config import Config
from bot.model.timeline import Placed, Stage, Standing, Target
from bot.model.verdicts import Data, Message
from bot.policies.sla.hours import hours_of
from bot.policies.sla.report import aggregate

#: The key of the issue that is kept.
KEY = "sla-digest"

#: When the list is made anew, by the clock of the repository's calendar; a weekly one on Mondays.
HOUR = 9
#: More issues than this are not named.
MOST = 50
_MONDAY = 0


@dataclass(frozen=True, slots=True)
class Digest:
    """What the kept issue is to say, whether it is to be open, and when to look again."""

    message: Message
    is_open: bool
    wake_at: datetime


def digest(late: Sequence[Placed], week: Sequence[Standing], config: Config, now: datetime) -> Digest | None:
    """Return the digest as of now; None where none is wanted.

    `late` are the clocks that ran out and run on, `week` those that started in the last 7 days. A daily digest names
    what has escalated; a weekly one everything late, and how the week went.
    """
    if not is_wanted(config):
        return None
    is_weekly = config.sla.digest == "weekly"
    named = _named(late, config)
    ordered = sorted(named, key=lambda each: (each.standing.due_at or each.standing.started_at, each.subject.number))
    return Digest(
        Message("sla/digest", _data(ordered, week if is_weekly else (), config, now)),
        is_open=bool(ordered) or (is_weekly and bool(week)),
        wake_at=following(config, now),
    )


def is_wanted(config: Config) -> bool:
    """Say whether there is to be a digest at all."""
    return config.sla.enabled and config.sla.digest != "never"


def due_at(clocks: Sequence[Placed], config: Config, now: datetime) -> datetime | None:
    """Return when a digest is to be made that has something to say of these clocks; None where it has not."""
    if not is_wanted(config) or not clocks:
        return None
    late = [each for each in clocks if each.standing.ended_at is None]
    return following(config, now) if config.sla.digest == "weekly" or _named(late, config) else None


def _named(late: Sequence[Placed], config: Config) -> list[Placed]:
    is_weekly = config.sla.digest == "weekly"
    return [each for each in late if is_weekly or each.standing.stage is Stage.ESCALATED]


def following(config: Config, now: datetime) -> datetime:
    """Return when the next digest is due: at nine, or at the opening, of the next working day or Monday."""
    calendar = config.sla.calendar
    zone, hours = ZoneInfo(calendar.timezone if calendar else "UTC"), hours_of(calendar)
    days = (now.astimezone(zone).date() + timedelta(days=number) for number in range(15))
    nines = [datetime.combine(day, time(HOUR), zone) for day in days]
    coming = [nine.astimezone(UTC) for nine in nines if nine > now]
    if config.sla.digest == "weekly":
        return next(nine for nine in coming if nine.astimezone(zone).weekday() == _MONDAY)
    openings = ((nine, hours.opening(nine)) for nine in coming)
    is_same_day = (each for nine, each in openings if each.astimezone(zone).date() == nine.astimezone(zone).date())
    return next(is_same_day, hours.opening(coming[0]))


def _data(late: Sequence[Placed], week: Sequence[Standing], config: Config, now: datetime) -> dict[str, Data]:
    shown = late[:MOST]
    zone = ZoneInfo(config.sla.calendar.timezone if config.sla.calendar else "UTC")
    is_weekly = config.sla.digest == "weekly"
    first = [each for each in week if each.target is Target.FIRST_ANSWER]
    totals = aggregate(first)
    counts = [each for each in totals if each.kind is None]
    return {
        "is_weekly": is_weekly,
        "day": now.astimezone(zone).date().isoformat(),
        "count": len(late),
        "left_out": len(late) - len(shown),
        "numbers": tuple(str(each.subject.number) for each in shown),
        "targets": tuple(each.standing.target.value for each in shown),
        "dues": tuple((each.standing.due_at or each.standing.started_at).astimezone(UTC).isoformat() for each in shown),
        "opened": sum(each.count for each in counts),
        "met": sum(each.met for each in counts),
        "breached": sum(each.breached for each in counts),
    }
