"""Reeve's own format for benchmark samples: both builds, their metrics, and the launches in the order of time.

The JSON Schema stands in `docs/schemas/reeve-samples.json`. A launch holds either samples by metric, or the report of a
tool that Reeve reads, as it is. Reports that only state a summary make the whole document one without samples.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from bot.model.samples import Direction, Field, Launch, Metric, Samples, Side
from bot.reports import launches
from bot.reports.json_document import converted
from bot.reports.measured import BadReport, Flaw

FORMAT = "reeve"

#: What the member `schema` must say.
SCHEMA = "reeve.samples/1"

_FULL = (40, 64)

ReadReport = Callable[[dict[str, Any]], Samples]


class _Build(Struct, forbid_unknown_fields=True):
    commit: str
    dirty: bool
    environment: dict[str, str | int | float | bool]


class _Metric(Struct, forbid_unknown_fields=True):
    unit: str
    better: Direction
    primary: bool = True


class _Launch(Struct, forbid_unknown_fields=True):
    side: Side
    samples: dict[str, list[float]] | None = None
    report: dict[str, Any] | None = None
    failed: int = 0
    started: datetime | None = None


class _Document(Struct, forbid_unknown_fields=True):
    schema: Literal["reeve.samples/1"]
    base: _Build
    head: _Build
    launches: list[_Launch]
    metrics: dict[str, _Metric] = {}


def is_one(document: dict[str, Any]) -> bool:
    """Say whether this is such a document, of any version."""
    return str(document.get("schema")).startswith("reeve.samples/")


def read(document: dict[str, Any], read_report: ReadReport) -> Samples:
    """Return both sides; `read_report` reads what another tool wrote. Raise `BadReport` for anything malformed."""
    found = converted(document, _Document)
    builds = {side: _checked(build) for side, build in ((Side.BASE, found.base), (Side.HEAD, found.head))}
    own = {name: Metric(name, each.unit, each.better, each.primary) for name, each in found.metrics.items()}
    parts = [_launch(each, builds[each.side], own, read_report) for each in found.launches]
    metrics = [*own.values(), *(metric for _, more in parts for metric in more)]
    return launches.gathered(FORMAT, metrics, [launch for launch, _ in parts])


def _checked(build: _Build) -> _Build:
    if launches.commit(build.commit) is None or len(build.commit) not in _FULL:
        raise BadReport(Flaw.MALFORMED, f"{build.commit[:80]!r} is not a commit's full hash")
    if not build.environment.get("machine"):
        raise BadReport(Flaw.MALFORMED, "the environment does not name its machine")
    return build


def _launch(
    launch: _Launch, build: _Build, own: dict[str, Metric], read_report: ReadReport
) -> tuple[Launch, tuple[Metric, ...]]:
    if (launch.samples is None) is (launch.report is None) or launch.failed < 0:
        raise BadReport(Flaw.MALFORMED, "a launch has either samples or a report, and no less than 0 failures")
    stated = launches.fields(build.environment)
    if launch.report is not None:
        return _wrapped(launch, build, stated, read_report(launch.report))
    readings = tuple(launches.reading(_known(name, own), values) for name, values in (launch.samples or {}).items())
    return Launch(
        launch.side,
        readings,
        build.commit,
        build.dirty,
        stated,
        failures=launch.failed,
        started_at=launches.moment(launch.started and launch.started.isoformat()),
    ), ()


def _known(name: str, own: dict[str, Metric]) -> str:
    if name not in own:
        raise BadReport(Flaw.MALFORMED, f"{name[:80]!r} has samples and no entry in metrics")
    return name


def _wrapped(
    launch: _Launch, build: _Build, stated: tuple[Field, ...], report: Samples
) -> tuple[Launch, tuple[Metric, ...]]:
    """Take over another tool's report of one launch: what it states itself must not contradict the document."""
    if len(report.launches) != 1:
        raise BadReport(Flaw.MALFORMED, "a launch holds a report of several launches")
    inner = report.launches[0]
    if inner.side not in {None, launch.side}:
        raise BadReport(Flaw.CONTRADICTION, f"a report of the {inner.side} stands where the {launch.side} was launched")
    if inner.commit is not None and not build.commit.startswith(inner.commit):
        raise BadReport(Flaw.CONTRADICTION, f"a report of {inner.commit} stands where {build.commit} was launched")
    return Launch(
        launch.side,
        inner.readings,
        build.commit,
        build.dirty or bool(inner.is_dirty),
        (*stated, *_more(stated, inner.environment)),
        failures=launch.failed + inner.failures,
        has_samples=inner.has_samples,
        started_at=launches.moment(launch.started and launch.started.isoformat()) or inner.started_at,
    ), report.metrics


def _more(stated: tuple[Field, ...], reported: tuple[Field, ...]) -> Iterator[Field]:
    """Yield what the tool itself says of the environment, under a name of its own where the document says otherwise."""
    known = {each.name: each.value for each in stated}
    for each in reported:
        if each.name not in known:
            yield each
        elif known[each.name] != each.value:
            yield Field(f"{each.name} (by the tool)", each.value)
