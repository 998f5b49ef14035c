"""What the gates remember: heads, merge groups, runs, and what was read of them; and when they are to be judged."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Engine, Row, delete, select, update

from bot.model.decisions import Override
from bot.model.events import GatesDue
from bot.model.facts import PullRequest
from bot.model.gates import Head, Judged
from bot.model.runs import MergeGroup, Run
from bot.model.subjects import Lane, Repository, Subject
from bot.store.engine import reading
from bot.store.gate_tables import GATE_TABLES, comparisons, evidence, groups, heads, runs
from bot.store.synthetic import GATES_EVENT, deliver
from bot.store.tables import overrides
from bot.store.timers import GATES, arm
from bot.store.upsert import upsert


class _Due(Struct, omit_defaults=True):
    """What a delivery of ours says of a gate that is due, besides its subject."""

    pull: PullRequest | None = None
    group_sha: str | None = None
    is_anew: bool = False


class GateStore:
    """The gates' side of the database; satisfies `bot.gating.Store`."""

    def __init__(self, engine: Engine) -> None:
        """Work on this database."""
        self._engine = engine

    def ask(self, due: GatesDue, cause: str, now: datetime) -> bool:
        """Have gates judged soon; the same cause twice is one. Return whether it is new."""
        body = msgspec.json.encode(_Due(due.pull, due.group_sha, due.is_anew))
        key = f"gates:{due.subject.key}:{due.group_sha or ''}:{cause}"
        installation_id = due.repository.installation_id
        with self._engine.begin() as connection:
            return deliver(
                connection,
                key,
                event=GATES_EVENT,
                subject=due.subject.key,
                installation_id=installation_id,
                now=now,
                body=body,
                lane=Lane.PULL_REQUEST,
            )

    def keep_head(self, pull: PullRequest) -> bool:
        """Remember where a pull request's head is, unless something newer is known; return whether this is current."""
        key = {"repository_id": pull.subject.repository_id, "number": pull.subject.number}
        values = {
            "head_repository_id": pull.head_repository_id,
            "head_ref": pull.head_ref,
            "head_sha": pull.head_sha,
            "base_ref": pull.base_ref,
            "is_open": int(pull.is_open),
            "updated_at": pull.updated_at,
        }
        with self._engine.begin() as connection:
            known = connection.execute(select(heads.c.updated_at).where(_is(pull.subject))).scalar()
            if known is not None and known > pull.updated_at:
                return False
            upsert(connection, heads, key, values)
        return True

    def head(self, subject: Subject) -> Head | None:
        """Return where the head of a pull request is, as last heard."""
        with reading(self._engine) as connection:
            row = connection.execute(select(*_HEAD).where(_is(subject))).first()
        return None if row is None else _head(row)

    def heads_at(self, repository_id: int, sha: str) -> list[Head]:
        """Return the open pull requests whose head is this commit."""
        found = select(*_HEAD).where(
            heads.c.repository_id == repository_id, heads.c.head_sha == sha, heads.c.is_open == 1
        )
        with reading(self._engine) as connection:
            return [_head(row) for row in connection.execute(found.order_by(heads.c.number))]

    def open_heads(self, repository_id: int) -> list[Head]:
        """Return all open pull requests of a repository."""
        found = select(*_HEAD).where(heads.c.repository_id == repository_id, heads.c.is_open == 1)
        with reading(self._engine) as connection:
            return [_head(row) for row in connection.execute(found.order_by(heads.c.number))]

    def heads_changing(self, repository_id: int, change: str) -> list[Head]:
        """Return the open pull requests that were judged for this very change."""
        found = select(*_HEAD).where(
            heads.c.repository_id == repository_id,
            heads.c.is_open == 1,
            heads.c.judged.like(f'%"change":"{change}"%'),
        )
        with reading(self._engine) as connection:
            return [_head(row) for row in connection.execute(found.order_by(heads.c.number))]

    def wake(self, repository: Repository, subject: Subject, at: datetime | None) -> None:
        """Have the gates judged again at a moment; None means not by themselves."""
        with self._engine.begin() as connection:
            arm(connection, subject, repository.installation_id, at, kind=GATES)

    def keep_group(self, repository_id: int, group: MergeGroup, now: datetime) -> None:
        """Remember what a merge queue has put together."""
        key = {"repository_id": repository_id, "head_sha": group.head_sha}
        values = {name: getattr(group, name) for name in ("head_ref", "base_sha", "base_ref", "number")}
        with self._engine.begin() as connection:
            upsert(connection, groups, key, {**values, "at": now})

    def group(self, repository_id: int, sha: str) -> MergeGroup | None:
        """Return what a merge queue has put together at this commit."""
        c = groups.c
        found = select(c.head_sha, c.head_ref, c.base_sha, c.base_ref, c.number, c.at)
        with reading(self._engine) as connection:
            row = connection.execute(found.where(c.repository_id == repository_id, c.head_sha == sha)).first()
        return None if row is None else MergeGroup(*row)

    def groups_of(self, subject: Subject) -> list[MergeGroup]:
        """Return what a merge queue has put together that ends with this pull request."""
        c = groups.c
        found = select(c.head_sha, c.head_ref, c.base_sha, c.base_ref, c.number, c.at)
        mine = (c.repository_id == subject.repository_id, c.number == subject.number)
        with reading(self._engine) as connection:
            return [MergeGroup(*row) for row in connection.execute(found.where(*mine).order_by(c.at))]

    def drop_group(self, repository_id: int, sha: str) -> None:
        """Forget what a merge queue has given up, or merged."""
        with self._engine.begin() as connection:
            connection.execute(delete(groups).where(groups.c.repository_id == repository_id, groups.c.head_sha == sha))

    def keep_run(self, repository_id: int, run: Run, now: datetime) -> None:
        """Remember an attempt of a run; one that was seen to be over does not begin again."""
        key = {"repository_id": repository_id, "run_id": run.id, "attempt": run.attempt}
        values = {name: getattr(run, name) for name in _RUN_VALUES}
        with self._engine.begin() as connection:
            known = connection.execute(select(runs.c.conclusion).filter_by(**key)).scalar()
            if known is None or run.is_over:
                upsert(connection, runs, key, {**values, "at": now})

    def runs(self, repository_id: int, head_sha: str) -> list[Run]:
        """Return all attempts of runs of a commit, the newest first."""
        c = runs.c
        found = select(c.run_id, c.attempt, *(c[name] for name in _RUN_VALUES)).where(
            c.repository_id == repository_id, c.head_sha == head_sha
        )
        with reading(self._engine) as connection:
            rows = connection.execute(found.order_by(c.run_id.desc(), c.attempt.desc()))
            return [_run(row) for row in rows]

    def evidence(self, repository_id: int, run: Run) -> Mapping[int, tuple[str, bytes]]:
        """Return what was read of an attempt: by artifact its name and content."""
        c = evidence.c
        found = select(c.artifact_id, c.name, c.content).where(
            c.repository_id == repository_id, c.run_id == run.id, c.attempt == run.attempt
        )
        with reading(self._engine) as connection:
            return {row.artifact_id: (row.name, row.content) for row in connection.execute(found)}

    def keep_evidence(
        self, repository_id: int, run: Run, *, artifact_id: int, name: str, content: bytes, now: datetime
    ) -> None:
        """Remember what was read of an artifact."""
        key = {
            "repository_id": repository_id,
            "run_id": run.id,
            "attempt": run.attempt,
            "artifact_id": artifact_id,
        }
        with self._engine.begin() as connection:
            upsert(connection, evidence, key, {"name": name, "content": content, "at": now})

    def comparison(self, repository_id: int, head_sha: str, key: str) -> bytes | None:
        """Return what git said of a head, as it was kept under this key."""
        c = comparisons.c
        found = select(c.content).where(c.repository_id == repository_id, c.head_sha == head_sha, c.key == key)
        with reading(self._engine) as connection:
            content: bytes | None = connection.execute(found).scalar()
        return content

    def keep_comparison(self, repository_id: int, head_sha: str, key: str, content: bytes, *, now: datetime) -> None:
        """Remember what git said of a head."""
        where = {"repository_id": repository_id, "head_sha": head_sha, "key": key}
        with self._engine.begin() as connection:
            upsert(connection, comparisons, where, {"content": content, "at": now})

    def forget_read(self, repository_id: int, head_sha: str) -> None:
        """Forget what was read of a commit, so that it is read anew: somebody asked for that."""
        of_head = select(runs.c.run_id).where(runs.c.repository_id == repository_id, runs.c.head_sha == head_sha)
        with self._engine.begin() as connection:
            connection.execute(
                delete(evidence).where(evidence.c.repository_id == repository_id, evidence.c.run_id.in_(of_head))
            )
            connection.execute(
                delete(comparisons).where(
                    comparisons.c.repository_id == repository_id, comparisons.c.head_sha == head_sha
                )
            )

    def overrides(self, subject: Subject, head_sha: str) -> list[Override]:
        """Return what people answer for on this commit, the newest first."""
        c = overrides.c
        found = select(c.gate, c.head_sha, c.reason, c.until, c.by).where(
            c.repository_id == subject.repository_id, c.number == subject.number, c.head_sha == head_sha
        )
        with reading(self._engine) as connection:
            return [_override(subject, row) for row in connection.execute(found.order_by(c.id.desc()))]


