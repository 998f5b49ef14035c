"""What the stories of the gates share: pull requests, the reports that their workflows hand over, and what is seen."""

import json
from collections.abc import Mapping, Sequence

from bot.sandbox.building import Handed
from bot.sandbox.ci import WorkflowRun
from bot.sandbox.state import CheckRun
from tests.stories.conftest import Town

COVERAGE, BENCHMARK = ".github/workflows/reeve-coverage.yml", ".github/workflows/reeve-benchmark.yml"

#: No performance data is asked for: these stories are about coverage.
ONLY_COVERAGE = "version: 1\nbenchmark: {evidence: none}\n"

#: No file counts as source for coverage: these stories are about performance data.
ONLY_BENCHMARK = 'version: 1\ncoverage: {source: ["no/*.py"]}\n'

#: Twenty-five statements, one a line.
SOURCE = "".join(f"line_{n} = {n}\n" for n in range(1, 26))
TESTS = "def test_all():\n    import model.new\n"

Lines = tuple[Sequence[int], Sequence[int]]


def report(files: Mapping[str, Lines]) -> bytes:
    """Return a coverage.py JSON report of files with their executed and missing lines."""
    shown = {path: _file(executed, missing) for path, (executed, missing) in files.items()}
    covered = sum(len(executed) for executed, _ in files.values())
    missed = sum(len(missing) for _, missing in files.values())
    meta = {"format": 3, "version": "7.6.1", "timestamp": "2026-11-23T10:00:00", "branch_coverage": False}
    return json.dumps(
        {"meta": meta | {"show_contexts": False}, "files": shown, "totals": _sums(covered, missed)}
    ).encode()


def _file(executed: Sequence[int], missing: Sequence[int]) -> dict[str, object]:
    lines = {"executed_lines": list(executed), "missing_lines": list(missing), "excluded_lines": []}
    return lines | {"summary": _sums(len(executed), len(missing))}


def _sums(covered: int, missed: int) -> dict[str, object]:
    percent = 100 * covered / (covered + missed) if covered + missed else 100.0
    return {
        "covered_lines": covered,
        "num_statements": covered + missed,
        "percent_covered": percent,
        "percent_covered_display": str(round(percent)),
        "missing_lines": missed,
        "excluded_lines": 0,
    }


def reached(count: int) -> bytes:
    """Return a report in which the first so many of the twenty-five lines are covered."""
    lines = range(1, 26)
    return report({"model/new.py": (lines[:count], lines[count:]), "model/old.py": ([1], [])})


def opened(
    town: Town, *, body: str = "", files: Mapping[str, str] | None = None, fork: bool = False, **more: str
) -> int:
    """Let somebody open a pull request that adds the twenty-five lines, and everything follow."""
    changed = {"model/new.py": SOURCE} if files is None else dict(files)
    number = town.world.open_pull_request(
        more.get("title", "Add a module"), head=more.get("head", "feature"), files=changed, body=body, fork=fork
    )
    town.settle()
    return number


def artifact(town: Town, number: int, content: bytes, *, part: str = "unit", sha: str = "") -> Handed:
    """Return what the coverage workflow of a pull request hands over, for the merge that it tests."""
    tested = sha or town.world.merge_ref(number)
    return {f"reeve-coverage.{part}.{tested}": {"coverage.json": content}}


def covered(town: Town, number: int, content: bytes | None = None, **more: str) -> WorkflowRun:
    """Let the coverage workflow run on a pull request, and everything follow."""
    handed = artifact(town, number, reached(25) if content is None else content, **more)
    run = town.world.run_workflow(number, COVERAGE, handed)
    town.settle()
    return run


def check(town: Town, number: int, name: str = "reeve") -> CheckRun:
    """Return the check of this name that counts: the last one on the present head."""
    return on(town, town.world.pull(number).head_sha, name)


def on(town: Town, sha: str, name: str = "reeve") -> CheckRun:
    """Return the check of this name that counts on a commit."""
    return [run for run in town.world.checks(sha) if run.name == name][-1]


def conclusions(town: Town, number: int) -> dict[str, str | None]:
    """Return how each check of a pull request's head concluded."""
    runs = town.world.checks(town.world.pull(number).head_sha)
    return {run.name: run.conclusion for run in runs}


def marks(run: CheckRun) -> list[tuple[str, int, int]]:
    """Return where a check puts its remarks."""
    return [(each["path"], each["start_line"], each["end_line"]) for each in run.annotations]


def comment(town: Town, number: int) -> str:
    """Return the one comment that Reeve keeps on a pull request."""
    (kept,) = [text for text in town.world.bot_comments(number) if "key=answer-" not in text]
    return kept
