"""Deliveries: a quick look for the web process (`peek`), and the strict reading for the worker (`parse`).

Imported on the request path, so PyGithub stays out of here.
"""

import re
from dataclasses import replace
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from bot.github import strict, wire
from bot.model.errors import Malformed
from bot.model.events import ConfigChanged, Event, Ignored, InstallationChanged, IssueChanged
from bot.model.subjects import Identity, Lane, Repository

Shape = TypeVar("Shape")

POLICY_FILE = ".github/reeve.yml"

#: GitHub lists at most this many commits in one push event.
MAX_COMMITS = 2048

#: What can change a triage or SLA verdict. Locking, pinning and milestones cannot.
ISSUE_ACTIONS = (
    frozenset({"opened", "edited", "closed", "reopened", "transferred", "deleted"})
    | frozenset({"labeled", "unlabeled", "typed", "untyped", "assigned", "unassigned"})
)  # fmt: skip
INSTALLATION_ACTIONS = {
    "installation": frozenset(("created", "deleted", "suspend", "unsuspend", "new_permissions_accepted")),
    "installation_repositories": frozenset(("added", "removed")),
}

#: These actions say whether the issue is open; that holds even beside a snapshot taken too early to show it.
_IS_OPEN = {"closed": False, "reopened": True}

_COMMAND = re.compile(r"^ {0,3}(?:/[a-z]|@reeve\b)", re.MULTILINE | re.IGNORECASE)


class Peek(Struct, frozen=True):
    """What the web process needs to file a delivery. `subject` is "" and an id 0 where there is none.

    A msgspec structure rather than a dataclass: it is built once per request, nine times as fast.
    """

    lane: Lane
    subject: str
    installation_id: int
    is_relevant: bool
    sender_id: int = 0


class _Present(Struct):
    """An object that is there; what it holds is skipped."""


class _Numbered(Struct):
    number: wire.Number
    pull_request: _Present | None = None


class _Writer(Struct):
    type: str = "User"


class _Said(Struct):
    body: str | None = None
    user: _Writer | None = None


class _Glance(Struct):
    """The fields common to all deliveries; subclasses name the subject."""

    action: str | None = None
    installation: wire.HasId | None = None
    sender: wire.HasId | None = None


class _Place(Struct):
    id: wire.Id
    full_name: str
    default_branch: str | None = None


class _RepositoryGlance(_Glance):
    repository: _Place | None = None


class _IssueGlance(_RepositoryGlance, kw_only=True):
    issue: _Numbered


class _CommentGlance(_IssueGlance, kw_only=True):
    comment: _Said


class _PullGlance(_RepositoryGlance, kw_only=True):
    pull_request: _Numbered


class _PushGlance(_RepositoryGlance, kw_only=True):
    ref: str
    deleted: bool = False


_GLANCES: dict[str, msgspec.json.Decoder[Any]] = {
    "issues": msgspec.json.Decoder(_IssueGlance),
    "issue_comment": msgspec.json.Decoder(_CommentGlance),
    "push": msgspec.json.Decoder(_PushGlance),
    "pull_request": msgspec.json.Decoder(_PullGlance),
    "pull_request_review": msgspec.json.Decoder(_PullGlance),
    "pull_request_review_comment": msgspec.json.Decoder(_PullGlance),
    "pull_request_review_thread": msgspec.json.Decoder(_PullGlance),
}
_ANY_GLANCE: msgspec.json.Decoder[Any] = msgspec.json.Decoder(_Glance)


def peek(event: str, body: bytes, content_type: str) -> Peek:
    """Return how to file a delivery, reading only the fields that say so; raise `Malformed` with the reason.

    Duplicate keys and the depth of what is skipped are left to `parse`: this runs once per request.
    """
    text = strict.payload(body, content_type)
    strict.check_utf8(text)
    try:
        glance = _GLANCES.get(event, _ANY_GLANCE).decode(text)
    except RecursionError:
        raise Malformed("nested too deeply") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed(_one_line(error)) from None
    return _filed(event, glance)


def _filed(event: str, glance: _Glance) -> Peek:
    place = glance.repository if isinstance(glance, _RepositoryGlance) else None
    if place is not None:
        wire.check_full_name(place.full_name)
    return Peek(
        _lane(glance),
        f"{place.id}#{_number(glance)}" if place is not None else "",
        glance.installation.id if glance.installation is not None else 0,
        glance.installation is not None and _is_relevant(event, glance, place),
        glance.sender.id if glance.sender is not None else 0,
    )


def _number(glance: _Glance) -> int:
    if isinstance(glance, _IssueGlance):
        return glance.issue.number
    return glance.pull_request.number if isinstance(glance, _PullGlance) else 0


def _lane(glance: _Glance) -> Lane:
    if isinstance(glance, _CommentGlance) and _is_command(glance.comment):
        return Lane.COMMAND
    if isinstance(glance, _PullGlance) or (isinstance(glance, _IssueGlance) and glance.issue.pull_request is not None):
        return Lane.PULL_REQUEST
    return Lane.ISSUE


def _is_command(comment: _Said) -> bool:
    is_bot = comment.user is not None and comment.user.type == "Bot"
    return not is_bot and comment.body is not None and _COMMAND.search(comment.body) is not None


def _is_relevant(event: str, glance: _Glance, place: _Place | None) -> bool:
    if event in INSTALLATION_ACTIONS:
        return glance.action in INSTALLATION_ACTIONS[event]
    if place is None:
        return False
    if isinstance(glance, _CommentGlance):
        return glance.action == "created" and glance.issue.pull_request is None
    if isinstance(glance, _IssueGlance):
        return glance.action in ISSUE_ACTIONS
    return isinstance(glance, _PushGlance) and not glance.deleted and glance.ref == _branch_ref(place.default_branch)


