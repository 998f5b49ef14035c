"""What commands and sweeps read, against the sandbox: roles, comments, pull requests, and all that changed."""

from datetime import datetime, timedelta

import pytest

from bot.github.forge import GitHub
from bot.model.errors import GitHubDown, Gone, Refused
from bot.model.facts import Issue
from bot.model.roles import Role
from bot.model.subjects import Actor, Repository
from tests.github.conftest import MINT
from tests.github.desk import NOON, Desk
from tests.github.little_server import LittleServer, Reply

POLICY = ".github/reeve.yml"
PERMISSION = "GET /repos/acme/model/collaborators/ada/permission"


def user_id(desk: Desk, login: str) -> int:
    return desk.world._state.account(login).id


@pytest.mark.parametrize("role", list(Role))
def test_a_role_is_asked_for_by_name_and_checked_by_number(desk: Desk, role: Role) -> None:
    desk.world.set_permission("ada", role.name.lower())

    assert desk.forge.permission(desk.repository, "ada", user_id(desk, "ada")) is role
    assert desk.forge.permission(desk.repository, "ada", 1) is None
    assert desk.forge.permission(desk.repository, "nobody-known", 1) is None
    desk.check_exchanges()


@pytest.mark.parametrize(
    ("permission", "role_name", "role"),
    [
        ("write", "security-reviewer", Role.WRITE),
        ("read", "label-gnome", Role.READ),
        ("admin", "owner", Role.ADMIN),
        ("read", "admin", Role.TRIAGE),
        ("write", "admin", Role.MAINTAIN),
        ("none", "admin", Role.NONE),
        ("superuser", "admin", Role.NONE),
        ("write", "", Role.WRITE),
    ],
)
def test_a_role_that_an_organization_made_up_counts_for_what_it_is_built_on(
    github: GitHub, server: LittleServer, repository: Repository, permission: str, role_name: str, role: Role
) -> None:
    server.will_say(PERMISSION, Reply(200, {"permission": permission, "role_name": role_name, "user": {"id": 1}}))

    assert github.installation(77).permission(repository, "ada", 1) is role


def test_a_deleted_account_has_no_role(github: GitHub, server: LittleServer, repository: Repository) -> None:
    server.will_say(PERMISSION, Reply(200, {"permission": "admin", "role_name": "admin", "user": None}))

    assert github.installation(77).permission(repository, "ada", 1) is None


def test_a_login_is_one_segment_of_the_address(github: GitHub, server: LittleServer, repository: Repository) -> None:
    github.installation(77).permission(repository, "ada/../eve?x", 1)

    assert server.names() == [MINT, "GET /repos/acme/model/collaborators/ada%2F..%2Feve%3Fx/permission"]


def test_a_comment_is_read_as_it_stands_and_a_deleted_one_is_none(desk: Desk) -> None:
    number = desk.world.open_issue("Crash")
    written = desk.world.comment(number, "/why", by="ada")
    desk.world.advance(minutes=5)
    desk.world.edit_comment(number, written, "/label +p1")

    found = desk.forge.comment(desk.repository, written)

    assert found is not None
    assert (found.id, found.body, found.author) == (written, "/label +p1", Actor(user_id(desk, "ada"), "ada"))
    assert (found.created_at, found.updated_at) == (NOON, NOON + timedelta(minutes=5))
    desk.world.delete_comment(number, written)
    assert desk.forge.comment(desk.repository, written) is None
    desk.check_exchanges()


def test_a_pull_request_is_read_as_it_stands(desk: Desk) -> None:
    number = desk.world.open_pull_request("Add", head="feature", files={"a": "a"}, fork=True, draft=True)
    pushed = desk.world.push_to(number, {"a": "aa"})
    desk.world.add_label(number, "p1")

    found = desk.forge.pull(desk.repository, number)

    assert (found.subject, found.title, found.body, set(found.labels)) == (desk.subject(number), "Add", "", {"p1"})
    assert (found.head_sha, found.head_ref, found.base_ref) == (pushed, "feature", "main")
    assert (found.is_open, found.is_draft, found.is_merged, found.is_from_fork) == (True, True, False, True)
    desk.world.merge(number)
    merged = desk.forge.pull(desk.repository, number)
    assert (merged.is_open, merged.is_merged) == (False, True)
    with pytest.raises(Gone):
        desk.forge.pull(desk.repository, desk.world.open_issue("Crash"))
    desk.check_exchanges()


