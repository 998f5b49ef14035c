"""Pull requests, to read."""

from bot.sandbox import shapes
from bot.sandbox.routing import Routes
from bot.sandbox.state import Issue, Json
from bot.sandbox.wire import NEW_VERSION, Call, Reply, not_found, page

routes = Routes()
READ = {"pull_requests": "read"}


@routes.add("GET", "/repos/{owner}/{repo}/pulls", needs=READ)
def list_pulls(call: Call) -> Reply:
    """Return pull requests, newest first."""
    state = call.query.get("state", "open")
    found = [each for each in call.repository.issues.values() if each.pull and state in {"all", each.state}]
    return page(call, reversed(found), lambda each: _shape(call, each, full=False))


@routes.add("GET", "/repos/{owner}/{repo}/pulls/{number}", needs=READ)
def get(call: Call) -> Reply:
    """Return one pull request."""
    issue = call.issue
    if issue.pull is None:
        raise not_found()
    return Reply(body=_shape(call, issue, full=True))


def _shape(call: Call, issue: Issue, *, full: bool) -> Json:
    body = shapes.pull(call.repository, issue, call.urls, full=full)
    if call.version == NEW_VERSION:
        del body["merge_commit_sha"]
    return body
