"""Pull requests: list, open, read and change, and the files that they touch."""

from bot.sandbox import shapes
from bot.sandbox.actions.issues import Edit
from bot.sandbox.actions.repositories import open_pull
from bot.sandbox.routing import Routes
from bot.sandbox.state import Issue, Json, Pull, Repository
from bot.sandbox.wire import NEW_VERSION, Call, Problem, Reply, invalid, not_found, page

routes = Routes()
READ, WRITE = {"pull_requests": "read"}, {"pull_requests": "write"}
ONE = "/repos/{owner}/{repo}/pulls/{number}"


@routes.add("GET", "/repos/{owner}/{repo}/pulls", needs=READ)
def list_pulls(call: Call) -> Reply:
    """Return pull requests of one head (`owner:branch`) or base if asked, sorted as asked, else newest first."""
    found = [each for each in call.repository.issues.values() if each.pull and _is_wanted(call, each, each.pull)]
    sort = call.query.get("sort", "created")
    found.sort(key=lambda each: each.updated_at if sort == "updated" else each.created_at)
    is_down = call.query.get("direction", "desc" if sort == "created" else "asc") == "desc"
    return page(call, reversed(found) if is_down else found, lambda each: _shape(call, each, full=False))


@routes.add("POST", "/repos/{owner}/{repo}/pulls", needs=WRITE)
def create(call: Call) -> Reply:
    """Open a pull request from a branch of the same repository."""
    title, base = call.text("title", resource="PullRequest"), call.text("base", resource="PullRequest")
    head = call.text("head", resource="PullRequest").removeprefix(f"{call.repository.owner.login}:")
    for name, branch in (("head", head), ("base", base)):
        if branch not in call.repository.branches:
            raise invalid("PullRequest", name)
    _check_new(call, head=head, base=base)
    fields = call.fields()
    draft = bool(fields.get("draft"))
    issue = open_pull(
        call.state,
        call.repository,
        title=title,
        body=fields.get("body"),
        by=call.sender,
        head=head,
        base=base,
        draft=draft,
    )
    return Reply(201, _shape(call, issue, full=True))


@routes.add("GET", ONE, needs=READ)
def get(call: Call) -> Reply:
    """Return one pull request."""
    issue, _ = _find(call)
    return Reply(body=_shape(call, issue, full=True))


@routes.add("PATCH", ONE, needs=WRITE)
def update(call: Call) -> Reply:
    """Change a pull request's title, body or state."""
    issue, fields = _find(call)[0], call.fields()
    edit = Edit(call.state, call.repository, issue, call.sender)
    if fields.get("title") is not None:
        edit.title(call.text("title", resource="PullRequest"))
    if "body" in fields:
        edit.body(fields["body"])
    match fields.get("state"):
        case "closed":
            edit.close()
        case "open":
            edit.reopen()
    return Reply(body=_shape(call, issue, full=True))


@routes.add("GET", ONE + "/files", needs=READ)
def list_files(call: Call) -> Reply:
    """Return the files that a pull request changes."""
    _, pull = _find(call)
    changed = shapes.changed_files(call.repository, pull).items()
    return page(call, changed, lambda each: shapes.diff_entry(call.repository, pull, *each, call.urls))


def _check_new(call: Call, *, head: str, base: str) -> None:
    repository = call.repository
    if repository.branches[head] == repository.branches[base]:
        raise _custom(f"No commits between {base} and {head}")
    for each in repository.issues.values():
        is_same = each.pull is not None and each.pull.head_ref == head and each.pull.head_repository is None
        if is_same and each.state == "open":
            raise _custom(f"A pull request already exists for {repository.owner.login}:{head}.")


def _custom(message: str) -> Problem:
    detail = {"resource": "PullRequest", "code": "custom", "message": message}
    return Problem(422, "Validation Failed", errors=[detail])


def _is_wanted(call: Call, issue: Issue, pull: Pull) -> bool:
    state, head, base = call.query.get("state", "open"), call.query.get("head"), call.query.get("base")
    source: Repository = pull.head_repository or call.repository
    is_from = head in {None, f"{source.owner.login}:{pull.head_ref}"}
    return state in {"all", issue.state} and is_from and base in {None, pull.base_ref}


def _find(call: Call) -> tuple[Issue, Pull]:
    issue = call.issue
    if issue.pull is None:
        raise not_found()
    return issue, issue.pull


def _shape(call: Call, issue: Issue, *, full: bool) -> Json:
    body = shapes.pull(call.repository, issue, call.urls, full=full)
    if call.version == NEW_VERSION:
        del body["merge_commit_sha"]
    return body
