"""What the readers of benchmark reports share: a launch put together, and the side, commit and machine it states."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from statistics import median

from bot.model.samples import Field, Launch, Metric, Reading, Samples, Side
from bot.reports.json_document import named, numbers
from bot.reports.measured import BadReport, Flaw

#: How many metrics a report may have.
MAX_METRICS = 1_000

#: What a person may add to a report of any tool, where the tool lets them: which build this is, and of what.
SIDE, COMMIT, DIRTY = "side", "commit", "dirty"
_STATED = frozenset({SIDE, COMMIT, DIRTY})

# A report repeats what it computed from its samples; more than rounding apart, and one of the two is made up.
_TOLERANCE = 1e-6

_COMMIT = re.compile(r"[0-9a-f]{7,64}")


def reading(metric: str, values: Sequence[float], *, scale: float = 1.0) -> Reading:
    """Return the median of the samples of one launch."""
    return Reading(metric, median(numbers(values, metric)) * scale, len(values))


def summary(metric: str, value: float, *, scale: float = 1.0) -> Reading:
    """Return a value that the tool computed itself, without the samples behind it."""
    return Reading(metric, numbers((value,), metric)[0] * scale, 0)


def agree(stated: float | None, computed: float, what: str) -> None:
    """Refuse a report whose summary contradicts its samples."""
    if stated is not None and not abs(stated - computed) <= _TOLERANCE * max(abs(stated), abs(computed)):
        raise BadReport(Flaw.CONTRADICTION, f"{what} is {stated!r} in the report and {computed!r} by its samples")


def side(text: object) -> Side | None:
    """Return the side that a word names; any other word names none."""
    return Side(text) if isinstance(text, str) and text in list(Side) else None


def commit(text: object) -> str | None:
    """Return a commit's hash, or the beginning of one; None for anything else."""
    return text if isinstance(text, str) and _COMMIT.fullmatch(text) else None


def is_dirty(value: object) -> bool | None:
    """Return whether the tree had changes that are not in the commit, stated as true, false, or those words."""
    return {"true": True, "false": False}.get(str(value).lower())


def fields(stated: Mapping[str, object]) -> tuple[Field, ...]:
    """Return what is stated of the environment, by name; what is nested, unknown or about the build is left out."""
    kept = {
        name: str(value)
        for name, value in stated.items()
        if isinstance(value, str | int | float) and name not in _STATED and str(value)
    }
    return tuple(Field(named(name), named(kept[name])) for name in sorted(kept))


def moment(text: object) -> datetime | None:
    """Return a time in UTC; None where there is none to be read. Without a zone it is taken for UTC."""
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
        return found if found is None else (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def gathered(form: str, metrics: Iterable[Metric], launches: Iterable[Launch], *, is_one_run: bool = False) -> Samples:
    """Return a report; refuse one without anything in it, or with a metric that is two things."""
    found: dict[str, Metric] = {}
    for metric in metrics:
        if found.setdefault(named(metric.name), metric) != metric:
            raise BadReport(Flaw.CONTRADICTION, f"{metric.name} is given in two units or directions")
    every = tuple(launches)
    for launch in every:
        if len({each.metric for each in launch.readings}) < len(launch.readings):
            raise BadReport(Flaw.DUPLICATE, "a metric is there twice in one launch")
    if not found or not every:
        raise BadReport(Flaw.EMPTY, "nothing was measured")
    if len(found) > MAX_METRICS:
        raise BadReport(Flaw.TOO_LARGE, f"the report has more than {MAX_METRICS} metrics")
    return Samples(form, tuple(found.values()), every, is_one_run)
