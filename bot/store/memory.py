"""What Reeve remembers between two events: repositories, installations, and its own marks on each subject."""

import json
from collections.abc import Iterable
from datetime import datetime

import zstandard
from sqlalchemy import Connection, and_, delete, or_, select, update

from bot.model.decisions import Push
from bot.model.events import InstallationChanged
from bot.model.facts import Comment, Memory
from bot.model.subjects import Repository, Subject
from bot.store import gates, releases, triage
from bot.store.engine import AUDIT_LOCK, CLAIM_LOCK, EFFECTS_LOCK, lock, passing, reading
from bot.store.policies import PolicyStore
from bot.store.synthetic import WELCOME_EVENT, deliver
from bot.store.tables import (
    State,
    answered,
    applied,
    audit,
    clocks,
    happenings,
    inbox,
    installations,
    notices,
    outbox,
    overrides,
    policy_files,
    pushes,
    regimes,
    repositories,
    subjects,
    timers,
    to_millis,
)
from bot.store.timeline import Timelines
from bot.store.upsert import upsert
from bot.store.wishes import label_effects

#: What a change of an installation makes of it; the other actions leave it as it is.
_STATES = {"created": "active", "unsuspend": "active", "suspend": "suspended", "deleted": "deleted"}

#: What GitHub says of repositories that are new to the App, even if their first issue was heard of earlier.
_ADDING = {"created", "added"}


