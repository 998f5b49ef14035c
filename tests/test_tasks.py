"""Celery as doorbell and clock: what is sent, what it sets going, and that losing it loses nothing."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from kombu.exceptions import OperationalError
from sqlalchemy import Engine

from bot import settings, tasks
from bot.model.subjects import Subject
from bot.policies import triage
from bot.store.tables import State
from bot.store.timers import arm
from tests.road import MODEL, NOW
from tests.services import free_port
from tests.store.given import states
from tests.test_work import Shift, on_shift


def made(*, broker: str = "") -> settings.Settings:
    """Return settings with this broker, or embedded."""
    base = {"REEVE_APP_ID": "1", "REEVE_PRIVATE_KEY": "none", "REEVE_WEBHOOK_SECRET": "s"}
    return settings.read({**base, "REEVE_BROKER_URL": broker})


@pytest.fixture
def shift(engine: Engine) -> Shift:
    """A worker with nothing to do."""
    return on_shift(engine, triage.decide)


def waiting(app: Celery) -> int:
    """Count the messages in the queue."""
    with app.connection_for_read() as connection:
        queue = connection.default_channel.queue_declare("doorbell", passive=False)
        return int(queue.message_count)


def emptied(app: Celery) -> Celery:
    """Empty the in-memory queue, which all applications of a process share."""
    app.control.purge()
    return app


def until(is_so: Callable[[], bool]) -> bool:
    """Wait for something that another thread does."""
    deadline = time.monotonic() + 15
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.02)
    return is_so()


def test_a_ring_is_one_message_that_goes_stale() -> None:
    app = emptied(tasks.app_for(made()))

    tasks.ring(app)

    assert waiting(app) == 1
    with app.connection_for_read() as connection:
        message = connection.default_channel.basic_get("doorbell")
    assert message.headers["task"] == tasks.WORK
    assert message.headers["expires"] is not None


def test_a_ring_fails_when_the_broker_is_away() -> None:
    app = tasks.app_for(made(broker=f"redis://127.0.0.1:{free_port()}/0"))

    with pytest.raises(OperationalError):
        tasks.ring(app)


def test_work_that_ends_rings_for_nobody(shift: Shift) -> None:
    app = emptied(tasks.app_for(made(), lambda: shift.parts))
    shift.opened("a")

    app.tasks[tasks.WORK]()

    assert states(shift.database.engine) == {"a": State.DONE}
    assert waiting(app) == 0


def test_work_that_is_not_done_rings_for_the_next_shift(shift: Shift, monkeypatch: pytest.MonkeyPatch) -> None:
    app = emptied(tasks.app_for(made(), lambda: shift.parts))
    monkeypatch.setattr("bot.work.work.__kwdefaults__", {"shift": timedelta(0)})
    shift.opened("a")

    app.tasks[tasks.WORK]()

    assert states(shift.database.engine) == {"a": State.PENDING}
    assert waiting(app) == 1


def test_a_tick_rings_when_something_became_due(shift: Shift) -> None:
    app = emptied(tasks.app_for(made(), lambda: shift.parts))
    app.tasks[tasks.TICK]()
    assert waiting(app) == 0
    with shift.database.engine.begin() as connection:
        arm(connection, Subject(MODEL.id, 7), 77, NOW)

    app.tasks[tasks.TICK]()

    assert waiting(app) == 1


@pytest.mark.parametrize(("found", "rings"), [(0, 0), (3, 1)])
def test_a_sweep_rings_when_it_found_something(
    shift: Shift, monkeypatch: pytest.MonkeyPatch, found: int, rings: int
) -> None:
    app = emptied(tasks.app_for(made(), lambda: shift.parts))
    monkeypatch.setattr("bot.sweep.sweep", lambda _parts: found)  # what it finds is told in the stories

    app.tasks[tasks.SWEEP]()

    assert waiting(app) == rings


def test_the_beat_relays_and_ticks_and_what_it_sends_goes_stale() -> None:
    schedule = tasks.app_for(made()).conf.beat_schedule

    assert {entry["task"]: entry["schedule"] for entry in schedule.values()} == {
        tasks.WORK: tasks.RELAY_EVERY,
        tasks.TICK: tasks.TICK_EVERY,
        tasks.SWEEP: tasks.TICK_EVERY,
        tasks.LEARN: tasks.LEARN_EVERY,
    }
    assert all(entry["options"]["expires"] for entry in schedule.values())


def test_the_beat_keeps_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    beat: Any = tasks.beat(tasks.app_for(made()))

    assert {"relay", "tick"} <= set(beat.scheduler.schedule)
    assert list(tmp_path.iterdir()) == []


def test_a_message_of_a_worker_that_died_comes_back_soon() -> None:
    scaled_out = tasks.app_for(made(broker="redis://queue/0")).conf

    assert scaled_out.task_acks_late
    assert scaled_out.broker_transport_options["visibility_timeout"] == 60


@pytest.mark.filterwarnings("ignore::celery.exceptions.SecurityWarning")  # the tests may run as root
def test_a_worker_works_in_threads_and_leaves_our_logging_alone() -> None:
    app = tasks.app_for(made(broker="redis://queue/0"))

    worker: Any = tasks.worker(app, threads=3)

    assert worker.concurrency == 3
    assert "thread" in worker.pool_cls.__module__
    assert not app.conf.worker_hijack_root_logger


def test_an_embedded_worker_answers_the_bell_until_it_is_stopped(shift: Shift) -> None:
    app = emptied(tasks.app_for(made(), lambda: shift.parts))
    embedded = tasks.Embedded(app)
    embedded.stop()  # before it started: harmless
    embedded = tasks.Embedded(app)
    embedded.start()
    shift.opened("a")

    tasks.ring(app)

    assert until(lambda: states(shift.database.engine) == {"a": State.DONE})
    embedded.stop()
    app.close()
