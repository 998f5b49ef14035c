"""A bot that missed events ends where one that missed none does: labels, comments, reactions, checks and memory."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot import sweep
from bot.sandbox.clock import Clock
from bot.sandbox.world import World
from bot.store.engine import reading
from bot.store.tables import answered, overrides, subjects
from tests.stories.conftest import Town

#: Pull requests are asked for nothing but a good policy file: what gates make of reports has stories of its own.
POLICY = 'version: 1\nbenchmark: {evidence: none}\ncoverage: {source: ["no/*.py"]}\n'


#: In both worlds time passes as the story says, and not otherwise.
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

#: What two worlds call by other names: comments and commits.
_NAMES = re.compile(r"(?<=answer-)\d+|\b[0-9a-f]{12}\b")


@dataclass
class Life:
    """What people do beside a Reeve, which is up or not."""

    town: Town
    is_up: bool = True

    @property
    def world(self) -> World:
        """The people's side."""
        return self.town.world

    def rest(self, **time: float) -> None:
        """Let time pass; where Reeve is up, its clocks ring and its sweeps have their turns."""
        if not self.is_up:
            self.world.advance(**time)
            return
        self.town.advance(**time)
        if sweep.sweep(self.town.parts):
            self.town.settle()

    def says(self, number: int, text: str, *, by: str = "maintainer") -> None:
        """Let somebody comment."""
        self.world.comment(number, text, by=by)
        self.rest(minutes=3)

    def morning(self) -> None:
        """Let people report, and maintainers sort what came."""
        bug = self.world.open_issue("[Bug] crash on load", author="ada")
        self.rest(minutes=5)
        odd = self.world.open_issue("something is odd", author="bob")
        wish = self.world.open_issue("【功能请求】支持离线加载", body="希望可以离线加载。", author="eve")
        self.rest(minutes=5)
        self.says(odd, "/kind feature")
        self.says(bug, "/label +regression +loader\n/hold")
        self.says(bug, "/label -regression +kernels")
        self.says(bug, "/hold cancel")
        self.says(wish, "/kind bug", by="eve")
        self.says(odd, "/assign", by="ada")
        self.says(bug, "/help label", by="ada")
        self.world.edit_issue(odd, title="[Docs] something is odd")

    def evening(self) -> None:
        """Let a pull request change the policy file, badly first, and somebody answer an issue."""
        number = self.world.open_pull_request(
            "Labels of our own",
            head=f"labels-{len(self.world.repository().issues)}",
            files={".github/reeve.yml": "x: 1\n"},
        )
        self.rest(minutes=9)
        self.world.push_to(number, {".github/reeve.yml": POLICY + "labels: {bug: bug}\n"})
        self.rest(minutes=9)
        self.says(number, "/label +needs-review")
        answered_one = self.world.open_issue("[Bug] slow on CPU", author="bob")
        self.rest(minutes=20)
        self.says(answered_one, "Thanks, the cause is the tokenizer; a fix is on its way.")

    def night(self) -> None:
        """Let an issue be closed that was open long enough to be found; what is closed already is left alone."""
        closed = self.world.open_issue("typo", author="ada")
        self.rest(minutes=30)
        self.world.close_issue(closed)
        self.rest(minutes=4)


def seen(town: Town) -> dict[str, Any]:
    """Return what a visitor sees, and what Reeve remembers."""
    world, found = town.world, dict[str, Any]()
    for number, issue in world.repository().issues.items():
        own = [(c.body, [r.content for r in c.reactions if r.author.login == world.bot_login]) for c in issue.comments]
        found[f"#{number}"] = {
            "labels": world.labels(number),
            "assignees": {each.login for each in issue.assignees},
            "state": issue.state,
            "own words": sorted(_NAMES.sub("...", text) for text in world.bot_comments(number)),
            "reactions": sorted((body, sorted(signs)) for body, signs in own if signs),
            "checks": _checks(world, number) if issue.pull else None,
        }
    return found | {"memory": _memory(town)}


def _checks(world: World, number: int) -> set[tuple[str, str | None]]:
    return {(run.name, run.conclusion) for run in world.checks(world.pull(number).head_sha)}


def _memory(town: Town) -> dict[str, list[tuple[Any, ...]]]:
    c = subjects.c
    with reading(town.database.engine) as connection:
        return {
            "subjects": [
                tuple(row) for row in connection.execute(select(c.number, c.label, c.type).order_by(c.number))
            ],
            "heard": sorted(
                (row.number, row.touched) for row in connection.execute(select(answered.c.number, answered.c.touched))
            ),
            "overrides": [tuple(row) for row in connection.execute(select(overrides.c.number, overrides.c.gate))],
        }


def differences(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Return where two ends differ, for people to read."""
    return [
        f"{place} {what}: {found} instead of {other[place].get(what)}"
        for place in one
        for what, found in one[place].items()
        if found != other[place].get(what)
    ]


def settled(town: Town) -> dict[str, Any]:
    """Let the sweeps have two turns, and a quarter of an hour each for what follows, then look."""
    for _ in range(2):
        town.world.advance(minutes=1)
        sweep.sweep(town.parts)
        for _ in range(15):
            town.advance(minutes=1)
    return seen(town)


def founded(world: World) -> None:
    """Create the repository that the stories are about."""
    world.create_repository("acme/model", files={".github/reeve.yml": POLICY})


@pytest.fixture
def world() -> Iterator[World]:
    """A sandbox whose repository asks little of pull requests."""
    with World.start(seed=7, clock=Clock(frozen_at=NOON)) as world:
        founded(world)
        yield world


#: How each story ends that was told in peace already: the same for both shapes.
ENDS: dict[str, dict[str, Any]] = {}


def in_peace(folder: Path, story: Callable[[Life], None]) -> dict[str, Any]:
    """Tell the story beside a Reeve that misses nothing, unless that was done before, and return its end."""
    if story.__name__ not in ENDS:
        ENDS[story.__name__] = _told_in_peace(folder, story)
    return ENDS[story.__name__]


def _told_in_peace(folder: Path, story: Callable[[Life], None]) -> dict[str, Any]:
    with World.start(seed=7, clock=Clock(frozen_at=NOON)) as world:
        founded(world)
        quiet = Town(world, {"REEVE_DATA_DIR": str(folder / "peaceful")})
        quiet.open()
        world.install()
        quiet.settle()
        story(Life(quiet))
        end = settled(quiet)
        quiet.close()
    return end


def day(life: Life) -> None:
    """Let a day pass."""
    life.morning()
    life.evening()


def day_and_night(life: Life) -> None:
    """Let a day and a night pass."""
    day(life)
    life.night()


def test_a_bot_that_lost_a_fifth_of_its_events_ends_where_one_that_lost_none_does(town: Town, tmp_path: Path) -> None:
    town.close()
    expected = in_peace(tmp_path, day_and_night)
    town.open()
    town.world.faults.webhooks.lose(None, probability=0.2)
    day_and_night(Life(town))
    town.world.faults.webhooks.clear()

    assert differences(settled(town), expected) == []


def test_a_bot_that_was_down_for_five_days_ends_where_one_that_never_was_does(town: Town, tmp_path: Path) -> None:
    def five_days(life: Life) -> None:
        day_and_night(life)
        if life.town is town:
            town.close()
            life.is_up = False
        for _ in range(2):
            day(life)
            life.rest(hours=58)
        if life.town is town:
            town.world.flush_deliveries()
            town.open()

    town.close()
    expected = in_peace(tmp_path, five_days)
    town.open()
    five_days(Life(town))

    assert differences(settled(town), expected) == []
