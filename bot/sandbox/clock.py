"""The sandbox's time: real time, plus whatever it was moved by."""

from datetime import UTC, datetime, timedelta


class Clock:
    """A clock that runs with real time and can be moved forward."""

    def __init__(self, *, frozen_at: datetime | None = None) -> None:
        """Start at real time, or stand still at `frozen_at` until moved."""
        self._offset = timedelta()
        self._frozen_at = frozen_at

    def now(self) -> datetime:
        """Return the sandbox's current time in UTC."""
        return (self._frozen_at or datetime.now(UTC)) + self._offset

    def advance(self, delta: timedelta) -> datetime:
        """Move the clock forward and return the new time; time never runs backwards."""
        if delta < timedelta():
            raise ValueError("the sandbox clock only moves forward")
        self._offset += delta
        return self.now()


def stamp(moment: datetime) -> str:
    """Return a time as GitHub writes it: whole seconds, UTC, with a `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_stamp(text: str) -> datetime:
    """Return the time that a GitHub parameter such as `since` names; raise `ValueError` if it is none."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
