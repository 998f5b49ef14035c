"""Issues: list, open, read and change, with native types and assignees."""

from bot.sandbox import shapes
from bot.sandbox.actions.issues import open_issue
from bot.sandbox.api.labels import READ, WRITE, edit, names
from bot.sandbox.clock import parse_stamp
from bot.sandbox.routing import Routes
from bot.sandbox.state import Account, Issue, IssueType, Json
from bot.sandbox.wire import NEW_VERSION, Call, Reply, invalid, page

routes = Routes()


@routes.add("GET", "/repos/{owner}/{repo}/issues", needs=READ)
def list_issues(call: Call) -> Reply:
    """Return issues and pull requests, filtered and sorted as asked."""
    found = [issue for issue in call.repository.issues.values() if _is_wanted(call, issue)]
    keys = {"updated": lambda each: (each.updated_at, each.number), "comments": lambda each: len(each.comments)}
    key = keys.get(call.query.get("sort", "created"), lambda each: each.number)
    found.sort(key=key, reverse=call.query.get("direction", "desc") == "desc")
    return page(call, found, lambda issue: _shape(call, issue))


@routes.add("POST", "/repos/{owner}/{repo}/issues", needs={"issues": "write"})
def create(call: Call) -> Reply:
    """Open an issue."""
    title, fields = call.text("title", resource="Issue"), call.fields()
    kind = issue_type(call, fields.get("type"))
    issue = open_issue(
        call.state,
        call.repository,
        title=title,
        body=fields.get("body"),
        by=call.sender,
        labels=names(fields),
        kind=kind,
    )
    return Reply(201, _shape(call, issue))


@routes.add("GET", "/repos/{owner}/{repo}/issues/{number}", needs=READ)
def get(call: Call) -> Reply:
    """Return one issue."""
    return Reply(body=_shape(call, call.issue))


@routes.add("PATCH", "/repos/{owner}/{repo}/issues/{number}", needs=WRITE)
def update(call: Call) -> Reply:
    """Change an issue; everything is checked before anything is changed."""
    fields = call.fields()
    kind = issue_type(call, fields.get("type"))
    labels = names(fields) if "labels" in fields else None
    if fields.get("state", "open") not in {"open", "closed"}:
        raise invalid("Issue", "state", value=fields["state"])
    _change_text(call, fields)
    if labels is not None:
        edit(call).set_labels(labels)
    if "type" in fields:
        edit(call).set_type(kind)
    _change_state(call, fields)
    return Reply(body=_shape(call, call.issue))


@routes.add("POST", "/repos/{owner}/{repo}/issues/{number}/assignees", needs=WRITE)
def add_assignees(call: Call) -> Reply:
    """Add assignees; those who cannot be assigned are passed over in silence, as on GitHub."""
    edit(call).assign(_assignees(call))
    return Reply(201, _shape(call, call.issue))


@routes.add("DELETE", "/repos/{owner}/{repo}/issues/{number}/assignees", needs=WRITE)
def remove_assignees(call: Call) -> Reply:
    """Remove assignees."""
    edit(call).unassign(_assignees(call))
    return Reply(body=_shape(call, call.issue))


def issue_type(call: Call, name: object) -> IssueType | None:
    """Return the issue type that a request names; one that the organisation lacks is a 422."""
    if name is None:
        return None
    found = call.state.issue_type(call.repository, name) if isinstance(name, str) else None
    if found is None:
        raise invalid("Issue", "type", value=name)
    return found


def _change_text(call: Call, fields: Json) -> None:
    if fields.get("title") is not None:
        edit(call).title(call.text("title", resource="Issue"))
    if "body" in fields:
        edit(call).body(fields["body"])
    if fields.get("assignees") is not None:
        wanted = _assignees(call)
        edit(call).unassign([each for each in call.issue.assignees if each not in wanted])
        edit(call).assign(wanted)


def _change_state(call: Call, fields: Json) -> None:
    match fields.get("state"):
        case "closed":
            edit(call).close(fields.get("state_reason") or "completed")
        case "open":
            edit(call).reopen()


def _assignees(call: Call) -> list[Account]:
    logins = call.fields().get("assignees") or []
    known = [call.state.accounts.get(str(login).lower()) for login in logins]
    return [account for account in known if account and account.type == "User"]


def _is_wanted(call: Call, issue: Issue) -> bool:
    query = call.query
    labels = {name.lower() for name in query.get("labels", "").split(",") if name}
    state, creator = query.get("state", "open"), query.get("creator")
    milestones = {str(issue.milestone.number), "*"} if issue.milestone else {"none"}
    return (
        state in {"all", issue.state}
        and labels <= {label.name.lower() for label in issue.labels}
        and ("milestone" not in query or query["milestone"] in milestones)
        and (not creator or issue.author.login.lower() == creator.lower())
        and ("since" not in query or issue.updated_at.replace(microsecond=0) >= parse_stamp(query["since"]))
    )


def _shape(call: Call, issue: Issue) -> Json:
    body = shapes.issue(call.repository, issue, call.urls, app=call.state.app)
    body["closed_by"] = shapes.user(issue.closed_by, call.urls) if issue.closed_by else None
    if call.version == NEW_VERSION:
        del body["assignee"]
    return body
