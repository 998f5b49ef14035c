"""The App, its installations and their tokens, accounts and rate limits."""

from collections.abc import Mapping

from bot.sandbox import shapes
from bot.sandbox.auth import RANKS, Token
from bot.sandbox.clock import stamp
from bot.sandbox.routing import Routes
from bot.sandbox.state import Installation, Json, Repository
from bot.sandbox.wire import Call, Problem, Reply, not_found, page

routes = Routes()


@routes.add("GET", "/app", callers=("app",))
def get_app(call: Call) -> Reply:
    """Return the App."""
    body = shapes.app(call.state.app, call.urls)
    extra = {"client_id": call.state.app.client_id, "installations_count": len(call.state.installations)}
    return Reply(body=body | extra)


@routes.add("GET", "/app/installations", callers=("app",))
def list_installations(call: Call) -> Reply:
    """Return the App's installations."""
    return page(call, call.state.installations.values(), lambda each: _shape(call, each))


@routes.add("GET", "/app/installations/{id}", callers=("app",))
def get_installation(call: Call) -> Reply:
    """Return one installation."""
    return Reply(body=_shape(call, _installation(call)))


@routes.add("GET", "/repos/{owner}/{repo}/installation", callers=("app",))
def get_repository_installation(call: Call) -> Reply:
    """Return the installation that reaches a repository."""
    found = call.state.installation_of(call.repository)
    if found is None:
        raise not_found()
    return Reply(body=_shape(call, found))


@routes.add("POST", "/app/installations/{id}/access_tokens", callers=("app",))
def create_token(call: Call) -> Reply:
    """Give out an installation token, narrowed if asked."""
    installation = _installation(call)
    if installation.suspended_at:
        raise Problem(403, "This installation has been suspended")
    fields, now = call.fields(), call.state.clock.now()
    chosen = _chosen(call, installation, fields)
    permissions = _narrowed(installation, fields.get("permissions"))
    ids = None if chosen is None else [repository.id for repository in chosen]
    token = call.desk.tokens.mint(call.state.app, installation, now=now, repository_ids=ids, permissions=permissions)
    return Reply(201, _token(call, token, chosen))


@routes.add("DELETE", "/installation/token")
def revoke_token(call: Call) -> Reply:
    """Revoke the token that the request came with."""
    if call.caller.token:
        call.desk.tokens.revoke(call.caller.token)
    return Reply(204)


@routes.add("GET", "/installation/repositories")
def list_repositories(call: Call) -> Reply:
    """Return the repositories that the token reaches."""
    token, installation = call.caller.token, call.caller.installation
    if token is None or installation is None:
        raise not_found()
    reached = call.state.repositories_of(installation)
    allowed = token.repository_ids
    seen = [each for each in reached if allowed is None or each.id in allowed]
    paged = page(call, seen, lambda each: shapes.full_repository(each, call.urls))
    selection = "all" if installation.repository_ids is None else "selected"
    body = {"total_count": len(seen), "repository_selection": selection, "repositories": paged.body}
    return Reply(body=body, headers=paged.headers)


@routes.add("GET", "/users/{username}", callers=("anonymous", "installation", "app"))
def get_user(call: Call) -> Reply:
    """Return an account's public profile; `slug[bot]` is the App's own."""
    account = call.state.accounts.get(call.params["username"].lower())
    if account is None:
        raise not_found()
    return Reply(body=shapes.public_user(account, call.urls))


@routes.add("GET", "/rate_limit", callers=("anonymous", "installation", "app"))
def get_rate_limit(call: Call) -> Reply:
    """Return the caller's limits; asking costs nothing."""
    core = call.desk.limits.overview(call.caller.key, now=call.state.clock.now())
    search = {**core, "limit": 30, "used": 0, "remaining": 30, "resource": "search"}
    return Reply(body={"resources": {"core": core, "search": search}, "rate": core})


@routes.add("GET", "/meta", callers=("anonymous", "installation", "app"))
def get_meta(call: Call) -> Reply:
    """Return what GitHub says of itself."""
    del call  # the answer is the same for everybody
    return Reply(body={"verifiable_password_authentication": False, "hooks": ["127.0.0.1/32"]})


def _installation(call: Call) -> Installation:
    found = call.state.installations.get(int(call.params["id"]))
    if found is None:
        raise not_found()
    return found


def _shape(call: Call, installation: Installation) -> Json:
    return shapes.installation(call.state.app, installation, call.urls)


def _chosen(call: Call, installation: Installation, fields: Json) -> list[Repository] | None:
    ids, names = fields.get("repository_ids"), fields.get("repositories")
    if ids is None and names is None:
        return None
    reached = call.state.repositories_of(installation)
    chosen = [each for each in reached if each.id in (ids or ()) or each.name in (names or ())]
    if len(chosen) < len(set(ids or ())) + len(set(names or ())):
        raise Problem(
            422, "There is at least one repository that does not exist or is not accessible to the parent installation."
        )
    return chosen


def _narrowed(installation: Installation, wanted: Mapping[str, str] | None) -> dict[str, str] | None:
    if not wanted:
        return None
    for name, level in wanted.items():
        if RANKS.index(level) > RANKS.index(installation.permissions.get(name, "none")):
            raise Problem(422, "The permissions requested are not granted to this installation.")
    return {"metadata": "read", **wanted}


def _token(call: Call, token: Token, chosen: list[Repository] | None) -> Json:
    is_selected = chosen is not None or token.installation.repository_ids is not None
    body: Json = {
        "token": token.text,
        "expires_at": stamp(token.expires_at),
        "permissions": dict(token.permissions),
        "repository_selection": "selected" if is_selected else "all",
    }
    if chosen is not None:
        body["repositories"] = [shapes.full_repository(each, call.urls) for each in chosen]
    return body
