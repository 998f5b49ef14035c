"""Google Benchmark's JSON, `--benchmark_out`: one launch, the repetitions of each benchmark as samples.

https://github.com/google/benchmark ; a report of aggregates only holds no samples. `--benchmark_context=side=base,...`
adds to `context`, which is where `side`, `commit` and `dirty` are looked for. Its own counters have no direction that
the format states; they count only where the policy file names them.
"""

from collections.abc import Iterator
from typing import Any

from bot.model.samples import Direction, Launch, Metric, Reading, Samples
from bot.reports import launches
from bot.reports.json_document import converted
from bot.reports.measured import BadReport, Flaw

FORMAT = "google-benchmark"

_SECONDS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}
_RATES = {"items_per_second": "items/s", "bytes_per_second": "B/s"}
_NAMES = {"host_name": "machine", "num_cpus": "cpus", "library_build_type": "library build"}
#: What the context holds of its own; the clock rate and the load are measurements, and no two are equal.
_KNOWN = frozenset(
    {"date", "executable", "mhz_per_cpu", "caches", "load_avg", "library_version", "json_schema_version"}
)
#: What an entry holds besides counters.
_ENTRY = frozenset(
    {"family_index", "per_family_instance_index", "repetitions", "repetition_index", "threads", "iterations"}
    | {"real_time", "cpu_time", "big_o", "rms"}
)

Entry = dict[str, Any]


def is_one(document: dict[str, Any]) -> bool:
    """Say whether this is such a report."""
    return "benchmarks" in document and "context" in document


def read(document: dict[str, Any]) -> Samples:
    """Return the launch; raise `BadReport` where the report is not what it should be."""
    context = converted(document["context"], dict[str, Any])
    entries = [_checked(each) for each in converted(document["benchmarks"], list[Entry])]
    runs = [each for each in entries if each["run_type"] == "iteration"]
    chosen = runs or _aggregates(entries)
    done = [each for each in chosen if not each.get("error_occurred") and not each.get("skipped")]
    values = _values(done)
    readings = [_reading(metric, found, is_raw=bool(runs)) for metric, found in values.items()]
    launch = Launch(
        launches.side(context.get(launches.SIDE)),
        tuple(readings),
        launches.commit(context.get(launches.COMMIT)),
        launches.is_dirty(context.get(launches.DIRTY)),
        launches.fields(_environment(context)),
        failures=sum(bool(each.get("error_occurred")) for each in chosen),
        has_samples=bool(runs),
        started_at=launches.moment(context.get("date")),
    )
    return launches.gathered(FORMAT, values, (launch,))


def _checked(entry: Entry) -> Entry:
    if entry.get("run_type") not in ("iteration", "aggregate"):
        raise BadReport(Flaw.MALFORMED, "an entry without run_type: Google Benchmark 1.5 or later writes it")
    converted(entry.get("run_name"), str)
    return entry


def _aggregates(entries: list[Entry]) -> list[Entry]:
    """Return the medians, or else the means, of a report that keeps no repetitions."""
    for wanted in ("median", "mean"):
        if found := [each for each in entries if each.get("aggregate_name") == wanted]:
            return found
    return []


def _values(entries: list[Entry]) -> dict[Metric, list[float]]:
    found: dict[Metric, list[float]] = {}
    for entry in entries:
        for metric, value in _measured(entry):
            found.setdefault(metric, []).append(converted(value, float))
    return found


def _measured(entry: Entry) -> Iterator[tuple[Metric, Any]]:
    """Yield everything that an entry measures: wall time, CPU time in the same unit, rates and counters."""
    name = entry["run_name"]
    scale = _SECONDS.get(str(entry.get("time_unit")))
    if scale is None:
        raise BadReport(Flaw.MALFORMED, f"{name}: the time unit is none of {', '.join(_SECONDS)}")
    yield Metric(name, "s", Direction.LOWER), converted(entry.get("real_time"), float) * scale
    yield (
        Metric(f"{name}:cpu_time", "s", Direction.LOWER, is_primary=False),
        (converted(entry.get("cpu_time"), float) * scale),
    )
    for key, value in entry.items():
        if key not in _ENTRY and isinstance(value, int | float) and not isinstance(value, bool):
            better = Direction.HIGHER if key in _RATES else None
            yield Metric(f"{name}:{key}", _RATES.get(key, ""), better, is_primary=False), value


def _reading(metric: Metric, values: list[float], *, is_raw: bool) -> Reading:
    return launches.reading(metric.name, values) if is_raw else launches.summary(metric.name, values[0])


def _environment(context: dict[str, Any]) -> dict[str, object]:
    own = {name: value for name, value in context.items() if name not in _KNOWN and name not in _NAMES}
    return own | {new: context.get(name) for name, new in _NAMES.items()}
