"""An issue's past as GitHub lists it, read whole, or not at all where nothing is new."""

from datetime import timedelta

import pytest

from bot.github.forge import GitHub
from bot.model.effects import SetLabels, StickyComment
from bot.model.forge import Entry
from bot.model.subjects import Actor, Repository
from bot.model.timeline import Source, What, comment_key
from tests.github.conftest import MINT
from tests.github.desk import NOON, Desk
from tests.github.little_server import LittleServer, Reply

TIMELINE = "GET /repos/acme/model/issues/7/timeline"


def read(desk: Desk, number: int) -> tuple[Entry, ...]:
    entries = desk.forge.timeline(desk.repository, number).entries
    assert entries is not None
    return entries


def test_all_that_happened_is_read_in_order_with_who_when_and_what(desk: Desk) -> None:
    world = desk.world
    number = world.open_issue("Crash")
    world.add_label(number, "needs-info")
    world.advance(hours=1)
    said = world.comment(number, "On 2.1", by="ada")
    world.advance(seconds=1)
    world.remove_label(number, "needs-info", by="ada")
    world.set_type(number, "Bug")
    world.set_type(number, None)
    world.assign(number, "bob")
    world.close_issue(number)
    world.reopen_issue(number)
    world.convert_issue(number)

    entries = read(desk, number)

    assert [(each.happening.what, each.happening.name) for each in entries] == [
        (What.LABELED, "needs-info"),
        (What.COMMENTED, None),
        (What.UNLABELED, "needs-info"),
        (What.TYPED, "Bug"),
        (What.TYPED, None),
        (What.ASSIGNED, "bob"),
        (What.CLOSED, None),
        (What.REOPENED, None),
        (What.CLOSED, None),
        (What.CONVERTED, None),
    ]
    assert {each.happening.source for each in entries} == {Source.READ}
    ada = Actor(world._state.account("ada").id, "ada")
    comment = entries[1]
    assert (comment.happening.id, comment.happening.comment_id, comment.body) == (comment_key(said), said, "On 2.1")
    assert (comment.happening.actor, comment.happening.at) == (ada, NOON + timedelta(hours=1))
    assert comment.happening.edited_at is None
    desk.check_exchanges()


def test_an_edited_comment_is_read_as_it_stands_and_says_so(desk: Desk) -> None:
    number = desk.world.open_issue("Crash")
    said = desk.world.comment(number, "Fixed!", by="maintainer")
    desk.world.advance(minutes=5)
    desk.world.edit_comment(number, said, "+1")

    (entry,) = read(desk, number)

    assert (entry.body, entry.happening.edited_at) == ("+1", NOON + timedelta(minutes=5))
    assert entry.happening.id == comment_key(said, NOON + timedelta(minutes=5))


def test_a_deleted_comment_is_not_there_and_its_deletion_is(desk: Desk) -> None:
    number = desk.world.open_issue("Crash")
    desk.world.delete_comment(number, desk.world.comment(number, "Fixed!", by="maintainer"))

    assert [(each.happening.what, each.happening.comment_id) for each in read(desk, number)] == [
        (What.COMMENT_DELETED, None)
    ]


def test_reeves_own_doing_is_no_part_of_the_past(desk: Desk) -> None:
    number = desk.world.open_issue("Crash")
    desk.apply(SetLabels(desk.subject(number), add=("bug",)))
    desk.apply(StickyComment(desk.subject(number), "All is well"))

    assert read(desk, number) == ()


def test_an_issue_from_another_repository_arrived(desk: Desk) -> None:
    other = desk.world.create_repository("acme/other")
    desk.world.install(other)
    number = desk.world.open_issue("Crash", repository=other)
    moved = desk.world.transfer_issue(number, to="acme/model", repository=other)

    assert [each.happening.what for each in read(desk, moved)] == [What.ARRIVED]


@pytest.mark.parametrize("comments", [1, 99, 100, 101, 200, 230])
def test_a_long_past_is_read_to_its_end(desk: Desk, comments: int) -> None:
    number = desk.world.open_issue("Crash")
    for _ in range(comments):
        desk.world.comment(number, "Me too", by="bob")

    past = desk.forge.timeline(desk.repository, number)

    assert past.entries is not None
    assert len(past.entries) == comments
    assert len(past.etags) == (0 if comments % 100 == 0 else comments // 100 + 1)


def test_reading_again_is_free_until_something_happens(desk: Desk) -> None:
    number = desk.world.open_issue("Crash")
    for _ in range(120):
        desk.world.comment(number, "Me too", by="bob")
    first = desk.forge.timeline(desk.repository, number)
    budget = desk.github.budget_left(desk.repository.installation_id)

    assert desk.forge.timeline(desk.repository, number, etags=first.etags).entries is None
    assert desk.github.budget_left(desk.repository.installation_id) == budget

    desk.world.advance(seconds=1)
    desk.world.comment(number, "Fixed", by="maintainer")
    again = desk.forge.timeline(desk.repository, number, etags=first.etags)
    assert again.entries is not None
    assert again.entries[-1].body == "Fixed"


def test_what_has_no_meaning_for_a_clock_is_passed_over(
    github: GitHub, server: LittleServer, repository: Repository
) -> None:
    at = "2026-11-20T10:00:00Z"
    listed = [
        {"event": "committed", "sha": "a" * 40},
        {"event": "cross-referenced", "created_at": at, "source": {}},
        {"event": "pinned", "id": 1, "created_at": at, "actor": None},
        {"event": "closed", "id": 2, "created_at": at, "actor": None, "commit_id": "b" * 40},
    ]
    server.will_say(TIMELINE, Reply(200, listed))

    past = github.installation(77).timeline(repository, 7)

    assert [name.partition("?")[0] for name in server.names()] == [MINT, TIMELINE]
    assert past.etags == ()
    assert past.entries is not None
    (entry,) = past.entries
    assert (entry.happening.what, entry.happening.actor, entry.happening.commit) == (What.CLOSED, None, True)
