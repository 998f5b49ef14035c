"""Faults strike when and where they were asked for, and the same way for the same seed."""

import time

import httpx
import pytest

from bot.sandbox.state import Repository
from bot.sandbox.world import World
from tests.sandbox.receiver import Receiver

COMMENTS = "/repos/acme/model/issues/1/comments"


@pytest.fixture(autouse=True)
def issue(world: World, repo: Repository) -> int:
    return world.open_issue("crash", repository=repo)


def test_the_next_requests_fail_and_then_no_more(world: World, api: httpx.Client) -> None:
    world.faults.fail(2, status=502, path="/repos/*/comments")

    answers = [api.post(COMMENTS, json={"body": "hi"}).status_code for _ in range(3)]

    assert answers == [502, 502, 201]
    assert world.bot_comments(1) == ["hi"]
    assert api.get("/repos/acme/model").status_code == 200


def test_a_write_takes_place_although_its_answer_is_an_error(world: World, api: httpx.Client) -> None:
    world.faults.fail_after_write(status=502)

    assert api.post(COMMENTS, json={"body": "hi"}).status_code == 502
    assert world.bot_comments(1) == ["hi"]
    assert (world.requests[-1].status, world.requests[-1].is_done) == (502, True)


def test_a_write_takes_place_although_its_answer_is_lost(world: World, api: httpx.Client) -> None:
    world.faults.drop_answers()

    with pytest.raises(httpx.RemoteProtocolError):
        api.post(COMMENTS, json={"body": "hi"})
    assert world.bot_comments(1) == ["hi"]
    assert (world.requests[-1].status, world.requests[-1].is_done) == (0, True)


def test_a_refused_connection_changes_nothing(world: World, api: httpx.Client) -> None:
    world.faults.refuse(path="/repos/*/comments")

    with pytest.raises(httpx.RemoteProtocolError):
        api.post(COMMENTS, json={"body": "hi"})
    assert world.bot_comments(1) == []


def test_an_answer_can_be_slow(world: World, api: httpx.Client) -> None:
    world.faults.slow(0.2)
    started = time.monotonic()

    assert api.get("/repos/acme/model").status_code == 200
    assert time.monotonic() - started >= 0.2


def test_the_secondary_limit_can_strike_at_once(world: World, api: httpx.Client) -> None:
    world.faults.secondary_limit(retry_after=7)

    answer = api.post(COMMENTS, json={"body": "hi"})

    assert (answer.status_code, answer.headers["retry-after"]) == (403, "7")
    assert "secondary rate limit" in answer.json()["message"]


def test_the_same_seed_gives_the_same_faults() -> None:
    def pattern(seed: int) -> list[int]:
        with World.start(seed=seed) as world:
            world.faults.fail(None, probability=0.5)
            with httpx.Client(base_url=world.url, trust_env=False) as client:
                return [client.get("/meta").status_code for _ in range(20)]

    assert pattern(7) == pattern(7)
    assert pattern(7) != pattern(8)


def test_deliveries_can_be_lost_and_doubled(world: World, receiver: Receiver) -> None:
    world.faults.webhooks.lose(event="issues")
    world.faults.webhooks.double(event="issue_comment")
    world.flush_deliveries()
    receiver.received.clear()

    world.open_issue("never told")
    world.comment(1, "told twice", by="ada")
    world.flush_deliveries()

    assert receiver.events() == ["issue_comment.created"] * 2
    assert receiver.received[0].guid == receiver.received[1].guid


def test_a_delayed_delivery_arrives_behind_later_ones(world: World, receiver: Receiver) -> None:
    world.flush_deliveries()
    receiver.received.clear()
    world.faults.webhooks.delay(0.15, event="issues")

    world.open_issue("late")
    world.comment(1, "early", by="ada")
    world.flush_deliveries()

    assert receiver.events() == ["issue_comment.created", "issues.opened"]


def test_deliveries_can_be_shuffled_the_same_way_for_the_same_seed() -> None:
    def order() -> list[str]:
        with World.start(seed=3) as world, Receiver() as receiver:
            world.install(world.create_repository("acme/model"))
            world.flush_deliveries()
            world.receiver = receiver.url
            world.faults.webhooks.shuffle(8)
            for index in range(8):
                world.open_issue(str(index))
            world.flush_deliveries()
            return [each.payload["issue"]["title"] for each in receiver.received]

    assert order() == order()
    assert order() != sorted(order())
