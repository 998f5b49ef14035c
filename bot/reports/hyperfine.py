"""hyperfine's JSON, `--export-json`: each command one launch, its runs as samples, always in seconds.

https://github.com/sharkdp/hyperfine ; the side is a parameter of that name (`-L side base,head`) or the command's own
name (`-n base`). With `-L side base,head -L round 1,2,3,4,5,6` base and head take turns, for the first list varies
fastest. All commands of a report ran in one go, on one machine.
"""

from typing import Any

from msgspec import Struct

from bot.model.samples import Direction, Launch, Metric, Reading, Samples, Side
from bot.reports import launches
from bot.reports.json_document import converted

FORMAT = "hyperfine"

#: The parameter that only counts the turns.
ROUND = "round"


class _Result(Struct):
    command: str
    median: float | None = None
    times: list[float] = []
    exit_codes: list[int | None] = []
    memory_usage_byte: list[int] = []
    parameters: dict[str, str | int | float] = {}


class _Report(Struct):
    results: list[_Result]


def is_one(document: dict[str, Any]) -> bool:
    """Say whether this is such a report."""
    results = document.get("results")
    return isinstance(results, list) and all(isinstance(each, dict) and "command" in each for each in results)


def read(document: dict[str, Any]) -> Samples:
    """Return the launches in the order in which they ran; raise `BadReport` where it is not what it should be."""
    results = converted(document, _Report).results
    is_alone = len(results) == 1
    found = [_launch(each, is_alone=is_alone) for each in results]
    metrics = [metric for _, each in found for metric in each]
    return launches.gathered(FORMAT, metrics, [launch for launch, _ in found], is_one_run=True)


def _launch(result: _Result, *, is_alone: bool) -> tuple[Launch, list[Metric]]:
    side = _side(result)
    what = "time" if side or is_alone else result.command
    suffix = "".join(
        f" {key}={value}" for key, value in sorted(result.parameters.items()) if key not in {launches.SIDE, ROUND}
    )
    metrics = [Metric(what + suffix, "s", Direction.LOWER)]
    readings = [_time(result, metrics[0].name)]
    if result.memory_usage_byte:
        metrics.append(Metric(f"{what}{suffix}:memory", "B", Direction.LOWER, is_primary=False))
        readings.append(launches.reading(metrics[1].name, result.memory_usage_byte))
    failures = sum(code != 0 for code in result.exit_codes)
    return Launch(side, tuple(readings), failures=failures, has_samples=bool(result.times)), metrics


def _side(result: _Result) -> Side | None:
    return launches.side(result.parameters.get(launches.SIDE)) or launches.side(result.command)


def _time(result: _Result, metric: str) -> Reading:
    if not result.times:
        return launches.summary(metric, converted(result.median, float))
    found = launches.reading(metric, result.times)
    launches.agree(result.median, found.median, f"{metric}: the median")
    return found
