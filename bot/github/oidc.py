"""Tokens with which a job of GitHub Actions says who it is: signature, issuer, audience and time are checked here.

What the claims must be for a purpose is the reader's matter. See
https://docs.github.com/actions/reference/security/oidc .
"""

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx
import jwt

from bot.clock import Clock
from bot.model.claims import Claims
from bot.model.errors import GitHubDown, Refused

#: Who signs on github.com.
GITHUB = "https://token.actions.githubusercontent.com"

#: How much two clocks may differ, how often an unknown key has the keys fetched anew, the longest token that is read.
LEEWAY, REST, LONGEST = timedelta(seconds=30), timedelta(seconds=60), 16 * 1024


def issuer(api_url: str) -> str:
    """Return who signs the tokens of a GitHub, by the address of its API: an Enterprise Server signs for itself."""
    if api_url == "https://api.github.com":
        return GITHUB
    return f"{api_url.removesuffix('/api/v3')}/_services/token"


class Tokens:
    """Reads tokens that one issuer made for one audience. Safe to use from several threads."""

    def __init__(self, issuer: str, audience: str, *, clock: Clock, client: httpx.Client | None = None) -> None:
        """Take tokens of this issuer that name this audience and no other; keys are fetched when one is needed."""
        self._issuer, self._audience, self._clock = issuer, audience, clock
        self._client = client or httpx.Client(timeout=10, follow_redirects=False)
        self._keys: Mapping[str, Any] = {}
        self._fetched_at: datetime | None = None
        self._lock = threading.Lock()

    def claims(self, token: str) -> Claims:
        """Return what a token says; raise `Refused` for one that is not to be believed, `GitHubDown` without keys."""
        if len(token) > LONGEST:
            raise Refused("the token is too long")
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") != "RS256":
                raise Refused("the token is not signed with RS256")
            said: dict[str, Any] = jwt.decode(token, self._key(header.get("kid")), algorithms=["RS256"], options=_ONLY)
        except jwt.InvalidTokenError as error:
            raise Refused(f"the token is not valid: {type(error).__name__}") from None
        self._check(said)
        return _claims(said)

    def _key(self, kid: object) -> Any:  # noqa: ANN401  one of several kinds of cryptography's
        """Return a key by its id; one that is not known has them fetched, but not again and again."""
        with self._lock:
            now = self._clock()
            if kid not in self._keys and (self._fetched_at is None or now - self._fetched_at >= REST):
                self._fetched_at, self._keys = now, self._fetch()
            if not isinstance(kid, str) or kid not in self._keys:
                raise Refused("the token is signed with a key that its issuer does not publish")
            return self._keys[kid]

    def _fetch(self) -> Mapping[str, Any]:
        try:
            answer = self._client.get(f"{self._issuer}/.well-known/jwks")
            answer.raise_for_status()
            keys = jwt.PyJWKSet.from_dict(answer.json()).keys
        except (httpx.HTTPError, ValueError, AttributeError, jwt.PyJWTError) as error:
            raise GitHubDown(f"the issuer's keys cannot be read: {type(error).__name__}") from None
        return {key.key_id: key.key for key in keys if key.key_id and key.key_type == "RSA"}

    def _check(self, said: Mapping[str, Any]) -> None:
        """Refuse another issuer's or audience's token, and one that is not of now."""
        now = self._clock().timestamp()
        begins, ends = max(said["nbf"], said["iat"]), said["exp"]
        if said["iss"] != self._issuer:
            raise Refused("the token is another issuer's")
        if said["aud"] != self._audience:  # also a list in which ours stands: it is good elsewhere too
            raise Refused("the token is for somebody else")
        if not begins - LEEWAY.total_seconds() <= now < ends + LEEWAY.total_seconds():
            raise Refused("the token is not of now")


#: The signature and which claims there are; their values are compared here, by a clock that is passed in.
_ONLY: Any = {
    "require": ["exp", "iat", "nbf", "iss", "aud", "jti"],
    "verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_iss": False, "verify_aud": False,
}  # fmt: skip


def _claims(said: Mapping[str, Any]) -> Claims:
    texts = {name: said.get(name, "") for name in ("repository", "ref", "workflow_ref", "job_workflow_ref")}
    try:
        return Claims(
            id=_text(said["jti"]),
            repository_id=_number(said["repository_id"]),
            run_id=_number(said["run_id"]),
            run_attempt=_number(said["run_attempt"]),
            event=_text(said["event_name"]),
            runner=_text(said["runner_environment"]),
            **{name: _text(value) for name, value in texts.items()},
        )
    except (KeyError, ValueError) as error:
        raise Refused(f"a claim of the token is missing or makes no sense: {error}") from None


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("no text")
    return value


def _number(value: object) -> int:
    """Return an id; GitHub writes them as text."""
    text = str(value)
    if not (text.isascii() and text.isdigit()):
        raise ValueError("no number")
    return int(text)
