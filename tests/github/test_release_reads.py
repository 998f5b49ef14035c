"""What decides about a release, read from the sandbox: all pages of it, and nothing that is only half known."""

from datetime import timedelta

import pytest

from bot.github import actions, releases
from bot.model.errors import TooLarge
from bot.model.releases import CheckState, Listed, Tag
from tests.github.desk import Desk
from tests.github.test_release_effects import FILE, PATH, started, tip

ACTIONS = 15_368


def test_tags_are_read_with_their_commits_to_the_last_page(desk: Desk) -> None:
    for number in range(101):
        desk.world.create_tag(f"v0.{number}.0", tip(desk), message="x" if number % 2 else None)

    found = desk.forge.tags(desk.repository)

    assert set(found) == {Tag(f"v0.{number}.0", tip(desk)) for number in range(101)}
    assert len(found) == 101
    assert len(desk.asked()) == 2
    desk.check_exchanges()


def test_a_list_that_is_too_long_is_not_believed_to_be_whole(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releases, "MAX_PAGES", 1)
    for number in range(101):
        desk.world.create_tag(f"v0.{number}.0", tip(desk))

    with pytest.raises(TooLarge):
        desk.forge.tags(desk.repository)


def test_a_commit_is_found_by_branch_tag_and_its_own_name(desk: Desk) -> None:
    first = tip(desk)
    desk.world.create_tag("v1.0.0", first, message="One")
    branched = desk.world.push_file("a.py", "a = 1\n", branch="release/1.x")

    names = ["main", "heads/release/1.x", "release/1.x", "v1.0.0", "tags/v1.0.0", first]
    found = [desk.forge.commit(desk.repository, name) for name in names]

    assert found == [first, branched, branched, first, first, first]
    desk.check_exchanges()


@pytest.mark.parametrize("name", ["nowhere", "", "..", "../../user", "a b", "a..b", "-x", "a/.b", "x" * 256, "a\nb"])
def test_what_names_no_commit_has_none(desk: Desk, name: str) -> None:
    assert desk.forge.commit(desk.repository, name) is None
    assert [path for path in desk.asked() if "/commits/" not in path] == []


def test_open_issues_are_read_by_label_and_milestone_without_pull_requests(desk: Desk) -> None:
    world = desk.world
    blocker = world.open_issue("Broken", labels=["release-blocker"])
    bug = world.open_issue("Bug", labels=["bug"])
    closed = world.open_issue("Done", labels=["release-blocker"])
    world.close_issue(closed)
    pull = world.open_pull_request("Change", head="x", files={"a.py": "1"})
    world.create_milestone("v1.1.0")
    for number in (bug, closed, pull):
        world.set_milestone(number, "v1.1.0")
        world.add_label(number, "bug")

    def read(label: str | None = None, milestone: str | None = None) -> list[int]:
        return [each.number for each in desk.forge.open_issues(desk.repository, label, milestone)]

    assert desk.forge.open_issues(desk.repository, "release-blocker") == (
        Listed(blocker, "Broken", frozenset({"release-blocker"})),
    )
    assert (read(milestone="v1.1.0"), read("bug", "v1.1.0"), read("bug", "v9")) == ([bug], [bug], [])
    assert read() == [bug, blocker]
    desk.check_exchanges()


def test_checks_and_statuses_of_a_commit_are_read_together(desk: Desk) -> None:
    world, sha = desk.world, tip(desk)
    world.report_check(sha, "tests", "failure")
    world.advance(minutes=1)
    for name, conclusion in (("tests", "success"), ("lint", "skipped"), ("gpu", "cancelled"), ("slow", None)):
        world.report_check(sha, name, conclusion)
    for context, state in (("ci/a", "success"), ("ci/b", "pending"), ("ci/c", "error")):
        world.set_status(sha, context, state, url="https://ci.example/1")  # type: ignore[arg-type]

    found = desk.forge.checks(desk.repository, sha)

    assert {(each.name, each.is_green) for each in found if each.app_id == ACTIONS} == {
        ("tests", True),
        ("lint", True),
        ("gpu", False),
        ("slow", None),
    }
    assert found[-3:] == (
        CheckState("ci/a", None, is_green=True, url="https://ci.example/1"),
        CheckState("ci/b", None, is_green=None, url="https://ci.example/1"),
        CheckState("ci/c", None, is_green=False, url="https://ci.example/1"),
    )
    desk.check_exchanges()


@pytest.mark.parametrize(
    ("conclusion", "is_green"),
    [("neutral", True), ("timed_out", False), ("action_required", False), ("stale", None), ("failure", False)],
)
def test_only_what_github_takes_for_success_is_green(desk: Desk, conclusion: str, *, is_green: bool | None) -> None:
    desk.world.report_check(tip(desk), "tests", conclusion)

    assert [each.is_green for each in desk.forge.checks(desk.repository, tip(desk))] == [is_green]


def test_checks_beyond_the_first_page_are_read_too(desk: Desk) -> None:
    for number in range(101):
        desk.world.report_check(tip(desk), f"job {number}", "success")
        desk.world.set_status(tip(desk), f"ci {number}", "success")

    assert len(desk.forge.checks(desk.repository, tip(desk))) == 202


