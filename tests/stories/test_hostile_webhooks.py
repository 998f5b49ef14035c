"""Every case of the security corpus, over real HTTP, before a whole Reeve: what it answers, and what comes of it.

The corpus counts as "enqueued" a delivery that reaches a handler. Here that is one whose row says that the road looked
at its subject: decided, or found older or unchanged; refused, malformed, irrelevant and unstored ones do not count.
"""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from bot.sandbox.world import World
from bot.store.tables import State, inbox
from tests.github.samples import shared_data
from tests.stories.conftest import POLICY, Town
from tests.web.doors import PATH, request
from tests.web.test_webhook_corpus import LATER, body_of

SECRETS = "It's a Secret to Everybody,previous-secret-still-in-rotation-window"

#: What the road says of a delivery that it looked at and that needed no decision of its own.
LOOKED_AT = {"a newer state was judged already", "nothing changed"}

CASES = 50

#: Issues that only refused, ignored or unbelieved deliveries speak of.
UNTOUCHED = (5, 6, 9, 10, 12, 19, 22, 23, 24, 25)


@pytest.fixture(scope="module")
def corpus() -> list[dict[str, Any]]:
    """The cases in their order: some are sequences."""
    lines = (shared_data("security") / "webhooks.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture
def world() -> Iterator[World]:
    """The world that the corpus speaks of, with its issues; the one that was closed is closed."""
    with World.start(slug="governor", bot_id=424242) as world:
        world.create_repository("acme/model", files={".github/reeve.yml": POLICY}, fixed_id=1296269)
        for _ in range(25):
            world.open_issue("Crash at TP=8", body="loss is NaN", author="octocat")
        world.close_issue(25)
        yield world


@pytest.fixture
def town(world: World, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """A Reeve that knows both secrets, the current and the previous one."""
    known = world.environment()
    monkeypatch.setattr(world, "environment", lambda: {**known, "REEVE_WEBHOOK_SECRET": SECRETS})
    world.webhook_secret = SECRETS.partition(",")[0]
    town = Town(world, environment)
    town.open()
    world.install(fixed_id=77)
    town.settle()
    yield town
    town.close()


def send(town: Town, case: dict[str, Any]) -> int:
    """Send one case to Reeve and return the status of its answer."""
    assert town.world.receiver is not None
    port = int(town.world.receiver.split(":")[2].partition("/")[0])
    status, _ = request(port, case["method"], PATH, body_of(case), dict(case["headers"]))
    return status


def delivery_id(case: dict[str, Any]) -> str:
    return str(dict(case["headers"]).get("X-GitHub-Delivery", "")).lower()


def number_of(case: dict[str, Any]) -> int:
    """Return which issue a good case is about."""
    return int(json.loads(base64.b64decode(case["body_b64"]))["issue"]["number"])


def reached_a_handler(town: Town) -> set[str]:
    """Return the deliveries that the road looked at."""
    with town.database.engine.connect() as connection:
        rows = connection.execute(select(inbox.c.delivery, inbox.c.state, inbox.c.reason)).all()
    return {r.delivery for r in rows if r.state == State.DONE or r.reason in LOOKED_AT}


def test_the_whole_corpus_is_answered_and_handled_as_it_should_be(town: Town, corpus: list[dict[str, Any]]) -> None:
    known = reached_a_handler(town)  # what the installation itself brought
    wrong = {}
    for case in corpus:
        status = send(town, case)
        town.settle()
        now = reached_a_handler(town)
        fresh, known = len(now - known), now
        wanted = case["expect"]
        allowed = {*wanted["status_in"], *({202} if case["id"] in LATER else ())}
        if status not in allowed or (wanted["enqueued"] is not None and fresh != wanted["enqueued"]):
            wrong[case["id"]] = (status, fresh, wanted)

    assert len(corpus) == CASES
    assert wrong == {}
    assert town.database.figures.lost(town.world.now) == 0
    assert all(effects == visible(town, number) for number, effects in expected_effects(corpus).items())
    assert {number: visible(town, number) for number in UNTOUCHED} == dict.fromkeys(UNTOUCHED, 0)
    assert all(len(town.world.bot_comments(number)) <= 1 for number in range(1, 26))


def expected_effects(corpus: list[dict[str, Any]]) -> dict[int, int]:
    """Return how many visible effects the corpus wants on which issue, once all is done."""
    return {number_of(c): c["expect"]["effects_after_drain"] for c in corpus if "effects_after_drain" in c["expect"]}


def visible(town: Town, number: int) -> int:
    """Count what a delivery leaves for people to see: Reeve's comments, or its label where there is none."""
    return len(town.world.bot_comments(number)) or len(town.world.labels(number))


@pytest.mark.parametrize("name", ["replay", "order"])
def test_a_sequence_has_the_effects_of_its_newest_state_when_all_of_it_comes_at_once(
    town: Town, corpus: list[dict[str, Any]], name: str
) -> None:
    sequence = sorted((c for c in corpus if c.get("sequence", [None])[0] == name), key=lambda c: int(c["sequence"][1]))

    statuses = [send(town, case) for case in sequence]
    town.settle()

    assert len(sequence) > 1
    assert all(status in case["expect"]["status_in"] for status, case in zip(statuses, sequence, strict=True))
    assert {n: visible(town, n) for n in expected_effects(sequence)} == expected_effects(sequence)


def test_a_conflicting_body_under_a_known_id_never_replaces_the_first(town: Town, corpus: list[dict[str, Any]]) -> None:
    replay = [case for case in corpus if case.get("sequence", [None])[0] == "replay"]

    for case in replay:
        send(town, case)
    town.settle()

    (first, *_, other) = replay
    assert delivery_id(first) == delivery_id(other)
    assert town.world.bot_comments(number_of(first))
    assert town.world.bot_comments(number_of(other)) == []
