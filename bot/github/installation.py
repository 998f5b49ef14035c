"""GitHub as one installation may use it: facts are read here, effects are handed to `effects`."""

import base64
import binascii
from collections.abc import Collection, Iterator
from datetime import datetime

from bot.github import actions, code, effects, history, lookups, releases, rules, sweep, timeline, wire
from bot.github.client import Client, repo_path
from bot.github.transport import Answer, Request
from bot.model.changes import Comparison, Interest, Unclear, Wish
from bot.model.effects import Effect
from bot.model.errors import GitHubDown, Gone, Refused, Unreadable
from bot.model.facts import Comment, Issue, PullRequest
from bot.model.forge import Attempt, Fetched, Newest, Past, Receipt, RequiredCheck
from bot.model.releases import CheckState, Listed, MergedPull, Released, Tag
from bot.model.roles import Role
from bot.model.runs import Artifact, Run
from bot.model.subjects import Repository
from bot.model.sweeps import News

#: The contents API returns no content above this size.
MAX_FILE_BYTES = 1_000_000


class GitHubForge:
    """GitHub, as one installation may use it. Everything may raise `RateLimited`, `GitHubDown`, `Refused` or `Gone`."""

    def __init__(self, client: Client, installation_id: int) -> None:
        """Keep whose name to act in."""
        self._client = client
        self._installation_id = installation_id

    def file(self, repository: Repository, path: str, *, etag: str | None, ref: str | None = None) -> Fetched | None:
        """Read a file at a commit or branch, the default one unless named; None means unchanged since `etag`.

        Unchanged costs nothing. Bytes that are not UTF-8 come as U+FFFD, so that whoever reads the text can point at
        them.
        """
        headers = {} if etag is None else {"If-None-Match": etag}
        parameters = {} if ref is None else {"ref": ref}
        place = repo_path(repository, "contents", *path.split("/"))
        request = Request("GET", place, parameters=parameters, headers=headers)
        answer = self._call(repository, request, 304, 404)
        if answer.status == 304:
            return None
        if answer.status == 404:
            return Fetched(None, None)
        return Fetched(_content(answer, path), answer.headers.get("etag"))

    def issue(self, repository: Repository, number: int) -> Issue:
        """Read an issue as it is now; one that was transferred or deleted is `Gone`."""
        answer = self._call(repository, Request("GET", repo_path(repository, "issues", str(number))))
        shape = answer.read(wire.IssueShape)
        if shape.number != number:  # PyGithub followed GitHub's redirect into the other repository
            raise Gone(f"issue {number} was transferred")
        return wire.issue(shape, repository.id)

    def pull(self, repository: Repository, number: int) -> PullRequest:
        """Read a pull request as it is now."""
        answer = self._call(repository, Request("GET", repo_path(repository, "pulls", str(number))))
        return wire.pull(answer.read(wire.PullShape), repository.id)

    def comment(self, repository: Repository, comment_id: int) -> Comment | None:
        """Read a comment as it is now; None means that it was deleted."""
        path = repo_path(repository, "issues", "comments", str(comment_id))
        answer = self._call(repository, Request("GET", path), 404, 410)
        return wire.comment(answer.read(wire.CommentShape)) if answer.status == 200 else None

    def permission(self, repository: Repository, login: str, user_id: int) -> Role | None:
        """Ask for an account's role now; None means that this login is not, or no longer, this account.

        A custom role counts as the plain one that it is built on, and no name counts for more than GitHub says.
        """
        path = repo_path(repository, "collaborators", login, "permission")
        answer = self._call(repository, Request("GET", path), 404)
        if answer.status == 404:
            return None
        found = answer.read(wire.PermissionShape)
        return wire.role(found) if found.user is not None and found.user.id == user_id else None

    def labels(self, repository: Repository) -> frozenset[str]:
        """Name all labels of a repository."""
        self._check_ours(repository)
        return lookups.labels(self._client, repository)

    def has_team(self, repository: Repository, organization: str, slug: str) -> bool | None:
        """Say whether an organisation has this team; None where the App may not see its members."""
        self._check_ours(repository)
        return lookups.has_team(self._client, repository, organization, slug)

    def environments(self, repository: Repository) -> frozenset[str] | None:
        """Name the deployment environments; None where the App may not see them."""
        self._check_ours(repository)
        return lookups.environments(self._client, repository)

    def protectors(self, repository: Repository, environment: str) -> frozenset[int] | None:
        """Name the Apps that are rules of an environment; None where it is not there, or the App may not see it."""
        self._check_ours(repository)
        return lookups.protectors(self._client, repository, environment)

    def newest(self, repository: Repository, count: int) -> tuple[Newest, ...]:
        """Name the newest issues and pull requests, at most a hundred, the newest first."""
        self._check_ours(repository)
        return lookups.newest(self._client, repository, count)

    def merge_base(self, repository: Repository, base: str, head: str) -> str | None:
        """Return the commit from which a head and a base went apart; None where they have nothing in common."""
        self._check_ours(repository)
        return lookups.merge_base(self._client, repository, base, head)

    def repository(self, repository: Repository) -> Repository:
        """Read the name and the default branch that a repository has today; `Gone` when another has taken its name."""
        self._check_ours(repository)
        return self._client.present(repository)

    def issues(self, repository: Repository, *, since: datetime | None, state: str = "open") -> Iterator[Issue]:
        """Read all issues that changed since a moment, in the order of their changes; pull requests are left out."""
        self._check_ours(repository)
        return sweep.issues(self._client, repository, since=since, state=state)

    def newest_issues(self, repository: Repository, *, most: int) -> list[Issue]:
        """Read the newest issues, open and closed, at most so many; pull requests are left out."""
        self._check_ours(repository)
        return history.newest_issues(self._client, repository, most=most)

    def comments(self, repository: Repository, *, since: datetime | None) -> Iterator[tuple[int, Comment]]:
        """Read all comments that changed since a moment, each with the number of its issue or pull request."""
        self._check_ours(repository)
        return sweep.comments(self._client, repository, since=since)

    def timeline(self, repository: Repository, number: int, *, etags: tuple[str, ...] = ()) -> Past:
        """Read what happened to an issue, without Reeve's own doing; nothing new since these etags costs nothing."""
        self._check_ours(repository)
        return timeline.read(self._client, repository, number, etags=etags)

    def required_checks(self, repository: Repository) -> tuple[RequiredCheck, ...]:
        """Name the checks that the default branch requires."""
        self._check_ours(repository)
        return rules.required_checks(self._client, repository)

    def news(self, repository: Repository, *, since: datetime, etag: str | None) -> News:
        """Read what changed since a moment; one request that costs nothing where the ETag still fits."""
        self._check_ours(repository)
        return sweep.news(self._client, repository, since=since, etag=etag)

    def issue_types(self, repository: Repository) -> tuple[str, ...]:
        """Name the native issue types in use; empty where there are none, or none that Reeve may see."""
        if repository.organization is None:
            return ()
        answer = self._call(repository, Request("GET", repo_path(repository, "issue-types")), 403, 404)
        if answer.status != 200:
            return ()
        return tuple(wire.clean(found.name) for found in answer.read(list[wire.IssueType]) if found.is_enabled)

    def runs(self, repository: Repository, head_sha: str) -> tuple[Run, ...]:
        """Read the workflow runs of a commit, each in its newest attempt, the newest first."""
        self._check_ours(repository)
        return tuple(actions.runs(self._client, repository, head_sha))

    def artifacts(self, repository: Repository, run_id: int) -> tuple[Artifact, ...]:
        """Read what a workflow run handed over, in all its attempts."""
        self._check_ours(repository)
        return tuple(actions.artifacts(self._client, repository, run_id))

    def artifact(self, repository: Repository, artifact: Artifact) -> bytes:
        """Return an artifact's zip; raise `TooLarge` for what is too large, `Gone` for what has expired."""
        self._check_ours(repository)
        return actions.download(self._client, repository, artifact)

    def run(self, repository: Repository, run_id: int) -> Run | None:
        """Read a workflow run in its newest attempt; None where there is none."""
        self._check_ours(repository)
        return actions.run(self._client, repository, run_id)

    def run_by_nonce(self, repository: Repository, workflow: str, nonce: str, since: datetime) -> Run | None:
        """Find the first run of a workflow that was dispatched with this nonce in its title."""
        self._check_ours(repository)
        return actions.run_by_nonce(self._client, repository, workflow, nonce, since)

    def tags(self, repository: Repository) -> tuple[Tag, ...]:
        """Read all tags, each with its commit; raise `TooLarge` for more than 3,000."""
        self._check_ours(repository)
        return releases.tags(self._client, repository)

    def commit(self, repository: Repository, ref: str) -> str | None:
        """Return the commit that a branch, a tag or a commit's own name leads to; None where there is none."""
        self._check_ours(repository)
        return releases.commit(self._client, repository, ref)

    def open_issues(
        self, repository: Repository, label: str | None = None, milestone: str | None = None
    ) -> tuple[Listed, ...]:
        """Read the open issues with this label and in the milestone of this title; None is any. No pull requests."""
        self._check_ours(repository)
        return releases.open_issues(self._client, repository, label=label, milestone=milestone)

    def checks(self, repository: Repository, sha: str) -> tuple[CheckState, ...]:
        """Read what the newest check runs and the commit statuses say of a commit, Reeve's own among them."""
        self._check_ours(repository)
        return releases.checks(self._client, repository, sha)

    def merged_pulls(self, repository: Repository, base: str, head: str) -> tuple[MergedPull, ...]:
        """Read the pull requests that were merged into what `head` has and `base` has not."""
        self._check_ours(repository)
        return releases.merged_pulls(self._client, repository, base, head)

    def release(self, repository: Repository, tag: str) -> Released | None:
        """Return the published release of a tag; None where there is none."""
        self._check_ours(repository)
        return releases.release(self._client, repository, tag)

    def compare(self, repository: Repository, wish: Wish, interest: Interest) -> Comparison | Unclear:
        """Return what a pull request or merge group changes, by git itself; or why that cannot be said."""
        self._check_ours(repository)
        return code.compared(self._client, repository, wish, interest)

    def texts(self, repository: Repository, commit: str, paths: Collection[str]) -> dict[str, bytes]:
        """Return files as they are in a commit; what is no file there is left out."""
        self._check_ours(repository)
        return code.texts(self._client, repository, commit, paths)

    def apply(self, repository: Repository, effect: Effect, attempt: Attempt) -> Receipt:
        """Make the effect true; look up first where an earlier try may have got through."""
        self._check_ours(repository)
        return effects.apply(self._client, repository, effect, attempt)

    def _call(self, repository: Repository, request: Request, *accept: int) -> Answer:
        self._check_ours(repository)
        return self._client.call(repository, request, accept=accept)

    def _check_ours(self, repository: Repository) -> None:
        if repository.installation_id != self._installation_id:
            raise Refused(f"repository {repository.id} belongs to another installation")


def _content(answer: Answer, path: str) -> str:
    if answer.text.startswith("["):
        raise Unreadable(f"{path} is a directory, not a file", why="folder")
    file = answer.read(wire.FileShape)
    if file.type != "file":
        raise Unreadable(f"{path} is a {file.type}, not a file", why="special")
    if file.size > MAX_FILE_BYTES or file.encoding != "base64":
        raise Unreadable(f"{path} is larger than 1 MB", why="large")
    try:
        return base64.b64decode(file.content or "").decode("utf-8", errors="replace")
    except binascii.Error:
        raise GitHubDown(f"{path}: an answer that cannot be read") from None
