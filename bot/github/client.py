"""Requests in an installation's name: tokens, rate limits and errors are dealt with here, and nowhere else."""

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from msgspec import Struct

from bot.github import failures, wire
from bot.github.tokens import GRANTS, Reach, Scope, Token, Tokens, app_jwt
from bot.github.transport import Answer, Request, Transport
from bot.github.wire import Moment
from bot.model.errors import GitHubDown, Gone, RateLimited, Refused
from bot.model.subjects import Repository


def repo_path(repository: Repository, *parts: str) -> str:
    """Return the path of something in a repository; each part is one segment, whatever it holds."""
    return "/".join(("/repos", quote(repository.full_name), *(quote(part, safe="") for part in parts)))


def _place(reach: Reach) -> str:
    is_all = reach.repository_id is None
    return f"installation {reach.installation_id}" if is_all else f"repository {reach.repository_id}"


class _Minted(Struct):
    token: str
    expires_at: Moment


@dataclass(frozen=True, slots=True)
class _Budget:
    left: int
    resets_at: datetime


class Client:
    """GitHub's API as one App uses it; safe to share between threads. Nothing in here sleeps or repeats a write.

    The one exception is a 401: a token that died early is minted again and the request, which GitHub did not carry
    out, is sent once more.
    """

    def __init__(self, *, app_id: int, private_key: str, base_url: str, clock: Callable[[], datetime]) -> None:
        """Keep who is asking, where, and what time it is; the key never leaves this object."""
        self.app_id = app_id
        self.base_url = base_url
        self._private_key = private_key
        self._clock = clock
        self._transport = Transport(base_url)
        self._tokens = Tokens(self._mint, clock)
        self._lock = threading.Lock()
        self._budgets: dict[int, _Budget] = {}
        self._pauses: dict[int, RateLimited] = {}
        self._login: str | None = None

    def call(
        self,
        repository: Repository,
        request: Request,
        *,
        accept: Collection[int] = (),
        scope: Scope = Scope.COMMON,
    ) -> Answer:
        """Send a request with a token for this repository alone, and return the answer.

        Statuses in `accept` are answers, all others from 300 on raise as `failures.check` says. During a pause that
        GitHub asked for, `RateLimited` comes at once and nothing is sent: going on can get the App banned.
        """
        return self._call(Reach(repository.installation_id, repository.id, scope), request, accept)

    def call_as_installation(self, installation_id: int, request: Request) -> Answer:
        """Send a request with a token that only shows which repositories there are."""
        return self._call(Reach(installation_id, None, Scope.OVERVIEW), request, ())

    def token(self, repository: Repository, scope: Scope) -> str:
        """Return a token for this repository alone, for what does not go through here: git's own requests."""
        self._check_pause(repository.installation_id)
        return self._tokens.get(Reach(repository.installation_id, repository.id, scope)).value

    def forget_token(self, repository: Repository, scope: Scope) -> None:
        """Drop a token that git was refused with: the next one is new."""
        self._tokens.forget(Reach(repository.installation_id, repository.id, scope))

    def present(self, repository: Repository, *, scope: Scope = Scope.COMMON) -> Repository:
        """Return the repository as it is now, with the name and the default branch that it has today.

        Raises `Gone` when another repository has taken its name.
        """
        answer = self.call(repository, Request("GET", repo_path(repository)), scope=scope)
        found = wire.repository(answer.read(wire.RepositoryShape), repository.installation_id)
        if found.id != repository.id:
            raise Gone(f"{repository.full_name} is another repository now")
        return found

    def login(self) -> str:
        """Return the login of the App's own account, which ends in `[bot]`."""
        if self._login is None:
            self._login = f"{self.call_as_app(Request('GET', '/app')).read(wire.AppShape).slug}[bot]"
        return self._login

    def call_as_app(self, request: Request) -> Answer:
        """Send a request in the App's own name."""
        token = app_jwt(self.app_id, self._private_key, self._clock())
        answer = self._transport.send(request, authorization=f"Bearer {token}")
        failures.check(answer, self._clock())
        return answer

    def call_openly(self, request: Request) -> Answer:
        """Send a request in nobody's name."""
        answer = self._transport.send(request, authorization=None)
        failures.check(answer, self._clock())
        return answer

    def time(self) -> datetime:
        """Return what time it is at GitHub: every answer tells, a refusal too."""
        answer = self._transport.send(Request("GET", "/meta"), authorization=None)
        try:
            return parsedate_to_datetime(answer.headers["date"]).astimezone(UTC)
        except (KeyError, ValueError):
            raise GitHubDown("an answer without a date") from None

    def budget_left(self, installation_id: int) -> int | None:
        """Return how many requests this installation has left in its hour, as last heard; None when not known."""
        with self._lock:
            budget = self._budgets.get(installation_id)
        return budget.left if budget is not None and self._clock() < budget.resets_at else None

    def close(self) -> None:
        """Close the connections; tokens are dropped with the process."""
        self._transport.close()

    def _call(self, reach: Reach, request: Request, accept: Collection[int]) -> Answer:
        self._check_pause(reach.installation_id)
        try:
            answer = self._authorized(reach, request)
            failures.check(answer, self._clock(), accept=accept)
        except RateLimited as limited:
            with self._lock:
                self._pauses[reach.installation_id] = limited
            raise
        return answer

    def _authorized(self, reach: Reach, request: Request) -> Answer:
        answer = self._send(reach, request)
        if answer.status == 401:
            self._tokens.forget(reach)
            answer = self._send(reach, request)
        return answer

    def _send(self, reach: Reach, request: Request) -> Answer:
        token = self._tokens.get(reach)
        answer = self._transport.send(request, authorization=f"token {token.value}")
        self._note_budget(reach.installation_id, answer)
        return answer

    def _mint(self, reach: Reach) -> Token:
        """Get a token: this is where a repository that is not the installation's is refused."""
        only = {} if reach.repository_id is None else {"repository_ids": [reach.repository_id]}
        wish = {**only, "permissions": dict(GRANTS[reach.scope])}
        path = f"/app/installations/{reach.installation_id}/access_tokens"
        try:
            minted = self.call_as_app(Request("POST", path, body=wish)).read(_Minted)
        except Gone:
            raise Gone(f"installation {reach.installation_id} does not exist (any more)") from None
        except Refused as error:
            raise Refused(f"no token for {_place(reach)} to {reach.scope.value}: {error}") from None
        return Token(minted.token, minted.expires_at.astimezone(UTC))

    def _check_pause(self, installation_id: int) -> None:
        with self._lock:
            pause = self._pauses.get(installation_id)
        if pause is not None and self._clock() < pause.until:
            raise RateLimited(pause.until, scope=pause.scope)

    def _note_budget(self, installation_id: int, answer: Answer) -> None:
        left, reset = answer.headers.get("x-ratelimit-remaining"), answer.headers.get("x-ratelimit-reset")
        if left is None or reset is None or not left.isdigit() or not reset.isdigit():
            return
        budget = _Budget(int(left), datetime.fromtimestamp(int(reset), UTC))
        with self._lock:
            self._budgets[installation_id] = budget
