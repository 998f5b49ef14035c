"""One release on its way, as it is remembered between two looks, and what people ask of it in comments."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bot.model.roles import Role
from bot.model.subjects import Subject

#: All releases of a repository are one subject, under this number: they are looked at one after the other.
RELEASES = -1


def releases_of(repository_id: int) -> Subject:
    """Return what stands for the releases of a repository, and for the runs of its suite."""
    return Subject(repository_id, RELEASES)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asked for in a comment, with the role that GitHub gave just then.

    `given` are the arguments by the names of their parameters. `head_sha` is the head of the pull request that it
    stands under, None on an issue.
    """

    subject: Subject
    comment_id: int
    verb: str
    given: tuple[tuple[str, str], ...]
    by: str
    user_id: int
    role: Role | None
    written_at: datetime
    language: str
    head_sha: str | None = None

    def get(self, name: str) -> str | None:
        """Return the value of an argument; None where it was left out."""
        return next((value for each, value in self.given if each == name), None)


class Stage(StrEnum):
    """Where a release is: due and nobody asked yet, under way, out, or given up."""

    SUGGESTED = "suggested"
    OPEN = "open"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class Fate(StrEnum):
    """What became of a run of the suite that was asked for."""

    WAITING = "waiting"
    TAKEN = "taken"
    REFUSED = "refused"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A run of the suite that was asked for: two commits, and a nonce that nobody can guess.

    `pairs` is how many pairs of launches were asked for, None for the profile's own number. `flaw` says why what it
    handed over was refused, or why there is nothing. A run that is `dropped` counts no more.
    """

    nonce: str
    head: str
    base: str
    profile: str
    at: datetime
    pairs: int | None = None
    tp: str = ""
    run_id: int | None = None
    url: str = ""
    fate: Fate = Fate.WAITING
    flaw: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    """Somebody's approval of one commit, with the role that they had."""

    user_id: int
    login: str
    role: Role | None
    sha: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Waiver:
    """A case of the suite that somebody answers for on one commit, up to the end of a day if one is named."""

    case: str
    reason: str
    until: date | None
    by: str
    sha: str

    def holds(self, sha: str, today: date) -> bool:
        """Say whether it counts for this commit today."""
        return self.sha == sha and (self.until is None or today <= self.until)


@dataclass(frozen=True, slots=True)
class Train:
    """A release: what was asked for, the candidate since when, and all that was found and said about it.

    `is_cut` says that its number was named outright, so that no calendar holds it up; else it does not go out before
    `due`. `voided` is the commit that the candidate was before it moved. `digest` is the fingerprint of what was wanted
    on GitHub last.
    """

    version: str
    step: str
    ref: str
    sha: str
    since: datetime
    base_tag: str
    base_sha: str
    by: str
    language: str
    opened_at: datetime
    stage: Stage = Stage.OPEN
    due: datetime | None = None
    is_cut: bool = False
    attempts: tuple[Attempt, ...] = ()
    words: tuple[Word, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    voided: str = ""
    digest: str = ""

    @property
    def key(self) -> str:
        """What tells its issue from every other of Reeve's."""
        return f"release-{self.version}"

    @property
    def latest(self) -> Attempt | None:
        """The run that counts for the candidate: the last one that was not dropped."""
        ours = (each for each in reversed(self.attempts) if each.head == self.sha and each.fate is not Fate.DROPPED)
        return next(ours, None)


@dataclass(frozen=True, slots=True)
class Bench:
    """A run of the suite that somebody asked for on a pull request."""

    number: int
    comment_id: int
    by: str
    language: str
    attempt: Attempt
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """A result that was accepted once, as it is kept: it is never changed and never accepted again.

    `content` is the document as it came, `digest` the SHA-256 of its content, `environment` that of where it was made.
    """

    nonce: str
    head: str
    base: str
    version: str
    run_id: int
    attempt: int
    digest: str
    environment: str
    content: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Deployment:
    """A run that waits for leave to deploy this commit to an environment."""

    environment: str
    run_id: int
    sha: str
    ref: str
    by: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What is to be remembered of one look: changed releases, runs on pull requests, results, answered deployments.

    Runs that are over are named by their pull requests in `done`.
    """

    trains: tuple[Train, ...] = ()
    benches: tuple[Bench, ...] = ()
    done: tuple[int, ...] = ()
    taken: tuple[Taken, ...] = ()
    answered: tuple[Deployment, ...] = ()
