"""Entries and deliveries -> what each of them tells, before it is known who is who."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.model.roles import Role
from bot.model.timeline import Remark, Source, What
from bot.policies.sla.events.mistakes import EventsError
from bot.policies.sla.events.shapes import Account, Delivery, Entry, Issue, Named

_TYPED = dict.fromkeys(("issue_type_added", "issue_type_changed", "issue_type_removed", "untyped"), What.TYPED)
#: The words of the Timeline API, of deliveries and of our own.
_WHAT = {what.value: what for what in What} | _TYPED
#: The years in which a calendar can be kept.
FIRST_YEAR, LAST_YEAR = 1971, 2999
_ROLES = {role.name.lower(): role for role in Role} | {"push": Role.WRITE, "pull": Role.READ}


@dataclass(frozen=True, slots=True)
class Person:
    """Who did something, as far as that is told. `association` is what GitHub says of people beside their role."""

    login: str
    id: int | None = None
    is_bot: bool = False
    role: Role | None = None
    association: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One thing that is told; `number` is the id of the event or comment."""

    what: What
    at: datetime
    by: Person | None
    source: Source
    name: str | None = None
    number: int | str | None = None
    comment_id: int | None = None
    body: str | None = None
    remark: Remark | None = None
    edited_at: datetime | None = None
    is_by_app: bool = False
    commit: bool = False


def of_entry(entry: Entry, place: str) -> Told | None:
    """Read an entry of a list; None where it means nothing to a clock."""
    is_comment = entry.event is None and entry.what is None and entry.body is not None
    what = What.COMMENTED if is_comment else _WHAT.get(entry.event or entry.what or "")
    if what is None:
        return None
    at = entry.created_at or entry.at
    if at is None:
        raise EventsError(place, "no-time", name="created_at" if entry.what is None else "at")
    source = entry.source or (Source.READ if entry.what is None else Source.HEARD)
    if what is What.COMMENTED:
        return _comment(entry, at, source, place)
    return Told(
        what=what,
        at=utc(at, place),
        by=person(entry.actor or entry.user, entry.role, entry.author_association, place),
        source=source,
        name=_name(entry.label, entry.issue_type, entry.assignee, entry.milestone) or entry.name,
        number=entry.id,
        comment_id=entry.comment_id,
        commit=what is What.CLOSED and (entry.commit_id is not None or entry.commit),
    )


def _comment(entry: Entry, at: datetime, source: Source, place: str) -> Told:
    edited_at = entry.edited_at or entry.updated_at
    number = entry.comment_id if entry.comment_id is not None else entry.id
    return Told(
        what=What.COMMENTED,
        at=utc(at, place),
        by=person(entry.user or entry.actor, entry.role, entry.author_association, place),
        source=source,
        number=entry.id,
        comment_id=number if isinstance(number, int) else None,
        body=entry.body or "",
        remark=entry.remark,
        edited_at=utc(edited_at, place) if edited_at and edited_at > at else None,
        is_by_app=entry.performed_via_github_app is not None,
    )


def of_delivery(delivery: Delivery, place: str) -> Iterator[Told]:
    """Read the body of a delivery: what it is about, and of an opening also the labels from the start."""
    if delivery.comment is not None:
        yield from _of_comment(delivery, delivery.comment, place)
    elif delivery.action == "opened":
        yield from of_issue(delivery.issue, place)
        if delivery.changes and delivery.changes.old_issue is not None:
            yield _deed(What.ARRIVED, delivery, place)
    elif (what := _WHAT.get(delivery.action)) is not None and what is not What.COMMENTED:
        yield _deed(what, delivery, place)


def _of_comment(delivery: Delivery, comment: Entry, place: str) -> Iterator[Told]:
    if delivery.action == "deleted":
        yield _deed(
            What.COMMENT_DELETED, delivery, place, comment_id=comment.id if isinstance(comment.id, int) else None
        )
        return
    if comment.created_at is None:
        raise EventsError(f"{place}.comment", "no-time", name="created_at")
    if comment.role is None:
        comment.role = delivery.role
    yield _comment(comment, comment.created_at, Source.HEARD, f"{place}.comment")


def _deed(what: What, delivery: Delivery, place: str, *, comment_id: int | None = None) -> Told:
    issue = delivery.issue
    at = (issue.closed_at if what is What.CLOSED else None) or issue.updated_at
    if at is None:
        raise EventsError(f"{place}.issue", "no-time", name="updated_at")
    is_untyped = delivery.action == "untyped"
    name = _name(delivery.label, None if is_untyped else delivery.type, delivery.assignee, delivery.milestone)
    return Told(
        what=what,
        at=utc(at, place),
        by=person(delivery.sender, delivery.role, None, place),
        source=Source.HEARD,
        name=name,
        comment_id=comment_id,
    )


def of_issue(issue: Issue, place: str) -> Iterator[Told]:
    """Say when and by whom an issue was opened, and in the body of that delivery, with which labels and type."""
    by = person(issue.user, issue.role, issue.author_association, place)
    at = utc(issue.created_at, place)
    yield Told(what=What.OPENED, at=at, by=by, source=Source.HEARD)
    for label in issue.labels:
        yield Told(what=What.LABELED, at=at, by=by, source=Source.HEARD, name=_name(label))
    if issue.type is not None:
        yield Told(what=What.TYPED, at=at, by=by, source=Source.HEARD, name=_name(issue.type))


def utc(moment: datetime, place: str) -> datetime:
    """Return a moment in UTC; refuse years in which no calendar can be kept."""
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise EventsError(place, "far-time", year=moment.year)
    return moment.astimezone(UTC)


def person(account: Account | str | None, role: str | int | None, association: str | None, place: str) -> Person | None:
    """Return who is meant; nobody is a deleted account."""
    if isinstance(account, str):
        account = Account(login=account)
    if account is None or not account.login:
        return None
    is_bot = account.is_bot or account.type == "Bot" or account.login.endswith("[bot]")
    told = next((each for each in (role, account.role, account.role_name) if each is not None), None)
    return Person(account.login, account.id, is_bot, as_role(told, place), association)


def as_role(role: str | int | None, place: str) -> Role | None:
    """Read a role by its name or its rank."""
    if role is None:
        return None
    found = _ROLES.get(role.strip().lower()) if isinstance(role, str) else next((r for r in Role if r == role), None)
    if found is None:
        raise EventsError(f"{place}.role", "role", role=str(role))
    return found


def _name(*named: Named | str | None) -> str | None:
    texts = (each if isinstance(each, str) else each.text for each in named if each is not None)
    return next((text for text in texts if text), None)
