"""How often our decision rule and others' are wrong, in the eight noise scenarios of the shared simulation.

The simulation (`tools/sim_rules.py`, beside the checkout or where REEVE_SHARED_TOOLS says) draws the launches and holds
the other rules; ours is the one that the gate uses, on pairs that it looks at after 6, 12 and 20 of them. Needs scipy.
"""

import argparse
import importlib.util
import os
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from scipy import stats  # type: ignore[import-untyped]  # no stubs: it is the oracle

from benchmarks import aims, machine
from bot.model.samples import Direction
from bot.policies.benchmark.rule import PLAN, Call, Question, judge, judge_all
from bot.statistics import t_limit

EFFECTS = (0.0, 0.02, 0.05, 0.10)

#: How many metrics a suite has, where several are judged together.
SUITE = 12

Drawn = Any  # an array of numpy's: runs x launches x samples
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Share:
    """Of so many runs, the share that came out so, and how many pairs were needed on average."""

    passed: float
    regressed: float
    pairs: float


#: By rule, scenario and true effect.
Found = dict[str, dict[str, dict[float, Share]]]


def simulation() -> ModuleType:
    """Load the shared simulation by its path; it is not part of this repository."""
    beside = Path(__file__).resolve().parents[1].parent / "shared" / "tools"
    path = Path(os.environ.get("REEVE_SHARED_TOOLS", beside)) / "sim_rules.py"
    spec = importlib.util.spec_from_file_location("sim_rules", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise SystemExit(f"no simulation at {path}: set REEVE_SHARED_TOOLS to the folder that has sim_rules.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def ours(base: Drawn, head: Drawn) -> Share:
    """Look at the pairs of each run after 6, 12 and 20, until there is a verdict."""
    found = [_look(b, h) for b, h in zip(np.median(base, 2).tolist(), np.median(head, 2).tolist(), strict=True)]
    calls = [call for call, _ in found]
    return Share(_share(calls, Call.PASS), _share(calls, Call.REGRESS), sum(used for _, used in found) / len(found))


def _look(base: list[float], head: list[float]) -> tuple[Call, int]:
    for pairs in PLAN.looks:
        call = judge(base[:pairs], head[:pairs], direction=Direction.LOWER).call
        if call is not Call.INCONCLUSIVE:
            return call, pairs
    return Call.INCONCLUSIVE, PLAN.looks[-1]


def _share(calls: list[Call], call: Call) -> float:
    return sum(each is call for each in calls) / len(calls)


def others(sim: ModuleType, chance: Any, scenario: dict[str, float], effect: float, runs: int) -> dict[str, Share]:  # noqa: ANN401
    """Let the usual rules judge the same scenario, each on what it is commonly given."""
    history = sim.history(chance, runs, 30, 10, scenario)
    new = sim.history(chance, runs, 1, 10, scenario)[:, 0] * (1 + effect)
    base, head = sim.draw(chance, runs, 1, 10, scenario, effect, "seq")
    found = {
        "github-action-benchmark, 105 %": sim.r_threshold(history, new, 1.05),
        "github-action-benchmark, 200 % (its default)": sim.r_threshold(history, new, 2.0),
        "Bencher, t test .99 on 30 runs": sim.r_bencher_t(history, new, 0.99),
        "rustc-perf, Q3 + 3 IQR on 30 runs": sim.r_rustc(history, new),
        "benchstat, Mann-Whitney .05, one launch each": sim.r_mwu(base, head, 0.05),
    }
    return {
        name: Share(float((calls == sim.PASS).mean()), float((calls == sim.REG).mean()), 0.0)
        for name, calls in found.items()
    }


def simulate(sim: ModuleType, runs: int, seed: int) -> Found:
    """Return the shares by rule, scenario and true effect."""
    found: Found = {}
    for place, (name, scenario) in enumerate(sim.SCEN.items()):
        for effect in EFFECTS:
            chance = np.random.default_rng([seed, place, int(effect * 1000)])
            drawn = sim.draw(chance, runs, PLAN.looks[-1], 5, scenario, effect, "ilv")
            shares = {"Reeve": ours(*drawn), **others(sim, chance, scenario, effect, runs)}
            for rule, share in shares.items():
                found.setdefault(rule, {}).setdefault(name, {})[effect] = share
    return found


def suite_alarms(sim: ModuleType, runs: int, seed: int) -> dict[str, float]:
    """Return how often a suite of unchanged metrics is called slower at all, with Holm's correction, by scenario."""
    found = {}
    for place, (name, scenario) in enumerate(sim.SCEN.items()):
        chance = np.random.default_rng([seed, place, 99])
        base, head = sim.draw(chance, runs * SUITE, PLAN.looks[-1], 5, scenario, 0.0, "ilv")
        medians = [np.median(each, 2).reshape(runs, SUITE, -1).tolist() for each in (base, head)]
        found[name] = sum(_is_alarmed(*both) for both in zip(*medians, strict=True)) / runs
    return found


def _is_alarmed(base: list[list[float]], head: list[list[float]]) -> bool:
    """Say whether any metric of a suite is called slower at any look; those that have a verdict are not asked again."""
    still = list(range(len(base)))
    for pairs in PLAN.looks:
        questions = [Question(base[n][:pairs], head[n][:pairs], Direction.LOWER) for n in still]
        calls = [each.call for each in judge_all(questions)]
        if Call.REGRESS in calls:
            return True
        still = [n for n, call in zip(still, calls, strict=True) if call is Call.INCONCLUSIVE]
    return False


def limit_error() -> float:
    """Return the largest difference of our t limits from scipy's, for 2 to 100 pairs and every error that is used."""
    alphas = [PLAN.pass_error / 3, PLAN.fail_error / 3, *(PLAN.fail_error / 3 / n for n in (2, 5, 12, 50)), 0.05, 0.01]
    return max(abs(t_limit(alpha, df) - float(stats.t.isf(alpha, df))) for alpha in alphas for df in range(1, 100))


def judgements_per_second(count: int = 20_000) -> float:
    """Return how many metrics of 20 pairs are judged in a second of CPU."""
    chance = random.Random(7)
    base = [chance.gauss(100, 3) for _ in range(20)]
    head = [chance.gauss(100, 3) for _ in range(20)]
    started = time.process_time()
    for _ in range(count):
        judge(base, head, direction=Direction.LOWER)
    return count / (time.process_time() - started)


def _table(found: Found, title: str, cell: Callable[[dict[float, Share]], str]) -> str:
    scenarios = list(next(iter(found.values())))
    lines = [f"**{title}**", "", f"| rule | {' | '.join(scenarios)} |", "|---" * (len(scenarios) + 1) + "|"]
    for rule, by_scenario in found.items():
        lines.append(f"| {rule} | {' | '.join(cell(by_scenario[name]) for name in scenarios)} |")
    return "\n".join(lines)


def _percent(share: float) -> str:
    return f"{share * 100:.1f}"


def _aims(found: Found, alarms: dict[str, float]) -> list[aims.Aim]:
    mine = found["Reeve"].values()
    alarm, silent = max(each[0.0].regressed for each in mine), max(each[0.05].passed for each in mine)
    caught, suite = min(each[0.10].regressed for each in mine), max(alarms.values())
    return [
        aims.at_most("false alarms per metric, worst scenario", alarm * 100, 0.5, " %", 2),
        aims.at_most("a true +5 % passed silently, worst scenario", silent * 100, 5, " %", 2),
        aims.at_least("a true +10 % caught, worst scenario", caught * 100, 95, " %"),
        aims.at_most(f"false alarms per suite of {SUITE} metrics, worst scenario", suite * 100, 3, " %", 2),
        aims.at_most("largest difference of a t limit from scipy's, in billionths", limit_error() * 1e9, 1, "", 4),
    ]


def benchmark(arguments: list[str]) -> int:
    """Run the simulation, print the tables and keep them; the status says whether an aim was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks rules")
    parser.add_argument("--runs", type=int, default=4000)
    parser.add_argument("--suites", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args(arguments)
    sim = simulation()
    found = simulate(sim, chosen.runs, chosen.seed)
    alarms = suite_alarms(sim, chosen.suites, chosen.seed)
    missed = _aims(found, alarms)
    aims.keep("rules", text=_text(found, alarms), aims=missed, rows=_rows(found, alarms), about=_about(chosen))
    return 0 if all(aim.is_met for aim in missed) else 1


def _text(found: Found, alarms: dict[str, float]) -> str:
    tables = [
        _table(found, "True effect 0: % called slower (false alarms)", lambda e: _percent(e[0.0].regressed)),
        _table(found, "True effect +2 %: % called slower", lambda e: _percent(e[0.02].regressed)),
        _table(found, "True effect +5 %, the margin: % passed silently", lambda e: _percent(e[0.05].passed)),
        _table(found, "True effect +5 %: % called slower", lambda e: _percent(e[0.05].regressed)),
        _table(found, "True effect +10 %: % caught", lambda e: _percent(e[0.10].regressed)),
    ]
    mine = {"Reeve": found["Reeve"]}
    tables += [
        _table(mine, "Not clear after 20 pairs, %, at 0 / +5 / +10 %", _unclear),
        _table(mine, "Pairs needed on average, at 0 / +5 / +10 %", _pairs),
    ]
    line = ", ".join(f"{name} {_percent(share)}" for name, share in alarms.items())
    rate = f"{judgements_per_second():,.0f} judgements of 20 pairs in a second of CPU."
    return "\n\n".join(
        [*tables, f"**A suite of {SUITE} unchanged metrics, with Holm: % with any alarm**: {line}", rate]
    )


def _unclear(by_effect: dict[float, Share]) -> str:
    return " / ".join(_percent(1 - by_effect[e].passed - by_effect[e].regressed) for e in (0.0, 0.05, 0.10))


def _pairs(by_effect: dict[float, Share]) -> str:
    return " / ".join(f"{by_effect[e].pairs:.1f}" for e in (0.0, 0.05, 0.10))


def _rows(found: Found, alarms: dict[str, float]) -> list[Row]:
    rows: list[Row] = [
        {"rule": rule, "scenario": name, "effect": effect, "passed": share.passed, "regressed": share.regressed,
         "pairs": share.pairs}
        for rule, by_scenario in found.items()
        for name, by_effect in by_scenario.items()
        for effect, share in by_effect.items()
    ]  # fmt: skip
    return [*rows, *({"suite": SUITE, "scenario": name, "any alarm": share} for name, share in alarms.items())]


def _about(chosen: argparse.Namespace) -> dict[str, str]:
    described = machine.describe()
    kept = {name: described[name] for name in ("processor", "system", "python", "load average")}
    noise = f"{chosen.runs} runs a cell, {chosen.suites} suites, seed {chosen.seed}, 20 pairs of 5 samples at most"
    return {"command": "python -m benchmarks rules", "simulation": noise, **kept}


if __name__ == "__main__":
    sys.exit(benchmark(sys.argv[1:]))
