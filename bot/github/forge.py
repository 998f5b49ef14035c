"""GitHub as the road sees it: facts are read here, effects are handed to `effects`."""

import base64
import binascii
from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote

from msgspec import Struct

from bot.github import effects, wire
from bot.github.client import Client, repo_path
from bot.github.transport import Answer, Request
from bot.model.effects import Effect
from bot.model.errors import GitHubDown, Gone, RateLimited, Refused
from bot.model.facts import Issue
from bot.model.forge import Attempt, Fetched, Receipt
from bot.model.subjects import Identity, Repository

#: The contents API returns no content above this size.
MAX_FILE_BYTES = 1_000_000


class _File(Struct):
    type: str
    size: wire.Count = 0
    encoding: str | None = None
    content: str | None = None


class _App(Struct):
    id: wire.Id
    slug: str


class GitHub:
    """The App on GitHub: hands out one forge per installation, all on the same connections and tokens."""

    def __init__(self, *, app_id: int, private_key: str, base_url: str, clock: Callable[[], datetime]) -> None:
        """Prepare; nothing is sent yet."""
        self._client = Client(app_id=app_id, private_key=private_key, base_url=base_url, clock=clock)

    def installation(self, installation_id: int) -> "GitHubForge":
        """Return GitHub as this installation may use it."""
        return GitHubForge(self._client, installation_id)

    def budget_left(self, installation_id: int) -> int | None:
        """Return how many requests this installation has left in its hour, as last heard; None when not known."""
        return self._client.budget_left(installation_id)

    def identity(self) -> Identity:
        """Return Reeve's own account; its user id is 0 where GitHub does not tell it to a stranger."""
        app = self._client.call_as_app(Request("GET", "/app")).read(_App)
        login = f"{app.slug}[bot]"
        return Identity(app_id=app.id, login=login, user_id=self._user_id(login))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _user_id(self, login: str) -> int:
        """Ask openly, for the App's JWT opens no user pages; an Enterprise server may refuse that."""
        try:
            return self._client.call_openly(Request("GET", f"/users/{quote(login)}")).read(wire.HasId).id
        except (Gone, Refused, RateLimited):
            return 0


class GitHubForge:
    """GitHub, as one installation may use it. Everything may raise `RateLimited`, `GitHubDown`, `Refused` or `Gone`."""

    def __init__(self, client: Client, installation_id: int) -> None:
        """Keep whose name to act in."""
        self._client = client
        self._installation_id = installation_id

    def file(self, repository: Repository, path: str, *, etag: str | None) -> Fetched | None:
        """Read a file on the default branch; None means unchanged since `etag`, which costs nothing.

        Bytes that are not UTF-8 come as U+FFFD, so that whoever reads the text can point at them.
        """
        headers = {} if etag is None else {"If-None-Match": etag}
        request = Request("GET", repo_path(repository, "contents", *path.split("/")), headers=headers)
        answer = self._call(repository, request, 304, 404)
        if answer.status == 304:
            return None
        if answer.status == 404:
            return Fetched(None, None)
        return Fetched(_content(answer, path), answer.headers.get("etag"))

    def issue(self, repository: Repository, number: int) -> Issue:
        """Read an issue as it is now; one that was transferred or deleted is `Gone`."""
        answer = self._call(repository, Request("GET", repo_path(repository, "issues", str(number))))
        shape = answer.read(wire.IssueShape)
        if shape.number != number:  # PyGithub followed GitHub's redirect into the other repository
            raise Gone(f"issue {number} was transferred")
        return wire.issue(shape, repository.id)

    def issue_types(self, repository: Repository) -> tuple[str, ...]:
        """Name the native issue types in use; empty where there are none, or none that Reeve may see."""
        if repository.organization is None:
            return ()
        answer = self._call(repository, Request("GET", repo_path(repository, "issue-types")), 403, 404)
        if answer.status != 200:
            return ()
        return tuple(wire.clean(found.name) for found in answer.read(list[wire.IssueType]) if found.is_enabled)

    def apply(self, repository: Repository, effect: Effect, attempt: Attempt) -> Receipt:
        """Make the effect true; look up first where an earlier try may have got through."""
        self._check_ours(repository)
        return effects.apply(self._client, repository, effect, attempt)

    def _call(self, repository: Repository, request: Request, *accept: int) -> Answer:
        self._check_ours(repository)
        return self._client.call(repository, request, accept=accept)

    def _check_ours(self, repository: Repository) -> None:
        if repository.installation_id != self._installation_id:
            raise Refused(f"repository {repository.id} belongs to another installation")


def _content(answer: Answer, path: str) -> str:
    if answer.text.startswith("["):
        raise Refused(f"{path} is a directory, not a file")
    file = answer.read(_File)
    if file.type != "file":
        raise Refused(f"{path} is a {file.type}, not a file")
    if file.size > MAX_FILE_BYTES or file.encoding != "base64":
        raise Refused(f"{path} is larger than 1 MB")
    try:
        return base64.b64decode(file.content or "").decode("utf-8", errors="replace")
    except binascii.Error:
        raise GitHubDown(f"{path}: an answer that cannot be read") from None
