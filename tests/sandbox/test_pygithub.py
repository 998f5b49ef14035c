"""PyGithub, unchanged, talks to the sandbox as it does to GitHub."""

import github
import pytest

from bot.sandbox.state import Repository
from bot.sandbox.world import World


def client(world: World, auth: github.Auth.AppAuth, prefix: str = "") -> github.Github:
    installed = auth.get_installation_auth(world.installation().id)
    return github.Github(
        auth=installed,
        base_url=world.url + prefix,
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
    )


@pytest.mark.parametrize("prefix", ["", "/api/v3"])
def test_pygithub_reads_labels_comments_and_types_an_issue(
    world: World, repo: Repository, app_auth: github.Auth.AppAuth, prefix: str
) -> None:
    number = world.open_issue("crash on load", body="it dies")
    found = client(world, app_auth, prefix).get_repo(repo.full_name)

    issue = found.get_issue(number)
    issue.add_to_labels("bug", "needs-triage")
    issue.remove_from_labels("needs-triage")
    comment = issue.create_comment("thanks")
    comment.edit("thanks a lot")
    issue.create_reaction("eyes")
    found._requester.requestJsonAndCheck("PATCH", issue.url, input={"type": "Bug", "labels": ["bug", "sla:ok"]})

    assert world.labels(number) == {"bug", "sla:ok"}
    assert world.issue_type(number) == "Bug"
    assert world.bot_comments(number) == ["thanks a lot"]
    assert world.reactions(number) == [("reeve[bot]", "eyes")]
    assert issue.url.startswith(world.url + prefix)


def test_pygithub_reads_files_branches_permissions_pulls_and_itself(
    world: World, repo: Repository, app_auth: github.Auth.AppAuth
) -> None:
    pull = world.open_pull_request("Add a file", head="feature", files={"new.txt": "x"})
    connection = client(world, app_auth)
    found = connection.get_repo(repo.full_name)

    assert found.get_contents(".github/reeve.yml").decoded_content == b"version: 1\n"  # type: ignore[union-attr]
    assert {each.name for each in found.get_branches()} == {"main", "feature"}
    assert found.get_branch("main").commit.sha == repo.branches["main"]
    assert found.get_collaborator_role_name("maintainer") == "maintain"
    assert found.get_pull(pull).head.ref == "feature"
    assert [each.number for each in found.get_pulls()] == [pull]
    assert connection.get_user("reeve[bot]").type == "Bot"
    assert connection.get_rate_limit().rate.limit == 5000


def test_pygithub_pages_through_a_long_list(world: World, repo: Repository, app_auth: github.Auth.AppAuth) -> None:
    number = world.open_issue("busy")
    for index in range(75):
        world.comment(number, f"comment {index}", by="ada")

    comments = list(client(world, app_auth).get_repo(repo.full_name).get_issue(number).get_comments())

    assert [each.body for each in comments] == [f"comment {index}" for index in range(75)]


def test_pygithub_keeps_labels_of_a_repository(world: World, repo: Repository, app_auth: github.Auth.AppAuth) -> None:
    found = client(world, app_auth).get_repo(repo.full_name)

    found.create_label("kind/bug", "ff0000", "A 缺陷")
    found.get_label("kind/bug").edit("kind/defect", "00ff00")

    assert "kind/defect" in repo.labels
    found.get_label("kind/defect").delete()
    assert "kind/defect" not in repo.labels


def test_pygithub_follows_a_renamed_repository(world: World, repo: Repository, app_auth: github.Auth.AppAuth) -> None:
    world.rename_repository("engine")

    assert client(world, app_auth).get_repo("acme/model").id == repo.id
    assert client(world, app_auth).get_repo(repo.id).full_name == "acme/engine"


def test_pygithub_reads_the_deliveries_log(world: World, repo: Repository, app_auth: github.Auth.AppAuth) -> None:
    world.open_issue("crash", repository=repo)
    world.flush_deliveries()
    integration = github.GithubIntegration(auth=app_auth, base_url=world.url)

    assert [each.id for each in integration.get_installations()] == [world.installation().id]
    _, items = integration.requester.requestJsonAndCheck("GET", "/app/hook/deliveries")
    assert [item["event"] for item in items] == ["issues", "installation"]
