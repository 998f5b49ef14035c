"""What the road is laid of: what it needs of GitHub, of memory and of words, and all of it wired for one trip."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot import deciding, gating, policyfile, recall, releasing, welcome
from bot.config import Config
from bot.digesting import Clocks
from bot.model.decisions import Push
from bot.model.effects import Effect
from bot.model.events import InstallationChanged
from bot.model.facts import Comment, Facts, Issue, PullRequest
from bot.model.forge import Attempt, Receipt
from bot.model.roles import Role
from bot.model.subjects import Repository, Subject
from bot.model.verdicts import Verdict
from bot.policies.commands import OWN, Registry
from bot.recall import Roles
from bot.sorting import Sorter

Policy = Callable[[Facts, Config, datetime], Verdict]


class Forge(policyfile.Forge, recall.Forge, Protocol):
    """GitHub, as one installation may use it. Everything may raise `RateLimited`, `GitHubDown`, `Refused` or `Gone`."""

    def issue(self, repository: Repository, number: int) -> Issue:
        """Read an issue as it is now."""
        ...

    def issue_types(self, repository: Repository) -> tuple[str, ...]:
        """Name the organisation's native issue types; empty where there are none."""
        ...

    def comment(self, repository: Repository, comment_id: int) -> Comment | None:
        """Read a comment as it is now; None means that it was deleted."""
        ...

    def permission(self, repository: Repository, login: str, user_id: int) -> Role | None:
        """Ask for an account's role now; None means that this login is not this account."""
        ...

    def pull(self, repository: Repository, number: int) -> PullRequest:
        """Read a pull request as it is now."""
        ...

    def apply(self, repository: Repository, effect: Effect, attempt: Attempt) -> Receipt:
        """Make the effect true; look up first where an earlier try may have got through."""
        ...


class Store(policyfile.Store, recall.Store, Protocol):
    """What the road needs to remember."""

    def issue_types(self, repository: Repository) -> tuple[tuple[str, ...], datetime | None]:
        """Return the issue types as last read, and when that was."""
        ...

    def keep_issue_types(self, repository: Repository, types: tuple[str, ...], *, now: datetime) -> None:
        """Remember the organisation's issue types."""
        ...

    def keep_seen(self, subject: Subject, moment: datetime) -> None:
        """Move the fence forward: older states of the subject need no judgement any more."""
        ...

    def is_answered(self, comment_id: int) -> bool:
        """Say whether this comment's commands were judged before."""
        ...

    def commands_before(self, repository: Repository, comment: Comment, *, since: datetime) -> Sequence[datetime]:
        """Return when a comment's writer gave commands before, anywhere in the same installation."""
        ...

    def touched_after(self, subject: Subject, comment: Comment) -> frozenset[str]:
        """Return the places that commands written after a comment have touched already."""
        ...

    def pushes(self, subject: Subject) -> Sequence[Push]:
        """Return the heads that a pull request had, oldest first."""
        ...

    def keep_push(self, subject: Subject, push: Push) -> None:
        """Remember that a pull request has this head from this moment on."""
        ...

    def keep_installation(self, change: InstallationChanged, *, now: datetime) -> None:
        """Remember what an installation covers and whether it is active; greet what is new, forget what was removed."""
        ...


class Words(welcome.Words, policyfile.Words, deciding.Words, Protocol):
    """The sentences for people."""


@dataclass(frozen=True, slots=True)
class Road:
    """The parts that one trip needs, already wired together."""

    forge: Callable[[int], Forge]
    store: Store
    words: Words
    policies: tuple[Policy, ...]
    verbs: Registry = OWN
    roles: Roles = field(default_factory=Roles)
    gates: gating.Parts | None = None
    releases: releasing.Parts | None = None
    sorter: Sorter | None = None
    clocks: Clocks | None = None
