"""How far the sweeps have come: which ran when, and from when until when each repository was looked through."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine, Select, or_, select, update

from bot.model.facts import Issue, PullRequest
from bot.model.subjects import Lane, Repository, Subject
from bot.model.sweeps import Said
from bot.store.engine import CLAIM_LOCK, lock, reading
from bot.store.synthetic import deliver
from bot.store.tables import (
    State,
    answered,
    from_millis,
    inbox,
    installations,
    notes,
    repositories,
    subjects,
    timers,
    to_millis,
)
from bot.store.upsert import upsert

Kind = TypeVar("Kind")

#: How what a sweep found is kept until it is its turn.
issue_json: TypeAdapter[Issue] = TypeAdapter(Issue)
pull_json: TypeAdapter[PullRequest] = TypeAdapter(PullRequest)
said_json: TypeAdapter[Said] = TypeAdapter(Said)

#: So many names are looked up in one statement.
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Territory:
    """A repository to look through, and up to what time that was done before."""

    repository: Repository
    swept_until: datetime | None
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Something that nobody told Reeve of, to be put on the road: the same key twice is one delivery."""

    key: str
    event: str
    subject: Subject
    lane: Lane
    body: bytes


class Sweeps:
    """The sweeps' own memory."""

    def __init__(self, engine: Engine) -> None:
        """Work on this database."""
        self._engine = engine

    def claim(self, name: str, every: timedelta, now: datetime) -> bool:
        """Take this sweep's turn; False while the last one is younger than `every`. Two schedulers do no harm."""
        key = f"swept:{name}"
        with self._engine.begin() as connection:
            lock(connection, CLAIM_LOCK)
            last = _moment(connection, key)
            if last is not None and now - last < every:
                return False
            upsert(connection, notes, {"name": key}, {"value": str(to_millis(now))})
        return True

    def again(self, name: str, *, since: datetime) -> None:
        """Let a sweep that came to no end have its turn as if its last one had been then."""
        with self._engine.begin() as connection:
            upsert(connection, notes, {"name": f"swept:{name}"}, {"value": str(to_millis(since))})

    def reached(self, name: str) -> datetime | None:
        """Return up to what time a log was read to its end."""
        with reading(self._engine) as connection:
            return _moment(connection, f"reached:{name}")

    def reach(self, name: str, until: datetime) -> None:
        """Remember up to what time a log was read to its end."""
        with self._engine.begin() as connection:
            upsert(connection, notes, {"name": f"reached:{name}"}, {"value": str(to_millis(until))})

    def territories(self) -> list[Territory]:
        """Return every repository of an active installation, the longest unseen first."""
        with reading(self._engine) as connection:
            rows = connection.execute(_governed()).all()
        return [Territory(Repository(*row[:5]), row.swept_until, row.etags) for row in rows]

    def covered(self, repository_ids: Collection[int]) -> dict[int, tuple[datetime, datetime]]:
        """Return from when until when repositories were looked through without a gap."""
        c, found = repositories.c, dict[int, tuple[datetime, datetime]]()
        with reading(self._engine) as connection:
            for some in _batches(sorted(repository_ids)):
                rows = connection.execute(select(c.id, c.swept_from, c.swept_until).where(c.id.in_(some)))
                found |= {row.id: (row.swept_from, row.swept_until) for row in rows if row.swept_from}
        return found

    def installations(self) -> set[int]:
        """Return the installations that are not known to be removed."""
        c = installations.c
        with reading(self._engine) as connection:
            return set(connection.execute(select(c.id).where(c.state != "deleted")).scalars())

    def repositories(self, installation_id: int) -> list[Repository]:
        """Return what is kept as an installation's."""
        c = repositories.c
        found = select(c.id, c.full_name, c.installation_id, c.default_branch, c.organization)
        with reading(self._engine) as connection:
            return [Repository(*row) for row in connection.execute(found.where(c.installation_id == installation_id))]

    def seen(self, repository: Repository, numbers: Collection[int]) -> dict[int, datetime]:
        """Return which states of these issues and pull requests were judged last, by GitHub's time."""
        c, found = subjects.c, dict[int, datetime]()
        with reading(self._engine) as connection:
            for some in _batches(sorted(numbers)):
                asked = select(c.number, c.seen_at).where(c.repository_id == repository.id, c.number.in_(some))
                found |= {row.number: row.seen_at for row in connection.execute(asked) if row.seen_at}
        return found

    def due(self, repository: Repository, numbers: Collection[int]) -> dict[int, datetime]:
        """Return when these issues and pull requests are to be looked at next."""
        keys = {Subject(repository.id, number).key: number for number in numbers}
        found: dict[int, datetime] = {}
        with reading(self._engine) as connection:
            for some in _batches(sorted(keys)):
                asked = select(timers.c.subject, timers.c.due_at).where(timers.c.subject.in_(some))
                for row in connection.execute(asked.order_by(timers.c.due_at.desc())):
                    found[keys[row.subject]] = row.due_at
        return found

    def unanswered(self, comment_ids: Collection[int]) -> set[int]:
        """Return those of these comments whose commands were never judged."""
        known: set[int] = set()
        with reading(self._engine) as connection:
            for some in _batches(sorted(comment_ids)):
                asked = select(answered.c.comment_id).where(answered.c.comment_id.in_(some))
                known |= set(connection.execute(asked).scalars())
        return set(comment_ids) - known

    def unknown(self, guids: Sequence[str]) -> set[str]:
        """Return which deliveries never arrived here, or arrived and failed."""
        known: set[str] = set()
        with reading(self._engine) as connection:
            for some in _batches(guids):
                asked = select(inbox.c.delivery).where(inbox.c.delivery.in_(some), inbox.c.state != State.DEAD)
                known |= set(connection.execute(asked).scalars())
        return set(guids) - known

    def deliver(
        self, territory: Territory, found: Iterable[Found], *, etag: str | None, since: datetime, now: datetime
    ) -> int:
        """Put what was found on the road, and remember that all was looked through; return how much is new."""
        repository = territory.repository
        with self._engine.begin() as connection:
            new = sum(_deliver(connection, repository, each, now) for each in found)
            values: dict[str, object] = {"swept_until": now, "etags": etag}
            if territory.swept_until is None:
                values["swept_from"] = since
            connection.execute(update(repositories).where(repositories.c.id == repository.id).values(values))
        return new


def _moment(connection: Connection, name: str) -> datetime | None:
    value = connection.execute(select(notes.c.value).where(notes.c.name == name)).scalar()
    return None if value is None else from_millis(int(value))


def _governed() -> Select[Any]:
    c = repositories.c
    joined = repositories.outerjoin(installations, installations.c.id == repositories.c.installation_id)
    is_active = or_(installations.c.state.is_(None), installations.c.state == "active")
    columns = (c.id, c.full_name, c.installation_id, c.default_branch, c.organization, c.swept_until, c.etags)
    return select(*columns).select_from(joined).where(is_active).order_by(c.swept_until)


def _batches(values: Sequence[Kind]) -> Iterator[Sequence[Kind]]:
    return (values[at : at + _BATCH] for at in range(0, len(values), _BATCH))


def _deliver(connection: Connection, repository: Repository, found: Found, now: datetime) -> bool:
    return deliver(
        connection,
        found.key,
        event=found.event,
        subject=found.subject.key,
        installation_id=repository.installation_id,
        now=now,
        body=found.body,
        lane=found.lane,
    )
