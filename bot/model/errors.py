"""Why something could not be done, as types: only the first two are worth another try by themselves."""

from datetime import datetime
from typing import Literal


class ReeveError(Exception):
    """The root of everything that Reeve raises on purpose."""


class GitHubDown(ReeveError):
    """GitHub failed (5xx, no answer, connection lost): try again later; the write may have taken place."""


class RateLimited(ReeveError):
    """GitHub asked for a pause. Nothing may be sent for this installation before `until` (UTC)."""

    def __init__(self, until: datetime, *, scope: str) -> None:
        """Keep when to go on, and which limit it was (`primary`, `secondary` or `budget`)."""
        super().__init__(f"{scope} rate limit until {until.isoformat()}")
        self.until = until
        self.scope = scope


class Refused(ReeveError):
    """GitHub understood and said no (403, 422): the same request will not succeed later."""


class Unreadable(Refused):
    """There is something of this name, but it is no text file that can be read: a folder, a link, too large."""

    def __init__(self, what: str, *, why: Literal["folder", "special", "large"]) -> None:
        """Keep why it cannot be read, for those who tell it to people."""
        super().__init__(what)
        self.why = why


class TooLarge(Refused):
    """It is there, and larger than anything that is read."""


class Gone(ReeveError):
    """The thing to read or write no longer exists, or is not ours to see (404, 410)."""


class Malformed(ReeveError):
    """A delivery that is signed but cannot be an event: it ends as a dead letter with this reason."""


class Conflict(ReeveError):
    """A delivery id came again with another body: the first one stands."""


class StoreDown(ReeveError):
    """The database cannot take anything now (locked, full, read-only, gone): nothing was stored, ask again later."""


class Full(ReeveError):
    """More is waiting to be stored than may be held in memory: ask again later."""
