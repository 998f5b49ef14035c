"""`python -m benchmarks.own REPORT` times what Reeve does most, for the gate on our own pull requests.

One launch, as the body of `reeve-benchmark.yml` starts it for base and head in turns. The report has the form of
pytest-benchmark's, which stands for one launch with several metrics.
"""

import json
import platform
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

from bot.config import parse as parse_config
from bot.model.samples import Direction
from bot.policies.benchmark.rule import judge
from bot.policies.commands import parse as parse_commands
from bot.policies.language import detect
from bot.reports import coverage

SAMPLES = 15

#: A sample is about so long (seconds): far above what a clock can tell apart, far below what anybody would wait for.
LENGTH = 0.05

POLICY = (Path(__file__).parents[1] / ".github" / "reeve.yml").read_text(encoding="utf-8")
COMMENT = "Thanks for the report.\n\n/label +bug -question\n/kind bug\n\n```\n/hold\n```\n" + "> quoted\n" * 50
BODY = "加载分片的检查点时崩溃了，重试也没有用。The log says `KeyError: 'model.layers.0'` at step 3.\n" * 100
LCOV = b"".join(
    b"SF:bot/part_%d.py\n%send_of_record\n" % (part, b"".join(b"DA:%d,%d\n" % (n, n % 5) for n in range(1, 400)))
    for part in range(50)
)
DURATIONS = [1 + n / 1000 for n in range(20)]

WORK: Mapping[str, Callable[[], object]] = {
    "a policy file is read": lambda: parse_config(POLICY),
    "the commands of a comment are found": lambda: parse_commands(COMMENT),
    "the language of an issue is told": lambda: detect("A title", BODY),
    "a coverage report of 20,000 lines is read": lambda: coverage.parse([LCOV], name="coverage.lcov"),
    "a metric is judged": lambda: judge(DURATIONS, DURATIONS[::-1], direction=Direction.LOWER, margin=0.05),
}


def timed(work: Callable[[], object], *, samples: int, length: float) -> list[float]:
    """Return so many samples of the seconds that this work takes once, each over as many turns as fill the length."""
    work()
    began = time.perf_counter()
    work()
    turns = max(1, round(length / max(time.perf_counter() - began, 1e-9)))
    return [_sample(work, turns) for _ in range(samples)]


def _sample(work: Callable[[], object], turns: int) -> float:
    began = time.perf_counter()
    for _ in range(turns):
        work()
    return (time.perf_counter() - began) / turns


def report(*, samples: int = SAMPLES, length: float = LENGTH) -> dict[str, object]:
    """Return the report of one launch."""
    times = {name: timed(work, samples=samples, length=length) for name, work in WORK.items()}
    return {
        "machine_info": {"python_version": platform.python_version(), "release": platform.release()},
        "benchmarks": [
            {"fullname": name, "stats": {"data": data, "median": median(data), "rounds": samples}}
            for name, data in times.items()
        ],
    }


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(report()), encoding="utf-8")
