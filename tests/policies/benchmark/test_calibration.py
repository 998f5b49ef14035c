"""What a runner can tell apart, by measuring one build against itself."""

import math
import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats  # type: ignore[import-untyped]  # no stubs: it is the oracle, and nothing else

from bot.config.benchmark import Benchmark
from bot.config.benchmark import Metric as Setting
from bot.model.samples import Direction
from bot.policies.benchmark.calibration import Trouble, calibrate, calibrate_all
from tests.policies.benchmark.given import RULES, TIME, in_turn, samples

LOWER = Direction.LOWER


def measured(noise: float, pairs: int = 20, shift: float = 0.0) -> tuple[list[float], list[float]]:
    """Return one build on both sides: log ratios with this standard deviation, and a mean that should be zero."""
    chance = random.Random(7)  # noqa: S311  noise, not a secret
    d = [chance.gauss(0, 1) for _ in range(pairs)]
    mean = sum(d) / pairs
    spread = math.sqrt(sum((each - mean) ** 2 for each in d) / (pairs - 1))
    return [5.0] * pairs, [5.0 * math.exp(shift + noise * (each - mean) / spread) for each in d]


@pytest.mark.parametrize(
    ("noise", "margin", "troubles"),
    [
        (0.01, 0.05, ()),
        (0.0624, 0.05, ()),
        (0.0626, 0.05, (Trouble.TOO_NOISY,)),
        (0.079, 0.063, (Trouble.TOO_NOISY,)),
        (0.079, 0.0633, ()),
        (0.2, 0.05, (Trouble.TOO_NOISY, Trouble.TOO_WIDE)),
    ],
)
def test_a_margin_below_four_fifths_of_the_spread_is_refused(
    noise: float, margin: float, troubles: tuple[Trouble, ...]
) -> None:
    found = calibrate(*measured(noise), direction=LOWER, margin=margin)
    assert found.troubles == troubles
    assert found.is_good is not bool(troubles)
    assert found.least_margin == pytest.approx(0.8 * noise, rel=1e-9)
    assert found.spread == pytest.approx(noise, rel=1e-9)


def test_a_runner_that_calls_a_build_slower_than_itself_is_refused() -> None:
    found = calibrate(*measured(0.01, shift=0.08), direction=LOWER)
    assert found.troubles == (Trouble.FALSE_ALARM,)


@pytest.mark.parametrize("pairs", [0, 1, 5, 19])
def test_fewer_than_twenty_pairs_calibrate_nothing(pairs: int) -> None:
    base, head = measured(0.01)
    assert Trouble.TOO_FEW in calibrate(base[:pairs], head[:pairs], direction=LOWER).troubles


def test_the_half_width_is_what_the_interval_reaches_above_the_estimate() -> None:
    found = calibrate(*measured(0.05), direction=LOWER)
    assert found.half_width == pytest.approx(math.expm1(stats.t.isf(0.05 / 3, 19) * 0.05 / math.sqrt(20)), rel=1e-9)


def test_numbers_that_cannot_be_judged_calibrate_nothing() -> None:
    found = calibrate([1.0] * 20, [0.0] * 20, direction=LOWER)
    assert (found.spread, found.troubles) == (None, (Trouble.UNUSABLE,))


@given(st.lists(st.floats(), max_size=30), st.lists(st.floats(), max_size=30), st.sampled_from(Direction))
def test_whatever_the_numbers_are_there_is_an_answer(one: list[float], other: list[float], better: Direction) -> None:
    found = calibrate(one, other, direction=better)
    assert found.is_good == (not found.troubles)
    assert len(one) >= 20 or not found.is_good


def test_every_metric_of_a_report_is_calibrated_for_its_own_margin() -> None:
    rules = Benchmark(metrics=(Setting(name="time", better="lower", margin=Decimal(2)),))
    (found,) = calibrate_all(samples(in_turn(pairs=20, noise=5)), rules).values()
    assert found.troubles == (Trouble.TOO_NOISY,)
    assert calibrate_all(samples(in_turn(pairs=20, noise=5)), RULES)[TIME].is_good
    assert calibrate_all(samples(in_turn()[:-1]), RULES) == {}
