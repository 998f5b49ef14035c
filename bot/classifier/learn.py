"""Logistic regression in plain Python: small enough to learn from a repository's own history inside the service.

Multinomial, with an L2 penalty on the weights and none on the biases, minimised by L-BFGS with a backtracking line
search (Nocedal and Wright, Numerical Optimization, algorithms 7.4 and 3.1). All weights on the way are sums of the
rows, so a point is kept as how often it holds each row, and beside it what the rows get from it: there are far fewer
rows than features, and only one pass over the matrix is needed in each step, none while a step is searched.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import add, itemgetter, mul, sub

Vector = list[float]
Gather = Callable[[Sequence[float]], Sequence[float]]

#: How many pairs of steps L-BFGS remembers.
REMEMBERED = 6

#: A step must bring at least this part of what the slope promises.
SUFFICIENT = 1e-4

#: So many steps together show whether steps still bring anything; a single small one shows nothing.
WATCHED = 5


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
        """Return the product with a vector over the columns; the sums run in C."""
        return [sum(map(mul, values, gather(weights))) for gather, _, values in self.rows]

    def transposed_times(self, vector: Vector) -> Vector:
        """Return the product of the transposed matrix with a vector over the rows."""
        result = [0.0] * self.width
        for (_, indices, values), factor in zip(self.rows, vector, strict=True):
            for index, value in zip(indices, values, strict=True):
                result[index] += value * factor
        return result


@dataclass(frozen=True, slots=True)
class Point:
    """Weights or a change of them: for each class how often it holds each row, then the biases of the classes.

    `seen` is what the rows get from it, the biases apart and again at the end: the product of two points is that of the
    one's `held` and the other's `seen`.
    """

    held: Vector
    seen: Vector

    def dot(self, other: "Point") -> float:
        """Return the product of two points, as weights and biases."""
        return math.fsum(map(mul, self.held, other.seen))

    def minus(self, other: "Point") -> "Point":
        """Return the difference."""
        return Point(list(map(sub, self.held, other.held)), list(map(sub, self.seen, other.seen)))

    def plus(self, other: "Point", times: float) -> "Point":
        """Return this point moved by so many times the other one."""
        return Point(_moved(self.held, other.held, times), _moved(self.seen, other.seen, times))

    def scaled(self, factor: float) -> "Point":
        """Return it made longer or shorter."""
        return Point([factor * each for each in self.held], [factor * each for each in self.seen])


@dataclass(frozen=True, slots=True)
class Problem:
    """Rows, the class of each (from 0), how much each counts, and how strongly they pull against the penalty.

    With a `doubt` a class is only so far believed: this part of it is spread over all classes.
    """

    matrix: Matrix
    targets: Sequence[int]
    classes: int
    importance: Sequence[float]
    strength: float
    doubt: float = 0.0

    def start(self) -> Point:
        """Return the point at which everything is 0."""
        size = self.classes * (len(self.targets) + 1)
        return Point([0.0] * size, [0.0] * size)

    def loss(self, point: Point) -> tuple[float, list[Vector]]:
        """Return the penalised loss at a point, and for each class what is left of each row."""
        rows, classes = len(self.targets), self.classes
        loss, residuals = 0.0, [[0.0] * rows for _ in range(classes)]
        parts = [point.seen[rows * kind : rows * (kind + 1)] for kind in range(classes)]
        bias, share = point.held[rows * classes :], self.doubt / classes
        sure = 1 - self.doubt
        for row, (target, weight) in enumerate(zip(self.targets, self.importance, strict=True)):
            logs = log_softmax([part[row] + each for part, each in zip(parts, bias, strict=True)])
            pull = weight * self.strength
            loss -= pull * (sure * logs[target] + share * sum(logs))
            for kind, log in enumerate(logs):
                residuals[kind][row] = pull * (math.exp(log) - share - sure * (kind == target))
        weights = rows * classes
        return loss + math.fsum(map(mul, point.held[:weights], point.seen[:weights])) / 2, residuals

    def gradient(self, point: Point, residuals: Sequence[Vector]) -> Point:
        """Return the gradient at a point: one pass over the matrix for each class but the last."""
        images = [self.matrix.times(self.matrix.transposed_times(each)) for each in residuals[:-1]]
        images.append([-sum(each) for each in zip(*images, strict=True)] if images else [0.0] * len(self.targets))
        bias = list(map(sum, residuals))
        weights = len(self.targets) * self.classes
        held = [value for each in residuals for value in each]
        seen = [value for each in images for value in each]
        return Point([*map(add, held, point.held[:weights]), *bias], [*map(add, seen, point.seen[:weights]), *bias])

    def weights(self, point: Point) -> list[tuple[Vector, float]]:
        """Return the weights and the bias of each class."""
        rows = len(self.targets)
        bias = point.held[rows * self.classes :]
        return [
            (
                [each.real for each in self.matrix.transposed_times(point.held[rows * kind : rows * (kind + 1)])],
                bias[kind],
            )
            for kind in range(self.classes)
        ]


def softmax(scores: Sequence[float]) -> list[float]:
    """Return the probabilities that belong to these log odds."""
    return [math.exp(each) for each in log_softmax(scores)]


def log_softmax(scores: Sequence[float]) -> list[float]:
    """Return the logarithms of the probabilities that belong to these log odds."""
    highest = max(scores)
    total = highest + math.log(sum([math.exp(score - highest) for score in scores]))
    return [score - total for score in scores]


def minimise(problem: Problem, *, steps: int, tolerance: float = 1e-4) -> Point:
    """Return the point after so many steps, or where some in a row no longer improve the loss by this part of it."""
    point = problem.start()
    value, residuals = problem.loss(point)
    values = [value]
    gradient = problem.gradient(point, residuals)
    pairs: list[tuple[Point, Point, float]] = []
    for _ in range(steps):
        direction = _direction(gradient, pairs)
        rate = 1.0 if pairs else min(1.0, 1.0 / (math.sqrt(gradient.dot(gradient)) + 1e-12))
        found = _search(problem, point, direction, value, direction.dot(gradient), rate)
        if found is None:
            return point
        after, new_value, residuals = found
        values = [*values[-WATCHED:], new_value]
        if len(values) > WATCHED and values[0] - new_value <= tolerance * max(abs(new_value), 1.0):
            return after
        new_gradient = problem.gradient(after, residuals)
        moved, turned = after.minus(point), new_gradient.minus(gradient)
        curvature = moved.dot(turned)
        if curvature > 1e-10:
            pairs = [*pairs[-REMEMBERED + 1 :], (moved, turned, curvature)]
        point, value, gradient = after, new_value, new_gradient
    return point


def _search(
    problem: Problem, point: Point, direction: Point, value: float, slope: float, rate: float
) -> tuple[Point, float, list[Vector]] | None:
    """Halve the step until it brings enough; None when even the smallest does not."""
    for _ in range(20):
        after = point.plus(direction, rate)
        new_value, residuals = problem.loss(after)
        if new_value <= value + SUFFICIENT * rate * slope:
            return after, new_value, residuals
        rate /= 2
    return None


def _direction(gradient: Point, pairs: list[tuple[Point, Point, float]]) -> Point:
    """Return the descent direction of the two-loop recursion."""
    result = gradient.scaled(-1.0)
    factors = []
    for moved, turned, curvature in reversed(pairs):
        factor = moved.dot(result) / curvature
        result = result.plus(turned, -factor)
        factors.append(factor)
    if pairs:
        _, turned, curvature = pairs[-1]
        result = result.scaled(curvature / turned.dot(turned))
    for (moved, turned, curvature), factor in zip(pairs, reversed(factors), strict=True):
        result = result.plus(moved, factor - turned.dot(result) / curvature)
    return result


def _moved(one: Vector, other: Vector, times: float) -> Vector:
    return [a + times * b for a, b in zip(one, other, strict=True)]


def _line(entries: Sequence[tuple[int, float]]) -> tuple[Gather, tuple[int, ...], Vector]:
    """Return a row; `itemgetter` gives one item bare and none not at all."""
    indices, values = tuple(index for index, _ in entries), [value for _, value in entries]
    gather: Gather = itemgetter(*indices) if len(indices) > 1 else lambda vector: [vector[index] for index in indices]
    return gather, indices, values
