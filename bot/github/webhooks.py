"""Deliveries: a quick look for the web process (`peek`), and the strict reading for the worker (`parse`).

Imported on the request path, so PyGithub stays out of here.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from msgspec import Struct

from bot.github import happened, heads, strict, wire
from bot.github.delivery import Delivery, is_me, read
from bot.github.glance import (
    COMMENT_ACTIONS,
    INSTALLATION_ACTIONS,
    ISSUE_ACTIONS,
    PULL_ACTIONS,
    REPOSITORY_ACTIONS,
    TAGS,
    Peek,
    branch_ref,
    may_command,
    peek,
)
from bot.model.events import (
    CommentGiven,
    ConfigChanged,
    Event,
    Ignored,
    InstallationChanged,
    IssueChanged,
    PullRequestChanged,
    RefMoved,
)
from bot.model.forge import Entry
from bot.model.subjects import Identity
from bot.model.timeline import What

__all__ = ["Peek", "parse", "peek"]

POLICY_FILE = ".github/reeve.yml"

#: GitHub lists at most this many commits in one push event.
MAX_COMMITS = 2048

#: How a push names the commit before a reference was made, and after it was deleted.
NO_COMMIT = "0" * 40

#: These actions say whether the issue is open; that holds even beside a snapshot taken too early to show it.
_IS_OPEN = {"closed": False, "reopened": True}

#: What of the actions on an issue is part of its past. Seen from here, one that was transferred left.
_HAPPENED = {
    "closed": What.CLOSED,
    "reopened": What.REOPENED,
    "labeled": What.LABELED,
    "unlabeled": What.UNLABELED,
    "typed": What.TYPED,
    "untyped": What.TYPED,
    "assigned": What.ASSIGNED,
    "unassigned": What.UNASSIGNED,
    "milestoned": What.MILESTONED,
    "demilestoned": What.DEMILESTONED,
    "transferred": What.TRANSFERRED,
    "deleted": What.DELETED,
}


class _Changes(Struct):
    """What an issue that came from elsewhere was before; edits name other things, which are not read."""

    old_issue: wire.HasId | None = None


class _IssueDelivery(Delivery, kw_only=True):
    issue: wire.IssueShape
    label: wire.Label | None = None
    assignee: wire.Account | None = None
    milestone: wire.Milestone | None = None
    type: wire.IssueType | None = None
    changes: _Changes | None = None


class _CommentDelivery(_IssueDelivery, kw_only=True):
    comment: wire.CommentShape


class _PullDelivery(Delivery, kw_only=True):
    pull_request: wire.PullShape


class _Commit(Struct):
    added: list[str] = []
    modified: list[str] = []
    removed: list[str] = []


class _PushDelivery(Delivery, kw_only=True):
    ref: str
    before: wire.Sha = NO_COMMIT
    after: wire.Sha = NO_COMMIT
    created: bool = False
    deleted: bool = False
    forced: bool = False
    commits: tuple[_Commit, ...] = ()


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


def parse(  # noqa: C901, PLR0911  one answer for each event
    event: str, body: bytes, content_type: str, me: Identity
) -> Event:
    """Return what a delivery says, read strictly; raise `Malformed` with a one-line reason.

    What Reeve did itself comes back as a delivery too and is `Ignored`, or it would answer itself for ever.
    """
    data = strict.decode(strict.payload(body, content_type))
    match event:
        case "issues":
            return _issues(read(data, _IssueDelivery), me)
        case "issue_comment":
            return _issue_comment(read(data, _CommentDelivery), me)
        case "pull_request":
            return _pull_request(read(data, _PullDelivery), me)
        case "repository":
            return _repository(read(data, Delivery))
        case "workflow_run":
            return heads.workflow_run(data)
        case "check_run":
            return heads.check_run(data, me)
        case "check_suite":
            return heads.check_suite(data, me)
        case "merge_group":
            return heads.merge_group(data)
        case "deployment_protection_rule":
            return heads.deployment_protection_rule(data)
        case "push":
            return _push(read(data, _PushDelivery), me)
        case "installation" | "installation_repositories":
            return _installation(read(data, _InstallationDelivery), event)
        case _:
            return Ignored("no rule for this event")


def _issues(delivery: _IssueDelivery, me: Identity) -> Event:
    if delivery.action not in ISSUE_ACTIONS:
        return Ignored("no rule for this action on an issue")
    return _issue_changed(delivery, delivery.action, me, entries=tuple(_happened(delivery)))


def _happened(delivery: _IssueDelivery) -> Iterator[Entry]:
    """Give what an event adds to the issue's past; most carry no time of their own but that of the change."""
    issue, kind = delivery.issue, delivery.type if delivery.action == "typed" else None
    at = (issue.closed_at if delivery.action == "closed" else None) or issue.updated_at
    if delivery.action == "opened":
        yield from _opened(delivery, at)
    elif what := _HAPPENED.get(delivery.action):
        name = happened.named(delivery.label, kind, delivery.assignee, delivery.milestone)
        yield happened.heard(what, at, delivery.sender, name=name)


