"""What GitHub failed to deliver is found again, and the end is the same as if nothing had failed."""

import pytest

from bot import sweep
from tests.stories.conftest import Town


def swept(town: Town, **later: float) -> int:
    """Let time pass, then run the sweeps and everything that follows."""
    town.world.advance(**later)
    found = sweep.sweep(town.parts)
    town.settle()
    return found


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


def signs(town: Town, number: int, comment: int) -> list[str]:
    """Return the signs that Reeve put on a comment."""
    return [content for who, content in town.world.reactions(number, comment=comment) if who == town.world.bot_login]


def unheard(town: Town, number: int, text: str, *, by: str = "maintainer") -> int:
    """Let somebody comment, and GitHub tell nobody."""
    town.world.faults.webhooks.lose(None)
    town.world.advance(seconds=5)
    comment = town.world.comment(number, text, by=by)
    town.settle()
    town.world.faults.webhooks.clear()
    return comment


@pytest.fixture
def issue(swept_once: Town) -> int:
    """A bug that was triaged."""
    number = swept_once.world.open_issue("[Bug] crash on load")
    swept_once.settle()
    return number


def test_a_command_that_was_never_told_is_found_and_carried_out_once(swept_once: Town, issue: int) -> None:
    comment = unheard(swept_once, issue, "/label +found")
    swept(swept_once, minutes=16)
    assert swept_once.world.labels(issue) == {"bug", "found"}
    assert signs(swept_once, issue, comment) == ["eyes", "+1"]

    swept_once.world.remove_label(issue, "found")
    swept_once.settle()
    for _ in range(2):
        swept(swept_once, minutes=16)

    assert swept_once.world.labels(issue) == {"bug"}


def test_a_command_that_was_answered_is_not_answered_again(swept_once: Town, issue: int) -> None:
    swept_once.world.comment(issue, "/help", by="eve")
    swept_once.settle()

    calls = swept_once.calls(lambda: swept(swept_once, minutes=16))

    assert [call for call in calls if not call.startswith("GET")] == []


def test_a_command_on_a_pull_request_is_found_too(swept_once: Town) -> None:
    number = swept_once.world.open_pull_request("fix", head="fix", files={"README.md": "x\n"})
    swept_once.settle()
    unheard(swept_once, number, "/label +found")

    swept(swept_once, minutes=16)

    assert "found" in swept_once.world.labels(number)


def test_a_command_that_is_found_after_a_week_is_told_so_and_not_carried_out(swept_once: Town, issue: int) -> None:
    swept_once.close()
    comment = swept_once.world.comment(issue, "/label +late", by="maintainer")
    swept_once.world.flush_deliveries()
    swept_once.world.advance(days=8)
    swept_once.open()

    swept(swept_once, minutes=1)

    assert "late" not in swept_once.world.labels(issue)
    assert signs(swept_once, issue, comment) == ["eyes", "-1"]
    assert "more than 7 days after you wrote it" in swept_once.world.bot_comments(issue)[-1]


def test_a_comment_that_was_edited_before_it_was_found_is_no_command(swept_once: Town, issue: int) -> None:
    comment = unheard(swept_once, issue, "hello")
    swept_once.world.faults.webhooks.lose(None)
    swept_once.world.advance(seconds=5)
    swept_once.world.edit_comment(issue, comment, "/label +sneaked-in")

    swept(swept_once, minutes=16)

    assert swept_once.world.labels(issue) == {"bug"}
    assert signs(swept_once, issue, comment) == []


def test_a_hold_that_is_found_after_it_was_cancelled_holds_nothing(swept_once: Town, issue: int) -> None:
    unheard(swept_once, issue, "/hold")
    swept_once.world.advance(seconds=5)
    swept_once.world.comment(issue, "/hold cancel", by="maintainer")
    swept_once.settle()

    swept(swept_once, minutes=16)

    assert swept_once.world.labels(issue) == {"bug"}


