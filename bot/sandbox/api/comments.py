"""Comments on issues and pull requests."""

from bot.sandbox import shapes
from bot.sandbox.actions.comments import add_comment, delete_comment, edit_comment
from bot.sandbox.api.labels import READ, WRITE
from bot.sandbox.clock import parse_stamp
from bot.sandbox.routing import Routes
from bot.sandbox.state import Comment, Issue, Json
from bot.sandbox.wire import Call, Reply, invalid, not_found, page

routes = Routes()
#: GitHub's longest comment, in characters.
LONGEST = 65_536


@routes.add("GET", "/repos/{owner}/{repo}/issues/comments", needs=READ)
def list_all(call: Call) -> Reply:
    """Return the comments of a whole repository, sorted as asked; without a `sort` the direction is ignored."""
    pairs = [(issue, each) for issue in call.repository.issues.values() for each in issue.comments]
    keys = {"updated": lambda pair: pair[1].updated_at, "created": lambda pair: pair[1].created_at}
    key, is_sorted = keys.get(call.query.get("sort", ""), lambda pair: pair[1].id), "sort" in call.query
    is_down = is_sorted and call.query.get("direction") == "desc"
    found = sorted((pair for pair in pairs if _is_recent(call, pair[1])), key=key, reverse=is_down)
    return page(call, found, lambda pair: _shape(call, *pair))


@routes.add("GET", "/repos/{owner}/{repo}/issues/{number}/comments", needs=READ)
def list_comments(call: Call) -> Reply:
    """Return an issue's comments, oldest first."""
    issue = call.issue
    return page(
        call, filter(lambda each: _is_recent(call, each), issue.comments), lambda each: _shape(call, issue, each)
    )


@routes.add("POST", "/repos/{owner}/{repo}/issues/{number}/comments", needs=WRITE)
def create(call: Call) -> Reply:
    """Write a comment."""
    issue = call.issue
    comment = add_comment(call.state, call.repository, issue=issue, body=_body(call), by=call.sender)
    return Reply(201, _shape(call, issue, comment))


@routes.add("GET", "/repos/{owner}/{repo}/issues/comments/{id}", needs=READ)
def get(call: Call) -> Reply:
    """Return one comment."""
    return Reply(body=_shape(call, *find(call)))


@routes.add("PATCH", "/repos/{owner}/{repo}/issues/comments/{id}", needs=WRITE)
def update(call: Call) -> Reply:
    """Give a comment another text."""
    issue, comment = find(call)
    edit_comment(call.state, call.repository, issue=issue, comment=comment, body=_body(call), by=call.sender)
    return Reply(body=_shape(call, issue, comment))


@routes.add("DELETE", "/repos/{owner}/{repo}/issues/comments/{id}", needs=WRITE)
def delete(call: Call) -> Reply:
    """Delete a comment."""
    issue, comment = find(call)
    delete_comment(call.state, call.repository, issue=issue, comment=comment, by=call.sender)
    return Reply(204)


def find(call: Call) -> tuple[Issue, Comment]:
    """Return the comment that the path names, and the issue it stands under."""
    wanted = int(call.params["id"])
    for issue in call.repository.issues.values():
        for comment in issue.comments:
            if comment.id == wanted:
                return issue, comment
    raise not_found()


def _body(call: Call) -> str:
    text = call.text("body", resource="IssueComment")
    if len(text) > LONGEST:
        raise invalid("IssueComment", "body", code="custom")
    return text


def _is_recent(call: Call, comment: Comment) -> bool:
    since = call.query.get("since")
    return since is None or comment.updated_at.replace(microsecond=0) >= parse_stamp(since)


def _shape(call: Call, issue: Issue, comment: Comment) -> Json:
    return shapes.comment(call.repository, issue, comment, call.urls, app=call.state.app)
