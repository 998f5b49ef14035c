"""What a runner can tell apart: base measured against itself, and the smallest margin that this allows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.config.benchmark import Benchmark
from bot.model.samples import Direction, Metric, Samples
from bot.policies.benchmark.comparison import medians
from bot.policies.benchmark.rule import (
    MARGIN,
    MAX_EXPONENT,
    PLAN,
    Call,
    Ground,
    Plan,
    judge,
    log_ratios,
    mean_and_spread,
)
from bot.statistics import t_limit

#: A margin below this many standard deviations of the log ratios would too seldom be passed by an unchanged program:
#: (2.29 + 1.28) / sqrt(20), for nine passes in ten after the last look.
LEAST_SPREADS = 0.8


class Trouble(StrEnum):
    """Why a runner may not judge with this margin."""

    TOO_FEW = "too-few"
    UNUSABLE = "unusable"
    TOO_NOISY = "too-noisy"
    TOO_WIDE = "too-wide"
    FALSE_ALARM = "false-alarm"


@dataclass(frozen=True, slots=True)
class Calibration:
    """What measuring the same build twice has shown.

    `spread` is the standard deviation of the log ratios, `half_width` what the interval reaches to either side, and
    `least_margin` the smallest margin that this runner can be trusted with.
    """

    pairs: int
    spread: float | None
    half_width: float | None
    least_margin: float | None
    troubles: tuple[Trouble, ...]

    @property
    def is_good(self) -> bool:
        """Whether the runner may judge with the margin that it was calibrated for."""
        return not self.troubles


def calibrate_all(samples: Samples, rules: Benchmark) -> dict[Metric, Calibration]:
    """Calibrate every metric of a report in which both sides are one build; empty where it cannot be judged."""
    found = {}
    for metric, (first, second) in medians(samples, rules).items():
        setting = rules.of(metric.name)
        margin = rules.margin if setting is None or setting.margin is None else setting.margin
        assert metric.better is not None  # a report with a metric without a direction cannot be judged
        found[metric] = calibrate(first, second, direction=metric.better, margin=float(margin) / 100)
    return found


def calibrate(
    first: Sequence[float],
    second: Sequence[float],
    *,
    direction: Direction,
    margin: float = MARGIN,
    plan: Plan = PLAN,
) -> Calibration:
    """Say what a runner can tell apart, by the launches of one build on both sides, `plan.looks[-1]` pairs of them."""
    found = judge(first, second, direction=direction, margin=margin, plan=plan)
    if found.call is Call.INVALID or found.spread is None:
        trouble = Trouble.TOO_FEW if found.ground is Ground.TOO_FEW else Trouble.UNUSABLE
        return Calibration(found.pairs, None, None, None, (trouble,))
    _, spread = mean_and_spread(log_ratios(first, second, Direction(direction)))
    limit = t_limit(plan.pass_error / len(plan.looks), found.pairs - 1)
    half_width = math.expm1(min(limit * spread / math.sqrt(found.pairs), MAX_EXPONENT))
    checks = {
        Trouble.TOO_FEW: found.pairs < plan.looks[-1],
        Trouble.TOO_NOISY: margin < LEAST_SPREADS * spread,
        Trouble.TOO_WIDE: half_width > margin,
        Trouble.FALSE_ALARM: found.call is Call.REGRESS,
    }
    troubles = tuple(trouble for trouble, is_there in checks.items() if is_there)
    return Calibration(found.pairs, spread, half_width, LEAST_SPREADS * spread, troubles)
