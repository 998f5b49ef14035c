"""The outbox: effects wait here until GitHub has confirmed them, one writer per installation, urgent ones first."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine, Select, and_, func, insert, literal_column, or_, select, update
from sqlalchemy.sql import ColumnElement

from bot.model.decisions import PendingEffect
from bot.model.effects import (
    PRIORITY,
    Assign,
    CheckRun,
    Effect,
    EnsureLabels,
    KeepIssue,
    OpenPull,
    React,
    SetLabels,
    StickyComment,
)
from bot.model.forge import Receipt
from bot.model.subjects import Repository, Subject
from bot.store.engine import CLAIM_LOCK, lock, reading
from bot.store.tables import State, applied, inbox, installations, outbox, repositories, subjects
from bot.store.upsert import upsert

#: How long one writer owns an installation without saying so again; longer than any single call may take.
LEASE = timedelta(seconds=30)

#: Effects that may take more than one writing request: they count for as many within GitHub's limits.
REQUESTS = {"ensure_labels": 6, "open_pull": 3}

_effects: TypeAdapter[Effect] = TypeAdapter(Effect)


@dataclass(frozen=True, slots=True)
class Writer:
    """The right to write for one installation, held under a lease."""

    installation_id: int
    lease: str


def digest(effect: Effect) -> str:
    """Return the fingerprint of what an effect wants, without what it merely knew at the time."""
    match effect:
        case SetLabels():
            wish: Effect = replace(effect, current=())
        case StickyComment():
            wish = replace(effect, may_exist=False)
        case React() | Assign() | CheckRun() | KeepIssue() | EnsureLabels() | OpenPull():
            wish = effect
    return hashlib.sha256(_effects.dump_json(wish)).hexdigest()


def enqueue(
    connection: Connection, repository: Repository, effects: Sequence[Effect], *, decision: int, now: datetime
) -> int:
    """Write down what should become true, leaving out what already is; return how many effects are new."""
    return sum(_enqueue(connection, repository, effect, decision=decision, now=now) for effect in effects)


def _enqueue(connection: Connection, repository: Repository, effect: Effect, *, decision: int, now: datetime) -> bool:
    tries = 0
    if not isinstance(effect, SetLabels | Assign):  # those two are changes, the others say how it should be in the end
        tries = _supersede(connection, effect.target, decision, now)
        if _is_already_so(connection, effect):
            return False
    connection.execute(
        insert(outbox).values(
            decision=decision,
            installation_id=repository.installation_id,
            repository_id=repository.id,
            target=effect.target,
            kind=effect.kind,
            priority=PRIORITY[effect.kind],
            digest=digest(effect),
            payload=_effects.dump_json(effect).decode(),
            state=State.PENDING,
            attempts=tries,
            not_before=now,
            created_at=now,
        )
    )
    return True


def _supersede(connection: Connection, target: str, decision: int, now: datetime) -> int:
    """Drop older wishes for the same place; return their tries, for one of them may have got through unseen.

    Deliveries that waited for a dropped wish wait for the newer one instead.
    """
    rows = connection.execute(
        update(outbox)
        .where(outbox.c.target == target, literal_column("outbox.state <= 1"), outbox.c.state == State.PENDING)
        .values(state=State.IGNORED, reason=f"superseded by decision {decision}", finished_at=now)
        .returning(outbox.c.attempts, outbox.c.decision)
    ).all()
    for row in rows:
        connection.execute(
            update(inbox)
            .where(inbox.c.decision == row.decision, literal_column("inbox.state = 2"))
            .values(decision=decision)
        )
        connection.execute(
            update(outbox)
            .where(outbox.c.decision == row.decision, literal_column("outbox.state <= 1"))
            .values(decision=decision)
        )
    return max((row.attempts for row in rows), default=0)


def _is_already_so(connection: Connection, effect: Effect) -> bool:
    """Say whether GitHub has confirmed exactly this and nothing else is on its way to the same place."""
    known = connection.execute(select(applied.c.digest).where(applied.c.target == effect.target)).scalar()
    if known != digest(effect):
        return False
    under_way = select(outbox.c.id).where(outbox.c.target == effect.target, literal_column("outbox.state <= 1"))
    return connection.execute(under_way.limit(1)).first() is None


def label_effects(connection: Connection, subject: Subject) -> tuple[SetLabels, ...]:
    """Return what Reeve has decided about a subject's labels and GitHub has not confirmed yet, oldest first."""
    waiting = select(outbox.c.payload).where(
        outbox.c.target == f"{subject.key}/labels", literal_column("outbox.state <= 1")
    )
    effects = (_effects.validate_json(text) for text in connection.execute(waiting.order_by(outbox.c.id)).scalars())
    return tuple(effect for effect in effects if isinstance(effect, SetLabels))


