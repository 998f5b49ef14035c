"""What changed in a repository since a moment: all of it, also where it moves while it is being read.

One conditional request tells whether anything did: a push to a pull request and a new comment move the time of change
of what they belong to. Where nothing did, GitHub answers 304, which costs nothing of the hour's budget.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from bot.github import wire
from bot.github.client import Client, repo_path
from bot.github.paging import PER_PAGE, pages
from bot.github.transport import Request
from bot.model.facts import Comment, Issue, PullRequest
from bot.model.subjects import Repository
from bot.model.sweeps import News, Said

Shape = TypeVar("Shape", wire.IssueShape, wire.CommentShape)

#: GitHub's times are whole seconds, and whether `since` includes its own second is not written down.
OVERLAP = timedelta(seconds=1)


#: The newest change first: what is asked again and again, by its ETag.
NEWEST: Mapping[str, str | int] = {"state": "all", "sort": "updated", "direction": "desc", "per_page": PER_PAGE}


def news(client: Client, repository: Repository, *, since: datetime, etag: str | None) -> News:
    """Give the issues, pull requests and comments that changed since then; nothing where the ETag still fits."""
    headers = {} if etag is None else {"If-None-Match": etag}
    request = Request("GET", repo_path(repository, "issues"), parameters=NEWEST, headers=headers)
    answer = client.call(repository, request, accept=(304,))
    if answer.status == 304:
        return News(etag=etag)
    newest = answer.read(list[wire.IssueShape])
    is_all = len(newest) < PER_PAGE or newest[-1].updated_at < since
    changed = newest if is_all else _all_changed(client, repository, since)
    shapes = {shape.number: shape for shape in changed if shape.updated_at >= since}
    return News(
        issues=tuple(wire.issue(each, repository.id) for each in shapes.values() if each.pull_request is None),
        pulls=tuple(_pulls(client, repository, since, shapes)),
        comments=tuple(_said(client, repository, since, shapes)),
        etag=answer.headers.get("etag"),
    )


def issues(client: Client, repository: Repository, *, since: datetime | None, state: str) -> Iterator[Issue]:
    """Give the issues in this state that changed since then, in the order of their changes."""
    path = repo_path(repository, "issues")

    def read(parameters: dict[str, str | int]) -> list[wire.IssueShape]:
        request = Request("GET", path, parameters={**parameters, "state": state})
        return client.call(repository, request).read(list[wire.IssueShape])

    changed = _changed(read, since, lambda shape: shape.number)
    return (wire.issue(shape, repository.id) for shape in changed if shape.pull_request is None)


def comments(client: Client, repository: Repository, *, since: datetime | None) -> Iterator[tuple[int, Comment]]:
    """Give the comments that changed since then, each with the number of its issue or pull request."""
    path = repo_path(repository, "issues", "comments")

    def read(parameters: dict[str, str | int]) -> list[wire.CommentShape]:
        request = Request("GET", path, parameters=parameters)
        return client.call(repository, request).read(list[wire.CommentShape])

    return ((wire.number_of(shape), wire.comment(shape)) for shape in _changed(read, since, lambda shape: shape.id))


def _all_changed(client: Client, repository: Repository, since: datetime) -> Iterable[wire.IssueShape]:
    """Read all issues and pull requests that changed since then; of what changes meanwhile, the last state."""
    path = repo_path(repository, "issues")

    def read(parameters: dict[str, str | int]) -> list[wire.IssueShape]:
        request = Request("GET", path, parameters={**parameters, "state": "all"})
        return client.call(repository, request).read(list[wire.IssueShape])

    return _changed(read, since, lambda shape: shape.number)


def _pulls(
    client: Client, repository: Repository, since: datetime, changed: Mapping[int, wire.IssueShape]
) -> Iterator[PullRequest]:
    """Give the pull requests among the changed ones, with their heads; they only ever move to the front of the list."""
    wanted = {number for number, shape in changed.items() if shape.pull_request is not None}
    request = Request("GET", repo_path(repository, "pulls"), parameters=NEWEST)
    for page in pages(lambda each: client.call(repository, each), request) if wanted else ():
        shapes = page.read(list[wire.PullShape])
        for shape in shapes:
            if shape.number in wanted:
                wanted.discard(shape.number)
                yield wire.pull(shape, repository.id)
        if not wanted or not shapes or shapes[-1].updated_at < since:
            return


def _said(
    client: Client, repository: Repository, since: datetime, changed: Mapping[int, wire.IssueShape]
) -> Iterator[Said]:
    """Give the comments since then with what they stand under; what did not change has none."""
    for number, comment in comments(client, repository, since=since) if changed else ():
        if (shape := changed.get(number)) is not None:
            yield Said(wire.issue(shape, repository.id), comment, shape.pull_request is not None)


def _changed(
    read: Callable[[dict[str, str | int]], list[Shape]], since: datetime | None, identity: Callable[[Shape], int]
) -> Iterator[Shape]:
    """Read on from the last change seen rather than by page numbers.

    What is changed, closed or deleted meanwhile moves the later ones up, and the next page would pass over them.
    """
    seen: set[tuple[int, datetime]] = set()
    page = 1
    while True:
        found = read(_parameters(since, page))
        fresh = [each for each in found if (identity(each), each.updated_at) not in seen]
        seen.update((identity(each), each.updated_at) for each in fresh)
        yield from fresh
        if len(found) < PER_PAGE:
            return
        reached = found[-1].updated_at - OVERLAP
        page, since = (page + 1, since) if since is not None and reached <= since else (1, reached)


def _parameters(since: datetime | None, page: int) -> dict[str, str | int]:
    parameters: dict[str, str | int] = {"sort": "updated", "direction": "asc", "per_page": PER_PAGE}
    if since is not None:
        parameters["since"] = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return parameters | ({"page": page} if page > 1 else {})
