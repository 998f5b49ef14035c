"""What the times of a suite's result mean: operations and bytes per second, shares of what the machine can do, scaling.

Everything here follows from the raw numbers of the document and is worked out anew by whoever shows it.
"""

import statistics
from collections.abc import Iterator

from bot.reports.tensor_parallel import Case, Document

#: TFLOP/s of bfloat16 and float16 products, dense, by the beginning of a device's name: the makers' data sheets. The
#: first that fits counts. Devices and dtypes that are not here have no such share.
DATA_SHEET = {
    "NVIDIA H100 PCIe": 756.0,
    "NVIDIA H100 NVL": 835.0,
    "NVIDIA H100": 989.0,
    "NVIDIA H200": 989.0,
    "NVIDIA B200": 2250.0,
    "NVIDIA A100": 312.0,
    "NVIDIA L40S": 362.0,
}

#: How much of an array goes over the busiest link, as (N - 1) / N times this: what nccl-tests calls bus bandwidth.
BUS = {"all_reduce": 2, "all_gather": 1, "reduce_scatter": 1}


def rates(document: Document, case: Case) -> dict[str, float]:
    """Return what the head's times of a case mean; empty for one without times.

    `tflops` per rank (10^12 operations per second), `of_gemm` and `of_datasheet` its shares of the run's own peak and
    of the maker's figure; `algbw`, `busbw` and `copy` in GB/s (10^9 bytes); `tokens_per_second` of all ranks together;
    `efficiency` = T1 / (N * TN) with T1 from all ranks at once in the same launches, `efficiency_solo` with T1 of one
    rank while the others do nothing.
    """
    if (time := median(case)) is None:
        return {}
    return dict(
        (
            *_of_operations(document, case, time),
            *_of_bytes(case, time),
            *_of_tokens(case, time),
            *_of_scaling(document, case, time),
        )
    )


def median(case: Case, side: str = "head") -> float | None:
    """Return the median of a side's launches' medians, in milliseconds; None without launches."""
    launches = [statistics.median(each.samples) for each in case.launches if each.side == side]
    return statistics.median(launches) if launches else None


def interval(case: Case, side: str = "head") -> tuple[float, float] | None:
    """Return between which launches' medians the true median lies with at least 95 %; None for fewer than six.

    The interval of order statistics: it holds whatever the distribution is (David and Nagaraja, Order Statistics, 7.1).
    """
    launches = sorted(statistics.median(each.samples) for each in case.launches if each.side == side)
    outside, chances, number = 0, 1, len(launches)  # of 2^n equally likely ways to lie left or right of the median
    while 2 * chances <= 0.05 * 2**number:
        outside += 1
        chances += _choose(number, outside)
    return (launches[outside - 1], launches[number - outside]) if outside else None


def _choose(number: int, few: int) -> int:
    found = 1
    for each in range(few):
        found = found * (number - each) // (each + 1)
    return found


def _of_operations(document: Document, case: Case, time: float) -> Iterator[tuple[str, float]]:
    counts = case.counts.get("head")
    if counts is None or not counts.flops:
        return
    tflops = counts.flops / time / 1e9
    yield "tflops", tflops
    for each in document.ceilings:
        if each.name == f"gemm/{case.dtype}" and max(each.start, each.end) > 0:
            yield "of_gemm", tflops / max(each.start, each.end)
    if sheet := _data_sheet(document, case.dtype):
        yield "of_datasheet", tflops / sheet


def _data_sheet(document: Document, dtype: str) -> float | None:
    names = {gpu.name for gpu in document.sides["head"].environment.gpus}
    if len(names) != 1 or dtype not in {"bfloat16", "float16"}:
        return None
    (name,) = names
    return next((peak for beginning, peak in DATA_SHEET.items() if name.startswith(beginning)), None)


def _of_bytes(case: Case, time: float) -> Iterator[tuple[str, float]]:
    if case.mode == "copy":
        yield "copy", 2 * case.tokens / time / 1e6  # read and written
    kind = case.name.rpartition("_")[0]
    if case.mode == "collective" and kind in BUS:
        algorithm = case.tokens / time / 1e6
        yield "algbw", algorithm
        yield "busbw", algorithm * BUS[kind] * (case.world - 1) / case.world


def _of_tokens(case: Case, time: float) -> Iterator[tuple[str, float]]:
    if case.mode in {"step", "sp", "train", "decode_greedy", "decode_top_k"}:
        yield "tokens_per_second", case.tokens / time * 1000


def _of_scaling(document: Document, case: Case, time: float) -> Iterator[tuple[str, float]]:
    if case.world == 1:
        return
    alone = [statistics.median(each.alone) for each in case.launches if each.side == "head" and each.alone]
    if alone:
        yield "efficiency", statistics.median(alone) / (case.world * time)
    for other in document.cases:
        is_same = (other.name, other.shape, other.dtype, other.mode) == (case.name, case.shape, case.dtype, case.mode)
        if case.mode in _SPLIT and is_same and other.world == 1 and (solo := median(other)) is not None:
            yield "efficiency_solo", solo / (case.world * time)


#: What is split over the ranks, so that more of them can be quicker.
_SPLIT = {"step", "sp", "train", "decode_greedy", "decode_top_k", "rerank"}
