"""What should become true on GitHub, written down: what already is costs nothing, what is overtaken is dropped."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection, bindparam, insert, literal_column, select, update

from bot.model.effects import (
    PRIORITY,
    AnswerDeployment,
    Assign,
    CheckRun,
    CreateTag,
    Dispatch,
    Effect,
    EnsureLabels,
    KeepIssue,
    OpenPull,
    PublishRelease,
    React,
    SetLabels,
    StickyComment,
)
from bot.model.subjects import Repository, Subject
from bot.store.engine import EFFECTS_LOCK, lock
from bot.store.tables import State, applied, inbox, outbox

effect_json: TypeAdapter[Effect] = TypeAdapter(Effect)

#: What a sweep found and nobody waits for goes out behind everything else.
BACKLOG = 50


def digest(effect: Effect) -> str:
    """Return the fingerprint of what an effect wants, without what it merely knew at the time."""
    match effect:
        case SetLabels():
            wish: Effect = replace(effect, current=())
        case StickyComment():
            wish = replace(effect, may_exist=False)
        case React() | Assign() | CheckRun() | KeepIssue() | EnsureLabels() | OpenPull():
            wish = effect
        case Dispatch() | CreateTag() | PublishRelease() | AnswerDeployment():
            wish = effect
    return hashlib.sha256(effect_json.dump_json(wish)).hexdigest()


def enqueue(
    connection: Connection,
    repository: Repository,
    effects: Sequence[Effect],
    *,
    decision: int,
    now: datetime,
    rank: int = 0,
) -> int:
    """Write down what should become true, leaving out what already is; return how many effects are new.

    None of them goes out before what waits with a lower number than `rank`.
    """
    if effects:
        lock(connection, EFFECTS_LOCK)
    return sum(_enqueue(connection, repository, effect, decision=decision, now=now, rank=rank) for effect in effects)


def _enqueue(
    connection: Connection, repository: Repository, effect: Effect, *, decision: int, now: datetime, rank: int
) -> bool:
    tries = 0
    if isinstance(effect, SetLabels | Assign):  # those two are changes, the others say how it should be in the end
        _hurry(connection, effect.target, max(PRIORITY[effect.kind], rank))
    else:
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
            priority=max(PRIORITY[effect.kind], rank),
            digest=digest(effect),
            payload=effect_json.dump_json(effect).decode(),
            state=State.PENDING,
            attempts=tries,
            not_before=now,
            created_at=now,
        )
    )
    return True


def _hurry(connection: Connection, target: str, priority: int) -> None:
    """Let what waits for the same place go before: a change waits for those that were decided earlier."""
    connection.execute(_HURRY, {"place": target, "as_urgent": priority})


# Built once: putting such a statement together costs as much as running it.
_HURRY = (
    update(outbox)
    .where(
        outbox.c.target == bindparam("place"),
        literal_column("outbox.state <= 1"),
        outbox.c.priority > bindparam("as_urgent"),
    )
    .values(priority=bindparam("as_urgent"))
)


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
    """Say whether GitHub has confirmed exactly this and nothing else is on its way to the same place.

    Never so of what is only wanted where GitHub was just seen to lack it, or was asked for once more: a tag that people
    have deleted, a run that begins again and asks the same question.
    """
    if isinstance(effect, CreateTag | PublishRelease | AnswerDeployment):
        return False
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
    effects = (effect_json.validate_json(text) for text in connection.execute(waiting.order_by(outbox.c.id)).scalars())
    return tuple(effect for effect in effects if isinstance(effect, SetLabels))
