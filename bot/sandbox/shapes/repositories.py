"""Repositories, branches, commits and files, as GitHub writes them."""

import base64
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from bot.sandbox.clock import stamp
from bot.sandbox.shapes.accounts import user
from bot.sandbox.shapes.urls import Urls, node_id
from bot.sandbox.state import ROLES, Commit, Json, Repository, Required, blob_sha

REPOSITORY_LINKS = {
    "forks_url": "/forks",
    "keys_url": "/keys{/key_id}",
    "collaborators_url": "/collaborators{/collaborator}",
    "teams_url": "/teams",
    "hooks_url": "/hooks",
    "issue_events_url": "/issues/events{/number}",
    "events_url": "/events",
    "assignees_url": "/assignees{/user}",
    "branches_url": "/branches{/branch}",
    "tags_url": "/tags",
    "blobs_url": "/git/blobs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "trees_url": "/git/trees{/sha}",
    "statuses_url": "/statuses/{sha}",
    "languages_url": "/languages",
    "stargazers_url": "/stargazers",
    "contributors_url": "/contributors",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "commits_url": "/commits{/sha}",
    "git_commits_url": "/git/commits{/sha}",
    "comments_url": "/comments{/number}",
    "issue_comment_url": "/issues/comments{/number}",
    "contents_url": "/contents/{+path}",
    "compare_url": "/compare/{base}...{head}",
    "merges_url": "/merges",
    "archive_url": "/{archive_format}{/ref}",
    "downloads_url": "/downloads",
    "issues_url": "/issues{/number}",
    "pulls_url": "/pulls{/number}",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "labels_url": "/labels{/name}",
    "releases_url": "/releases{/id}",
    "deployments_url": "/deployments",
}


def repository(shown: Repository, urls: Urls) -> Json:
    """Return a repository as it stands in payloads and lists."""
    return _identity(shown, urls) | _links(shown, urls) | _counts(shown) | _settings()


def full_repository(shown: Repository, urls: Urls, *, role: str = "write") -> Json:
    """Return a repository as `GET /repos/{owner}/{repo}` gives it, with the caller's rights."""
    body = repository(shown, urls) | {"subscribers_count": 0, "network_count": 0}
    rank = ROLES.index(role)
    least = {"pull": "read", "triage": "triage", "push": "write", "maintain": "maintain", "admin": "admin"}
    body["permissions"] = {name: rank >= ROLES.index(needed) for name, needed in least.items()}
    if shown.owner.type == "Organization":
        body["organization"] = user(shown.owner, urls)
    return body


def _identity(repository: Repository, urls: Urls) -> Json:
    return {
        "id": repository.id,
        "node_id": node_id("R", repository.id),
        "name": repository.name,
        "full_name": repository.full_name,
        "private": repository.private,
        "owner": user(repository.owner, urls),
        "description": None,
        "fork": repository.parent is not None,
        "homepage": None,
        "language": None,
        "license": None,
        "mirror_url": None,
        "topics": [],
        "visibility": "private" if repository.private else "public",
        "default_branch": repository.default_branch,
        "created_at": stamp(repository.created_at),
        "updated_at": stamp(repository.pushed_at),
        "pushed_at": stamp(repository.pushed_at),
    }


def _links(repository: Repository, urls: Urls) -> Json:
    page = f"{urls.html}/{repository.full_name}"
    host = urls.html.partition("://")[2]
    links = {name: urls.repository(repository) + path for name, path in REPOSITORY_LINKS.items()}
    own = {
        "url": urls.repository(repository),
        "html_url": page,
        "git_url": f"git://{host}/{repository.full_name}.git",
        "ssh_url": f"git@{host}:{repository.full_name}.git",
        "clone_url": f"{page}.git",
        "svn_url": page,
    }
    return links | own


def _counts(repository: Repository) -> Json:
    is_open = sum(issue.state == "open" for issue in repository.issues.values())
    zero = ("size", "stargazers_count", "watchers_count", "forks_count", "forks", "watchers")
    return {**dict.fromkeys(zero, 0), "open_issues": is_open, "open_issues_count": is_open}


def _settings() -> Json:
    yes = ("has_issues", "has_projects", "has_downloads", "has_wiki", "allow_forking")
    no = ("has_pages", "has_discussions", "archived", "disabled", "is_template", "web_commit_signoff_required")
    return dict.fromkeys(yes, True) | dict.fromkeys(no, False) | {"custom_properties": {}}


