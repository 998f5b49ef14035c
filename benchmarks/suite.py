"""The release gate against noise: launches of identical code recorded here, replayed as 200 gates, and a slower build.

The smoke profile is run once with the same build on both sides. A gate that is replayed sees the recorded pairs of
launches in another order, and in each of them the sides may have changed places: identical code could have given that
as well. No pair is drawn twice, for no real gate sees one launch twice. It is judged by what judges a release
(`bot.policies.release.suite`), once as the smoke profile is, and once scaled to the spread of a graphics processor
(3 %) as the release profile is. Other rules in use judge the same replays: a stored baseline with 2, 5 and 10 % of
slack, and the best of eleven tries.
"""

import argparse
import math
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from benchmarks import aims, machine
from bot.policies.release.suite import Expectation, Outcome, conclude
from bot.reports.tensor_parallel import Case, Document, Launch

Row = dict[str, Any]

Pair = tuple[float, float]

#: Pairs to look at, as the gate does.
LOOKS = (6, 12, 20)


@dataclass(frozen=True, slots=True)
class Noise:
    """How launches vary: a name, the profile as which they are judged, and the spread to scale to, if any."""

    name: str
    profile: str
    spread: float | None = None


#: Of one launch's median, on a graphics processor that nobody else uses: a standard deviation of 3 %.
GPU = Noise("scaled to 3 %", "release", 0.03)
HERE = Noise("this machine", "smoke")

#: What is planted makes one case slower, drawn anew for each gate. On a CPU only what is clearly slower counts.
PLANTED = ((HERE, 0.0), (HERE, 1.0), (GPU, 0.0), (GPU, 0.10))


def benchmark(arguments: list[str]) -> int:
    """Run it; write the report."""
    parser = argparse.ArgumentParser(prog="benchmarks.suite", description=__doc__)
    parser.add_argument("--gates", type=int, default=200)
    options = parser.parse_args(arguments)
    about = machine.describe()
    smoke = _smoke()
    document = _recorded(LOOKS[-1])
    generator = random.Random(1)
    rows = [_replayed(document, noise, change, options.gates, generator) for noise, change in PLANTED]
    aims.keep("suite", text=_text(rows, smoke), aims=_aims(rows, smoke), rows=rows, about=about)
    return 0


@dataclass(frozen=True, slots=True)
class Smoke:
    """What the smoke profile took: by the clock, and of the processor, in seconds."""

    seconds: float
    cpu: float


def _smoke() -> Smoke:
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    _recorded(LOOKS[0])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Smoke(time.monotonic() - began, cpu)


def _recorded(pairs: int) -> Document:
    from bot.bench import suite  # noqa: PLC0415  it needs the extra `bench`
    from bot.bench.cases import PROFILES  # noqa: PLC0415

    build = suite.Build(sys.executable, "reeve", "same")
    profile = replace(PROFILES["smoke"], pairs=pairs)
    return suite.run(profile, head=build, base=build, nonce="", run_id="", progress=_silent)


def _silent(text: str, done: int, total: int) -> None:
    """Show nothing."""


def _noise(case: Case) -> list[Pair]:
    """Return the log of each pair's medians, base and head, around the case's own mean."""
    medians = {(each.side, each.pair): math.log(statistics.median(each.samples)) for each in case.launches}
    pairs = sorted({pair for _, pair in medians})
    mean = statistics.fmean(medians.values())
    return [(medians["base", pair] - mean, medians["head", pair] - mean) for pair in pairs]


def _replayed(document: Document, noise: Noise, change: float, gates: int, generator: random.Random) -> Row:
    """Replay gates over the whole suite, and count how many call it slower."""
    timed = [case for case in document.cases if case.launches]
    pools = [_scaled(_noise(case), noise.spread) for case in timed]
    counts = dict.fromkeys(RULES, 0)
    called = 0
    for _ in range(gates):
        suites = _suites(pools, change, generator)
        called += _ours(document, timed, suites, noise.profile)
        for rule, judged in RULES.items():
            counts[rule] += judged(suites)
    others = {rule: count / gates for rule, count in counts.items()}
    return {"noise": noise.name, "change": change, "gates": gates, "reeve": called / gates, **others}


