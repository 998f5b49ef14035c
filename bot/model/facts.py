"""What a policy may know when it decides: gathered before, complete, and never fetched on the way."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.model.subjects import Actor, Repository, Subject


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


@dataclass(frozen=True, slots=True)
class Memory:
    """What Reeve itself did to a subject before: how it tells its own marks from a person's.

    `label` and `type` are what Reeve decided to set; `is_applied` says that GitHub has confirmed the write.
    `seen_at` is the newest `updated_at` that was decided on: the fence against events that arrive late.
    """

    label: str | None = None
    type: str | None = None
    is_applied: bool = False
    seen_at: datetime | None = None
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything known of one subject at the moment of deciding."""

    repository: Repository
    issue: Issue
    sender: Actor | None = None
    issue_types: tuple[str, ...] = ()
    memory: Memory = field(default_factory=Memory)
