"""The API answers as GitHub does: pages, conditional requests, and errors in their shape."""

from datetime import timedelta

import httpx
import pytest

from bot.sandbox.state import Repository
from bot.sandbox.world import World

REPO = "/repos/acme/model"


def test_an_unchanged_answer_is_304_and_costs_nothing(world: World, api: httpx.Client) -> None:
    number = world.open_issue("crash")
    first = api.get(f"{REPO}/issues/{number}")

    second = api.get(f"{REPO}/issues/{number}", headers={"If-None-Match": first.headers["etag"]})

    assert (second.status_code, second.content) == (304, b"")
    assert second.headers["x-ratelimit-remaining"] == first.headers["x-ratelimit-remaining"]
    world.add_label(number, "bug")
    changed = api.get(f"{REPO}/issues/{number}", headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200


def test_a_list_comes_in_pages_linked_to_each_other(world: World, api: httpx.Client) -> None:
    for index in range(5):
        world.open_issue(f"issue {index}")

    page = api.get(f"{REPO}/issues", params={"per_page": 2, "page": 2, "state": "all"})

    assert [each["title"] for each in page.json()] == ["issue 2", "issue 1"]
    assert set(page.links) == {"prev", "first", "next", "last"}
    last = api.get(page.links["last"]["url"])
    assert ([each["title"] for each in last.json()], "next" in last.links) == (["issue 0"], False)


def test_issues_are_found_by_state_label_and_last_change(world: World, api: httpx.Client) -> None:
    old, new, closed = (world.open_issue(title) for title in ("old", "new", "closed"))
    world.close_issue(closed)
    moment = world.advance(hours=2)
    world.add_label(new, "bug")

    def titles(**query: str) -> list[str]:
        return [each["title"] for each in api.get(f"{REPO}/issues", params=query).json()]

    assert titles() == ["new", "old"]
    assert titles(state="closed") == ["closed"]
    assert titles(labels="bug") == ["new"]
    assert titles(since=(moment - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ"), state="all") == ["new"]
    assert titles(sort="updated", direction="asc", state="all")[-1] == "new"
    assert old != new


def test_a_wrong_request_is_answered_in_githubs_words(world: World, api: httpx.Client) -> None:
    number = world.open_issue("crash")
    issue = f"{REPO}/issues/{number}"

    assert api.patch(issue, json={"type": "Nonsense"}).status_code == 422
    assert api.post(f"{issue}/comments", json={}).json()["errors"][0]["code"] == "missing_field"
    assert api.post(f"{issue}/comments", json={"body": "x" * 65_537}).status_code == 422
    assert api.delete(f"{issue}/labels/absent").json()["message"] == "Label does not exist"
    assert api.post(f"{REPO}/labels", json={"name": "bug", "color": "ffffff"}).status_code == 422
    assert api.post(f"{REPO}/labels", content=b"{").status_code == 400
    assert api.get(f"{REPO}/issues/99").json()["status"] == "404"
    assert api.get("/nothing/here").status_code == 404
    assert api.get(REPO, headers={"X-GitHub-Api-Version": "1999-01-01"}).status_code == 400


def test_a_deleted_issue_is_gone_and_a_transferred_one_has_moved(world: World, repo: Repository) -> None:
    other = world.create_repository("acme/other")
    world.install(other)
    deleted, moved = world.open_issue("a", repository=repo), world.open_issue("b", repository=repo)
    world.delete_issue(deleted, repository=repo)
    world.transfer_issue(moved, to=other, repository=repo)

    with httpx.Client(base_url=world.url, headers={"Authorization": f"token {world.token(repo)}"}) as api:
        assert api.get(f"{REPO}/issues/{deleted}").status_code == 410
        answer = api.get(f"{REPO}/issues/{moved}")
        assert answer.status_code == 301
        assert api.get(answer.headers["location"]).json()["title"] == "b"


def test_a_reaction_is_made_once_and_can_be_taken_back(world: World, api: httpx.Client) -> None:
    number = world.open_issue("crash")
    said = world.comment(number, "/help", by="ada")
    path = f"{REPO}/issues/comments/{said}/reactions"

    made = api.post(path, json={"content": "eyes"})
    again = api.post(path, json={"content": "eyes"})

    assert (made.status_code, again.status_code, again.json()["id"]) == (201, 200, made.json()["id"])
    assert [each["content"] for each in api.get(path).json()] == ["eyes"]
    assert api.delete(f"{path}/{made.json()['id']}").status_code == 204
    assert world.reactions(number, comment=said) == []


def test_comments_are_listed_since_a_moment_edited_and_deleted(world: World, api: httpx.Client) -> None:
    number = world.open_issue("crash")
    world.comment(number, "old", by="ada")
    moment = world.advance(hours=1)
    world.advance(hours=1)
    made = api.post(f"{REPO}/issues/{number}/comments", json={"body": "new"}).json()
    since = {"since": moment.strftime("%Y-%m-%dT%H:%M:%SZ")}

    assert [each["body"] for each in api.get(f"{REPO}/issues/{number}/comments", params=since).json()] == ["new"]
    assert [each["body"] for each in api.get(f"{REPO}/issues/comments", params=since).json()] == ["new"]
    assert api.patch(f"{REPO}/issues/comments/{made['id']}", json={"body": "newer"}).json()["body"] == "newer"
    assert api.get(f"{REPO}/issues/comments/{made['id']}").json()["performed_via_github_app"]["id"] == world.app_id
    assert api.delete(f"{REPO}/issues/comments/{made['id']}").status_code == 204
    assert world.bot_comments(number) == []


def test_an_issue_is_opened_assigned_closed_and_read_by_the_app(world: World, api: httpx.Client) -> None:
    fields = {"title": "from the app", "body": "text", "labels": ["bug"], "type": "Feature"}
    number = api.post(f"{REPO}/issues", json=fields).json()["number"]
    issue = f"{REPO}/issues/{number}"

    assert api.post(f"{issue}/assignees", json={"assignees": ["maintainer", "nobody"]}).status_code == 201
    closed = api.patch(issue, json={"state": "closed", "state_reason": "not_planned", "title": "done"}).json()
    assert (closed["state_reason"], closed["title"], closed["assignee"]["login"]) == (
        "not_planned",
        "done",
        "maintainer",
    )
    assert api.request("DELETE", f"{issue}/assignees", json={"assignees": ["maintainer"]}).json()["assignees"] == []
    assert api.put(f"{issue}/labels", json={"labels": ["question"]}).json()[0]["name"] == "question"
    assert api.delete(f"{issue}/labels").status_code == 204
    assert [each["name"] for each in api.get("/orgs/acme/issue-types").json()] == ["Bug", "Feature", "Documentation"]
    assert world.issue_type(number) == "Feature"


def test_the_new_api_version_drops_the_single_assignee(world: World, api: httpx.Client) -> None:
    number = world.open_pull_request("Add", head="feature", files={"b.txt": "b"})
    version = {"X-GitHub-Api-Version": "2026-03-10"}

    assert "merge_commit_sha" not in api.get(f"{REPO}/pulls/{number}", headers=version).json()
    assert "merge_commit_sha" in api.get(f"{REPO}/pulls/{number}").json()
    assert [each.api_version for each in world.requests] == ["2026-03-10", None]


def test_a_folder_is_listed_and_a_missing_file_is_not_found(world: World, api: httpx.Client) -> None:
    before = world.repository().branches["main"]
    world.push_file("README.md", None)

    listed = api.get(f"{REPO}/contents/.github").json()
    assert [(each["name"], each["type"]) for each in listed] == [("ISSUE_TEMPLATE", "dir"), ("reeve.yml", "file")]
    assert api.get(f"{REPO}/contents/README.md").status_code == 404
    assert api.get(f"{REPO}/contents/README.md", params={"ref": before}).status_code == 200
    assert api.get(f"{REPO}/contents/README.md", params={"ref": "no-branch"}).status_code == 404


@pytest.mark.parametrize(
    ("role", "folded"), [("none", "none"), ("triage", "read"), ("maintain", "write"), ("admin", "admin")]
)
def test_a_role_is_folded_into_githubs_four_permissions(
    world: World, api: httpx.Client, role: str, folded: str
) -> None:
    world.set_permission("ada", role)

    answer = api.get(f"{REPO}/collaborators/ada/permission").json()

    assert (answer["permission"], answer["role_name"]) == (folded, role)


def test_the_date_header_is_the_sandboxs_own_time(world: World, api: httpx.Client) -> None:
    before = world.now
    world.advance(days=40)

    assert api.get("/meta").headers["date"][5:16] == (before + timedelta(days=40)).strftime("%d %b %Y")


def test_the_page_that_an_issue_links_to_leads_to_the_sandboxs_own_page(world: World, api: httpx.Client) -> None:
    number = world.open_issue("crash")
    link = api.get(f"{REPO}/issues/{number}").json()["html_url"]

    page = api.get(link, follow_redirects=True)

    assert (page.status_code, page.url.fragment) == (200, f"acme/model/{number}")


def test_files_branches_and_commits_are_found_by_name_or_sha(world: World, api: httpx.Client) -> None:
    sha = world.push_file("a.txt", "a", branch="work/one")

    assert api.get(f"{REPO}/commits/{sha}").json()["parents"][0]["sha"] == world.repository().branches["main"]
    assert api.get(f"{REPO}/branches/work%2Fone").json()["commit"]["sha"] == sha
    assert api.get(f"{REPO}/branches/absent").status_code == 404
    assert api.get(f"{REPO}/collaborators/nobody/permission").status_code == 404
    assert api.get(f"{REPO}/issue-types").json()[0]["name"] == "Bug"


def test_labels_and_reactions_are_read_and_set_one_by_one(world: World, api: httpx.Client) -> None:
    number = world.open_issue("crash", labels=["bug"])
    issue = f"{REPO}/issues/{number}"

    assert len(api.get(f"{REPO}/labels").json()) == 9
    assert [each["name"] for each in api.get(f"{issue}/labels").json()] == ["bug"]
    assert api.get(f"{REPO}/labels/absent").status_code == 404
    assert api.patch(f"{REPO}/labels/bug", json={"new_name": "question"}).status_code == 422
    assert api.post(f"{REPO}/labels", json={"name": "x", "color": "red"}).status_code == 422
    assert api.post(f"{issue}/labels", json={"labels": "bug"}).status_code == 422
    assert api.post(f"{issue}/labels", json={"labels": [""]}).status_code == 422
    assert api.post(f"{issue}/reactions", json={"content": "shrug"}).status_code == 422
    assert api.delete(f"{issue}/reactions/1").status_code == 404
    assert api.delete(f"{REPO}/labels/bug").status_code == 204
    assert world.labels(number) == set()


def test_an_issue_is_edited_and_opened_again_by_the_app(world: World, api: httpx.Client) -> None:
    number = world.open_issue("crash")
    world.close_issue(number, reason="not_planned")
    changes = {"state": "open", "body": "new", "assignees": ["maintainer"], "type": None}

    changed = api.patch(f"{REPO}/issues/{number}", json=changes).json()

    assert (changed["state"], changed["state_reason"], changed["body"]) == ("open", "reopened", "new")
    assert [each["login"] for each in changed["assignees"]] == ["maintainer"]
    assert api.patch(f"{REPO}/issues/{number}", json={"state": "half"}).status_code == 422
    assert api.patch(f"{REPO}/issues/{number}", json=[]).status_code == 400
    assert api.get(f"{REPO}/pulls/{number}").status_code == 404
