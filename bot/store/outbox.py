"""The outbox: effects wait here until GitHub has confirmed them, one writer per installation, urgent ones first."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Select, and_, bindparam, func, literal_column, or_, select, update
from sqlalchemy.sql import ColumnElement

from bot.model.decisions import PendingEffect
from bot.model.effects import AFTER_ALL_COMMENTS, CreateTag, Dispatch, PublishRelease, SetLabels
from bot.model.forge import Receipt
from bot.model.subjects import Repository, Subject
from bot.store import releases
from bot.store.engine import CLAIM_LOCK, EFFECTS_LOCK, lock, passing, reading
from bot.store.inbox import ringing
from bot.store.pace import Next, Pace
from bot.store.tables import Moment, State, applied, inbox, installations, outbox, repositories, subjects
from bot.store.upsert import upsert
from bot.store.wishes import digest, effect_json

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


@dataclass(frozen=True, slots=True)
class Writer:
    """The right to write for one installation, held under a lease."""

    installation_id: int
    lease: str


class Outbox:
    """The queue of effects in the database."""

    def __init__(self, engine: Engine) -> None:
        """Work on this database."""
        self._engine = engine

    def claim_writer(
        self, now: datetime, *, budget_left: Callable[[int], int | None] = lambda _: None
    ) -> Writer | None:
        """Become the one writer of an installation that has something due; None when there is none.

        `budget_left` says how many calls GitHub last said an installation has left: noted here for the figures.
        """
        with self._engine.begin() as connection:
            return _claim(connection, now, budget_left)

    def claim_and_begin(
        self, now: datetime, *, pace: Pace, budget_left: Callable[[int], int | None] = lambda _: None
    ) -> tuple[Writer, PendingEffect | None] | None:
        """Become a writer and take its first effect, in one transaction."""
        with self._engine.begin() as connection:
            writer = _claim(connection, now, budget_left)
            return None if writer is None else (writer, _begin(connection, writer, now, pace))

    def recent_writes(self, installation_id: int, *, now: datetime) -> list[datetime]:
        """Return when this installation wrote during the last hour, oldest first; once for each request."""
        with reading(self._engine) as connection:
            return _recent_writes(connection, installation_id, now - timedelta(hours=1))

    def begin(self, writer: Writer, now: datetime, *, pace: Pace | None = None) -> PendingEffect | None:
        """Take the writer's most urgent effect and mark it as tried, before the call is made.

        None ends the writer's turn: nothing is due, the lease is lost, or `pace` says that it has to rest first; then
        nobody writes for the installation before that time, and the work waits in the database.
        """
        with self._engine.begin() as connection:
            return _begin(connection, writer, now, pace)

    def confirm_and_begin(
        self, pending: PendingEffect, receipt: Receipt, writer: Writer, now: datetime, *, pace: Pace | None = None
    ) -> PendingEffect | None:
        """Record that GitHub has it and take the next one, in one transaction."""
        with self._engine.begin() as connection:
            lock(connection, EFFECTS_LOCK)
            _confirm(connection, pending, receipt, now)
            return _begin(connection, writer, now, pace)

    def confirm(self, pending: PendingEffect, receipt: Receipt, *, now: datetime) -> None:
        """Record that GitHub has it; a delivery whose last effect this was is done."""
        with self._engine.begin() as connection:
            lock(connection, EFFECTS_LOCK)
            _confirm(connection, pending, receipt, now)

    def bury(self, pending: PendingEffect, reason: str, *, now: datetime) -> None:
        """Set an effect aside as dead, and the deliveries that wanted it with it."""
        with self._engine.begin() as connection:
            lock(connection, EFFECTS_LOCK)
            if isinstance(pending.effect, SetLabels):
                _disown(connection, pending.effect.subject)
            _end(connection, pending, State.DEAD, reason, now)
            _pass_on(connection, pending, now)

    def postpone(self, pending: PendingEffect, reason: str, *, not_before: datetime, may_have_happened: bool) -> None:
        """Keep an effect for a later try; one that certainly did not happen counts neither as tried nor as written."""
        was_never_sent = not may_have_happened and pending.attempts == 0
        with self._engine.begin() as connection:
            connection.execute(
                update(outbox)
                .where(outbox.c.id == pending.id, outbox.c.state == State.LEASED)
                .values(
                    state=State.PENDING,
                    lease=None,
                    lease_until=None,
                    not_before=not_before,
                    reason=reason,
                    attempts=outbox.c.attempts if may_have_happened else pending.attempts,
                    written_at=None if was_never_sent else outbox.c.written_at,
                )
            )

    def release_writer(self, writer: Writer) -> None:
        """Let somebody else write for the installation."""
        with passing(self._engine) as connection:
            _release(connection, writer)

    def is_waiting(self, now: datetime) -> bool:
        """Say whether a writer would find something to do."""
        with reading(self._engine) as connection:
            return connection.execute(_DUE_INSTALLATION, _times(now)).scalar() is not None


def _times(now: datetime) -> dict[str, datetime]:
    return {"now": now}


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


def _due_installation() -> Select[int]:
    now = bindparam("now", type_=Moment())
    may_write = or_(
        installations.c.id.is_(None),
        and_(
            literal_column("installations.state = 'active'"),
            or_(installations.c.lease_until.is_(None), installations.c.lease_until < now),
            or_(installations.c.blocked_until.is_(None), installations.c.blocked_until <= now),
            or_(installations.c.writes_after.is_(None), installations.c.writes_after <= now),
        ),
    )
    may_go_on = or_(
        literal_column(f"outbox.priority < {PATIENT}"),
        installations.c.backlog_after.is_(None),
        installations.c.backlog_after <= now,
    )
    joined = outbox.outerjoin(installations, installations.c.id == outbox.c.installation_id)
    return (
        select(outbox.c.installation_id)
        .select_from(joined)
        .where(_is_due(), may_write, may_go_on)
        .order_by(outbox.c.priority, outbox.c.id)
        .limit(1)
    )


def _next_effect() -> Select[Any]:
    c = outbox.c
    joined = outbox.join(repositories, repositories.c.id == c.repository_id).outerjoin(
        applied, applied.c.target == c.target
    )
    return (
        select(
            c.id,
            c.target,
            c.payload,
            c.attempts,
            c.priority,
            c.repository_id,
            repositories.c.full_name,
            repositories.c.installation_id,
            repositories.c.default_branch,
            repositories.c.organization,
            applied.c.remote_id,
        )
        .select_from(joined)
        .where(c.installation_id == bindparam("installation"), _is_due())
        .order_by(c.priority, c.id)
        .limit(1)
    )


# Built once: putting such a statement together costs as much as running it.
_DUE_INSTALLATION = _due_installation()
_NEXT_EFFECT = _next_effect()
_TAKE = (
    update(outbox)
    .where(outbox.c.id == bindparam("taken"))
    .values(
        state=State.LEASED,
        attempts=outbox.c.attempts + 1,
        written_at=bindparam("now", type_=Moment()),
        lease=bindparam("writer"),
        lease_until=bindparam("until", type_=Moment()),
    )
)
_WRITES = (
    select(outbox.c.written_at, outbox.c.kind)
    .where(
        outbox.c.installation_id == bindparam("installation"), outbox.c.written_at > bindparam("since", type_=Moment())
    )
    .order_by(outbox.c.written_at)
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
_END = (
    update(outbox)
    .where(outbox.c.id == bindparam("ended"))
    .values(
        state=bindparam("as_state"),
        reason=bindparam("because"),
        finished_at=bindparam("now", type_=Moment()),
        lease=None,
        lease_until=None,
    )
    .returning(outbox.c.decision)
)
_COUNT_EFFECTS = select(
    func.count().filter(outbox.c.state <= State.LEASED), func.count().filter(outbox.c.state == State.DEAD)
).where(outbox.c.decision == bindparam("of_decision"))
_CLOSE = (
    update(inbox)
    .where(inbox.c.decision == bindparam("of_decision"), literal_column("inbox.state = 2"))
    .values(state=bindparam("as_state"), reason=bindparam("because"), finished_at=bindparam("now", type_=Moment()))
)
_COUNT_WRITES = _WRITES.with_only_columns(func.count()).order_by(None)


def _claim(connection: Connection, now: datetime, budget_left: Callable[[int], int | None]) -> Writer | None:
    lock(connection, CLAIM_LOCK)
    installation_id = connection.execute(_DUE_INSTALLATION, _times(now)).scalar()
    if installation_id is None:
        return None
    lease, left = secrets.token_hex(8), budget_left(installation_id)
    known: dict[str, object] = {} if left is None else {"budget_left": left}
    upsert(connection, installations, {"id": installation_id}, {"lease": lease, "lease_until": now + LEASE, **known})
    return Writer(installation_id, lease)


def _release(connection: Connection, writer: Writer) -> None:
    connection.execute(
        update(installations)
        .where(installations.c.id == writer.installation_id, installations.c.lease == writer.lease)
        .values(lease=None, lease_until=None)
    )


def _begin(connection: Connection, writer: Writer, now: datetime, pace: Pace | None) -> PendingEffect | None:
    if not _extend(connection, writer, now):
        return None
    recent = _Recent(connection, writer.installation_id, now)
    if pace is not None and (rests_until := recent.rest(pace.urgent)):
        _put_off(connection, writer, {"writes_after": rests_until})
        return None
    row = connection.execute(_NEXT_EFFECT, {**_times(now), "installation": writer.installation_id}).first()
    if row is None:
        _release(connection, writer)
        return None
    if pace is not None and row.priority >= PATIENT and (rests_until := recent.rest(pace.patient)):
        _put_off(connection, writer, {"backlog_after": rests_until})
        return None
    if (
        pace is not None
        and row.priority >= PATIENT
        and ringing(connection, writer.installation_id, since=now - GATHERING, now=now)
    ):
        _release(connection, writer)
        return None
    connection.execute(_TAKE, {**_times(now), "taken": row.id, "writer": writer.lease, "until": now + LEASE})
    repository = Repository(row.repository_id, row.full_name, row.installation_id, row.default_branch, row.organization)
    return PendingEffect(row.id, repository, effect_json.validate_json(row.payload), row.attempts, row.remote_id)


def _put_off(connection: Connection, writer: Writer, until: dict[str, datetime]) -> None:
    """End a writer's turn: nothing is written for the installation before then, or nothing that nobody waits for."""
    upsert(connection, installations, {"id": writer.installation_id}, dict(until))
    _release(connection, writer)


