"""What travels between the gateway and the endpoints: a call in, a reply or a problem out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from urllib.parse import urlencode

from bot.sandbox.shapes import Urls
from bot.sandbox.state import Account, Installation, Issue, Json, Repository, State

if TYPE_CHECKING:
    from bot.sandbox.auth import Token
    from bot.sandbox.desk import Desk

CallerKind = Literal["app", "installation", "anonymous"]
T = TypeVar("T")
DOCS = "https://docs.github.com/rest"
#: The version in which issues lose `assignee` and pull requests `merge_commit_sha`.
NEW_VERSION = "2026-03-10"
VERSIONS = ("2022-11-28", NEW_VERSION)


class Problem(Exception):
    """An answer that is an error, in the shape GitHub gives it."""

    def __init__(
        self, status: int, message: str, *, errors: Sequence[Json] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        """Keep the status, the message, GitHub's `errors` list and extra headers."""
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = list(errors)
        self.headers = dict(headers or {})

    @property
    def body(self) -> Json:
        """The JSON body that goes with the status."""
        body: Json = {"message": self.message, "documentation_url": DOCS, "status": str(self.status)}
        return body | ({"errors": self.errors} if self.errors else {})


def not_found() -> Problem:
    """Return GitHub's answer for what is missing or not the caller's to see."""
    return Problem(404, "Not Found")


def invalid(resource: str, field: str, *, code: str = "invalid", value: object = None) -> Problem:
    """Return GitHub's answer for a field that it cannot accept."""
    detail: Json = {"resource": resource, "field": field, "code": code}
    if value is not None:
        detail["value"] = str(value)
    return Problem(422, "Validation Failed", errors=[detail])


@dataclass(frozen=True, slots=True)
class Reply:
    """A successful answer: JSON, or bytes as they are."""

    status: int = 200
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the App by its JWT, an installation by its token, or nobody in particular."""

    kind: CallerKind
    installation: Installation | None = None
    token: "Token | None" = None

    @property
    def key(self) -> str:
        """Whose budget a request counts against."""
        return f"installation:{self.installation.id}" if self.installation else self.kind


@dataclass(slots=True)
class Call:
    """One request on its way through an endpoint."""

    desk: "Desk"
    caller: Caller
    urls: Urls
    method: str
    path: str
    params: Mapping[str, str]
    query: Mapping[str, str]
    body: Any = None
    version: str = VERSIONS[0]
    raw: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def state(self) -> State:
        """The sandbox's GitHub."""
        return self.desk.state

    @property
    def sender(self) -> Account:
        """The account that changes are made as: the App's bot."""
        return self.state.app.bot

    @property
    def repository(self) -> Repository:
        """The repository that the path names, if the caller may see it."""
        found = self.state.repository(f"{self.params['owner']}/{self.params['repo']}")
        if found is None or not self._sees(found):
            raise not_found()
        return found

    @property
    def issue(self) -> Issue:
        """The issue or pull request that the path names."""
        repository, number = self.repository, int(self.params["number"])
        if number in repository.gone:
            self._follow(repository.gone[number])
        issue = repository.issues.get(number)
        if issue is None:
            raise not_found()
        return issue

    def fields(self) -> Json:
        """Return the body as an object; anything else is a 400."""
        if self.body is None:
            return {}
        if not isinstance(self.body, dict):
            raise Problem(400, "Body should be a JSON object")
        return self.body

    def text(self, name: str, *, resource: str) -> str:
        """Return a text field that must be there; a missing one is a 422."""
        value = self.fields().get(name)
        if value is None or value == "":
            raise invalid(resource, name, code="missing_field")
        if not isinstance(value, str):
            raise invalid(resource, name, value=value)
        return value

    def _sees(self, repository: Repository) -> bool:
        if self.caller.installation is None:
            return self.caller.kind == "app" or not repository.private
        reached = self.state.repositories_of(self.caller.installation)
        allowed = self.caller.token.repository_ids if self.caller.token else None
        return repository in reached and (allowed is None or repository.id in allowed)

    def _follow(self, moved: tuple[Repository, int] | None) -> None:
        if moved is None:
            raise Problem(410, "This issue was deleted")
        target = f"{self.urls.repository(moved[0])}/issues/{moved[1]}"
        raise Problem(301, "Moved Permanently", headers={"Location": target})


def page(call: Call, items: Iterable[T], shape: Callable[[T], object]) -> Reply:
    """Return one page of a list with a `Link` header, 30 items unless asked otherwise and 100 at most."""
    all_items = list(items)
    size, number = page_size(call), _positive(call.query.get("page"), default=1)
    chosen = all_items[(number - 1) * size : number * size]
    last = max(1, -(-len(all_items) // size))
    return Reply(body=[shape(item) for item in chosen], headers=_link(call, number=number, last=last))


def page_size(call: Call) -> int:
    """Return how many items the caller wants on a page."""
    return min(_positive(call.query.get("per_page"), default=30), 100)


def link(call: Call, relations: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return a `Link` header: for each relation, this request's query with some parameters replaced."""
    here = call.urls.api + call.path
    parts = [f'<{here}?{urlencode({**call.query, **changed})}>; rel="{name}"' for name, changed in relations.items()]
    return {"Link": ", ".join(parts)} if parts else {}


def _link(call: Call, *, number: int, last: int) -> dict[str, str]:
    back = {"prev": number - 1, "first": 1} if number > 1 else {}
    ahead = {"next": number + 1, "last": last} if number < last else {}
    return link(call, {name: {"page": str(at)} for name, at in {**back, **ahead}.items()})


def _positive(text: str | None, *, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and int(text) > 0 else default
