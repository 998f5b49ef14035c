"""The promises that can be kept or broken on the road: nothing lost, nothing twice, whatever fails on the way."""

import hashlib
import hmac
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
import redis
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from bot.store import audit
from tests.stories.conftest import Town


@dataclass(frozen=True)
class Account:
    """What a promise that was kept leaves behind: nothing lost, nothing twice, and a whole audit log."""

    labels: list[set[str]]
    comments: list[int]
    unfinished: set[str]
    lost: int
    fault: object


def account(town: Town, numbers: list[int]) -> Account:
    """Give an account of what became of these issues and of every delivery."""
    return Account(
        labels=[town.world.labels(number) for number in numbers],
        comments=[len(town.world.bot_comments(number)) for number in numbers],
        unfinished=set(town.states()) & {"pending", "leased", "decided", "dead"},
        lost=town.database.figures.lost(town.world.now + timedelta(hours=1)),
        fault=audit.verify(audit.entries(town.database.engine)).fault,
    )


def in_order(numbers: list[int]) -> Account:
    """Return the account of bugs that were each labelled and answered once."""
    return Account([{"bug"}] * len(numbers), [1] * len(numbers), unfinished=set(), lost=0, fault=None)


def test_a_delivery_that_comes_twice_has_one_effect(town: Town) -> None:
    town.world.faults.webhooks.double()
    number = town.world.open_issue("[Bug] crash on load")
    town.settle()

    assert account(town, [number]) == in_order([number])


def test_a_finished_delivery_that_github_sends_again_is_answered_200_and_costs_nothing(town: Town) -> None:
    number = town.world.open_issue("[Bug] crash on load")
    town.settle()
    opened = next(d for d in town.world.deliveries if d.event == "issues" and d.action == "opened")

    calls = town.calls(lambda: town.world.redeliver(opened.guid))

    assert [d.status_code for d in town.world.deliveries if d.guid == opened.guid] == [200, 202]
    assert [c for c in calls if "/app/hook" not in c] == []
    assert account(town, [number]) == in_order([number])


def test_while_github_is_down_work_waits_and_is_done_afterwards(town: Town) -> None:
    town.world.faults.fail(3, status=502, path="/repos/*")
    number = town.world.open_issue("[Bug] crash on load")
    town.settle()

    for _ in range(6):
        town.advance(minutes=1)

    assert account(town, [number]) == in_order([number])


def test_answers_lost_after_the_write_double_no_comment_and_no_label(town: Town) -> None:
    town.world.faults.drop_answers(None, probability=0.3)
    numbers = [town.world.open_issue(f"[Bug] crash number {n}") for n in range(15)]
    town.settle()

    for _ in range(12):
        town.advance(minutes=5)

    assert account(town, numbers) == in_order(numbers)


def test_errors_after_the_write_double_nothing_either(town: Town) -> None:
    town.world.faults.fail_after_write(None, probability=0.3)
    numbers = [town.world.open_issue(f"[Bug] crash number {n}") for n in range(10)]
    town.settle()

    for _ in range(12):
        town.advance(minutes=5)

    assert account(town, numbers) == in_order(numbers)


def test_events_out_of_order_end_in_the_same_state(town: Town) -> None:
    town.world.faults.webhooks.shuffle(6)
    numbers = []
    for n in range(5):
        number = town.world.open_issue(f"crash number {n}")
        town.world.edit_issue(number, title=f"[Bug] crash number {n}")
        numbers.append(number)
    town.settle()

    assert account(town, numbers) == in_order(numbers)


def test_a_burst_on_one_issue_is_judged_as_one(town: Town) -> None:
    town.close()
    number = town.world.open_issue("crash")
    for n in range(20):
        town.world.edit_issue(number, body=f"revision {n}")
    town.world.edit_issue(number, title="[Bug] crash")
    town.world.flush_deliveries()
    before = audit.count(town.database.engine)
    town.open()
    for delivery in {d.guid for d in town.world.deliveries if d.status != "OK"}:
        town.world.redeliver(delivery)
    town.settle()

    assert account(town, [number]) == in_order([number])
    assert audit.count(town.database.engine) - before <= 6


def test_an_issue_closed_before_its_opening_was_heard_of_is_left_alone(town: Town) -> None:
    town.world.faults.webhooks.delay(0.5, event="issues")
    number = town.world.open_issue("[Bug] crash on load")
    town.world.advance(seconds=2)
    town.world.close_issue(number)
    town.settle()

    assert town.world.labels(number) == set()
    assert town.world.bot_comments(number) == []


def test_a_poison_delivery_ends_as_a_dead_letter_and_harms_nobody_else(town: Town) -> None:
    poison = '{"action":"opened","installation":{"id":1},"action":"closed"}'
    answer = post(town, poison, delivery="00000000-0000-4000-8000-000000000001")
    number = town.world.open_issue("[Bug] crash on load")
    town.settle()

    assert answer.status_code in {202, 400}
    assert town.world.labels(number) == {"bug"}


