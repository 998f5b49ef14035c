"""What releases remember: how each stands, the results that were accepted, and what waits for an answer."""

import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, Row, delete, func, insert, select

from bot.model.events import ReleaseDue
from bot.model.subjects import Lane, Repository, Subject
from bot.model.timeline import Stage as ClockStage
from bot.model.trains import Asked, Bench, Deployment, Kept, Stage, Taken, Train, releases_of
from bot.store.engine import reading
from bot.store.gate_tables import POSTED, evidence
from bot.store.release_tables import RELEASE_TABLES, benches, deployments, results, trains
from bot.store.synthetic import RELEASE_EVENT, deliver
from bot.store.tables import State, applied, clocks, outbox, timers
from bot.store.timers import arm
from bot.store.upsert import upsert

_LATE = (ClockStage.BREACHED, ClockStage.ESCALATED)
_ASKED: msgspec.json.Decoder[Asked | None] = msgspec.json.Decoder(Asked | None)


class ReleaseStore:
    """The releases' side of the database; satisfies `bot.releasing.Store`."""

    def __init__(self, engine: Engine) -> None:
        """Work on this database."""
        self._engine = engine

    def ask(self, repository: Repository, cause: str, now: datetime) -> bool:
        """Have the releases of a repository looked at soon; the same cause twice is one. Return whether it is new."""
        with self._engine.begin() as connection:
            return ask(connection, repository.id, repository.installation_id, cause, now)

    def wake(self, repository: Repository, at: datetime | None) -> None:
        """Have them looked at at a moment; None means not by themselves."""
        with self._engine.begin() as connection:
            arm(connection, releases_of(repository.id), repository.installation_id, at)

    def wake_by(self, repository: Repository, at: datetime) -> None:
        """Have them looked at at a moment at the latest."""
        subject = releases_of(repository.id)
        known = select(timers.c.due_at).where(timers.c.subject == subject.key, timers.c.kind == "look")
        with self._engine.begin() as connection:
            before = connection.execute(known).scalar()
            if before is None or at < before:
                arm(connection, subject, repository.installation_id, at)

    def current(self, repository_id: int) -> Train | None:
        """Return the release that is under way, or else the one that was suggested; None where there is neither."""
        found = self._trains(repository_id, (Stage.OPEN, Stage.SUGGESTED))
        return min(found, key=lambda each: each.stage is Stage.SUGGESTED, default=None)

    def published(self, repository_id: int) -> list[Train]:
        """Return the releases that went out, the newest first."""
        return self._trains(repository_id, (Stage.PUBLISHED,))

    def train(self, repository_id: int, version: str) -> Train | None:
        """Return the release of a version, whatever became of it."""
        found = select(trains.c.body).where(trains.c.repository_id == repository_id, trains.c.version == version)
        with reading(self._engine) as connection:
            body = connection.execute(found).scalar()
        return None if body is None else msgspec.json.decode(body, type=Train)

    def _trains(self, repository_id: int, stages: Sequence[Stage]) -> list[Train]:
        c = trains.c
        found = select(c.body).where(c.repository_id == repository_id, c.stage.in_(stages)).order_by(c.at.desc())
        with reading(self._engine) as connection:
            return [msgspec.json.decode(body, type=Train) for body in connection.execute(found).scalars()]

    def benches(self, repository_id: int) -> list[Bench]:
        """Return the runs that were asked for on pull requests and are not over."""
        found = select(benches.c.body).where(benches.c.repository_id == repository_id).order_by(benches.c.number)
        with reading(self._engine) as connection:
            return [msgspec.json.decode(body, type=Bench) for body in connection.execute(found).scalars()]

    def result(self, repository_id: int, nonce: str) -> Taken | None:
        """Return the result that was accepted for a nonce."""
        found = select(results).where(results.c.repository_id == repository_id, results.c.nonce == nonce)
        with reading(self._engine) as connection:
            row = connection.execute(found).first()
        return None if row is None else _taken(row)

    def is_known(self, repository_id: int, digest: str) -> bool:
        """Say whether a result with this content was accepted before."""
        c = results.c
        found = select(c.nonce).where(c.repository_id == repository_id, c.digest == digest).limit(1)
        with reading(self._engine) as connection:
            return connection.execute(found).first() is not None

    def released(self, repository_id: int, environment: str) -> list[Taken]:
        """Return the accepted results of releases that went out, made in one environment, the newest first."""
        r, t = results.c, trains.c
        joined = results.join(trains, (t.repository_id == r.repository_id) & (t.version == r.version))
        found = (
            select(results)
            .select_from(joined)
            .where(r.repository_id == repository_id, r.environment == environment)
            .where(t.stage == Stage.PUBLISHED, t.sha == r.head)
            .order_by(r.at.desc())
        )
        with reading(self._engine) as connection:
            return [_taken(row) for row in connection.execute(found.limit(50))]

    def posted(self, repository_id: int, run_id: int, nonce: str) -> bytes | None:
        """Return the archive that a run posted for a nonce by itself, before its artifact was asked for."""
        c = evidence.c
        found = select(c.content).where(
            c.repository_id == repository_id, c.run_id == run_id, c.artifact_id == POSTED, c.name == nonce
        )
        with reading(self._engine) as connection:
            content: bytes | None = connection.execute(found).scalar()
        return content

    def deployments(self, repository_id: int) -> list[Deployment]:
        """Return the runs that wait for leave to deploy."""
        c = deployments.c
        found = select(c.environment, c.run_id, c.sha, c.ref, c.by).where(c.repository_id == repository_id)
        with reading(self._engine) as connection:
            return [Deployment(*row) for row in connection.execute(found.order_by(c.run_id))]

    def keep_deployment(self, repository_id: int, asked: Deployment, now: datetime) -> None:
        """Remember a run that waits for leave to deploy."""
        key = {"repository_id": repository_id, "run_id": asked.run_id, "environment": asked.environment}
        with self._engine.begin() as connection:
            upsert(connection, deployments, key, {"sha": asked.sha, "ref": asked.ref, "by": asked.by, "at": now})

    def remote_id(self, target: str) -> int | None:
        """Return the id that GitHub gave to what an effect wrote at this place; None where it has not confirmed it."""
        with reading(self._engine) as connection:
            found: int | None = connection.execute(
                select(applied.c.remote_id).where(applied.c.target == target)
            ).scalar()
        return found

    def death(self, target: str) -> datetime | None:
        """Return when the last effect for this place was given up; None where it was not."""
        c = outbox.c
        found = select(c.state, c.finished_at).where(c.target == target).order_by(c.id.desc()).limit(1)
        with reading(self._engine) as connection:
            row = connection.execute(found).first()
        return None if row is None or row.state != State.DEAD else row.finished_at

    def late(self, repository_id: int) -> frozenset[int]:
        """Return the issues whose deadline is over and that still wait."""
        c = clocks.c
        found = select(c.number).where(c.repository_id == repository_id, c.ended_at.is_(None), c.stage.in_(_LATE))
        with reading(self._engine) as connection:
            return frozenset(connection.execute(found).scalars())


