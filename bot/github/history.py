"""A repository's newest issues, open and closed, as they are now."""

from collections.abc import Mapping

from bot.github import wire
from bot.github.client import Client, repo_path
from bot.github.paging import PER_PAGE, pages
from bot.github.transport import Request
from bot.model.facts import Issue
from bot.model.subjects import Repository

#: GitHub lists pull requests among the issues: where nearly all are, reading ends after so many pages.
MOST_PAGES = 20

_NEWEST: Mapping[str, str | int] = {"state": "all", "sort": "created", "direction": "desc", "per_page": PER_PAGE}


def newest_issues(client: Client, repository: Repository, *, most: int) -> list[Issue]:
    """Read the newest issues, the newest first; at most so many, in at most `MOST_PAGES` requests."""
    found: list[Issue] = []
    request = Request("GET", repo_path(repository, "issues"), parameters=_NEWEST)
    for number, page in enumerate(pages(lambda each: client.call(repository, each), request), start=1):
        shapes = page.read(list[wire.IssueShape])
        found += (wire.issue(shape, repository.id) for shape in shapes if shape.pull_request is None)
        if len(found) >= most or number == MOST_PAGES:
            break
    return found[:most]
