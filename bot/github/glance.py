"""The quick look at a delivery, once per request: how to file it, and whether there is a rule for it at all.

On the request path, so PyGithub stays out of here.
"""

import re
from typing import Any

import msgspec
from msgspec import Struct

from bot.github import strict, wire
from bot.model.errors import Malformed
from bot.model.subjects import Lane

#: What can change a triage or SLA verdict. Locking and pinning cannot.
ISSUE_ACTIONS = (
    frozenset({"opened", "edited", "closed", "reopened", "transferred", "deleted"})
    | frozenset({"labeled", "unlabeled", "typed", "untyped", "assigned", "unassigned"})
    | frozenset({"milestoned", "demilestoned"})
)  # fmt: skip
COMMENT_ACTIONS = frozenset({"created", "edited", "deleted"})
PULL_ACTIONS = frozenset({"opened", "synchronize", "reopened", "edited", "closed", "ready_for_review"})

#: What a merge queue does with a group of pull requests.
GROUP_ACTIONS = frozenset({"checks_requested", "destroyed"})

#: The events whose workflow runs can hold evidence: for a pull request, or for what Reeve itself has started.
RUN_EVENTS = frozenset({"pull_request", "merge_group", "workflow_dispatch"})

TAGS = "refs/tags/"

#: What takes a repository away. A renamed one is known by its id.
REPOSITORY_ACTIONS = frozenset({"transferred", "deleted"})
INSTALLATION_ACTIONS = {
    "installation": frozenset(("created", "deleted", "suspend", "unsuspend", "new_permissions_accepted")),
    "installation_repositories": frozenset(("added", "removed")),
}

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


class _ChangeGlance(_PullGlance, kw_only=True):
    """The event `pull_request` itself; reviews have no rule."""


class _OwnGlance(_RepositoryGlance, kw_only=True):
    """The event `repository`."""


class _Run(Struct):
    event: str = ""
    run_attempt: int = 1


class _RunGlance(_RepositoryGlance, kw_only=True):
    workflow_run: _Run


class _CheckGlance(_RepositoryGlance, kw_only=True):
    """The events `check_run` and `check_suite`."""


class _GroupGlance(_RepositoryGlance, kw_only=True):
    """The event `merge_group`."""


class _DeploymentGlance(_RepositoryGlance, kw_only=True):
    """The event `deployment_protection_rule`."""


class _PushGlance(_RepositoryGlance, kw_only=True):
    ref: str
    deleted: bool = False


_GLANCES: dict[str, msgspec.json.Decoder[Any]] = {
    "issues": msgspec.json.Decoder(_IssueGlance),
    "issue_comment": msgspec.json.Decoder(_CommentGlance),
    "push": msgspec.json.Decoder(_PushGlance),
    "repository": msgspec.json.Decoder(_OwnGlance),
    "workflow_run": msgspec.json.Decoder(_RunGlance),
    "check_run": msgspec.json.Decoder(_CheckGlance),
    "check_suite": msgspec.json.Decoder(_CheckGlance),
    "merge_group": msgspec.json.Decoder(_GroupGlance),
    "deployment_protection_rule": msgspec.json.Decoder(_DeploymentGlance),
    "pull_request": msgspec.json.Decoder(_ChangeGlance),
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
        raise Malformed(one_line(error)) from None
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
    if isinstance(glance, _PullGlance | _RunGlance | _CheckGlance | _GroupGlance | _DeploymentGlance):
        return Lane.PULL_REQUEST
    is_pull = isinstance(glance, _IssueGlance) and glance.issue.pull_request is not None
    return Lane.PULL_REQUEST if is_pull else Lane.ISSUE


def may_command(body: str | None) -> bool:
    """Say whether a line starts as commands do. Reading them is not for here: code and quotes hold such lines too."""
    return body is not None and _COMMAND.search(body) is not None


def _is_command(comment: _Said) -> bool:
    is_bot = comment.user is not None and comment.user.type == "Bot"
    return not is_bot and may_command(comment.body)


def _is_relevant(  # noqa: C901, PLR0911  one answer for each event
    event: str, glance: _Glance, place: _Place | None
) -> bool:
    if event in INSTALLATION_ACTIONS:
        return glance.action in INSTALLATION_ACTIONS[event]
    if place is None:
        return False
    match glance:
        case _CommentGlance():
            is_on_issue = glance.issue.pull_request is None
            return glance.action in COMMENT_ACTIONS and (is_on_issue or _is_command(glance.comment))
        case _IssueGlance():
            return glance.action in ISSUE_ACTIONS
        case _ChangeGlance():
            return glance.action in PULL_ACTIONS
        case _OwnGlance():
            return glance.action in REPOSITORY_ACTIONS
        case _RunGlance():
            return is_wanted_run(glance.action, glance.workflow_run.event, glance.workflow_run.run_attempt)
        case _CheckGlance():
            return is_wanted_check(glance.action)
        case _GroupGlance():
            return glance.action in GROUP_ACTIONS
        case _DeploymentGlance():
            return glance.action == "requested"
        case _PushGlance():
            is_tag = glance.ref.startswith(TAGS)
            return is_tag or (not glance.deleted and glance.ref == branch_ref(place.default_branch))
    return False


def is_wanted_run(action: str | None, event: str, attempt: int) -> bool:
    """Say whether news of a workflow run can change what is known: it is over, or what it gave is made anew."""
    return event in RUN_EVENTS and (action == "completed" or (action == "in_progress" and attempt > 1))


def is_wanted_check(action: str | None) -> bool:
    """Say whether somebody pressed a button; everything else that is told of checks is Reeve's own doing."""
    return action in {"rerequested", "requested_action"}


def branch_ref(branch: str | None) -> str:
    """Return the full name of a branch, `main` where none is named."""
    return f"refs/heads/{branch or 'main'}"


def one_line(error: Exception) -> str:
    """Return what is wrong without quoting the payload: the reason is stored, logged and shown."""
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
