"""What does the classifier cost? Its file, how long it takes to load and in how much memory, and how fast it reads.

Each figure comes from a process of its own on one core, over issues as they were really filed; the median of the runs.
The issues are those of the shared data folder (`REEVE_SHARED_DATA`), or else those that were written for training.
"""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks import aims, machine
from bot import resources

RUNS = 5
ISSUES = 1000

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("REEVE_SHARED_DATA", ROOT.parent / "shared" / "data")) / "triage" / "nlbse24_train.jsonl"
WRITTEN = ROOT / "training" / "written.jsonl"

_CHILD = """
import json, resource, sys, time
from bot import resources
from bot.classifier import builtin, features, linear, text
rows = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")][: int(sys.argv[2])]
def held():
    return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize()
before, start = held(), time.perf_counter()
classifier = builtin.BuiltIn(linear.Linear.from_bytes(resources.weights()))
loaded = time.perf_counter() - start
classifier.classify("warm", "up")
first = time.perf_counter() - start
taken = []
for row in rows:
    start = time.perf_counter()
    classifier.classify(row["title"], row["body"] or "")
    taken.append(time.perf_counter() - start)
print(json.dumps({"load": loaded, "first": first, "memory": held() - before, "taken": taken}))
"""


def benchmark(_: list[str]) -> int:
    """Measure, and keep the result."""
    data = SHARED if SHARED.is_file() else WRITTEN
    runs = [_run(data) for _ in range(RUNS)]
    figures = {
        "size": len(resources.weights()) / 1e6,
        "load": statistics.median(run["load"] for run in runs),
        "first": statistics.median(run["first"] for run in runs),
        "memory": statistics.median(run["memory"] for run in runs) / 1e6,
        "p50": statistics.median(_part(run, 0.5) for run in runs) * 1e3,
        "p95": statistics.median(_part(run, 0.95) for run in runs) * 1e3,
        "rate": statistics.median(len(run["taken"]) / sum(run["taken"]) for run in runs),
    }
    reached = [
        aims.at_most("the weights' file", figures["size"], 1, " MB", 2),
        aims.at_most("loaded in", figures["load"], 0.1, " s", 3),
        aims.at_most("memory for it, after 1,000 issues", figures["memory"], 20, " MB"),
        aims.at_most("an issue, 95th percentile", figures["p95"], 10, " ms"),
        aims.at_least("warm, on one core, issues a second", figures["rate"], 150, "", 0),
    ]
    text = (
        f"Half of the issues take {figures['p50']:.1f} ms at most. From the first byte of the file to the first answer:"
        f" {figures['first']:.2f} s, once in a process."
    )
    about = {
        **machine.describe(),
        "runs": f"{RUNS}, the median counts",
        "issues": f"{len(runs[0]['taken'])} of {data.name}",
    }
    aims.keep("classifier", text=text, aims=reached, rows=[figures], about=about)
    return 0 if all(aim.is_met for aim in reached) else 1


def _run(data: Path) -> dict[str, Any]:
    command = [sys.executable, "-c", _CHILD, str(data), str(ISSUES)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def _part(run: dict[str, Any], part: float) -> float:
    ranked: list[float] = sorted(run["taken"])
    return ranked[int(part * (len(ranked) - 1))]
