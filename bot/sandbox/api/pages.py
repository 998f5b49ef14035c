"""The pages for people that answers and payloads link to: all of them lead to the sandbox's own page."""

from urllib.parse import quote

from bot.sandbox.routing import Routes
from bot.sandbox.wire import Call, Reply

routes = Routes()


@routes.add("GET", "/", callers=("anonymous", "installation", "app"))
@routes.add("GET", "/{owner}/{repo}/issues/{number}", callers=("anonymous", "installation", "app"))
@routes.add("GET", "/{owner}/{repo}/pull/{number}", callers=("anonymous", "installation", "app"))
def show(call: Call) -> Reply:
    """Lead to where the issue or pull request is shown."""
    place = quote("/".join(call.params[name] for name in ("owner", "repo", "number") if name in call.params))
    return Reply(302, None, {"Location": f"{call.urls.html}/_sandbox/#{place}"})
