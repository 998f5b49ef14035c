"""Everything the sandbox knows: accounts, repositories, issues, installations. Pure data and look-ups."""

import hashlib
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from bot.sandbox.ci import MergeGroup, WorkflowRun
from bot.sandbox.clock import Clock
from bot.sandbox.published import Milestone, Published

Json = dict[str, Any]
AccountType = Literal["User", "Organization", "Bot"]

#: Repository roles from least to most, https://docs.github.com/organizations/managing-user-access-to-your-organizations-repositories
ROLES = ("none", "read", "triage", "write", "maintain", "admin")


@dataclass(slots=True, eq=False)
class Account:
    """A person, an organisation or a bot."""

    id: int
    login: str
    created_at: datetime
    type: AccountType = "User"


@dataclass(slots=True, eq=False)
class Label:
    """A label of one repository; issues hold the same object, so a rename shows everywhere."""

    id: int
    name: str
    color: str = "ededed"
    description: str | None = None
    default: bool = False


@dataclass(slots=True, eq=False)
class IssueType:
    """A native issue type of an organisation."""

    id: int
    name: str
    created_at: datetime
    description: str | None = None
    color: str | None = None


@dataclass(slots=True, eq=False)
class Reaction:
    """One emoji of one account under an issue or a comment."""

    id: int
    author: Account
    content: str
    created_at: datetime


@dataclass(slots=True, eq=False)
class Comment:
    """A comment on an issue or pull request. `by_app` says that the App itself wrote it."""

    id: int
    author: Account
    body: str
    created_at: datetime
    updated_at: datetime
    by_app: bool = False
    reactions: list[Reaction] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """Something that happened to an issue, for its timeline; comments are not in here: they stand for themselves."""

    id: int
    event: str
    by: Account
    at: datetime
    by_app: bool = False
    label: Label | None = None
    type: IssueType | None = None
    previous_type: IssueType | None = None
    assignee: Account | None = None
    renamed: tuple[str, str] | None = None
    state_reason: str | None = None
    milestone: Milestone | None = None


@dataclass(slots=True, eq=False)
class Pull:
    """What a pull request has beyond an issue."""

    id: int
    head_ref: str
    head_sha: str
    base_ref: str
    base_sha: str
    merged_at: datetime | None = None
    merged_by: Account | None = None
    merge_sha: str | None = None
    draft: bool = False
    #: Where its branch is, if that is a fork.
    head_repository: "Repository | None" = None
    #: What merging it would give: `refs/pull/N/merge`, by the two commits that it was made from.
    test_merge: "tuple[str, str, Commit] | None" = None


@dataclass(slots=True, eq=False)
class Issue:
    """An issue, or a pull request when `pull` is set."""

    id: int
    number: int
    title: str
    body: str | None
    author: Account
    created_at: datetime
    updated_at: datetime
    labels: list[Label] = field(default_factory=list)
    type: IssueType | None = None
    state: Literal["open", "closed"] = "open"
    state_reason: str | None = None
    closed_at: datetime | None = None
    closed_by: Account | None = None
    assignees: list[Account] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    reactions: list[Reaction] = field(default_factory=list)
    pull: Pull | None = None
    by_app: bool = False
    history: list[Past] = field(default_factory=list)
    is_locked: bool = False
    milestone: Milestone | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Commit:
    """A commit with its whole tree: path to content. Its id and its tree's are git's own."""

    sha: str
    message: str
    author: Account
    at: datetime
    files: Mapping[str, bytes]
    tree: str
    parents: tuple[str, ...] = ()

    @property
    def parent(self) -> str | None:
        """The commit before it; of a merge, the one that was merged into."""
        return self.parents[0] if self.parents else None


@dataclass(slots=True, eq=False)
class CheckSuite:
    """The checks of one App on one commit."""

    id: int
    head_sha: str
    created_at: datetime
    #: Whose they are, where not the App's own.
    app: "App | None" = None


@dataclass(slots=True, eq=False)
class CheckRun:
    """A check on a commit, with the annotations in the words in which they were sent."""

    id: int
    suite: CheckSuite
    name: str
    started_at: datetime
    external_id: str = ""
    details_url: str = ""
    status: str = "queued"
    conclusion: str | None = None
    completed_at: datetime | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: list[Json] = field(default_factory=list)
    #: The buttons that it shows.
    actions: list[Json] = field(default_factory=list)

    @property
    def head_sha(self) -> str:
        """The commit that was checked."""
        return self.suite.head_sha