def _opened(delivery: _IssueDelivery, at: datetime) -> Iterator[Entry]:
    """Give the opening with the marks that the issue was opened with, or that it was opened long ago and elsewhere."""
    issue = delivery.issue
    yield happened.heard(What.OPENED, issue.created_at, issue.user)
    if delivery.changes is not None and delivery.changes.old_issue is not None:
        yield happened.heard(What.ARRIVED, at, delivery.sender)
        return
    for name in sorted(wire.label_names(issue.labels)):
        yield happened.heard(What.LABELED, issue.created_at, issue.user, name=name)
    if issue.type is not None:
        yield happened.heard(What.TYPED, issue.created_at, issue.user, name=wire.clean(issue.type.name))


def _issue_comment(delivery: _CommentDelivery, me: Identity) -> Event:
    """Take what may be a command for itself, and any other new comment for a change of its issue.

    Of its count, and later of whether it was answered.
    """
    is_by_bot = delivery.comment.user is not None and delivery.comment.user.type == "Bot"
    if delivery.action not in COMMENT_ACTIONS:
        return Ignored("no rule for this action on a comment")
    if not is_by_bot and may_command(delivery.comment.body):
        return _comment_given(delivery, me, entries=_spoken(delivery))
    return _issue_changed(delivery, "commented", me, entries=_spoken(delivery))


def _spoken(delivery: _CommentDelivery) -> tuple[Entry, ...]:
    """Return the comment as it stands now, or that it is gone."""
    if delivery.action == "deleted":
        return (happened.unsaid(delivery.comment.id, delivery.issue.updated_at, delivery.sender),)
    return (happened.said(delivery.comment),)


def _comment_given(delivery: _CommentDelivery, me: Identity, *, entries: tuple[Entry, ...]) -> Event:
    repository = delivery.place()
    if repository is None:
        return Ignored("no installation or no repository")
    if is_me(delivery.sender, me):
        return Ignored("own doing")
    return CommentGiven(
        action=delivery.action,
        repository=repository,
        issue=wire.issue(delivery.issue, repository.id),
        comment=wire.comment(delivery.comment),
        sender=wire.actor(delivery.sender),
        is_pull_request=delivery.issue.pull_request is not None,
        entries=entries,
    )


def _issue_changed(delivery: _IssueDelivery, action: str, me: Identity, *, entries: tuple[Entry, ...]) -> Event:
    repository = delivery.place()
    if repository is None:
        return Ignored("no installation or no repository")
    if delivery.issue.pull_request is not None:
        return Ignored("a pull request, not an issue")
    if is_me(delivery.sender, me):
        return Ignored("own doing")
    issue = wire.issue(delivery.issue, repository.id)
    return IssueChanged(
        action=action,
        repository=repository,
        issue=replace(issue, is_open=_IS_OPEN.get(action, issue.is_open)),
        sender=wire.actor(delivery.sender),
        entries=entries,
    )


def _pull_request(delivery: _PullDelivery, me: Identity) -> Event:
    """Take even a pull request that Reeve opened itself: the policy file in it is checked like anybody's."""
    repository = delivery.place()
    if repository is None:
        return Ignored("no installation or no repository")
    if delivery.action not in PULL_ACTIONS:
        return Ignored("no rule for this action on a pull request")
    if delivery.action != "opened" and is_me(delivery.sender, me):
        return Ignored("own doing")
    return PullRequestChanged(
        action=delivery.action,
        repository=repository,
        pull=wire.pull(delivery.pull_request, repository.id),
        sender=wire.actor(delivery.sender),
    )


def _repository(delivery: Delivery) -> Event:
    """Take a repository that was deleted out of its installation, and one that changed hands into its new owner's.

    Only the new owner is told of a transfer; the former one hears that the repository left the installation.
    """
    repository = delivery.place()
    if repository is None:
        return Ignored("no installation or no repository")
    if delivery.action not in REPOSITORY_ACTIONS:
        return Ignored("no rule for this action on a repository")
    if delivery.action == "transferred":
        return InstallationChanged("transferred", repository.installation_id, added=(repository,))
    return InstallationChanged("removed", repository.installation_id, removed=(repository.id,))


def _push(delivery: _PushDelivery, me: Identity) -> Event:
    repository = delivery.place()
    if repository is None:
        return Ignored("no installation or no repository")
    if is_me(delivery.sender, me):
        return Ignored("own doing")
    is_default = delivery.ref == branch_ref(repository.default_branch) and not delivery.deleted
    if is_default and _may_touch_policy(delivery):
        return ConfigChanged(repository)
    if is_default or delivery.ref.startswith(TAGS):
        return RefMoved(repository, wire.clean(delivery.ref), delivery.before, delivery.after)
    return Ignored("not a push to the default branch, and no tag")


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
