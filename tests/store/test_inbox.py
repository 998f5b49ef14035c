"""The inbox gives every delivery to exactly one worker, in order, and never forgets one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bot.model.subjects import Lane
from bot.store.database import Database
from bot.store.inbox import LEASE, Claim
from bot.store.tables import State
from tests.store.given import MINUTE, NOW, SECOND, decided, delivered, labels, states


def claimed(database: Database, **when: timedelta) -> Claim:
    claim = database.inbox.claim(NOW + when.get("after", timedelta()))
    assert claim is not None
    return claim


def test_an_empty_inbox_gives_nothing(database: Database) -> None:
    assert database.inbox.claim(NOW) is None
    assert not database.inbox.is_waiting(NOW)


def test_everything_that_waits_for_one_issue_is_claimed_together_in_order(database: Database) -> None:
    for name in ("a", "b", "c"):
        delivered(database.engine, name)

    claim = claimed(database)

    assert [d.id for d in claim.deliveries] == ["a", "b", "c"]
    assert claim.deliveries[0].body == b'{"a":1}'


def test_two_issues_are_claimed_by_two_workers(database: Database) -> None:
    delivered(database.engine, "a", subject="1#1")
    delivered(database.engine, "b", subject="1#2")

    first, second = claimed(database), claimed(database)

    assert {first.deliveries[0].id, second.deliveries[0].id} == {"a", "b"}
    assert database.inbox.claim(NOW) is None


def test_news_of_an_issue_that_is_being_worked_on_waits_its_turn(database: Database) -> None:
    delivered(database.engine, "a")
    claim = claimed(database)
    delivered(database.engine, "b")

    assert database.inbox.claim(NOW) is None
    database.inbox.ignore(claim, claim.seqs, "done", now=NOW)

    assert [d.id for d in claimed(database).deliveries] == ["b"]


def test_commands_come_before_pull_requests_before_issues_before_sweeps(database: Database) -> None:
    for lane in (Lane.SWEEP, Lane.ISSUE, Lane.PULL_REQUEST, Lane.COMMAND):
        delivered(database.engine, lane.name, subject=f"1#{lane + 1}", lane=lane)

    order = [claimed(database).deliveries[0].id for _ in Lane]

    assert order == ["COMMAND", "PULL_REQUEST", "ISSUE", "SWEEP"]


def test_a_dead_workers_claim_is_free_again_when_its_lease_is_over(database: Database) -> None:
    delivered(database.engine, "a")
    claimed(database)

    assert database.inbox.claim(NOW + LEASE - SECOND) is None
    again = claimed(database, after=LEASE + SECOND)

    assert again.deliveries[0].attempts == 2


def test_a_worker_that_lost_its_lease_can_finish_nothing(database: Database) -> None:
    delivered(database.engine, "a")
    slow = claimed(database)
    quick = claimed(database, after=LEASE + SECOND)

    database.inbox.bury(slow, slow.seqs, "late", now=NOW + MINUTE)
    assert states(database.engine) == {"a": State.LEASED}

    database.inbox.ignore(quick, quick.seqs, "fine", now=NOW + MINUTE)
    assert states(database.engine) == {"a": State.IGNORED}


def test_work_that_is_given_back_waits_until_its_time(database: Database) -> None:
    delivered(database.engine, "a")
    claim = claimed(database)

    database.inbox.release(claim, claim.seqs, "GitHub is down", not_before=NOW + MINUTE)

    assert database.inbox.claim(NOW + 59 * SECOND) is None
    assert claimed(database, after=MINUTE).deliveries[0].attempts == 2


def test_a_wait_that_github_asked_for_does_not_count_as_a_try(database: Database) -> None:
    delivered(database.engine, "a")
    claim = claimed(database)

    database.inbox.release(claim, claim.seqs, "rate limit", not_before=NOW + MINUTE, counts=False)

    assert claimed(database, after=MINUTE).deliveries[0].attempts == 1


def test_giving_nothing_back_changes_nothing(database: Database) -> None:
    delivered(database.engine, "a")
    claim = claimed(database)

    database.inbox.release(claim, (), "nothing", not_before=NOW)
    database.inbox.bury(claim, (), "nothing", now=NOW)

    assert states(database.engine) == {"a": State.LEASED}


def test_a_paused_installation_is_passed_over_and_the_others_go_on(database: Database) -> None:
    delivered(database.engine, "paused", subject="1#1", installation=1)
    delivered(database.engine, "free", subject="2#1", installation=2)
    database.memory.pause(1, NOW + MINUTE)

    assert claimed(database).deliveries[0].id == "free"
    assert database.inbox.claim(NOW) is None
    assert claimed(database, after=MINUTE).deliveries[0].id == "paused"


def test_a_dead_letter_is_tried_again_only_when_somebody_asks(database: Database) -> None:
    delivered(database.engine, "a")
    claim = claimed(database)
    database.inbox.bury(claim, claim.seqs, "poison", now=NOW)
    assert database.inbox.claim(NOW + MINUTE) is None

    assert database.inbox.rearm("A", now=NOW)
    assert not database.inbox.rearm("a", now=NOW)

    assert claimed(database).deliveries[0].attempts == 1


def test_re_arming_a_delivery_re_arms_its_dead_effects(database: Database) -> None:
    decided(database, "a", labels("bug"))
    writer = database.outbox.claim_writer(NOW)
    assert writer is not None
    pending = database.outbox.begin(writer, NOW)
    assert pending is not None
    database.outbox.bury(pending, "refused", now=NOW)
    database.outbox.release_writer(writer)
    assert states(database.engine) == {"a": State.DEAD}

    assert database.inbox.rearm("a", now=NOW)

    assert database.outbox.is_waiting(NOW)


@pytest.mark.parametrize("workers", [4])
def test_many_workers_at_once_never_share_an_issue(database: Database, workers: int) -> None:
    for number in range(24):
        delivered(database.engine, f"d{number}", subject=f"1#{number % 12}")

    def drain(_: int) -> list[tuple[str, ...]]:
        taken = []
        while (claim := database.inbox.claim(NOW)) is not None:
            taken.append(tuple(d.id for d in claim.deliveries))
        return taken

    with ThreadPoolExecutor(workers) as pool:
        claims = [claim for taken in pool.map(drain, range(workers)) for claim in taken]

    assert len(claims) == 12
    assert sorted(name for claim in claims for name in claim) == sorted(f"d{n}" for n in range(24))
