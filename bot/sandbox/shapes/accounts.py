"""Accounts, the App and its installations, as GitHub writes them."""

from urllib.parse import quote

from bot.sandbox.clock import stamp
from bot.sandbox.shapes.urls import Urls, node_id
from bot.sandbox.state import Account, App, Installation, Json

USER_LINKS = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}


def user(account: Account, urls: Urls) -> Json:
    """Return an account as it stands in most answers and payloads."""
    page = f"apps/{account.login.removesuffix('[bot]')}" if account.type == "Bot" else quote(account.login)
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id("U", account.id),
        "avatar_url": f"{urls.html}/avatars/{account.id}",
        "gravatar_id": "",
        "url": urls.user(account),
        "html_url": f"{urls.html}/{page}",
        **{name: urls.user(account) + path for name, path in USER_LINKS.items()},
        "type": account.type,
        "site_admin": False,
    }


def public_user(account: Account, urls: Urls) -> Json:
    """Return an account's public profile."""
    empty = dict.fromkeys(("name", "company", "blog", "location", "email", "hireable", "bio"))
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    times = {"created_at": stamp(account.created_at), "updated_at": stamp(account.created_at)}
    return {**user(account, urls), **empty, **counts, **times}


def organization(account: Account, urls: Urls) -> Json:
    """Return an organisation as it stands in payloads."""
    base = f"{urls.api}/orgs/{quote(account.login)}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id("O", account.id),
        "url": base,
        "repos_url": f"{base}/repos",
        "events_url": f"{base}/events",
        "hooks_url": f"{base}/hooks",
        "issues_url": f"{base}/issues",
        "members_url": f"{base}/members{{/member}}",
        "public_members_url": f"{base}/public_members{{/member}}",
        "avatar_url": f"{urls.html}/avatars/{account.id}",
        "description": None,
    }


def app(app: App, urls: Urls) -> Json:
    """Return the App."""
    return {
        "id": app.id,
        "slug": app.slug,
        "node_id": node_id("A", app.id),
        "owner": user(app.owner, urls),
        "name": app.slug.capitalize(),
        "description": None,
        "external_url": urls.html,
        "html_url": f"{urls.html}/apps/{app.slug}",
        "created_at": stamp(app.created_at),
        "updated_at": stamp(app.created_at),
        "permissions": dict(app.permissions),
        "events": list(app.events),
    }


def installation(app: App, installation: Installation, urls: Urls) -> Json:
    """Return an installation."""
    base = f"{urls.api}/app/installations/{installation.id}"
    suspended = installation.suspended_at
    return {
        "id": installation.id,
        "account": user(installation.account, urls),
        "repository_selection": "all" if installation.repository_ids is None else "selected",
        "access_tokens_url": f"{base}/access_tokens",
        "repositories_url": f"{urls.api}/installation/repositories",
        "html_url": f"{urls.html}/settings/installations/{installation.id}",
        "app_id": app.id,
        "app_slug": app.slug,
        "target_id": installation.account.id,
        "target_type": installation.account.type,
        "permissions": dict(installation.permissions),
        "events": list(app.events),
        "created_at": stamp(installation.created_at),
        "updated_at": stamp(installation.created_at),
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": user(installation.suspended_by, urls) if installation.suspended_by else None,
        "suspended_at": stamp(suspended) if suspended else None,
    }
