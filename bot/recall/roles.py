"""Who is a maintainer, asked of GitHub as it is now: remembered for a minute, and nobody where there is no answer."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.model.errors import Gone, Refused
from bot.model.facts import Comment, PullRequest
from bot.model.roles import Role
from bot.model.subjects import Actor, Repository

FRESH_FOR = timedelta(seconds=60)

#: More answers than this are not kept: those of the last minute are far fewer.
MOST = 10_000


class Forge(Protocol):
    """What of GitHub is needed."""

    def permission(self, repository: Repository, login: str, user_id: int) -> Role | None:
        """Ask for an account's role now; None means that this login is not this account."""
        ...


class Roles:
    """The answers of the last minute; safe to share between threads."""

    def __init__(self) -> None:
        """Start without any."""
        self._answers: dict[tuple[int, int], tuple[datetime, Role | None]] = {}
        self._lock = threading.Lock()

    def ask(self, forge: Forge, repository: Repository, actor: Actor, now: datetime) -> Role | None:
        """Return an account's role in a repository; None where GitHub refuses to tell: then it counts as none."""
        key = (repository.id, actor.id)
        with self._lock:
            known = self._answers.get(key)
        if known is not None and known[0] <= now < known[0] + FRESH_FOR:
            return known[1]
        role = _ask(forge, repository, actor)
        with self._lock:
            if len(self._answers) >= MOST:
                self._answers = dict(_fresh(self._answers, now))
            self._answers[key] = (now, role)
        return role

    def told(self, repository: Repository, user_id: int, at: datetime) -> Role | None:
        """Return what was answered at this very moment; None where nobody asked, or there was no answer."""
        with self._lock:
            asked_at, role = self._answers.get((repository.id, user_id), (None, None))
        return role if asked_at == at else None


def _ask(forge: Forge, repository: Repository, actor: Actor) -> Role | None:
    try:
        role = forge.permission(repository, actor.login, actor.id)
    except (Refused, Gone):
        return None
    return Role.NONE if role is None else role


def _fresh(
    answers: Mapping[tuple[int, int], tuple[datetime, Role | None]], now: datetime
) -> dict[tuple[int, int], tuple[datetime, Role | None]]:
    return {key: answer for key, answer in answers.items() if now - answer[0] < FRESH_FOR}


class Asking(Forge, Protocol):
    """What a command is judged by."""

    def comment(self, repository: Repository, comment_id: int) -> Comment | None:
        """Read a comment as it is now; None means that it was deleted."""
        ...

    def pull(self, repository: Repository, number: int) -> PullRequest:
        """Read a pull request as it is now."""
        ...


@dataclass(frozen=True, slots=True)
class Once:
    """GitHub as of one trip: who was asked about a moment ago on the same trip is not asked about again."""

    forge: Asking
    roles: Roles
    now: datetime

    def comment(self, repository: Repository, comment_id: int) -> Comment | None:
        """Read a comment as it is now; None means that it was deleted."""
        return self.forge.comment(repository, comment_id)

    def pull(self, repository: Repository, number: int) -> PullRequest:
        """Read a pull request as it is now."""
        return self.forge.pull(repository, number)

    def permission(self, repository: Repository, login: str, user_id: int) -> Role | None:
        """Ask for an account's role, unless it was told on this very trip."""
        told = self.roles.told(repository, user_id, self.now)
        return self.forge.permission(repository, login, user_id) if told is None else told
