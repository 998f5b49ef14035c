"""The decision rule: whether head is slower than base by more than may be, or whether that is not known yet.

A pair is one launch of base and one of head, next to each other in time. Of each pair only the log ratio of the two
medians counts, so that a drift of the machine cancels out and the launch, not the sample, is the unit. Its mean has a
one-sided Student's t limit on either side. Below the margin with the upper one: pass. Above the floor with the lower
one: regress. Neither: more pairs, added to those that are there, at most at three looks.

Measured against other rules in `benchmarks/results/rules.md`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.model.samples import Direction
from bot.statistics import holm, t_limit, t_tail

#: A slowdown of this size must not pass, unless a configuration says otherwise.
MARGIN = 0.05

#: A slowdown up to this size is never called a regression.
FLOOR = 0.01

#: What is better by more than this is worth a question: was work lost?
SUSPICIOUS = 0.10

#: Beyond this there is no number for `exp` of it.
MAX_EXPONENT = 709.0

# A ratio that is exactly the margin is not within it, whichever way its logarithm is rounded.
_ROUNDING = 1e-12


class Call(StrEnum):
    """What is said of a metric, or of all of them together."""

    PASS = "pass"  # noqa: S105  an outcome, not a password
    REGRESS = "regress"
    INCONCLUSIVE = "inconclusive"
    INVALID = "invalid"
    NOT_COMPARABLE = "not_comparable"


class Ground(StrEnum):
    """Why it is said."""

    WITHIN_MARGIN = "within-margin"
    WORSE = "worse"
    UNCLEAR = "unclear"
    TOO_FEW = "too-few"
    BY_CHANCE = "by-chance"
    UNEQUAL = "unequal"
    NOT_FINITE = "not-finite"
    NOT_POSITIVE = "not-positive"
    MISSING = "missing"
    NOT_JUDGED = "not-judged"


@dataclass(frozen=True, slots=True)
class Plan:
    """After how many pairs to look, and the error that all looks together may make on either side."""

    looks: tuple[int, ...] = (6, 12, 20)
    pass_error: float = 0.05
    fail_error: float = 0.01

    def next_look(self, pairs: int) -> int | None:
        """Return how many pairs to have for the next look; None where there is none."""
        return next((look for look in self.looks if look > pairs), None)


PLAN = Plan()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the pairs say of one metric.

    `ratio` is head to base in the metric's own unit, and `low` to `high` its interval: of a time 1.10 means slower, of
    a throughput faster. `spread` is the standard deviation of the log ratios. `p_value` is the chance of a mean this
    bad if head were worse by the floor only, multiplied by the number of looks. `more` is how many pairs to have
    for another look.
    """

    call: Call
    ground: Ground
    pairs: int
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    spread: float | None = None
    p_value: float = 1.0
    more: int | None = None
    is_too_good: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """One metric's medians, launch by launch, what is better, and how much worse it may get."""

    base: Sequence[float]
    head: Sequence[float]
    direction: Direction
    margin: float = MARGIN
    floor: float = FLOOR


def judge(
    base: Sequence[float],
    head: Sequence[float],
    *,
    direction: Direction,
    margin: float = MARGIN,
    floor: float = FLOOR,
    plan: Plan = PLAN,
) -> Judgement:
    """Judge one metric by the medians of its launches, `base[i]` and `head[i]` being a pair.

    Numbers that cannot be judged are INVALID, never slow and never a pass. Raises `ValueError` only for a margin or
    floor that makes no sense.
    """
    return judge_all([Question(base, head, Direction(direction), margin, floor)], plan)[0]


def judge_all(questions: Sequence[Question], plan: Plan = PLAN) -> tuple[Judgement, ...]:
    """Judge the metrics of a suite: being called a regression by chance is no likelier than for one metric alone."""
    alone = [_judge(each, plan) for each in questions]
    adjusted = holm([each.p_value for each in alone])
    return tuple(_corrected(each, p, plan) for each, p in zip(alone, adjusted, strict=True))


def log_ratios(base: Sequence[float], head: Sequence[float], direction: Direction) -> tuple[float, ...]:
    """Return how much worse head is in each pair, as the log of a ratio: positive is worse."""
    sign = 1.0 if direction is Direction.LOWER else -1.0
    return tuple(sign * _log_ratio(b, h) for b, h in zip(base, head, strict=True))


