"""What strangers may hand over instead of evidence: whatever it is, nothing of it turns a pull request green.

In one shape of Reeve only: what is read and judged is the same in both.
"""

import random
from collections.abc import Iterator
from pathlib import Path

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
    conclusions,
    covered,
    opened,
    reached,
    report,
)

POLICY = ".github/reeve.yml"
FILES = {POLICY: ONLY_COVERAGE, "model/old.py": "old = 1\n", "tests/test_old.py": "def test_old():\n    pass\n"}
GOOD = {"model/new.py": SOURCE, "tests/test_new.py": TESTS}


@pytest.fixture
def world() -> Iterator[World]:
    """A sandbox with a repository that asks for coverage only, nothing installed yet."""
    with World.start(seed=7) as world:
        world.create_repository("acme/model", files=FILES)
        yield world


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Reeve's settings in its embedded shape."""
    return {"REEVE_DATA_DIR": str(tmp_path)}


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


def expired(town: Town, number: int) -> None:
    run = town.world.start_workflow(number, COVERAGE)
    with town.world._desk.lock:  # before anybody can look
        town.world.finish_workflow(run, artifact(town, number, reached(25)))
        run.artifacts[0].is_expired = True


def too_large(town: Town, number: int) -> None:
    noise = random.Random(1).randbytes(6 << 20)  # noqa: S311  no secret
    sha = town.world.merge_ref(number)
    town.world.run_workflow(number, COVERAGE, {f"reeve-coverage.unit.{sha}": noise})


def samples_instead(town: Town, number: int) -> None:
    sha = town.world.merge_ref(number)
    samples = b'{"results": [{"command": "run", "times": [1.0], "exit_codes": [0]}]}'
    town.world.run_workflow(number, COVERAGE, {f"reeve-coverage.unit.{sha}": {"coverage.json": samples}})


def of_two_commits(town: Town, number: int) -> None:
    base = town.world.repository().branches["main"]
    handed = {**artifact(town, number, reached(25)), **artifact(town, number, reached(25), part="gpu", sha=base)}
    town.world.run_workflow(number, COVERAGE, handed)


def with_binary_lines(town: Town, number: int) -> None:
    town.world.push_to(number, {"model/new.py": SOURCE + "hidden = 1  # \0\n" * 20})
    town.settle()
    town.world.run_workflow(number, COVERAGE, artifact(town, number, reached(25)))


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
    expired: "action_required",
    too_large: "action_required",
    samples_instead: "action_required",
    of_two_commits: "action_required",
    with_binary_lines: "failure",
    by_another_workflow: None,
}


@pytest.mark.parametrize(("act", "conclusion"), HOSTILE.items(), ids=lambda each: getattr(each, "__name__", None))
def test_what_is_missing_broken_stale_or_forged_never_turns_green(
    town: Town, act: object, conclusion: str | None
) -> None:
    number = opened(town, files=GOOD)

    act(town, number)  # type: ignore[operator]
    town.settle()

    assert (check(town, number).conclusion, check(town, number, "reeve / coverage").conclusion) == (
        conclusion,
        conclusion,
    )
    assert town.states().get("dead") is None


def test_a_permission_that_was_not_accepted_blocks_and_says_so_and_is_no_dead_letter(town: Town) -> None:
    number = opened(town, files=GOOD)
    del town.world.installation().permissions["actions"]
    town.world.revoke_tokens()

    covered(town, number)

    assert check(town, number).conclusion == "action_required"
    assert check(town, number, "reeve / coverage").title == "Reeve lacks a permission"
    assert town.states().get("dead") is None


def test_while_git_cannot_be_reached_nothing_is_decided_and_afterwards_everything(town: Town) -> None:
    town.world.faults.fail(3, status=502, path="/acme/model.git/*")
    number = opened(town, files=GOOD)
    assert conclusions(town, number) == {}

    covered(town, number)
    for _ in range(3):
        town.advance(minutes=5)

    assert check(town, number).conclusion == "success"
    assert town.states().get("dead") is None


def test_a_pull_request_that_is_closed_meanwhile_is_not_judged(town: Town) -> None:
    number = opened(town, files=GOOD)
    run = town.world.start_workflow(number, COVERAGE)
    with town.world._desk.lock:
        town.world.finish_workflow(run, artifact(town, number, reached(25)))
        town.world.close_issue(number)
    town.settle()

    assert check(town, number).conclusion is None


def test_lines_that_only_comments_share_their_file_with_are_found_by_the_source_not_by_the_report(town: Town) -> None:
    number = opened(town, files=GOOD)

    covered(town, number, report({"model/new.py": (range(1, 21), []), "model/old.py": ([1], [])}))

    assert check(town, number).conclusion == "success"
    covered(town, number, report({"model/new.py": (range(1, 20), []), "model/old.py": ([1], [])}))
    assert check(town, number).conclusion == "failure"