def commit(repository: Repository, commit: Commit, urls: Urls) -> Json:
    """Return a commit as the commits and branches endpoints give it."""
    base = f"{urls.repository(repository)}/commits/{commit.sha}"
    person = {"name": commit.author.login, "email": f"{commit.author.login}@example.org", "date": stamp(commit.at)}
    return {
        "sha": commit.sha,
        "node_id": f"C_{commit.sha}",
        "url": base,
        "html_url": f"{urls.html}/{repository.full_name}/commit/{commit.sha}",
        "comments_url": f"{base}/comments",
        "commit": {
            "url": f"{urls.repository(repository)}/git/commits/{commit.sha}",
            "author": person,
            "committer": person,
            "message": commit.message,
            "comment_count": 0,
            "tree": {"sha": commit.tree, "url": f"{urls.repository(repository)}/git/trees/{commit.tree}"},
        },
        "author": user(commit.author, urls),
        "committer": user(commit.author, urls),
        "parents": [{"sha": sha, "url": f"{urls.repository(repository)}/commits/{sha}"} for sha in commit.parents],
    }


def branch(repository: Repository, name: str, urls: Urls, *, full: bool = False) -> Json:
    """Return a branch: short as in the list, or with its whole commit."""
    at = repository.commits[repository.branches[name]]
    base = f"{urls.repository(repository)}/branches/{quote(name)}"
    short = {"sha": at.sha, "url": f"{urls.repository(repository)}/commits/{at.sha}"}
    checks = [each for each in repository.required if each.branch == name and not each.is_rule]
    body: Json = {"name": name, "commit": short, "protected": bool(checks)}
    if full:
        page = f"{urls.html}/{repository.full_name}/tree/{quote(name)}"
        body |= {"commit": commit(repository, at, urls), "_links": {"self": base, "html": page}}
        body |= {"protection": _protection(checks), "protection_url": f"{base}/protection"}
    return body


def _protection(checks: Sequence[Required]) -> Json:
    """Return what everybody who may read a branch is told of its protection."""
    required = {
        "enforcement_level": "non_admins" if checks else "off",
        "contexts": [each.context for each in checks],
        "checks": [{"context": each.context, "app_id": each.app_id} for each in checks],
    }
    return {"enabled": bool(checks), "required_status_checks": required}


def content(repository: Repository, path: str, data: bytes, urls: Urls, *, ref: str) -> Json:
    """Return a file, its content in base64 with line breaks as GitHub sends it."""
    entry = _entry(repository, path, urls, ref=ref) | {"size": len(data), "sha": blob_sha(data)}
    entry["encoding"] = "base64"
    entry["content"] = base64.encodebytes(data).decode()
    return entry


def directory(repository: Repository, paths: Iterable[tuple[str, bytes | None]], urls: Urls, *, ref: str) -> list[Json]:
    """Return a folder's entries; content `None` marks a folder."""
    return [
        _entry(repository, path, urls, ref=ref)
        | {"type": "dir" if data is None else "file", "size": len(data or b""), "sha": blob_sha(data or path.encode())}
        for path, data in paths
    ]


def _entry(repository: Repository, path: str, urls: Urls, *, ref: str) -> Json:
    here = f"{urls.repository(repository)}/contents/{quote(path)}?ref={quote(ref)}"
    page = f"{urls.html}/{repository.full_name}/blob/{quote(ref)}/{quote(path)}"
    return {
        "type": "file",
        "name": path.rpartition("/")[2],
        "path": path,
        "url": here,
        "git_url": None,
        "html_url": page,
        "download_url": f"{urls.html}/{repository.full_name}/raw/{quote(ref)}/{quote(path)}",
        "_links": {"self": here, "git": None, "html": page},
    }


def reference(repository: Repository, name: str, urls: Urls) -> Json:
    """Return a branch or a tag, named as in `heads/main`, as the git database gives it."""
    folder, _, short = name.partition("/")
    known = repository.branches if folder == "heads" else repository.published.tags
    sha, root = known[short], urls.repository(repository)
    kind = "tag" if sha in repository.published.annotated else "commit"
    return {
        "ref": f"refs/{name}",
        "node_id": f"REF_{sha}",
        "url": f"{root}/git/refs/{quote(name)}",
        "object": {"type": kind, "sha": sha, "url": f"{root}/git/{kind}s/{sha}"},
    }


def file_commit(repository: Repository, path: str, made: Commit, urls: Urls, *, ref: str) -> Json:
    """Return what GitHub answers to a file that was written: the file, and the commit in git's own words."""
    shown = commit(repository, made, urls)
    git = {name: shown["commit"][name] for name in ("author", "committer", "message", "tree")}
    own = {name: shown[name] for name in ("sha", "node_id", "html_url", "parents")}
    url = f"{urls.repository(repository)}/git/commits/{made.sha}"
    entry = content(repository, path, made.files[path], urls, ref=ref)
    git_url = f"{urls.repository(repository)}/git/blobs/{entry['sha']}"
    links = {**entry["_links"], "git": git_url}
    dropped = {"content", "encoding"}
    file = {name: value for name, value in entry.items() if name not in dropped} | {"git_url": git_url, "_links": links}
    return {"content": file, "commit": {**own, **git, "url": url}}
