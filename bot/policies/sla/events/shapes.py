"""The shapes in which events come: entries of GitHub's Timeline API, deliveries of webhooks, and entries of our own.

Names are GitHub's: https://docs.github.com/rest/using-the-rest-api/issue-event-types and
https://docs.github.com/webhooks/webhook-events-and-payloads. Everything else that they hold is passed over.
"""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from bot.model.timeline import Remark, Source

#: A time without its zone means another moment to each reader.
Moment = Annotated[datetime, Meta(tz=True)]


class Account(Struct):
    """A person, a team, an app: or, in our own entries, somebody with a role."""

    login: str = ""
    id: int | None = None
    type: str = "User"
    is_bot: bool = False
    role: str | int | None = None
    role_name: str | None = None


class Named(Struct):
    """A label, an issue type, a milestone."""

    name: str | None = None
    title: str | None = None
    login: str | None = None

    @property
    def text(self) -> str | None:
        """What it is called."""
        return self.name or self.title or self.login


class Issue(Struct):
    """The issue itself."""

    created_at: Moment
    number: int = 0
    title: str | None = None
    body: str | None = None
    user: Account | str | None = None
    author_association: str | None = None
    labels: tuple[Named | str, ...] = ()
    type: Named | str | None = None
    state: str = "open"
    closed_at: Moment | None = None
    closed_by: Account | str | None = None
    updated_at: Moment | None = None
    role: str | int | None = None


class Entry(Struct):
    """An entry of a list: of the Timeline API by `event`, our own by `what`, a comment by itself without either."""

    event: str | None = None
    what: str | None = None
    id: int | str | None = None
    created_at: Moment | None = None
    at: Moment | None = None
    updated_at: Moment | None = None
    edited_at: Moment | None = None
    actor: Account | str | None = None
    user: Account | str | None = None
    author_association: str | None = None
    role: str | int | None = None
    body: str | None = None
    comment_id: int | None = None
    label: Named | str | None = None
    issue_type: Named | str | None = None
    assignee: Named | str | None = None
    milestone: Named | str | None = None
    name: str | None = None
    commit_id: str | None = None
    commit: bool = False
    source: Source | None = None
    remark: Remark | None = None
    performed_via_github_app: object = None


class Changes(Struct):
    """What a delivery says of before: a transferred issue names where it came from."""

    old_issue: object = None


class Delivery(Struct):
    """The body of a webhook delivery, `issues` or `issue_comment`."""

    action: str
    issue: Issue
    comment: Entry | None = None
    label: Named | str | None = None
    type: Named | str | None = None
    assignee: Named | str | None = None
    milestone: Named | str | None = None
    sender: Account | str | None = None
    changes: Changes | None = None
    role: str | int | None = None
