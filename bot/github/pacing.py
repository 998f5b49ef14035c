"""When the next write may go out: GitHub allows 80 content-creating requests a minute and 500 an hour. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

PER_MINUTE = 80
PER_HOUR = 500

#: What nobody waits for leaves a fifth of both to those who do: after an outage a command is still answered at once.
PATIENT_PER_MINUTE = 64
PATIENT_PER_HOUR = 400


def next_write_at(
    recent: Sequence[datetime], now: datetime, *, per_minute: int = PER_MINUTE, per_hour: int = PER_HOUR
) -> datetime:
    """Return the earliest moment, from `now` on, at which one more write keeps both sliding windows.

    `recent` are the writes of the last hour in any order; older ones do no harm. A write that lies exactly one window
    back no longer counts.
    """
    ordered = sorted(recent)
    return max(
        now,
        _free_at(ordered, per_minute, timedelta(minutes=1), now),
        _free_at(ordered, per_hour, timedelta(hours=1), now),
    )


def next_patient_write_at(recent: Sequence[datetime], now: datetime) -> datetime:
    """Return the earliest moment at which something may be written that nobody waits for."""
    return next_write_at(recent, now, per_minute=PATIENT_PER_MINUTE, per_hour=PATIENT_PER_HOUR)


def _free_at(ordered: Sequence[datetime], limit: int, window: timedelta, now: datetime) -> datetime:
    """Return when the write `limit` places from the end has left the window."""
    return now if len(ordered) < limit else ordered[-limit] + window