class Outbox:
    """The queue of effects in the database."""

    def __init__(self, engine: Engine) -> None:
        """Work on this database."""
        self._engine = engine

    def claim_writer(self, now: datetime) -> Writer | None:
        """Become the one writer of an installation that has something due; None when there is none."""
        with self._engine.begin() as connection:
            lock(connection, CLAIM_LOCK)
            installation_id = connection.execute(_due_installation(now)).scalar()
            if installation_id is None:
                return None
            lease = secrets.token_hex(8)
            upsert(connection, installations, {"id": installation_id}, {"lease": lease, "lease_until": now + LEASE})
        return Writer(installation_id, lease)

    def recent_writes(self, installation_id: int, *, now: datetime) -> list[datetime]:
        """Return when this installation wrote during the last hour, oldest first; once for each request."""
        with reading(self._engine) as connection:
            moments = select(outbox.c.written_at, outbox.c.kind).where(
                outbox.c.installation_id == installation_id, outbox.c.written_at > now - timedelta(hours=1)
            )
            rows = connection.execute(moments.order_by(outbox.c.written_at))
            return [row.written_at for row in rows for _ in range(REQUESTS.get(row.kind, 1))]

    def begin(self, writer: Writer, now: datetime) -> PendingEffect | None:
        """Take the writer's most urgent effect and mark it as tried, before the call is made."""
        with self._engine.begin() as connection:
            if not _extend(connection, writer, now):
                return None
            row = connection.execute(_next_effect(writer.installation_id, now)).first()
            if row is None:
                return None
            connection.execute(
                update(outbox)
                .where(outbox.c.id == row.id)
                .values(
                    state=State.LEASED,
                    attempts=outbox.c.attempts + 1,
                    written_at=now,
                    lease=writer.lease,
                    lease_until=now + LEASE,
                )
            )
            remote_id = connection.execute(select(applied.c.remote_id).where(applied.c.target == row.target)).scalar()
        repository = Repository(
            row.repository_id, row.full_name, row.installation_id, row.default_branch, row.organization
        )
        return PendingEffect(row.id, repository, _effects.validate_json(row.payload), row.attempts, remote_id)

    def confirm(self, pending: PendingEffect, receipt: Receipt, *, now: datetime) -> None:
        """Record that GitHub has it; a delivery whose last effect this was is done."""
        effect = pending.effect
        with self._engine.begin() as connection:
            done = {"digest": digest(effect), "remote_id": receipt.remote_id, "applied_at": now}
            upsert(connection, applied, {"target": effect.target}, {**done, "repository_id": pending.repository.id})
            _end(connection, pending, State.DONE, "written" if receipt.was_needed else "already so", now)

    def bury(self, pending: PendingEffect, reason: str, *, now: datetime) -> None:
        """Set an effect aside as dead, and the deliveries that wanted it with it."""
        with self._engine.begin() as connection:
            if isinstance(pending.effect, SetLabels):
                _disown(connection, pending.effect.subject)
            _end(connection, pending, State.DEAD, reason, now)

    def postpone(self, pending: PendingEffect, reason: str, *, not_before: datetime, may_have_happened: bool) -> None:
        """Keep an effect for a later try; one that certainly did not happen does not count as tried."""
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
                )
            )

    def release_writer(self, writer: Writer, *, budget_left: int | None = None) -> None:
        """Let somebody else write for the installation; note how many calls GitHub says it has left."""
        values: dict[str, object] = {"lease": None, "lease_until": None}
        if budget_left is not None:
            values["budget_left"] = budget_left
        with self._engine.begin() as connection:
            connection.execute(
                update(installations)
                .where(installations.c.id == writer.installation_id, installations.c.lease == writer.lease)
                .values(values)
            )

    def rest(self, writer: Writer, until: datetime) -> None:
        """Let nobody write for the installation before `until`: the budget of writes is used up."""
        with self._engine.begin() as connection:
            upsert(connection, installations, {"id": writer.installation_id}, {"writes_after": until})

    def is_waiting(self, now: datetime) -> bool:
        """Say whether a writer would find something to do."""
        with reading(self._engine) as connection:
            return connection.execute(_due_installation(now)).scalar() is not None


