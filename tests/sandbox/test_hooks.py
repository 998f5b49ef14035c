"""Webhooks arrive signed, as GitHub sends them, and are sent again only on request."""

import hashlib
import hmac
from urllib.parse import parse_qs

import httpx

from bot.sandbox.state import Repository
from bot.sandbox.world import World
from tests.sandbox.receiver import Receiver


def test_a_delivery_is_signed_over_its_bytes_and_carries_githubs_headers(
    world: World, receiver: Receiver, repo: Repository
) -> None:
    world.open_issue("加载时崩溃", author="小明")
    world.flush_deliveries()

    got = receiver.received[-1]
    expected = hmac.new(world.webhook_secret.encode(), got.body, hashlib.sha256).hexdigest()
    assert got.headers["x-hub-signature-256"] == f"sha256={expected}"
    assert got.event == "issues"
    assert got.headers["x-github-hook-installation-target-type"] == "integration"
    assert got.headers["x-github-hook-installation-target-id"] == str(world.app_id)
    assert got.headers["user-agent"].startswith("GitHub-Hookshot/")
    assert got.payload["issue"]["title"] == "加载时崩溃"
    assert got.payload["repository"]["id"] == repo.id
    assert got.payload["installation"]["id"] == world.installation().id
    assert "github.com" not in got.body.decode()


def test_everything_people_do_is_told_in_order(world: World, receiver: Receiver, repo: Repository) -> None:
    other = world.create_repository("acme/other")
    world.install(other)
    number = world.open_issue("crash", labels=("bug",), issue_type="Bug", repository=repo)
    world.edit_issue(number, title="crash on load", body="now with a body", repository=repo)
    world.remove_label(number, "bug", repository=repo)
    world.set_type(number, None, repository=repo)
    world.assign(number, "maintainer", repository=repo)
    said = world.comment(number, "me too", by="bob", repository=repo)
    world.edit_comment(number, said, "me too!", repository=repo)
    world.delete_comment(number, said, repository=repo)
    world.close_issue(number, repository=repo)
    world.reopen_issue(number, repository=repo)
    world.transfer_issue(number, to=other, repository=repo)
    world.push_file("a.txt", "a", repository=repo)
    pull = world.open_pull_request("Add", head="feature", files={"b.txt": "b"}, repository=repo)
    world.push_file("b.txt", "bb", branch="feature", repository=repo)
    world.close_issue(pull, repository=repo)
    world.rename_repository("engine", repository=repo)
    world.remove_from_installation(other)
    world.suspend(repo)
    world.unsuspend(repo)
    world.uninstall(repo)
    world.ping()
    world.flush_deliveries()

    assert receiver.events() == [
        "installation.created", "installation_repositories.added",
        "issues.opened", "issues.labeled", "issues.typed", "issues.edited", "issues.edited", "issues.unlabeled",
        "issues.untyped", "issues.assigned", "issue_comment.created", "issue_comment.edited", "issue_comment.deleted",
        "issues.closed", "issues.reopened", "issues.transferred", "issues.opened", "push",
        "push", "pull_request.opened", "push", "pull_request.synchronize", "pull_request.closed",
        "repository.renamed", "installation_repositories.removed",
        "installation.suspend", "installation.unsuspend", "installation.deleted", "ping",
    ]  # fmt: skip


def test_what_the_app_does_comes_back_as_an_event_of_its_bot(
    world: World, receiver: Receiver, api: httpx.Client
) -> None:
    number = world.open_issue("crash")

    api.post(f"/repos/acme/model/issues/{number}/comments", json={"body": "hello"})
    world.flush_deliveries()

    payload = receiver.received[-1].payload
    assert payload["sender"]["login"] == "reeve[bot]"
    assert payload["sender"]["type"] == "Bot"
    assert payload["comment"]["performed_via_github_app"]["id"] == world.app_id


def test_a_failed_delivery_is_never_sent_again_by_itself_and_once_on_request_under_the_same_guid(
    world: World, receiver: Receiver, repo: Repository, as_app: httpx.Client
) -> None:
    world.faults.webhooks.receiver_down = True
    world.open_issue("crash", repository=repo)
    world.flush_deliveries()
    world.faults.webhooks.receiver_down = False
    failed = as_app.get("/app/hook/deliveries", params={"per_page": 1}).json()[0]
    assert (failed["status_code"], receiver.events()) == (502, ["installation.created"])

    as_app.post(f"/app/hook/deliveries/{failed['id']}/attempts")
    world.flush_deliveries()

    assert [each.guid for each in receiver.received[1:]] == [failed["guid"]]
    again = as_app.get("/app/hook/deliveries").json()[0]
    assert (again["guid"], again["redelivery"], again["status"]) == (failed["guid"], True, "Accepted")
    details = as_app.get(f"/app/hook/deliveries/{again['id']}").json()
    assert details["request"]["payload"]["action"] == "opened"


def test_the_log_is_read_by_cursor_and_forgets_after_three_days(
    world: World, repo: Repository, as_app: httpx.Client
) -> None:
    for index in range(5):
        world.open_issue(f"issue {index}", repository=repo)
    world.flush_deliveries()

    first = as_app.get("/app/hook/deliveries", params={"per_page": 4})
    second = as_app.get(first.links["next"]["url"])

    assert (len(first.json()), len(second.json()), "next" in second.links) == (4, 2, False)
    world.advance(days=3)
    assert as_app.get("/app/hook/deliveries").json() == []


def test_a_form_encoded_delivery_holds_the_same_payload_in_one_field(
    world: World, receiver: Receiver, repo: Repository
) -> None:
    world.send_as_form()
    world.open_issue("a & b = c", repository=repo)
    world.flush_deliveries()

    got = receiver.received[-1]
    expected = hmac.new(world.webhook_secret.encode(), got.body, hashlib.sha256).hexdigest()
    assert got.headers["content-type"] == "application/x-www-form-urlencoded"
    assert '"title":"a & b = c"' in parse_qs(got.body.decode())["payload"][0]
    assert got.headers["x-hub-signature-256"] == f"sha256={expected}"


def test_a_suspended_or_uninstalled_app_is_told_nothing_more_about_repositories(
    world: World, receiver: Receiver, repo: Repository
) -> None:
    world.suspend(repo)
    world.open_issue("unheard", repository=repo)
    world.flush_deliveries()

    assert receiver.events() == ["installation.created", "installation.suspend"]
