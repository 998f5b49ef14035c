"""Pull requests that Reeve proposes: opened once, whatever became of them."""

import base64
import binascii

from bot.github import failures, wire
from bot.github.client import Client, repo_path
from bot.github.paging import PER_PAGE, pages
from bot.github.tokens import Scope
from bot.github.transport import Answer, Request
from bot.model.effects import File, OpenPull
from bot.model.errors import Refused
from bot.model.forge import Attempt, Receipt
from bot.model.subjects import Repository

#: Files here can only be written with a permission of their own.
WORKFLOWS = ".github/workflows/"


class _Writer:
    """One repository under its present name, with a token that may write files there.

    Workflows need a permission of their own, which not every organisation grants; the other files are proposed without.
    """

    def __init__(self, client: Client, repository: Repository, effect: OpenPull) -> None:
        self._client = client
        others = tuple(file for file in effect.files if not file.path.startswith(WORKFLOWS))
        self.files, self._scope = effect.files, Scope.FILES if others == effect.files else Scope.WORKFLOWS
        try:
            self.repository = client.present(repository, scope=self._scope)
        except Refused:
            if not others or others == effect.files:
                raise
            self.files, self._scope = others, Scope.FILES
            self.repository = client.present(repository, scope=self._scope)

    def call(self, request: Request, *accept: int) -> Answer:
        return self._client.call(self.repository, request, accept=accept, scope=self._scope)

    def path(self, *parts: str) -> str:
        return repo_path(self.repository, *parts)


def open_pull(client: Client, repository: Repository, effect: OpenPull, attempt: Attempt) -> Receipt:
    """Open a pull request with these files from this branch; `remote_id` is its number.

    One that was opened before is enough even when it is closed by now: the maintainers have answered.
    """
    if attempt.remote_id is not None:
        return Receipt(attempt.remote_id, was_needed=False)
    writer = _Writer(client, repository, effect)
    number = _number(writer, effect.branch)
    if number is not None:
        return Receipt(number, was_needed=False)
    _ensure_branch(writer, effect.branch)
    for file in writer.files:
        _write(writer, effect.branch, file)
    return _propose(writer, effect)


def _number(writer: _Writer, branch: str) -> int | None:
    """Return the first pull request that ever came from this branch of this repository."""
    owner = writer.repository.full_name.partition("/")[0]
    wanted: dict[str, str | int] = {"head": f"{owner}:{branch}", "state": "all", "per_page": PER_PAGE}
    request = Request("GET", writer.path("pulls"), parameters=wanted)
    found = [pull for page in pages(writer.call, request) for pull in page.read(list[wire.OwnPull])]
    ours = (pull.number for pull in found if pull.head.ref == branch and _is_from(pull, writer.repository))
    return min(ours, default=None)


def _is_from(pull: wire.OwnPull, repository: Repository) -> bool:
    return pull.head.repo is not None and pull.head.repo.id == repository.id


def _ensure_branch(writer: _Writer, branch: str) -> None:
    """Start the branch at the head of the default one, unless it is there."""
    default = writer.path("git", "ref", "heads", *writer.repository.default_branch.split("/"))
    head = writer.call(Request("GET", default)).read(wire.GitRef)
    wish = {"ref": f"refs/heads/{branch}", "sha": head.object.sha}
    answer = writer.call(Request("POST", writer.path("git", "refs"), body=wish), 422)
    if answer.status == 422 and not failures.says(answer, "already exists"):
        raise failures.refusal(answer)


def _write(writer: _Writer, branch: str, file: File) -> None:
    path = writer.path("contents", *file.path.split("/"))
    answer = writer.call(Request("GET", path, parameters={"ref": branch}), 404)
    known = answer.read(wire.FileShape) if answer.status == 200 else None
    if known is not None and (_bytes(known) == file.text.encode() or file.path.startswith(WORKFLOWS)):
        return  # a workflow that is there is somebody's own, and stays
    message = f"{'Add' if known is None else 'Update'} {file.path}"
    wish = {"message": message, "content": base64.b64encode(file.text.encode()).decode(), "branch": branch}
    writer.call(Request("PUT", path, body=wish | ({"sha": known.sha} if known is not None else {})))


def _bytes(file: wire.FileShape) -> bytes | None:
    try:
        return base64.b64decode(file.content or "")
    except binascii.Error:
        return None


def _propose(writer: _Writer, effect: OpenPull) -> Receipt:
    wish = {"title": effect.title, "body": effect.body, "head": effect.branch}
    request = Request("POST", writer.path("pulls"), body=wish | {"base": writer.repository.default_branch})
    answer = writer.call(request, 422)
    if answer.status == 201:
        return Receipt(answer.read(wire.OwnPull).number)
    if failures.says(answer, "No commits between"):  # all of it is on the default branch already
        return Receipt(was_needed=False)
    raise failures.refusal(answer)
