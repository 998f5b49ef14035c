"""What is written down of one trip along the road, in one transaction: the why, the what, and what to remember."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from bot.model.effects import Effect
from bot.model.facts import Memory
from bot.model.gates import Judged
from bot.model.past import Learnt
from bot.model.subjects import Repository, Subject
from bot.model.timeline import Standing
from bot.model.trains import Asked, Kept
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
class Answered:
    """A comment whose commands were judged: who gave them when, and which places they touched.

    `actor_id` is 0 where nothing in it was for Reeve: that counts for nobody.
    """

    comment_id: int
    actor_id: int
    written_at: datetime
    touched: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Decision:
    """One judgement of one subject: the verdicts, the effects they want, and the digests that make it checkable.

    `comments` are those whose commands were judged with it: they are not judged again. `learnt` is what came to be
    known of the subject's past, and `standings` how its clocks stand after it. No effect of it goes out before what is
    of a lower `rank`: what a clock wants waits for what a person waits for. `judged` is how the gates came out, where
    they were judged, and `gates_at` when they are to be judged again. `digest_at` is when the repository's digest is
    due at the latest: an earlier time that was set before stays.
    """

    repository: Repository
    subject: Subject
    verdicts: tuple[Verdict, ...]
    effects: tuple[Effect, ...]
    memory: Memory
    config_digest: str
    facts_digest: str
    wake_at: datetime | None = None
    comments: tuple[Answered, ...] = ()
    overrides: tuple[Override, ...] = ()
    learnt: Learnt = field(default_factory=Learnt)
    standings: tuple[Standing, ...] = ()
    rank: int = 0
    digest_at: datetime | None = None
    judged: Judged | None = None
    gates_at: datetime | None = None
    asked: tuple[Asked, ...] = ()
    releases: Kept = field(default_factory=Kept)


def joined(one: Decision, other: Decision) -> Decision:
    """Return one decision with what another of the same subject wants besides."""
    times = [each.digest_at for each in (one, other) if each.digest_at is not None]
    verdicts, effects = one.verdicts + other.verdicts, one.effects + other.effects
    return replace(one, verdicts=verdicts, effects=effects, digest_at=min(times, default=None))


@dataclass(frozen=True, slots=True)
class PendingEffect:
    """An effect that is to be applied now, under a lease."""

    id: int
    repository: Repository
    effect: Effect
    attempts: int
    remote_id: int | None
