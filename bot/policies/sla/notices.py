"""When people may be called to an issue: not in quiet hours, not out of business hours, and not too often."""

from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from bot.config import Sla
from bot.config.hours import DAY, span
from bot.model.timeline import Timeline
from bot.policies.sla.hours import hours_of

#: The time over which notices are counted against the budget.
WINDOW = timedelta(hours=24)
# Each pass ends one quiet or closed time or uses up one day of the budget; a week of them is none that people keep.
_PASSES = 50


def allowed_at(timeline: Timeline, settings: Sla, now: datetime) -> datetime | None:
    """Return the first moment from now on at which a notice may go out; None: it may not at all."""
    moment = now
    for _ in range(_PASSES):
        after = _within_budget(timeline, settings, _out_of_quiet(hours_of(settings.calendar).opening(moment), settings))
        if after is None or after == moment:
            return after
        moment = after
    return None


def _out_of_quiet(moment: datetime, settings: Sla) -> datetime:
    """Return this moment, or the end of the quiet hours in which it lies."""
    if settings.quiet_hours is None:
        return moment
    start, end = span(settings.quiet_hours)
    zone = ZoneInfo(settings.calendar.timezone if settings.calendar else "UTC")
    local = moment.astimezone(zone)
    minutes = local.hour * 60 + local.minute
    is_quiet = start <= minutes < end if start < end else minutes >= start or minutes < end
    return _next(moment, end % DAY, zone) if is_quiet else moment


def _next(moment: datetime, minutes: int, zone: tzinfo) -> datetime:
    """Return the next time that the clock on the wall shows so many minutes after midnight."""
    local = moment.astimezone(zone)
    for days in range(3):
        wall = local.replace(hour=minutes // 60, minute=minutes % 60, second=0, microsecond=0) + timedelta(days=days)
        if (then := wall.astimezone(moment.tzinfo)) > moment:
            return then
    return moment + timedelta(days=1)


def _within_budget(timeline: Timeline, settings: Sla, moment: datetime) -> datetime | None:
    """Return this moment, or the one when enough earlier notices are a day old."""
    budget = settings.notices_per_day
    if budget == 0:
        return None
    recent = sorted(each for each in timeline.recent if moment - each < WINDOW)
    return moment if len(recent) < budget else recent[-budget] + WINDOW
