"""Which effects go out next: one writer for each installation, the urgent ones first, as fast as GitHub allows.

What is far from any limit is taken some at a time, and marked as tried in one transaction before the first call; of an
effect that was tried before, or for which nobody waits, each is taken alone.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, func, literal_column, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.dml import ReturningInsert

from bot.model.decisions import PendingEffect
from bot.model.effects import AFTER_ALL_COMMENTS
from bot.model.subjects import Repository
from bot.store.inbox import ringing
from bot.store.pace import Next, Pace
from bot.store.tables import Moment, State, applied, installations, outbox, repositories
from bot.store.upsert import upsert
from bot.store.wishes import effect_json

#: How long one writer owns an installation without saying so again; longer than any single call may take.
LEASE = timedelta(seconds=30)

#: Effects that may take more than one writing request: they count for as many within GitHub's limits.
REQUESTS = {"ensure_labels": 6, "open_pull": 3}

#: From this priority on nobody waits for an effect: what clocks want, and what sweeps found late.
PATIENT = AFTER_ALL_COMMENTS

#: For so long what a clock wants waits until the others that rang are judged too: then the worst goes first. A due
#: action is to be at most 120 s late, of which a tick takes up to 60.
GATHERING = timedelta(seconds=45)

#: With fewer effects than this in an hour no limit of a minute, or of an hour, can be near: each takes six at most.
FEW_IN_A_MINUTE = 10
FEW_IN_AN_HOUR = 66

_Found = Row[Any]


@dataclass(frozen=True, slots=True)
class Writer:
    """The right to write for one installation, held under a lease."""

    installation_id: int
    lease: str


def due(connection: Connection, now: datetime) -> int | None:
    """Return the installation for which something is to be written most urgently."""
    found: int | None = connection.execute(_DUE_INSTALLATION, {"now": now}).scalar()
    return found


def claim(
    connection: Connection, installation_id: int, now: datetime, budget_left: Callable[[int], int | None]
) -> Writer | None:
    """Become the writer of an installation; None when somebody else has become it, or it has to rest."""
    lease, left = secrets.token_hex(8), budget_left(installation_id)
    known: dict[str, object] = {} if left is None else {"budget_left": left}
    values = {"id": installation_id, "lease": lease, "lease_until": now + LEASE, "now": now, **known}
    claimed = connection.execute(_CLAIM[connection.dialect.name, bool(known)], values).first()
    return None if claimed is None else Writer(installation_id, lease)


def release(connection: Connection, writer: Writer) -> None:
    """Let somebody else write for the installation."""
    connection.execute(_RELEASE, {"installation": writer.installation_id, "writer": writer.lease})


def begin(
    connection: Connection, writer: Writer, now: datetime, pace: Pace | None, *, most: int
) -> tuple[PendingEffect, ...]:
    """Take what is most urgent and mark it as tried; nothing ends the writer's turn."""
    wanted = {"now": now, "installation": writer.installation_id, "since": now - timedelta(hours=1), "most": most}
    rows = _together(connection.execute(_NEXT_EFFECTS, wanted).all())
    if not rows:
        release(connection, writer)
        return ()
    if not _extend(connection, writer, now):
        return ()
    if pace is not None:
        rows = _Recent(connection, writer, now, rows[0].recent).as_allowed(rows, pace)
    taken = _take(connection, writer, rows, now)
    return tuple(_pending(row) for row in rows if row.id in taken)


def recent_writes(connection: Connection, installation_id: int, since: datetime) -> list[datetime]:
    """Return when an installation wrote since then, oldest first; once for each request."""
    rows = connection.execute(_WRITES, {"installation": installation_id, "since": since})
    return [row.written_at for row in rows for _ in range(REQUESTS.get(row.kind, 1))]


def _together(rows: Sequence[_Found]) -> Sequence[_Found]:
    """Return those of the most urgent ones that may be taken in one go.

    An effect that was tried before may be what takes its writer down each time: it is taken alone.
    """
    may_go = takewhile(lambda row: row.attempts == 0 and row.priority < PATIENT, rows)
    return list(may_go) or rows[:1]


def _take(connection: Connection, writer: Writer, rows: Sequence[_Found], now: datetime) -> set[int]:
    """Mark effects as tried; return those that nobody has taken, or dropped, meanwhile."""
    if not rows:
        return set()
    values = {"these": [row.id for row in rows], "now": now, "writer": writer.lease, "until": now + LEASE}
    return set(connection.execute(_TAKE, values).scalars())


def _pending(row: _Found) -> PendingEffect:
    repository = Repository(row.repository_id, row.full_name, row.installation_id, row.default_branch, row.organization)
    return PendingEffect(row.id, repository, effect_json.validate_json(row.payload), row.attempts, row.remote_id)


def _extend(connection: Connection, writer: Writer, now: datetime) -> bool:
    """Renew the writer's lease; False when another writer has taken over or GitHub asked for a pause."""
    mine = {"now": now, "installation": writer.installation_id, "writer": writer.lease, "until": now + LEASE}
    return connection.execute(_EXTEND, mine).rowcount == 1


