"""Clocks that ran out are acted on soon; hundreds after a downtime once, the worst first, within GitHub's limits."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot import work
from bot.github.pacing import PER_HOUR, PER_MINUTE
from bot.model.effects import Effect
from bot.model.forge import Attempt, Receipt
from bot.model.subjects import Repository, Subject
from bot.policies import sla, triage
from bot.store import engine as engines
from bot.store import migrate
from bot.store.timers import arm
from bot.tasks import RELAY_EVERY, TICK_EVERY
from tests.road import MODEL, NOW, SECOND, Island, issue
from tests.test_work import ENOUGH, Shift, on_shift

HOUR, DAY = timedelta(hours=1), timedelta(hours=24)
RELAY, TICK = timedelta(seconds=RELAY_EVERY), timedelta(seconds=TICK_EVERY)


@dataclass
class Diary(Island):
    """A GitHub that writes down when what was written to which issue."""

    now: datetime = NOW
    written: list[tuple[datetime, int, str]] = field(default_factory=list)

    def apply(self, repository: Repository, effect: Effect, attempt: Attempt) -> Receipt:
        """Make it true, and note it."""
        if effect.subject.number:
            self.written.append((self.now, effect.subject.number, effect.kind))
        return super().apply(repository, effect, attempt)


@dataclass
class Watch:
    """A worker, its GitHub, and a beat that ticks and rings."""

    shift: Shift
    diary: Diary

    def opened(self, opened_at: Mapping[int, datetime], rings_at: Mapping[int, datetime]) -> None:
        """Have these bugs open, labelled and told of, each with its timer."""
        with self.shift.database.engine.begin() as connection:
            for number, at in opened_at.items():
                subject = Subject(MODEL.id, number)
                self.diary.issues[number] = replace(
                    issue(labels=["bug"]), subject=subject, created_at=at, updated_at=at
                )
                arm(connection, subject, MODEL.installation_id, rings_at[number])

    def work_on(self, *, until: datetime) -> None:
        """Let the beat go on from now, and the worker with it; where nothing is written the next tick is not far."""
        ticked_at = self.shift.now - TICK
        while self.shift.now < until:
            if self.shift.now - ticked_at >= TICK:
                ticked_at = self.shift.now
                work.tick(self.shift.parts)
            before = len(self.diary.written)
            work.work(self.shift.parts, shift=ENOUGH)
            is_busy = len(self.diary.written) > before
            self.shift.now = self.diary.now = self.shift.now + RELAY if is_busy else ticked_at + TICK


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    """A worker with nothing to do, on SQLite alone: what it counts here is the same everywhere."""
    engine: Engine = engines.connect(f"sqlite:///{tmp_path / 'reeve.db'}")
    migrate.upgrade(engine)
    shift, diary = on_shift(engine, triage.decide, sla.decide), Diary()
    shift.parts.road = replace(shift.parts.road, forge=lambda _: diary)
    shift.database.memory.keep_repository(MODEL)
    yield Watch(shift, diary)
    engine.dispose()


def most_within(window: timedelta, times: list[datetime]) -> int:
    """Return how many of these ordered times lie within such a window at most."""
    return max(bisect_left(times, start + window) - place for place, start in enumerate(times))


def test_after_a_downtime_everything_is_written_once_the_breached_first_within_the_limits(watch: Watch) -> None:
    at_risk, breached = range(1, 151), range(151, 301)
    opened_at = {number: NOW - (20 if number in at_risk else 30) * HOUR for number in (*at_risk, *breached)}
    watch.opened(opened_at, {number: NOW - HOUR + number * SECOND for number in opened_at})

    watch.work_on(until=NOW + 3 * HOUR / 2)

    labelled = [number for _, number, kind in watch.diary.written if kind == "set_labels"]
    assert (set(labelled[:150]), set(labelled[150:])) == (set(breached), set(at_risk))
    assert all("sla:breached" in watch.diary.issues[number].labels for number in breached)
    written = [(number, kind) for _, number, kind in watch.diary.written]
    assert len(written) == len(set(written)) == 600
    times = [at for at, _, _ in watch.diary.written]
    assert most_within(timedelta(minutes=1), times) <= PER_MINUTE
    assert most_within(HOUR, times) <= PER_HOUR


def test_while_all_is_well_no_due_action_is_later_than_two_minutes(watch: Watch) -> None:
    due_at = {number: NOW + number * 37 * SECOND for number in range(1, 101)}
    watch.opened({number: at - DAY for number, at in due_at.items()}, due_at)

    watch.work_on(until=NOW + 2 * HOUR)

    late = [at - due_at[number] for at, number, _ in watch.diary.written]
    assert len(late) == 2 * len(due_at)
    assert timedelta() <= min(late)
    assert max(late) <= timedelta(seconds=120)
