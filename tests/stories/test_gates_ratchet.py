"""A project that may not fall below what its base branch has, whatever the minimum. In one shape of Reeve only."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox.world import World
from tests.stories.conftest import Town
from tests.stories.pulls import COVERAGE, ONLY_COVERAGE, SOURCE, TESTS, check, covered, opened, report

POLICY = ".github/reeve.yml"
FILES = {POLICY: f"{ONLY_COVERAGE}coverage: {{project: ratchet}}\n", "model/old.py": "old = 1\n" * 9}
GOOD = {"model/new.py": SOURCE, "tests/test_new.py": TESTS}
GATE = "reeve / coverage"


@pytest.fixture
def world() -> Iterator[World]:
    """A sandbox with a repository whose coverage may not fall, nothing installed yet."""
    with World.start(seed=7) as world:
        world.create_repository("acme/model", files=FILES)
        yield world


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Reeve's settings in its embedded shape."""
    return {"REEVE_DATA_DIR": str(tmp_path)}


def push_hands_over(town: Town, content: bytes) -> None:
    """Let the coverage workflow have run on the base branch."""
    base = town.world.repository().branches["main"]
    town.world.run_workflow_of_push(COVERAGE, {f"reeve-coverage.unit.{base}": {"coverage.json": content}})


def now_covers(town: Town, number: int, count: int) -> None:
    """Let the coverage workflow of a pull request reach all of what is new and so much of what was there."""
    lines = range(1, 10)
    covered(town, number, report({"model/new.py": (range(1, 26), []), "model/old.py": (lines[:count], lines[count:])}))


def test_a_project_that_is_no_lower_than_its_base_passes_and_a_lower_one_fails(town: Town) -> None:
    push_hands_over(town, report({"model/old.py": (range(1, 10), [])}))
    number = opened(town, files=GOOD)

    now_covers(town, number, 8)
    assert (check(town, number).conclusion, check(town, number, GATE).conclusion) == ("failure", "failure")

    now_covers(town, number, 9)
    assert (check(town, number).conclusion, check(town, number, GATE).conclusion) == ("success", "success")


@pytest.mark.parametrize("base", [None, b"{}"], ids=["no run", "no report"])
def test_where_nothing_is_known_of_the_base_nothing_passes(town: Town, base: bytes | None) -> None:
    if base is not None:
        push_hands_over(town, base)
    number = opened(town, files=GOOD)

    now_covers(town, number, 9)

    assert (check(town, number).conclusion, check(town, number, GATE).conclusion) == ("action_required",) * 2
