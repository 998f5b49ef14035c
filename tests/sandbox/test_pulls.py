"""Pull requests and branches: opened by people and by the App, from here and from forks, pushed to and merged."""

import base64
from typing import Any

import httpx
import pytest

from bot.sandbox.state import Repository
from bot.sandbox.world import World
from tests.sandbox.receiver import Receiver

REPO = "/repos/acme/model"


def file(text: str, **more: Any) -> dict[str, Any]:
    return {"message": "Write", "content": base64.b64encode(text.encode()).decode(), **more}


def test_a_pull_request_from_a_fork_is_told_pushed_to_made_ready_and_merged(
    world: World, receiver: Receiver, repo: Repository
) -> None:
    number = world.open_pull_request("Add", head="feature", files={"a.txt": "a"}, fork=True, draft=True)
    opened = world.pull(number).head_sha
    pushed = world.push_to(number, {"a.txt": "aa", "README.md": None})
    world.make_ready(number)
    merged = world.merge(number)
    world.flush_deliveries()

    assert receiver.events()[1:] == [
        *(f"pull_request.{action}" for action in ("opened", "synchronize", "ready_for_review")),
        "push",
        "pull_request.closed",
    ]
    first, second, last = (receiver.received[at].payload for at in (1, 2, 5))
    assert first["pull_request"]["head"]["repo"]["full_name"] == "ada/model"
    assert first["pull_request"]["head"]["repo"]["fork"]
    assert (second["before"], second["after"]) == (opened, pushed)
    assert (last["pull_request"]["merged"], last["pull_request"]["merge_commit_sha"]) == (True, merged)
    assert repo.commit().files["a.txt"] == b"aa"  # type: ignore[union-attr]
    assert world.pulls()[0].state == "closed"


def test_a_pull_request_shows_the_files_that_it_changes(world: World, api: httpx.Client) -> None:
    files = {"a.txt": "a\n", "README.md": None, ".github/reeve.yml": "version: 2\n"}
    number = world.open_pull_request("Change", head="feature", files=files)

    listed = api.get(f"{REPO}/pulls/{number}/files").json()

    assert world.pull_files(number) == files
    assert [(each["filename"], each["status"]) for each in listed] == [
        (".github/reeve.yml", "modified"),
        ("README.md", "removed"),
        ("a.txt", "added"),
    ]
    assert api.get(f"{REPO}/pulls/{number}").json()["changed_files"] == 3


def test_the_app_makes_a_branch_writes_files_and_opens_a_pull_request(
    world: World, repo: Repository, api: httpx.Client
) -> None:
    head = api.get(f"{REPO}/git/ref/heads/main").json()["object"]["sha"]
    made = api.post(f"{REPO}/git/refs", json={"ref": "refs/heads/reeve/welcome", "sha": head})
    assert (made.status_code, made.json()["ref"]) == (201, "refs/heads/reeve/welcome")

    written = api.put(f"{REPO}/contents/docs/a b.md", json=file("# 你好", branch="reeve/welcome"))
    changed = api.put(
        f"{REPO}/contents/docs/a b.md", json=file("# Hi", branch="reeve/welcome", sha=written.json()["content"]["sha"])
    )
    fields = {"title": "Welcome", "head": "reeve/welcome", "base": "main", "body": "Hello"}
    opened = api.post(f"{REPO}/pulls", json=fields)

    assert (written.status_code, changed.status_code, opened.status_code) == (201, 200, 201)
    number = opened.json()["number"]
    assert world.pull_files(number) == {"docs/a b.md": "# Hi"}
    assert repo.issues[number].author.login == "reeve[bot]"
    assert [each["number"] for each in api.get(f"{REPO}/pulls", params={"head": "acme:reeve/welcome"}).json()] == [
        number
    ]
    assert api.get(f"{REPO}/pulls", params={"head": "acme:other"}).json() == []
    assert api.get(f"{REPO}/pulls", params={"base": "other"}).json() == []
    again = api.post(f"{REPO}/pulls", json=fields)
    assert again.json()["errors"][0]["message"] == "A pull request already exists for acme:reeve/welcome."
    closed = api.patch(f"{REPO}/pulls/{number}", json={"title": "Hello", "body": "", "state": "closed"}).json()
    assert (closed["title"], closed["state"]) == ("Hello", "closed")
    assert api.patch(f"{REPO}/pulls/{number}", json={"state": "open"}).json()["state"] == "open"


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"ref": "refs/heads/main", "sha": "HEAD"}, 422, "already exists"),
        ({"ref": "refs/heads/new", "sha": "0" * 40}, 422, "does not exist"),
        ({"ref": "main", "sha": "HEAD"}, 422, "refs/heads/"),
    ],
)
def test_a_branch_that_cannot_be_made_is_refused(
    repo: Repository, api: httpx.Client, body: dict[str, str], status: int, words: str
) -> None:
    answer = api.post(f"{REPO}/git/refs", json=body | {"sha": body["sha"].replace("HEAD", repo.branches["main"])})

    assert answer.status_code == status
    assert words in answer.json()["message"]
    assert api.get(f"{REPO}/git/ref/heads/absent").status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("README.md", file("x"), 422),
        ("README.md", file("x", sha="0" * 40), 409),
        ("new.md", file("x", branch="absent"), 404),
        ("new.md", {"message": "x", "content": "%"}, 422),
        ("new.md", {"message": "x"}, 422),
    ],
)
@pytest.mark.usefixtures("repo")
def test_a_file_that_cannot_be_written_is_refused(
    api: httpx.Client, path: str, body: dict[str, Any], status: int
) -> None:
    assert api.put(f"{REPO}/contents/{path}", json=body).status_code == status


