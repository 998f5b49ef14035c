"""How soon people were answered: from the standings of many issues to figures by month and kind."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from math import ceil

from bot.model.kinds import Kind
from bot.model.timeline import Stage, Standing, Target

_LATE = frozenset({Stage.BREACHED, Stage.ESCALATED, Stage.MISSED})
_WAITING = frozenset({Stage.ON_TRACK, Stage.AT_RISK})


@dataclass(frozen=True, slots=True)
class Figures:
    """The clocks that started in one month (UTC) for one target and kind; `kind` None is all kinds together.

    `count` is the sum of the next four: in time, too late (waited for still, or not), waited for with time left, and
    ended without an answer in time by their authors. `median` and `p90` are of the time that counted until a person's
    answer, or for a resolution until the end: None where there was none.
    """

    month: str
    target: Target
    kind: Kind | None
    count: int
    met: int
    breached: int
    waiting: int
    moot: int
    median: timedelta | None
    p90: timedelta | None


def aggregate(standings: Iterable[Standing]) -> tuple[Figures, ...]:
    """Return the figures by month, target and kind, oldest month first, each month's kinds before their sum."""
    groups: dict[tuple[str, Target, Kind | None], list[Standing]] = defaultdict(list)
    for each in standings:
        month = f"{each.started_at.astimezone(UTC):%Y-%m}"
        groups[month, each.target, None].append(each)
        if each.kind is not None:
            groups[month, each.target, each.kind].append(each)
    return tuple(_figures(*key, groups[key]) for key in sorted(groups, key=_place))


def _place(key: tuple[str, Target, Kind | None]) -> tuple[str, int, int]:
    month, target, kind = key
    kinds = (*Kind, None)
    return month, list(Target).index(target), kinds.index(kind)


def _figures(month: str, target: Target, kind: Kind | None, group: Sequence[Standing]) -> Figures:
    stages = [each.stage for each in group]
    times = sorted(each.elapsed for each in group if _is_measured(each))
    return Figures(
        month,
        target,
        kind,
        count=len(group),
        met=stages.count(Stage.MET),
        breached=sum(stage in _LATE for stage in stages),
        waiting=sum(stage in _WAITING for stage in stages),
        moot=stages.count(Stage.MOOT),
        median=median(times),
        p90=percentile(times, 90),
    )


def _is_measured(standing: Standing) -> bool:
    """Say whether this clock measures how long people took: by an answer, or by the end where that is waited for."""
    if standing.target is Target.RESOLUTION:
        return standing.ended_at is not None and standing.stage is not Stage.MOOT
    return standing.is_answered


def median(ordered: Sequence[timedelta]) -> timedelta | None:
    """Return the middle of the times, or half-way between the two in the middle."""
    middle = len(ordered) // 2
    if not ordered:
        return None
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def percentile(ordered: Sequence[timedelta], percent: int) -> timedelta | None:
    """Return the smallest of the times within which so many percent of all lie (the nearest rank)."""
    return ordered[max(ceil(len(ordered) * percent / 100), 1) - 1] if ordered else None
