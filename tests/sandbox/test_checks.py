"""Check runs and suites: made, finished, asked for again, with the annotations that they were given."""

from typing import Any

import httpx
import pytest

from bot.sandbox.state import Repository
from bot.sandbox.world import World
from tests.sandbox.receiver import Receiver

REPO = "/repos/acme/model"
RUNS = f"{REPO}/check-runs"


def note(line: int) -> dict[str, Any]:
    where = {"path": "README.md", "start_line": line, "end_line": line}
    return {**where, "annotation_level": "failure", "message": f"line {line}"}


def run(sha: str, **fields: Any) -> dict[str, Any]:
    return {"name": "coverage", "head_sha": sha, "external_id": "7", "status": "in_progress", **fields}


def output(*annotations: dict[str, Any]) -> dict[str, Any]:
    return {"title": "62 %", "summary": "too little", "annotations": list(annotations)}


def test_a_check_is_begun_and_finished_and_both_are_told(
    world: World, receiver: Receiver, repo: Repository, api: httpx.Client
) -> None:
    number = world.open_pull_request("Add", head="feature", files={"a.txt": "a"})
    sha = world.pull(number).head_sha
    made = api.post(RUNS, json=run(sha)).json()
    done = api.patch(f"{RUNS}/{made['id']}", json={"conclusion": "failure", "output": output(note(1))}).json()
    api.patch(f"{RUNS}/{made['id']}", json={"output": output(note(2))})
    world.flush_deliveries()

    assert receiver.events()[-2:] == ["check_run.created", "check_run.completed"]
    told = receiver.received[-1].payload["check_run"]
    assert (told["external_id"], [each["number"] for each in told["pull_requests"]]) == ("7", [number])
    assert told["check_suite"]["head_branch"] == "feature"
    assert (done["status"], done["conclusion"], done["output"]["annotations_count"]) == ("completed", "failure", 1)
    assert [each["message"] for each in api.get(f"{RUNS}/{made['id']}/annotations").json()] == ["line 1", "line 2"]
    assert [each.conclusion for each in world.checks(sha, repository=repo)] == ["failure"]


@pytest.mark.usefixtures("repo")
def test_a_check_that_is_begun_again_has_no_conclusion(world: World, api: httpx.Client) -> None:
    sha = world.push_file("a.txt", "a")
    made = api.post(RUNS, json=run(sha, status="completed", conclusion="success")).json()

    again = api.patch(f"{RUNS}/{made['id']}", json={"status": "in_progress"}).json()

    assert (again["conclusion"], again["completed_at"]) == (None, None)


@pytest.mark.usefixtures("repo")
def test_checks_are_listed_by_commit_name_and_app(world: World, api: httpx.Client) -> None:
    sha = world.push_file("a.txt", "a")
    first, second, other = (api.post(RUNS, json=run(sha, name=name)).json()["id"] for name in ("cov", "cov", "perf"))

    def ids(**query: Any) -> list[int]:
        listed = api.get(f"{REPO}/commits/{sha}/check-runs", params=query).json()
        assert listed["total_count"] == len(listed["check_runs"])
        return [each["id"] for each in listed["check_runs"]]

    assert set(ids()) == {second, other}
    assert ids(check_name="cov", filter="all") == [second, first]
    assert ids(app_id=1) == []
    assert set(ids(app_id=world.app_id)) == {second, other}
    assert api.get(f"{REPO}/commits/{'0' * 40}/check-runs").status_code == 422


@pytest.mark.usefixtures("repo")
def test_a_suite_sums_up_its_checks(world: World, api: httpx.Client) -> None:
    sha = world.push_file("a.txt", "a")
    api.post(RUNS, json=run(sha, status="completed", conclusion="success"))
    api.post(RUNS, json=run(sha, name="perf", status="completed", conclusion="failure"))

    (suite,) = api.get(f"{REPO}/commits/main/check-suites").json()["check_suites"]

    assert (suite["status"], suite["conclusion"], suite["latest_check_runs_count"]) == ("completed", "failure", 2)
    assert api.get(f"{REPO}/check-suites/{suite['id']}").json()["head_branch"] == "main"
    assert api.get(f"{REPO}/check-suites/{suite['id']}/check-runs").json()["total_count"] == 2
    assert api.get(f"{REPO}/check-suites/1").status_code == 404


def test_people_ask_for_a_check_again_and_press_its_buttons(
    world: World, receiver: Receiver, repo: Repository, api: httpx.Client
) -> None:
    number = world.open_pull_request("Add", head="feature", files={"a.txt": "a"}, fork=True)
    made = api.post(RUNS, json=run(world.pull(number).head_sha, status="completed", conclusion="failure")).json()
    world.rerequest_check(made["id"], repository=repo)
    world.press_button(made["id"], "fix", repository=repo)
    assert api.post(f"{RUNS}/{made['id']}/rerequest").status_code == 201
    world.flush_deliveries()

    events = ["rerequested", "requested_action", "rerequested"]
    assert receiver.events()[-3:] == [f"check_run.{action}" for action in events]
    pressed = receiver.received[-2].payload
    assert pressed["requested_action"] == {"identifier": "fix"}
    assert pressed["check_run"]["pull_requests"] == []
    assert pressed["check_run"]["check_suite"]["head_branch"] is None


@pytest.mark.parametrize(
    "change",
    [
        {"head_sha": "0" * 40},
        {"status": "half"},
        {"conclusion": "maybe"},
        {"status": "completed"},
        {"output": {"title": "x"}},
        {"output": output() | {"summary": "x" * 65_536}},
        {"output": output(*map(note, range(1, 52)))},
    ],
)
def test_a_check_that_github_would_not_take_is_refused(
    repo: Repository, api: httpx.Client, change: dict[str, Any]
) -> None:
    assert api.post(RUNS, json=run(repo.branches["main"]) | change).status_code == 422
    assert api.get(f"{RUNS}/1").status_code == 404
