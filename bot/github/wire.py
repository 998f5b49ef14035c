"""The parts of GitHub's JSON that Reeve reads, as types, and what they mean in Reeve's own words.

Unknown fields are skipped, wrong types are refused: a boolean is no number, an id lies within 64 bits.
Field meanings: https://docs.github.com/en/webhooks/webhook-events-and-payloads and the REST reference for issues.
"""

import re
from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta, Struct

from bot.model.errors import GitHubDown, Malformed
from bot.model.facts import Comment as CommentFact
from bot.model.facts import Issue, PullRequest
from bot.model.roles import Role
from bot.model.subjects import Actor, Repository, Subject

Id = Annotated[int, Meta(ge=1, le=2**63 - 1)]
Number = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Count = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Moment = Annotated[datetime, Meta(tz=True)]
Sha = Annotated[str, Meta(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$")]

_FULL_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}/(?!\.{1,2}\Z)[A-Za-z0-9_.-]{1,100}")
_SURROGATES = re.compile("[\ud800-\udfff]")


_ISSUE_URL = re.compile(r"/issues/([0-9]{1,10})\Z")
_ROLES = {role.name.lower(): role for role in Role}

#: What GitHub folds roles into: the plain role, and the highest that it may stand for.
_FOLDED = {
    "admin": (Role.ADMIN, Role.ADMIN),
    "write": (Role.WRITE, Role.MAINTAIN),
    "read": (Role.READ, Role.TRIAGE),
}


class HasId(Struct):
    """Anything of which only the id matters."""

    id: Id


class Account(Struct):
    """A user, a bot or an organisation."""

    id: Id
    login: str
    type: str = "User"


class Owner(Struct):
    """A repository's owner; push events may leave out the login."""

    login: str | None = None
    type: str | None = None


class RepositoryShape(Struct):
    """A repository as deliveries carry it."""

    id: Id
    full_name: str
    default_branch: str | None = None
    owner: Owner | None = None


class Label(Struct):
    """A label on an issue."""

    name: str | None = None


class IssueType(Struct):
    """An organisation's native issue type."""

    name: str
    is_enabled: bool = True


class Milestone(Struct):
    """A milestone that an issue may belong to."""

    title: str | None = None


class IssueShape(Struct):
    """An issue as deliveries and the REST API carry it. `pull_request` is only there when it is one."""

    number: Number
    title: str
    created_at: Moment
    updated_at: Moment
    body: str | None = None
    user: Account | None = None
    labels: list[Label | str] = []
    type: IssueType | None = None
    state: str = "open"
    comments: Count = 0
    closed_at: Moment | None = None
    pull_request: dict[str, object] | None = None


class App(Struct):
    """The App that wrote something."""

    id: Id


class AppShape(Struct):
    """The App, as it is told about itself."""

    id: Id
    slug: str
    permissions: dict[str, str] = {}
    events: list[str] = []


class Comment(Struct):
    """A comment on an issue or pull request, as far as Reeve looks for its own."""

    id: Id
    body: str | None = None
    performed_via_github_app: App | None = None


class CommentShape(Struct):
    """A comment as deliveries and the REST API carry it; `issue_url` ends in the issue's number."""

    id: Id
    created_at: Moment
    updated_at: Moment
    body: str | None = None
    user: Account | None = None
    issue_url: str = ""
    performed_via_github_app: "App | None" = None


class PermissionShape(Struct):
    """What an account may do; `role_name` may be one that the organisation made up."""

    permission: str
    role_name: str = ""
    user: HasId | None = None


class OwnIssue(Struct):
    """An issue, as far as Reeve looks for its own."""

    number: Number
    title: str = ""
    body: str | None = None
    state: str = "open"
    performed_via_github_app: App | None = None


class PullEnd(Struct):
    """One end of a pull request; the repository is gone where a fork was deleted."""

    ref: str
    sha: Sha
    repo: HasId | None = None


class PullShape(Struct):
    """A pull request as deliveries and the REST API carry it."""

    number: Number
    title: str
    head: PullEnd
    base: PullEnd
    created_at: Moment
    updated_at: Moment
    body: str | None = None
    user: Account | None = None
    labels: list[Label | str] = []
    state: str = "open"
    draft: bool = False
    merged_at: Moment | None = None


class OwnPull(Struct):
    """A pull request, as far as Reeve looks for its own."""

    number: Number
    head: PullEnd


class CheckOutput(Struct):
    """What a check run shows."""

    title: str | None = None
    summary: str | None = None
    annotations_count: Count = 0


class CheckRunShape(Struct):
    """A check run."""

    id: Id
    status: str
    output: CheckOutput
    conclusion: str | None = None
    external_id: str | None = None
    app: App | None = None


class CheckRuns(Struct):
    """A page of check runs."""

    check_runs: list[CheckRunShape]


class AnnotationShape(Struct):
    """An annotation of a check run."""

    path: str
    start_line: int
    end_line: int
    annotation_level: str | None = None
    message: str | None = None


class GitObject(Struct):
    """What a git reference points at."""

    sha: Sha


class GitRef(Struct):
    """A git reference."""

    object: GitObject


class FileShape(Struct):
    """A file, as the contents API gives it."""

    type: str
    sha: str = ""
    size: Count = 0
    encoding: str | None = None
    content: str | None = None


def check_full_name(name: str) -> None:
    """Raise `Malformed` unless this is `owner/name`: it becomes part of addresses."""
    if _FULL_NAME.fullmatch(name) is None:
        raise Malformed("repository.full_name is not owner/name")


def clean(text: str) -> str:
    """Return text that every database and encoder takes: without NUL, lone surrogates replaced by U+FFFD."""
    return _SURROGATES.sub("\ufffd", text.replace("\x00", ""))


def actor(account: Account | None) -> Actor | None:
    """Return whose account this is; None for a deleted one."""
    if account is None:
        return None
    return Actor(account.id, clean(account.login), is_bot=account.type == "Bot")


def is_by(app: App | None, app_id: int) -> bool:
    """Say whether this App wrote it."""
    return app is not None and app.id == app_id


def issue(shape: IssueShape, repository_id: int) -> Issue:
    """Return the issue in Reeve's words; an empty body is the empty text."""
    return Issue(
        subject=Subject(repository_id, shape.number),
        title=clean(shape.title),
        body=clean(shape.body or ""),
        author=actor(shape.user),
        labels=label_names(shape.labels),
        type=clean(shape.type.name) if shape.type else None,
        is_open=shape.state != "closed",
        comments=shape.comments,
        created_at=utc(shape.created_at),
        updated_at=utc(shape.updated_at),
    )


def pull(shape: PullShape, repository_id: int) -> PullRequest:
    """Return the pull request in Reeve's words; an empty body is the empty text."""
    return PullRequest(
        subject=Subject(repository_id, shape.number),
        title=clean(shape.title),
        body=clean(shape.body or ""),
        author=actor(shape.user),
        labels=label_names(shape.labels),
        head_sha=shape.head.sha,
        head_ref=clean(shape.head.ref),
        head_repository_id=shape.head.repo.id if shape.head.repo else None,
        base_sha=shape.base.sha,
        base_ref=clean(shape.base.ref),
        is_open=shape.state != "closed",
        is_draft=shape.draft,
        is_merged=shape.merged_at is not None,
        created_at=utc(shape.created_at),
        updated_at=utc(shape.updated_at),
    )


def comment(shape: CommentShape) -> CommentFact:
    """Return the comment in Reeve's words."""
    return CommentFact(
        id=shape.id,
        body=clean(shape.body or ""),
        author=actor(shape.user),
        created_at=utc(shape.created_at),
        updated_at=utc(shape.updated_at),
    )


def number_of(shape: CommentShape) -> int:
    """Return the number of the issue or pull request that a comment stands under."""
    found = _ISSUE_URL.search(shape.issue_url)
    if found is None:
        raise GitHubDown("an answer that cannot be read: a comment names no issue")
    return int(found[1])


def role(shape: PermissionShape) -> Role:
    """Return the role: by its name where GitHub made it, else by what GitHub folds it into, and never above that."""
    most = _FOLDED.get(shape.permission, (Role.NONE, Role.NONE))
    named = _ROLES.get(shape.role_name)
    return most[0] if named is None else min(named, most[1])


def label_names(labels: list[Label | str]) -> frozenset[str]:
    """Return the names of these labels."""
    names = (label if isinstance(label, str) else label.name for label in labels)
    return frozenset(clean(name) for name in names if name)


def repository(shape: RepositoryShape, installation_id: int, *, organization: str | None = None) -> Repository:
    """Return the repository as this installation sees it; `organization` where the delivery names it separately."""
    check_full_name(shape.full_name)
    if organization is None and shape.owner is not None and shape.owner.type == "Organization":
        organization = shape.owner.login
    return Repository(
        id=shape.id,
        full_name=shape.full_name,
        installation_id=installation_id,
        default_branch=clean(shape.default_branch or "main"),
        organization=clean(organization) if organization else None,
    )


def utc(moment: datetime) -> datetime:
    """Return a moment as UTC; raise `Malformed` for one outside of what can be counted."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise Malformed("a date is out of range") from None
