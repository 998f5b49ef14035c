"""How fast an installation may be written to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

#: When the next write may go out, given the recent ones and the time.
Next = Callable[[Sequence[datetime], datetime], datetime]


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast may be written: what somebody waits for, and what nobody does, which leaves room for the former."""

    urgent: Next
    patient: Next
