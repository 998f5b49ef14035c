"""How the clocks of all issues stand: for digests of what is late, and reports of how soon people were answered."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, bindparam, delete, func, insert, select

from bot.model.kinds import Kind
from bot.model.subjects import Subject
from bot.model.timeline import Placed, Stage, Standing, Target
from bot.store.engine import reading
from bot.store.tables import clocks, repositories

#: So many late clocks are counted exactly; a digest names far fewer.
MOST_LATE = 10_000

_LATE = (Stage.BREACHED, Stage.ESCALATED)


class Clocks:
    """The clocks of all issues, as they stood when each issue was judged last."""

    def __init__(self, engine: Engine) -> None:
        """Read from this database."""
        self._engine = engine

    def since(self, moment: datetime, *, repository_id: int | None = None) -> list[Placed]:
        """Return the clocks that started since then, oldest first, of one repository or of all."""
        c = clocks.c
        of_repository = () if repository_id is None else (c.repository_id == repository_id,)
        found = select(clocks).where(c.started_at >= moment, *of_repository).order_by(c.started_at, c.number)
        with reading(self._engine) as connection:
            return [_placed(row) for row in connection.execute(found)]

    def repository(self, full_name: str) -> int | None:
        """Return the id of a repository by its present name; None where there is none of it."""
        c = repositories.c
        with reading(self._engine) as connection:
            found = select(c.id).where(func.lower(c.full_name) == full_name.lower()).order_by(c.id.desc())
            return connection.execute(found).scalars().first()

    def late(self, repository_id: int, *, limit: int = MOST_LATE) -> list[Placed]:
        """Return the clocks of a repository that ran out and run on, the longest overdue first."""
        c = clocks.c
        found = select(clocks).where(c.repository_id == repository_id, c.ended_at.is_(None), c.stage.in_(_LATE))
        with reading(self._engine) as connection:
            return [_placed(row) for row in connection.execute(found.order_by(c.due_at, c.number).limit(limit))]


def keep(connection: Connection, subject: Subject, standings: Iterable[Standing]) -> None:
    """Remember how an issue's clocks stand, and forget those that a better knowledge of its past has undone."""
    connection.execute(_FORGET, {"repository": subject.repository_id, "issue": subject.number})
    if rows := [_row(subject, each) for each in standings]:
        connection.execute(_ADD, rows if len(rows) > 1 else rows[0])


# Built once: putting such a statement together costs as much as running it.
_FORGET = delete(clocks).where(clocks.c.repository_id == bindparam("repository"), clocks.c.number == bindparam("issue"))
_ADD = insert(clocks)


def _row(subject: Subject, standing: Standing) -> dict[str, Any]:
    return {
        "repository_id": subject.repository_id,
        "number": subject.number,
        "target": standing.target,
        "started_at": standing.started_at,
        "kind": standing.kind,
        "stage": standing.stage,
        "allowed": standing.allowed // timedelta(milliseconds=1),
        "elapsed": standing.elapsed // timedelta(milliseconds=1),
        "due_at": standing.due_at,
        "ended_at": standing.ended_at,
        "is_answered": int(standing.is_answered),
    }


def _placed(row: Row[Any]) -> Placed:
    standing = Standing(
        target=Target(row.target),
        started_at=row.started_at,
        kind=None if row.kind is None else Kind(row.kind),
        stage=Stage(row.stage),
        allowed=timedelta(milliseconds=row.allowed),
        elapsed=timedelta(milliseconds=row.elapsed),
        due_at=row.due_at,
        ended_at=row.ended_at,
        is_answered=bool(row.is_answered),
    )
    return Placed(Subject(row.repository_id, row.number), standing)
