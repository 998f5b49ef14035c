"""What benchmark reports say, in one form for all of them: launches of base and head, each with its medians."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Side(StrEnum):
    """Which of two builds was measured: what the change starts from, or the change itself."""

    BASE = "base"
    HEAD = "head"

    @property
    def other(self) -> "Side":
        """The side that it is compared with."""
        return Side.HEAD if self is Side.BASE else Side.BASE


class Direction(StrEnum):
    """Which values of a metric are better. It is stated by a configuration or a schema, never read off a name."""

    LOWER = "lower"
    HIGHER = "higher"


@dataclass(frozen=True, slots=True)
class Metric:
    """What is measured, and in what unit. `better` is None where the report's schema does not say.

    One that is not primary repeats or refines another (CPU time beside wall time): it counts only where asked for.
    """

    name: str
    unit: str
    better: Direction | None = None
    is_primary: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """One metric in one launch: the median of so many samples, all finite and none negative."""

    metric: str
    median: float
    samples: int


@dataclass(frozen=True, slots=True)
class Field:
    """Something about the machine, the build or the load that must be the same on both sides."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Launch:
    """One start of what is measured. `side` is None where the report does not say; `failures` are its failed requests.

    `has_samples` is False for a report that holds only means: nothing can be tested with it.
    """

    side: Side | None
    readings: tuple[Reading, ...]
    commit: str | None = None
    is_dirty: bool | None = None
    environment: tuple[Field, ...] = ()
    failures: int = 0
    has_samples: bool = True
    started_at: datetime | None = None

    def reading(self, metric: str) -> Reading | None:
        """Return what was read of a metric."""
        return next((each for each in self.readings if each.metric == metric), None)


@dataclass(frozen=True, slots=True)
class Samples:
    """A benchmark report: its metrics, and its launches in the order in which they ran.

    `is_one_run` says that one program made all launches in one go, so that the machine is the same though not named.
    """

    format: str
    metrics: tuple[Metric, ...]
    launches: tuple[Launch, ...]
    is_one_run: bool = False

    @property
    def has_samples(self) -> bool:
        """Whether there is raw data behind every launch."""
        return bool(self.launches) and all(launch.has_samples for launch in self.launches)
