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
    report,
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


def nothing(town: Town, number: int) -> None:
    town.world.run_workflow(number, COVERAGE, {})


def failed(town: Town, number: int) -> None:
    town.world.run_workflow(number, COVERAGE, artifact(town, number, reached(25)), conclusion="failure")


def empty(town: Town, number: int) -> None:
    town.world.run_workflow(number, COVERAGE, artifact(town, number, b""))


def of_another_commit(town: Town, number: int) -> None:
    base = town.world.repository().branches["main"]
    town.world.run_workflow(number, COVERAGE, artifact(town, number, reached(25), sha=base))


def of_no_commit(town: Town, number: int) -> None:
    town.world.run_workflow(number, COVERAGE, artifact(town, number, reached(25), sha="a" * 40))


def of_one_class(town: Town, number: int) -> None:
    town.world.run_workflow(number, COVERAGE, artifact(town, number, report({"model/old.py": ([1], [])})))


def of_lines_that_are_none(town: Town, number: int) -> None:
    forged = report({"model/new.py": (range(1, 40), []), "model/old.py": ([1], [])})
    town.world.run_workflow(number, COVERAGE, artifact(town, number, forged))


def entities(town: Town, number: int) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE c [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><coverage>&b;</coverage>'
    sha = town.world.merge_ref(number)
    town.world.run_workflow(number, COVERAGE, {f"reeve-coverage.unit.{sha}": {"coverage.xml": bomb}})


def zip_bomb(town: Town, number: int) -> None:
    town.world.run_workflow(number, COVERAGE, artifact(town, number, bytes(60 << 20)))


def no_zip(town: Town, number: int) -> None:
    sha = town.world.merge_ref(number)
    town.world.run_workflow(number, COVERAGE, {f"reeve-coverage.unit.{sha}": reached(25)})


def not_a_number(town: Town, number: int) -> None:
    forged = reached(25).replace(b'"percent_covered": 100.0', b'"percent_covered": NaN')
    town.world.run_workflow(number, COVERAGE, artifact(town, number, forged))


def above_100(town: Town, number: int) -> None:
    forged = reached(25).replace(b'"percent_covered": 100.0', b'"percent_covered": 150.0')
    town.world.run_workflow(number, COVERAGE, artifact(town, number, forged))


def by_another_workflow(town: Town, number: int) -> None:
    town.world.run_workflow(number, ".github/workflows/mine.yml", artifact(town, number, reached(25)))


HOSTILE = {
    nothing: "action_required",
    failed: "action_required",
    empty: "action_required",
    of_another_commit: "action_required",
    of_no_commit: "action_required",
    of_one_class: "failure",
    of_lines_that_are_none: "action_required",
    entities: "action_required",
    zip_bomb: "action_required",
    no_zip: "action_required",
    not_a_number: "action_required",
    above_100: "action_required",
    by_another_workflow: None,
}


@pytest.mark.parametrize(("act", "conclusion"), HOSTILE.items(), ids=lambda each: getattr(each, "__name__", None))
def test_what_is_missing_broken_stale_or_forged_never_turns_green(
    town: Town, act: object, conclusion: str | None
) -> None:
    number = opened(town, files={"model/new.py": SOURCE, "tests/test_new.py": TESTS})

    act(town, number)  # type: ignore[operator]
    town.settle()

    assert (check(town, number).conclusion, check(town, number, "reeve / coverage").conclusion) == (
        conclusion,
        conclusion,
    )
    assert town.states().get("dead") is None


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