class MemoryStore(Timelines, PolicyStore):
    """The memory in the database; satisfies `bot.road.Store`."""

    def issue_types(self, repository: Repository) -> tuple[tuple[str, ...], datetime | None]:
        """Return the issue types as last read, and when that was."""
        c = repositories.c
        with reading(self._engine) as connection:
            row = connection.execute(
                select(c.issue_types, c.issue_types_checked_at).where(c.id == repository.id)
            ).first()
        if row is None or row.issue_types is None:
            return (), None
        return tuple(json.loads(row.issue_types)), row.issue_types_checked_at

    def keep_issue_types(self, repository: Repository, types: tuple[str, ...], *, now: datetime) -> None:
        """Remember the organisation's issue types."""
        self._update_repository(repository.id, {"issue_types": json.dumps(types), "issue_types_checked_at": now})

    def memory(self, subject: Subject) -> Memory:
        """Return what Reeve did to a subject before; empty for one never seen."""
        c = subjects.c
        with reading(self._engine) as connection:
            row = connection.execute(
                select(c.label, c.type, c.seen_at, c.digest, c.checked_head).where(
                    c.repository_id == subject.repository_id, c.number == subject.number
                )
            ).first()
            if row is None:
                return Memory()
            pending = label_effects(connection, subject)
        return Memory(
            label=row.label,
            type=row.type,
            is_applied=not pending,
            seen_at=row.seen_at,
            digest=row.digest,
            checked_head=row.checked_head,
            pending=pending,
        )

    def is_answered(self, comment_id: int) -> bool:
        """Say whether this comment's commands were judged before."""
        with reading(self._engine) as connection:
            found = select(answered.c.comment_id).where(answered.c.comment_id == comment_id)
            return connection.execute(found).first() is not None

    def commands_before(self, repository: Repository, comment: Comment, *, since: datetime) -> list[datetime]:
        """Return when a comment's writer gave commands before, anywhere in the same installation."""
        if comment.author is None:
            return []
        c = answered.c
        places = select(repositories.c.id).where(repositories.c.installation_id == repository.installation_id)
        found = select(c.written_at).where(
            c.actor_id == comment.author.id,
            c.written_at >= since,
            or_(c.written_at < comment.created_at, and_(c.written_at == comment.created_at, c.comment_id < comment.id)),
            c.repository_id.in_(places),
        )
        with reading(self._engine) as connection:
            return list(connection.execute(found.order_by(c.written_at)).scalars())

    def touched_after(self, subject: Subject, comment: Comment) -> frozenset[str]:
        """Return the places that commands written after a comment have touched already."""
        c, at = answered.c, comment.created_at
        later = select(c.touched).where(
            c.repository_id == subject.repository_id,
            c.number == subject.number,
            or_(c.written_at > at, and_(c.written_at == at, c.comment_id > comment.id)),
        )
        with reading(self._engine) as connection:
            return frozenset(place for text in connection.execute(later).scalars() for place in json.loads(text))

    def pushes(self, subject: Subject) -> list[Push]:
        """Return the heads that a pull request had, oldest first."""
        c = pushes.c
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(c.head_sha, c.at)
                .where(c.repository_id == subject.repository_id, c.number == subject.number)
                .order_by(c.at)
            )
            return [Push(*row) for row in rows]

    def keep_push(self, subject: Subject, push: Push) -> None:
        """Remember that a pull request has this head from this moment on; the same head again is no push."""
        known = self.pushes(subject)
        if any(each.head_sha == push.head_sha and each.at <= push.at for each in known[-1:]):
            return
        key = {"repository_id": subject.repository_id, "number": subject.number, "at": push.at}
        with self._engine.begin() as connection:
            upsert(connection, pushes, key, {"head_sha": push.head_sha})

    def keep_repository(self, repository: Repository) -> None:
        """Remember a repository by its id, under its present name."""
        with reading(self._engine) as connection:
            if repository_by_id(connection, repository.id) == repository:
                return
        with passing(self._engine) as connection:
            _keep(connection, repository)

    def repository(self, repository_id: int) -> Repository | None:
        """Return a repository as last seen."""
        with reading(self._engine) as connection:
            return repository_by_id(connection, repository_id)

    def keep_seen(self, subject: Subject, moment: datetime) -> None:
        """Move the fence forward: older states of the subject need no judgement any more."""
        with passing(self._engine) as connection:
            connection.execute(
                update(subjects)
                .where(subjects.c.repository_id == subject.repository_id, subjects.c.number == subject.number)
                .values(seen_at=moment)
            )

    def keep_checked(self, subject: Subject, head_sha: str) -> None:
        """Remember that this head of a pull request leaves the policy file as it is."""
        key = {"repository_id": subject.repository_id, "number": subject.number}
        with self._engine.begin() as connection:
            upsert(connection, subjects, key, {"checked_head": head_sha})

    def keep_installation(self, change: InstallationChanged, *, now: datetime) -> None:
        """Remember what an installation covers and whether it is active; greet what is new, forget what was removed."""
        with self._engine.begin() as connection:
            for number in (CLAIM_LOCK, AUDIT_LOCK, EFFECTS_LOCK):  # it touches what everybody else does
                lock(connection, number)
            _keep_state(connection, change)
            for repository in change.added:
                known = repository_by_id(connection, repository.id)
                _keep(connection, repository)
                if known is not None and known.installation_id != repository.installation_id:
                    _hand_over(connection, repository)
                if known is None:
                    _begin_to_sweep(connection, repository, now)
                if known is None or change.action in _ADDING:
                    _greet(connection, repository, now)
            _forget(connection, _leaving(connection, change), now)

    def pause(self, installation_id: int, until: datetime) -> None:
        """Let nothing be asked of GitHub for this installation before `until`."""
        with self._engine.begin() as connection:
            upsert(connection, installations, {"id": installation_id}, {"blocked_until": until})

    def _update_repository(self, repository_id: int, values: dict[str, object]) -> None:
        with passing(self._engine) as connection:
            connection.execute(update(repositories).where(repositories.c.id == repository_id).values(values))


def _keep_state(connection: Connection, change: InstallationChanged) -> None:
    """Remember whether an installation is active; news of its repositories that come late do not resume it."""
    key, state = {"id": change.installation_id}, _STATES.get(change.action)
    known = connection.execute(select(installations.c.id).where(installations.c.id == change.installation_id)).first()
    if state is not None or known is None:
        upsert(connection, installations, key, {"state": state or "active"})


