"""What should become true on GitHub, written down: what already is costs nothing, what is overtaken is dropped."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection, bindparam, insert, literal_column, null, select, union_all, update

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


@dataclass(frozen=True, slots=True)
class Wanted:
    """The decision that wants effects. None of them goes out before what waits with a lower number than `rank`."""

    repository: Repository
    decision: int
    now: datetime
    rank: int = 0


def enqueue(connection: Connection, wanted: Wanted, effects: Sequence[Effect]) -> int:
    """Write down what should become true, leaving out what already is; return how many effects are new.

    Whoever calls this holds the lock of the effects.
    """
    return sum(_enqueue(connection, wanted, each) for each in _apart(effects))


def _apart(effects: Iterable[Effect]) -> Iterator[list[Effect]]:
    """Yield the effects in their order; a second wish for the same place comes in a list after the first one's."""
    together: dict[str, Effect] = {}
    for effect in effects:
        if effect.target in together:
            yield list(together.values())
            together = {}
        together[effect.target] = effect
    if together:
        yield list(together.values())


def _enqueue(connection: Connection, wanted: Wanted, effects: Sequence[Effect]) -> int:
    places = _look(connection, [effect.target for effect in effects])
    found = (_row(connection, wanted, effect, places.get(effect.target, _EMPTY)) for effect in effects)
    if rows := [row for row in found if row is not None]:
        connection.execute(_ADD, rows if len(rows) > 1 else rows[0])
    return len(rows)


@dataclass(frozen=True, slots=True)
class _Place:
    """A place that effects write to: what GitHub has confirmed there, and how many wishes are on their way to it."""

    confirmed: str | None = None
    waiting: int = 0


_EMPTY = _Place()


def _look(connection: Connection, targets: Sequence[str]) -> dict[str, _Place]:
    places: dict[str, _Place] = {}
    for row in connection.execute(_LOOK, {"places": targets}):
        known = places.get(row.target, _EMPTY)
        places[row.target] = _Place(row.digest or known.confirmed, known.waiting + row.waiting)
    return places


def _row(connection: Connection, wanted: Wanted, effect: Effect, place: _Place) -> dict[str, object] | None:
    """Make way for a wish and return what is to be written down; None where it is true already."""
    wish, priority, tries = digest(effect), max(PRIORITY[effect.kind], wanted.rank), 0
    if isinstance(effect, SetLabels | Assign):  # those two are changes, the others say how it should be in the end
        if place.waiting:  # a change waits for those that were decided earlier: they go before
            connection.execute(_HURRY, {"place": effect.target, "as_urgent": priority})
    else:
        dropped = _supersede(connection, effect.target, wanted) if place.waiting else []
        if place.waiting == len(dropped) and place.confirmed == wish and not _is_wanted_anew(effect):
            return None
        tries = max(dropped, default=0)
    return {
        "decision": wanted.decision,
        "installation_id": wanted.repository.installation_id,
        "repository_id": wanted.repository.id,
        "target": effect.target,
        "kind": effect.kind,
        "priority": priority,
        "digest": wish,
        "payload": effect_json.dump_json(effect).decode(),
        "state": State.PENDING,
        "attempts": tries,
        "not_before": wanted.now,
        "created_at": wanted.now,
    }


# Built once: putting such a statement together costs as much as running it.
_ADD = insert(outbox)
_LOOK = union_all(
    select(applied.c.target, applied.c.digest, literal_column("0").label("waiting")).where(
        applied.c.target.in_(bindparam("places", expanding=True))
    ),
    select(outbox.c.target, null().label("digest"), literal_column("1").label("waiting")).where(
        outbox.c.target.in_(bindparam("places", expanding=True)), literal_column("outbox.state <= 1")
    ),
)
_HURRY = (
    update(outbox)
    .where(
        outbox.c.target == bindparam("place"),
        literal_column("outbox.state <= 1"),
        outbox.c.priority > bindparam("as_urgent"),
    )
    .values(priority=bindparam("as_urgent"))
)


def _supersede(connection: Connection, target: str, wanted: Wanted) -> list[int]:
    """Drop older wishes for the same place; return their tries, for one of them may have got through unseen.

    Deliveries that waited for a dropped wish wait for the newer one instead.
    """
    decision = wanted.decision
    rows = connection.execute(
        update(outbox)
        .where(outbox.c.target == target, literal_column("outbox.state <= 1"), outbox.c.state == State.PENDING)
        .values(state=State.IGNORED, reason=f"superseded by decision {decision}", finished_at=wanted.now)
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
    return [row.attempts for row in rows]


def _is_wanted_anew(effect: Effect) -> bool:
    """Say whether an effect is made though GitHub has confirmed one like it.

    Such are those that are only wanted where GitHub was just seen to lack them, or was asked for once more: a tag that
    people have deleted, a run that begins again and asks the same question.
    """
    return isinstance(effect, CreateTag | PublishRelease | AnswerDeployment)


def label_effects(connection: Connection, subject: Subject) -> tuple[SetLabels, ...]:
    """Return what Reeve has decided about a subject's labels and GitHub has not confirmed yet, oldest first."""
    waiting = select(outbox.c.payload).where(
        outbox.c.target == f"{subject.key}/labels", literal_column("outbox.state <= 1")
    )
    effects = (effect_json.validate_json(text) for text in connection.execute(waiting.order_by(outbox.c.id)).scalars())
    return tuple(effect for effect in effects if isinstance(effect, SetLabels))
