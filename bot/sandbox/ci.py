"""What GitHub Actions and merge queues keep: workflow runs with their artifacts, and groups that are to be merged."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from bot.sandbox.state import Account, Repository

#: How a run ended, in GitHub's words.
Conclusion = Literal["success", "failure", "cancelled", "timed_out", "action_required", "skipped"]


@dataclass(slots=True, eq=False)
class Artifact:
    """A file that a run handed over; `content` is the zip that GitHub makes of it."""

    id: int
    name: str
    content: bytes
    created_at: datetime
    is_expired: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """What is run: a commit, the branch that it was on, and whose that branch is."""

    sha: str
    branch: str
    repository: "Repository"


@dataclass(slots=True, eq=False)
class WorkflowRun:
    """One run of a workflow; the same run again is its next attempt."""

    id: int
    number: int
    path: str
    event: str
    head: Head
    actor: "Account"
    created_at: datetime
    started_at: datetime
    updated_at: datetime
    suite_id: int
    attempt: int = 1
    status: Literal["queued", "in_progress", "waiting", "completed"] = "queued"
    conclusion: Conclusion | None = None
    artifacts: list[Artifact] = field(default_factory=list)
    #: What the list of runs shows, where it is not the commit's message.
    title: str | None = None
    #: What it was given when it was started by hand.
    inputs: Mapping[str, str] = field(default_factory=dict)

    @property
    def head_sha(self) -> str:
        """The commit that it runs on."""
        return self.head.sha

    @property
    def name(self) -> str:
        """The workflow's name, here that of its file."""
        return self.path.rpartition("/")[2].rpartition(".")[0]


@dataclass(slots=True, eq=False)
class MergeGroup:
    """What a merge queue is about to merge: a commit on a branch of its own."""

    head_sha: str
    head_ref: str
    base_sha: str
    base_ref: str
    numbers: tuple[int, ...]


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return files as the zip that GitHub makes of an artifact."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()
