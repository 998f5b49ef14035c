"""A benchmark report of any format that Reeve reads -> samples: the format is told by what is in it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Any

from bot.model.samples import Launch, Metric, Samples, Side
from bot.reports import google_benchmark, hyperfine, launches, pytest_benchmark, reeve_samples, vllm
from bot.reports.json_document import documents
from bot.reports.measured import BadReport, Flaw

#: How many launches a report may have: twenty pairs are enough for any verdict.
MAX_LAUNCHES = 400

#: What a file of reports in several formats is called.
MIXED = "mixed"

_FORMATS: tuple[tuple[Callable[[dict[str, Any]], bool], Callable[[dict[str, Any]], Samples]], ...] = (
    (pytest_benchmark.is_one, pytest_benchmark.read),
    (google_benchmark.is_one, google_benchmark.read),
    (hyperfine.is_one, hyperfine.read),
    (vllm.is_one, vllm.read),
)


def parse(data: bytes, *, name: str) -> Samples:
    """Return what a file says; several reports in it are its launches in that order. `name` is for the error only.

    Raises `BadReport`, and nothing else, for whatever cannot be believed.
    """
    try:
        return combined([_read(each) for each in documents(data)])
    except BadReport as error:
        raise BadReport(error.flaw, f"{name[-100:]}: {error.detail}") from None


def combined(parts: Sequence[Samples]) -> Samples:
    """Return several reports as one, their launches in that order; only a single one is known to be of one run."""
    if len(parts) == 1:
        return _limited(parts[0])
    formats = {each.format for each in parts}
    every_launch: list[Launch] = [launch for each in parts for launch in each.launches]
    every_metric: list[Metric] = [metric for each in parts for metric in each.metrics]
    return _limited(launches.gathered(formats.pop() if len(formats) == 1 else MIXED, every_metric, every_launch))


def of_side(samples: Samples, side: Side) -> Samples:
    """Return a report as one of this side; refuse one that says it is of the other."""
    if any(each.side is side.other for each in samples.launches):
        raise BadReport(Flaw.CONTRADICTION, f"a report of the {side.other} is given as one of the {side}")
    return replace(samples, launches=tuple(replace(each, side=side) for each in samples.launches))


def in_time(samples: Samples) -> Samples:
    """Return the launches in the order of time, where every one knows its own."""
    timed = [(each.started_at, each) for each in samples.launches if each.started_at is not None]
    if len(timed) < len(samples.launches):
        return samples
    return replace(samples, launches=tuple(each for _, each in sorted(timed, key=itemgetter(0))))


def _read(document: dict[str, Any]) -> Samples:
    if reeve_samples.is_one(document):
        return reeve_samples.read(document, _read_report)
    return _read_report(document)


def _read_report(document: dict[str, Any]) -> Samples:
    for is_one, read in _FORMATS:
        if is_one(document):
            return read(document)
    raise BadReport(Flaw.UNKNOWN_FORMAT, "this is no benchmark report that Reeve reads")


def _limited(samples: Samples) -> Samples:
    if len(samples.launches) > MAX_LAUNCHES:
        raise BadReport(Flaw.TOO_LARGE, f"there are more than {MAX_LAUNCHES} launches")
    return samples
