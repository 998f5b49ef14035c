"""The regression finds the minimum, and what is learnt from separable points tells them apart."""

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.classifier.learn import Matrix, Point, Problem, minimise, softmax

ROWS = [[(0, 1.0)], [(0, 0.9), (2, 0.1)], [(1, 1.0)], [(1, 0.8), (2, 0.2)], [], [(0, 0.5), (1, 0.5)]]
TARGETS = [0, 0, 1, 1, 0, 1]


def problem(strength: float = 10.0, doubt: float = 0.0) -> Problem:
    return Problem(Matrix.of(ROWS, 3), TARGETS, 2, [1.0] * len(ROWS), strength, doubt)


def at(weights: list[float], *, of: Problem) -> Point:
    """Return the point that holds each row of each class, and each bias, so often; what the rows get is worked out."""
    rows = len(ROWS)
    parts = [weights[:rows], weights[rows : 2 * rows]]
    seen = [value for part in parts for value in of.matrix.times(of.matrix.transposed_times(part))]
    return Point(weights, [*seen, *weights[2 * rows :]])


@pytest.mark.parametrize("doubt", [0.0, 0.2])
@pytest.mark.parametrize("place", [0, 1, 5, 6, 11, 12, 13])
def test_the_gradient_is_the_slope_of_the_loss(place: int, doubt: float) -> None:
    asked = problem(doubt=doubt)
    held = [0.05 * number for number in range(14)]
    moved = [value + (1e-5 if at == place else 0.0) for at, value in enumerate(held)]
    here, there = at(held, of=asked), at(moved, of=asked)
    value, residuals = asked.loss(here)
    slope = (asked.loss(there)[0] - value) / 1e-5
    assert asked.gradient(here, residuals).dot(there.minus(here)) / 1e-5 == pytest.approx(slope, abs=1e-3)


def test_what_the_rows_get_is_kept_in_step_with_the_point() -> None:
    asked = problem()
    found = minimise(asked, steps=20)
    assert found.seen == pytest.approx(at(found.held, of=asked).seen, abs=1e-9)


def test_at_the_minimum_there_is_no_slope() -> None:
    asked = problem()
    found = minimise(asked, steps=200, tolerance=0.0)
    slope = asked.gradient(found, asked.loss(found)[1])
    assert math.sqrt(slope.dot(slope)) < 1e-3


def test_one_small_step_is_not_taken_for_the_end() -> None:
    dice = Random(32)  # noqa: S311  the same problem each time
    rows = [[(at, dice.choice([1, 0.03, 10]) * dice.gauss(0, 1)) for at in range(6)] for _ in range(30)]
    asked = Problem(Matrix.of(rows, 6), [dice.randrange(3) for _ in rows], 3, [1.0] * 30, dice.choice([1.0, 10.0]))
    best, _ = asked.loss(minimise(asked, steps=400, tolerance=0.0))
    assert asked.loss(minimise(asked, steps=100))[0] == pytest.approx(best, rel=2e-4)


def test_no_step_leaves_where_it_began() -> None:
    assert minimise(problem(), steps=0) == problem().start()


@pytest.mark.parametrize("doubt", [0.0, 0.2])
def test_what_is_learnt_tells_the_rows_apart(doubt: float) -> None:
    asked = problem(100.0, doubt)
    parts = asked.weights(minimise(asked, steps=100))
    for row, target in list(zip(ROWS, TARGETS, strict=True))[:4]:
        scores = [sum(weights[index] * value for index, value in row) + bias for weights, bias in parts]
        assert scores[target] == max(scores)


def test_who_doubts_is_less_sure() -> None:
    def sure(doubt: float) -> float:
        asked = problem(100.0, doubt)
        (weights, bias), (others, other) = asked.weights(minimise(asked, steps=100))
        return (weights[0] + bias) - (others[0] + other)

    assert 0 < sure(0.2) < sure(0.0)


@given(st.lists(st.floats(-700, 700), min_size=1, max_size=6))
def test_probabilities_add_up_to_one(scores: list[float]) -> None:
    found = softmax(scores)
    assert sum(found) == pytest.approx(1.0)
    assert found[scores.index(max(scores))] == max(found)
