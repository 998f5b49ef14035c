"""What the door shows of the store: figures it is given and never looks up by itself."""

from collections.abc import Callable, Mapping
from typing import Protocol

#: A check returns why the process is not ready, or None when all is well.
Check = Callable[[], str | None]
Checks = Mapping[str, Check]

#: Takes a token and the body that came with it; raises `Refused` with the reason, or `GitHubDown` without the keys.
Post = Callable[[str, bytes], None]


class Figures(Protocol):
    """Numbers that live in the database."""

    def deliveries_by_state(self) -> dict[str, int]:
        """How many deliveries stand in each state."""
        ...

    def queue_age_seconds(self) -> dict[str, float]:
        """How long the oldest waiting delivery of each lane has waited."""
        ...

    def timer_age_seconds(self) -> float:
        """How long the oldest timer that rang already waits for a tick."""
        ...

    def effects_by_state(self) -> dict[str, int]:
        """How many effects stand in each state."""
        ...

    def budget_left(self) -> dict[int, int]:
        """How many API calls each installation has left this hour."""
        ...

    def lost(self) -> int:
        """How many accepted deliveries are neither finished, waiting nor dead: nought, or something is broken."""
        ...
