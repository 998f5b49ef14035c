"""When a release is due: minor ones monthly, major ones quarterly, patches whenever there is a fix.

Due days are local dates in the repository's time zone. A month that is too short for the day has its last day.
"""

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from bot.config.release import Release
from bot.policies.release.versions import Step


@dataclass(frozen=True, slots=True)
class Train:
    """A release that is due: which step, and since when."""

    step: Step
    due: datetime


def due_after(step: Step, last: datetime, rules: Release) -> datetime | None:
    """Return the first due moment of this step after `last`; None for a patch, which needs none."""
    if step is Step.PATCH:
        return None
    zone = ZoneInfo(rules.timezone)
    months = rules.major_months if step is Step.MAJOR else tuple(range(1, 13))
    day = last.astimezone(zone).date()
    year, month = day.year, day.month
    while True:
        if month in months and (moment := _start(year, month, rules.day, zone)) > last:
            return moment
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def due_train(last_minor: datetime, last_major: datetime, now: datetime, rules: Release) -> Train | None:
    """Return the train that is due now, a major one before a minor one; None where none is.

    A major release is a minor one too: after it the next minor is due in the month that follows.
    """
    major = due_after(Step.MAJOR, last_major, rules)
    if major is not None and major <= now:
        return Train(Step.MAJOR, major)
    minor = due_after(Step.MINOR, max(last_minor, last_major), rules)
    return Train(Step.MINOR, minor) if minor is not None and minor <= now else None


def _start(year: int, month: int, day: int, zone: ZoneInfo) -> datetime:
    """Return the beginning of a local day, in UTC."""
    last = calendar.monthrange(year, month)[1]
    return datetime.combine(date(year, month, min(day, last)), time(), zone).astimezone(UTC)