def _is_due(now: datetime) -> ColumnElement[bool]:
    pending = and_(outbox.c.state == State.PENDING, outbox.c.not_before <= now)
    orphaned = and_(outbox.c.state == State.LEASED, outbox.c.lease_until < now)
    older = outbox.alias("older")
    is_second = (
        select(older.c.id)
        .where(older.c.target == outbox.c.target, literal_column("older.state <= 1"), older.c.id < outbox.c.id)
        .exists()
    )
    return literal_column("outbox.state <= 1") & or_(pending, orphaned) & ~is_second


def _due_installation(now: datetime) -> Select[int]:
    may_write = or_(
        installations.c.id.is_(None),
        and_(
            installations.c.state == "active",
            or_(installations.c.lease_until.is_(None), installations.c.lease_until < now),
            or_(installations.c.blocked_until.is_(None), installations.c.blocked_until <= now),
            or_(installations.c.writes_after.is_(None), installations.c.writes_after <= now),
        ),
    )
    joined = outbox.outerjoin(installations, installations.c.id == outbox.c.installation_id)
    return (
        select(outbox.c.installation_id)
        .select_from(joined)
        .where(_is_due(now), may_write)
        .order_by(outbox.c.priority, outbox.c.id)
        .limit(1)
    )


def _next_effect(installation_id: int, now: datetime) -> Select[Any]:
    c = outbox.c
    joined = outbox.join(repositories, repositories.c.id == c.repository_id)
    return (
        select(
            c.id,
            c.target,
            c.payload,
            c.attempts,
            c.repository_id,
            repositories.c.full_name,
            repositories.c.installation_id,
            repositories.c.default_branch,
            repositories.c.organization,
        )
        .select_from(joined)
        .where(c.installation_id == installation_id, _is_due(now))
        .order_by(c.priority, c.id)
        .limit(1)
    )


def _extend(connection: Connection, writer: Writer, now: datetime) -> bool:
    """Renew the writer's lease; False when another writer has taken over or GitHub asked for a pause."""
    row = connection.execute(
        update(installations)
        .where(
            installations.c.id == writer.installation_id,
            installations.c.lease == writer.lease,
            or_(installations.c.blocked_until.is_(None), installations.c.blocked_until <= now),
        )
        .values(lease_until=now + LEASE)
    )
    return row.rowcount == 1


def _disown(connection: Connection, subject: Subject) -> None:
    """Forget the marks that could not be set: their absence must not look like a person's doing."""
    connection.execute(
        update(subjects)
        .where(subjects.c.repository_id == subject.repository_id, subjects.c.number == subject.number)
        .values(label=None, type=None, digest="")
    )


def _end(connection: Connection, pending: PendingEffect, state: State, reason: str, now: datetime) -> None:
    decision = connection.execute(
        update(outbox)
        .where(outbox.c.id == pending.id)
        .values(state=state, reason=reason, finished_at=now, lease=None, lease_until=None)
        .returning(outbox.c.decision)
    ).scalar_one()
    settle(connection, decision, now=now)


def _why(connection: Connection, decision: int) -> str:
    """Say which effect died and of what: the operator sees this beside the delivery."""
    died = select(outbox.c.target, outbox.c.reason).where(outbox.c.decision == decision, outbox.c.state == State.DEAD)
    target, reason = connection.execute(died.order_by(outbox.c.id).limit(1)).one()
    return f"{target}: {reason}"


def settle(connection: Connection, decision: int, *, now: datetime) -> None:
    """Close the deliveries behind a decision once nothing of it is under way: done, or dead if an effect died."""
    under_way, dead = connection.execute(
        select(
            func.count().filter(outbox.c.state <= State.LEASED), func.count().filter(outbox.c.state == State.DEAD)
        ).where(outbox.c.decision == decision)
    ).one()
    if under_way:
        return
    state, reason = (State.DEAD, _why(connection, decision)) if dead else (State.DONE, "done")
    connection.execute(
        update(inbox)
        .where(inbox.c.decision == decision, literal_column("inbox.state = 2"))
        .values(state=state, reason=reason, finished_at=now)
    )
