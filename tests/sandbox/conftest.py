"""A running sandbox for each test; whatever it answered and sent is judged by GitHub's description afterwards."""

from collections.abc import Iterator

import github
import httpx
import pytest

from bot.sandbox.desk import Seen
from bot.sandbox.state import Repository
from bot.sandbox.world import World
from tests.sandbox import contract
from tests.sandbox.receiver import Receiver

FORM = """
name: Bug
title: "[Bug]: "
labels: [bug, not-there]
body:
  - type: markdown
    attributes: {value: Thanks!}
  - type: textarea
    id: what
    attributes: {label: "What happened?"}
  - type: textarea
    id: logs
    attributes: {label: Logs, render: shell}
  - type: dropdown
    id: version
    attributes: {label: Version, options: ["1", "2"]}
  - type: checkboxes
    id: terms
    attributes: {label: Code of Conduct, options: [{label: I agree}, {label: I searched}]}
"""
FILES = {
    ".github/reeve.yml": "version: 1\n",
    ".github/ISSUE_TEMPLATE/bug.yml": FORM,
    "README.md": "# 模型\n",
}


@pytest.fixture
def world() -> Iterator[World]:
    seen: list[Seen] = []
    with World.start(seed=1) as started:
        started.watch(seen.append)
        yield started
        deliveries = started.deliveries
    if contract.data() is not None:
        for each in {(each.method, each.path, each.status): each for each in seen}.values():
            judge(each)
        for sent in {(each.event, each.action): each for each in deliveries}.values():
            contract.check_payload(sent.event, sent.payload)


@pytest.fixture
def repo(world: World) -> Repository:
    repository = world.create_repository("acme/model", issue_types=("Bug", "Feature", "Documentation"), files=FILES)
    world.install(repository)
    return repository


@pytest.fixture
def receiver(world: World) -> Iterator[Receiver]:
    with Receiver() as listening:
        world.receiver = listening.url
        yield listening


@pytest.fixture
def api(world: World, repo: Repository) -> Iterator[httpx.Client]:
    """A client that always has a fresh token, unless a test brings its own."""

    def authorize(request: httpx.Request) -> httpx.Request:
        request.headers.setdefault("Authorization", f"Bearer {world.token(repo)}")
        return request

    with httpx.Client(base_url=world.url, auth=authorize, trust_env=False) as client:
        yield client


@pytest.fixture
def app_auth(world: World) -> github.Auth.AppAuth:
    return github.Auth.AppAuth(world.app_id, world.private_key_pem)


@pytest.fixture
def as_app(world: World, app_auth: github.Auth.AppAuth) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {app_auth.token}"}
    with httpx.Client(base_url=world.url, headers=headers, trust_env=False) as client:
        yield client


def judge(seen: Seen) -> None:
    """Hold one exchange against GitHub's description, where that describes the operation."""
    try:
        contract.find_operation(seen.method, seen.path)
    except contract.UndescribedError:
        return
    if seen.status:
        contract.check_exchange(seen.method, seen.path, seen.query, seen.request_body, seen.status, seen.response_body)