@dataclass(frozen=True, slots=True)
class _Recent:
    """The recent writes of an installation, `count` of them within the hour, read as far as they matter."""

    connection: Connection
    writer: Writer
    now: datetime
    count: int

    def as_allowed(self, rows: Sequence[_Found], pace: Pace) -> Sequence[_Found]:
        """Return as many as may be written now; where that is none, the writer's turn has ended."""
        chosen, rests_until = self._within(rows, pace.urgent)
        if not chosen:
            return self._put_off("writes_after", rests_until)
        if chosen[0].priority < PATIENT:
            return chosen
        chosen, rests_until = self._within(rows, pace.patient)
        if not chosen:
            return self._put_off("backlog_after", rests_until)
        if ringing(self.connection, self.writer.installation_id, since=self.now - GATHERING, now=self.now):
            release(self.connection, self.writer)
            return ()
        return chosen

    def _within(self, rows: Sequence[_Found], next_at: Next) -> tuple[Sequence[_Found], datetime]:
        """Return those that may be written now, and when the next one may. Far from any limit nobody has to ask."""
        if self.count < FEW_IN_A_MINUTE:
            return rows[: FEW_IN_A_MINUTE - self.count], self.now
        window = timedelta(minutes=1) if self.count < FEW_IN_AN_HOUR else timedelta(hours=1)
        writes = recent_writes(self.connection, self.writer.installation_id, self.now - window)
        for position, row in enumerate(rows):
            if (at := next_at(writes, self.now)) > self.now:
                return rows[:position], at
            writes += [self.now] * REQUESTS.get(row.kind, 1)
        return rows, self.now

    def _put_off(self, what: str, until: datetime) -> Sequence[_Found]:
        """End the turn: nothing is written for the installation before then, or nothing that nobody waits for."""
        upsert(self.connection, installations, {"id": self.writer.installation_id}, {what: until})
        release(self.connection, self.writer)
        return ()


def _is_due() -> ColumnElement[bool]:
    now = bindparam("now", type_=Moment())
    pending = and_(literal_column("outbox.state = 0"), outbox.c.not_before <= now)
    orphaned = and_(literal_column("outbox.state = 1"), outbox.c.lease_until < now)
    older = outbox.alias("older")
    is_second = (
        select(older.c.id)
        .where(older.c.target == outbox.c.target, literal_column("older.state <= 1"), older.c.id < outbox.c.id)
        .exists()
    )
    return literal_column("outbox.state <= 1") & or_(pending, orphaned) & ~is_second


def _may_write() -> ColumnElement[bool]:
    c, now = installations.c, bindparam("now", type_=Moment())
    passed = (or_(each.is_(None), each <= now) for each in (c.blocked_until, c.writes_after))
    return and_(
        literal_column("installations.state = 'active'"), or_(c.lease_until.is_(None), c.lease_until < now), *passed
    )


def _due_installation() -> Select[int]:
    may_go_on = or_(
        literal_column(f"outbox.priority < {PATIENT}"),
        installations.c.backlog_after.is_(None),
        installations.c.backlog_after <= bindparam("now", type_=Moment()),
    )
    joined = outbox.outerjoin(installations, installations.c.id == outbox.c.installation_id)
    return (
        select(outbox.c.installation_id)
        .select_from(joined)
        .where(_is_due(), or_(installations.c.id.is_(None), _may_write()), may_go_on)
        .order_by(outbox.c.priority, outbox.c.id)
        .limit(1)
    )


def _next_effects() -> Select[Any]:
    c = outbox.c
    joined = outbox.join(repositories, repositories.c.id == c.repository_id).outerjoin(
        applied, applied.c.target == c.target
    )
    return (
        select(
            *(c.id, c.target, c.kind, c.payload, c.attempts, c.priority, c.repository_id),
            *(repositories.c[name] for name in ("full_name", "installation_id", "default_branch", "organization")),
            applied.c.remote_id,
            _count_writes().scalar_subquery().label("recent"),
        )
        .select_from(joined)
        .where(c.installation_id == bindparam("installation"), _is_due())
        .order_by(c.priority, c.id)
        .limit(bindparam("most"))
    )


def _writes() -> Select[Any]:
    c = outbox.alias("written").c
    since = bindparam("since", type_=Moment())
    return select(c.written_at, c.kind).where(c.installation_id == bindparam("installation"), c.written_at > since)


def _count_writes() -> Select[Any]:
    return _writes().with_only_columns(func.count())


def _claiming(dialect: str, *, names: tuple[str, ...]) -> ReturningInsert[Any]:
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(installations)
    claimed = {name: insert.excluded[name] for name in names}
    written = insert.on_conflict_do_update(index_elements=["id"], set_=claimed, where=_may_write())
    return written.returning(installations.c.id)


# Built once: putting such a statement together costs as much as running it.
_DUE_INSTALLATION = _due_installation()
_NEXT_EFFECTS = _next_effects()
_WRITES = _writes().order_by(literal_column("written.written_at"))
_CLAIM = {
    (dialect, is_told): _claiming(dialect, names=("lease", "lease_until", *(("budget_left",) if is_told else ())))
    for dialect in ("postgresql", "sqlite")
    for is_told in (False, True)
}
_RELEASE = (
    update(installations)
    .where(installations.c.id == bindparam("installation"), installations.c.lease == bindparam("writer"))
    .values(lease=None, lease_until=None)
)
_TAKE = (
    update(outbox)
    .where(
        outbox.c.id.in_(bindparam("these", expanding=True)),
        or_(
            literal_column("outbox.state = 0"),
            and_(literal_column("outbox.state = 1"), outbox.c.lease_until < bindparam("now", type_=Moment())),
        ),
    )
    .values(
        state=State.LEASED,
        attempts=outbox.c.attempts + 1,
        written_at=bindparam("now", type_=Moment()),
        lease=bindparam("writer"),
        lease_until=bindparam("until", type_=Moment()),
    )
    .returning(outbox.c.id)
)
_EXTEND = (
    update(installations)
    .where(
        installations.c.id == bindparam("installation"),
        installations.c.lease == bindparam("writer"),
        or_(
            installations.c.blocked_until.is_(None),
            installations.c.blocked_until <= bindparam("now", type_=Moment()),
        ),
    )
    .values(lease_until=bindparam("until", type_=Moment()))
)
