"""Under which conditions two builds were measured: what is wrong with a report, and what differs between its sides."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from bot.model.samples import Launch, Samples, Side

#: What every launch must state, unless one program made them all in one go.
MACHINE = "machine"

#: How a commit or the state of the tree is named among the fields that differ.
COMMIT = "commit"


class Fault(StrEnum):
    """Why a report is invalid, whatever its numbers are."""

    NO_SAMPLES = "no-samples"
    SIDE_UNKNOWN = "side-unknown"
    ONE_SIDE = "one-side"
    NOT_IN_TURN = "not-in-turn"
    UNPAIRED = "unpaired"
    DIRTY = "dirty"
    FAILURES = "failures"
    WRONG_COMMIT = "wrong-commit"
    WRONG_BASE = "wrong-base"
    SAME_COMMIT = "same-commit"
    COPIED = "copied"
    REPEATED = "repeated"
    NO_METRIC = "no-metric"
    DIRECTION = "direction"
    UNIT = "unit"


class Caution(StrEnum):
    """What is to be known of a report that can be judged all the same."""

    ORDER = "order"
    SAME_COMMIT = "same-commit"
    ODD = "odd"


@dataclass(frozen=True, slots=True)
class Found:
    """A fault, and what shows it: a side, a commit, a metric."""

    fault: Fault
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A field that is not the same on both sides, or not in all launches of one; an empty value was not stated."""

    field: str
    base: str
    head: str


@dataclass(frozen=True, slots=True)
class Expected:
    """The commits that a report must be of; an empty one is not checked. `bases` are all that count as base."""

    heads: frozenset[str] = frozenset()
    bases: frozenset[str] = frozenset()


#: Whatever commits a report is of.
ANY = Expected()


def sided(launch: Launch, expected: Expected) -> Launch:
    """Tell an unnamed side by its commit, where it is known which commit is the head."""
    if launch.side is not None or not launch.commit or not expected.heads:
        return launch
    return replace(launch, side=Side.HEAD if _is_one(launch.commit, expected.heads) else Side.BASE)


def faults(samples: Samples, launches: Sequence[Launch], expected: Expected) -> Iterator[Found]:
    """Yield everything for which the report cannot be judged, whatever its numbers are."""
    if not samples.has_samples:
        yield Found(Fault.NO_SAMPLES)
    if any(each.side is None for each in launches):
        yield Found(Fault.SIDE_UNKNOWN)
        return
    sides = {each.side for each in launches}
    if len(sides) < 2:
        yield Found(Fault.ONE_SIDE, str(*sides))
    elif len(launches) % 2:
        yield Found(Fault.UNPAIRED)
    elif not _take_turns(launches):
        yield Found(Fault.NOT_IN_TURN)
    for side in Side:
        yield from _faults_of([each for each in launches if each.side is side], side)
    yield from _foreign(launches, expected)


def _faults_of(launches: Sequence[Launch], side: Side) -> Iterator[Found]:
    if any(each.is_dirty for each in launches):
        yield Found(Fault.DIRTY, side)
    if failures := sum(each.failures for each in launches):
        yield Found(Fault.FAILURES, f"{side}: {failures}")


def _foreign(launches: Sequence[Launch], expected: Expected) -> Iterator[Found]:
    """Yield commits that the report should not be of."""
    stated = {side: {each.commit for each in launches if each.side is side and each.commit} for side in Side}
    for side, allowed, fault in (
        (Side.HEAD, expected.heads, Fault.WRONG_COMMIT),
        (Side.BASE, expected.bases, Fault.WRONG_BASE),
    ):
        yield from (Found(fault, each) for each in sorted(stated[side]) if allowed and not _is_one(each, allowed))
    if expected.heads:
        yield from (Found(Fault.SAME_COMMIT, each) for each in sorted(stated[Side.HEAD] & stated[Side.BASE]))


def _is_one(stated: str, allowed: frozenset[str]) -> bool:
    """Say whether a commit is one of these; either may be shortened, to no less than seven digits."""
    shortest = min(map(len, (stated, *allowed)))
    return shortest >= 7 and any(each.startswith(stated) or stated.startswith(each) for each in allowed)


def _take_turns(launches: Sequence[Launch]) -> bool:
    """Say whether every two launches after each other are one of each side, by their places and by their times."""
    times = [each.started_at for each in launches if each.started_at]
    is_in_time = all(one <= other for one, other in pairwise(times))
    couples = zip(launches[::2], launches[1::2], strict=True)
    return is_in_time and all(one.side is not other.side for one, other in couples)


def mismatches(launches: Sequence[Launch]) -> tuple[Mismatch, ...]:
    """Name every field that is not the same everywhere; the machine must be stated, the rest only equal."""
    if any(each.side is None for each in launches):
        return ()
    stated = [({each.name: each.value for each in launch.environment}, launch) for launch in launches]
    names = sorted({MACHINE, *(name for fields, _ in stated for name in fields)})
    found = []
    for name in names:
        values = {side: {fields.get(name, "") for fields, launch in stated if launch.side is side} for side in Side}
        everywhere = values[Side.BASE] | values[Side.HEAD]
        if len(everywhere) > 1 or (name == MACHINE and everywhere == {""}):
            found.append(Mismatch(name, *(_shown(values[side]) for side in (Side.BASE, Side.HEAD))))
    return (*found, *_mixed_commits(launches))


def _shown(values: set[str]) -> str:
    """Join what was stated; a dash stands for launches that stated nothing where others did."""
    return "" if values == {""} else ", ".join(each or "—" for each in sorted(values))


def _mixed_commits(launches: Sequence[Launch]) -> Iterator[Mismatch]:
    """Yield the commits of a side whose launches are not all of the same."""
    for side in Side:
        commits = sorted({launch.commit for launch in launches if launch.side is side and launch.commit})
        if len(commits) > 1:
            shown = {side: ", ".join(commits)}
            yield Mismatch(COMMIT, shown.get(Side.BASE, ""), shown.get(Side.HEAD, ""))


def cautions(launches: Sequence[Launch]) -> Iterator[Caution]:
    """Yield what weakens a report that can be judged."""
    base_first = [each.side is Side.BASE for each in launches[::2]]
    if len(base_first) % 2:
        yield Caution.ODD
    if abs(2 * sum(base_first) - len(base_first)) > 1:
        yield Caution.ORDER
    if (base := commit(launches, Side.BASE)) and base == commit(launches, Side.HEAD):
        yield Caution.SAME_COMMIT


def commit(launches: Sequence[Launch], side: Side) -> str:
    """Return the commit of a side; empty where it is not stated."""
    return next((each.commit for each in launches if each.side is side and each.commit), "")