def ask(connection: Connection, repository_id: int, installation_id: int, cause: str, now: datetime) -> bool:
    """Have releases looked at, in the caller's transaction."""
    return _deliver(connection, repository_id, installation_id, cause, now)


def ask_for(connection: Connection, repository: Repository, asked: Asked, now: datetime) -> bool:
    """Pass on what a person asked for, in the transaction of the decision that allowed it."""
    cause = f"comment:{asked.comment_id}:{asked.verb}:{'.'.join(value for _, value in asked.given)[:200]}"
    return _deliver(connection, repository.id, repository.installation_id, cause, now, asked)


def _deliver(
    connection: Connection,
    repository_id: int,
    installation_id: int,
    cause: str,
    now: datetime,
    asked: Asked | None = None,
) -> bool:
    subject = releases_of(repository_id)
    return deliver(
        connection,
        f"release:{subject.key}:{cause}",
        event=RELEASE_EVENT,
        subject=subject.key,
        installation_id=installation_id,
        now=now,
        body=msgspec.json.encode(asked),
        lane=Lane.COMMAND if asked else Lane.PULL_REQUEST,
    )


def due(repository: Repository, subject: Subject, body: bytes) -> ReleaseDue:
    """Return what a delivery of ours says."""
    return ReleaseDue(repository, subject, _ASKED.decode(body))


def keep(connection: Connection, repository_id: int, kept: Kept, now: datetime) -> None:
    """Remember what a look came to, in the transaction of the decision."""
    for train in kept.trains:
        key = {"repository_id": repository_id, "version": train.version}
        values = {"stage": train.stage.value, "sha": train.sha, "body": msgspec.json.encode(train).decode()}
        upsert(connection, trains, key, {**values, "opened_at": train.opened_at, "at": now})
    for number in kept.done:
        connection.execute(delete(benches).where(benches.c.repository_id == repository_id, benches.c.number == number))
    for bench in kept.benches:
        key = {"repository_id": repository_id, "number": bench.number}
        upsert(connection, benches, key, {"body": msgspec.json.encode(bench).decode()})
    for taken in kept.taken:
        _add(connection, repository_id, taken)
    for asked in kept.answered:
        c = deployments.c
        connection.execute(
            delete(deployments).where(
                c.repository_id == repository_id, c.run_id == asked.run_id, c.environment == asked.environment
            )
        )


def _add(connection: Connection, repository_id: int, taken: Taken) -> None:
    """Add a result; one that is there stays as it is."""
    c = results.c
    known = select(func.count()).where(c.repository_id == repository_id, c.nonce == taken.nonce)
    if connection.execute(known.select_from(results)).scalar_one():
        return
    values = {name: getattr(taken, name) for name in _TAKEN if name != "content"}
    content = zlib.compress(taken.content, 6)
    connection.execute(insert(results).values(repository_id=repository_id, content=content, **values))


def forget(connection: Connection, repository_id: int) -> None:
    """Forget a repository that is no longer ours."""
    for table in RELEASE_TABLES:
        connection.execute(delete(table).where(table.c.repository_id == repository_id))


_TAKEN = ("nonce", "head", "base", "version", "run_id", "attempt", "digest", "environment", "content", "at")


def _taken(row: Row[*tuple[Any, ...]]) -> Taken:
    values = {name: getattr(row, name) for name in _TAKEN}
    return Taken(**{**values, "content": zlib.decompress(row.content)})
