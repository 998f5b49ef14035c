"""Deliveries about a commit: filed under the repository, read strictly, and what changes nothing is passed over."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from bot.github.webhooks import Peek, parse, peek
from bot.model.errors import Malformed
from bot.model.events import ChecksWanted, DeploymentAsked, Event, Ignored, MergeGroupChanged, RunChanged
from bot.model.runs import MergeGroup
from bot.model.subjects import Identity, Lane
from bot.sandbox.actions.checks import create_check_run
from bot.sandbox.hooks import Delivery
from bot.sandbox.world import World

JSON = "application/json"
PATH = ".github/workflows/reeve-coverage.yml"
Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def world() -> Iterator[World]:
    with World.start(seed=5) as started:
        started.create_repository("acme/model", files={"a.py": "a = 1\n"})
        started.install()
        yield started


def told(world: World, event: str) -> list[Delivery]:
    """Return what the sandbox told of an event, oldest first."""
    world.flush_deliveries()
    return [each for each in reversed(world.deliveries) if each.event == event]


def heard(world: World, delivery: Delivery, change: Change = lambda _: None) -> Event:
    """Read a delivery, with something about it changed, as Reeve does."""
    payload = json.loads(json.dumps(delivery.payload))
    change(payload)
    me = Identity(world.app_id, world.bot_login, world._state.app.bot.id)
    return parse(delivery.event, json.dumps(payload).encode(), JSON, me)


def peeked(delivery: Delivery) -> Peek:
    """File a delivery as the web process does."""
    return peek(delivery.event, json.dumps(delivery.payload).encode(), JSON)


def ran(world: World, *, fork: bool) -> tuple[int, list[Delivery]]:
    """Run a workflow twice on a pull request and return what was told: requested, completed, in_progress, completed."""
    number = world.open_pull_request("Change", head="change", files={"a.py": "a = 2\n"}, fork=fork)
    run = world.run_workflow(number, PATH, {})
    world.rerun_workflow(run)
    world.finish_workflow(run, {}, conclusion="failure")
    return number, told(world, "workflow_run")


@pytest.mark.parametrize("fork", [False, True])
def test_a_run_that_is_over_is_told_with_its_head(world: World, fork: bool) -> None:  # noqa: FBT001
    number, deliveries = ran(world, fork=fork)
    pull = world.pull(number)

    event = heard(world, deliveries[-1])

    assert isinstance(event, RunChanged)
    run = event.run
    assert (run.path, run.event, run.order[1], run.conclusion) == (PATH, "pull_request", 2, "failure")
    assert (run.head_sha, run.head_ref) == (pull.head_sha, "change")
    assert run.head_repository_id == (pull.head_repository or world.repository()).id
    assert peeked(deliveries[-1]).subject == event.subject.key == f"{world.repository().id}#0"
    assert peeked(deliveries[-1]).lane is Lane.PULL_REQUEST


def test_only_what_can_change_what_is_known_is_relevant(world: World) -> None:
    _, (requested, completed, again, _) = ran(world, fork=False)

    assert [peeked(each).is_relevant for each in (requested, completed, again)] == [False, True, True]
    assert heard(world, requested) == Ignored("no rule for this action on a workflow run")
    begun = heard(world, again)
    assert isinstance(begun, RunChanged)
    assert not begun.run.is_over


def push(payload: dict[str, Any]) -> None:
    payload["workflow_run"]["event"] = "push"


def first_attempt(payload: dict[str, Any]) -> None:
    payload |= {"action": "in_progress"}
    payload["workflow_run"]["run_attempt"] = 1


@pytest.mark.parametrize("change", [push, first_attempt])
def test_a_run_without_evidence_for_a_pull_request_is_passed_over(world: World, change: Change) -> None:
    _, deliveries = ran(world, fork=False)

    assert isinstance(heard(world, deliveries[1], change), Ignored)


def no_fork(payload: dict[str, Any]) -> None:
    payload["workflow_run"] |= {"head_repository": None, "head_branch": None, "path": f"{PATH}@main"}


def test_a_run_of_a_fork_that_is_gone_has_no_head_repository(world: World) -> None:
    _, deliveries = ran(world, fork=True)

    event = heard(world, deliveries[1], no_fork)

    assert isinstance(event, RunChanged)
    assert (event.run.head_repository_id, event.run.head_ref, event.run.path) == (None, "", PATH)


def checked(world: World) -> str:
    """Give a commit a check of the App's and return its sha."""
    sha = world.push_file("b.py", "b = 3\n")
    with world._desk.lock:
        fields = {"status": "completed", "conclusion": "failure"}
        create_check_run(world._state, world.repository(), head_sha=sha, name="reeve", fields=fields)
    return sha


