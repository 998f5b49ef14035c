"""Deliveries about a commit: a workflow ran on it or waits to deploy it, its checks are wanted again, a queue made it.

None of them is believed to name its pull requests: for a fork GitHub names none, so they are found by the commit.
Imported on the request path.
"""

import re
from typing import Any

from msgspec import Struct

from bot.github import ci, wire
from bot.github.delivery import Delivery, is_me, read
from bot.github.glance import GROUP_ACTIONS, is_wanted_check, is_wanted_run
from bot.model.errors import Malformed
from bot.model.events import ChecksWanted, DeploymentAsked, Event, Ignored, MergeGroupChanged, RunChanged
from bot.model.subjects import Identity

_CALLBACK = re.compile(r"/actions/runs/([0-9]{1,18})/deployment_protection_rule")


class _RunDelivery(Delivery, kw_only=True):
    workflow_run: ci.RunShape


class _GroupDelivery(Delivery, kw_only=True):
    merge_group: ci.MergeGroupShape


class _Head(Struct):
    head_sha: wire.Sha
    app: wire.App | None = None


class _Pressed(Struct):
    identifier: str = ""


class _RunCheckDelivery(Delivery, kw_only=True):
    check_run: _Head
    requested_action: _Pressed | None = None


class _SuiteDelivery(Delivery, kw_only=True):
    check_suite: _Head


class _Addressed(wire.RepositoryShape, kw_only=True):
    url: str


class _Deployment(Struct):
    sha: wire.Sha
    ref: str


class _DeploymentDelivery(Delivery, kw_only=True):
    repository: _Addressed | None = None
    environment: str
    deployment_callback_url: str
    deployment: _Deployment


def workflow_run(data: dict[str, Any]) -> Event:
    """Take a run that is over, or begins again: only those can change what is known."""
    delivery = read(data, _RunDelivery)
    repository, run = delivery.place(), delivery.workflow_run
    if repository is None:
        return Ignored("no installation or no repository")
    if not is_wanted_run(delivery.action, run.event, run.run_attempt):
        return Ignored("no rule for this action on a workflow run")
    return RunChanged(repository, ci.run(run))


def check_run(data: dict[str, Any], me: Identity) -> Event:
    """Take a press on a check's own buttons, and on the one that makes it again."""
    delivery = read(data, _RunCheckDelivery)
    pressed = delivery.requested_action.identifier if delivery.requested_action else ""
    return _wanted(delivery, delivery.check_run, me, button=wire.clean(pressed))


def check_suite(data: dict[str, Any], me: Identity) -> Event:
    """Take a press on the button that makes all checks of a commit again."""
    delivery = read(data, _SuiteDelivery)
    return _wanted(delivery, delivery.check_suite, me, button="")


def merge_group(data: dict[str, Any]) -> Event:
    """Take what a merge queue has put together, or given up."""
    delivery = read(data, _GroupDelivery)
    repository = delivery.place()
    if repository is None:
        return Ignored("no installation or no repository")
    if delivery.action not in GROUP_ACTIONS:
        return Ignored("no rule for this action on a merge group")
    return MergeGroupChanged(delivery.action, repository, ci.merge_group(delivery.merge_group))


def deployment_protection_rule(data: dict[str, Any]) -> Event:
    """Take the question whether a run may deploy; what Reeve started itself has to be answered like anybody's.

    Of the address to answer at, only the run's number is used, and only where it is the repository's own address.
    https://docs.github.com/en/webhooks/webhook-events-and-payloads#deployment_protection_rule
    """
    if data.get("action") != "requested":
        return Ignored("no rule for this action on a deployment")
    delivery = read(data, _DeploymentDelivery)
    repository = delivery.place()
    if repository is None or delivery.repository is None:
        return Ignored("no installation or no repository")
    return DeploymentAsked(
        repository=repository,
        environment=wire.clean(delivery.environment),
        run_id=_run_id(delivery.deployment_callback_url, delivery.repository.url),
        sha=delivery.deployment.sha,
        ref=wire.clean(delivery.deployment.ref),
        requested_by=wire.actor(delivery.sender),
    )


def _run_id(callback: str, repository_url: str) -> int:
    found = _CALLBACK.fullmatch(callback.removeprefix(repository_url))
    if not callback.startswith(repository_url) or found is None or int(found[1]) == 0:
        raise Malformed("deployment_callback_url is no run of this repository")
    return int(found[1])


def _wanted(delivery: Delivery, head: _Head, me: Identity, *, button: str) -> Event:
    repository = delivery.place()
    if repository is None:
        return Ignored("no installation or no repository")
    if not is_wanted_check(delivery.action):
        return Ignored("no rule for this action on a check")
    if not wire.is_by(head.app, me.app_id):
        return Ignored("another App's check")
    if is_me(delivery.sender, me):
        return Ignored("own doing")
    return ChecksWanted(repository, head.head_sha, button, wire.actor(delivery.sender))
