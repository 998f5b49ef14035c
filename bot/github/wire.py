"""The parts of GitHub's JSON that Reeve reads, as types, and what they mean in Reeve's own words.

Unknown fields are skipped, wrong types are refused: a boolean is no number, an id lies within 64 bits.
Field meanings: https://docs.github.com/en/webhooks/webhook-events-and-payloads and the REST reference for issues.
"""

import re
from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta, Struct

from bot.model.errors import Malformed
from bot.model.facts import Issue
from bot.model.subjects import Actor, Repository, Subject

Id = Annotated[int, Meta(ge=1, le=2**63 - 1)]
Number = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Count = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Moment = Annotated[datetime, Meta(tz=True)]

_FULL_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}/(?!\.{1,2}\Z)[A-Za-z0-9_.-]{1,100}")
_SURROGATES = re.compile("[\ud800-\udfff]")


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
    pull_request: dict[str, object] | None = None


class App(Struct):
    """The App that wrote something."""

    id: Id


class Comment(Struct):
    """A comment on an issue or pull request."""

    id: Id
    body: str | None = None
    performed_via_github_app: App | None = None


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


def issue(shape: IssueShape, repository_id: int) -> Issue:
    """Return the issue in Reeve's words; an empty body is the empty text."""
    names = (label if isinstance(label, str) else label.name for label in shape.labels)
    return Issue(
        subject=Subject(repository_id, shape.number),
        title=clean(shape.title),
        body=clean(shape.body or ""),
        author=actor(shape.user),
        labels=frozenset(clean(name) for name in names if name),
        type=clean(shape.type.name) if shape.type else None,
        is_open=shape.state != "closed",
        comments=shape.comments,
        created_at=_utc(shape.created_at),
        updated_at=_utc(shape.updated_at),
    )


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


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise Malformed("a date is out of range") from None
