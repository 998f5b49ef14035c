"""How often one account may give commands: a bucket of tokens, so that a flood from one keeps nobody else waiting.

Counted by when the comments were written, not by when Reeve got to them: work that was put off is no flood.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

#: So many comments with commands an account may write at once in one installation ...
BURST = 20

#: ... and then one more in this time.
EVERY = timedelta(minutes=1)

#: What lies further back no longer counts: by then the bucket is full again.
WINDOW = timedelta(hours=1)

_LEEWAY = EVERY * (BURST - 1)


@dataclass(frozen=True, slots=True)
class Allowance:
    """Whether a comment may be heard; if not, from when on the next one may, and whether that was said before."""

    is_granted: bool
    next_at: datetime
    was_told: bool = False


def allowance(earlier: Iterable[datetime], at: datetime) -> Allowance:
    """Return the allowance of a comment written then, after others of the same account within the `WINDOW`.

    The bucket is kept as the time by which all that was granted is paid for (the generic cell rate algorithm, ITU-T
    I.371); what was refused costs nothing.
    """
    paid_until, was_told = at - WINDOW, False
    for moment in sorted(earlier):
        if paid_until - moment > _LEEWAY:
            was_told = True
        else:
            paid_until = max(paid_until, moment) + EVERY
    next_at = max(at, paid_until - _LEEWAY)
    return Allowance(is_granted=next_at == at, next_at=next_at, was_told=was_told)
