"""Workflow runs and what they hand over: where the evidence for a commit comes from."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Run:
    """One attempt of one run of a workflow, as GitHub last showed it.

    GitHub names the head commit, branch and repository, never the pull request: for a fork it does not tell which one
    it is. `head_repository_id` is None where the fork was deleted; `conclusion` is None until the attempt is over.
    `title` is what the list of runs shows: the workflow's `run-name`, or what caused the run.
    """

    id: int
    attempt: int
    path: str
    event: str
    head_sha: str
    head_ref: str
    head_repository_id: int | None
    conclusion: str | None
    started_at: datetime
    url: str = ""
    title: str = ""

    @property
    def is_over(self) -> bool:
        """Whether this attempt has ended, however it did."""
        return self.conclusion is not None

    @property
    def order(self) -> tuple[int, int]:
        """What makes one newer than another: a later run, or a later attempt of the same."""
        return (self.id, self.attempt)


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file that a run handed over, as a zip of GitHub's. `digest` is the SHA-256 of that, or None where not told."""

    id: int
    name: str
    size: int
    digest: str | None
    created_at: datetime
    is_expired: bool = False


@dataclass(frozen=True, slots=True)
class MergeGroup:
    """What a merge queue is about to merge: `base_sha` is what it stands on, `number` the last pull request in it.

    `at` is when Reeve heard of it.
    """

    head_sha: str
    head_ref: str
    base_sha: str
    base_ref: str
    number: int
    at: datetime | None = None
