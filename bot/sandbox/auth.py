"""Who is calling: the App's JWT, installation tokens that expire, are narrowed and can be revoked."""

import base64
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt

from bot.sandbox.state import App, Installation, Json, State
from bot.sandbox.wire import Caller, Problem

LIFETIME = timedelta(hours=1)
#: A JWT may live ten minutes; GitHub allows for clocks that differ by a minute.
JWT_LIFETIME, DRIFT = timedelta(minutes=10), timedelta(minutes=1)
RANKS = ("none", "read", "write", "admin")


@dataclass(frozen=True, slots=True, eq=False)
class Token:
    """An installation token and what it may do."""

    text: str
    installation: Installation
    permissions: Mapping[str, str]
    repository_ids: frozenset[int] | None
    expires_at: datetime

    def allows(self, permission: str, level: str) -> bool:
        """Say whether the token carries a permission at this level or above."""
        return RANKS.index(self.permissions.get(permission, "none")) >= RANKS.index(level)


class Tokens:
    """The installation tokens that were given out."""

    def __init__(self) -> None:
        """Start with none."""
        self._tokens: dict[str, Token] = {}

    def mint(
        self,
        app: App,
        installation: Installation,
        *,
        now: datetime,
        repository_ids: Iterable[int] | None,
        permissions: Mapping[str, str] | None,
    ) -> Token:
        """Give out a token for an installation, narrowed to repositories and permissions if asked."""
        chosen = None if repository_ids is None else frozenset(repository_ids)
        allowed = dict(permissions or installation.permissions)
        token = Token(_text(app, installation, now), installation, allowed, chosen, now + LIFETIME)
        self._tokens[token.text] = token
        return token

    def revoke(self, token: Token) -> None:
        """Make a token worthless at once."""
        self._tokens.pop(token.text, None)

    def revoke_all(self) -> None:
        """Make every token worthless at once, as after a security incident."""
        self._tokens.clear()

    def find(self, text: str, *, now: datetime) -> Token | None:
        """Return the token with this text while it is good."""
        token = self._tokens.get(text)
        return token if token and token.expires_at > now else None


def identify(authorization: str | None, *, state: State, tokens: Tokens) -> Caller:
    """Return who calls; raise the 401 or 403 that GitHub answers to credentials that are no good."""
    if not authorization:
        return Caller("anonymous")
    credential = _credential(authorization)
    if not credential.startswith("ghs_"):
        _check_jwt(credential, state)
        return Caller("app")
    token = tokens.find(credential, now=state.clock.now())
    if token is None or token.installation.id not in state.installations:
        raise Problem(401, "Bad credentials")
    if token.installation.suspended_at:
        raise Problem(403, "This installation has been suspended")
    return Caller("installation", token.installation, token)


def _credential(authorization: str) -> str:
    """Return the token or JWT: the second word, or where git sends it, the password of the user `x-access-token`."""
    kind, _, credential = authorization.partition(" ")
    if kind.lower() != "basic":
        return credential
    try:
        return base64.b64decode(credential, validate=True).decode().partition(":")[2]
    except ValueError as error:
        raise Problem(401, "Bad credentials") from error


def _check_jwt(text: str, state: State) -> None:
    try:
        claims = jwt.decode(
            text,
            state.app.public_key_pem,
            algorithms=["RS256"],
            options={
                "require": ["iat", "exp", "iss"],
                "verify_exp": False,
                "verify_iat": False,
                "verify_aud": False,
                "verify_sub": False,
            },
        )
    except jwt.InvalidTokenError as error:
        raise Problem(401, "A JSON web token could not be decoded") from error
    if str(claims["iss"]) not in {str(state.app.id), state.app.client_id}:
        raise Problem(401, "'Issuer' claim ('iss') must be an Integer")
    # The caller signs with its own clock, which may be real time or the sandbox's: either will do.
    if not any(_is_current(claims, now) for now in (datetime.now(UTC), state.clock.now())):
        raise Problem(
            401,
            "'Expiration time' claim ('exp') must be a numeric value representing the future time"
            " at which the assertion expires",
        )


def _is_current(claims: Json, now: datetime) -> bool:
    issued, expires = (datetime.fromtimestamp(int(claims[name]), UTC) for name in ("iat", "exp"))
    return issued <= now + DRIFT and now < expires <= now + JWT_LIFETIME + DRIFT


def _text(app: App, installation: Installation, now: datetime) -> str:
    """Return a token in the format of 2026: `ghs_<app id>_<three segments>`, about 520 characters."""
    claims = {"iss": app.id, "sub": installation.id, "iat": int(now.timestamp()), "jti": secrets.token_hex(8)}
    parts = [json.dumps(part, separators=(",", ":")).encode() for part in ({"alg": "RS256", "typ": "JWT"}, claims)]
    body = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
    return f"ghs_{app.id}_{body}.{secrets.token_urlsafe(256)}"
