"""Deadlines are rows. A tick turns those that are due into deliveries on the same road, once, whoever ticks."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Engine, bindparam, delete, select

from bot.model.subjects import Subject
from bot.store.engine import CLAIM_LOCK, lock
from bot.store.gate_tables import KEPT, PASSING
from bot.store.synthetic import DIGEST_EVENT, GATES_EVENT, TIMER_EVENT, deliver
from bot.store.tables import State, inbox, outbox, timers, to_millis
from bot.store.upsert import upsert, upsert_if_less

#: A tick takes this many at a time, so that a backlog never holds the database for long.
BATCH = 500

#: The kind of timer that wakes the gates of a pull request, and nothing else of it.
GATES = "gates"

#: The kind that has a repository's digest made.
DIGEST = "digest"

_EVENTS = {GATES: GATES_EVENT, DIGEST: DIGEST_EVENT}

#: GitHub redelivers for 3 days, Enterprise Server for 7: a finished delivery is known for longer than that.
KEEP_FINISHED = timedelta(days=8)


def arm(
    connection: Connection, subject: Subject, installation_id: int, due_at: datetime | None, *, kind: str = "look"
) -> None:
    """Set when to look at a subject again, replacing what was set before; None means never."""
    key = {"subject": subject.key, "kind": kind}
    if due_at is None:
        connection.execute(_DISARM, {"of_subject": subject.key, "of_kind": kind})
    else:
        upsert(connection, timers, key, {"installation_id": installation_id, "due_at": due_at})


def arm_by(connection: Connection, subject: Subject, installation_id: int, due_at: datetime, *, kind: str) -> None:
    """Set when to look at the latest: an earlier time that was set before stays."""
    key = {"subject": subject.key, "kind": kind}
    upsert_if_less(connection, timers, key, {"installation_id": installation_id, "due_at": due_at}, than="due_at")


# Built once: putting such a statement together costs as much as running it.
_DISARM = delete(timers).where(timers.c.subject == bindparam("of_subject"), timers.c.kind == bindparam("of_kind"))


class Timers:
    """The clock's side of the database."""

    def __init__(self, engine: Engine) -> None:
        """Work on this database."""
        self._engine = engine

    def tick(self, now: datetime) -> int:
        """Turn everything that is due into deliveries; return how many. Two tickers do no harm.

        Digests come last: they tell of what the others lead to.
        """
        total = 0
        for chosen in (timers.c.kind != DIGEST, timers.c.kind == DIGEST):
            while moved := self._move_due(chosen, now):
                total += moved
        return total

    def _move_due(self, chosen: ColumnElement[bool], now: datetime) -> int:
        with self._engine.begin() as connection:
            lock(connection, CLAIM_LOCK)
            due = connection.execute(
                select(timers.c.subject, timers.c.kind, timers.c.installation_id, timers.c.due_at)
                .where(timers.c.due_at <= now, chosen)
                .order_by(timers.c.due_at)
                .limit(BATCH)
            ).all()
            for subject, kind, installation_id, due_at in due:
                key = f"{kind}:{subject}:{to_millis(due_at)}"
                event = _EVENTS.get(kind, TIMER_EVENT)
                deliver(connection, key, event=event, subject=subject, installation_id=installation_id, now=now)
                is_this = (timers.c.subject == subject, timers.c.kind == kind, timers.c.due_at == due_at)
                connection.execute(delete(timers).where(*is_this))  # one that was set anew meanwhile stays
        return len(due)

    def purge(self, now: datetime) -> int:
        """Forget deliveries and effects that ended longer ago than anything could still repeat them."""
        before = now - KEEP_FINISHED
        with self._engine.begin() as connection:
            gone = connection.execute(
                delete(inbox).where(inbox.c.finished_at < before, inbox.c.state != State.DEAD)
            ).rowcount
            connection.execute(delete(outbox).where(outbox.c.finished_at < before, outbox.c.state != State.DEAD))
            for table in PASSING:
                connection.execute(delete(table).where(table.c.at < now - KEPT))
        return gone
