"""What decides about a release, read from GitHub: tags, commits, open issues, checks, merged pull requests."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from msgspec import Struct

from bot.github import wire
from bot.github.client import Client, repo_path
from bot.github.paging import PER_PAGE, pages
from bot.github.tokens import Scope
from bot.github.transport import Answer, Request
from bot.model.errors import TooLarge
from bot.model.releases import CheckState, Listed, MergedPull, Released, Tag
from bot.model.subjects import Repository

#: Lists longer than this are not read to their end, and not believed to be whole either: `TooLarge` says so.
MAX_PAGES = 30

#: A commit may bear the time of a clock that runs ahead of GitHub's by so much.
SKEW = timedelta(hours=1)

#: What git forbids in the name of a branch or tag, https://git-scm.com/docs/git-check-ref-format
_NO_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|^[-/]|/$|//|(?:^|/)\.|\.$")

#: What a check run's conclusion means; GitHub counts a skipped or neutral one as success.
_CONCLUSIONS = {"success": True, "neutral": True, "skipped": True, "stale": None}
_STATES = {"success": True, "pending": None}

Shape = TypeVar("Shape")


class _Tag(Struct):
    name: str
    commit: wire.GitObject


class _CheckRun(Struct):
    name: str
    status: str
    conclusion: str | None = None
    app: wire.App | None = None
    html_url: str | None = None


class _CheckRuns(Struct):
    check_runs: list[_CheckRun]


class _Status(Struct):
    context: str
    state: str
    target_url: str | None = None


class _Statuses(Struct):
    statuses: list[_Status]


class _Committer(Struct):
    date: wire.Moment


class _CommitBody(Struct):
    committer: _Committer | None = None


class _Commit(Struct):
    sha: wire.Sha
    commit: _CommitBody
    parents: list[wire.GitObject] = []


class _Compared(Struct):
    commits: list[_Commit]


class _Pull(Struct):
    number: wire.Number
    title: str
    updated_at: wire.Moment
    user: wire.Account | None = None
    labels: list[wire.Label | str] = []
    merged_at: wire.Moment | None = None
    merge_commit_sha: str | None = None


class _Release(Struct):
    id: wire.Id
    tag_name: str
    html_url: str = ""
    draft: bool = False
    published_at: wire.Moment | None = None


def is_ref(name: str) -> bool:
    """Say whether this can be the name of a branch, a tag or a commit: it becomes part of addresses."""
    return 0 < len(name) <= 255 and _NO_REF.search(name) is None


def tags(client: Client, repository: Repository) -> tuple[Tag, ...]:
    """Read all tags, each with its commit; raise `TooLarge` for more than 3,000.

    https://docs.github.com/en/rest/repos/repos#list-repository-tags
    """
    request = Request("GET", repo_path(repository, "tags"), parameters={"per_page": PER_PAGE})
    found = _all(client, repository, request, list[_Tag])
    return tuple(Tag(wire.clean(tag.name), tag.commit.sha) for page in found for tag in page)


def commit(client: Client, repository: Repository, ref: str) -> str | None:
    """Return the commit that a branch, a tag or a commit's own name leads to; None where there is none.

    Where a branch and a tag have the same name, GitHub chooses: say `heads/NAME` or `tags/NAME` to be sure.
    https://docs.github.com/en/rest/commits/commits#get-a-commit
    """
    if not is_ref(ref):
        return None
    request = Request("GET", repo_path(repository, "commits", ref), parameters={"per_page": 1})
    answer = client.call(repository, request, accept=(404, 422))
    return answer.read(wire.GitObject).sha if answer.status == 200 else None


def open_issues(
    client: Client, repository: Repository, *, label: str | None = None, milestone: str | None = None
) -> tuple[Listed, ...]:
    """Read the open issues with this label and in the milestone of this title; None is any. No pull requests.

    A milestone that does not exist has no issues. https://docs.github.com/en/rest/issues/issues#list-repository-issues
    """
    wanted: dict[str, str | int] = {"state": "open", "per_page": PER_PAGE}
    if label is not None:
        wanted["labels"] = label
    if milestone is not None:
        number = _milestone(client, repository, milestone)
        if number is None:
            return ()
        wanted["milestone"] = str(number)
    request = Request("GET", repo_path(repository, "issues"), parameters=wanted)
    found = (issue for page in _all(client, repository, request, list[wire.IssueShape]) for issue in page)
    return tuple(
        Listed(issue.number, wire.clean(issue.title), wire.label_names(issue.labels))
        for issue in found
        if issue.pull_request is None
    )


class _Milestone(Struct):
    number: wire.Number
    title: str


def _milestone(client: Client, repository: Repository, title: str) -> int | None:
    """Return the number of a milestone, open or closed; the filter of issues takes no title."""
    wanted: dict[str, str | int] = {"state": "all", "per_page": PER_PAGE}
    request = Request("GET", repo_path(repository, "milestones"), parameters=wanted)
    found = (each for page in _all(client, repository, request, list[_Milestone]) for each in page)
    return next((each.number for each in found if each.title == title), None)


def checks(client: Client, repository: Repository, sha: str) -> tuple[CheckState, ...]:
    """Read what the newest check runs, and then the commit statuses, say of a commit. Reeve's own are among them.

    https://docs.github.com/en/rest/checks/runs#list-check-runs-for-a-git-reference
    https://docs.github.com/en/rest/commits/statuses#get-the-combined-status-for-a-specific-reference
    """
    wanted: dict[str, str | int] = {"filter": "latest", "per_page": PER_PAGE}
    request = Request("GET", repo_path(repository, "commits", sha, "check-runs"), parameters=wanted)
    runs = [run for page in _all(client, repository, request, _CheckRuns, Scope.STATES) for run in page.check_runs]
    path = repo_path(repository, "commits", sha, "status")
    request = Request("GET", path, parameters={"per_page": PER_PAGE})
    statuses = [each for page in _all(client, repository, request, _Statuses, Scope.STATES) for each in page.statuses]
    return (*map(_of_run, runs), *map(_of_status, statuses))


def _of_run(run: _CheckRun) -> CheckState:
    is_green = _CONCLUSIONS.get(run.conclusion or "", False) if run.status == "completed" else None
    return CheckState(wire.clean(run.name), run.app.id if run.app else None, is_green, wire.clean(run.html_url or ""))


def _of_status(status: _Status) -> CheckState:
    is_green = _STATES.get(status.state, False)
    return CheckState(wire.clean(status.context), None, is_green, wire.clean(status.target_url or ""))


def merged_pulls(client: Client, repository: Repository, base: str, head: str) -> tuple[MergedPull, ...]:
    """Read the pull requests that were merged into what `head` has and `base` has not, the newest number last.

    One request for a hundred commits and one for a hundred pull requests closed since the first of them. Found is what
    was merged as one of these commits. What came in within another branch is found where it changed since then. Of a
    commit that was merged elsewhere and picked, nobody can tell. `TooLarge` for more than 3,000 commits or closed pull
    requests. It needs `merge_commit_sha`, which API versions from 2026 on no longer have.
    """
    commits = _commits(client, repository, base, head)
    if not commits:
        return ()
    since, known = _begin(commits, head), {each.sha for each in commits}
    found = {pull.number: pull for pull in _closed_since(client, repository, since) if pull.merge_commit_sha in known}
    return tuple(
        MergedPull(
            number=number,
            title=wire.clean(pull.title),
            author=wire.actor(pull.user),
            labels=wire.label_names(pull.labels),
            merge_sha=pull.merge_commit_sha or "",
        )
        for number, pull in sorted(found.items())
        if pull.merged_at is not None
    )


def _commits(client: Client, repository: Repository, base: str, head: str) -> list[_Commit]:
    """Read what lies between two commits, oldest first."""
    request = Request("GET", repo_path(repository, "compare", f"{base}...{head}"), parameters={"per_page": PER_PAGE})
    return [each for page in _all(client, repository, request, _Compared) for each in page.commits]


def _begin(commits: list[_Commit], head: str) -> datetime:
    """Return when the line of first parents that ends at the head began: merges stand on it."""
    by_sha = {each.sha: each for each in commits}
    at: _Commit | None = by_sha.get(head, commits[-1])
    dates = []
    while at is not None:
        dates.append(at.commit.committer.date if at.commit.committer else datetime.min.replace(tzinfo=UTC))
        at = by_sha.get(at.parents[0].sha) if at.parents else None
    return min(dates)


def _closed_since(client: Client, repository: Repository, since: datetime) -> Iterator[_Pull]:
    """Give the closed pull requests that changed since: what was merged at a commit changed no earlier than it."""
    wanted: dict[str, str | int] = {"state": "closed", "sort": "updated", "direction": "desc", "per_page": PER_PAGE}
    request = Request("GET", repo_path(repository, "pulls"), parameters=wanted)
    for page in _all(client, repository, request, list[_Pull]):
        for pull in page:
            if pull.updated_at < since - SKEW:
                return
            yield pull


def release(client: Client, repository: Repository, tag: str) -> Released | None:
    """Return the published release of a tag; None where there is none. Drafts are not found by their tag.

    https://docs.github.com/en/rest/releases/releases#get-a-release-by-tag-name
    """
    if not is_ref(tag):
        return None
    answer = client.call(repository, Request("GET", repo_path(repository, "releases", "tags", tag)), accept=(404,))
    return released(answer) if answer.status == 200 else None


def released(answer: Answer) -> Released:
    """Return the release that an answer shows."""
    found = answer.read(_Release)
    name, url = wire.clean(found.tag_name), wire.clean(found.html_url)
    return Released(found.id, name, url, found.draft, found.published_at)


def _all(
    client: Client, repository: Repository, request: Request, shape: type[Shape], scope: Scope = Scope.COMMON
) -> Iterator[Shape]:
    """Give all pages of a list; raise `TooLarge` where it is longer than can be read."""
    for at, page in enumerate(pages(_sender(client, repository, scope), request)):
        if at == MAX_PAGES:
            raise TooLarge(f"{request.name} has more than {MAX_PAGES * PER_PAGE} entries")
        yield page.read(shape)


def _sender(client: Client, repository: Repository, scope: Scope, *accept: int) -> Callable[[Request], Answer]:
    return lambda request: client.call(repository, request, accept=accept, scope=scope)
