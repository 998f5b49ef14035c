"""Deadlines are rows: a tick delivers what is due, once, whoever ticks and however late."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from sqlalchemy import Engine, func, select

from bot.model.subjects import Lane, Subject
from bot.store.database import Database
from bot.store.synthetic import DIGEST_EVENT, TIMER_EVENT
from bot.store.tables import inbox, timers
from bot.store.timers import DIGEST, KEEP_FINISHED, arm, arm_by
from tests.store.given import MINUTE, NOW, SEVEN, decided, delivered, labels, states


def armed(engine: Engine, subject: Subject, due_at: datetime | None) -> None:
    with engine.begin() as connection:
        arm(connection, subject, 77, due_at)


def waiting(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(timers)).scalar_one()


def test_nothing_is_due_before_its_time(database: Database) -> None:
    armed(database.engine, SEVEN, NOW + MINUTE)

    assert database.timers.tick(NOW) == 0
    assert database.timers.tick(NOW + MINUTE) == 1


def test_a_due_timer_becomes_a_delivery_in_the_last_lane(database: Database) -> None:
    armed(database.engine, SEVEN, NOW)
    database.timers.tick(NOW)

    claim = database.inbox.claim(NOW)

    assert claim is not None
    assert [(d.event, d.subject) for d in claim.deliveries] == [(TIMER_EVENT, SEVEN.key)]
    with database.engine.connect() as connection:
        assert connection.execute(select(inbox.c.lane)).scalar_one() == Lane.SWEEP


def test_how_long_nobody_has_ticked_can_be_seen(database: Database) -> None:
    for subject, due_at in ((SEVEN, NOW), (Subject(1, 8), NOW + MINUTE), (Subject(1, 9), NOW + timedelta(days=1))):
        armed(database.engine, subject, due_at)
    assert database.figures.timer_age_seconds(NOW - MINUTE) == 0.0

    assert database.figures.timer_age_seconds(NOW + 5 * MINUTE) == 300.0

    database.timers.tick(NOW + 5 * MINUTE)
    assert database.figures.timer_age_seconds(NOW + 5 * MINUTE) == 0.0


def test_a_timer_rings_once(database: Database) -> None:
    armed(database.engine, SEVEN, NOW)

    assert [database.timers.tick(NOW + MINUTE) for _ in range(3)] == [1, 0, 0]


def test_setting_a_timer_again_replaces_it_and_none_removes_it(database: Database) -> None:
    armed(database.engine, SEVEN, NOW)
    armed(database.engine, SEVEN, NOW + MINUTE)
    assert database.timers.tick(NOW) == 0

    armed(database.engine, SEVEN, None)
    assert waiting(database.engine) == 0


def test_two_schedulers_deliver_every_due_timer_once(database: Database) -> None:
    for number in range(40):
        armed(database.engine, Subject(1, number), NOW)

    with ThreadPoolExecutor(2) as pool:
        moved = list(pool.map(lambda _: database.timers.tick(NOW), range(2)))

    assert sum(moved) == 40
    assert len(states(database.engine)) == 40


def test_a_backlog_larger_than_one_batch_is_caught_up_in_one_tick(database: Database) -> None:
    with database.engine.begin() as connection:
        for number in range(501):
            arm(connection, Subject(1, number), 77, NOW - timedelta(minutes=number))

    assert database.timers.tick(NOW) == 501
    assert waiting(database.engine) == 0


def test_finished_deliveries_are_kept_longer_than_github_redelivers_and_then_forgotten(database: Database) -> None:
    decided(database, "old")
    delivered(database.engine, "waiting", subject="1#1")

    assert database.timers.purge(NOW + timedelta(days=7)) == 0
    assert database.timers.purge(NOW + KEEP_FINISHED + MINUTE) == 1

    assert list(states(database.engine)) == ["waiting"]


def test_dead_letters_are_never_forgotten_by_themselves(database: Database) -> None:
    delivered(database.engine, "a")
    claim = database.inbox.claim(NOW)
    assert claim is not None
    database.inbox.bury(claim, claim.seqs, "poison", now=NOW)

    assert database.timers.purge(NOW + KEEP_FINISHED + MINUTE) == 0


def test_a_decision_sets_when_to_look_again(database: Database) -> None:
    decided(database, "a", labels("bug"))

    assert waiting(database.engine) == 0


def digest_armed(engine: Engine, due_at: datetime) -> None:
    with engine.begin() as connection:
        arm_by(connection, Subject(1, 0), 77, due_at, kind=DIGEST)


def test_of_two_times_for_a_digest_the_earlier_one_stays(database: Database) -> None:
    for minutes in (2, 1, 3):
        digest_armed(database.engine, NOW + minutes * MINUTE)

    assert database.timers.tick(NOW) == 0
    assert database.timers.tick(NOW + MINUTE) == 1
    assert waiting(database.engine) == 0


def test_after_a_downtime_the_digest_comes_behind_everything_that_it_tells_of(database: Database) -> None:
    digest_armed(database.engine, NOW - timedelta(days=3))
    armed(database.engine, SEVEN, NOW - MINUTE)

    database.timers.tick(NOW)

    with database.engine.connect() as connection:
        events = connection.execute(select(inbox.c.event).order_by(inbox.c.seq)).scalars().all()
    assert events == [TIMER_EVENT, DIGEST_EVENT]
