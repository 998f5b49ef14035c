"""An issue's timeline: everything that happened to it, comments among the rest."""

from bot.sandbox import shapes
from bot.sandbox.api.labels import READ
from bot.sandbox.routing import Routes
from bot.sandbox.wire import Call, Reply, page

routes = Routes()


@routes.add("GET", "/repos/{owner}/{repo}/issues/{number}/timeline", needs=READ)
def list_timeline(call: Call) -> Reply:
    """Return an issue's timeline, oldest first, without the events that the caller leaves out."""
    excluded = set(call.query.get("exclude", "").split(","))
    entries = shapes.timeline(call.repository, call.issue, call.urls, app=call.state.app)
    return page(call, [each for each in entries if each["event"] not in excluded], lambda each: each)
