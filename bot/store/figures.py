"""Numbers about the work: what `/metrics`, `/readyz` and `reeve deliveries` show."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, and_, func, literal_column, or_, select, text

from bot.model.subjects import Lane
from bot.store.engine import reading
from bot.store.tables import State, inbox, installations, outbox, timers

#: Work that nobody holds and nobody waits for should have been taken long before this.
OVERDUE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One delivery as an operator sees it; the body is not shown."""

    delivery: str
    event: str
    subject: str
    state: str
    attempts: int
    received_at: datetime
    reason: str | None


class Figures:
    """Counts and ages, read when asked."""

    def __init__(self, engine: Engine) -> None:
        """Read from this database."""
        self._engine = engine

    def deliveries_by_state(self) -> dict[str, int]:
        """Count deliveries by state, by name; every state is there, also with 0."""
        return self._by_state("inbox")

    def effects_by_state(self) -> dict[str, int]:
        """Count effects by state, by name; every state is there, also with 0."""
        return self._by_state("outbox")

    def queue_age_seconds(self, now: datetime) -> dict[str, float]:
        """Return how long the oldest waiting delivery of each lane has waited."""
        waiting = select(inbox.c.lane, func.min(inbox.c.received_at)).where(literal_column("inbox.state <= 1"))
        with reading(self._engine) as connection:
            oldest = dict(tuple(row) for row in connection.execute(waiting.group_by(inbox.c.lane)))
        return {lane.name.lower(): (now - oldest[lane]).total_seconds() if lane in oldest else 0.0 for lane in Lane}

    def timer_age_seconds(self, now: datetime) -> float:
        """Return how long the oldest timer that rang already waits for a tick; 0 where none does."""
        with reading(self._engine) as connection:
            due_at = connection.execute(select(func.min(timers.c.due_at)).where(timers.c.due_at <= now)).scalar()
        return 0.0 if due_at is None else (now - due_at).total_seconds()

    def budget_left(self) -> dict[int, int]:
        """Return how many API calls each installation has left this hour, as GitHub last said."""
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(installations.c.id, installations.c.budget_left).where(installations.c.budget_left.is_not(None))
            )
            return {row.id: row.budget_left for row in rows}

    def lost(self, now: datetime) -> int:
        """Count deliveries that were acknowledged and can no longer reach an end: always 0, or Reeve has a bug.

        That is a decided delivery with no effect under way, or a finished one whose effects are still waiting.
        """
        under_way = (
            select(outbox.c.id)
            .where(outbox.c.decision == inbox.c.decision, literal_column("outbox.state <= 1"))
            .exists()
        )
        stuck = and_(literal_column("inbox.state = 2"), inbox.c.received_at < now - OVERDUE, ~under_way)
        early = and_(inbox.c.state == State.DONE, under_way)
        with reading(self._engine) as connection:
            return connection.execute(select(func.count()).select_from(inbox).where(or_(stuck, early))).scalar_one()

    def deliveries(self, states: tuple[State, ...], *, limit: int) -> list[DeliveryRow]:
        """List deliveries in these states, newest first."""
        c = inbox.c
        chosen = (
            select(c.delivery, c.event, c.subject, c.state, c.attempts, c.received_at, c.reason)
            .where(c.state.in_(states))
            .order_by(c.seq.desc())
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return [
                DeliveryRow(
                    r.delivery, r.event, r.subject, State(r.state).name.lower(), r.attempts, r.received_at, r.reason
                )
                for r in connection.execute(chosen)
            ]

    def is_writable(self) -> bool:
        """Say whether the database takes a write right now (and undo it)."""
        with self._engine.connect() as connection:
            transaction = connection.begin()
            connection.execute(text("UPDATE notes SET value = value WHERE name = ''"))
            transaction.rollback()
        return True

    def _by_state(self, table: str) -> dict[str, int]:
        counted = text(f"SELECT state, count(*) FROM {table} GROUP BY state")  # noqa: S608  our own two table names
        with reading(self._engine) as connection:
            found = dict(tuple(row) for row in connection.execute(counted))
        return {state.name.lower(): found.get(state, 0) for state in State}