def test_a_pull_request_and_a_push_that_were_never_told_are_found(swept_once: Town) -> None:
    swept_once.world.faults.webhooks.lose(None)
    number = swept_once.world.open_pull_request("policy", head="fix", files={".github/reeve.yml": "x: 1\n"})
    swept(swept_once, minutes=16)
    first = {run.name: run.conclusion for run in swept_once.world.checks(swept_once.world.pull(number).head_sha)}
    swept_once.world.push_to(number, {".github/reeve.yml": "version: 1\nlanguage: en\n"})

    swept(swept_once, minutes=16)

    second = {run.name: run.conclusion for run in swept_once.world.checks(swept_once.world.pull(number).head_sha)}
    assert (first["reeve / policy file"], second["reeve / policy file"]) == ("failure", "success")


def test_a_sweep_of_a_quiet_repository_is_one_request_that_costs_nothing(swept_once: Town) -> None:
    swept(swept_once, minutes=16)
    before = len(swept_once.world.requests)
    swept(swept_once, minutes=16)

    asked = [each for each in swept_once.world.requests[before:] if each.path.startswith("/repos/")]
    assert [(each.method, each.path, each.status) for each in asked] == [("GET", "/repos/acme/model/issues", 304)]


def test_an_installation_that_must_rest_keeps_no_other_from_being_looked_through(swept_once: Town) -> None:
    swept_once.world.create_repository("beta/model", files={".github/reeve.yml": "version: 1\n"})
    swept_once.world.install("beta/model")
    swept_once.settle()
    swept_once.world.faults.webhooks.lose(None)
    numbers = {
        name: swept_once.world.open_issue("[Bug] lost", repository=name) for name in ("acme/model", "beta/model")
    }
    swept_once.world.faults.webhooks.clear()
    swept_once.world.faults.secondary_limit(1, retry_after=120, path="/repos/acme/model/issues")

    swept(swept_once, minutes=16)
    found = swept_once.world.labels(numbers["beta/model"], repository="beta/model")
    swept(swept_once, minutes=3)

    assert found == {"bug"}
    assert swept_once.world.labels(numbers["acme/model"], repository="acme/model") == {"bug"}


def test_after_an_outage_what_is_overdue_is_written_first(swept_once: Town) -> None:
    swept_once.close()
    world = swept_once.world
    old = [world.open_issue(f"[Bug] old {n}") for n in range(3)]
    world.advance(hours=25)
    young = [world.open_issue(f"[Bug] young {n}") for n in range(3)]
    world.flush_deliveries()
    swept_once.open()
    before = len(world.requests)

    swept(swept_once, minutes=1)

    labelled = [
        r.path.split("/")[5] for r in world.requests[before:] if r.method == "POST" and r.path.endswith("/labels")
    ]
    order = [int(number) for number in dict.fromkeys(labelled)]
    assert set(order) == {*old, *young}
    assert set(order[:2]) <= set(old)  # two workers: one of them may be a step ahead of the other


def test_while_a_backlog_waits_for_githubs_limits_a_command_is_answered_at_once(swept_once: Town, issue: int) -> None:
    swept_once.world.faults.webhooks.lose(None)
    lost = [swept_once.world.open_issue(f"[Bug] lost {n}") for n in range(60)]
    swept_once.world.faults.webhooks.clear()
    swept(swept_once, minutes=16)
    waiting = [number for number in lost if not swept_once.world.bot_comments(number)]

    comment = swept_once.world.comment(issue, "/label +at-once", by="maintainer")
    swept_once.settle()

    assert waiting
    assert [number for number in lost if not swept_once.world.bot_comments(number)] == waiting
    assert signs(swept_once, issue, comment) == ["eyes", "+1"]
    assert "at-once" in swept_once.world.labels(issue)


def test_what_a_look_has_shown_is_not_asked_for_again(swept_once: Town) -> None:
    swept_once.close()
    for n in range(5):
        swept_once.world.open_issue(f"[Bug] while Reeve was down {n}")
    swept_once.world.flush_deliveries()
    swept_once.world.advance(hours=24)
    swept_once.open()

    calls = swept_once.calls(lambda: swept(swept_once, minutes=1))

    assert [call for call in calls if "/attempts" in call] == []
    assert all(swept_once.world.labels(n) >= {"bug"} for n in range(1, 6))