@dataclass(frozen=True, slots=True)
class _Recent:
    """The recent writes of an installation, read as far as they matter."""

    connection: Connection
    installation_id: int
    now: datetime

    def rest(self, pace: Next) -> datetime | None:
        """Return until when the writer has to rest, or None. Far from any limit one count answers that."""
        hour = {"installation": self.installation_id, "since": self.now - timedelta(hours=1)}
        count = self.connection.execute(_COUNT_WRITES, hour).scalar_one()
        if count < FEW_IN_A_MINUTE:
            return None
        window = timedelta(minutes=1) if count < FEW_IN_AN_HOUR else timedelta(hours=1)
        at = pace(_recent_writes(self.connection, self.installation_id, self.now - window), self.now)
        return at if at > self.now else None


def _recent_writes(connection: Connection, installation_id: int, since: datetime) -> list[datetime]:
    rows = connection.execute(_WRITES, {"installation": installation_id, "since": since})
    return [row.written_at for row in rows for _ in range(REQUESTS.get(row.kind, 1))]


def _confirm(connection: Connection, pending: PendingEffect, receipt: Receipt, now: datetime) -> None:
    effect = pending.effect
    if receipt.is_overtaken:  # nothing is on GitHub, so nothing is remembered to be
        _pass_on(connection, pending, now)
        _end(connection, pending, State.IGNORED, "overtaken: its commit is no longer the head", now)
        return
    _pass_on(connection, pending, now)
    done = {"digest": digest(effect), "remote_id": receipt.remote_id, "applied_at": now}
    upsert(connection, applied, {"target": effect.target}, {**done, "repository_id": pending.repository.id})
    _end(connection, pending, State.DONE, "written" if receipt.was_needed else "already so", now)


