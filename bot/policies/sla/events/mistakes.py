"""What is wrong with given events and where, and what had to be assumed: codes of words that stand in `templates/`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.model.errors import ReeveError

#: What the words are filled with.
Filling = str | int


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was assumed or passed over, to be told together with the result."""

    code: str
    data: Mapping[str, Filling] = field(default_factory=dict)


class EventsError(ReeveError):
    """The events cannot be read: the place (`line 3`, `events[2].created_at`), and the code of the words on why."""

    def __init__(self, place: str, code: str, **data: Filling) -> None:
        """Keep where and why."""
        super().__init__(f"{place}: {code} {data}")
        self.place = place
        self.code = code
        self.data = data
