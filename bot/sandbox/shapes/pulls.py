"""Pull requests, as GitHub writes them."""

from urllib.parse import quote

from bot.sandbox.clock import stamp
from bot.sandbox.shapes.accounts import user
from bot.sandbox.shapes.issues import association, label, milestone
from bot.sandbox.shapes.repositories import repository as repository_shape
from bot.sandbox.shapes.urls import Urls, node_id
from bot.sandbox.state import Issue, Json, Pull, Repository, blob_sha


def pull(repository: Repository, issue: Issue, urls: Urls, *, full: bool = True) -> Json:
    """Return a pull request; `full` adds what only a single one has (merge state and counts)."""
    if issue.pull is None:
        raise ValueError(f"#{issue.number} is not a pull request")
    body = _identity(repository, issue, urls) | _status(repository, issue, issue.pull, urls)
    body |= _branches(repository, issue, issue.pull, urls)
    return body | _merge(repository, issue, issue.pull, urls) if full else body


def _identity(repository: Repository, issue: Issue, urls: Urls) -> Json:
    page = urls.issue_page(repository, issue)
    return {
        "id": issue.pull.id if issue.pull else issue.id,
        "node_id": node_id("PR", issue.id),
        "number": issue.number,
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "title": issue.title,
        "body": issue.body,
        "user": user(issue.author, urls),
        "author_association": association(repository, issue.author),
        "created_at": stamp(issue.created_at),
        "updated_at": stamp(issue.updated_at),
    }


def _status(repository: Repository, issue: Issue, pull: Pull, urls: Urls) -> Json:
    assignees = [user(account, urls) for account in issue.assignees]
    return {
        "state": issue.state,
        "locked": False,
        "active_lock_reason": None,
        "draft": pull.draft,
        "closed_at": stamp(issue.closed_at) if issue.closed_at else None,
        "merged_at": stamp(pull.merged_at) if pull.merged_at else None,
        "merge_commit_sha": pull.merge_sha,
        "assignee": assignees[0] if assignees else None,
        "assignees": assignees,
        "requested_reviewers": [],
        "requested_teams": [],
        "labels": [label(repository, each, urls) for each in issue.labels],
        "milestone": milestone(repository, issue.milestone, urls) if issue.milestone else None,
        "auto_merge": None,
    }


def _branches(repository: Repository, issue: Issue, pull: Pull, urls: Urls) -> Json:
    own, root = f"{urls.repository(repository)}/pulls/{issue.number}", urls.repository(repository)
    links = {
        "url": own,
        "issue_url": urls.issue(repository, issue),
        "commits_url": f"{own}/commits",
        "review_comments_url": f"{own}/comments",
        "review_comment_url": f"{root}/pulls/comments{{/number}}",
        "comments_url": f"{urls.issue(repository, issue)}/comments",
        "statuses_url": f"{root}/statuses/{pull.head_sha}",
    }
    names = {
        "self": "url",
        "html": "",
        "issue": "issue_url",
        "comments": "comments_url",
        "review_comments": "review_comments_url",
        "review_comment": "review_comment_url",
        "commits": "commits_url",
        "statuses": "statuses_url",
    }
    page = urls.issue_page(repository, issue)
    head = _end(pull.head_repository or repository, ref=pull.head_ref, sha=pull.head_sha, urls=urls)
    base = _end(repository, ref=pull.base_ref, sha=pull.base_sha, urls=urls)
    return {**links, "_links": {k: {"href": links.get(v, page)} for k, v in names.items()}, "head": head, "base": base}


def _end(repository: Repository, *, ref: str, sha: str, urls: Urls) -> Json:
    return {
        "label": f"{repository.owner.login}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": user(repository.owner, urls),
        "repo": repository_shape(repository, urls),
    }


def _merge(repository: Repository, issue: Issue, pull: Pull, urls: Urls) -> Json:
    zero = ("review_comments", "additions", "deletions")
    return {
        **dict.fromkeys(zero, 0),
        "commits": 1,
        "changed_files": len(changed_files(repository, pull)),
        "comments": len(issue.comments),
        "merged": pull.merged_at is not None,
        "mergeable": None if issue.state == "closed" else True,
        "rebaseable": None,
        "mergeable_state": "unknown" if issue.state == "closed" else "clean",
        "merged_by": user(pull.merged_by, urls) if pull.merged_by else None,
        "maintainer_can_modify": False,
    }


def changed_files(repository: Repository, pull: Pull) -> dict[str, tuple[bytes | None, bytes | None]]:
    """Return what a pull request changes: path to content before and after, `None` where there is none."""
    base, head = repository.commits[pull.base_sha].files, repository.commits[pull.head_sha].files
    paths = sorted(base.keys() | head.keys())
    return {path: (base.get(path), head.get(path)) for path in paths if base.get(path) != head.get(path)}


def diff_entry(
    repository: Repository, pull: Pull, path: str, change: tuple[bytes | None, bytes | None], urls: Urls
) -> Json:
    """Return one changed file; the counts are of whole files, for the sandbox makes no line diffs."""
    before, after = change
    lines = {"additions": (after or b"").count(b"\n"), "deletions": (before or b"").count(b"\n")}
    page = f"{urls.html}/{repository.full_name}"
    where = f"{pull.head_sha}/{quote(path)}"
    return {
        "sha": blob_sha(after if after is not None else before or b""),
        "filename": path,
        "status": "added" if before is None else "removed" if after is None else "modified",
        **lines,
        "changes": sum(lines.values()),
        "blob_url": f"{page}/blob/{where}",
        "raw_url": f"{page}/raw/{where}",
        "contents_url": f"{urls.repository(repository)}/contents/{quote(path)}?ref={pull.head_sha}",
    }