def _scaled(pool: list[Pair], scale: float | None) -> list[Pair]:
    if scale is None:
        return pool
    spread = statistics.pstdev([value for pair in pool for value in pair]) or 1.0
    return [(base * scale / spread, head * scale / spread) for base, head in pool]


def _suites(pools: Sequence[Sequence[Pair]], change: float, generator: random.Random) -> list[list[Pair]]:
    """Return every case's pairs in one new order, the same for all, for what disturbed one disturbed its neighbours."""
    turned = [(place, generator.random() < 0.5) for place in generator.sample(range(LOOKS[-1]), LOOKS[-1])]
    slow = generator.randrange(len(pools))
    return [
        [_times(pool[place], change if number == slow else 0.0, is_turned=turn) for place, turn in turned]
        for number, pool in enumerate(pools)
    ]


def _times(pair: Pair, change: float, *, is_turned: bool) -> Pair:
    base, head = pair[::-1] if is_turned else pair
    return math.exp(base), math.exp(head) * (1 + change)


def _ours(document: Document, timed: Sequence[Case], suites: Sequence[Sequence[Pair]], profile: str) -> bool:
    """Say whether the gate calls the suite slower, after as many pairs as it asks for."""
    expected = Expectation(head="same", base="same", nonce="", profile=profile)
    for look in LOOKS:
        cases = [
            msgspec.structs.replace(case, launches=_launches(pairs[:look]))
            for case, pairs in zip(timed, suites, strict=True)
        ]
        seen = msgspec.structs.replace(document, cases=tuple(cases), profile=profile)
        match conclude(seen, expected).outcome:
            case Outcome.INCONCLUSIVE:
                continue
            case outcome:
                return outcome is Outcome.REGRESS
    return False


def _launches(pairs: Sequence[Pair]) -> tuple[Launch, ...]:
    base = [Launch(side="base", pair=number, samples=(time,)) for number, (time, _) in enumerate(pairs)]
    head = [Launch(side="head", pair=number, samples=(time,)) for number, (_, time) in enumerate(pairs)]
    return (*base, *head)


def _stored(slack: float) -> Callable[[Sequence[Sequence[Pair]]], bool]:
    """Return the usual rule: one run against a number stored before, with some slack."""
    return lambda suites: any(pairs[0][1] > pairs[1][0] * (1 + slack) for pairs in suites)


def _best_of_eleven(suites: Sequence[Sequence[Pair]]) -> bool:
    """Say whether no one of eleven tries is within 2 % of the stored number."""
    return any(min(head for _, head in pairs[1:12]) > pairs[0][0] * 1.02 for pairs in suites)


RULES: dict[str, Callable[[Sequence[Sequence[Pair]]], bool]] = {
    "stored + 2 %": _stored(0.02),
    "stored + 5 %": _stored(0.05),
    "stored + 10 %": _stored(0.10),
    "best of 11, + 2 %": _best_of_eleven,
}


def _aims(rows: list[Row], smoke: Smoke) -> list[aims.Aim]:
    found = {(row["noise"], row["change"]): row["reeve"] for row in rows}
    gates = rows[0]["gates"]
    alarms = [
        aims.at_most(f"false alarms in {gates} gates, {noise.name}", found[noise.name, 0.0] * gates, 0, digits=0)
        for noise in (HERE, GPU)
    ]
    return [
        *alarms,
        aims.at_least("10 % planted in one case found, scaled to 3 %", found[GPU.name, 0.10] * 100, 95, " %", 1),
        aims.at_most("smoke profile", smoke.seconds, 60, " s", 0),
    ]


def _text(rows: list[Row], smoke: Smoke) -> str:
    heads = ["noise", "change", "reeve", *RULES]
    lines = [
        "| " + " | ".join([row["noise"], f"{row['change']:+.0%}", *(f"{row[rule]:.1%}" for rule in heads[2:])]) + " |"
        for row in rows
    ]
    table = "\n".join(["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|", *lines])
    took = f"The smoke profile took {smoke.seconds:.0f} s, and {smoke.cpu:.0f} s of CPU time."
    return f"{took} How many gates call the suite slower, where one case is by so much:\n\n{table}"
