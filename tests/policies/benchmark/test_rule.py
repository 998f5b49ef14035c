"""The decision rule: limits against scipy, numbers that cannot be judged, and what must not change it."""

import math
import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats  # type: ignore[import-untyped]  # no stubs: it is the oracle, and nothing else

from bot.model.samples import Direction
from bot.policies.benchmark.rule import Call, Ground, Judgement, Plan, Question, judge, judge_all

LOWER, HIGHER = Direction.LOWER, Direction.HIGHER

#: Twenty pairs of a quiet machine: log ratios with a standard deviation of 1 %, mean exactly 0.
QUIET = [0.01 * each for each in (1.2, -0.8, 0.5, -1.1, 0.9, -0.7, 1.6, -1.6, 0.3, -0.3)] * 2

medians = st.floats(1e-6, 1e6)
pairs = st.lists(st.tuples(medians, medians), min_size=6, max_size=25)
#: Ratios as benchmarks have them: within 20 %, where the thresholds lie.
near_pairs = st.lists(st.tuples(st.floats(0.9, 1.1), st.floats(0.9, 1.1)), min_size=6, max_size=25)


def launches(slowdown: float, count: int = 20, noise: float = 1.0) -> tuple[list[float], list[float]]:
    """Return base and head of so many pairs; head is slower by this, with noise around it."""
    return [10.0] * count, [10.0 * (1 + slowdown) * math.exp(noise * each) for each in QUIET[:count]]


def call(slowdown: float, count: int = 20, noise: float = 1.0, margin: float = 0.05) -> Call:
    """Judge a slowdown."""
    return judge(*launches(slowdown, count, noise), direction=LOWER, margin=margin).call


@pytest.mark.parametrize(
    ("slowdown", "count", "noise", "expected"),
    [
        (0.00, 6, 1, Call.PASS),
        (0.00, 20, 1, Call.PASS),
        (-0.30, 6, 1, Call.PASS),
        (0.02, 20, 1, Call.PASS),
        (0.05, 6, 1, Call.REGRESS),
        (0.10, 6, 1, Call.REGRESS),
        (0.50, 12, 1, Call.REGRESS),
        (0.00, 6, 8, Call.INCONCLUSIVE),
        (0.00, 20, 12, Call.INCONCLUSIVE),
        (0.05, 6, 5, Call.INCONCLUSIVE),
        (0.03, 20, 4, Call.INCONCLUSIVE),
    ],
)
def test_a_slowdown_passes_is_called_or_needs_more_pairs(
    slowdown: float, count: int, noise: float, expected: Call
) -> None:
    assert call(slowdown, count, noise) is expected


@pytest.mark.parametrize(("margin", "expected"), [(0.02, Call.REGRESS), (0.05, Call.PASS)])
def test_the_margin_is_the_metrics_own(margin: float, expected: Call) -> None:
    assert call(0.03, margin=margin) is expected


def test_of_a_throughput_less_is_worse() -> None:
    base, head = launches(0.10)
    assert judge(base, head, direction=HIGHER).call is Call.PASS
    assert judge(head, base, direction=HIGHER).call is Call.REGRESS


def test_the_direction_may_come_as_a_word() -> None:
    base, head = launches(0.10)
    assert judge(base, head, direction="higher") == judge(base, head, direction=HIGHER)  # type: ignore[arg-type]


@pytest.mark.parametrize("count", [6, 7, 12, 20])
def test_the_interval_is_scipys_t_limits_over_three_looks(count: int) -> None:
    base, head = launches(0.03, count)
    d = [math.log(h / b) for b, h in zip(base, head, strict=True)]
    mean, error = sum(d) / count, float(stats.sem(d))
    found = judge(base, head, direction=LOWER)
    assert found.ratio == pytest.approx(math.exp(mean), rel=1e-12)
    assert found.low == pytest.approx(math.exp(mean - stats.t.ppf(1 - 0.01 / 3, count - 1) * error), rel=1e-9)
    assert found.high == pytest.approx(math.exp(mean + stats.t.ppf(1 - 0.05 / 3, count - 1) * error), rel=1e-9)
    assert found.spread == pytest.approx(float(stats.tstd(d)), rel=1e-9)
    assert found.p_value == pytest.approx(
        min(1, 3 * stats.ttest_1samp(d, math.log(1.01), alternative="greater").pvalue), rel=1e-8
    )


