"""Tags, releases, statuses, milestones, starts by hand, deployments that wait: how the sandbox keeps and tells them."""

from typing import Any

import httpx
import pytest

from bot.sandbox.world import World

REPO = "/repos/acme/model"
FILE = "gpu.yml"
PATH = f".github/workflows/{FILE}"
GPU = """\
name: GPU
run-name: Suite ${{ inputs.nonce }} of ${{ github.event.inputs.profile }}
on:
  workflow_dispatch:
    inputs:
      nonce: {type: string, required: true}
      profile: {type: choice, options: [smoke, release], default: release}
      dry: {type: boolean, default: false}
jobs: {}
"""


def tip(world: World) -> str:
    return world.repository().branches["main"]


def told(world: World, event: str) -> list[tuple[str | None, dict[str, Any]]]:
    """Return what was told of an event, oldest first, as actions and payloads."""
    world.flush_deliveries()
    return [(each.action, each.payload) for each in reversed(world.deliveries) if each.event == event]


def test_a_tag_is_made_once_at_a_commit_that_is_there(world: World, api: httpx.Client) -> None:
    wish = {"ref": "refs/tags/v1.0.0", "sha": tip(world)}

    assert api.post(f"{REPO}/git/refs", json=wish).json()["object"] == {
        "type": "commit",
        "sha": tip(world),
        "url": f"{world.url}{REPO}/git/commits/{tip(world)}",
    }
    assert api.post(f"{REPO}/git/refs", json=wish).json()["message"] == "Reference already exists"
    assert api.post(f"{REPO}/git/refs", json=wish | {"ref": "refs/tags/x", "sha": "0" * 40}).status_code == 422
    assert api.post(f"{REPO}/git/refs", json=wish | {"ref": "refs/notes/x"}).status_code == 422
    assert world.tags() == {"v1.0.0": tip(world)}
    assert told(world, "push")[-1][1]["ref"] == "refs/tags/v1.0.0"


def test_an_annotated_tag_leads_to_its_commit_by_way_of_an_object(world: World, api: httpx.Client) -> None:
    world.create_tag("v1.0.0", tip(world), message="One")

    pointed = api.get(f"{REPO}/git/ref/tags/v1.0.0").json()["object"]

    assert pointed["type"] == "tag"
    assert api.get(f"{REPO}/git/tags/{pointed['sha']}").json()["object"]["sha"] == tip(world)
    assert api.get(f"{REPO}/git/tags/{tip(world)}").status_code == 404
    assert [each["commit"]["sha"] for each in api.get(f"{REPO}/tags").json()] == [tip(world)]
    assert api.get(f"{REPO}/commits/v1.0.0").json()["sha"] == tip(world)


def test_a_release_is_published_once_and_told_three_times(world: World, api: httpx.Client) -> None:
    wish = {"tag_name": "v1.0.0", "name": "One", "body": "Notes"}

    made = api.post(f"{REPO}/releases", json=wish)

    assert (made.status_code, made.json()["draft"], made.json()["body"]) == (201, False, "Notes")
    assert api.get(f"{REPO}/releases/tags/v1.0.0").json()["id"] == made.json()["id"]
    assert api.post(f"{REPO}/releases", json=wish).json()["errors"][0]["code"] == "already_exists"
    assert world.tags() == {"v1.0.0": tip(world)}, "GitHub makes a tag that is missing"
    assert [action for action, _ in told(world, "release")] == ["created", "published", "released"]


def test_a_draft_has_no_tag_and_is_not_found_by_it(world: World, api: httpx.Client) -> None:
    assert api.post(f"{REPO}/releases", json={"tag_name": "v1.0.0", "draft": True}).status_code == 201

    assert api.get(f"{REPO}/releases/tags/v1.0.0").status_code == 404
    assert (world.tags(), [each.draft for each in world.releases()]) == ({}, [True])
    assert [each["name"] for each in api.get(f"{REPO}/releases").json()] == ["v1.0.0"]


def test_a_release_at_a_commit_that_is_not_there_is_refused(api: httpx.Client) -> None:
    wish = {"tag_name": "v1.0.0", "target_commitish": "nowhere"}

    assert api.post(f"{REPO}/releases", json=wish).status_code == 422


