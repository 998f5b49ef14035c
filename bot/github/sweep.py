"""What changed in a repository since a moment: all of it, also where it moves while it is being read."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from bot.github import wire
from bot.github.client import Client, repo_path
from bot.github.paging import PER_PAGE
from bot.github.transport import Request
from bot.model.facts import Comment, Issue
from bot.model.subjects import Repository

Shape = TypeVar("Shape", wire.IssueShape, wire.CommentShape)

#: GitHub's times are whole seconds, and whether `since` includes its own second is not written down.
OVERLAP = timedelta(seconds=1)


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