def test_both_buttons_of_githubs_and_those_of_a_check_are_heard(world: World) -> None:
    sha = checked(world)
    (run,) = world.checks(sha)
    world.rerequest_check(run.id)
    world.press_button(run.id, "retest")
    world.rerequest_suite(sha)

    created, *deliveries = [*told(world, "check_run"), *told(world, "check_suite")]
    pressed = [each for each in deliveries if each.action != "completed"]
    events = [heard(world, each) for each in pressed]

    assert [each.button for each in events if isinstance(each, ChecksWanted)] == ["", "retest", ""]
    assert {each.head_sha for each in events if isinstance(each, ChecksWanted)} == {sha}
    assert all(peeked(each).is_relevant for each in pressed)
    assert not peeked(created).is_relevant
    assert heard(world, created) == Ignored("no rule for this action on a check")


def others(payload: dict[str, Any]) -> None:
    payload["check_run"]["app"]["id"] = 7


def own(payload: dict[str, Any]) -> None:
    payload["sender"]["login"] = "reeve[bot]"


@pytest.mark.parametrize(("change", "reason"), [(others, "another App's check"), (own, "own doing")])
def test_a_button_of_another_apps_check_or_pressed_by_reeve_is_nothing(
    world: World, change: Change, reason: str
) -> None:
    (run,) = world.checks(checked(world))
    world.rerequest_check(run.id)

    assert heard(world, told(world, "check_run")[-1], change) == Ignored(reason)


def test_a_merge_group_is_told_with_what_it_stands_on(world: World) -> None:
    number = world.open_pull_request("Change", head="change", files={"a.py": "a = 2\n"})
    group = world.queue(number)
    world.leave_queue(group)

    wanted, given_up = told(world, "merge_group")
    event = heard(world, wanted)

    ref = group.head_ref.removeprefix("refs/heads/")
    assert isinstance(event, MergeGroupChanged)
    assert event.group == MergeGroup(group.head_sha, ref, group.base_sha, "main", number)
    assert peeked(wanted).is_relevant
    assert isinstance(heard(world, given_up), MergeGroupChanged)
    assert isinstance(heard(world, wanted, lambda payload: payload.update(action="changed")), Ignored)


def odd_ref(payload: dict[str, Any]) -> None:
    payload["merge_group"]["head_ref"] = "refs/heads/queue/x"


def test_a_group_on_a_branch_of_another_form_names_no_pull_request(world: World) -> None:
    group = world.queue(world.open_pull_request("Change", head="change", files={"a.py": "a = 2\n"}))

    event = heard(world, told(world, "merge_group")[0], odd_ref)

    assert isinstance(event, MergeGroupChanged)
    assert (event.group.number, event.group.head_sha) == (0, group.head_sha)


def asked(world: World) -> Delivery:
    """Let a run ask whether it may deploy, and return what was told."""
    world.ask_to_deploy("pypi", sha=world.repository().branches["main"], ref="v1.1.0", by="grace")
    return told(world, "deployment_protection_rule")[0]


