"""A slow drift: each release was within its margin of the one before, and together they are beyond it.

Absolute times of different runs are compared here, so only results from the same environment are given, and what comes
of it is reported and blocks nothing.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.policies.release.suite import MARGIN, ON_CPU
from bot.reports.tensor_parallel import Document

#: So many releases back is looked.
BACK = (1, 3, 6)

Medians = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Drift:
    """A case that takes longer than so many releases ago, by this ratio."""

    case: str
    back: int
    version: str
    ratio: float


def medians(document: Document) -> dict[str, float]:
    """Return the median time of each timed case of the candidate, in milliseconds, over all its launches."""
    found = {}
    for case in document.cases:
        launches = [statistics.median(each.samples) for each in case.launches if each.side == "head"]
        if launches:
            found[case.id] = statistics.median(launches)
    return found


def drifts(now: Document, before: Sequence[tuple[str, Medians]]) -> tuple[Drift, ...]:
    """Return what became slower beyond the margin; `before` are the releases with their medians, the newest first."""
    margin, _ = ON_CPU.get(now.profile, (MARGIN, 0.0))
    mine = medians(now)
    found = []
    for back in BACK:
        if back > len(before):
            break
        version, then = before[back - 1]
        for case in sorted(mine.keys() & then.keys()):
            ratio = mine[case] / then[case]
            if ratio > 1 + margin:
                found.append(Drift(case, back, version, ratio))
    return tuple(found)