def test_of_a_throughput_the_interval_is_heads_share_of_base() -> None:
    base, head = launches(-0.10)
    found = judge(base, head, direction=HIGHER)
    assert found.low
    assert found.ratio
    assert found.high
    assert found.low < found.ratio < found.high < 0.95
    assert found.ratio == pytest.approx(0.9, rel=1e-9)


@pytest.mark.parametrize(
    ("count", "more"), [(0, 6), (1, 6), (2, 6), (5, 6), (6, 12), (7, 12), (11, 12), (12, 20), (19, 20), (20, None)]
)
def test_what_is_not_clear_says_how_many_pairs_to_have_next(count: int, more: int | None) -> None:
    base, head = launches(0.03, count, noise=12)
    found = judge(base, head, direction=LOWER)
    assert (found.call, found.pairs, found.more) == (Call.INCONCLUSIVE, count, more)


@pytest.mark.parametrize("count", [0, 1, 2, 5])
@pytest.mark.parametrize("slowdown", [0.0, 1.0])
def test_fewer_than_six_pairs_decide_nothing_however_clear_they_look(count: int, slowdown: float) -> None:
    found = judge([10.0] * count, [10.0 * (1 + slowdown)] * count, direction=LOWER)
    assert (found.call, found.ground, found.more) == (Call.INCONCLUSIVE, Ground.TOO_FEW, 6)
    assert found.ratio == (pytest.approx(1 + slowdown) if count else None)


@pytest.mark.parametrize(
    ("base", "head", "expected"),
    [
        (10.0, 10.0, Call.PASS),
        (10.0, 10.4, Call.PASS),
        (10.0, 10.6, Call.REGRESS),
        (100.0, 105.0, Call.REGRESS),
        (20.0, 21.0, Call.REGRESS),
        (0.1, 0.101, Call.PASS),
        (10.0, 5.0, Call.PASS),
    ],
)
def test_without_any_spread_the_numbers_speak_for_themselves(base: float, head: float, expected: Call) -> None:
    found = judge([base] * 6, [head] * 6, direction=LOWER)
    assert found.call is expected
    assert found.spread == 0
    assert found.low == found.ratio == found.high == pytest.approx(head / base)


def test_exactly_the_margin_is_not_within_it_and_exactly_the_floor_not_above_it() -> None:
    assert judge([1.0] * 6, [1.05] * 6, direction=LOWER, floor=0.05).call is Call.INCONCLUSIVE
    assert judge([1.0] * 6, [1.01] * 6, direction=LOWER, margin=0.005).call is Call.INCONCLUSIVE


def test_the_same_numbers_on_both_sides_are_no_regression() -> None:
    base = [9.0 + each * each % 7 for each in range(12)]
    found = judge(base, base, direction=LOWER)
    assert (found.call, found.ratio, found.low, found.high) == (Call.PASS, 1, 1, 1)


@pytest.mark.parametrize(
    ("wrong", "ground"),
    [
        (0.0, Ground.NOT_POSITIVE),
        (-1.0, Ground.NOT_POSITIVE),
        (math.nan, Ground.NOT_FINITE),
        (math.inf, Ground.NOT_FINITE),
        (-math.inf, Ground.NOT_FINITE),
    ],
)
@pytest.mark.parametrize("count", [1, 6, 20])
def test_a_number_that_has_no_logarithm_makes_the_metric_invalid(wrong: float, ground: Ground, count: int) -> None:
    good = [10.0] * count
    for base, head in (([wrong, *good[1:]], good), (good, [*good[1:], wrong])):
        found = judge(base, head, direction=LOWER)
        assert (found.call, found.ground, found.pairs, found.ratio) == (Call.INVALID, ground, count, None)