def test_a_file_is_read_at_the_commit_that_is_named_also_in_a_renamed_repository(desk: Desk) -> None:
    before = desk.world.repository().branches["main"]
    desk.world.push_file(POLICY, "sla: {bug: 12h}\n")
    desk.world.rename_repository("engine")

    for ref, text in ((before, "sla: {}\n"), (None, "sla: {bug: 12h}\n"), ("main", "sla: {bug: 12h}\n")):
        read = desk.forge.file(desk.repository, POLICY, etag=None, ref=ref)
        assert read is not None
        assert read.value == text


def test_a_repository_tells_its_present_name_and_default_branch(desk: Desk) -> None:
    desk.world.push_file("README.md", "#", branch="trunk")
    desk.world.repository().default_branch = "trunk"
    desk.world.rename_repository("engine")

    found = desk.forge.repository(desk.repository)

    assert (found.full_name, found.default_branch, found.organization) == ("acme/engine", "trunk", "acme")
    assert found.id == desk.repository.id


def test_another_repository_under_the_same_name_is_not_taken_for_it(
    github: GitHub, server: LittleServer, repository: Repository
) -> None:
    server.will_say("GET /repos/acme/model", Reply(200, {"id": 5, "full_name": "acme/model"}))

    with pytest.raises(Gone, match="another repository"):
        github.installation(77).repository(repository)


# -- sweeps -------------------------------------------------------------------------------------------------------


def sweep(desk: Desk, since: datetime | None = None, **more: str) -> list[Issue]:
    return list(desk.forge.issues(desk.repository, since=since, **more))


def test_issues_are_swept_without_pull_requests_in_the_order_of_their_changes(desk: Desk) -> None:
    first, second, closed = (desk.world.open_issue(title) for title in ("first", "second", "closed"))
    desk.world.open_pull_request("Add", head="feature", files={"a": "a"})
    desk.world.advance(hours=1)
    desk.world.close_issue(closed)
    desk.world.add_label(first, "bug")

    assert [each.subject.number for each in sweep(desk)] == [second, first]
    assert [each.subject.number for each in sweep(desk, NOON + timedelta(minutes=30))] == [first]
    assert {each.subject.number for each in sweep(desk, NOON + timedelta(minutes=30), state="all")} == {first, closed}
    desk.check_exchanges()


@pytest.mark.parametrize("spread", [timedelta(), timedelta(seconds=1), timedelta(milliseconds=30)])
def test_hundreds_of_issues_are_swept_each_once(desk: Desk, spread: timedelta) -> None:
    for n in range(250):
        desk.world.open_issue(str(n))
        desk.world.advance(seconds=spread.total_seconds())

    assert sorted(each.subject.number for each in sweep(desk)) == list(range(1, 251))


def test_nothing_is_passed_over_while_issues_close_and_change_under_the_sweep(desk: Desk) -> None:
    for n in range(250):
        desk.world.open_issue(str(n))
        desk.world.advance(seconds=1)
    read = desk.forge.issues(desk.repository, since=None)
    seen = {next(read).subject.number for _ in range(100)}
    for number in range(1, 60):
        desk.world.close_issue(number)
    for number in range(60, 90):
        desk.world.add_label(number, "bug")

    again = list(read)

    assert seen | {each.subject.number for each in again} == set(range(1, 251))
    assert {each.subject.number for each in again if "bug" in each.labels} == set(range(60, 90))


def test_a_sweep_of_a_renamed_repository_is_whole(desk: Desk) -> None:
    for n in range(120):
        desk.world.open_issue(str(n))
    desk.world.rename_repository("engine")

    assert len(sweep(desk)) == 120
    assert sweep(desk, NOON + timedelta(hours=1)) == []


def test_comments_are_swept_with_the_number_of_what_they_stand_under(desk: Desk) -> None:
    issue = desk.world.open_issue("Crash")
    pull = desk.world.open_pull_request("Add", head="feature", files={"a": "a"})
    desk.world.comment(issue, "old", by="ada")
    edited = desk.world.comment(issue, "older", by="ada")
    desk.world.advance(hours=1)
    desk.world.edit_comment(issue, edited, "new")
    desk.world.comment(pull, "/why", by="bob")
    for n in range(120):
        desk.world.comment(issue, f"me too {n}", by="eve")

    found = [
        (number, each.body) for number, each in desk.forge.comments(desk.repository, since=NOON + timedelta(hours=1))
    ]

    assert len(found) == 122
    assert {(issue, "new"), (pull, "/why"), (issue, "me too 119")} <= set(found)
    assert len(list(desk.forge.comments(desk.repository, since=None))) == 123
    desk.check_exchanges()


def test_reads_of_another_installation_are_refused_unasked(desk: Desk) -> None:
    other = Repository(1, "other/model", 5)
    for read in (desk.forge.issues, desk.forge.comments):
        with pytest.raises(Refused):
            read(other, since=None)
    with pytest.raises(Refused):
        desk.forge.repository(other)
    assert desk.asked() == []