@dataclass(frozen=True, slots=True, eq=False)
class Team:
    """A team of an organisation."""

    id: int
    slug: str
    created_at: datetime
    members: tuple[Account, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Environment:
    """A deployment environment of a repository, and the ids of the Apps that are asked before it is deployed to."""

    id: int
    name: str
    created_at: datetime
    protectors: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Required:
    """A check that a branch requires, by a ruleset or by branch protection, from one App or (None) from anybody."""

    branch: str
    context: str
    app_id: int | None
    is_rule: bool


@dataclass(slots=True, eq=False)
class Repository:
    """A repository: branches of commits, labels by lower-case name, issues and pull requests by number."""

    id: int
    owner: Account
    name: str
    created_at: datetime
    pushed_at: datetime
    private: bool = False
    default_branch: str = "main"
    branches: dict[str, str] = field(default_factory=dict)
    commits: dict[str, Commit] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    suites: dict[str, CheckSuite] = field(default_factory=dict)
    checks: dict[int, CheckRun] = field(default_factory=dict)
    runs: dict[int, WorkflowRun] = field(default_factory=dict)
    groups: list[MergeGroup] = field(default_factory=list)
    environments: list[Environment] = field(default_factory=list)
    required: list[Required] = field(default_factory=list)
    published: Published = field(default_factory=Published)
    #: What a fork was made from.
    parent: "Repository | None" = None
    #: Numbers that once were issues: where a transferred one went, `None` for a deleted one.
    gone: dict[int, "tuple[Repository, int] | None"] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """The owner and the name, as in `acme/model`."""
        return f"{self.owner.login}/{self.name}"

    def commit(self, ref: str | None = None) -> Commit | None:
        """Return the commit that a branch, a tag or a sha means; the default branch's without one."""
        wanted = (ref or self.default_branch).removeprefix("refs/")
        tagged = self.published.commit_of(wanted.removeprefix("tags/"))
        return self.commits.get(self.branches.get(wanted.removeprefix("heads/")) or tagged or wanted)

    def role_of(self, account: Account) -> str:
        """Return the account's role here: the given one, else `admin` for the owner, `read` if public."""
        if account is self.owner:
            return "admin"
        return self.roles.get(account.login.lower(), "none" if self.private else "read")

    def next_number(self) -> int:
        """Return the number that the next issue or pull request gets."""
        return max((*self.issues, *self.gone), default=0) + 1


@dataclass(slots=True, eq=False)
class Installation:
    """The App on one account, for the chosen repositories (`None` means all of the account's)."""

    id: int
    account: Account
    created_at: datetime
    permissions: dict[str, str]
    repository_ids: set[int] | None = None
    suspended_at: datetime | None = None
    suspended_by: Account | None = None


@dataclass(slots=True, eq=False)
class App:
    """The GitHub App that the sandbox knows: its id, key, hook and rights."""

    id: int
    slug: str
    owner: Account
    bot: Account
    hook_id: int
    created_at: datetime
    webhook_secret: str
    public_key_pem: bytes
    permissions: dict[str, str]
    events: tuple[str, ...]
    receiver: str | None = None
    content_type: Literal["json", "form"] = "json"
    checks_certificate: bool = True

    @property
    def client_id(self) -> str:
        """The client id, which may stand in a JWT instead of the numeric id."""
        return f"Iv23li{hashlib.sha256(str(self.id).encode()).hexdigest()[:14]}"


@dataclass(frozen=True, slots=True, eq=False)
class Happening:
    """Something that happened and that GitHub tells the App about; `extra` holds state objects to be rendered."""

    event: str
    action: str | None
    sender: Account
    repository: Repository | None = None
    installation: Installation | None = None
    extra: Json = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class State:
    """The whole of the sandbox's GitHub. Not thread-safe by itself: the desk's lock guards it."""

    clock: Clock
    app: App
    url: str = ""
    accounts: dict[str, Account] = field(default_factory=dict)
    issue_types: dict[str, list[IssueType]] = field(default_factory=dict)
    repositories: dict[int, Repository] = field(default_factory=dict)
    old_names: dict[str, int] = field(default_factory=dict)
    #: Whether a start by hand is answered with the run that it made; older servers do not.
    tells_runs: bool = True
    #: By organisation and slug, both in lower case.
    teams: dict[tuple[str, str], Team] = field(default_factory=dict)
    installations: dict[int, Installation] = field(default_factory=dict)
    listeners: list[Callable[[Happening], None]] = field(default_factory=list)
    #: Like GitHub's, ids of issues and comments do not fit 32 bits.
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(3_000_000_001))
    _small_ids: Iterator[int] = field(default_factory=lambda: itertools.count(41_000_001))
    _event_ids: Iterator[int] = field(default_factory=lambda: itertools.count(19_000_000_001))

    def next_id(self) -> int:
        """Return a fresh id for an issue, comment, label, reaction or delivery."""
        return next(self._ids)

    def next_small_id(self) -> int:
        """Return a fresh id for an account, repository or installation."""
        return next(self._small_ids)

    def next_event_id(self) -> int:
        """Return a fresh id for an entry of a timeline."""
        return next(self._event_ids)

    def tell(self, happening: Happening) -> None:
        """Pass what happened on to the listeners, at once, while the state still shows it."""
        for listener in self.listeners:
            listener(happening)

    def account(self, login: str, *, kind: AccountType = "User") -> Account:
        """Return the account with this login; it is created on first mention."""
        found = self.accounts.get(login.lower())
        if found is None:
            found = Account(self.next_small_id(), login, self.clock.now(), kind)
            self.accounts[login.lower()] = found
        return found

    def repository(self, full_name: str) -> Repository | None:
        """Return the repository that has this name now."""
        wanted = full_name.lower()
        return next((r for r in self.repositories.values() if r.full_name.lower() == wanted), None)

    def repositories_of(self, installation: Installation) -> list[Repository]:
        """Return the repositories that an installation reaches, in order of id."""
        chosen = installation.repository_ids
        return [
            repository
            for _, repository in sorted(self.repositories.items())
            if (repository.owner is installation.account if chosen is None else repository.id in chosen)
        ]

    def installation_of(self, repository: Repository) -> Installation | None:
        """Return the installation that reaches this repository, suspended or not."""
        return next((i for i in self.installations.values() if repository in self.repositories_of(i)), None)

    def issue_type(self, repository: Repository, name: str) -> IssueType | None:
        """Return the organisation's issue type with this name, whatever its case."""
        types = self.issue_types.get(repository.owner.login.lower(), [])
        return next((t for t in types if t.name.lower() == name.lower()), None)


def blob_sha(content: bytes) -> str:
    """Return git's own name for a file's content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
