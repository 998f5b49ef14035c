"""What a policy may know when it decides: gathered before, complete, and never fetched on the way."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.model.effects import SetLabels
from bot.model.scores import Opinion
from bot.model.subjects import Actor, Repository, Subject
from bot.model.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue as GitHub last showed it. `type` is the organisation's native issue type, if it has one."""

    subject: Subject
    title: str
    body: str
    author: Actor | None
    labels: frozenset[str]
    type: str | None
    is_open: bool
    comments: int
    created_at: datetime
    updated_at: datetime

    def after(self, effects: Iterable[SetLabels]) -> "Issue":
        """Return the issue as it will be once these effects are applied."""
        labels, kind = self.labels, self.type
        for effect in effects:
            labels, kind = (labels - set(effect.remove)) | set(effect.add), effect.type or kind
        return replace(self, labels=labels, type=kind)


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody wrote under an issue or pull request, as GitHub last showed it."""

    id: int
    body: str
    author: Actor | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request as GitHub last showed it. `head_repository_id` is None where the fork was deleted."""

    subject: Subject
    title: str
    body: str
    author: Actor | None
    labels: frozenset[str]
    head_sha: str
    head_ref: str
    head_repository_id: int | None
    base_sha: str
    base_ref: str
    is_open: bool
    is_draft: bool
    is_merged: bool
    created_at: datetime
    updated_at: datetime

    @property
    def is_from_fork(self) -> bool:
        """Whether its code comes from elsewhere: GitHub then tells checks and workflow runs no pull request."""
        return self.head_repository_id != self.subject.repository_id


@dataclass(frozen=True, slots=True)
class Memory:
    """What Reeve itself did to a subject before: how it tells its own marks from a person's.

    `label` and `type` are what Reeve decided to set; `is_applied` says that GitHub has confirmed the write, and
    `pending` what is still on its way. `seen_at` is the newest `updated_at` that was decided on: the fence against
    events that arrive late. `digest` is the fingerprint of the state that the last decision wanted;
    of a repository (number 0) it is that of the refused policy file that Reeve has an issue open about. `checked_head`
    is the head of a pull request whose policy file was looked at.
    """

    label: str | None = None
    type: str | None = None
    is_applied: bool = False
    seen_at: datetime | None = None
    digest: str = ""
    checked_head: str = ""
    pending: tuple[SetLabels, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything known of one subject at the moment of deciding.

    `timeline` None: nobody has looked into its past. `opinion` None: no classifier was asked.
    """

    repository: Repository
    issue: Issue
    sender: Actor | None = None
    issue_types: tuple[str, ...] = ()
    memory: Memory = field(default_factory=Memory)
    timeline: Timeline | None = None
    opinion: Opinion | None = None
