"""Pull requests held to coverage: blocked with the lines that are missing, and green only by evidence for this head."""

from collections.abc import Iterator, Mapping

import pytest

from bot.sandbox.world import World
from tests.stories.conftest import Town
from tests.stories.pulls import (
    COVERAGE,
    ONLY_COVERAGE,
    SOURCE,
    TESTS,
    artifact,
    check,
    comment,
    conclusions,
    covered,
    marks,
    opened,
    reached,
)

POLICY = ".github/reeve.yml"
FILES = {POLICY: ONLY_COVERAGE, "model/old.py": "old = 1\n", "tests/test_old.py": "def test_old():\n    pass\n"}


@pytest.fixture
def world() -> Iterator[World]:
    """A sandbox with a repository that asks for coverage only, nothing installed yet."""
    with World.start(seed=7) as world:
        world.create_repository("acme/model", files=FILES)
        yield world


def test_a_pull_request_at_72_percent_is_blocked_on_the_right_lines_and_tests_turn_it_green(town: Town) -> None:
    number = opened(town)
    assert (check(town, number).status, check(town, number, "reeve / coverage").title) == (
        "in_progress",
        "Waiting: 0 of 1 parts arrived",
    )

    covered(town, number, reached(18))

    blocked = check(town, number, "reeve / coverage")
    assert (blocked.conclusion, check(town, number).conclusion) == ("failure", "failure")
    assert "unit tests" in (blocked.title or "")
    assert marks(blocked) == [("model/new.py", 19, 25)]
    assert "72.00 %" in comment(town, number)
    assert comment(town, number).startswith("### Blocked by coverage")

    town.world.push_to(number, {"tests/test_new.py": TESTS})
    town.settle()
    assert (check(town, number).status, marks(check(town, number, "reeve / coverage"))) == ("in_progress", [])
    covered(town, number, reached(20))

    assert conclusions(town, number) == {
        "reeve": "success",
        "reeve / coverage": "success",
        "reeve / benchmark": "success",
    }
    assert comment(town, number).startswith("### Every gate is passed")
    assert len(town.world.bot_comments(number)) == 1


def test_79_96_percent_does_not_pass_for_80(town: Town) -> None:
    number = opened(town, files={"model/new.py": SOURCE, "tests/test_new.py": TESTS})

    covered(town, number, reached(19))

    assert check(town, number).conclusion == "failure"
    assert check(town, number, "reeve / coverage").title == (
        "Cover 1 more changed line: 76.00 % are covered, 80 % are needed"
    )


def test_exactly_80_percent_passes_and_nobody_is_bothered(town: Town) -> None:
    number = opened(town, files={"model/new.py": SOURCE, "tests/test_new.py": TESTS})

    covered(town, number, reached(20))

    assert check(town, number).conclusion == "success"
    assert town.world.bot_comments(number) == []


@pytest.mark.parametrize(
    "files", [{"README.md": "# Hello\n"}, {"model/old.py": None}, {"model/old.py": "# a\nold = 1\n"}]
)
def test_a_change_without_an_executable_line_passes_at_once_with_the_reason(
    town: Town, files: Mapping[str, str]
) -> None:
    number = opened(town, files=files)

    assert check(town, number).conclusion == "success"
    assert check(town, number, "reeve / coverage").title == "Nothing to cover: no executable line changed"


def test_without_any_run_the_gate_waits_and_then_asks_for_somebody(town: Town) -> None:
    number = opened(town, files={"model/new.py": SOURCE, "tests/test_new.py": TESTS})

    town.advance(hours=1)
    assert check(town, number).status == "in_progress"
    town.advance(hours=1, minutes=1)

    assert (check(town, number).conclusion, check(town, number, "reeve / coverage").title) == (
        "action_required",
        "No coverage report arrived",
    )


def test_a_run_that_github_never_told_of_is_found_at_the_deadline(town: Town) -> None:
    number = opened(town, files={"model/new.py": SOURCE, "tests/test_new.py": TESTS})
    town.world.faults.webhooks.lose(None, event="workflow_run")
    town.world.run_workflow(number, COVERAGE, artifact(town, number, reached(25)))
    town.settle()
    assert check(town, number).status == "in_progress"

    town.advance(hours=2, minutes=1)

    assert check(town, number).conclusion == "success"
