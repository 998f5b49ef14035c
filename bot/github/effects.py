"""Effects become writes, each as cheap as it can be and none of them twice."""

from collections.abc import Iterator

from bot.github import wire
from bot.github.client import Client, repo_path
from bot.github.transport import Answer, Request
from bot.model.effects import Effect, SetLabels, StickyComment
from bot.model.errors import Gone
from bot.model.forge import Attempt, Receipt
from bot.model.subjects import Repository, Subject

#: GitHub refuses a comment with more characters.
MAX_COMMENT = 65_536

_PER_PAGE = 100


def apply(client: Client, repository: Repository, effect: Effect, attempt: Attempt) -> Receipt:
    """Make one effect true on GitHub; applied twice, the second time changes nothing."""
    match effect:
        case SetLabels():
            return _set_labels(client, repository, effect, attempt)
        case StickyComment():
            return _keep_comment(client, repository, effect, attempt)


def _set_labels(client: Client, repository: Repository, effect: SetLabels, attempt: Attempt) -> Receipt:
    if effect.type is None:
        return _change_labels(client, repository, effect)
    if attempt.may_have_happened:
        # `current` is old by now: replacing the whole set would undo what a person changed since.
        _change_labels(client, repository, effect)
        _edit_issue(client, repository, effect.subject, {"type": effect.type})
    else:
        _edit_issue(client, repository, effect.subject, {"labels": _wanted(effect), "type": effect.type})
    return Receipt()


def _wanted(effect: SetLabels) -> list[str]:
    """Return the whole set as it should be; to GitHub `Bug` and `bug` are one label."""
    dropped = {name.casefold() for name in effect.remove}
    kept = {name.casefold(): name for name in effect.current if name.casefold() not in dropped}
    added = {name.casefold(): name for name in effect.add if name.casefold() not in kept}
    return sorted([*kept.values(), *added.values()])


def _edit_issue(client: Client, repository: Repository, subject: Subject, change: dict[str, object]) -> None:
    """PyGithub's `Issue.edit` knows no issue type; one raw PATCH sets it and the labels together."""
    client.call(repository, Request("PATCH", repo_path(repository, "issues", str(subject.number)), body=change))


def _change_labels(client: Client, repository: Repository, effect: SetLabels) -> Receipt:
    """Add and remove by name, so that a label which somebody else sets meanwhile is not lost."""
    parts = ("issues", str(effect.subject.number), "labels")
    if effect.add:
        client.call(repository, Request("POST", repo_path(repository, *parts), body={"labels": list(effect.add)}))
    removed = [
        client.call(repository, Request("DELETE", repo_path(repository, *parts, name)), accept=(404,)).status == 200
        for name in effect.remove
    ]
    return Receipt(was_needed=bool(effect.add) or any(removed))


def marker(key: str) -> str:
    """Return the hidden line by which Reeve's own comment is found again."""
    return f"<!-- reeve:sticky v1 key={key} -->"


def _with_marker(effect: StickyComment) -> str:
    end = f"\n\n{marker(effect.key)}"
    return effect.body[: MAX_COMMENT - len(end)].rstrip() + end


def _keep_comment(client: Client, repository: Repository, effect: StickyComment, attempt: Attempt) -> Receipt:
    body = _with_marker(effect)
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
    is_same = _normal(oldest.body) == _normal(body)
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
    for page in _comment_pages(client, repository, effect.subject):
        for comment in page.read(list[wire.Comment]):
            app = comment.performed_via_github_app
            if app is not None and app.id == client.app_id and _normal(comment.body).endswith(line):
                yield comment


def _comment_pages(client: Client, repository: Repository, subject: Subject) -> Iterator[Answer]:
    """Follow GitHub's own links: page numbers would be lost where a renamed repository redirects."""
    path = repo_path(repository, "issues", str(subject.number), "comments")
    request: Request | None = Request("GET", path, parameters={"per_page": _PER_PAGE})
    while request is not None:
        answer = client.call(repository, request)
        yield answer
        following = _next_page(answer)
        request = Request("GET", following) if following else None


def _next_page(answer: Answer) -> str | None:
    """Return the address of the page after this one, from the `Link` header; None after the last."""
    for link in answer.headers.get("link", "").split(","):
        address, _, relation = link.partition(";")
        if 'rel="next"' in relation:
            return address.strip().strip("<>")
    return None


def _normal(body: str | None) -> str:
    """GitHub may hand text back with other line ends."""
    return (body or "").replace("\r\n", "\n").strip()
