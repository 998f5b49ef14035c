"""The road that every event takes: gather facts, decide, record, act. Read this file first.

An event only says where to look. `handle` works out what should be true of the subject now and records the
difference as effects; writing them to GitHub is the writer's part (`bot.writer`), paced per installation.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.config import Config
from bot.model.effects import Effect
from bot.model.facts import Facts, Issue, Memory
from bot.model.subjects import Repository, Subject
from bot.model.verdicts import Message, Verdict


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file or list as GitHub answered: `value` is None when it does not exist; `etag` makes the next read free."""

    value: str | None
    etag: str | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """GitHub's confirmation of an effect: the id of what was written, and whether a write was needed at all."""

    remote_id: int | None = None
    was_needed: bool = True


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is known before an effect is tried: the id it had before, and whether an earlier try may have got through."""

    remote_id: int | None = None
    may_have_happened: bool = False


class Forge(Protocol):
    """GitHub, as one installation may use it. Reads and writes raise `RateLimited`, `GitHubDown`, `Refused`, `Gone`."""

    def file(self, repository: Repository, path: str, *, etag: str | None) -> Fetched | None:
        """Read a file on the default branch; None means unchanged since `etag`."""
        ...

    def issue(self, repository: Repository, number: int) -> Issue:
        """Read an issue as it is now."""
        ...

    def issue_types(self, repository: Repository) -> tuple[str, ...]:
        """Name the organisation's native issue types; empty where there are none."""
        ...

    def apply(self, repository: Repository, effect: Effect, attempt: Attempt) -> Receipt:
        """Make the effect true; look up first where an earlier try may have got through."""
        ...
