"""The rule in noise, on a small scale and always the same: `python -m benchmarks rules` measures it on a large one."""

import math
import random
from collections.abc import Callable

import pytest

from bot.model.samples import Direction
from bot.policies.benchmark.rule import PLAN, Call, judge

RUNS = 300

Launch = Callable[[random.Random, float], float]


def quiet(chance: random.Random, _: float) -> float:
    """Return the log of a launch's median: 2 % from launch to launch."""
    return chance.gauss(0, 0.02)


def bimodal(chance: random.Random, _: float) -> float:
    """Return one of two modes, 6 % apart."""
    return chance.gauss(0, 0.01) + (0.06 if chance.random() < 0.3 else 0)


def drifting(chance: random.Random, place: float) -> float:
    """Return a machine that slows down by 4 % over the session."""
    return chance.gauss(0, 0.012) + 0.04 * place


def session(chance: random.Random, launch: Launch, effect: float) -> tuple[list[float], list[float]]:
    """Return twenty pairs of base and head, who goes first alternating."""
    base, head = [], []
    for number in range(20):
        first, second = (2 * number) / 39, (2 * number + 1) / 39
        at_base, at_head = (first, second) if number % 2 == 0 else (second, first)
        base.append(math.exp(launch(chance, at_base)))
        head.append(math.exp(launch(chance, at_head)) * (1 + effect))
    return base, head


def called(launch: Launch, effect: float, call: Call) -> int:
    """Count how many sessions end with this call, looked at as the plan says."""
    chance = random.Random(20261124)  # noqa: S311  noise, not a secret
    found = 0
    for _ in range(RUNS):
        base, head = session(chance, launch, effect)
        looks = (judge(base[:n], head[:n], direction=Direction.LOWER).call for n in PLAN.looks)
        found += next((each for each in looks if each is not Call.INCONCLUSIVE), Call.INCONCLUSIVE) is call
    return found


@pytest.mark.parametrize("launch", [quiet, bimodal, drifting])
def test_the_same_program_is_called_slower_in_hardly_any_session(launch: Launch) -> None:
    assert called(launch, 0.0, Call.REGRESS) <= RUNS * 0.01


@pytest.mark.parametrize("launch", [quiet, bimodal, drifting])
def test_a_tenth_slower_is_caught_and_never_passed(launch: Launch) -> None:
    assert called(launch, 0.10, Call.REGRESS) >= RUNS * 0.95
    assert called(launch, 0.10, Call.PASS) == 0


@pytest.mark.parametrize("launch", [quiet, bimodal, drifting])
def test_five_percent_slower_is_seldom_passed(launch: Launch) -> None:
    """The rule allows 5 %; three hundred sessions tell that to within 2.5."""
    assert called(launch, 0.05, Call.PASS) <= RUNS * 0.075
