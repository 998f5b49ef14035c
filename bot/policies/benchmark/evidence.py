"""Everything that the benchmark gate may know when it decides, gathered before."""

from dataclasses import dataclass
from datetime import datetime

from bot.model.decisions import Override
from bot.model.samples import Samples
from bot.model.subjects import Subject
from bot.model.trust import Trust


@dataclass(frozen=True, slots=True)
class Waiting:
    """A measurement of this head is under way since then."""

    since: datetime


@dataclass(frozen=True, slots=True)
class Broken:
    """A measurement of this head ended without samples that can be believed: what was refused, in one line."""

    why: str


@dataclass(frozen=True, slots=True)
class Measured:
    """Samples from a run whose head was this one, and how far the run can be believed."""

    samples: Samples
    trust: Trust
    run_id: int = 0
    attempt: int = 1


#: What came of measuring; None where nothing was started.
Measurement = Waiting | Broken | Measured | None


@dataclass(frozen=True, slots=True)
class BenchmarkEvidence:
    """A change, and what there is to say of its speed.

    `changed` are the paths it touches, old and new names of what was renamed; None means that they are not known.
    `heads` are the commits that count as the head besides `head_sha` (the tested merge), `bases` those that count as
    base. `protected` are the changed paths that could bend the measurement; None leaves that to the policy's patterns.
    `acknowledged_by` is the maintainer who looked at them on this very head.
    """

    subject: Subject
    head_sha: str
    changed: tuple[str, ...] | None
    body: str = ""
    measurement: Measurement = None
    heads: frozenset[str] = frozenset()
    bases: frozenset[str] = frozenset()
    protected: tuple[str, ...] | None = None
    acknowledged_by: str | None = None
    override: Override | None = None
    is_release: bool = False
