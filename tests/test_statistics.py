"""Student's t against scipy, and Holm's correction against its definition."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats  # type: ignore[import-untyped]  # no stubs: it is the oracle, and nothing else

from bot.statistics import holm, t_cdf, t_limit, t_tail

#: What the rules ask for (6, 12 and 20 pairs, 5 % and 1 % over three looks), and far beyond.
DFS = (1, 2, 3, 4, 5, 7, 11, 19, 39, 59, 79, 80, 81, 199, 999, 9_999)
ALPHAS = (0.49, 0.25, 0.1, 0.05, 0.05 / 3, 0.025, 0.01, 0.01 / 3, 0.001, 0.01 / 3 / 1000, 1e-9, 1e-15, 1e-30)

some_df = st.one_of(st.integers(1, 500), st.floats(1, 1e4))
some_alpha = st.floats(1e-12, 0.49)


def is_close(found: float, expected: float, within: float = 1e-11) -> bool:
    """Compare relatively, and absolutely near zero."""
    return math.isclose(found, expected, rel_tol=within, abs_tol=1e-15)


@pytest.mark.parametrize("df", DFS)
@pytest.mark.parametrize("alpha", ALPHAS)
def test_a_limit_is_scipys(df: int, alpha: float) -> None:
    assert is_close(t_limit(alpha, df), float(stats.t.isf(alpha, df)))


@pytest.mark.parametrize("pairs", range(2, 101))
def test_the_limits_of_the_rule_are_scipys_for_every_number_of_pairs(pairs: int) -> None:
    for alpha in (0.05 / 3, 0.01 / 3):
        assert abs(t_limit(alpha, pairs - 1) - float(stats.t.ppf(1 - alpha, pairs - 1))) < 1e-9


@given(some_df, some_alpha)
def test_any_limit_is_scipys_to_a_billionth(df: float, alpha: float) -> None:
    assert is_close(t_limit(alpha, df), float(stats.t.isf(alpha, df)), within=1e-9)


@given(some_df, st.floats(0.01, 50), st.sampled_from((1, -1)))
def test_any_tail_is_scipys_to_a_billionth(df: float, size: float, sign: int) -> None:
    """Nearer to zero it is scipy that rounds: it says 0.5 where the tail is 0.4999999978."""
    t = sign * size
    assert math.isclose(t_tail(t, df), float(stats.t.sf(t, df)), rel_tol=1e-9, abs_tol=1e-300)


@given(some_df, some_alpha)
def test_the_tail_beyond_a_limit_is_what_was_asked_for(df: float, alpha: float) -> None:
    assert is_close(t_tail(t_limit(alpha, df), df), alpha, within=1e-11)


@given(some_df, st.floats(0, 100))
def test_the_two_tails_are_mirrored_and_sum_to_one(df: float, t: float) -> None:
    assert t_cdf(t, df) == t_tail(-t, df)
    assert math.isclose(t_tail(t, df) + t_cdf(t, df), 1, rel_tol=1e-15)


@pytest.mark.parametrize("df", [1e5, 3e5, 1e6])
def test_with_many_degrees_of_freedom_the_limits_stay_exact_enough(df: float) -> None:
    for alpha in (0.05, 0.01 / 3, 1e-6):
        assert is_close(t_limit(alpha, df), float(stats.t.isf(alpha, df)), within=1e-9)


@pytest.mark.parametrize(("df", "alpha", "expected"), [(1, 0.25, 1.0), (2, 0.25, math.sqrt(2 / 3)), (1, 0.5, 0.0)])
def test_limits_with_a_closed_form_come_out_so(df: int, alpha: float, expected: float) -> None:
    assert is_close(t_limit(alpha, df), expected, within=1e-14)


def test_an_upper_half_is_the_mirrored_lower_half() -> None:
    assert t_limit(0.9, 7) == -t_limit(1 - 0.9, 7)


@pytest.mark.parametrize(
    ("t", "df", "expected"),
    [(0.0, 5, 0.5), (1e-200, 5, 0.5), (math.inf, 5, 0.0), (-math.inf, 5, 1.0), (1e160, 1, 1 / math.pi / 1e160)],
)
def test_the_ends_of_the_line_have_their_tails(t: float, df: float, expected: float) -> None:
    assert is_close(t_tail(t, df), expected)


def test_where_the_square_overflows_the_power_law_goes_on() -> None:
    assert math.isclose(t_tail(1e200, 1.5), t_tail(1e150, 1.5) * 1e-75, rel_tol=1e-9)


def test_a_limit_beyond_all_squares_is_still_found() -> None:
    assert is_close(t_limit(1e-200, 1), 1e200 / math.pi)


def _tail_of_nothing() -> float:
    return t_tail(math.nan, 5)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: t_limit(0.0, 5),
        lambda: t_limit(1.0, 5),
        lambda: t_limit(math.nan, 5),
        lambda: t_limit(0.05, 0),
        lambda: t_limit(0.05, math.inf),
        lambda: t_limit(0.05, math.nan),
        lambda: t_tail(1.0, -1),
        _tail_of_nothing,
    ],
)
def test_what_has_no_limit_is_refused(wrong: Callable[[], float]) -> None:
    with pytest.raises(ValueError, match="must"):
        wrong()


def test_holm_multiplies_the_smallest_by_all_and_never_goes_down() -> None:
    assert holm((0.01, 0.04, 0.03)) == pytest.approx((0.03, 0.06, 0.06))
    assert holm(()) == ()
    assert holm((0.9, 0.8)) == (1.0, 1.0)


@given(st.lists(st.floats(0, 1), max_size=12), st.floats(0.001, 0.2))
def test_holm_rejects_what_stepping_down_rejects(p_values: list[float], alpha: float) -> None:
    rejected = set()
    for step, (p, index) in enumerate(sorted((p, index) for index, p in enumerate(p_values))):
        if min(1.0, (len(p_values) - step) * p) > alpha:
            break
        rejected.add(index)
    assert {index for index, p in enumerate(holm(p_values)) if p <= alpha} == rejected


@given(st.lists(st.floats(0, 1), max_size=12), st.randoms(use_true_random=False))
def test_holm_does_not_care_for_the_order(p_values: list[float], chance: object) -> None:
    order = list(range(len(p_values)))
    chance.shuffle(order)  # type: ignore[attr-defined]  # hypothesis gives a Random
    adjusted = holm(p_values)
    assert holm([p_values[index] for index in order]) == tuple(adjusted[index] for index in order)
