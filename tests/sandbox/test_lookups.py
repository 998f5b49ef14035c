"""Teams, environments and comparisons: what the sandbox says of them, and to whom."""

import httpx
import pytest

from bot.sandbox.world import World

REPO = "/repos/acme/model"


def test_a_team_is_found_by_its_slug_in_the_apps_own_organisation(world: World, api: httpx.Client) -> None:
    world.create_team("acme/maintainers", members=["maintainer"])
    world.create_team("other/maintainers")

    found = api.get("/orgs/acme/teams/maintainers")

    assert (found.status_code, found.json()["slug"], found.json()["members_count"]) == (200, "maintainers", 1)
    assert api.get("/orgs/acme/teams/nobody").status_code == 404
    assert api.get("/orgs/other/teams/maintainers").status_code == 404


def test_environments_are_listed_with_their_number(world: World, api: httpx.Client) -> None:
    assert api.get(f"{REPO}/environments").json() == {"total_count": 0, "environments": []}
    world.create_environment("gpu")

    found = api.get(f"{REPO}/environments").json()

    assert (found["total_count"], [each["name"] for each in found["environments"]]) == (1, ["gpu"])


def test_the_protection_rules_of_an_environment_name_their_apps(world: World, api: httpx.Client) -> None:
    world.create_environment("gpu", protectors=(7,))

    found = api.get(f"{REPO}/environments/GPU/deployment_protection_rules").json()

    assert (found["total_count"], found["custom_deployment_protection_rules"][0]["app"]["id"]) == (1, 7)
    assert found["custom_deployment_protection_rules"][0]["enabled"] is True
    assert api.get(f"{REPO}/environments/none/deployment_protection_rules").status_code == 404


def test_a_comparison_knows_where_two_branches_went_apart(world: World, api: httpx.Client) -> None:
    fork = world.repository().branches["main"]
    number = world.open_pull_request("x", head="x", files={"a": "1"}, fork=True)
    head = world.pull(number).head_sha
    behind = world.push_file("b", "2")

    found = api.get(f"{REPO}/compare/main...{head}").json()

    assert (found["merge_base_commit"]["sha"], found["base_commit"]["sha"]) == (fork, behind)
    assert (found["status"], found["ahead_by"], found["behind_by"]) == ("diverged", 1, 1)
    assert [each["sha"] for each in found["commits"]] == [head]


@pytest.mark.parametrize(
    ("base", "head", "status"), [("main", "x", "ahead"), ("x", "main", "behind"), ("x", "x", "identical")]
)
def test_a_comparison_says_how_the_two_stand(
    world: World, api: httpx.Client, base: str, head: str, status: str
) -> None:
    world.push_file("a", "1", branch="x")

    assert api.get(f"{REPO}/compare/{base}...{head}").json()["status"] == status


@pytest.mark.parametrize("ends", ["main", "main...nowhere", "nowhere...main"])
def test_a_comparison_of_what_is_not_there_is_404(world: World, api: httpx.Client, ends: str) -> None:  # noqa: ARG001
    assert api.get(f"{REPO}/compare/{ends}").status_code == 404
