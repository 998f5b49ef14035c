"""What the gates need of the world, as protocols, and the names by which they find their evidence."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.model.changes import Comparison, Interest, Unclear, Wish
from bot.model.decisions import Override, Push
from bot.model.events import GatesDue
from bot.model.facts import Memory, PullRequest
from bot.model.gates import Head
from bot.model.runs import Artifact, MergeGroup, Run
from bot.model.subjects import Repository, Subject
from bot.model.verdicts import Message
from bot.reports.handed import Answer
from bot.reports.source import Statements
from bot.statements import Source


class Gate(StrEnum):
    """The gates, by the names of their sections in the policy file."""

    COVERAGE = "coverage"
    BENCHMARK = "benchmark"

    @property
    def workflows(self) -> frozenset[str]:
        """The files of the workflow whose runs are believed to be this gate's: no other workflow can stand in."""
        return frozenset(f".github/workflows/reeve-{self}.{ending}" for ending in ("yml", "yaml"))


#: How a workflow names what it hands over: the gate, a part of its own choice, and the commit that it tested.
_ARTIFACT = re.compile(r"reeve-(coverage|benchmark)(?:\.([A-Za-z0-9_-]{1,60}))?\.([0-9a-f]{40}(?:[0-9a-f]{24})?)")


@dataclass(frozen=True, slots=True)
class Label:
    """What the name of an artifact says of it."""

    gate: Gate
    part: str
    tested: str


def label(name: str) -> Label | None:
    """Read the name of an artifact; None for one that is not for a gate."""
    found = _ARTIFACT.fullmatch(name)
    return None if found is None else Label(Gate(found[1]), found[2] or "all", found[3])


class Forge(Protocol):
    """What of GitHub the gates read. Everything may raise `RateLimited`, `GitHubDown`, `Refused` or `Gone`."""

    def pull(self, repository: Repository, number: int) -> PullRequest:
        """Read a pull request as it is now."""
        ...

    def runs(self, repository: Repository, head_sha: str) -> tuple[Run, ...]:
        """Read the workflow runs of a commit, each in its newest attempt, the newest first."""
        ...

    def artifacts(self, repository: Repository, run_id: int) -> tuple[Artifact, ...]:
        """Read what a workflow run handed over, in all its attempts."""
        ...

    def artifact(self, repository: Repository, artifact: Artifact) -> bytes:
        """Return an artifact's zip."""
        ...

    def compare(self, repository: Repository, wish: Wish, interest: Interest) -> Comparison | Unclear:
        """Return what a pull request or merge group changes, by git itself; or why that cannot be said."""
        ...

    def texts(self, repository: Repository, commit: str, paths: Collection[str]) -> dict[str, bytes]:
        """Return files as they are in a commit; what is no file there is left out."""
        ...


class Store(Protocol):
    """What the gates remember."""

    def ask(self, due: GatesDue, cause: str, now: datetime) -> bool:
        """Have gates judged soon; the same cause twice is one. Return whether it is new."""
        ...

    def keep_head(self, pull: PullRequest) -> bool:
        """Remember where a pull request's head is, unless something newer is known; return whether this is current."""
        ...

    def head(self, subject: Subject) -> Head | None:
        """Return where the head of a pull request is, as last heard."""
        ...

    def heads_at(self, repository_id: int, sha: str) -> list[Head]:
        """Return the open pull requests whose head is this commit."""
        ...

    def open_heads(self, repository_id: int) -> list[Head]:
        """Return all open pull requests of a repository."""
        ...

    def heads_changing(self, repository_id: int, change: str) -> list[Head]:
        """Return the open pull requests that were judged for this very change."""
        ...

    def wake(self, repository: Repository, subject: Subject, at: datetime | None) -> None:
        """Have the gates judged again at a moment; None means not by themselves."""
        ...

    def keep_group(self, repository_id: int, group: MergeGroup, now: datetime) -> None:
        """Remember what a merge queue has put together."""
        ...

    def group(self, repository_id: int, sha: str) -> MergeGroup | None:
        """Return what a merge queue has put together at this commit."""
        ...

    def groups_of(self, subject: Subject) -> list[MergeGroup]:
        """Return what a merge queue has put together that ends with this pull request."""
        ...

    def drop_group(self, repository_id: int, sha: str) -> None:
        """Forget what a merge queue has given up, or merged."""
        ...

    def keep_run(self, repository_id: int, run: Run, now: datetime) -> None:
        """Remember an attempt of a run."""
        ...

    def runs(self, repository_id: int, head_sha: str) -> list[Run]:
        """Return all attempts of runs of a commit, the newest first."""
        ...

    def evidence(self, repository_id: int, run: Run) -> Mapping[int, tuple[str, bytes]]:
        """Return what was read of an attempt: by artifact its name and content."""
        ...

    def keep_evidence(
        self, repository_id: int, run: Run, *, artifact_id: int, name: str, content: bytes, now: datetime
    ) -> None:
        """Remember what was read of an artifact."""
        ...

    def comparison(self, repository_id: int, head_sha: str, key: str) -> bytes | None:
        """Return what git said of a head, as it was kept under this key."""
        ...

    def keep_comparison(self, repository_id: int, head_sha: str, key: str, content: bytes, *, now: datetime) -> None:
        """Remember what git said of a head."""
        ...

    def forget_read(self, repository_id: int, head_sha: str) -> None:
        """Forget what was read of a commit, so that it is read anew."""
        ...

    def overrides(self, subject: Subject, head_sha: str) -> list[Override]:
        """Return what people answer for on this commit, the newest first."""
        ...


class Memories(Protocol):
    """What the road remembers of a pull request besides."""

    def memory(self, subject: Subject) -> Memory:
        """Return what Reeve did to a subject before."""
        ...

    def pushes(self, subject: Subject) -> Sequence[Push]:
        """Return the heads that a pull request had, oldest first."""
        ...


class Words(Protocol):
    """The sentences for people."""

    def headed(self, message: Message, language: str) -> tuple[str, str]:
        """Return a message as a title in plain text and a body in Markdown."""
        ...

    def comment(self, messages: Sequence[Message], language: str) -> str:
        """Compose the one comment that a subject carries."""
        ...


class Opener(Protocol):
    """Opens what strangers wrote, each in a process of its own. Never raises for what is in it."""

    def open(self, archive: bytes, *, gate: str, name: str, branches: bool) -> Answer:
        """Return what an artifact holds for a gate, or why it is refused."""
        ...

    def statements(self, sources: Mapping[str, Source]) -> dict[str, Statements]:
        """Return which lines of each source can be executed."""
        ...


@dataclass(frozen=True, slots=True)
class Parts:
    """What the gates have beside the road's own parts, already wired together."""

    forge: Callable[[int], Forge]
    store: Store
    opener: Opener


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that one trip of the gates works with."""

    forge: Forge
    store: Store
    opener: Opener
    memories: Memories
    words: Words
    now: datetime
