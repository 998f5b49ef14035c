"""Issues, labels, comments and reactions, as GitHub writes them."""

from urllib.parse import quote

from bot.sandbox.clock import stamp
from bot.sandbox.published import Milestone
from bot.sandbox.shapes.accounts import app as app_shape
from bot.sandbox.shapes.accounts import user
from bot.sandbox.shapes.urls import Urls, node_id
from bot.sandbox.state import Account, App, Comment, Issue, IssueType, Json, Label, Reaction, Repository

#: Every reaction GitHub knows, https://docs.github.com/rest/reactions/reactions#about-reactions
REACTIONS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes")


def label(repository: Repository, label: Label, urls: Urls) -> Json:
    """Return a label."""
    return {
        "id": label.id,
        "node_id": node_id("LA", label.id),
        "url": f"{urls.repository(repository)}/labels/{quote(label.name, safe='')}",
        "name": label.name,
        "color": label.color,
        "default": label.default,
        "description": label.description,
    }


def issue_type(kind: IssueType) -> Json:
    """Return a native issue type."""
    return {
        "id": kind.id,
        "node_id": node_id("IT", kind.id),
        "name": kind.name,
        "description": kind.description,
        "color": kind.color,
        "created_at": stamp(kind.created_at),
        "updated_at": stamp(kind.created_at),
        "is_enabled": True,
    }


def reaction(reaction: Reaction, urls: Urls) -> Json:
    """Return one reaction."""
    return {
        "id": reaction.id,
        "node_id": node_id("REA", reaction.id),
        "user": user(reaction.author, urls),
        "content": reaction.content,
        "created_at": stamp(reaction.created_at),
    }


def rollup(reactions: list[Reaction], *, at: str) -> Json:
    """Return how many reactions of each kind there are under the thing at this address."""
    counts = {content: sum(r.content == content for r in reactions) for content in REACTIONS}
    return {"url": f"{at}/reactions", "total_count": len(reactions), **counts}


def association(repository: Repository, author: Account) -> str:
    """Return how the author stands to the repository, in GitHub's words."""
    if author is repository.owner:
        return "OWNER"
    role = repository.role_of(author)
    if role in {"none", "read"}:
        return "NONE"
    return "MEMBER" if repository.owner.type == "Organization" else "COLLABORATOR"


def comment(repository: Repository, issue: Issue, comment: Comment, urls: Urls, *, app: App) -> Json:
    """Return a comment."""
    here = f"{urls.repository(repository)}/issues/comments/{comment.id}"
    return {
        "url": here,
        "html_url": f"{urls.issue_page(repository, issue)}#issuecomment-{comment.id}",
        "issue_url": urls.issue(repository, issue),
        "id": comment.id,
        "node_id": node_id("IC", comment.id),
        "user": user(comment.author, urls),
        "created_at": stamp(comment.created_at),
        "updated_at": stamp(comment.updated_at),
        "author_association": association(repository, comment.author),
        "body": comment.body,
        "reactions": rollup(comment.reactions, at=here),
        "performed_via_github_app": app_shape(app, urls) if comment.by_app else None,
    }


def issue(repository: Repository, issue: Issue, urls: Urls, *, app: App) -> Json:
    """Return an issue, or a pull request seen as one."""
    body = _identity(repository, issue, urls) | _status(repository, issue, urls)
    body["performed_via_github_app"] = app_shape(app, urls) if issue.by_app else None
    if issue.pull:
        body |= {"draft": issue.pull.draft, "pull_request": _pull_links(repository, issue, urls)}
    elif repository.owner.type == "Organization":
        body["type"] = issue_type(issue.type) if issue.type else None
    return body


def _identity(repository: Repository, issue: Issue, urls: Urls) -> Json:
    here = urls.issue(repository, issue)
    return {
        "url": here,
        "repository_url": urls.repository(repository),
        "labels_url": f"{here}/labels{{/name}}",
        "comments_url": f"{here}/comments",
        "events_url": f"{here}/events",
        "timeline_url": f"{here}/timeline",
        "html_url": urls.issue_page(repository, issue),
        "id": issue.id,
        "node_id": node_id("PR" if issue.pull else "I", issue.id),
        "number": issue.number,
        "title": issue.title,
        "body": issue.body,
        "user": user(issue.author, urls),
        "author_association": association(repository, issue.author),
        "created_at": stamp(issue.created_at),
        "updated_at": stamp(issue.updated_at),
    }


def _status(repository: Repository, issue: Issue, urls: Urls) -> Json:
    assignees = [user(account, urls) for account in issue.assignees]
    return {
        "labels": [label(repository, each, urls) for each in issue.labels],
        "state": issue.state,
        "state_reason": issue.state_reason,
        "closed_at": stamp(issue.closed_at) if issue.closed_at else None,
        "locked": issue.is_locked,
        "active_lock_reason": None,
        "assignee": assignees[0] if assignees else None,
        "assignees": assignees,
        "milestone": milestone(repository, issue.milestone, urls) if issue.milestone else None,
        "comments": len(issue.comments),
        "reactions": rollup(issue.reactions, at=urls.issue(repository, issue)),
    }


def milestone(repository: Repository, shown: Milestone, urls: Urls) -> Json:
    """Return a milestone, with how many issues of it are open and closed."""
    here = f"{urls.repository(repository)}/milestones/{shown.number}"
    states = [each.state for each in repository.issues.values() if each.milestone is shown]
    return {
        "url": here,
        "html_url": f"{urls.html}/{repository.full_name}/milestone/{shown.number}",
        "labels_url": f"{here}/labels",
        "id": shown.id,
        "node_id": node_id("MI", shown.id),
        "number": shown.number,
        "title": shown.title,
        "description": None,
        "creator": user(shown.creator, urls),
        "open_issues": states.count("open"),
        "closed_issues": states.count("closed"),
        "state": shown.state,
        "created_at": stamp(shown.created_at),
        "updated_at": stamp(shown.created_at),
        "due_on": None,
        "closed_at": None,
    }


def _pull_links(repository: Repository, issue: Issue, urls: Urls) -> Json:
    page = urls.issue_page(repository, issue)
    merged_at = issue.pull.merged_at if issue.pull else None
    return {
        "url": f"{urls.repository(repository)}/pulls/{issue.number}",
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "merged_at": stamp(merged_at) if merged_at else None,
    }
