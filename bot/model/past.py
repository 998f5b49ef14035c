"""What is remembered of an issue's past, and what a trip along the road adds to it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from bot.model.forge import Entry
from bot.model.timeline import Happening, Regime, Timeline


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of an issue's past.

    `etags` make reading GitHub's own list free and `read_at` is when that was done last; None: never. Of Reeve's own
    doing there are no happenings: `own_comments` counts its comments, and `written_at` is when it last wrote there.
    """

    timeline: Timeline = field(default_factory=Timeline)
    etags: tuple[str, ...] = ()
    read_at: datetime | None = None
    own_comments: int = 0
    written_at: datetime | None = None

    def lacks(self, entries: Iterable[Entry]) -> bool:
        """Say whether one of these is news."""
        known = {each.id for each in self.timeline.happenings}
        return any(entry.happening.id not in known for entry in entries)


@dataclass(frozen=True, slots=True)
class Learnt:
    """What a trip found out about an issue's past and what is to be remembered of it.

    A happening that is known already comes again where more is known of it now. `read_at` is when GitHub's own list
    was read, with `etags` to go with it. `regime` are the repository's settings where they are new.
    """

    happenings: tuple[Happening, ...] = ()
    etags: tuple[str, ...] = ()
    read_at: datetime | None = None
    regime: Regime | None = None

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to remember."""
        return not self.happenings and self.read_at is None and self.regime is None
