"""What happened to an issue, one entry each, with GitHub's own time: all that its clock is computed from.

The same thing may be known twice, from a delivery and from GitHub's Timeline API, and in any order. Whoever records
gives it a stable id (`comment_key`, `event_key`, `heard_key`); `bot.policies.sla` makes one of two.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Literal

from bot.model.kinds import Kind
from bot.model.roles import Role
from bot.model.subjects import Actor, Subject

#: How the keys of comments begin in which people are called.
NOTICE = "sla-"


class What(StrEnum):
    """What can happen to an issue, in the words of GitHub's Timeline API where it has one.

    TRANSFERRED and CONVERTED mean that the issue left; ARRIVED is its coming from another repository. TYPED names the
    native issue type that it has from then on (`name` None: none). LABELED and UNLABELED name one label.
    """

    OPENED = "opened"
    COMMENTED = "commented"
    COMMENT_DELETED = "comment_deleted"
    LABELED = "labeled"
    UNLABELED = "unlabeled"
    TYPED = "typed"
    CLOSED = "closed"
    REOPENED = "reopened"
    TRANSFERRED = "transferred"
    ARRIVED = "arrived"
    CONVERTED = "converted_to_discussion"
    DELETED = "deleted"
    ASSIGNED = "assigned"
    UNASSIGNED = "unassigned"
    MILESTONED = "milestoned"
    DEMILESTONED = "demilestoned"
    RENAMED = "renamed"


class Source(StrEnum):
    """How it is known: HEARD from a delivery, whose time may be a little late, or READ from GitHub's own list."""

    HEARD = "heard"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Order:
    """What a comment asks of the clock: `/sla pause reason="..."`, `/sla resume` or `/needs-info`."""

    action: Literal["pause", "resume", "needs-info"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """What a comment's text says about itself, so that the text need not be kept.

    `is_substantive`: there are words of the writer's own beyond commands, quotes and signs such as +1.
    `is_automatic`: an auto-reply by its words, or posted by an app in a person's name.
    """

    is_substantive: bool = True
    is_automatic: bool = False
    orders: tuple[Order, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing that happened, when, and by whom.

    `at` is GitHub's `created_at` of it in UTC. `actor` is None for a deleted account. `role` is the actor's live role
    in the repository, as first asked; None means that it is not known, and then nobody is taken for a maintainer.
    `name` is the label, issue type, assignee or milestone. A comment has `comment_id`, `remark`, and `edited_at` where
    its text is no longer the one that it had at first. `commit` says that a commit or pull request closed the issue.
    """

    id: str
    what: What
    at: datetime
    actor: Actor | None = None
    role: Role | None = None
    source: Source = Source.HEARD
    name: str | None = None
    comment_id: int | None = None
    remark: Remark | None = None
    edited_at: datetime | None = None
    commit: bool = False


@dataclass(frozen=True, slots=True)
class Regime:
    """The repository's settings from this moment on, as `bot.config.frozen` writes them."""

    since: datetime
    settings: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A comment in which Reeve called people to an issue: the key of the `StickyComment`, and when it was wanted."""

    key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything known of one issue's past, in any order, doubled or not.

    `kind` is what triage makes of the issue now; None: the labels and types of the past decide. `regimes` are
    the repository's settings over time: a clock runs by those in force when it started. `notices` are those that this
    issue had (comments of Reeve's whose key begins with `NOTICE`), `recent` the times of all in this repository within
    the last 24 hours: there is a budget for them.
    """

    happenings: tuple[Happening, ...] = ()
    regimes: tuple[Regime, ...] = ()
    kind: Kind | None = None
    notices: tuple[Notice, ...] = ()
    recent: tuple[datetime, ...] = ()


def comment_key(comment_id: int, edited_at: datetime | None = None) -> str:
    """Return the id of a comment as written or as edited then: the same however it became known."""
    return f"comment:{comment_id}:{_stamp(edited_at)}" if edited_at else f"comment:{comment_id}"


def event_key(event_id: int | str) -> str:
    """Return the id of an event that the Timeline API lists."""
    return f"event:{event_id}"


def heard_key(what: What, at: datetime, actor: Actor | None, name: str | None = None) -> str:
    """Return the id of something that a delivery told, which carries no number of the event: the same when doubled."""
    return f"heard:{what.value}:{_stamp(at)}:{actor.id if actor else 0}:{name or ''}"


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Target(StrEnum):
    """What is waited for: a first answer, the answer to the author's next comment, or the end of it all."""

    FIRST_ANSWER = "first-answer"
    NEXT_ANSWER = "next-answer"
    RESOLUTION = "resolution"


class Stage(StrEnum):
    """How far a goal is: the first four while it is waited for, the others once it is settled.

    MET is in time and MISSED too late; MOOT is settled without an answer and without a breach, such as by its author.
    """

    ON_TRACK = "on-track"
    AT_RISK = "at-risk"
    BREACHED = "breached"
    ESCALATED = "escalated"
    MET = "met"
    MISSED = "missed"
    MOOT = "moot"


@dataclass(frozen=True, slots=True)
class Standing:
    """How one goal of an issue stood when it was last judged; `target` and `started_at` name it within the issue.

    `allowed` and `elapsed` are time by the repository's calendar, without pauses. `due_at` is None while a pause keeps
    the deadline open; `ended_at` is None while it is waited for. `is_answered`: a person's answer settled it.
    """

    target: Target
    started_at: datetime
    kind: Kind | None
    stage: Stage
    allowed: timedelta
    elapsed: timedelta
    due_at: datetime | None = None
    ended_at: datetime | None = None
    is_answered: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """How one clock of an issue stands."""

    subject: Subject
    standing: Standing
