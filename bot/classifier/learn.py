"""Logistic regression in plain Python: small enough to learn from a repository's own history inside the service.

Multinomial, with an L2 penalty on the weights and none on the biases, minimised by L-BFGS with a backtracking line
search (Nocedal and Wright, Numerical Optimization, algorithms 7.4 and 3.1). Sums over features run in C: a row of the
sparse matrix is kept as a getter of many items.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import add, itemgetter, mul

Vector = list[float]
Gather = Callable[[Sequence[float]], Sequence[float]]

#: How many pairs of steps L-BFGS remembers.
REMEMBERED = 6

#: A step must bring at least this part of what the slope promises.
SUFFICIENT = 1e-4


@dataclass(frozen=True, slots=True)
class Matrix:
    """A sparse matrix: of each row how to gather what it multiplies, its indices and its values."""

    width: int
    rows: tuple[tuple[Gather, tuple[int, ...], Vector], ...]

    @classmethod
    def of(cls, rows: Sequence[Sequence[tuple[int, float]]], width: int) -> "Matrix":
        """Build it from rows of (index, value)."""
        return cls(width, tuple(map(_line, rows)))

    def times(self, weights: Vector) -> Vector:
        """Return the product with a vector over the columns."""
        return [sum(map(mul, values, gather(weights))) for gather, _, values in self.rows]

    def transposed_times(self, vector: Vector) -> Vector:
        """Return the product of the transposed matrix with a vector over the rows."""
        result = [0.0] * self.width
        for (_, indices, values), factor in zip(self.rows, vector, strict=True):
            for index, value in zip(indices, values, strict=True):
                result[index] += value * factor
        return result


@dataclass(frozen=True, slots=True)
class Problem:
    """Rows, the class of each (from 0), how much each counts, and how strongly they pull against the penalty."""

    matrix: Matrix
    targets: Sequence[int]
    classes: int
    importance: Sequence[float]
    strength: float

    def loss(self, point: Vector) -> tuple[float, Vector]:
        """Return the penalised loss at a point and its gradient: for each class its weights, then its bias."""
        width = self.matrix.width
        parts = [point[start : start + width + 1] for start in range(0, len(point), width + 1)]
        logits = [[z + part[width] for z in self.matrix.times(part)] for part in parts]
        loss, residuals = self._residuals(logits)
        gradient: Vector = []
        for part, residual in zip(parts, residuals, strict=True):
            gradient += map(add, self.matrix.transposed_times(residual), part)
            gradient.append(sum(residual))
        penalty = sum(sum(map(mul, part[:width], part[:width])) for part in parts) / 2
        return loss + penalty, gradient

    def _residuals(self, logits: list[Vector]) -> tuple[float, list[Vector]]:
        loss, residuals = 0.0, [[0.0] * len(self.targets) for _ in logits]
        for row, (target, weight) in enumerate(zip(self.targets, self.importance, strict=True)):
            scores = [each[row] for each in logits]
            probabilities = softmax(scores)
            pull = weight * self.strength
            loss -= pull * math.log(max(probabilities[target], 1e-300))
            for kind, probability in enumerate(probabilities):
                residuals[kind][row] = pull * (probability - (kind == target))
        return loss, residuals


def softmax(scores: Sequence[float]) -> list[float]:
    """Return the probabilities that belong to these log odds."""
    highest = max(scores)
    powers = [math.exp(score - highest) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


def minimise(problem: Problem, *, steps: int, tolerance: float = 1e-4) -> Vector:
    """Return the point after so many steps, or where a step no longer improves the loss by this part of it."""
    point = [0.0] * (problem.classes * (problem.matrix.width + 1))
    value, gradient = problem.loss(point)
    pairs: list[tuple[Vector, Vector, float]] = []
    for _ in range(steps):
        direction = _direction(gradient, pairs)
        slope = _dot(direction, gradient)
        rate = 1.0 if pairs else min(1.0, 1.0 / (math.sqrt(_dot(gradient, gradient)) + 1e-12))
        found = _search(problem, point, direction, value, slope, rate)
        if found is None:
            return point
        after, new_value, new_gradient = found
        moved = _minus(after, point)
        turned = _minus(new_gradient, gradient)
        curvature = _dot(moved, turned)
        if curvature > 1e-10:
            pairs = [*pairs[-REMEMBERED + 1 :], (moved, turned, curvature)]
        is_done = value - new_value <= tolerance * max(abs(value), abs(new_value), 1.0)
        point, value, gradient = after, new_value, new_gradient
        if is_done:
            break
    return point


def _search(
    problem: Problem, point: Vector, direction: Vector, value: float, slope: float, rate: float
) -> tuple[Vector, float, Vector] | None:
    """Halve the step until it brings enough; None when even the smallest does not."""
    for _ in range(20):
        after = [x + rate * d for x, d in zip(point, direction, strict=True)]
        new_value, gradient = problem.loss(after)
        if new_value <= value + SUFFICIENT * rate * slope:
            return after, new_value, gradient
        rate /= 2
    return None


def _direction(gradient: Vector, pairs: list[tuple[Vector, Vector, float]]) -> Vector:
    """Return the descent direction of the two-loop recursion."""
    result = [-g for g in gradient]
    factors = []
    for moved, turned, curvature in reversed(pairs):
        factor = _dot(moved, result) / curvature
        result = [r - factor * t for r, t in zip(result, turned, strict=True)]
        factors.append(factor)
    if pairs:
        _, turned, curvature = pairs[-1]
        scale = curvature / _dot(turned, turned)
        result = [scale * r for r in result]
    for (moved, turned, curvature), factor in zip(pairs, reversed(factors), strict=True):
        correction = factor - _dot(turned, result) / curvature
        result = [r + correction * m for r, m in zip(result, moved, strict=True)]
    return result


def _dot(one: Vector, other: Vector) -> float:
    return math.fsum(map(mul, one, other))


def _minus(one: Vector, other: Vector) -> Vector:
    return [a - b for a, b in zip(one, other, strict=True)]


def _line(entries: Sequence[tuple[int, float]]) -> tuple[Gather, tuple[int, ...], Vector]:
    """Return a row; `itemgetter` gives one item bare and none not at all."""
    indices, values = tuple(index for index, _ in entries), [value for _, value in entries]
    gather: Gather = itemgetter(*indices) if len(indices) > 1 else lambda vector: [vector[index] for index in indices]
    return gather, indices, values
