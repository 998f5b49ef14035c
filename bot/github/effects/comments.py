"""The one comment that a subject carries, and reactions to what others wrote."""

from collections.abc import Iterator

from bot.github import wire
from bot.github.client import Client, repo_path
from bot.github.effects.text import marked, normal
from bot.github.paging import PER_PAGE, pages
from bot.github.transport import Request
from bot.model.effects import React, StickyComment
from bot.model.errors import Gone
from bot.model.forge import Attempt, Receipt
from bot.model.subjects import Repository, Subject


def marker(key: str) -> str:
    """Return the hidden line by which Reeve's own comment is found again."""
    return f"<!-- reeve:sticky v1 key={key} -->"


def keep_comment(client: Client, repository: Repository, effect: StickyComment, attempt: Attempt) -> Receipt:
    """Keep one comment with the effect's key: edited in place, found again where its id is not known."""
    body = marked(effect.body, marker(effect.key))
    if attempt.remote_id is not None:
        try:
            return _rewrite(client, repository, attempt.remote_id, body)
        except Gone:
            pass  # somebody deleted it: write it anew
    if attempt.may_have_happened or effect.may_exist:
        found = list(_own_comments(client, repository, effect))
        if found:
            return _keep_oldest(client, repository, found, body)
    return _write_anew(client, repository, effect.subject, body)


def _keep_oldest(client: Client, repository: Repository, found: list[wire.Comment], body: str) -> Receipt:
    """Settle on one comment: the oldest, which people may have linked to."""
    oldest, *doubles = sorted(found, key=lambda comment: comment.id)
    is_same = normal(oldest.body) == normal(body)
    receipt = Receipt(oldest.id, was_needed=False) if is_same else _rewrite(client, repository, oldest.id, body)
    for double in doubles:
        path = repo_path(repository, "issues", "comments", str(double.id))
        client.call(repository, Request("DELETE", path), accept=(404,))
    return receipt


def _rewrite(client: Client, repository: Repository, comment_id: int, body: str) -> Receipt:
    path = repo_path(repository, "issues", "comments", str(comment_id))
    client.call(repository, Request("PATCH", path, body={"body": body}))
    return Receipt(comment_id)


def _write_anew(client: Client, repository: Repository, subject: Subject, body: str) -> Receipt:
    path = repo_path(repository, "issues", str(subject.number), "comments")
    answer = client.call(repository, Request("POST", path, body={"body": body}))
    return Receipt(answer.read(wire.HasId).id)


def _own_comments(client: Client, repository: Repository, effect: StickyComment) -> Iterator[wire.Comment]:
    """Find Reeve's comments with this key. Anybody can type the marker, only Reeve writes as this App."""
    line = marker(effect.key)
    path = repo_path(repository, "issues", str(effect.subject.number), "comments")
    request = Request("GET", path, parameters={"per_page": PER_PAGE})
    for page in pages(lambda each: client.call(repository, each), request):
        for comment in page.read(list[wire.Comment]):
            if wire.is_by(comment.performed_via_github_app, client.app_id) and normal(comment.body).endswith(line):
                yield comment


def react(client: Client, repository: Repository, effect: React) -> Receipt:
    """React to a comment; GitHub keeps one reaction of a kind and answers 200 for one that is there already."""
    path = repo_path(repository, "issues", "comments", str(effect.comment_id), "reactions")
    answer = client.call(repository, Request("POST", path, body={"content": effect.content}))
    return Receipt(answer.read(wire.HasId).id, was_needed=answer.status != 200)