def _pass_on(connection: Connection, pending: PendingEffect, now: datetime) -> None:
    """Have the releases looked at when a step of one is done, or cannot be: what comes next follows from that."""
    if isinstance(pending.effect, Dispatch | CreateTag | PublishRelease):
        repository = pending.repository
        cause = f"effect:{pending.id}:{pending.attempts}"
        releases.ask(connection, repository.id, repository.installation_id, cause, now)


def _extend(connection: Connection, writer: Writer, now: datetime) -> bool:
    """Renew the writer's lease; False when another writer has taken over or GitHub asked for a pause."""
    mine = {**_times(now), "installation": writer.installation_id, "writer": writer.lease, "until": now + LEASE}
    return connection.execute(_EXTEND, mine).rowcount == 1


def _disown(connection: Connection, subject: Subject) -> None:
    """Forget the marks that could not be set: their absence must not look like a person's doing."""
    connection.execute(
        update(subjects)
        .where(subjects.c.repository_id == subject.repository_id, subjects.c.number == subject.number)
        .values(label=None, type=None, digest="")
    )


def _end(connection: Connection, pending: PendingEffect, state: State, reason: str, now: datetime) -> None:
    end = {**_times(now), "ended": pending.id, "as_state": state, "because": reason}
    settle(connection, connection.execute(_END, end).scalar_one(), now=now)


def _why(connection: Connection, decision: int) -> str:
    """Say which effect died and of what: the operator sees this beside the delivery."""
    died = select(outbox.c.target, outbox.c.reason).where(outbox.c.decision == decision, outbox.c.state == State.DEAD)
    target, reason = connection.execute(died.order_by(outbox.c.id).limit(1)).one()
    return f"{target}: {reason}"


def settle(connection: Connection, decision: int, *, now: datetime) -> None:
    """Close the deliveries behind a decision once nothing of it is under way: done, or dead if an effect died."""
    under_way, dead = connection.execute(_COUNT_EFFECTS, {"of_decision": decision}).one()
    if under_way:
        return
    state, reason = (State.DEAD, _why(connection, decision)) if dead else (State.DONE, "done")
    close = {**_times(now), "of_decision": decision, "as_state": state, "because": reason}
    connection.execute(_CLOSE, close)
