"""Branches and tags made, and files written through the API."""

import base64
import binascii

from bot.sandbox import shapes
from bot.sandbox.actions import publishing
from bot.sandbox.actions import repositories as hosting
from bot.sandbox.routing import Routes
from bot.sandbox.state import Json, blob_sha
from bot.sandbox.wire import Call, Problem, Reply, invalid, not_found

routes = Routes()
READ, WRITE = {"contents": "read"}, {"contents": "write"}
WORKFLOWS = ".github/workflows/"


@routes.add("GET", "/repos/{owner}/{repo}/git/ref/{ref...}", needs=READ)
def get_ref(call: Call) -> Reply:
    """Return where a branch or a tag leads."""
    if not _is_there(call, call.params["ref"]):
        raise not_found()
    return Reply(body=shapes.reference(call.repository, call.params["ref"], call.urls))


@routes.add("POST", "/repos/{owner}/{repo}/git/refs", needs=WRITE)
def create_ref(call: Call) -> Reply:
    """Make a branch or a tag at a commit."""
    ref, sha = call.text("ref", resource="Reference"), call.text("sha", resource="Reference")
    name = ref.removeprefix("refs/")
    folder, _, short = name.partition("/")
    if name == ref or folder not in {"heads", "tags"} or not short:
        raise Problem(422, "Reference name must start with refs/heads/ or refs/tags/")
    if _is_there(call, name):
        raise Problem(422, "Reference already exists")
    if sha not in call.repository.commits:
        raise Problem(422, "Object does not exist")
    create = publishing.create_tag if folder == "tags" else hosting.create_branch
    create(call.state, call.repository, name=short, sha=sha, by=call.sender)
    return Reply(201, shapes.reference(call.repository, name, call.urls))


@routes.add("PUT", "/repos/{owner}/{repo}/contents/{path...}", needs=WRITE)
def put_content(call: Call) -> Reply:
    """Write a file to a branch: 201 when it is new; what it replaces must be named by its sha."""
    fields, path = call.fields(), call.params["path"]
    message, text = call.text("message", resource="Commit"), _text(fields)
    token = call.caller.token
    if path.startswith(WORKFLOWS) and token is not None and not token.allows("workflows", "write"):
        raise Problem(403, "Resource not accessible by integration")
    branch = fields.get("branch") or call.repository.default_branch
    if branch not in call.repository.branches:
        raise Problem(404, f"Branch {branch} not found")
    known = call.repository.commits[call.repository.branches[branch]].files.get(path)
    _check_sha(path, known, fields)
    made = hosting.push(call.state, call.repository, files={path: text}, by=call.sender, branch=branch, message=message)
    body = shapes.file_commit(call.repository, path, made, call.urls, ref=branch)
    return Reply(201 if known is None else 200, body)


def _is_there(call: Call, name: str) -> bool:
    folder, _, short = name.partition("/")
    known = {"heads": call.repository.branches, "tags": call.repository.published.tags}
    return short in known.get(folder, {})


def _text(fields: Json) -> str:
    try:
        return base64.b64decode(fields["content"], validate=True).decode()
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise invalid("Commit", "content") from error


def _check_sha(path: str, known: bytes | None, fields: Json) -> None:
    if known is not None and "sha" not in fields:
        raise Problem(422, 'Invalid request. "sha" was not supplied.')
    if known is not None and fields["sha"] != blob_sha(known):
        raise Problem(409, f"{path} does not match {fields['sha']}")
