"""How Reeve proves who it is: the App's own short-lived JWT, and installation tokens narrowed to one repository."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from functools import lru_cache

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from jwt.algorithms import RSAAlgorithm

from bot.model.errors import Refused


class Scope(Enum):
    """What a token is for. Each carries no more than that: a permission not granted refuses the whole token."""

    OVERVIEW = "see which repositories there are"
    COMMON = "read, and write to issues and pull requests"
    CHECKS = "write check runs"
    ACTIONS = "read workflow runs and what they hand over"
    STATES = "read what checks and statuses say of a commit"
    DISPATCH = "start workflows"
    DEPLOYMENTS = "answer whether a run may deploy"
    TAGS = "create tags and releases"
    CODE = "read the code"
    FILES = "propose changed files in a pull request"
    WORKFLOWS = "propose changed files, workflows among them"
    TEAMS = "see which teams an organisation has"


_FILES = {"contents": "write", "metadata": "read", "pull_requests": "write"}

GRANTS: Mapping[Scope, Mapping[str, str]] = {
    Scope.OVERVIEW: {"metadata": "read"},
    Scope.COMMON: {"contents": "read", "issues": "write", "metadata": "read", "pull_requests": "write"},
    Scope.CHECKS: {"checks": "write", "metadata": "read"},
    Scope.ACTIONS: {"actions": "read", "metadata": "read"},
    Scope.STATES: {"checks": "read", "metadata": "read", "statuses": "read"},
    Scope.DISPATCH: {"actions": "write", "metadata": "read"},
    Scope.DEPLOYMENTS: {"actions": "read", "deployments": "write", "metadata": "read"},
    # GitHub wants the last one for a tag at a commit whose workflows are not those of the default branch.
    Scope.TAGS: {"contents": "write", "metadata": "read", "workflows": "write"},
    Scope.CODE: {"contents": "read", "metadata": "read"},
    Scope.FILES: _FILES,
    Scope.WORKFLOWS: {**_FILES, "workflows": "write"},
    Scope.TEAMS: {"members": "read", "metadata": "read"},
}

#: All that the App must be granted.
PERMISSIONS: Mapping[str, str] = {
    "actions": "write",
    "checks": "write",
    "contents": "write",
    "deployments": "write",
    "issues": "write",
    "metadata": "read",
    "pull_requests": "write",
    "statuses": "read",
    "workflows": "write",
}

#: What it may be granted too: without it nobody sees that a policy file names a team that is not there.
WISHES: Mapping[str, str] = {"members": "read"}

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


@lru_cache(maxsize=2)
def _key(pem: str) -> RSAPrivateKey:
    """Read the key once: to read it takes ten times as long as to sign with it."""
    key = RSAAlgorithm(RSAAlgorithm.SHA256).prepare_key(pem)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("a public key cannot sign")
    return key


def app_jwt(app_id: int, private_key: str, now: datetime) -> str:
    """Return the JWT (RS256) that speaks for the App itself; raise `Refused` for an unusable key."""
    issued_at = int((now - JWT_BACKDATED_BY).timestamp())
    expires_at = int((now + JWT_LIVES_FOR).timestamp())
    claims = {"iat": issued_at, "exp": expires_at, "iss": str(app_id)}
    try:
        return jwt.encode(claims, _key(private_key), algorithm="RS256")
    except (ValueError, TypeError, jwt.PyJWTError):
        raise Refused("the App's private key cannot be used: it must be an RSA key in PEM form") from None


@dataclass(frozen=True, slots=True)
class Reach:
    """What a token opens: one repository of an installation (or all of them, for None), and what to do there."""

    installation_id: int
    repository_id: int | None
    scope: Scope = Scope.COMMON


class Tokens:
    """The tokens in use, in memory only, one per reach; safe to share between threads."""

    def __init__(self, mint: Callable[[Reach], Token], clock: Callable[[], datetime]) -> None:
        """Keep how to get a token."""
        self._mint = mint
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[Reach, Token] = {}

    def get(self, reach: Reach) -> Token:
        """Return a token that lives for five more minutes at least, minting one if need be."""
        with self._lock:
            known = self._known.get(reach)
        if known is not None and self._is_fresh(known):
            return known
        minted = self._mint(reach)
        with self._lock:
            self._known = {k: t for k, t in self._known.items() if self._is_fresh(t)} | {reach: minted}
        return minted

    def forget(self, reach: Reach) -> None:
        """Drop a token that GitHub refused before its time."""
        with self._lock:
            self._known.pop(reach, None)

    def _is_fresh(self, token: Token) -> bool:
        return self._clock() < token.expires_at - RENEW_BEFORE
