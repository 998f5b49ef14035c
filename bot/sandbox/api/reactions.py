"""Reactions to issues and comments."""

from bot.sandbox import shapes
from bot.sandbox.actions.comments import react
from bot.sandbox.api.comments import find
from bot.sandbox.routing import Routes
from bot.sandbox.shapes.issues import REACTIONS
from bot.sandbox.state import Reaction
from bot.sandbox.wire import Call, Reply, invalid, not_found, page

routes = Routes()
ISSUE = "/repos/{owner}/{repo}/issues/{number}/reactions"
COMMENT = "/repos/{owner}/{repo}/issues/comments/{id}/reactions"
READ, WRITE = {"issues": "read"}, {"issues": "write"}


@routes.add("GET", ISSUE, needs=READ)
@routes.add("GET", COMMENT, needs=READ)
def list_reactions(call: Call) -> Reply:
    """Return the reactions, of one kind if asked."""
    wanted = call.query.get("content")
    found = [each for each in _reactions(call) if wanted in {None, each.content}]
    return page(call, found, lambda each: shapes.reaction(each, call.urls))


@routes.add("POST", ISSUE, needs=WRITE)
@routes.add("POST", COMMENT, needs=WRITE)
def create(call: Call) -> Reply:
    """React: 201 when new, 200 when the account already reacted so."""
    content = call.text("content", resource="Reaction")
    if content not in REACTIONS:
        raise invalid("Reaction", "content", value=content)
    reaction, is_new = react(call.state, _reactions(call), content=content, by=call.sender)
    return Reply(201 if is_new else 200, shapes.reaction(reaction, call.urls))


@routes.add("DELETE", ISSUE + "/{reaction}", needs=WRITE)
@routes.add("DELETE", COMMENT + "/{reaction}", needs=WRITE)
def delete(call: Call) -> Reply:
    """Take a reaction back."""
    reactions = _reactions(call)
    found = next((each for each in reactions if str(each.id) == call.params["reaction"]), None)
    if found is None:
        raise not_found()
    reactions.remove(found)
    return Reply(204)


def _reactions(call: Call) -> list[Reaction]:
    return call.issue.reactions if "number" in call.params else find(call)[1].reactions
