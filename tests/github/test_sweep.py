"""What changed in a repository since a moment: whole, and for nothing where nothing did."""

from datetime import datetime, timedelta

import pytest

from bot.model.sweeps import News
from tests.github.desk import NOON, Desk

LATER = NOON + timedelta(hours=1)


def news(desk: Desk, *, since: datetime = NOON, etag: str | None = None) -> News:
    """Read the news."""
    return desk.forge.news(desk.repository, since=since, etag=etag)


def test_news_are_issues_pull_requests_and_comments_on_either(desk: Desk) -> None:
    desk.world.open_issue("old")
    old = desk.world.comment(1, "old", by="ada")
    desk.world.advance(hours=1)
    issue = desk.world.open_issue("new")
    pull = desk.world.open_pull_request("Add", head="feature", files={"a": "a"})
    on_issue, on_pull = desk.world.comment(issue, "/why", by="bob"), desk.world.comment(pull, "/why", by="bob")

    found = news(desk, since=LATER)

    assert [each.subject.number for each in found.issues] == [issue]
    assert [(each.subject.number, each.head_sha) for each in found.pulls] == [(pull, desk.world.pull(pull).head_sha)]
    assert {(each.comment.id, each.issue.subject.number, each.is_pull_request) for each in found.comments} == {
        (on_issue, issue, False),
        (on_pull, pull, True),
    }
    assert old not in {each.comment.id for each in found.comments}
    desk.check_exchanges()


def test_where_nothing_changed_a_look_is_one_request_that_costs_nothing(desk: Desk) -> None:
    desk.world.open_issue("Crash")
    etag = news(desk).etag
    left = desk.github.budget_left(desk.repository.installation_id)
    desk.asked()

    found = news(desk, etag=etag)

    assert found == News(etag=etag)
    assert desk.asked() == ["GET /repos/acme/model/issues"]
    assert desk.github.budget_left(desk.repository.installation_id) == left


def test_a_push_to_a_pull_request_and_a_comment_make_the_etag_another(desk: Desk) -> None:
    issue = desk.world.open_issue("Crash")
    pull = desk.world.open_pull_request("Add", head="feature", files={"a": "a"})
    first = news(desk)
    desk.world.advance(minutes=10)
    pushed = desk.world.push_to(pull, {"a": "aa"})
    desk.world.comment(issue, "me too", by="eve")

    found = news(desk, since=NOON + timedelta(minutes=5), etag=first.etag)

    assert [each.head_sha for each in found.pulls] == [pushed]
    assert [each.comment.body for each in found.comments] == ["me too"]


def test_issues_alone_ask_for_no_pull_requests(desk: Desk) -> None:
    desk.world.open_issue("Crash")
    desk.asked()
    news(desk)

    assert desk.asked() == ["GET /repos/acme/model/issues", "GET /repos/acme/model/issues/comments"]


def test_a_quiet_repository_met_again_asks_for_no_comments(desk: Desk) -> None:
    desk.world.open_issue("Crash")
    desk.asked()

    found = news(desk, since=LATER)

    assert (found.issues, found.pulls, found.comments) == ((), (), ())
    assert desk.asked() == ["GET /repos/acme/model/issues"]


@pytest.mark.parametrize("spread", [timedelta(), timedelta(seconds=1)])
def test_hundreds_of_changes_are_all_found_each_once(desk: Desk, spread: timedelta) -> None:
    for n in range(130):
        number = desk.world.open_issue(str(n))
        desk.world.comment(number, "/why", by="ada")
        desk.world.open_pull_request(str(n), head=f"branch-{n}", files={"a": str(n)})
        desk.world.advance(seconds=spread.total_seconds())

    found = news(desk)

    assert sorted(each.subject.number for each in found.issues) == list(range(1, 260, 2))
    assert sorted(each.subject.number for each in found.pulls) == list(range(2, 261, 2))
    assert sorted(each.issue.subject.number for each in found.comments) == list(range(1, 260, 2))


def test_only_as_much_is_read_as_changed(desk: Desk) -> None:
    for n in range(130):
        desk.world.open_issue(str(n))
        desk.world.open_pull_request(str(n), head=f"branch-{n}", files={"a": str(n)})
    desk.world.advance(hours=1)
    desk.world.close_issue(2)
    desk.asked()

    found = news(desk, since=LATER)

    assert [(each.subject.number, each.is_open) for each in found.pulls] == [(2, False)]
    assert len(desk.asked()) == 3


def test_a_renamed_repository_is_looked_through_under_its_new_name(desk: Desk) -> None:
    desk.world.open_issue("Crash")
    desk.world.rename_repository("engine")

    assert [each.title for each in news(desk).issues] == ["Crash"]