def mean_and_spread(values: Sequence[float]) -> tuple[float, float]:
    """Return mean and standard deviation, exactly the same in whatever order the values come."""
    if min(values) == max(values):
        return values[0], 0.0
    mean = math.fsum(values) / len(values)
    return mean, math.sqrt(math.fsum((each - mean) ** 2 for each in values) / (len(values) - 1))


def unusable(base: Sequence[float], head: Sequence[float]) -> Ground | None:
    """Say why these numbers cannot be judged; None where they can."""
    if len(base) != len(head):
        return Ground.UNEQUAL
    if not all(math.isfinite(each) for each in (*base, *head)):
        return Ground.NOT_FINITE
    return Ground.NOT_POSITIVE if any(each <= 0 for each in (*base, *head)) else None


def _judge(question: Question, plan: Plan) -> Judgement:
    _check(question)
    pairs = min(len(question.base), len(question.head))
    if ground := unusable(question.base, question.head):
        return Judgement(Call.INVALID, ground, pairs)
    if pairs < 2:
        ratio = question.head[0] / question.base[0] if pairs else None
        return Judgement(Call.INCONCLUSIVE, Ground.TOO_FEW, pairs, ratio=ratio, more=plan.looks[0])
    return _looked_at(question, plan, pairs)


def _looked_at(question: Question, plan: Plan, pairs: int) -> Judgement:
    mean, spread = mean_and_spread(log_ratios(question.base, question.head, question.direction))
    error, looks = spread / math.sqrt(pairs), len(plan.looks)
    lower = mean - t_limit(plan.fail_error / looks, pairs - 1) * error
    upper = mean + t_limit(plan.pass_error / looks, pairs - 1) * error
    call, ground = _call(lower, upper, question)
    is_look = pairs >= plan.looks[0]
    if not is_look:
        call, ground = Call.INCONCLUSIVE, Ground.TOO_FEW
    ends = (mean, lower, upper) if question.direction is Direction.LOWER else (-mean, -upper, -lower)
    ratio, low, high = map(_exp, ends)
    return Judgement(
        call,
        ground,
        pairs,
        ratio=ratio,
        low=low,
        high=high,
        spread=spread,
        p_value=min(1.0, looks * _p_value(mean, error, pairs, question.floor)) if is_look else 1.0,
        more=plan.next_look(pairs) if call is Call.INCONCLUSIVE else None,
        is_too_good=is_look and upper < -math.log1p(SUSPICIOUS),
    )


def _call(lower: float, upper: float, question: Question) -> tuple[Call, Ground]:
    if upper < math.log1p(question.margin) - _ROUNDING:
        return Call.PASS, Ground.WITHIN_MARGIN
    if lower > math.log1p(question.floor) + _ROUNDING:
        return Call.REGRESS, Ground.WORSE
    return Call.INCONCLUSIVE, Ground.UNCLEAR


def _p_value(mean: float, error: float, pairs: int, floor: float) -> float:
    excess = mean - math.log1p(floor)
    if error == 0.0:
        return 0.0 if excess > _ROUNDING else 1.0
    return t_tail(excess / error, pairs - 1)


def _corrected(judgement: Judgement, adjusted: float, plan: Plan) -> Judgement:
    """Take a regression back that may be chance among so many metrics; it is not a pass for that."""
    if judgement.call is not Call.REGRESS or adjusted <= plan.fail_error:
        return judgement
    return replace(judgement, call=Call.INCONCLUSIVE, ground=Ground.BY_CHANCE, more=plan.next_look(judgement.pairs))


def _check(question: Question) -> None:
    if not (0 < question.margin < math.inf and 0 <= question.floor < math.inf):
        raise ValueError("the margin must be above zero, the floor not below, and both finite")


def _log_ratio(base: float, head: float) -> float:
    """Return log(head / base), exactly the negative when the two change places."""
    if head < base:
        return -_log_ratio(head, base)
    ratio = head / base
    return math.log(ratio) if ratio < math.inf else math.log(head) - math.log(base)


def _exp(value: float) -> float:
    return math.exp(min(value, MAX_EXPONENT))