def merged(desk: Desk, name: str, author: str = "ada") -> int:
    number = desk.world.open_pull_request(name, head=name, files={f"{name}.py": "1"}, author=author)
    desk.world.merge(number)
    desk.world.advance(minutes=5)
    return number


def test_the_pull_requests_between_two_commits_are_read_in_two_requests(desk: Desk) -> None:
    before, base = merged(desk, "before"), tip(desk)
    desk.world.advance(minutes=5)
    inside = [merged(desk, "one"), merged(desk, "two", author="grace")]
    head = tip(desk)
    after = merged(desk, "after")
    abandoned = desk.world.open_pull_request("no", head="no", files={"no.py": "1"})
    desk.world.close_issue(abandoned)
    desk.world.add_label(before, "documentation")
    desk.world.add_label(inside[0], "bug")
    desk.asked()

    found = desk.forge.merged_pulls(desk.repository, base, head)

    assert [(each.number, each.title, each.author and each.author.login) for each in found] == [
        (inside[0], "one", "ada"),
        (inside[1], "two", "grace"),
    ]
    assert found[0].labels == {"bug"}
    assert {each.merge_sha for each in found} <= desk.world.repository().commits.keys()
    assert len(desk.asked()) == 2
    assert after not in [each.number for each in found]
    desk.check_exchanges()


def test_a_pull_request_that_came_in_within_another_branch_is_found(desk: Desk) -> None:
    base = tip(desk)
    desk.world.push_file("d.py", "d = 1\n", branch="develop")
    within = desk.world.open_pull_request("within", head="within", files={"w.py": "1"}, base="develop")
    desk.world.push_to(within, {"d.py": "d = 1\n"})
    desk.world.merge(within)
    whole = desk.world.open_pull_request("develop", head="develop", files=None)
    desk.world.merge(whole)

    assert [each.number for each in desk.forge.merged_pulls(desk.repository, base, tip(desk))] == [within, whole]


def test_many_commits_and_pull_requests_are_read_to_the_last_page(desk: Desk) -> None:
    first, base = merged(desk, "first"), tip(desk)
    desk.world.advance(minutes=5)
    inside = [merged(desk, f"p{number}") for number in range(51)]  # each is two commits

    found = desk.forge.merged_pulls(desk.repository, base, tip(desk))

    assert [each.number for each in found] == inside
    assert first not in inside


def test_what_was_closed_long_before_is_not_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        merged(desk, f"old{number}")
    base = tip(desk)
    desk.world.advance(hours=2)
    new = merged(desk, "new")
    monkeypatch.setattr(releases, "PER_PAGE", 2)
    desk.asked()

    assert [each.number for each in desk.forge.merged_pulls(desk.repository, base, tip(desk))] == [new]
    assert [path.rpartition("/")[2] for path in desk.asked()][1:] == ["pulls"]


def test_nothing_was_merged_between_a_commit_and_itself(desk: Desk) -> None:
    assert desk.forge.merged_pulls(desk.repository, tip(desk), tip(desk)) == ()


def test_a_release_is_found_by_its_tag_once_it_is_published(desk: Desk) -> None:
    assert desk.forge.release(desk.repository, "v1.1.0") is None
    made = desk.world.publish_release("v1.1.0")

    found = desk.forge.release(desk.repository, "v1.1.0")

    assert found is not None
    assert (found.id, found.tag, found.is_draft) == (made.id, "v1.1.0", False)
    assert found.url == f"{desk.world.url}/acme/model/releases/tag/v1.1.0"
    assert desk.forge.release(desk.repository, "../../x") is None
    desk.check_exchanges()


def test_a_run_is_read_by_its_number(desk: Desk) -> None:
    run_id = desk.apply(started(desk)).remote_id
    assert run_id is not None

    found = desk.forge.run(desk.repository, run_id)

    assert found is not None
    assert (found.id, found.title, found.event, found.conclusion) == (
        run_id,
        "Suite n0nce",
        "workflow_dispatch",
        None,
    )
    assert desk.forge.run(desk.repository, 1) is None


def test_of_many_runs_with_one_nonce_only_so_many_are_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "PER_PAGE", 1)
    monkeypatch.setattr(actions, "MAX_PAGES", 2)
    _, second, _ = (desk.apply(started(desk)).remote_id for _ in range(3))

    found = desk.forge.run_by_nonce(desk.repository, FILE, "n0nce", desk.world.now)

    assert found is not None
    assert found.id == second


def test_a_run_is_found_by_its_nonce_since_a_moment(desk: Desk) -> None:
    begun = desk.world.now
    first = desk.apply(started(desk)).remote_id

    def find(nonce: str, *, after: timedelta = timedelta(), path: str = PATH) -> int | None:
        found = desk.forge.run_by_nonce(desk.repository, path, nonce, begun + after)
        return found.id if found else None

    assert (find("n0nce"), find("n0nce", path=FILE)) == (first, first)
    assert (find("other"), find("n0nce", after=timedelta(hours=1)), find("n0nce", path="x.yml")) == (None, None, None)
    desk.check_exchanges()
