"""How Reeve proves who it is: the App's own short-lived JWT, and installation tokens narrowed to one repository."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import jwt

from bot.model.errors import Refused

#: All that a token may do. More is asked for only when a feature needs it: a permission not granted refuses the token.
PERMISSIONS = {"contents": "read", "issues": "write", "metadata": "read"}

#: GitHub accepts at most ten minutes ahead; clocks differ, so the start lies a minute back.
JWT_BACKDATED_BY = timedelta(seconds=60)
JWT_LIVES_FOR = timedelta(minutes=9)

#: A token this close to its end is not begun with: the request might arrive too late.
RENEW_BEFORE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Token:
    """An installation token: any length (they vary since 2026), never shown."""

    value: str = field(repr=False)
    expires_at: datetime


def app_jwt(app_id: int, private_key: str, now: datetime) -> str:
    """Return the JWT (RS256) that speaks for the App itself; raise `Refused` for an unusable key."""
    issued_at = int((now - JWT_BACKDATED_BY).timestamp())
    expires_at = int((now + JWT_LIVES_FOR).timestamp())
    claims = {"iat": issued_at, "exp": expires_at, "iss": str(app_id)}
    try:
        return jwt.encode(claims, private_key, algorithm="RS256")
    except (ValueError, TypeError, jwt.PyJWTError):
        raise Refused("the App's private key cannot be used: it must be an RSA key in PEM form") from None


class Tokens:
    """The tokens in use, in memory only, one per repository; safe to share between threads."""

    def __init__(self, mint: Callable[[int, int], Token], clock: Callable[[], datetime]) -> None:
        """Keep how to get a token for (installation id, repository id)."""
        self._mint = mint
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[tuple[int, int], Token] = {}

    def get(self, installation_id: int, repository_id: int) -> Token:
        """Return a token that lives for five more minutes at least, minting one if need be."""
        key = (installation_id, repository_id)
        with self._lock:
            known = self._known.get(key)
        if known is not None and self._is_fresh(known):
            return known
        minted = self._mint(installation_id, repository_id)
        with self._lock:
            self._known = {k: t for k, t in self._known.items() if self._is_fresh(t)} | {key: minted}
        return minted

    def forget(self, installation_id: int, repository_id: int) -> None:
        """Drop a token that GitHub refused before its time."""
        with self._lock:
            self._known.pop((installation_id, repository_id), None)

    def _is_fresh(self, token: Token) -> bool:
        return self._clock() < token.expires_at - RENEW_BEFORE
