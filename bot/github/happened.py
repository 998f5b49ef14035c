"""Single things that happened to an issue, from a delivery or a list, in Reeve's words.

Imported on the request path, so PyGithub stays out of here.
"""

from dataclasses import replace
from datetime import datetime

from bot.github import wire
from bot.model.forge import Entry
from bot.model.timeline import Happening, Source, What, comment_key, heard_key


def named(
    label: wire.Label | None,
    kind: wire.IssueType | None,
    assignee: wire.Account | None,
    milestone: wire.Milestone | None,
) -> str | None:
    """Return the name of what something was about; None where it was about none of these."""
    names = (
        label.name if label else None,
        kind.name if kind else None,
        assignee.login if assignee else None,
        milestone.title if milestone else None,
    )
    return next((wire.clean(each) for each in names if each), None)


def said(shape: wire.CommentShape, *, source: Source = Source.HEARD) -> Entry:
    """Return a comment as it stands, under a key of its own once it was edited."""
    at, changed = wire.utc(shape.created_at), wire.utc(shape.updated_at)
    edited_at = changed if changed > at else None
    happening = Happening(
        id=comment_key(shape.id, edited_at),
        what=What.COMMENTED,
        at=at,
        actor=wire.actor(shape.user),
        source=source,
        comment_id=shape.id,
        edited_at=edited_at,
    )
    return Entry(happening, wire.clean(shape.body or ""), shape.performed_via_github_app is not None)


def unsaid(comment_id: int, at: datetime, by: wire.Account | None) -> Entry:
    """Return that a comment was deleted."""
    entry = heard(What.COMMENT_DELETED, at, by, name=str(comment_id))
    return Entry(replace(entry.happening, name=None, comment_id=comment_id))


def heard(what: What, at: datetime, by: wire.Account | None, *, name: str | None = None) -> Entry:
    """Return what a delivery told, which bears no number of its own."""
    moment, actor = wire.utc(at), wire.actor(by)
    return Entry(Happening(id=heard_key(what, moment, actor, name), what=what, at=moment, actor=actor, name=name))