def test_no_call_is_made_before_the_time_that_github_named(town: Town) -> None:
    town.world.faults.secondary_limit(1, retry_after=300, path="/repos/*/issues/*")
    number = town.world.open_issue("[Bug] crash on load")
    town.settle()
    assert town.world.labels(number) == set()

    calls = town.calls(lambda: town.world.advance(minutes=4))
    assert calls == []

    town.advance(minutes=2)
    assert account(town, [number]) == in_order([number])


def test_a_burst_keeps_to_eighty_writes_a_minute_and_loses_none(town: Town) -> None:
    town.world.advance(seconds=61)  # the labels were made a minute ago
    before = len(town.world.requests)
    numbers = [town.world.open_issue(f"[Bug] crash number {n}") for n in range(60)]
    town.settle()
    written = [r for r in town.world.requests[before:] if r.is_content_write]
    assert len(written) == 80

    town.advance(seconds=61)

    assert account(town, numbers) == in_order(numbers)
    assert not [r for r in town.world.requests if r.status in {403, 429}]


def test_a_token_that_github_no_longer_takes_is_replaced(town: Town) -> None:
    first = town.world.open_issue("[Bug] one")
    town.settle()
    town.world.revoke_tokens()

    second = town.world.open_issue("[Bug] two")
    town.settle()

    assert account(town, [first, second]) == in_order([first, second])


def test_a_suspended_installation_rests_and_catches_up(town: Town) -> None:
    town.world.suspend()
    town.settle()
    number = town.world.open_issue("[Bug] crash on load")
    town.settle()
    assert town.world.labels(number) == set()

    town.world.unsuspend()
    town.settle()
    town.world.edit_issue(number, body="still crashing")
    town.settle()

    assert account(town, [number]) == in_order([number])


def test_a_repository_that_is_not_in_the_installation_is_refused_before_anything_is_done(town: Town) -> None:
    town.world.create_repository("other/model", files={".github/reeve.yml": "version: 1\n"})
    number = town.world.open_issue("[Bug] crash on load", repository="other/model")
    town.settle()

    assert town.world.labels(number, repository="other/model") == set()


def test_what_reeve_does_itself_has_no_effects(town: Town) -> None:
    town.world.open_issue("[Bug] crash on load")
    town.settle()
    before = audit.count(town.database.engine)

    town.world.open_issue("[Bug] another")
    town.settle()

    assert audit.count(town.database.engine) == before + 1


@pytest.mark.parametrize("environment", ["scaled out"], indirect=True)
def test_losing_all_of_redis_loses_nothing(town: Town, environment: dict[str, str]) -> None:
    numbers = []
    with redis.Redis.from_url(environment["REEVE_BROKER_URL"]) as client:
        for n in range(20):
            numbers.append(town.world.open_issue(f"[Bug] crash number {n}"))
            client.flushdb()
    town.settle()

    assert account(town, numbers) == in_order(numbers)


@pytest.mark.parametrize("environment", ["scaled out"], indirect=True)
def test_losing_every_connection_to_the_database_loses_nothing(town: Town) -> None:
    everyone_else = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    numbers = []
    for n in range(3):
        numbers.append(town.world.open_issue(f"[Bug] crash number {n}"))
        with suppress(OperationalError), town.database.engine.connect() as connection:
            connection.execute(everyone_else)
    town.world.flush_deliveries()
    for _ in range(3):
        town.world.advance(minutes=1)  # a lease runs out
        with suppress(OperationalError):  # this process's own connections are among the lost ones
            town.settle()
    for delivery in {d.guid for d in town.world.deliveries if d.status != "OK"}:
        town.world.redeliver(delivery)
    town.settle()

    assert account(town, numbers) == in_order(numbers)


def test_the_logs_and_the_audit_hold_no_token_and_no_text_of_an_issue(
    town: Town, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    town.world.faults.fail(2, status=502, path="/repos/*")
    town.world.open_issue("[Bug] CANARY-TITLE", body="CANARY-BODY ghp_abcdefghijklmnopqrstuvwxyz0123456789")
    town.settle()
    town.advance(minutes=1)

    printed = "".join(capfd.readouterr()) + caplog.text
    kept = "".join(f"{e.entry}{e.detail}" for e in audit.entries(town.database.engine))
    for canary in ("CANARY", "ghs_", "ghp_abc", "PRIVATE KEY", town.world.webhook_secret):
        assert canary not in printed
        assert canary not in kept


def post(town: Town, body: str, *, delivery: str) -> httpx.Response:
    digest = hmac.new(town.world.webhook_secret.encode(), body.encode(), hashlib.sha256).hexdigest()
    assert town.world.receiver is not None
    headers = {
        "X-GitHub-Event": "issues",
        "X-GitHub-Delivery": delivery,
        "X-Hub-Signature-256": f"sha256={digest}",
        "Content-Type": "application/json",
    }
    return httpx.post(town.world.receiver, content=body.encode(), headers=headers)
