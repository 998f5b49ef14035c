"""Workflow runs, their artifacts, and merge groups: told as GitHub tells them, and found through its API."""

import io
import zipfile
from typing import Any

import httpx
import pytest

from bot.sandbox.state import Repository
from bot.sandbox.world import World
from tests.sandbox.receiver import Receiver

REPO = "/repos/acme/model"
PATH = ".github/workflows/coverage.yml"


@pytest.mark.parametrize("fork", [False, True])
def test_a_run_is_told_and_names_its_pull_requests_unless_they_come_from_a_fork(
    world: World,
    receiver: Receiver,
    repo: Repository,
    fork: bool,  # noqa: FBT001
) -> None:
    number = world.open_pull_request("Add", head="feature", files={"a.txt": "a"}, fork=fork)
    run = world.run_workflow(number, PATH, {}, conclusion="failure")
    world.rerun_workflow(run)
    world.finish_workflow(run, {})
    world.flush_deliveries()

    told = [each.payload for each in receiver.received if each.event == "workflow_run"]
    assert [each["action"] for each in told] == ["requested", "completed", "in_progress", "completed"]
    assert [each["workflow_run"]["run_attempt"] for each in told] == [1, 1, 2, 2]
    last = told[-1]["workflow_run"]
    assert (last["head_sha"], last["conclusion"], last["path"]) == (world.pull(number).head_sha, "success", PATH)
    assert [each["number"] for each in last["pull_requests"]] == ([] if fork else [number])
    assert last["head_repository"]["id"] == (world.pull(number).head_repository or repo).id


@pytest.mark.usefixtures("repo")
def test_runs_and_artifacts_are_found_by_the_commit(world: World, api: httpx.Client) -> None:
    number = world.open_pull_request("Add", head="feature", files={"a.txt": "a"})
    run = world.run_workflow(number, PATH, {"coverage": {"coverage.json": b"{}"}, "raw": b"no zip"})
    other = world.open_pull_request("Other", head="other", files={"b.txt": "b"})
    world.run_workflow(other, PATH, {})

    def listed(**query: Any) -> list[int]:
        return [each["id"] for each in api.get(f"{REPO}/actions/runs", params=query).json()["workflow_runs"]]

    assert listed(head_sha=world.pull(number).head_sha) == [run.id]
    assert listed(event="push") == []
    assert len(listed(status="success")) == 2
    assert api.get(f"{REPO}/actions/runs/{run.id}").json()["run_attempt"] == 1
    artifacts = api.get(f"{REPO}/actions/runs/{run.id}/artifacts").json()["artifacts"]
    assert [(each["name"], each["workflow_run"]["id"]) for each in artifacts] == [("coverage", run.id), ("raw", run.id)]
    assert api.get(f"{REPO}/actions/artifacts/{artifacts[0]['id']}").json() == artifacts[0]
    assert api.get(f"{REPO}/actions/runs/1").status_code == 404
    assert api.get(f"{REPO}/actions/artifacts/1").status_code == 404


@pytest.mark.usefixtures("repo")
def test_an_artifact_lies_on_another_host_which_takes_no_token_and_whose_address_is_good_for_a_minute(
    world: World, api: httpx.Client
) -> None:
    number = world.open_pull_request("Add", head="feature", files={"a.txt": "a"})
    run = world.run_workflow(number, PATH, {"coverage": {"coverage.json": b"{}"}})
    path = f"{REPO}/actions/artifacts/{run.artifacts[0].id}/zip"

    answer = api.get(path)
    location = answer.headers["location"]
    got = httpx.get(location, trust_env=False)

    assert (answer.status_code, httpx.URL(location).host) == (302, "localhost")
    assert httpx.URL(location).host != httpx.URL(world.url).host
    assert zipfile.ZipFile(io.BytesIO(got.content)).read("coverage.json") == b"{}"
    leaking = httpx.get(location, headers={"Authorization": f"token {world.token()}"}, trust_env=False)
    assert leaking.status_code == 403
    world.advance(minutes=2)
    assert httpx.get(location, trust_env=False).status_code == 403
    run.artifacts[0].is_expired = True
    assert api.get(path).status_code == 410


def test_a_merge_queue_puts_pull_requests_on_top_of_each_other(
    world: World, receiver: Receiver, repo: Repository
) -> None:
    one = world.open_pull_request("One", head="one", files={"one.txt": "1"})
    two = world.open_pull_request("Two", head="two", files={"two.txt": "2"}, fork=True)
    first = world.queue(one)
    second = world.queue(two, after=first)
    run = world.run_workflow_of_group(second, PATH, {})
    world.leave_queue(second)
    world.flush_deliveries()

    told = [each.payload for each in receiver.received if each.event == "merge_group"]
    assert [each["action"] for each in told] == ["checks_requested", "checks_requested", "destroyed"]
    assert told[1]["merge_group"]["base_sha"] == first.head_sha
    assert told[1]["merge_group"]["head_ref"].startswith(f"refs/heads/gh-readonly-queue/main/pr-{two}-")
    assert {"one.txt", "two.txt"} <= repo.commits[second.head_sha].files.keys()
    assert (run.event, run.head_sha) == ("merge_group", second.head_sha)


def test_what_cannot_be_merged_cannot_be_queued(world: World, repo: Repository) -> None:
    number = world.open_pull_request("One", head="one", files={"README.md": "1"})
    world.push_file("README.md", "2", repository=repo)

    with pytest.raises(ValueError, match="conflict"):
        world.queue(number)


@pytest.mark.usefixtures("repo")
def test_both_rerun_buttons_are_told(world: World, receiver: Receiver, api: httpx.Client) -> None:
    sha = world.push_file("a.txt", "a")
    button = {"label": "Look again", "identifier": "retest", "description": "Judge this commit again"}
    done = {"status": "completed", "conclusion": "failure", "actions": [button]}
    made = api.post(f"{REPO}/check-runs", json={"name": "reeve", "head_sha": sha, **done}).json()

    world.rerequest_check(made["id"])
    world.press_button(made["id"], "retest")
    world.rerequest_suite(sha)
    world.flush_deliveries()

    assert receiver.events()[-3:] == ["check_run.rerequested", "check_run.requested_action", "check_suite.rerequested"]
    assert [each.actions for each in world.checks(sha)] == [[button]]


@pytest.mark.usefixtures("repo")
@pytest.mark.parametrize(
    "actions",
    [
        [{"label": "x", "identifier": "x", "description": "x"}] * 4,
        [{"label": "x" * 21, "identifier": "x", "description": "x"}],
        [{"label": "x", "identifier": "x"}],
    ],
)
def test_buttons_that_github_would_not_take_are_refused(
    world: World, api: httpx.Client, actions: list[dict[str, str]]
) -> None:
    sha = world.push_file("a.txt", "a")

    assert api.post(f"{REPO}/check-runs", json={"name": "r", "head_sha": sha, "actions": actions}).status_code == 422