# -- the App itself -----------------------------------------------------------------------------------------------


def test_the_app_knows_where_it_is_installed(desk: Desk) -> None:
    desk.world.create_repository("ada/tools", organization=False)
    desk.world.install("ada/tools")
    desk.world.suspend("ada/tools")

    org, person = desk.github.installations()

    assert (org.id, org.account, org.is_organization, org.is_suspended) == (
        desk.repository.installation_id,
        "acme",
        True,
        False,
    )
    assert (person.account, person.is_organization, person.is_suspended) == ("ada", False, True)
    assert (org.permissions["checks"], "issues" in org.events) == ("write", True)
    with pytest.raises(Refused, match="suspended"):
        list(desk.github.repositories(person.id))
    desk.check_exchanges()


def test_the_app_lists_all_repositories_of_an_installation(desk: Desk) -> None:
    for n in range(110):
        desk.world.install(desk.world.create_repository(f"acme/model-{n}"))
    desk.world._state.repositories[desk.repository.id].default_branch = "trunk"

    found = list(desk.github.repositories(desk.repository.installation_id))

    assert len(found) == 111
    assert found[0] == Repository(desk.repository.id, "acme/model", desk.repository.installation_id, "trunk", "acme")


def test_the_app_knows_what_it_asks_for_and_where_its_deliveries_go(desk: Desk) -> None:
    desk.world.receiver = "http://127.0.0.1:9/webhook"

    app, hook = desk.github.app(), desk.github.hook_config()

    assert (app.id, app.slug, app.permissions["issues"]) == (desk.world.app_id, "reeve", "write")
    assert "pull_request" in app.events
    assert (hook.url, hook.content_type) == ("http://127.0.0.1:9/webhook", "json")
    assert (hook.has_secret, hook.checks_certificate) == (True, True)
    desk.check_exchanges()


def test_a_hook_without_a_secret_or_certificate_says_so(github: GitHub, server: LittleServer) -> None:
    server.will_say("GET /app/hook/config", Reply(200, {"url": "https://reeve.example", "insecure_ssl": 1}))

    hook = github.hook_config()

    assert (hook.has_secret, hook.checks_certificate) == (False, False)


def test_failed_deliveries_are_found_back_to_a_moment_and_sent_again(desk: Desk) -> None:
    desk.world.receiver = "http://127.0.0.1:9/webhook"  # nobody listens there
    desk.world.open_issue("too old")
    desk.world.flush_deliveries()
    desk.world.advance(hours=2)
    for n in range(130):
        desk.world.open_issue(str(n))
    desk.world.flush_deliveries()

    failed = list(desk.github.failed_deliveries(NOON + timedelta(hours=1)))

    assert len(failed) == len({each.guid for each in failed}) == 130
    assert [each.id for each in failed] == sorted((each.id for each in failed), reverse=True)
    assert {(each.is_ok, each.delivered_at) for each in failed} == {(False, NOON + timedelta(hours=2))}
    desk.github.redeliver(failed[-1].id)
    desk.world.flush_deliveries()
    again = list(desk.github.failed_deliveries(NOON + timedelta(hours=1)))
    assert {each.guid for each in again} == {each.guid for each in failed}
    assert again[0].guid == failed[-1].guid
    with pytest.raises(Gone):
        desk.github.redeliver(1)
    desk.check_exchanges()


def test_a_delivery_that_arrived_in_the_end_did_not_fail(github: GitHub, server: LittleServer) -> None:
    def attempt(number: int, guid: str, status: int) -> dict[str, object]:
        return {"id": number, "guid": guid, "delivered_at": "2026-11-23T11:00:00Z", "status_code": status}

    log = [attempt(4, "a", 202), attempt(3, "b", 500), attempt(2, "a", 502), attempt(1, "b", 0)]
    server.will_say("GET /app/hook/deliveries", Reply(200, log))

    assert [each.id for each in github.failed_deliveries(NOON - timedelta(days=3))] == [3]


def test_a_comment_from_nowhere_is_an_answer_that_cannot_be_read(
    github: GitHub, server: LittleServer, repository: Repository
) -> None:
    when = "2026-11-20T10:00:00Z"
    odd = {"id": 1, "created_at": when, "updated_at": when, "issue_url": "https://x/issues/"}
    server.will_say("GET /repos/acme/model/issues/comments", Reply(200, [odd]))

    with pytest.raises(GitHubDown, match="names no issue"):
        list(github.installation(77).comments(repository, since=None))
