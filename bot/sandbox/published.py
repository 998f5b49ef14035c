"""What a repository publishes and plans: tags, releases, commit statuses, milestones, deployments that wait."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from bot.sandbox.objects import GitObject

if TYPE_CHECKING:
    from bot.sandbox.ci import WorkflowRun
    from bot.sandbox.state import Account

StatusState = Literal["error", "failure", "pending", "success"]
AnswerState = Literal["approved", "rejected"]


@dataclass(frozen=True, slots=True)
class AnnotatedTag:
    """A tag that is an object of its own, as `git tag -a` makes one."""

    name: str
    commit: str
    message: str
    tagger: "Account"
    at: datetime

    @property
    def object(self) -> GitObject:
        """The object as git stores it."""
        who = f"{self.tagger.login} <{self.tagger.login}@example.org> {int(self.at.timestamp())} +0000"
        lines = (f"object {self.commit}", "type commit", f"tag {self.name}", f"tagger {who}", "", self.message)
        return GitObject("tag", "\n".join(lines).encode() + b"\n")

    @property
    def sha(self) -> str:
        """Git's name for the object."""
        return self.object.sha


@dataclass(slots=True, eq=False)
class Release:
    """A release; a draft has no tag yet that anybody could find it by."""

    id: int
    tag: str
    name: str
    body: str
    author: "Account"
    created_at: datetime
    target: str
    draft: bool = False
    prerelease: bool = False
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Status:
    """What somebody says of a commit; a newer one of the same context takes its place."""

    id: int
    sha: str
    context: str
    state: StatusState
    url: str
    creator: "Account"
    created_at: datetime


@dataclass(slots=True, eq=False)
class Milestone:
    """A milestone that issues may belong to."""

    id: int
    number: int
    title: str
    creator: "Account"
    created_at: datetime
    state: Literal["open", "closed"] = "open"


@dataclass(frozen=True, slots=True)
class Answer:
    """What an App said to a run that waits to deploy."""

    run_id: int
    environment: str
    state: AnswerState | None
    comment: str


@dataclass(slots=True, eq=False)
class Deployment:
    """A run that waits to deploy a commit to an environment; `answers` are what was said, the last one may end it."""

    id: int
    run: "WorkflowRun"
    environment: str
    sha: str
    ref: str
    creator: "Account"
    created_at: datetime
    answers: list[Answer] = field(default_factory=list)

    @property
    def is_waiting(self) -> bool:
        """Whether nobody has let it go on or stopped it yet."""
        return not any(each.state for each in self.answers)


@dataclass(slots=True)
class Published:
    """Everything of this kind in one repository. A tag leads to a commit, or to an object that leads there."""

    tags: dict[str, str] = field(default_factory=dict)
    annotated: dict[str, AnnotatedTag] = field(default_factory=dict)
    releases: dict[int, Release] = field(default_factory=dict)
    statuses: list[Status] = field(default_factory=list)
    milestones: dict[int, Milestone] = field(default_factory=dict)
    deployments: list[Deployment] = field(default_factory=list)

    def commit_of(self, tag: str) -> str | None:
        """Return the commit that a tag leads to in the end."""
        sha = self.tags.get(tag, "")
        return self.annotated[sha].commit if sha in self.annotated else sha or None
