"""Everything that can happen, one variant each. An event only says where to look."""

from dataclasses import dataclass

from bot.model.facts import Comment, Issue, PullRequest
from bot.model.forge import Entry
from bot.model.runs import MergeGroup, Run
from bot.model.subjects import Actor, Repository, Subject
from bot.model.trains import Asked

#: The action of an issue that was found to have changed: nobody had said so.
SWEPT = "swept"


@dataclass(frozen=True, slots=True)
class IssueChanged:
    """Something about an issue is different: opened, edited, labelled, typed, closed, reopened, commented on.

    `entries` are what the delivery adds to the issue's past.
    """

    action: str
    repository: Repository
    issue: Issue
    sender: Actor | None
    entries: tuple[Entry, ...] = ()

    @property
    def subject(self) -> Subject:
        """The issue that changed."""
        return self.issue.subject


@dataclass(frozen=True, slots=True)
class CommentGiven:
    """A comment that may hold a command was written, edited or deleted, under an issue or a pull request.

    `issue` shows a pull request as an issue, without its commits; `sender` is who acted, not always who wrote.
    """

    action: str
    repository: Repository
    issue: Issue
    comment: Comment
    sender: Actor | None
    is_pull_request: bool
    entries: tuple[Entry, ...] = ()

    @property
    def subject(self) -> Subject:
        """The issue or pull request that it stands under."""
        return self.issue.subject


@dataclass(frozen=True, slots=True)
class PullRequestChanged:
    """A pull request was opened, pushed to, edited, made ready, closed or reopened."""

    action: str
    repository: Repository
    pull: PullRequest
    sender: Actor | None

    @property
    def subject(self) -> Subject:
        """The pull request that changed."""
        return self.pull.subject


@dataclass(frozen=True, slots=True)
class ConfigChanged:
    """A push to the default branch touched (or may have touched) the policy file."""

    repository: Repository

    @property
    def subject(self) -> Subject:
        """The repository itself."""
        return Subject(self.repository.id, 0)


@dataclass(frozen=True, slots=True)
class RefMoved:
    """The default branch or a tag leads elsewhere now; a push that may have touched the policy file is `ConfigChanged`.

    `ref` is the full name, such as `refs/tags/v1.2.0`; a commit of zeros stands for none.
    """

    repository: Repository
    ref: str
    before: str
    after: str

    @property
    def subject(self) -> Subject:
        """The repository itself."""
        return Subject(self.repository.id, 0)


@dataclass(frozen=True, slots=True)
class InstallationChanged:
    """The App was installed, suspended, resumed or removed, or repositories were added to or taken from it.

    The deliveries name no default branch: in `added` it is a guess until GitHub is asked for the repository.
    """

    action: str
    installation_id: int
    added: tuple[Repository, ...] = ()
    removed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class RepositoryAdded:
    """The App reaches a repository that it did not reach before."""

    repository: Repository

    @property
    def subject(self) -> Subject:
        """The repository itself."""
        return Subject(self.repository.id, 0)


@dataclass(frozen=True, slots=True)
class RunChanged:
    """A workflow run is over, or its next attempt begins. Which pull requests it is about, its head commit tells."""

    repository: Repository
    run: Run

    @property
    def subject(self) -> Subject:
        """The repository itself."""
        return Subject(self.repository.id, 0)


@dataclass(frozen=True, slots=True)
class ChecksWanted:
    """Somebody wants the checks of a commit made again, by GitHub's own buttons or by one that a check shows."""

    repository: Repository
    head_sha: str
    button: str
    sender: Actor | None

    @property
    def subject(self) -> Subject:
        """The repository itself."""
        return Subject(self.repository.id, 0)


@dataclass(frozen=True, slots=True)
class MergeGroupChanged:
    """A merge queue wants the checks of what it put together, or has given it up."""

    action: str
    repository: Repository
    group: MergeGroup

    @property
    def subject(self) -> Subject:
        """The repository itself."""
        return Subject(self.repository.id, 0)


@dataclass(frozen=True, slots=True)
class DeploymentAsked:
    """A run wants to deploy to an environment and waits until Reeve answers.

    `sha` and `ref` are what is to be deployed; `requested_by` is who set the run off.
    """

    repository: Repository
    environment: str
    run_id: int
    sha: str
    ref: str
    requested_by: Actor | None

    @property
    def subject(self) -> Subject:
        """The repository itself."""
        return Subject(self.repository.id, 0)


@dataclass(frozen=True, slots=True)
class GatesDue:
    """The gates of a pull request, or of a merge group that ends with it, are to be judged as things stand now.

    `pull` is a snapshot where there was one. `is_anew` says that somebody asked for it: what was found before is not
    enough then.
    """

    repository: Repository
    subject: Subject
    pull: PullRequest | None = None
    group_sha: str | None = None
    is_anew: bool = False


@dataclass(frozen=True, slots=True)
class ReleaseDue:
    """The releases of a repository, and the runs of its suite, are to be looked at as things stand now.

    `asked` is what a person wants of them, where somebody does.
    """

    repository: Repository
    subject: Subject
    asked: Asked | None = None


@dataclass(frozen=True, slots=True)
class LookAgain:
    """A timer is due, or a sweep passed by: the subject is to be read afresh and judged as it is now."""

    repository: Repository
    subject: Subject


@dataclass(frozen=True, slots=True)
class DigestDue:
    """The list of what is late in a repository is to be made anew."""

    repository: Repository

    @property
    def subject(self) -> Subject:
        """The repository itself."""
        return Subject(self.repository.id, 0)


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing for Reeve to do, and why: an unknown event, an action without a rule, Reeve's own doing."""

    reason: str


Event = (
    IssueChanged
    | CommentGiven
    | PullRequestChanged
    | ConfigChanged
    | RefMoved
    | InstallationChanged
    | RepositoryAdded
    | RunChanged
    | ChecksWanted
    | MergeGroupChanged
    | DeploymentAsked
    | GatesDue
    | ReleaseDue
    | LookAgain
    | DigestDue
    | Ignored
)