def test_workflows_are_written_only_with_their_own_permission(world: World, repo: Repository) -> None:
    token = world.token(repo, permissions={"contents": "write"})
    with httpx.Client(base_url=world.url, headers={"Authorization": f"token {token}"}, trust_env=False) as narrow:
        assert narrow.put(f"{REPO}/contents/.github/workflows/ci.yml", json=file("on: push")).status_code == 403
        assert narrow.put(f"{REPO}/contents/.github/ci.yml", json=file("on: push")).status_code == 201


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"head": "absent"}, "head"),
        ({"base": "absent"}, "base"),
        ({"head": "main"}, "No commits between main and main"),
    ],
)
@pytest.mark.usefixtures("repo")
def test_a_pull_request_that_cannot_be_opened_is_refused(
    world: World, api: httpx.Client, change: dict[str, str], words: str
) -> None:
    world.push_file("a.txt", "a", branch="feature")

    answer = api.post(f"{REPO}/pulls", json={"title": "Add", "head": "feature", "base": "main"} | change)

    assert answer.status_code == 422
    assert words in answer.text


def test_a_story_cannot_push_to_an_issue(world: World, repo: Repository) -> None:
    with pytest.raises(LookupError, match="not a pull request"):
        world.push_to(world.open_issue("crash", repository=repo), {"a": "a"})


def test_a_deleted_repository_is_told_and_gone(world: World, receiver: Receiver, repo: Repository) -> None:
    world.delete_repository()
    world.flush_deliveries()

    assert receiver.events()[-1] == "repository.deleted"
    with pytest.raises(LookupError):
        world.open_issue("crash", repository="acme/model")
    assert repo.id not in {each.id for each in world._state.repositories.values()}


def test_pull_requests_and_comments_are_listed_in_the_order_that_is_asked_for(world: World, api: httpx.Client) -> None:
    first, second = (world.open_pull_request(name, head=name, files={"a": name}) for name in ("first", "second"))
    older = world.comment(first, "older", by="ada")
    newer = world.comment(first, "newer", by="ada")
    world.advance(hours=1)
    world.push_to(first, {"a": "changed"})
    world.edit_comment(first, older, "edited")

    def listed(path: str, key: str, **query: str) -> list[int]:
        return [each[key] for each in api.get(f"{REPO}/{path}", params=query).json()]

    assert listed("pulls", "number") == [second, first]
    assert listed("pulls", "number", sort="created", direction="asc") == [first, second]
    assert listed("pulls", "number", sort="updated", direction="desc") == [first, second]
    assert listed("pulls", "number", sort="updated") == [second, first]
    assert listed("issues/comments", "id", direction="desc") == [older, newer]
    assert listed("issues/comments", "id", sort="updated") == [newer, older]
    assert listed("issues/comments", "id", sort="created", direction="desc") == [newer, older]
