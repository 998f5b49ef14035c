"""vLLM's JSON, `vllm bench serve --save-result --save-detailed`: one launch, its requests as samples.

https://docs.vllm.ai/en/latest/benchmarking/cli/ ; without `--save-detailed` it holds no samples. What `--metadata` adds
(`side=base commit=... machine=... dtype=...`) stands beside the rest; `--append-result` puts one report after another.
Times come out in milliseconds, under the names that the report itself uses; a throughput is one figure a launch.
"""

import math
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from msgspec import Struct

from bot.model.samples import Direction, Launch, Metric, Reading, Samples
from bot.reports import launches
from bot.reports.json_document import converted, numbers
from bot.reports.measured import BadReport, Flaw

FORMAT = "vllm"

_REQUESTS = Metric("request_throughput", "req/s", Direction.HIGHER, is_primary=False)
_OUTPUT = Metric("output_throughput", "tok/s", Direction.HIGHER)
_TOKENS = Metric("total_token_throughput", "tok/s", Direction.HIGHER, is_primary=False)
_PRIMARY = frozenset({"median_ttft_ms", "median_tpot_ms", "median_itl_ms"})
_TIMES = ("ttft", "tpot", "itl", "e2el")

#: The load, which must be the same on both sides for the times to mean the same.
_LOAD = (
    *("backend", "model_id", "tokenizer_id", "num_prompts", "request_rate", "burstiness", "max_concurrency"),
    *("total_input_tokens", "total_output_tokens", "ramp_up_strategy", "ramp_up_start_rps", "ramp_up_end_rps"),
)
#: Texts that are no metadata.
_KNOWN = frozenset({"date", "endpoint_type", "label"})


class _Report(Struct):
    completed: int
    duration: float
    request_throughput: float
    total_input_tokens: int = 0
    total_output_tokens: int = 0
    num_prompts: int | None = None
    failed: int | None = None
    output_throughput: float | None = None
    total_token_throughput: float | None = None
    ttfts: list[float] = []
    itls: list[list[float]] = []
    output_lens: list[int] = []
    errors: list[str | None] = []
    date: str | None = None


def is_one(document: dict[str, Any]) -> bool:
    """Say whether this is such a report."""
    return {"request_throughput", "completed", "duration"} <= document.keys()


def read(document: dict[str, Any]) -> Samples:
    """Return the launch; raise `BadReport` where the report is not what it should be."""
    report = converted(document, _Report)
    _check(report)
    times = list(_times(report)) if report.ttfts else list(_summaries(document))
    found = [*_throughputs(report), *times]
    for metric, each in times:
        stated = document.get(metric.name)
        launches.agree(None if stated is None else converted(stated, float), each.median, metric.name)
    launch = Launch(
        launches.side(document.get(launches.SIDE)) or launches.side(document.get("label")),
        tuple(each for _, each in found),
        launches.commit(document.get(launches.COMMIT)),
        launches.is_dirty(document.get(launches.DIRTY)),
        launches.fields(_environment(document)),
        failures=_failures(report),
        has_samples=bool(report.ttfts),
        started_at=_date(report.date),
    )
    return launches.gathered(FORMAT, (metric for metric, _ in found), (launch,))


def _check(report: _Report) -> None:
    numbers((report.duration, report.completed, report.total_input_tokens, report.total_output_tokens), "a count")
    if report.duration == 0:
        raise BadReport(Flaw.OUT_OF_RANGE, "the duration is zero")
    details = (report.ttfts, report.itls, report.output_lens, report.errors or report.ttfts)
    sizes = {len(each) for each in details}
    if report.ttfts and len(sizes) != 1:
        raise BadReport(Flaw.CONTRADICTION, "ttfts, itls, output_lens and errors are not of the same requests")
    if report.ttfts and len(report.ttfts) != report.completed + _failures(report):
        raise BadReport(Flaw.CONTRADICTION, "there are more or fewer requests than were counted")
    if report.output_lens:
        launches.agree(report.total_output_tokens, sum(report.output_lens), "the number of output tokens")


def _failures(report: _Report) -> int:
    """Count the failed requests; older versions only let them be missing from the completed ones."""
    missing = (report.num_prompts or 0) - report.completed
    return max(report.failed or 0, sum(bool(each) for each in report.errors), missing)


def _throughputs(report: _Report) -> Iterator[tuple[Metric, Reading]]:
    """Recompute the throughputs from the counts; they have one value a launch."""
    tokens, everything = report.total_output_tokens, report.total_input_tokens + report.total_output_tokens
    for metric, stated, count in (
        (_REQUESTS, report.request_throughput, report.completed),
        (_OUTPUT, report.output_throughput, tokens),
        (_TOKENS, report.total_token_throughput, everything),
    ):
        if stated is not None:
            launches.agree(stated, count / report.duration, metric.name)
            yield metric, launches.reading(metric.name, (count / report.duration,))


def _times(report: _Report) -> Iterator[tuple[Metric, Reading]]:
    """Yield the median and the 99th percentile of each kind of time, over the requests of the launch."""
    for kind, values in zip(_TIMES, _seconds(report), strict=True):
        if values:
            yield _time(f"median_{kind}_ms"), launches.reading(f"median_{kind}_ms", values, scale=1e3)
            tail = _percentile(values, 0.99) * 1e3
            yield _time(f"p99_{kind}_ms"), Reading(f"p99_{kind}_ms", tail, len(values))


def _seconds(report: _Report) -> tuple[list[float], ...]:
    """Return first token, per output token, between tokens, and end to end, of the requests that did not fail."""
    for each in (report.ttfts, *report.itls):
        numbers(each or (0.0,), "a time")
    errors = report.errors or [None] * len(report.ttfts)
    done = [n for n, (count, error) in enumerate(zip(report.output_lens, errors, strict=True)) if count and not error]
    firsts, gaps = [report.ttfts[n] for n in done], [report.itls[n] for n in done]
    rests = [math.fsum(each) for each in gaps]
    gone = zip(rests, (report.output_lens[n] - 1 for n in done), strict=True)
    per_token = [rest / tokens for rest, tokens in gone if tokens > 0]
    whole = [first + rest for first, rest in zip(firsts, rests, strict=True)]
    return firsts, per_token, list(chain.from_iterable(gaps)), whole


def _summaries(document: dict[str, Any]) -> Iterator[tuple[Metric, Reading]]:
    """Yield the medians that the report itself states, where it kept no samples."""
    for kind in _TIMES:
        name = f"median_{kind}_ms"
        if document.get(name) is not None:
            yield _time(name), launches.summary(name, converted(document[name], float))


def _time(name: str) -> Metric:
    return Metric(name, "ms", Direction.LOWER, is_primary=name in _PRIMARY)


def _percentile(values: Sequence[float], share: float) -> float:
    """Interpolate between the closest ranks, as numpy does by default."""
    ordered = sorted(values)
    at = share * (len(ordered) - 1)
    below = ordered[math.floor(at)]
    return below + (ordered[math.ceil(at)] - below) * (at - math.floor(at))


def _environment(document: dict[str, Any]) -> dict[str, object]:
    load = {name: document.get(name) for name in _LOAD}
    metadata = {name: value for name, value in document.items() if isinstance(value, str) and name not in _KNOWN}
    return metadata | {name: value for name, value in load.items() if value is not None}


def _date(text: str | None) -> datetime | None:
    """Read `20261124-094152`."""
    return launches.moment(text.replace("-", "T", 1)) if text else None
