"""The release gate against noise: launches of identical code recorded here, replayed as 200 gates, and a planted 10 %.

The smoke profile is run once with the same build on both sides. Its log ratios, pair by pair, are what the noise of
this machine is; they are replayed as they are and scaled to the spread of a graphics processor (3 %). Other rules in
use judge the same replays: a stored baseline with 2, 5 and 10 % of slack, and the best of eleven tries.
"""

import argparse
import math
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from benchmarks import aims, machine
from bot.model.samples import Direction
from bot.policies.benchmark.rule import Call, Question, judge_all
from bot.reports.tensor_parallel import Case, Document

Row = dict[str, Any]

#: Standard deviation of one launch's median on a graphics processor that nobody else uses.
GPU_SPREAD = 0.03

#: Pairs to look at, as the gate does.
LOOKS = (6, 12, 20)


def benchmark(arguments: list[str]) -> int:
    """Run it; write the report."""
    parser = argparse.ArgumentParser(prog="benchmarks.suite", description=__doc__)
    parser.add_argument("--pairs", type=int, default=12)
    parser.add_argument("--gates", type=int, default=200)
    options = parser.parse_args(arguments)
    about = machine.describe()
    began = time.monotonic()
    smoke = _recorded(pairs=6)
    seconds = time.monotonic() - began
    document = smoke if options.pairs <= 6 else _recorded(options.pairs)
    noise = [each for case in document.cases if case.launches for each in [_noise(case)]]
    generator = random.Random(1)
    rows = [
        _replayed(name, noise, scale, change, options.gates, generator)
        for name, scale in (("this machine", None), ("scaled to 3 %", GPU_SPREAD))
        for change in (0.0, 0.10)
    ]
    aims.keep("suite", text=_text(rows, seconds), aims=_aims(rows, seconds), rows=rows, about=about)
    return 0


def _recorded(pairs: int) -> Document:
    from bot.bench import suite  # noqa: PLC0415  it needs the extra `bench`
    from bot.bench.cases import PROFILES  # noqa: PLC0415

    build = suite.Build(sys.executable, "reeve", "same")
    profile = replace(PROFILES["smoke"], pairs=pairs)
    return suite.run(profile, head=build, base=build, nonce="", run_id="", progress=_silent)


def _silent(text: str, done: int, total: int) -> None:
    """Show nothing."""


def _noise(case: Case) -> list[tuple[float, float]]:
    """Return the log of each pair's medians, base and head, around the case's own mean."""
    medians = {(each.side, each.pair): math.log(statistics.median(each.samples)) for each in case.launches}
    pairs = sorted({pair for _, pair in medians})
    mean = statistics.fmean(medians.values())
    return [(medians["base", pair] - mean, medians["head", pair] - mean) for pair in pairs]


def _replayed(
    name: str,
    noise: list[list[tuple[float, float]]],
    scale: float | None,
    change: float,
    gates: int,
    generator: random.Random,
) -> Row:
    """Replay gates over one suite each, and count how many call it slower."""
    pools = [_scaled(pool, scale) for pool in noise]
    counts = dict.fromkeys(RULES, 0)
    called = 0
    for _ in range(gates):
        suites = [[_pair(pool, change, generator) for _ in range(LOOKS[-1])] for pool in pools]
        called += _ours(suites)
        for rule, judged in RULES.items():
            counts[rule] += judged(suites)
    others = {rule: count / gates for rule, count in counts.items()}
    return {"noise": name, "change": change, "gates": gates, "reeve": called / gates, **others}


def _scaled(pool: list[tuple[float, float]], scale: float | None) -> list[tuple[float, float]]:
    if scale is None:
        return pool
    spread = statistics.pstdev([value for pair in pool for value in pair]) or 1.0
    return [(base * scale / spread, head * scale / spread) for base, head in pool]


def _pair(pool: list[tuple[float, float]], change: float, generator: random.Random) -> tuple[float, float]:
    """Draw a pair as it was recorded; which launch was base's is drawn too, as both ran the same code."""
    one, other = generator.choice(pool)
    base, head = (one, other) if generator.random() < 0.5 else (other, one)
    return math.exp(base), math.exp(head) * (1 + change)


def _ours(suites: Sequence[Sequence[tuple[float, float]]]) -> bool:
    """Say whether the gate calls any case of the suite a regression, after as many pairs as it asks for."""
    questions = [Question([b for b, _ in pairs[:6]], [h for _, h in pairs[:6]], Direction.LOWER) for pairs in suites]
    for look in LOOKS:
        questions = [
            Question([b for b, _ in pairs[:look]], [h for _, h in pairs[:look]], Direction.LOWER) for pairs in suites
        ]
        judged = judge_all(questions)
        if any(each.call is Call.REGRESS for each in judged):
            return True
        if all(each.call is Call.PASS for each in judged):
            return False
    return False


def _stored(slack: float) -> Callable[[Sequence[Sequence[tuple[float, float]]]], bool]:
    """Return the usual rule: one run against a number stored before, with some slack."""
    return lambda suites: any(pairs[0][1] > pairs[1][0] * (1 + slack) for pairs in suites)


def _best_of_eleven(suites: Sequence[Sequence[tuple[float, float]]]) -> bool:
    """Say whether no one of eleven tries is within 2 % of the stored number."""
    return any(min(head for _, head in pairs[1:12]) > pairs[0][0] * 1.02 for pairs in suites)


RULES: dict[str, Callable[[Sequence[Sequence[tuple[float, float]]]], bool]] = {
    "stored + 2 %": _stored(0.02),
    "stored + 5 %": _stored(0.05),
    "stored + 10 %": _stored(0.10),
    "best of 11, + 2 %": _best_of_eleven,
}


def _aims(rows: list[Row], seconds: float) -> list[aims.Aim]:
    by_case = {(row["noise"], row["change"]): row["reeve"] for row in rows}
    return [
        aims.at_most("false alarms in 200 gates, noise of this machine", by_case["this machine", 0.0] * 200, 0),
        aims.at_most("false alarms in 200 gates, scaled to 3 %", by_case["scaled to 3 %", 0.0] * 200, 0),
        aims.at_least("planted 10 % found, scaled to 3 %", by_case["scaled to 3 %", 0.10] * 100, 95, " %", 1),
        aims.at_most("smoke profile", seconds, 60, " s", 0),
    ]


def _text(rows: list[Row], seconds: float) -> str:
    heads = ["noise", "change", "reeve", *RULES]
    lines = [
        "| " + " | ".join([row["noise"], f"{row['change']:+.0%}", *(f"{row[rule]:.1%}" for rule in heads[2:])]) + " |"
        for row in rows
    ]
    table = "\n".join(["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|", *lines])
    return f"How many gates call the suite slower (smoke profile: {seconds:.0f} s):\n\n{table}"