def test_the_newest_status_of_each_context_counts(world: World, api: httpx.Client) -> None:
    for context, state in (("a", "failure"), ("b", "success"), ("a", "success")):
        world.set_status(tip(world), context, state)  # type: ignore[arg-type]

    found = api.get(f"{REPO}/commits/main/status", params={"per_page": 1})

    assert (found.json()["state"], found.json()["total_count"], len(found.json()["statuses"])) == ("success", 2, 1)
    assert 'rel="next"' in found.headers["link"]
    assert api.get(f"{REPO}/commits/nowhere/status").status_code == 404


def test_checks_of_github_actions_stand_beside_the_apps_own(world: World, api: httpx.Client) -> None:
    own = api.post(f"{REPO}/check-runs", json={"name": "test", "head_sha": tip(world)}).json()["id"]
    world.report_check(tip(world), "test", "failure")
    newest = world.report_check(tip(world), "test", "success")

    listed = api.get(f"{REPO}/commits/main/check-runs").json()["check_runs"]

    assert {(each["id"], each["app"]["slug"]) for each in listed} == {(own, "reeve"), (newest, "github-actions")}
    assert [each["id"] for each in api.get(f"{REPO}/commits/main/check-runs?app_id=15368").json()["check_runs"]] == [
        newest
    ]
    assert api.patch(f"{REPO}/check-runs/{newest}", json={"conclusion": "failure"}).status_code == 403
    assert told(world, "check_run")[-1][1]["check_run"]["app"]["slug"] == "github-actions"


def test_issues_are_listed_by_milestone_and_counted_there(world: World, api: httpx.Client) -> None:
    inside, moved, outside = (world.open_issue(title) for title in "abc")
    for title in ("v1.0.0", "v2.0.0"):
        world.create_milestone(title)
    for number in (inside, moved):
        world.set_milestone(number, "v1.0.0")
    world.set_milestone(moved, "v2.0.0")

    def numbers(milestone: str) -> list[int]:
        return [each["number"] for each in api.get(f"{REPO}/issues", params={"milestone": milestone}).json()]

    assert (numbers("1"), numbers("none"), numbers("*")) == ([inside], [outside], [moved, inside])
    assert [(each["title"], each["open_issues"]) for each in api.get(f"{REPO}/milestones").json()] == [
        ("v1.0.0", 1),
        ("v2.0.0", 1),
    ]
    assert [action for action, _ in told(world, "issues")][-3:] == ["milestoned", "demilestoned", "milestoned"]
    entries = api.get(f"{REPO}/issues/{moved}/timeline").json()
    assert [(each["event"], each["milestone"]["title"]) for each in entries] == [
        ("milestoned", "v1.0.0"),
        ("demilestoned", "v1.0.0"),
        ("milestoned", "v2.0.0"),
    ]


def test_a_start_by_hand_gives_a_run_with_a_title_of_its_inputs(world: World, api: httpx.Client) -> None:
    sha = world.push_file(PATH, GPU)
    wish = {"ref": "main", "inputs": {"nonce": "n0nce"}, "return_run_details": True}

    answer = api.post(f"{REPO}/actions/workflows/{FILE}/dispatches", json=wish)

    (run,) = world.dispatches()
    assert (answer.status_code, answer.json()["workflow_run_id"]) == (200, run.id)
    assert (run.path, run.head_sha, run.inputs) == (
        PATH,
        sha,
        {"nonce": "n0nce", "profile": "release", "dry": "false"},
    )
    shown = api.get(f"{REPO}/actions/runs/{run.id}").json()
    assert (shown["display_title"], shown["event"]) == ("Suite n0nce of release", "workflow_dispatch")
    world.finish_workflow(run, {"result": {"result.json": b"{}"}})
    assert [(action, payload["workflow_run"]["id"]) for action, payload in told(world, "workflow_run")] == [
        ("requested", run.id),
        ("completed", run.id),
    ]


def test_without_asking_or_on_an_older_server_a_start_is_answered_with_nothing(world: World, api: httpx.Client) -> None:
    world.push_file(PATH, GPU)
    place, wish = f"{REPO}/actions/workflows/{FILE}/dispatches", {"ref": "main", "inputs": {"nonce": "a"}}

    assert api.post(place, json=wish).status_code == 204
    assert api.post(place, json=wish, headers={"X-GitHub-Api-Version": "2026-03-10"}).status_code == 200
    world.hide_run_details()
    assert api.post(place, json=wish | {"return_run_details": True}).status_code == 204
    assert len(world.dispatches()) == 3


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"ref": "nowhere"}, "No ref found for: nowhere"),
        ({"inputs": {}}, "Required input 'nonce' not provided"),
        ({"inputs": {"nonce": "a", "x": "y"}}, "Unexpected inputs provided: ['x']"),
        ({"inputs": {"nonce": "a", "profile": "all"}}, "Provided value 'all' for input 'profile' not in the list"),
        ({"inputs": {f"x{n}": "" for n in range(26)}}, "you may only define up to 25"),
    ],
)
def test_a_start_that_does_not_fit_is_refused(
    world: World, api: httpx.Client, wish: dict[str, Any], message: str
) -> None:
    world.push_file(PATH, GPU)

    answer = api.post(f"{REPO}/actions/workflows/{FILE}/dispatches", json={"ref": "main"} | wish)

    assert (answer.status_code, answer.json()["message"][: len(message)]) == (422, message)
    assert world.dispatches() == []


