"""One HTTP request to GitHub through PyGithub's connection, and the answer as it came: no retries, no sleeps."""

import logging
import threading
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import github
import msgspec
import requests
import urllib3
from github.Auth import Auth
from github.Requester import (
    HTTPRequestsConnectionClass,
    HTTPSRequestsConnectionClass,
    Requester,
    RequestsResponse,
)

from bot import __version__
from bot.model.errors import GitHubDown, Refused

API_VERSION = "2022-11-28"
TIMEOUT_SECONDS = 10
USER_AGENT = f"reeve/{__version__}"

#: Answers for a renamed repository. PyGithub takes these for success.
_MOVED = frozenset({302, 307, 308})

#: A repository may have been renamed and then transferred, or the other way round.
_MOST_MOVES = 3

Shape = TypeVar("Shape")


@dataclass(frozen=True, slots=True)
class Request:
    """What to send. The path starts after the API's base URL (or is a whole address there); `body` is sent as JSON.

    One that is not followed gives a 302 back as its answer: that leads to another host, which must not see the token.
    """

    verb: str
    path: str
    parameters: Mapping[str, str | int] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: object = None
    is_followed: bool = True

    @property
    def name(self) -> str:
        """The request in words, for logs and errors."""
        return f"{self.verb} {self.path}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names are in lower case. The text may hold a token: it stays out of the repr."""

    request: Request
    status: int
    headers: Mapping[str, str]
    text: str = field(repr=False)

    def read(self, shape: type[Shape]) -> Shape:
        """Return the body as this type; raise `GitHubDown` for anything else (a proxy's page, half an answer)."""
        try:
            return msgspec.json.decode(self.text, type=shape)
        except msgspec.DecodeError:
            raise GitHubDown(f"{self.request.name}: an answer that cannot be read ({self.status})") from None


class _PerRequest(Auth):
    """The credentials come with each request, so that one connection serves all installations.

    PyGithub masks the header in its debug log only where it was given an `Auth`.
    """

    @property
    def token_type(self) -> str:
        """Unused: the request brings its own header."""
        return ""

    @property
    def token(self) -> str:
        """Unused: the request brings its own header."""
        return ""

    def authentication(self, headers: dict[str, str]) -> None:
        """Leave the header as the request has it."""


class _Plain(HTTPRequestsConnectionClass):
    def getresponse(self) -> RequestsResponse:
        return _unfollowed(super().getresponse())


class _Secure(HTTPSRequestsConnectionClass):
    def getresponse(self) -> RequestsResponse:
        return _unfollowed(super().getresponse())


def _unfollowed(response: RequestsResponse) -> RequestsResponse:
    """Keep PyGithub from following a 301 by itself: it forgets the query, so a filter, a page or a ref is lost."""
    if response.status == 301:
        response.status = 308
    return response


class Transport:
    """GitHub's API at one base URL, a bare host or one with `/api/v3`; safe to share between threads."""

    def __init__(self, base_url: str) -> None:
        """Keep where the API is; connections open with the first request of each thread."""
        self._base_url = base_url.rstrip("/")
        self._requester = _requester(base_url)
        self._threads = threading.local()
        self._open: weakref.WeakSet[_Plain | _Secure] = weakref.WeakSet()
        # At DEBUG PyGithub logs whole bodies, and so the tokens in the answers that mint them.
        logging.getLogger("github.Requester").setLevel(logging.WARNING)

    def send(self, request: Request, *, authorization: str | None) -> Answer:
        """Send a request and return the answer whatever its status; raise `GitHubDown` when none comes."""
        answer = self._send_once(request, self._local(request, request.path), authorization)
        for _ in range(_MOST_MOVES):
            if answer.status not in _MOVED or (answer.status == 302 and not request.is_followed):
                break
            answer = self._send_once(request, self._moved(answer), authorization)
        return answer

    def close(self) -> None:
        """Close the connections of all threads."""
        for connection in list(self._open):
            connection.close()

    def _send_once(self, request: Request, path: str, authorization: str | None) -> Answer:
        headers = {"Accept": "application/vnd.github+json", **request.headers}
        if authorization is not None:
            headers["Authorization"] = authorization
        try:
            status, answered, text = self._requester.requestJson(
                request.verb, path, dict(request.parameters), headers, request.body, cnx=self._connection()
            )
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise GitHubDown(f"{request.name}: {type(error).__name__}") from None
        return Answer(request, status, answered, text)

    def _connection(self) -> _Plain | _Secure:
        """A connection holds the request in flight: shared, threads would send each other's tokens."""
        connection: _Plain | _Secure | None = getattr(self._threads, "connection", None)
        if connection is None:
            connection = self._threads.connection = _connect(self._base_url)
            self._open.add(connection)
        return connection

    def _moved(self, answer: Answer) -> str:
        """Return where a redirect leads; the query of the request goes along where the address has none."""
        there = self._local(answer.request, answer.headers.get("location", ""))
        query = urlsplit(answer.request.path).query
        return f"{there}?{query}" if query and "?" not in there else there

    def _local(self, request: Request, address: str) -> str:
        """Return the path of an address that GitHub gave (a next page, a renamed repository) on this API.

        A token never goes to another host.
        """
        if address.startswith("/"):
            return address
        there, here = urlsplit(address), urlsplit(self._base_url)
        if (there.scheme, there.netloc) != (here.scheme, here.netloc):
            raise Refused(f"{request.name}: leads to another host")
        return urlunsplit(("", "", there.path.removeprefix(here.path), there.query, ""))


def _connect(base_url: str) -> _Plain | _Secure:
    """PyGithub's own connections may repeat a request; these never do."""
    address = urlsplit(base_url)
    kind = _Secure if address.scheme == "https" else _Plain
    return kind(address.hostname or "", address.port, retry=0, timeout=TIMEOUT_SECONDS)


def _requester(base_url: str) -> Requester:
    """PyGithub's defaults sleep between calls and repeat POST: all of that is switched off."""
    hub: Any = github.Github(
        auth=_PerRequest(),
        base_url=base_url,
        timeout=TIMEOUT_SECONDS,
        user_agent=USER_AGENT,
        per_page=100,
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
        api_version=API_VERSION,
    )
    requester: Requester = hub.requester
    return requester
