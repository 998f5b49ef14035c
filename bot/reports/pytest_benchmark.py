"""pytest-benchmark's JSON, `--benchmark-json`: one launch, each benchmark a time with its rounds as samples.

https://pytest-benchmark.readthedocs.io ; without `stats.data` (saved without `--benchmark-save-data`) it holds no
samples. A hook may add `side`, `commit` or anything else to `machine_info`.
"""

from typing import Any

from msgspec import Struct, field

from bot.model.samples import Direction, Launch, Metric, Reading, Samples
from bot.reports import launches
from bot.reports.json_document import converted, numbers

FORMAT = "pytest-benchmark"

_NAMES = {"node": "machine", "release": "os", "python_version": "python", "python_implementation": "interpreter"}
_KNOWN = frozenset({"processor", "machine", "python_compiler", "python_implementation_version", "python_build", "cpu"})


class _Stats(Struct):
    median: float
    rounds: int
    data: list[float] = []


class _Benchmark(Struct):
    fullname: str
    stats: _Stats


class _Commit(Struct):
    id: str | None = None
    dirty: bool | None = None


class _Report(Struct):
    benchmarks: list[_Benchmark]
    machine_info: dict[str, Any]
    commit_info: _Commit = field(default_factory=_Commit)
    datetime: str | None = None


def is_one(document: dict[str, Any]) -> bool:
    """Say whether this is such a report."""
    return "benchmarks" in document and "machine_info" in document


def read(document: dict[str, Any]) -> Samples:
    """Return the launch; raise `BadReport` where the report is not what it should be."""
    report = converted(document, _Report)
    stated, build = report.machine_info, report.commit_info
    launch = Launch(
        launches.side(stated.get(launches.SIDE)),
        tuple(_reading(each) for each in report.benchmarks),
        launches.commit(stated.get(launches.COMMIT)) or launches.commit(build.id),
        build.dirty if build.dirty is not None else launches.is_dirty(stated.get(launches.DIRTY)),
        launches.fields(_environment(stated)),
        has_samples=all(each.stats.data for each in report.benchmarks),
        started_at=launches.moment(report.datetime),
    )
    metrics = (Metric(each.fullname, "s", Direction.LOWER) for each in report.benchmarks)
    return launches.gathered(FORMAT, metrics, (launch,))


def _reading(benchmark: _Benchmark) -> Reading:
    stats, name = benchmark.stats, benchmark.fullname
    if not stats.data:
        return launches.summary(name, stats.median)
    numbers((stats.median,), name)
    found = launches.reading(name, stats.data)
    launches.agree(stats.median, found.median, f"{name}: the median")
    launches.agree(stats.rounds, found.samples, f"{name}: the number of rounds")
    return found


def _environment(stated: dict[str, Any]) -> dict[str, object]:
    """Name the machine as the other formats do; what a hook added goes by its own name."""
    cpu = stated.get("cpu")
    brand = cpu.get("brand_raw") if isinstance(cpu, dict) else None
    own = {name: value for name, value in stated.items() if name not in _KNOWN and name not in _NAMES}
    return own | {new: stated.get(name) for name, new in _NAMES.items()} | {"cpu": brand}
