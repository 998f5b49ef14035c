"""The entries of an issue's timeline, as GitHub writes them."""

from bot.sandbox.clock import stamp
from bot.sandbox.shapes.accounts import app as app_shape
from bot.sandbox.shapes.accounts import user
from bot.sandbox.shapes.issues import comment as comment_shape
from bot.sandbox.shapes.issues import issue_type
from bot.sandbox.shapes.urls import Urls, node_id
from bot.sandbox.state import App, Comment, Issue, Json, Past, Repository


def timeline(repository: Repository, issue: Issue, urls: Urls, *, app: App) -> list[Json]:
    """Return all that happened to an issue and what was said under it, oldest first."""
    past = [(each.at, _past(repository, each, urls, app=app)) for each in issue.history]
    said = [(each.created_at, _said(repository, issue, each, urls, app=app)) for each in issue.comments]
    return [entry for _, entry in sorted([*past, *said], key=lambda pair: pair[0])]


def _said(repository: Repository, issue: Issue, comment: Comment, urls: Urls, *, app: App) -> Json:
    entry = comment_shape(repository, issue, comment, urls, app=app)
    return {**entry, "event": "commented", "actor": entry["user"]}


def _past(repository: Repository, past: Past, urls: Urls, *, app: App) -> Json:
    entry: Json = {
        "id": past.id,
        "node_id": node_id("EV", past.id),
        "url": f"{urls.repository(repository)}/issues/events/{past.id}",
        "actor": user(past.by, urls),
        "event": past.event,
        "commit_id": None,
        "commit_url": None,
        "created_at": stamp(past.at),
        "performed_via_github_app": app_shape(app, urls) if past.by_app else None,
    }
    if past.label:
        entry["label"] = {"name": past.label.name, "color": past.label.color}
    if past.assignee:
        entry["assignee"] = user(past.assignee, urls)
    if past.milestone:
        entry["milestone"] = {"title": past.milestone.title}
    if past.renamed:
        entry["rename"] = dict(zip(("from", "to"), past.renamed, strict=True))
    if past.event == "locked":
        entry["lock_reason"] = None
    return entry | _types(past) | ({"state_reason": past.state_reason} if past.event == "closed" else {})


def _types(past: Past) -> Json:
    found = {"issue_type": past.type, "prev_issue_type": past.previous_type}
    return {name: issue_type(kind) for name, kind in found.items() if kind}
