"""Repositories, their files, branches and commits, people's rights in them, and an organisation's issue types."""

from bot.sandbox import shapes
from bot.sandbox.routing import Routes
from bot.sandbox.state import Commit, IssueType, Json
from bot.sandbox.wire import Call, Problem, Reply, not_found, page

routes = Routes()
METADATA, CONTENTS = {"metadata": "read"}, {"contents": "read"}


@routes.add("GET", "/repos/{owner}/{repo}", callers=("anonymous", "installation"), needs=METADATA)
def get_repository(call: Call) -> Reply:
    """Return a repository."""
    return Reply(body=shapes.full_repository(call.repository, call.urls))


@routes.add("GET", "/repos/{owner}/{repo}/contents/{path...}", needs=CONTENTS)
def get_content(call: Call) -> Reply:
    """Return a file, or the list of a folder's entries."""
    commit, path = _commit(call, call.query.get("ref")), call.params["path"].strip("/")
    ref = call.query.get("ref") or call.repository.default_branch
    if path in commit.files:
        return Reply(body=shapes.content(call.repository, path, commit.files[path], call.urls, ref=ref))
    entries = _entries(commit, path)
    if not entries:
        raise not_found()
    return Reply(body=shapes.directory(call.repository, sorted(entries.items()), call.urls, ref=ref))


@routes.add("GET", "/repos/{owner}/{repo}/branches", needs=CONTENTS)
def list_branches(call: Call) -> Reply:
    """Return the branches."""
    return page(call, call.repository.branches, lambda name: shapes.branch(call.repository, name, call.urls))


@routes.add("GET", "/repos/{owner}/{repo}/branches/{branch...}", needs=CONTENTS)
def get_branch(call: Call) -> Reply:
    """Return one branch with its last commit."""
    if call.params["branch"] not in call.repository.branches:
        raise Problem(404, "Branch not found")
    return Reply(body=shapes.branch(call.repository, call.params["branch"], call.urls, full=True))


@routes.add("GET", "/repos/{owner}/{repo}/commits/{ref...}", needs=CONTENTS)
def get_commit(call: Call) -> Reply:
    """Return one commit."""
    return Reply(body=shapes.commit(call.repository, _commit(call, call.params["ref"]), call.urls))


@routes.add("GET", "/repos/{owner}/{repo}/collaborators/{username}/permission", needs=METADATA)
def get_permission(call: Call) -> Reply:
    """Return what an account may do in a repository: GitHub folds `triage` into read and `maintain` into write."""
    account = call.state.accounts.get(call.params["username"].lower())
    if account is None:
        raise not_found()
    role = call.repository.role_of(account)
    folded = {"triage": "read", "maintain": "write"}.get(role, role)
    rights = shapes.full_repository(call.repository, call.urls, role=role)["permissions"]
    user: Json = shapes.user(account, call.urls) | {"role_name": role, "permissions": rights}
    return Reply(body={"permission": folded, "role_name": role, "user": user})


@routes.add("GET", "/orgs/{org}/issue-types")
def list_issue_types(call: Call) -> Reply:
    """Return the native issue types of an organisation."""
    return Reply(body=[shapes.issue_type(each) for each in _issue_types(call, call.params["org"])])


@routes.add("GET", "/repos/{owner}/{repo}/issue-types", needs={"issues": "read"})
def list_repository_issue_types(call: Call) -> Reply:
    """Return the native issue types that a repository's issues may have."""
    return Reply(body=[shapes.issue_type(each) for each in _issue_types(call, call.repository.owner.login)])


def _issue_types(call: Call, login: str) -> list[IssueType]:
    account = call.state.accounts.get(login.lower())
    if account is None or account.type != "Organization":
        raise not_found()
    return call.state.issue_types.get(login.lower(), [])


def _commit(call: Call, ref: str | None) -> Commit:
    commit = call.repository.commit(ref)
    if commit is None:
        raise Problem(404, f"No commit found for the ref {ref}")
    return commit


def _entries(commit: Commit, folder: str) -> dict[str, bytes | None]:
    inside = f"{folder}/" if folder else ""
    entries: dict[str, bytes | None] = {}
    for path, data in commit.files.items():
        if path.startswith(inside):
            name, _, deeper = path.removeprefix(inside).partition("/")
            entries[inside + name] = None if deeper else data
    return entries
