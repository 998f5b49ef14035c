"""Tags, releases, statuses and deployments, as GitHub writes them."""

from collections.abc import Sequence
from urllib.parse import quote

from bot.sandbox.clock import stamp
from bot.sandbox.published import AnnotatedTag, Deployment, Release, Status
from bot.sandbox.shapes.accounts import user
from bot.sandbox.shapes.runs import lite_repository
from bot.sandbox.shapes.urls import Urls, node_id
from bot.sandbox.state import Json, Repository


def tag(repository: Repository, name: str, urls: Urls) -> Json:
    """Return a tag as the list of them shows it: with its commit, whatever stands between."""
    root, sha = urls.repository(repository), repository.published.commit_of(name)
    return {
        "name": name,
        "node_id": f"REF_{sha}",
        "commit": {"sha": sha, "url": f"{root}/commits/{sha}"},
        "zipball_url": f"{root}/zipball/refs/tags/{quote(name)}",
        "tarball_url": f"{root}/tarball/refs/tags/{quote(name)}",
    }


def annotated_tag(repository: Repository, shown: AnnotatedTag, urls: Urls) -> Json:
    """Return a tag that is an object of its own."""
    root, login = urls.repository(repository), shown.tagger.login
    return {
        "node_id": f"TA_{shown.sha}",
        "sha": shown.sha,
        "url": f"{root}/git/tags/{shown.sha}",
        "tag": shown.name,
        "message": shown.message,
        "tagger": {"name": login, "email": f"{login}@example.org", "date": stamp(shown.at)},
        "object": {"type": "commit", "sha": shown.commit, "url": f"{root}/git/commits/{shown.commit}"},
    }


def release(repository: Repository, shown: Release, urls: Urls) -> Json:
    """Return a release without files."""
    root = urls.repository(repository)
    here, name = f"{root}/releases/{shown.id}", quote(shown.tag)
    uploads = f"{urls.html}/api/uploads/repos/{repository.full_name}"
    return {
        "url": here,
        "assets_url": f"{here}/assets",
        "upload_url": f"{uploads}/releases/{shown.id}/assets{{?name,label}}",
        "html_url": f"{urls.html}/{repository.full_name}/releases/tag/{name}",
        "id": shown.id,
        "node_id": node_id("RE", shown.id),
        "author": user(shown.author, urls),
        "tag_name": shown.tag,
        "target_commitish": shown.target,
        "name": shown.name,
        "body": shown.body,
        "draft": shown.draft,
        "prerelease": shown.prerelease,
        "created_at": stamp(shown.created_at),
        "published_at": stamp(shown.published_at) if shown.published_at else None,
        "assets": [],
        "tarball_url": f"{root}/tarball/{name}",
        "zipball_url": f"{root}/zipball/{name}",
    }


def combined_status(repository: Repository, sha: str, statuses: Sequence[Status], urls: Urls) -> Json:
    """Return the newest statuses of a commit, one for each context, and what they come to."""
    here = f"{urls.repository(repository)}/commits/{sha}"
    states = {each.state for each in statuses}
    is_red = bool(states & {"error", "failure"})
    return {
        "state": "failure" if is_red else "success" if states == {"success"} else "pending",
        "sha": sha,
        "total_count": len(statuses),
        "statuses": [_status(repository, each, urls) for each in statuses],
        "repository": lite_repository(repository, urls),
        "commit_url": here,
        "url": f"{here}/status",
    }


def _status(repository: Repository, shown: Status, urls: Urls) -> Json:
    return {
        "id": shown.id,
        "node_id": node_id("SC", shown.id),
        "state": shown.state,
        "context": shown.context,
        "description": None,
        "target_url": shown.url or None,
        "avatar_url": user(shown.creator, urls)["avatar_url"],
        "url": f"{urls.repository(repository)}/statuses/{shown.sha}",
        "created_at": stamp(shown.created_at),
        "updated_at": stamp(shown.created_at),
    }


def deployment(repository: Repository, shown: Deployment, urls: Urls) -> Json:
    """Return a deployment."""
    here = f"{urls.repository(repository)}/deployments/{shown.id}"
    return {
        "url": here,
        "id": shown.id,
        "node_id": node_id("DE", shown.id),
        "task": "deploy",
        "original_environment": shown.environment,
        "environment": shown.environment,
        "description": None,
        "created_at": stamp(shown.created_at),
        "updated_at": stamp(shown.created_at),
        "statuses_url": f"{here}/statuses",
        "repository_url": urls.repository(repository),
        "creator": user(shown.creator, urls),
        "sha": shown.sha,
        "ref": shown.ref,
        "payload": {},
        "transient_environment": False,
        "production_environment": False,
        "performed_via_github_app": None,
    }


def callback(repository: Repository, shown: Deployment, urls: Urls) -> str:
    """Return the address at which a run that waits is answered."""
    return f"{urls.repository(repository)}/actions/runs/{shown.run.id}/deployment_protection_rule"
