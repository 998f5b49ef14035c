"""What GitHub failed to deliver is found again, and the end is the same as if nothing had failed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot import sweep
from bot.sandbox.world import World
from tests.stories.conftest import Town


def swept(town: Town, **later: float) -> int:
    """Let time pass, then run the sweeps and everything that follows."""
    town.world.advance(**later)
    found = sweep.sweep(town.parts)
    town.settle()
    return found


def shown(world: World) -> list[tuple[str, set[str], list[str]]]:
    """Return what a visitor sees of every issue."""
    numbers = range(1, 1 + len(world.repository().issues))
    return [(str(n), world.labels(n), [c.split("**")[1] for c in world.bot_comments(n)]) for n in numbers]


@pytest.fixture
def swept_once(town: Town) -> Town:
    """A town that has been looked through before."""
    swept(town, seconds=5)
    return town


def test_a_delivery_that_github_could_not_make_is_asked_for_again(swept_once: Town) -> None:
    swept_once.close()
    number = swept_once.world.open_issue("[Bug] while Reeve was down")
    swept_once.world.flush_deliveries()
    swept_once.open()

    assert swept(swept_once, minutes=11) >= 1

    assert swept_once.world.labels(number) == {"bug"}


def test_an_event_that_was_never_sent_is_found_by_looking(swept_once: Town) -> None:
    swept_once.world.faults.webhooks.lose(None)
    number = swept_once.world.open_issue("【缺陷】从未送达")
    swept_once.settle()
    swept_once.world.faults.webhooks.clear()

    assert swept(swept_once, minutes=16) == 1

    assert swept_once.world.labels(number) == {"bug"}
    assert "缺陷" in swept_once.world.bot_comments(number)[0]


def test_what_was_heard_of_is_not_judged_again(swept_once: Town) -> None:
    swept_once.world.open_issue("[Bug] heard of")
    swept_once.settle()
    swept(swept_once, minutes=16)

    calls = swept_once.calls(lambda: swept(swept_once, minutes=16))

    assert [call for call in calls if not call.startswith("GET")] == []


def test_the_deadline_counts_from_githubs_own_time_however_late_we_heard(swept_once: Town) -> None:
    swept_once.world.faults.webhooks.lose(None)
    opened_at = swept_once.world.now
    number = swept_once.world.open_issue("[Bug] found late")
    swept_once.world.faults.webhooks.clear()

    swept(swept_once, hours=5)

    assert f"{opened_at.day + 1} November" in swept_once.world.bot_comments(number)[0]


def test_sweeps_run_no_oftener_than_their_time(swept_once: Town) -> None:
    calls = swept_once.calls(lambda: swept(swept_once, minutes=5))

    assert calls == []


def test_a_sweep_during_an_outage_is_taken_up_by_the_next_one(swept_once: Town) -> None:
    swept_once.world.faults.webhooks.lose(None)
    number = swept_once.world.open_issue("[Bug] lost")
    swept_once.world.faults.webhooks.clear()
    swept_once.world.faults.fail(5, status=502)
    swept(swept_once, minutes=16)
    swept_once.world.faults.clear()

    swept(swept_once, minutes=16)

    assert swept_once.world.labels(number) == {"bug"}


def test_an_installation_that_was_never_announced_is_met_by_the_sweep(town: Town) -> None:
    town.world.faults.webhooks.lose(None)
    town.world.create_repository("late/model", files={".github/reeve.yml": "version: 1\n"})
    town.world.install("late/model")
    swept(town, minutes=16)
    number = town.world.open_issue("[Bug] nobody was told", repository="late/model")

    swept(town, minutes=16)

    assert town.world.labels(number, repository="late/model") == {"bug"}


def live(town: Town, *, hours: int) -> None:
    """Let the same things happen to every town: issues, edits, corrections, hour after hour."""
    for hour in range(hours):
        number = town.world.open_issue(f"issue number {hour}" if hour % 3 else f"[Bug] number {hour}")
        town.world.advance(minutes=7)
        if hour % 3 == 1:
            town.world.edit_issue(number, title=f"[Docs] number {hour}")
        if hour % 4 == 2:
            town.world.advance(minutes=7)
            town.world.add_label(number, "enhancement")
        town.world.advance(minutes=46)
        town.settle()


def in_peace(town: Town, folder: Path, story: Callable[[Town], None]) -> list[tuple[str, set[str], list[str]]]:
    """Tell the story to a second town, to which nothing ever happens, while the first is closed; return its end.

    The clock rings there too in the end: what is late by then is late in both.
    """
    town.close()
    with World.start(seed=7) as world:
        world.create_repository("acme/model", files={".github/reeve.yml": "version: 1\n"})
        quiet = Town(world, {"REEVE_DATA_DIR": str(folder / "peaceful")})
        quiet.open()
        world.install()
        quiet.settle()
        story(quiet)
        quiet.advance(minutes=32)
        end = shown(world)
        quiet.close()
    town.open()
    return end


def test_a_bot_that_lost_a_fifth_of_its_events_ends_where_one_that_lost_none_does(
    swept_once: Town, tmp_path: Path
) -> None:
    expected = in_peace(swept_once, tmp_path, lambda town: live(town, hours=12))
    swept_once.world.faults.webhooks.lose(None, probability=0.2)
    live(swept_once, hours=12)
    swept_once.world.faults.webhooks.clear()

    swept(swept_once, minutes=16)

    assert shown(swept_once.world) == expected


def five_days(town: Town) -> None:
    """Let five days pass in which people go on."""
    for _ in range(10):
        number = town.world.open_issue("[Feature] while one of us was down")
        town.world.advance(hours=11)
        town.world.edit_issue(number, body="more")
        town.world.advance(hours=1)


def test_a_bot_that_was_down_for_five_days_ends_where_one_that_never_was_does(swept_once: Town, tmp_path: Path) -> None:
    def story(town: Town) -> None:
        live(town, hours=3)
        five_days(town)
        town.settle()

    expected = in_peace(swept_once, tmp_path, story)
    live(swept_once, hours=3)
    swept_once.close()
    five_days(swept_once)
    swept_once.world.flush_deliveries()
    swept_once.open()

    swept(swept_once, minutes=16)
    swept(swept_once, minutes=16)
    swept_once.advance(minutes=1)

    assert shown(swept_once.world) == expected
