"""How far the sweeps have come: which ran when, up to what time each repository was looked through."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine, or_, select, update

from bot.model.facts import Issue
from bot.model.subjects import Repository
from bot.store.engine import CLAIM_LOCK, lock, reading
from bot.store.synthetic import SWEEP_EVENT, deliver
from bot.store.tables import State, from_millis, inbox, installations, notes, repositories, subjects, to_millis
from bot.store.upsert import upsert

issue_json: TypeAdapter[Issue] = TypeAdapter(Issue)


@dataclass(frozen=True, slots=True)
class Territory:
    """A repository to look through, and up to what time that was done before."""

    repository: Repository
    swept_until: datetime | None


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
            last = connection.execute(select(notes.c.value).where(notes.c.name == key)).scalar()
            if last is not None and now - from_millis(int(last)) < every:
                return False
            upsert(connection, notes, {"name": key}, {"value": str(to_millis(now))})
        return True

    def territories(self) -> list[Territory]:
        """Return every repository of an active installation, the longest unseen first."""
        c = repositories.c
        joined = repositories.outerjoin(installations, installations.c.id == c.installation_id)
        is_active = or_(installations.c.state.is_(None), installations.c.state == "active")
        found = (
            select(c.id, c.full_name, c.installation_id, c.default_branch, c.organization, c.swept_until)
            .select_from(joined)
            .where(is_active)
            .order_by(c.swept_until)
        )
        with reading(self._engine) as connection:
            return [Territory(Repository(*row[:5]), row.swept_until) for row in connection.execute(found)]

    def keep(self, repository: Repository, until: datetime) -> None:
        """Remember up to what time a repository was looked through."""
        with self._engine.begin() as connection:
            connection.execute(update(repositories).where(repositories.c.id == repository.id).values(swept_until=until))

    def unheard(self, repository: Repository, issues: Sequence[Issue]) -> list[Issue]:
        """Return the issues whose present state was not judged yet, the oldest first: it has waited longest."""
        c = subjects.c
        numbers = [issue.subject.number for issue in issues]
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(c.number, c.seen_at).where(c.repository_id == repository.id, c.number.in_(numbers))
            )
            seen = {row.number: row.seen_at for row in rows}
        news = (i for i in issues if (at := seen.get(i.subject.number)) is None or at < i.updated_at)
        return sorted(news, key=lambda issue: issue.created_at)

    def deliver(self, repository: Repository, issues: Iterable[Issue], *, now: datetime) -> int:
        """Put issues on the road as if GitHub had told us of them; return how many were new."""
        with self._engine.begin() as connection:
            return sum(_deliver(connection, repository, issue, now) for issue in issues)

    def unknown(self, guids: Sequence[str]) -> set[str]:
        """Return which deliveries never arrived here, or arrived and failed."""
        with reading(self._engine) as connection:
            known = connection.execute(
                select(inbox.c.delivery).where(inbox.c.delivery.in_(guids), inbox.c.state != State.DEAD)
            ).scalars()
            return set(guids) - set(known)


def _deliver(connection: Connection, repository: Repository, issue: Issue, now: datetime) -> bool:
    key = f"sweep:{issue.subject.key}:{to_millis(issue.updated_at)}"
    return deliver(
        connection,
        key,
        event=SWEEP_EVENT,
        subject=issue.subject.key,
        installation_id=repository.installation_id,
        now=now,
        body=issue_json.dump_json(issue),
    )
