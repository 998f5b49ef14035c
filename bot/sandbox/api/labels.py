"""A repository's labels, and the labels on an issue."""

import re

from bot.sandbox import shapes
from bot.sandbox.actions.issues import Edit
from bot.sandbox.actions.labels import create_label, delete_label, edit_label
from bot.sandbox.routing import Routes
from bot.sandbox.state import Json, Label
from bot.sandbox.wire import Call, Problem, Reply, invalid, not_found, page

routes = Routes()
READ = {"issues": "read", "pull_requests": "read"}
WRITE = {"issues": "write", "pull_requests": "write"}


@routes.add("GET", "/repos/{owner}/{repo}/labels", needs=READ)
def list_labels(call: Call) -> Reply:
    """Return the repository's labels."""
    return page(call, call.repository.labels.values(), lambda each: _shape(call, each))


@routes.add("POST", "/repos/{owner}/{repo}/labels", needs=WRITE)
def create(call: Call) -> Reply:
    """Create a label; one that exists already is a 422."""
    name = call.text("name", resource="Label")
    if name.lower() in call.repository.labels:
        raise invalid("Label", "name", code="already_exists")
    fields = call.fields()
    made = create_label(
        call.state,
        call.repository,
        name=name,
        by=call.sender,
        color=_color(fields) or "ededed",
        description=fields.get("description"),
    )
    return Reply(201, _shape(call, made))


@routes.add("GET", "/repos/{owner}/{repo}/labels/{name}", needs=READ)
def get(call: Call) -> Reply:
    """Return one label."""
    return Reply(body=_shape(call, _label(call)))


@routes.add("PATCH", "/repos/{owner}/{repo}/labels/{name}", needs=WRITE)
def update(call: Call) -> Reply:
    """Change a label's name, colour or description."""
    label, fields = _label(call), call.fields()
    name = fields.get("new_name")
    if name and call.repository.labels.get(name.lower(), label) is not label:
        raise invalid("Label", "name", code="already_exists")
    edit_label(
        call.state,
        call.repository,
        label=label,
        by=call.sender,
        name=name,
        color=_color(fields),
        description=fields.get("description"),
    )
    return Reply(body=_shape(call, label))


@routes.add("DELETE", "/repos/{owner}/{repo}/labels/{name}", needs=WRITE)
def delete(call: Call) -> Reply:
    """Delete a label."""
    delete_label(call.state, call.repository, label=_label(call), by=call.sender)
    return Reply(204)


@routes.add("GET", "/repos/{owner}/{repo}/issues/{number}/labels", needs=READ)
def list_on_issue(call: Call) -> Reply:
    """Return the labels on an issue."""
    return page(call, call.issue.labels, lambda each: _shape(call, each))


@routes.add("POST", "/repos/{owner}/{repo}/issues/{number}/labels", needs=WRITE)
def add_to_issue(call: Call) -> Reply:
    """Add labels to an issue and return all that it has."""
    edit(call).add_labels(names(call.body))
    return _on_issue(call)


@routes.add("PUT", "/repos/{owner}/{repo}/issues/{number}/labels", needs=WRITE)
def set_on_issue(call: Call) -> Reply:
    """Replace the labels on an issue."""
    edit(call).set_labels(names(call.body))
    return _on_issue(call)


@routes.add("DELETE", "/repos/{owner}/{repo}/issues/{number}/labels", needs=WRITE)
def clear_issue(call: Call) -> Reply:
    """Take every label off an issue."""
    edit(call).set_labels(())
    return Reply(204)


@routes.add("DELETE", "/repos/{owner}/{repo}/issues/{number}/labels/{name}", needs=WRITE)
def remove_from_issue(call: Call) -> Reply:
    """Take one label off an issue; one that is not there is a 404."""
    if not edit(call).remove_label(call.params["name"]):
        raise Problem(404, "Label does not exist")
    return _on_issue(call)


def edit(call: Call) -> Edit:
    """Return the named issue, ready to be changed by the caller."""
    return Edit(call.state, call.repository, call.issue, call.sender)


def names(body: object) -> list[str]:
    """Return the label names in a body: a list or `{"labels": [...]}`, of strings or `{"name": ...}`."""
    given = body.get("labels", []) if isinstance(body, dict) else body
    if not isinstance(given, list):
        raise invalid("Label", "labels")
    found = [each.get("name") if isinstance(each, dict) else each for each in given]
    good = [name for name in found if isinstance(name, str) and 0 < len(name) <= 50]
    if len(good) < len(found):
        raise invalid("Label", "name")
    return good


def _label(call: Call) -> Label:
    found = call.repository.labels.get(call.params["name"].lower())
    if found is None:
        raise not_found()
    return found


def _color(fields: Json) -> str | None:
    color: str | None = fields.get("color")
    if color is not None and not re.fullmatch(r"[0-9a-fA-F]{6}", color):
        raise invalid("Label", "color")
    return color


def _on_issue(call: Call) -> Reply:
    return Reply(body=[_shape(call, each) for each in call.issue.labels])


def _shape(call: Call, label: Label) -> Json:
    return shapes.label(call.repository, label, call.urls)
