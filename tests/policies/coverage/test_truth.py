"""The figures of all formats against an answer that was worked out from the model and not from any file."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.model.coverage import CoverageRules
from bot.policies.coverage import CoverageEvidence, Part, decide
from bot.reports import coverage, statements
from bot.reports import diff as diffs
from bot.reports.measured import Count
from tests.github.samples import shared_data
from tests.policies.coverage.given import NOW

FORMATS = ("coverage.json", "coverage.xml", "coverage.lcov")


@pytest.fixture(scope="module", params=[(30, 400), (60, 9000)], ids=["small diff", "large diff"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a report of 120 files in all formats, a diff, and the truth about it."""
    tool = shared_data("security").parents[1] / "tools" / "gen_coverage.py"
    if not tool.exists():
        pytest.skip(f"shared test data missing: {tool.name}")
    folder = tmp_path_factory.mktemp("truth")
    files, lines = request.param
    size = ["--files", "120", "--lines", "20000", "--diff-files", str(files), "--diff-lines", str(lines)]
    subprocess.run([sys.executable, tool, "--out", folder, "--seed", "3", *size], check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("is_branch", [False, True], ids=["lines", "branches"])
@pytest.mark.parametrize("name", FORMATS)
def test_the_figures_are_the_truth(made: Path, name: str, *, is_branch: bool) -> None:
    truth = json.loads((made / "truth.json").read_text(encoding="utf-8"))
    changed = diffs.parse([(made / "change.diff").read_bytes()])
    report = coverage.parse([(made / name).read_bytes()], name=name, branches=is_branch)
    sources = {each.path: statements.read(each.text, added=each.lines) for each in changed if each.is_whole}

    given = CoverageEvidence((Part("all", report),), changed, sources)
    found = decide(given, CoverageRules(branch=is_branch), NOW).figures

    covered = truth["covered"] - (truth["partial"] if is_branch else 0)
    assert found.patch == Count(covered, truth["measurable"] + truth["unmentioned_lines"])
    if is_branch:
        return
    assert found.project == Count(truth["project"]["hit"], truth["project"]["lines"])
    uncovered = {path: tuple(lines) for path, lines in truth["uncovered_lines"].items() if lines}
    assert {path: lines for path, lines in found.uncovered.items() if "fresh" not in path} == uncovered
    assert sum(len(lines) for path, lines in found.uncovered.items() if "fresh" in path) == truth["unmentioned_lines"]


def test_the_formats_agree_on_what_they_measured(made: Path) -> None:
    files = [coverage.parse([(made / name).read_bytes()], name=name).files for name in FORMATS]

    assert files[0] == files[1] == files[2]
