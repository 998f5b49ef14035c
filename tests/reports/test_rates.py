"""What times mean is worked out from raw numbers by formulas that can be done by hand."""

from math import comb
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reports.rates import interval, median, rates
from bot.reports.tensor_parallel import Case, Ceiling, Counts, Gpu, Launch
from tests.policies.release.documents import HEAD, case, document, side

GPU = Gpu(name="NVIDIA H100 80GB HBM3", uuid="1", memory=2**36, capability="9.0")


def timed(*times: float, alone: float | None = None, **changes: Any) -> Case:
    """Return a case whose launches of head had these medians."""
    extra = () if alone is None else (alone,)
    made = tuple(Launch(side="head", pair=pair, samples=(each,), alone=extra) for pair, each in enumerate(times))
    return case(launches=made, **changes)


def counted(flops: int) -> dict[str, Any]:
    """Return the counts of a head that does so many operations."""
    return {"head": Counts(flops=flops, operations=1, saved_bytes=0)}


def test_operations_per_second_and_their_share_of_the_runs_own_peak_and_of_the_makers_figure() -> None:
    one = timed(2.0, counts=counted(4 * 10**12), dtype="bfloat16")
    run = document(
        one,
        sides={"head": side(HEAD, gpus=(GPU,))},
        ceilings=(Ceiling(name="gemm/bfloat16", unit="TFLOP/s", start=2500.0, end=2400.0),
                  Ceiling(name="gemm/float32", unit="TFLOP/s", start=1.0, end=1.0)),
    )  # fmt: skip

    found = rates(run, one)

    assert found["tflops"] == pytest.approx(2000)
    assert found["of_gemm"] == pytest.approx(0.8)
    assert found["of_datasheet"] == pytest.approx(2000 / 989)


@pytest.mark.parametrize("gpus", [(), (msgspec.structs.replace(GPU, name="NVIDIA TITAN X"),)], ids=["none", "unknown"])
def test_without_a_makers_figure_there_is_no_share_of_it(gpus: tuple[Gpu, ...]) -> None:
    one = timed(2.0, counts=counted(10**12), dtype="bfloat16")

    assert "of_datasheet" not in rates(document(one, sides={"head": side(HEAD, gpus=gpus)}), one)


@pytest.mark.parametrize(
    ("kind", "world", "factor"),
    [("all_reduce", 2, 1.0), ("all_reduce", 8, 1.75), ("all_gather", 4, 0.75), ("reduce_scatter", 2, 0.5)],
)
def test_bus_bandwidth_is_that_of_nccl_tests(kind: str, world: int, factor: float) -> None:
    """See https://github.com/NVIDIA/nccl-tests/blob/master/doc/PERFORMANCE.md ."""
    one = timed(0.5, name=f"{kind}_4096", mode="collective", world=world, tokens=2**20)

    found = rates(document(one), one)

    assert found["algbw"] == pytest.approx(2**20 / 0.5e-3 / 1e9)
    assert found["busbw"] == pytest.approx(found["algbw"] * factor)
    assert "tokens_per_second" not in found


def test_a_copy_reads_and_writes() -> None:
    one = timed(1.0, name="copy_peak", mode="copy", tokens=10**9)

    assert rates(document(one), one)["copy"] == pytest.approx(2000)


def test_tokens_are_those_of_all_ranks_together() -> None:
    one = timed(10.0, tokens=512, mode="train", world=4)

    assert rates(document(one), one)["tokens_per_second"] == pytest.approx(51_200)


def test_strong_scaling_is_measured_against_the_same_launches_and_against_one_rank_alone() -> None:
    two, one = timed(5.0, alone=8.0, world=2), timed(6.0, world=1)

    found = rates(document(one, two), two)

    assert found["efficiency"] == pytest.approx(0.8)
    assert found["efficiency_solo"] == pytest.approx(0.6)
    assert "efficiency" not in rates(document(one, two), one)


def test_a_case_without_times_has_no_rates() -> None:
    wrong = case(status="incorrect", launches=())

    assert rates(document(wrong), wrong) == {}
    assert (median(wrong), interval(wrong)) == (None, None)


@given(st.lists(st.floats(0.001, 1e6), min_size=6, max_size=40, unique=True))
def test_the_interval_holds_the_median_with_at_least_95_percent_and_is_no_wider_than_that(times: list[float]) -> None:
    found = interval(timed(*times))

    assert found is not None
    left = sorted(times).index(found[0])
    assert found[1] == sorted(times)[len(times) - 1 - left]
    misses = [
        2 * sum(comb(len(times), each) for each in range(most + 1)) / 2 ** len(times) for most in (left, left + 1)
    ]
    assert misses[0] <= 0.05 < misses[1]


def test_five_launches_are_too_few_for_an_interval() -> None:
    assert interval(timed(*[1.0] * 5)) is None
    assert interval(timed(3.0, 1.0, 2.0, 6.0, 5.0, 4.0)) == (1.0, 6.0)
    assert interval(timed(*map(float, range(1, 10)))) == (2.0, 8.0)