def test_a_run_that_asks_to_deploy_is_told_with_its_commit(world: World) -> None:
    delivery = asked(world)

    event = heard(world, delivery)

    (run,) = world.repository().runs.values()
    assert isinstance(event, DeploymentAsked)
    assert (event.environment, event.run_id, event.sha, event.ref) == ("pypi", run.id, run.head_sha, "v1.1.0")
    assert event.requested_by is not None
    assert event.requested_by.login == "grace"
    assert peeked(delivery).is_relevant
    assert peeked(delivery).subject == event.subject.key == f"{world.repository().id}#0"
    assert peeked(delivery).lane is Lane.PULL_REQUEST


def test_what_reeve_started_itself_is_asked_like_anybodys(world: World) -> None:
    world.ask_to_deploy("pypi", sha=world.repository().branches["main"], by=world.bot_login)

    assert isinstance(heard(world, told(world, "deployment_protection_rule")[0]), DeploymentAsked)


@pytest.mark.parametrize(
    "forge",
    [
        lambda url: url.replace("127.0.0.1", "evil.example"),
        lambda url: url.replace("127.0.0.1", "127.0.0.1@evil.example"),
        lambda url: url.replace("acme/model", "acme/other"),
        lambda url: url.replace("/actions", "/../other/actions"),
        lambda url: url.replace("/deployment_protection_rule", ""),
        lambda url: f"{url}/",
        lambda url: f"{url}?x=1",
        lambda url: url.replace("/runs/", "/runs/0x"),
        lambda url: f"{url.rpartition('/runs/')[0]}/runs/0/deployment_protection_rule",
        lambda url: f"{url.rpartition('/runs/')[0]}/runs/{'9' * 19}/deployment_protection_rule",
        lambda _: "",
    ],
)
def test_an_address_that_is_no_run_of_this_repository_is_malformed(world: World, forge: Callable[[str], str]) -> None:
    def change(payload: dict[str, Any]) -> None:
        payload["deployment_callback_url"] = forge(payload["deployment_callback_url"])

    with pytest.raises(Malformed, match="no run of this repository"):
        heard(world, asked(world), change)


def test_a_deployment_that_asks_nothing_is_ignored(world: World) -> None:
    def withdraw(payload: dict[str, Any]) -> None:
        payload["action"] = "withdrawn"

    assert heard(world, asked(world), withdraw) == Ignored("no rule for this action on a deployment")


def test_a_run_that_was_started_by_hand_is_told_with_its_title(world: World) -> None:
    text = "run-name: Suite ${{ inputs.nonce }}\non: {workflow_dispatch: {inputs: {nonce: {}}}}\njobs: {}\n"
    world.push_file(".github/workflows/gpu.yml", text)
    headers = {"Authorization": f"Bearer {world.token()}"}
    place = f"{world.url}/repos/acme/model/actions/workflows/gpu.yml/dispatches"
    httpx.post(
        place, json={"ref": "main", "inputs": {"nonce": "n0nce"}}, headers=headers, trust_env=False
    ).raise_for_status()
    world.finish_workflow(world.dispatches()[0], {})

    requested, completed = told(world, "workflow_run")

    assert [peeked(each).is_relevant for each in (requested, completed)] == [False, True]
    event = heard(world, completed)
    assert isinstance(event, RunChanged)
    assert (event.run.event, event.run.title, event.run.conclusion) == ("workflow_dispatch", "Suite n0nce", "success")


@pytest.mark.parametrize("event", ["workflow_run", "check_run", "check_suite", "merge_group"])
def test_without_an_installation_or_without_what_it_is_about_there_is_nothing_to_do(world: World, event: str) -> None:
    number, _ = ran(world, fork=False)
    (run,) = world.checks(checked(world))
    world.rerequest_check(run.id)
    world.rerequest_suite(run.head_sha)
    world.queue(number)
    delivery = told(world, event)[-1]

    assert heard(world, delivery, lambda payload: payload.pop("installation")) == Ignored(
        "no installation or no repository"
    )
    with pytest.raises(Malformed):
        heard(world, delivery, lambda payload: payload.pop(event))
