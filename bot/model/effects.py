"""What should be true on GitHub. Every effect may be applied twice and then changes nothing."""

from dataclasses import dataclass
from typing import Literal

from bot.model.subjects import Subject

#: What Reeve says without words.
Reaction = Literal["eyes", "+1", "rocket", "confused", "-1"]


@dataclass(frozen=True, slots=True)
class SetLabels:
    """These labels (and this native issue type) should be on the subject, those should not."""

    subject: Subject
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    type: str | None = None
    current: tuple[str, ...] = ()
    kind: Literal["set_labels"] = "set_labels"

    @property
    def target(self) -> str:
        """The one place this effect writes to: a newer wish for the same place replaces an older one."""
        return f"{self.subject.key}/labels"


@dataclass(frozen=True, slots=True)
class StickyComment:
    """The subject should carry exactly one comment of Reeve's with this key, and this is its text."""

    subject: Subject
    body: str
    key: str = "status"
    may_exist: bool = False
    kind: Literal["sticky_comment"] = "sticky_comment"

    @property
    def target(self) -> str:
        """The one place this effect writes to."""
        return f"{self.subject.key}/comment/{self.key}"


@dataclass(frozen=True, slots=True)
class React:
    """Reeve should have reacted so to a comment: eyes on receipt, then +1, rocket, confused or -1."""

    subject: Subject
    comment_id: int
    content: Reaction
    kind: Literal["react"] = "react"

    @property
    def target(self) -> str:
        """The one place this effect writes to."""
        return f"{self.subject.key}/reaction/{self.comment_id}/{self.content}"


@dataclass(frozen=True, slots=True)
class Assign:
    """These people should be assigned to the subject, those should not."""

    subject: Subject
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    kind: Literal["assign"] = "assign"

    @property
    def target(self) -> str:
        """The one place this effect writes to."""
        return f"{self.subject.key}/assignees"


@dataclass(frozen=True, slots=True)
class Annotation:
    """A remark on lines of a file, both ends included, counted from 1."""

    path: str
    start_line: int
    end_line: int
    message: str
    level: Literal["notice", "warning", "failure"] = "failure"


@dataclass(frozen=True, slots=True)
class Button:
    """A button that a check shows; GitHub tells its name back when somebody presses it (at most 20, 40, 20 signs)."""

    label: str
    description: str
    name: str


@dataclass(frozen=True, slots=True)
class CheckRun:
    """The commit should carry this check of Reeve's. `conclusion` None means still in progress.

    Never `neutral` or `skipped`: branch protection takes both for success. `round` counts how often the check was
    asked for anew: each time it is made anew. One that is `bound_to` a pull request is written only while its commit is
    still the head there.
    """

    subject: Subject
    head_sha: str
    name: str
    conclusion: Literal["success", "failure", "action_required", "timed_out", "cancelled"] | None
    title: str
    summary: str
    annotations: tuple[Annotation, ...] = ()
    buttons: tuple[Button, ...] = ()
    round: int = 0
    bound_to: int | None = None
    kind: Literal["check_run"] = "check_run"

    @property
    def target(self) -> str:
        """The one place this effect writes to."""
        return f"{self.subject.key}/check/{self.name}/{self.head_sha}"


@dataclass(frozen=True, slots=True)
class KeepIssue:
    """The repository should have one open issue of Reeve's with this key, or (closed) none any more."""

    subject: Subject
    key: str
    title: str
    body: str
    is_open: bool = True
    kind: Literal["keep_issue"] = "keep_issue"

    @property
    def target(self) -> str:
        """The one place this effect writes to."""
        return f"{self.subject.key}/issue/{self.key}"


@dataclass(frozen=True, slots=True)
class LabelSpec:
    """A label as a repository should have it; the colour is six hexadecimal digits."""

    name: str
    color: str
    description: str


@dataclass(frozen=True, slots=True)
class EnsureLabels:
    """The repository should have labels of these names; existing ones keep their colour and description."""

    subject: Subject
    labels: tuple[LabelSpec, ...]
    kind: Literal["ensure_labels"] = "ensure_labels"

    @property
    def target(self) -> str:
        """The one place this effect writes to."""
        return f"{self.subject.key}/label-names"


@dataclass(frozen=True, slots=True)
class File:
    """A text file in a repository."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class OpenPull:
    """There should have been one pull request of Reeve's from this branch with these files, open or closed by now."""

    subject: Subject
    branch: str
    title: str
    body: str
    files: tuple[File, ...]
    kind: Literal["open_pull"] = "open_pull"

    @property
    def target(self) -> str:
        """The one place this effect writes to."""
        return f"{self.subject.key}/pull/{self.branch}"


@dataclass(frozen=True, slots=True)
class Dispatch:
    """A workflow should have been started once by hand on this branch, with these inputs.

    The nonce is what the run is known by: the workflow puts it into the run's title. GitHub takes 25 inputs at most.
    """

    subject: Subject
    workflow: str
    ref: str
    nonce: str
    inputs: tuple[tuple[str, str], ...] = ()
    kind: Literal["dispatch"] = "dispatch"

    @property
    def target(self) -> str:
        """The one place this effect writes to."""
        return f"{self.subject.key}/dispatch/{self.nonce}"


@dataclass(frozen=True, slots=True)
class CreateTag:
    """There should be a tag of this name at this commit; one that stands elsewhere is left where it is."""

    subject: Subject
    tag: str
    sha: str
    kind: Literal["create_tag"] = "create_tag"

    @property
    def target(self) -> str:
        """The one place this effect writes to."""
        return f"{self.subject.key}/tag/{self.tag}"


@dataclass(frozen=True, slots=True)
class PublishRelease:
    """The tag, which is there already, should have a published release; one that people have made stays as it is."""

    subject: Subject
    tag: str
    title: str
    body: str
    kind: Literal["publish_release"] = "publish_release"

    @property
    def target(self) -> str:
        """The one place this effect writes to."""
        return f"{self.subject.key}/release/{self.tag}"


@dataclass(frozen=True, slots=True)
class AnswerDeployment:
    """A run that waits to deploy to an environment should have this answer; `comment` is Markdown."""

    subject: Subject
    run_id: int
    environment: str
    state: Literal["approved", "rejected"]
    comment: str
    kind: Literal["answer_deployment"] = "answer_deployment"

    @property
    def target(self) -> str:
        """The one place this effect writes to."""
        return f"{self.subject.key}/deployment/{self.run_id}/{self.environment}"


Effect = (
    SetLabels
    | StickyComment
    | React
    | Assign
    | CheckRun
    | KeepIssue
    | EnsureLabels
    | OpenPull
    | Dispatch
    | CreateTag
    | PublishRelease
    | AnswerDeployment
)

#: The order of writes within one installation: what people wait for goes first (GitHub allows 80 a minute).
PRIORITY: dict[str, int] = {
    "react": 0,
    "answer_deployment": 3,
    "dispatch": 4,
    "check_run": 5,
    "create_tag": 6,
    "publish_release": 7,
    "ensure_labels": 8,
    "set_labels": 10,
    "assign": 10,
    "sticky_comment": 20,
    "keep_issue": 21,
    "open_pull": 30,
}

#: The place in that order behind all that a person waits for: what a clock wants begins here.
AFTER_ALL_COMMENTS = 22
