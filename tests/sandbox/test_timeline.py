"""An issue's timeline tells what happened to it, in order, as GitHub does."""

import httpx
import pytest

from bot.sandbox.state import Repository
from bot.sandbox.world import World

TIMELINE = "/repos/acme/model/issues/{}/timeline"


def test_the_timeline_tells_all_that_happened_in_order(world: World, api: httpx.Client) -> None:
    number = world.open_issue("crash", labels=["bug"])
    world.add_label(number, "needs-info")
    said = world.comment(number, "Which version?", by="maintainer")
    world.remove_label(number, "needs-info", by="ada")
    world.edit_issue(number, title="crash on load")
    world.assign(number, "bob")
    world.close_issue(number, reason="not_planned")
    world.reopen_issue(number)
    world.pin_issue(number)

    entries = api.get(TIMELINE.format(number)).json()

    assert [each["event"] for each in entries] == [
        *("labeled", "labeled", "commented", "unlabeled", "renamed"),
        *("assigned", "closed", "reopened", "pinned"),
    ]
    assert entries[1]["label"]["name"] == "needs-info"
    assert entries[2]["id"] == said
    assert entries[3]["actor"]["login"] == "ada"
    assert entries[4]["rename"] == {"from": "crash", "to": "crash on load"}
    assert entries[6]["state_reason"] == "not_planned"


def test_a_first_type_is_added_the_next_ones_change_it_and_the_last_is_removed(world: World, api: httpx.Client) -> None:
    number = world.open_issue("crash")
    for name in ("Bug", "Feature", None):
        world.set_type(number, name)

    entries = api.get(TIMELINE.format(number)).json()

    assert [(each["event"], each.get("issue_type", {}).get("name")) for each in entries] == [
        ("issue_type_added", "Bug"),
        ("issue_type_changed", "Feature"),
        ("issue_type_removed", None),
    ]
    assert entries[1]["prev_issue_type"]["name"] == "Bug"


def test_a_deleted_comment_leaves_only_the_note_of_its_end(world: World, api: httpx.Client) -> None:
    number = world.open_issue("crash")
    world.delete_comment(number, world.comment(number, "me too", by="bob"))

    assert [each["event"] for each in api.get(TIMELINE.format(number)).json()] == ["comment_deleted"]


def test_the_timeline_comes_in_pages_and_unchanged_ones_are_free(world: World, api: httpx.Client) -> None:
    number = world.open_issue("crash")
    for _ in range(3):
        world.comment(number, "me too", by="bob")

    first = api.get(TIMELINE.format(number), params={"per_page": 2})

    assert len(first.json()) == 2
    assert len(api.get(first.links["next"]["url"]).json()) == 1
    again = api.get(TIMELINE.format(number), params={"per_page": 2}, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


def test_a_transferred_issue_takes_its_timeline_along(world: World, repo: Repository, api: httpx.Client) -> None:
    other = world.create_repository("acme/other")
    world.install(other)
    number = world.open_issue("crash", repository=repo)
    world.comment(number, "me too", by="bob", repository=repo)

    moved = world.transfer_issue(number, to=other, repository=repo)

    entries = api.get(f"/repos/acme/other/issues/{moved}/timeline").json()
    assert [each["event"] for each in entries] == ["commented", "transferred"]


@pytest.mark.usefixtures("repo")
def test_an_issue_that_became_a_discussion_is_closed_and_locked(world: World, api: httpx.Client) -> None:
    number = world.open_issue("How do I?")

    world.convert_issue(number)

    entries = api.get(TIMELINE.format(number)).json()
    assert [each["event"] for each in entries] == ["closed", "locked", "converted_to_discussion"]
    issue = api.get(f"/repos/acme/model/issues/{number}").json()
    assert (issue["state"], issue["locked"]) == ("closed", True)