def due(repository: Repository, subject: Subject, body: bytes) -> GatesDue:
    """Return what a delivery of `ask`, or of a timer, says."""
    said = msgspec.json.decode(body, type=_Due)
    return GatesDue(repository, subject, said.pull, said.group_sha, said.is_anew)


def keep_judged(connection: Connection, subject: Subject, judged: Judged) -> None:
    """Remember how the gates of a pull request came out, in the transaction of the decision."""
    text = msgspec.json.encode(judged).decode()
    connection.execute(update(heads).where(_is(subject)).values(judged=text))


def forget(connection: Connection, repository_id: int) -> None:
    """Forget a repository that is no longer ours."""
    for table in GATE_TABLES:
        connection.execute(delete(table).where(table.c.repository_id == repository_id))


_HEAD = (
    heads.c.number,
    heads.c.head_repository_id,
    heads.c.head_ref,
    heads.c.head_sha,
    heads.c.base_ref,
    heads.c.judged,
)
_RUN_VALUES = ("path", "event", "head_sha", "head_ref", "head_repository_id", "conclusion", "started_at", "url")


def _is(subject: Subject) -> ColumnElement[bool]:
    return (heads.c.repository_id == subject.repository_id) & (heads.c.number == subject.number)


def _head(row: Row[*tuple[Any, ...]]) -> Head:
    judged = None if row.judged is None else msgspec.json.decode(row.judged, type=Judged)
    return Head(row.number, row.head_repository_id, row.head_ref, row.head_sha, row.base_ref, judged)


def _run(row: Row[*tuple[Any, ...]]) -> Run:
    return Run(
        id=row.run_id,
        attempt=row.attempt,
        path=row.path,
        event=row.event,
        head_sha=row.head_sha,
        head_ref=row.head_ref,
        head_repository_id=row.head_repository_id,
        conclusion=row.conclusion,
        started_at=row.started_at,
        url=row.url,
    )


def _override(subject: Subject, row: Row[*tuple[Any, ...]]) -> Override:
    until = date.fromisoformat(row.until) if row.until else None
    return Override(subject, row.gate, row.head_sha, row.reason, until, row.by)
