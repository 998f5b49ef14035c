"""Launches, evidence and verdicts for the tests of the benchmark gate."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.config.benchmark import Benchmark
from bot.model.samples import Direction, Field, Launch, Metric, Reading, Samples, Side
from bot.model.subjects import Subject
from bot.model.trust import Trust
from bot.policies.benchmark.evidence import BenchmarkEvidence, Measured

HEAD, BASE = "a" * 40, "b" * 40
SUBJECT = Subject(1296269, 7)
MACHINE = {"machine": "gpu-3", "gpu_count": "8", "driver": "580.65", "dtype": "bf16"}
TIME = Metric("time", "ms", Direction.LOWER)

#: Log ratios of a quiet machine, their mean zero.
NOISE = [0.01 * each for each in (0.9, -0.6, 0.4, -0.8, 0.7, -0.6)]


def launch(side: Side | None, environment: Mapping[str, str] = MACHINE, **medians: float) -> Launch:
    """Return a launch of one side with these medians."""
    commit = {Side.HEAD: HEAD, Side.BASE: BASE, None: None}[side]
    readings = tuple(Reading(name, value, 5) for name, value in medians.items())
    fields = tuple(Field(name, value) for name, value in environment.items())
    return Launch(side, readings, commit, is_dirty=False, environment=fields)


def in_turn(slowdown: float = 0.0, pairs: int = 6, noise: float = 1.0, name: str = "time") -> list[Launch]:
    """Return launches in turn, head slower by this; who goes first alternates."""
    found: list[Launch] = []
    for number in range(pairs):
        wobble = math.exp(noise * NOISE[number % 6])
        base = launch(Side.BASE, MACHINE, **{name: 10.0 + number})
        head = launch(Side.HEAD, MACHINE, **{name: (10.0 + number) * (1 + slowdown) * wobble})
        found += [base, head] if number % 2 == 0 else [head, base]
    return found


def samples(launches: Sequence[Launch] | None = None, *metrics: Metric, is_one_run: bool = False) -> Samples:
    """Return a report of these launches."""
    return Samples("reeve", metrics or (TIME,), tuple(in_turn() if launches is None else launches), is_one_run)


def changed(launches: Sequence[Launch], at: int, **change: object) -> list[Launch]:
    """Return the launches, one of them different in something."""
    return [replace(each, **change) if place == at else each for place, each in enumerate(launches)]  # type: ignore[arg-type]


def measured(report: Samples | None = None, trust: Trust = Trust.REPORTED) -> Measured:
    """Return a measurement."""
    return Measured(report or samples(), trust, run_id=1)


def evidence(**change: object) -> BenchmarkEvidence:
    """Return the evidence of a change to the source; nothing else is there unless it is given."""
    return replace(BenchmarkEvidence(SUBJECT, HEAD, ("src/engine.py",)), **change)  # type: ignore[arg-type]


RULES = Benchmark()