@pytest.mark.parametrize(("base", "head"), [(7, 6), (6, 7), (0, 6), (20, 6)])
def test_sides_of_different_length_are_invalid_and_nothing_is_cut_off(base: int, head: int) -> None:
    found = judge([1.0] * base, [1.0] * head, direction=LOWER)
    assert (found.call, found.ground, found.pairs) == (Call.INVALID, Ground.UNEQUAL, min(base, head))


@pytest.mark.parametrize(
    ("margin", "floor"),
    [(0.0, 0.01), (-0.1, 0.01), (math.nan, 0.01), (math.inf, 0.01), (0.05, -0.01), (0.05, math.nan)],
)
def test_a_margin_that_makes_no_sense_is_an_error(margin: float, floor: float) -> None:
    with pytest.raises(ValueError, match="margin"):
        judge([1.0] * 6, [1.0] * 6, direction=LOWER, margin=margin, floor=floor)


@pytest.mark.parametrize(("speedup", "is_too_good"), [(0.0, False), (0.08, False), (0.15, True), (0.5, True)])
def test_a_sound_improvement_of_more_than_a_tenth_passes_and_is_pointed_out(
    speedup: float, *, is_too_good: bool
) -> None:
    found = judge(*launches(1 / (1 + speedup) - 1), direction=LOWER)
    assert (found.call, found.is_too_good) == (Call.PASS, is_too_good)


def test_an_improvement_that_may_be_noise_is_not_pointed_out() -> None:
    assert not judge(*launches(1 / 1.13 - 1, count=6, noise=6), direction=LOWER).is_too_good
    assert not judge([10.0] * 5, [5.0] * 5, direction=LOWER).is_too_good


def test_ratios_beyond_all_numbers_still_have_a_verdict() -> None:
    assert judge([1e-300] * 6, [1e300] * 6, direction=LOWER).call is Call.REGRESS
    assert judge([1e300] * 6, [1e-300] * 6, direction=LOWER).call is Call.PASS


def test_a_regression_that_may_be_chance_among_many_metrics_is_not_called_one_nor_passed() -> None:
    base, head = launches(0.062, count=6, noise=1.9)
    alone = judge(base, head, direction=LOWER)
    assert alone.call is Call.REGRESS
    assert 0.001 < alone.p_value < 0.01
    quiet = Question(*launches(0.0), LOWER)
    found, *others = judge_all([Question(base, head, LOWER), *[quiet] * 30])
    assert (found.call, found.ground, found.more) == (Call.INCONCLUSIVE, Ground.BY_CHANCE, 12)
    assert (found.low, found.high) == (alone.low, alone.high)
    assert {each.call for each in others} == {Call.PASS}


def test_a_clear_regression_is_called_one_among_any_number_of_metrics() -> None:
    slow, quiet = Question(*launches(0.2), LOWER), Question(*launches(0.0), LOWER)
    found = judge_all([quiet] * 50 + [slow])
    assert [each.call for each in found] == [Call.PASS] * 50 + [Call.REGRESS]


def test_too_few_pairs_of_one_metric_do_not_make_another_likelier_to_be_called() -> None:
    slow = Question(*launches(0.062, count=6, noise=1.9), LOWER)
    hopeless = Question([1.0] * 3, [9.0] * 3, LOWER)
    assert judge_all([hopeless])[0].p_value == 1
    assert judge_all([slow] + [hopeless] * 30)[0].ground is Ground.BY_CHANCE


def test_a_plan_of_ones_own_changes_looks_and_errors() -> None:
    plan = Plan(looks=(3,), pass_error=0.05, fail_error=0.05)
    assert judge(*launches(0.0, count=3), direction=LOWER, plan=plan).call is Call.PASS
    assert judge(*launches(0.2, count=3), direction=LOWER, plan=plan).call is Call.REGRESS


