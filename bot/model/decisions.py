"""What is written down of one trip along the road, in one transaction: the why, the what, and what to remember."""

from dataclasses import dataclass
from datetime import date, datetime

from bot.model.effects import Effect
from bot.model.facts import Memory
from bot.model.subjects import Repository, Subject
from bot.model.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Push:
    """The head of a pull request from this moment on."""

    head_sha: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Override:
    """A person answers for a gate on one commit, for a stated reason and until the end of a day."""

    subject: Subject
    gate: str
    head_sha: str | None
    reason: str
    until: date | None
    by: str


@dataclass(frozen=True, slots=True)
class Decision:
    """One judgement of one subject: the verdicts, the effects they want, and the digests that make it checkable.

    `comments` are those whose commands were judged with it: they are not judged again.
    """

    repository: Repository
    subject: Subject
    verdicts: tuple[Verdict, ...]
    effects: tuple[Effect, ...]
    memory: Memory
    config_digest: str
    facts_digest: str
    wake_at: datetime | None = None
    comments: tuple[int, ...] = ()
    overrides: tuple[Override, ...] = ()


@dataclass(frozen=True, slots=True)
class PendingEffect:
    """An effect that is to be applied now, under a lease."""

    id: int
    repository: Repository
    effect: Effect
    attempts: int
    remote_id: int | None
