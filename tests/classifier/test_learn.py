"""The regression finds the minimum, and what is learnt from separable points tells them apart."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.classifier.learn import Matrix, Problem, minimise, softmax

ROWS = [[(0, 1.0)], [(0, 0.9), (2, 0.1)], [(1, 1.0)], [(1, 0.8), (2, 0.2)], [], [(0, 0.5), (1, 0.5)]]
TARGETS = [0, 0, 1, 1, 0, 1]


def problem(strength: float = 10.0) -> Problem:
    return Problem(Matrix.of(ROWS, 3), TARGETS, 2, [1.0] * len(ROWS), strength)


@pytest.mark.parametrize("at", [0, 1, 2, 3, 4, 7])
def test_the_gradient_is_the_slope_of_the_loss(at: int) -> None:
    point = [0.1 * number for number in range(8)]
    _, gradient = problem().loss(point)
    moved = [value + (1e-5 if place == at else 0.0) for place, value in enumerate(point)]
    slope = (problem().loss(moved)[0] - problem().loss(point)[0]) / 1e-5
    assert slope == pytest.approx(gradient[at], abs=1e-3)


def test_at_the_minimum_there_is_no_slope() -> None:
    found = minimise(problem(), steps=200, tolerance=0.0)
    _, gradient = problem().loss(found)
    assert math.sqrt(sum(each * each for each in gradient)) < 1e-3


def test_no_step_leaves_where_it_began() -> None:
    assert minimise(problem(), steps=0) == [0.0] * 8


def test_what_is_learnt_tells_the_rows_apart() -> None:
    point = minimise(problem(100.0), steps=100)
    for row, target in list(zip(ROWS, TARGETS, strict=True))[:4]:
        scores = [sum(point[kind * 4 + index] * value for index, value in row) + point[kind * 4 + 3] for kind in (0, 1)]
        assert scores[target] == max(scores)


@given(st.lists(st.floats(-700, 700), min_size=1, max_size=6))
def test_probabilities_add_up_to_one(scores: list[float]) -> None:
    found = softmax(scores)
    assert sum(found) == pytest.approx(1.0)
    assert found[scores.index(max(scores))] == max(found)
