"""Everything that can happen, one variant each. An event only says where to look."""

from dataclasses import dataclass

from bot.model.facts import Issue
from bot.model.subjects import Actor, Repository, Subject


@dataclass(frozen=True, slots=True)
class IssueChanged:
    """Something about an issue is different: opened, edited, labelled, typed, closed, reopened."""

    action: str
    repository: Repository
    issue: Issue
    sender: Actor | None

    @property
    def subject(self) -> Subject:
        """The issue that changed."""
        return self.issue.subject


@dataclass(frozen=True, slots=True)
class ConfigChanged:
    """A push to the default branch touched (or may have touched) the policy file."""

    repository: Repository

    @property
    def subject(self) -> Subject:
        """The repository itself."""
        return Subject(self.repository.id, 0)


@dataclass(frozen=True, slots=True)
class InstallationChanged:
    """The App was installed, suspended, resumed or removed, or repositories were added to or taken from it."""

    action: str
    installation_id: int
    added: tuple[Repository, ...] = ()
    removed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class LookAgain:
    """A timer is due, or a sweep passed by: the subject is to be read afresh and judged as it is now."""

    repository: Repository
    subject: Subject


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing for Reeve to do, and why: an unknown event, an action without a rule, Reeve's own doing."""

    reason: str


Event = IssueChanged | ConfigChanged | InstallationChanged | LookAgain | Ignored
