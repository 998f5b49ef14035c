"""Git over HTTP: what `git fetch` asks of a repository's address.

Source: https://git-scm.com/docs/http-protocol
"""

import gzip

from bot.sandbox.bare import SERVICE
from bot.sandbox.routing import Routes
from bot.sandbox.wire import Call, Problem, Reply

routes = Routes()
CONTENTS = {"contents": "read"}


@routes.add("GET", "/{owner}/{repo}.git/info/refs", callers=("anonymous", "installation"), needs=CONTENTS)
def advertise(call: Call) -> Reply:
    """Tell git what there is; writing is not on offer."""
    if call.query.get("service") != SERVICE:
        raise Problem(403, "Reading by git only")
    found = call.desk.shelf.advertisement(call.state, call.repository, protocol=_protocol(call))
    return _reply(found, "advertisement")


@routes.add("POST", f"/{{owner}}/{{repo}}.git/{SERVICE}", callers=("anonymous", "installation"), needs=CONTENTS)
def serve(call: Call) -> Reply:
    """Give git the objects that it asks for."""
    asked = gzip.decompress(call.raw) if call.headers.get("content-encoding") == "gzip" else call.raw
    return _reply(call.desk.shelf.pack(call.state, call.repository, asked, protocol=_protocol(call)), "result")


def _protocol(call: Call) -> str:
    return call.headers.get("git-protocol", "")


def _reply(content: bytes, kind: str) -> Reply:
    return Reply(body=content, headers={"Content-Type": f"application/x-{SERVICE}-{kind}", "Cache-Control": "no-cache"})