def _same_up_to_rounding(one: Judgement, other: Judgement) -> bool:
    numbers = [(getattr(one, name), getattr(other, name)) for name in ("ratio", "low", "high", "spread", "p_value")]
    return one.pairs == other.pairs and all(
        a == b or math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9) for a, b in numbers
    )


@given(st.one_of(pairs, near_pairs), st.sampled_from(Direction), st.randoms(use_true_random=False))
def test_the_order_of_the_pairs_changes_nothing(
    both: list[tuple[float, float]], direction: Direction, chance: random.Random
) -> None:
    shuffled = chance.sample(both, len(both))
    assert judge(*zip(*both, strict=True), direction=direction) == judge(
        *zip(*shuffled, strict=True), direction=direction
    )


@given(st.one_of(pairs, near_pairs))
def test_swapping_the_sides_and_the_direction_mirrors_the_judgement(both: list[tuple[float, float]]) -> None:
    base, head = zip(*both, strict=True)
    one = judge(base, head, direction=LOWER)
    other = judge(head, base, direction=HIGHER)
    assert (one.call, one.ground, one.pairs, one.spread, one.p_value, one.more, one.is_too_good) == (
        other.call, other.ground, other.pairs, other.spread, other.p_value, other.more, other.is_too_good,
    )  # fmt: skip
    for mine, yours in ((one.ratio, other.ratio), (one.low, other.high), (one.high, other.low)):
        assert mine
        assert yours
        assert mine * yours == pytest.approx(1, rel=1e-9)


@given(near_pairs)
def test_swapping_the_sides_alone_never_makes_a_regression_of_a_regression(both: list[tuple[float, float]]) -> None:
    base, head = zip(*both, strict=True)
    one, other = judge(base, head, direction=LOWER), judge(head, base, direction=LOWER)
    assert one.spread == other.spread
    assert one.ratio
    assert one.ratio * (other.ratio or 0) == pytest.approx(1, rel=1e-9)
    assert Call.REGRESS not in (one.call, other.call) or one.call is not other.call


@given(st.one_of(pairs, near_pairs), st.integers(-30, 30), st.sampled_from(Direction))
def test_another_unit_of_a_power_of_two_changes_nothing_at_all(
    both: list[tuple[float, float]], power: int, direction: Direction
) -> None:
    base, head = zip(*both, strict=True)
    scaled = [[each * 2.0**power for each in side] for side in (base, head)]
    assert judge(*scaled, direction=direction) == judge(base, head, direction=direction)


@given(st.one_of(pairs, near_pairs), st.floats(1e-6, 1e6), st.sampled_from(Direction))
def test_any_other_unit_changes_nothing_but_the_last_digits(
    both: list[tuple[float, float]], unit: float, direction: Direction
) -> None:
    base, head = zip(*both, strict=True)
    found = judge([each * unit for each in base], [each * unit for each in head], direction=direction)
    assert _same_up_to_rounding(found, judge(base, head, direction=direction))


@given(st.lists(st.floats(), max_size=25), st.lists(st.floats(), max_size=25), st.sampled_from(Direction))
def test_whatever_the_numbers_are_there_is_a_judgement(
    base: list[float], head: list[float], direction: Direction
) -> None:
    found = judge(base, head, direction=direction)
    is_usable = len(base) == len(head) and all(0 < each < math.inf for each in (*base, *head))
    assert (found.call is Call.INVALID) is not is_usable
    assert len(base) >= 6 or found.call not in {Call.PASS, Call.REGRESS}
    if found.low is not None:
        assert found.ratio is not None
        assert found.high is not None
        assert found.low <= found.ratio <= found.high


@given(near_pairs, st.floats(1.001, 1.5))
def test_slower_is_never_judged_better(both: list[tuple[float, float]], factor: float) -> None:
    base, head = zip(*both, strict=True)
    order = {Call.PASS: 0, Call.INCONCLUSIVE: 1, Call.REGRESS: 2}
    steps = [judge(base, [each * slower for each in head], direction=LOWER) for slower in (1.0, factor, factor**2)]
    for one, other in pairwise(steps):
        assert order[one.call] <= order[other.call]
