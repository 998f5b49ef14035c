"""Teams, environments and comparisons of commits, as GitHub writes them."""

from urllib.parse import quote

from bot.sandbox.clock import stamp
from bot.sandbox.shapes.accounts import organization
from bot.sandbox.shapes.repositories import commit as commit_shape
from bot.sandbox.shapes.urls import Urls, node_id
from bot.sandbox.state import Account, Commit, Environment, Json, Repository, Team


def team(owner: Account, found: Team, urls: Urls) -> Json:
    """Return a team in full."""
    base = f"{urls.api}/organizations/{owner.id}/team/{found.id}"
    return {
        "id": found.id,
        "node_id": node_id("T", found.id),
        "name": found.slug,
        "slug": found.slug,
        "description": None,
        "privacy": "closed",
        "notification_setting": "notifications_enabled",
        "permission": "pull",
        "type": "organization",
        "parent": None,
        "url": base,
        "html_url": f"{urls.html}/orgs/{quote(owner.login)}/teams/{found.slug}",
        "members_url": f"{base}/members{{/member}}",
        "repositories_url": f"{base}/repos",
        "members_count": len(found.members),
        "repos_count": 0,
        "created_at": stamp(found.created_at),
        "updated_at": stamp(found.created_at),
        "organization": _profile(owner, urls),
    }


def _profile(owner: Account, urls: Urls) -> Json:
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    return {
        **organization(owner, urls),
        **counts,
        "html_url": f"{urls.html}/{quote(owner.login)}",
        "has_organization_projects": True,
        "has_repository_projects": True,
        "type": "Organization",
        "created_at": stamp(owner.created_at),
        "updated_at": stamp(owner.created_at),
        "archived_at": None,
    }


def protection(app_id: int, urls: Urls) -> Json:
    """Return an App that is a protection rule of an environment."""
    slug = f"app-{app_id}"
    app = {"id": app_id, "node_id": node_id("A", app_id), "slug": slug, "integration_url": f"{urls.api}/apps/{slug}"}
    return {"id": app_id, "node_id": node_id("GP", app_id), "enabled": True, "app": app}


def environment(repository: Repository, found: Environment, urls: Urls) -> Json:
    """Return a deployment environment without protection rules."""
    return {
        "id": found.id,
        "node_id": node_id("EN", found.id),
        "name": found.name,
        "url": f"{urls.repository(repository)}/environments/{quote(found.name, safe='')}",
        "html_url": f"{urls.html}/{repository.full_name}/deployments/activity_log?environments_filter={found.id}",
        "created_at": stamp(found.created_at),
        "updated_at": stamp(found.created_at),
        "protection_rules": [],
        "deployment_branch_policy": None,
    }


def comparison(
    repository: Repository, *, base: Commit, head: Commit, fork: Commit, ahead: list[Commit], behind: int, urls: Urls
) -> Json:
    """Return what lies between two commits; the files are left out."""
    page = f"{urls.html}/{repository.full_name}/compare/{base.sha}...{head.sha}"
    status = ("diverged" if behind else "ahead") if ahead else ("behind" if behind else "identical")
    return {
        "url": f"{urls.repository(repository)}/compare/{base.sha}...{head.sha}",
        "html_url": page,
        "permalink_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "base_commit": commit_shape(repository, base, urls),
        "merge_base_commit": commit_shape(repository, fork, urls),
        "status": status,
        "ahead_by": len(ahead),
        "behind_by": behind,
        "total_commits": len(ahead),
        "commits": [commit_shape(repository, each, urls) for each in ahead],
        "files": [],
    }