def _leaving(connection: Connection, change: InstallationChanged) -> list[int]:
    """Return what is taken from this installation, leaving out what is another's by now: it was transferred."""
    c = repositories.c
    ours = select(c.id).where(c.installation_id == change.installation_id)
    if change.action != "deleted":
        ours = ours.where(c.id.in_(change.removed))
    return list(connection.execute(ours).scalars())


def repository_by_id(connection: Connection, repository_id: int) -> Repository | None:
    """Return a repository as last seen, within a transaction."""
    c = repositories.c
    row = connection.execute(
        select(c.id, c.full_name, c.installation_id, c.default_branch, c.organization).where(c.id == repository_id)
    ).first()
    return None if row is None else Repository(*row)


def _keep(connection: Connection, repository: Repository) -> None:
    upsert(
        connection,
        repositories,
        {"id": repository.id},
        {
            "installation_id": repository.installation_id,
            "full_name": repository.full_name,
            "default_branch": repository.default_branch,
            "organization": repository.organization,
        },
    )


def _begin_to_sweep(connection: Connection, repository: Repository, now: datetime) -> None:
    """Have the sweeps find everything that happens from now on."""
    begun = {"swept_from": now, "swept_until": now}
    connection.execute(update(repositories).where(repositories.c.id == repository.id).values(begun))


def _hand_over(connection: Connection, repository: Repository) -> None:
    """Give what is still to be done in a repository that changed hands to its new installation."""
    to, ours = {"installation_id": repository.installation_id}, f"{repository.id}#%"
    is_waiting = inbox.c.state <= State.LEASED
    connection.execute(update(outbox).where(outbox.c.repository_id == repository.id, outbox.c.state <= 1).values(to))
    connection.execute(update(inbox).where(inbox.c.subject.like(ours), is_waiting).values(to))
    connection.execute(update(timers).where(timers.c.subject.like(ours)).values(to))


def _greet(connection: Connection, repository: Repository, now: datetime) -> None:
    subject = Subject(repository.id, 0).key
    key = f"welcome:{repository.installation_id}:{subject}:{to_millis(now)}"
    installation_id = repository.installation_id
    deliver(connection, key, event=WELCOME_EVENT, subject=subject, installation_id=installation_id, now=now)


def _forget(connection: Connection, repository_ids: Iterable[int], now: datetime) -> None:
    """Delete what is known of repositories that are no longer ours; the audit log keeps its hashes."""
    for repository_id in repository_ids:
        prefix = f"{repository_id}#%"
        connection.execute(delete(outbox).where(outbox.c.repository_id == repository_id, outbox.c.state <= 1))
        connection.execute(delete(applied).where(applied.c.repository_id == repository_id))
        for table in (subjects, answered, pushes, overrides, happenings, regimes, notices, clocks, policy_files):
            connection.execute(delete(table).where(table.c.repository_id == repository_id))
        connection.execute(delete(timers).where(timers.c.subject.like(prefix)))
        gates.forget(connection, repository_id)
        triage.forget(connection, repository_id)
        releases.forget(connection, repository_id)
        _empty(connection, repository_id, now)
        connection.execute(delete(repositories).where(repositories.c.id == repository_id))


def _empty(connection: Connection, repository_id: int, now: datetime) -> None:
    """Take the words out of what is kept as a record: bodies of deliveries and effects, names in the audit log."""
    ours, blank = inbox.c.subject.like(f"{repository_id}#%"), zstandard.ZstdCompressor().compress(b"{}")
    waiting = inbox.c.state.in_((State.PENDING, State.DECIDED))
    ended = {"state": State.IGNORED, "reason": "the repository is no longer ours", "finished_at": now}
    connection.execute(update(inbox).where(ours, waiting).values(ended))
    connection.execute(update(inbox).where(ours, inbox.c.state > State.DECIDED).values(body=blank))
    connection.execute(update(outbox).where(outbox.c.repository_id == repository_id).values(payload="{}"))
    named = audit.c.entry.like(f'%"subject":"{repository_id}#%')
    connection.execute(update(audit).where(named).values(detail=None))