def test_a_workflow_that_is_not_there_or_not_for_hands_is_not_started(world: World, api: httpx.Client) -> None:
    world.push_file(PATH, "on: [push]\njobs: {}\n")

    assert api.post(f"{REPO}/actions/workflows/{FILE}/dispatches", json={"ref": "main"}).status_code == 422
    assert api.post(f"{REPO}/actions/workflows/other.yml/dispatches", json={"ref": "main"}).status_code == 404
    assert api.get(f"{REPO}/actions/workflows/other.yml/runs").status_code == 404


def test_a_branch_without_the_workflow_cannot_be_started(world: World, api: httpx.Client) -> None:
    world.push_file("a", "1", branch="old")
    world.push_file(PATH, GPU)
    wish = {"ref": "old", "inputs": {"nonce": "a"}}

    assert api.post(f"{REPO}/actions/workflows/{FILE}/dispatches", json=wish).status_code == 404


def test_the_runs_of_one_workflow_are_listed_since_a_moment(world: World, api: httpx.Client) -> None:
    world.push_file(PATH, GPU)
    world.run_workflow_of_push(PATH, {})
    world.run_workflow_of_push(".github/workflows/other.yml", {})
    world.advance(hours=1)
    since = f">={world.now:%Y-%m-%dT%H:%M:%SZ}"
    newest = world.run_workflow_of_push(PATH, {})

    place = f"{REPO}/actions/workflows/{FILE}/runs"

    assert api.get(place).json()["total_count"] == 2
    assert [each["id"] for each in api.get(place, params={"created": since}).json()["workflow_runs"]] == [newest.id]


@pytest.mark.parametrize(("state", "status"), [("approved", "in_progress"), ("rejected", "completed")])
def test_a_run_that_asks_to_deploy_waits_for_one_answer(
    world: World, api: httpx.Client, state: str, status: str
) -> None:
    asked = world.ask_to_deploy("pypi", sha=tip(world))
    (_, payload) = told(world, "deployment_protection_rule")[0]
    place = payload["deployment_callback_url"].removeprefix(world.url)
    wish = {"environment_name": "pypi", "comment": "looked at"}

    assert asked.run.status == "waiting"
    assert api.post(place, json=wish).status_code == 204
    assert asked.run.status == "waiting"
    assert api.post(place, json=wish | {"state": state}).status_code == 204
    assert asked.run.status == status
    assert api.post(place, json=wish | {"state": state}).status_code == 422
    assert [each.state for each in world.deployment_answers()] == [None, state]


def test_an_answer_to_nobody_or_of_no_meaning_is_refused(world: World, api: httpx.Client) -> None:
    asked = world.ask_to_deploy("pypi", sha=tip(world))
    place, wish = f"{REPO}/actions/runs/{asked.run.id}/deployment_protection_rule", {"environment_name": "pypi"}

    assert api.post(place, json=wish).status_code == 422
    assert api.post(place, json=wish | {"state": "maybe"}).status_code == 422
    assert api.post(place, json={"environment_name": "other", "state": "approved"}).status_code == 422
    place = f"{REPO}/actions/runs/1/deployment_protection_rule"
    assert api.post(place, json=wish | {"state": "approved"}).status_code == 404
    assert world.deployment_answers() == []


def test_a_comparison_comes_in_pages_oldest_first(world: World, api: httpx.Client) -> None:
    base = tip(world)
    made = [world.push_file("a", str(number)) for number in range(3)]

    first, second = (api.get(f"{REPO}/compare/{base}...main", params={"per_page": 2, "page": n}) for n in (1, 2))

    assert [each["sha"] for page in (first, second) for each in page.json()["commits"]] == made
    assert ('rel="next"' in first.headers["link"], 'rel="next"' in second.headers["link"]) == (True, False)
    assert second.json()["total_commits"] == 3
