"""What releases need of the world, as protocols, and the desk that one look works at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.config import Config
from bot.model.facts import Memory, PullRequest
from bot.model.releases import CheckState, Listed, MergedPull, Released, Tag
from bot.model.roles import Role
from bot.model.runs import Artifact, Run
from bot.model.subjects import Repository, Subject
from bot.model.trains import Bench, Deployment, Taken, Train
from bot.model.verdicts import Message
from bot.reports.handed import Answer


class Forge(Protocol):
    """What of GitHub is read for a release. Everything may raise `RateLimited`, `GitHubDown`, `Refused` or `Gone`."""

    def pull(self, repository: Repository, number: int) -> PullRequest:
        """Read a pull request as it is now."""
        ...

    def permission(self, repository: Repository, login: str, user_id: int) -> Role | None:
        """Ask for an account's role now; None means that this login is not this account."""
        ...

    def tags(self, repository: Repository) -> tuple[Tag, ...]:
        """Read all tags."""
        ...

    def commit(self, repository: Repository, ref: str) -> str | None:
        """Return the commit that a branch, tag or abbreviated commit leads to; None where it leads to none."""
        ...

    def open_issues(self, repository: Repository, label: str | None, milestone: str | None) -> tuple[Listed, ...]:
        """Read the open issues with a label, or in a milestone."""
        ...

    def checks(self, repository: Repository, sha: str) -> tuple[CheckState, ...]:
        """Read what check runs and commit statuses say of a commit."""
        ...

    def merged_pulls(self, repository: Repository, base: str, head: str) -> tuple[MergedPull, ...]:
        """Read the pull requests that were merged after one commit and up to another."""
        ...

    def release(self, repository: Repository, tag: str) -> Released | None:
        """Read the release of a tag."""
        ...

    def run(self, repository: Repository, run_id: int) -> Run | None:
        """Read a workflow run in its newest attempt."""
        ...

    def run_by_nonce(self, repository: Repository, workflow: str, nonce: str, since: datetime) -> Run | None:
        """Find the run of a workflow that was started with a nonce."""
        ...

    def artifacts(self, repository: Repository, run_id: int) -> tuple[Artifact, ...]:
        """Read what a workflow run handed over, in all its attempts."""
        ...

    def artifact(self, repository: Repository, artifact: Artifact) -> bytes:
        """Return an artifact's zip."""
        ...


class Store(Protocol):
    """What releases remember."""

    def ask(self, repository: Repository, cause: str, now: datetime) -> bool:
        """Have the releases of a repository looked at soon; the same cause twice is one."""
        ...

    def wake(self, repository: Repository, at: datetime | None) -> None:
        """Have them looked at at a moment; None means not by themselves."""
        ...

    def wake_by(self, repository: Repository, at: datetime) -> None:
        """Have them looked at at a moment at the latest."""
        ...

    def current(self, repository_id: int) -> Train | None:
        """Return the release that is under way, or else the one that was suggested."""
        ...

    def published(self, repository_id: int) -> list[Train]:
        """Return the releases that went out, the newest first."""
        ...

    def train(self, repository_id: int, version: str) -> Train | None:
        """Return the release of a version, whatever became of it."""
        ...

    def benches(self, repository_id: int) -> list[Bench]:
        """Return the runs that were asked for on pull requests and are not over."""
        ...

    def result(self, repository_id: int, nonce: str) -> Taken | None:
        """Return the result that was accepted for a nonce."""
        ...

    def is_known(self, repository_id: int, digest: str) -> bool:
        """Say whether a result with this content was accepted before."""
        ...

    def released(self, repository_id: int, environment: str) -> list[Taken]:
        """Return the accepted results of releases that went out, made in one environment, the newest first."""
        ...

    def posted(self, repository_id: int, run_id: int, nonce: str) -> bytes | None:
        """Return the archive that a run posted for a nonce by itself."""
        ...

    def deployments(self, repository_id: int) -> list[Deployment]:
        """Return the runs that wait for leave to deploy."""
        ...

    def keep_deployment(self, repository_id: int, asked: Deployment, now: datetime) -> None:
        """Remember a run that waits for leave to deploy."""
        ...

    def remote_id(self, target: str) -> int | None:
        """Return the id that GitHub gave to what an effect wrote at this place."""
        ...

    def death(self, target: str) -> datetime | None:
        """Return when the last effect for this place was given up; None where it was not."""
        ...

    def late(self, repository_id: int) -> frozenset[int]:
        """Return the issues whose deadline is over and that still wait."""
        ...


class Memories(Protocol):
    """What the road remembers besides."""

    def memory(self, subject: Subject) -> Memory:
        """Return what Reeve did to a subject before."""
        ...


class Words(Protocol):
    """The sentences for people."""

    def headed(self, message: Message, language: str) -> tuple[str, str]:
        """Return a message as a title in plain text and a body in Markdown."""
        ...

    def answer(self, messages: Sequence[Message], language: str) -> str:
        """Compose an answer to one comment."""
        ...


class Opener(Protocol):
    """Opens what runners handed over, in a process of its own. Never raises for what is in it."""

    def suite(self, archive: bytes) -> Answer:
        """Return the suite's document that an artifact holds, or why it is refused."""
        ...


@dataclass(frozen=True, slots=True)
class Parts:
    """What releases have beside the road's own parts, already wired together."""

    forge: Callable[[int], Forge]
    store: Store
    opener: Opener
    nonce: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that one look works with; `speech` tells the repository's language, which may cost a request."""

    forge: Forge
    store: Store
    opener: Opener
    nonce: Callable[[], str]
    memories: Memories
    words: Words
    speech: Callable[[], str]
    now: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Where a look takes place: the repository, its policy in force, and the desk."""

    repository: Repository
    config: Config
    desk: Desk