def _branch_ref(branch: str | None) -> str:
    return f"refs/heads/{branch or 'main'}"


def _one_line(error: Exception) -> str:
    """Return what is wrong without quoting the payload: the reason is stored, logged and shown."""
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__


class _Delivery(Struct):
    """A whole delivery about a repository."""

    action: str = ""
    installation: wire.HasId | None = None
    repository: wire.RepositoryShape | None = None
    organization: wire.Owner | None = None
    sender: wire.Account | None = None

    def place(self) -> Repository | None:
        """Return the repository as the installation sees it; None when either is not named."""
        if self.installation is None or self.repository is None:
            return None
        organization = self.organization.login if self.organization else None
        return wire.repository(self.repository, self.installation.id, organization=organization)


class _IssueDelivery(_Delivery, kw_only=True):
    issue: wire.IssueShape


class _Commit(Struct):
    added: list[str] = []
    modified: list[str] = []
    removed: list[str] = []


class _PushDelivery(_Delivery, kw_only=True):
    ref: str
    created: bool = False
    deleted: bool = False
    forced: bool = False
    commits: list[_Commit] = []


class _Installation(Struct):
    id: wire.Id
    account: wire.Owner | None = None


class _InstallationDelivery(Struct, kw_only=True):
    action: str
    installation: _Installation
    sender: wire.Account | None = None
    repositories: list[wire.RepositoryShape] = []
    repositories_added: list[wire.RepositoryShape] = []
    repositories_removed: list[wire.RepositoryShape] = []


def parse(event: str, body: bytes, content_type: str, me: Identity) -> Event:
    """Return what a delivery says, read strictly; raise `Malformed` with a one-line reason.

    What Reeve did itself comes back as a delivery too and is `Ignored`, or it would answer itself for ever.
    """
    data = strict.decode(strict.payload(body, content_type))
    match event:
        case "issues":
            return _issues(_read(data, _IssueDelivery), me)
        case "issue_comment":
            return _issue_comment(_read(data, _IssueDelivery), me)
        case "push":
            return _push(_read(data, _PushDelivery), me)
        case "installation" | "installation_repositories":
            return _installation(_read(data, _InstallationDelivery), event)
        case _:
            return Ignored("no rule for this event")


def _read(data: dict[str, Any], shape: type[Shape]) -> Shape:
    try:
        return msgspec.convert(data, shape)
    except msgspec.ValidationError as error:
        raise Malformed(_one_line(error)) from None


def _is_me(sender: wire.Account | None, me: Identity) -> bool:
    return sender is not None and (sender.id == me.user_id or sender.login.casefold() == me.login.casefold())


def _issues(delivery: _IssueDelivery, me: Identity) -> Event:
    if delivery.action not in ISSUE_ACTIONS:
        return Ignored("no rule for this action on an issue")
    return _issue_changed(delivery, delivery.action, me)


def _issue_comment(delivery: _IssueDelivery, me: Identity) -> Event:
    """Take a new comment for a change of its issue: of its count, and later of whether it was answered."""
    if delivery.action != "created":
        return Ignored("no rule for this action on a comment")
    return _issue_changed(delivery, "commented", me)


def _issue_changed(delivery: _IssueDelivery, action: str, me: Identity) -> Event:
    repository = delivery.place()
    if repository is None:
        return Ignored("no installation or no repository")
    if delivery.issue.pull_request is not None:
        return Ignored("a pull request, not an issue")
    if _is_me(delivery.sender, me):
        return Ignored("own doing")
    issue = wire.issue(delivery.issue, repository.id)
    return IssueChanged(
        action=action,
        repository=repository,
        issue=replace(issue, is_open=_IS_OPEN.get(action, issue.is_open)),
        sender=wire.actor(delivery.sender),
    )


def _push(delivery: _PushDelivery, me: Identity) -> Event:
    repository = delivery.place()
    if repository is None:
        return Ignored("no installation or no repository")
    if _is_me(delivery.sender, me):
        return Ignored("own doing")
    if delivery.deleted or delivery.ref != _branch_ref(repository.default_branch):
        return Ignored("not a push to the default branch")
    return ConfigChanged(repository) if _may_touch_policy(delivery) else Ignored("the policy file was not touched")


def _may_touch_policy(push: _PushDelivery) -> bool:
    """Say whether the file may have changed: a list that is cut, empty or rewritten cannot prove that it has not."""
    is_incomplete = push.created or push.forced or not 0 < len(push.commits) < MAX_COMMITS
    return is_incomplete or any(POLICY_FILE in (*c.added, *c.modified, *c.removed) for c in push.commits)


def _installation(delivery: _InstallationDelivery, event: str) -> Event:
    if delivery.action not in INSTALLATION_ACTIONS[event]:
        return Ignored("no rule for this action on an installation")
    is_leaving = delivery.action == "deleted"
    added = delivery.repositories_added if is_leaving else delivery.repositories + delivery.repositories_added
    removed = delivery.repositories_removed + (delivery.repositories if is_leaving else [])
    account = delivery.installation.account
    organization = account.login if account is not None and account.type == "Organization" else None
    return InstallationChanged(
        action=delivery.action,
        installation_id=delivery.installation.id,
        added=tuple(wire.repository(r, delivery.installation.id, organization=organization) for r in added),
        removed=tuple(r.id for r in removed),
    )
