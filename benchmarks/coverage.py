"""How much a large coverage report costs: `reeve gate coverage` beside diff-cover, and beside `json.loads`.

Five thousand files, a million lines, a small and a large diff, made by the shared `tools/gen_coverage.py`, which also
works out the right answer; ours has to be it. Each command is a process of its own and takes its turn in every round;
counted are its CPU seconds, children included, and the largest resident memory that any one of its processes had.
"""

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks import aims, machine

#: The diffs: files and added lines.
DIFFS = {"2,000 lines": (50, 2_000), "60,000 lines": (1_000, 60_000)}

_BIN = Path(sys.executable).parent
_DIFF_COVER = ["--diff-file", "change.diff", "--format", "json:diff-cover.json", "--total-percent-float", "-q"]
_OURS = ["--diff", "change.diff", "--json"]
_LOADS = "import json; json.loads(open('coverage.json', encoding='utf-8').read())"

#: A process begins with the memory of the one that starts it, so a small one does. It says what was used last of all.
_LAUNCHER = """
import json, os, sys
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, used = os.wait4(pid, 0)
print(json.dumps([os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""

Row = dict[str, Any]


@dataclass(frozen=True)
class Contestant:
    """One command on one report, run in the folder of the data."""

    name: str
    format: str
    command: tuple[str | Path, ...]

    @property
    def is_ours(self) -> bool:
        """Whether it is Reeve's."""
        return self.name == "reeve"


CONTESTANTS = (
    *(
        Contestant("reeve", kind, (_BIN / "reeve", "gate", "coverage", f"coverage.{kind}", *_OURS))
        for kind in ("xml", "lcov", "json")
    ),
    *(
        Contestant("diff-cover", kind, (_BIN / "diff-cover", f"coverage.{kind}", *_DIFF_COVER))
        for kind in ("xml", "lcov")
    ),
    Contestant("json.loads", "json", (sys.executable, "-c", _LOADS)),
)


def benchmark(arguments: list[str]) -> int:
    """Make the data, run everybody, and write the report."""
    parser = argparse.ArgumentParser(prog="benchmarks.coverage", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args(arguments)
    about, rows = machine.describe(), []
    for name, (files, lines) in DIFFS.items():
        folder = _made(files, lines)
        truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
        rows += [
            {"diff": name, "round": number, **_run(each, folder, truth)}
            for number in range(options.rounds)
            for each in CONTESTANTS
        ]
    about |= {"diff-cover": _version("diff-cover")}
    aims.keep("coverage", text=_text(rows), aims=_aims(rows), rows=rows, about=about)
    return 0


def _made(files: int, lines: int) -> Path:
    """Return the folder with the data for one diff, made once."""
    folder = machine.WORK / f"coverage-{lines}"
    if not (folder / "truth.json").exists():
        tool = machine.ROOT.parent / "shared" / "tools" / "gen_coverage.py"
        size = ["--diff-files", str(files), "--diff-lines", str(lines)]
        subprocess.run([sys.executable, tool, "--out", folder, "--mkrepo", *size], check=True, capture_output=True)
    return folder


def _run(contestant: Contestant, folder: Path, truth: Row) -> Row:
    launch = [sys.executable, "-I", "-S", "-c", _LAUNCHER, *contestant.command]
    done = subprocess.run(launch, cwd=folder, capture_output=True, check=True)
    output, _, used = done.stdout.rstrip(b"\n").rpartition(b"\n")
    status, cpu, rss = json.loads(used)
    if contestant.is_ours:
        _check(json.loads(output), truth)
    elif status:
        raise RuntimeError(f"{contestant.name} failed on {contestant.format}")
    row = {"name": contestant.name, "format": contestant.format, "cpu_s": cpu, "rss_mib": rss / 1024}
    print(row, flush=True)
    return row


def _check(said: Row, truth: Row) -> None:
    """Compare our answer with the right one, line by line; the new files that no report mentions count too."""
    uncovered = {path: lines for path, lines in said["uncovered"].items() if "/fresh" not in path}
    is_right = (
        said["project"] == {"covered": truth["project"]["hit"], "total": truth["project"]["lines"]}
        and said["patch"] == {"covered": truth["covered"], "total": truth["measurable"] + truth["unmentioned_lines"]}
        and uncovered == {path: lines for path, lines in truth["uncovered_lines"].items() if lines}
    )
    if not is_right:
        raise RuntimeError("the answer is wrong")


def _median(rows: Sequence[Row], diff: str, name: str, kind: str, what: str) -> float:
    return statistics.median(float(r[what]) for r in rows if (r["diff"], r["name"], r["format"]) == (diff, name, kind))


def _ratio(rows: Sequence[Row], diff: str, peer: str, kind: str, what: str) -> float:
    return _median(rows, diff, "reeve", kind, what) / _median(rows, diff, peer, kind, what)


def _aims(rows: Sequence[Row]) -> list[aims.Aim]:
    found = []
    for diff in DIFFS:
        found += [
            aims.at_most(
                f"Cobertura, {diff}: CPU, ours / diff-cover",
                _ratio(rows, diff, "diff-cover", "xml", "cpu_s"),
                1 / 3,
                digits=3,
            ),
            aims.at_most(
                f"Cobertura, {diff}: memory, ours / diff-cover",
                _ratio(rows, diff, "diff-cover", "xml", "rss_mib"),
                0.1,
                digits=3,
            ),
            aims.at_most(
                f"LCOV, {diff}: CPU, ours / diff-cover",
                _ratio(rows, diff, "diff-cover", "lcov", "cpu_s"),
                0.5,
                digits=3,
            ),
            aims.at_most(f"LCOV, {diff}: memory", _median(rows, diff, "reeve", "lcov", "rss_mib"), 32, " MiB"),
            aims.at_most(
                f"coverage.py JSON, {diff}: CPU, ours / json.loads",
                _ratio(rows, diff, "json.loads", "json", "cpu_s"),
                1.5,
                digits=3,
            ),
            aims.at_most(
                f"coverage.py JSON, {diff}: memory", _median(rows, diff, "reeve", "json", "rss_mib"), 64, " MiB"
            ),
        ]
    return found


def _text(rows: Sequence[Row]) -> str:
    lines = ["| report | diff | command | CPU s | peak MiB |", "|---|---|---|---|---|"]
    for diff in DIFFS:
        for each in sorted(CONTESTANTS, key=lambda each: each.format):
            cpu, rss = (_median(rows, diff, each.name, each.format, what) for what in ("cpu_s", "rss_mib"))
            lines.append(f"| {each.format} | {diff} | {each.name} | {cpu:.2f} | {rss:.0f} |")
    rounds = len({row["round"] for row in rows})
    return "\n".join(
        [*lines, "", f"Medians of {rounds} rounds. Ours was the right answer in every round, line by line."]
    )


def _version(package: str) -> str:
    return metadata.version(package)


if __name__ == "__main__":
    sys.exit(benchmark(sys.argv[1:]))
