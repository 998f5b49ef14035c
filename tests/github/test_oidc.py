"""Tokens of GitHub Actions: what is believed, and every way in which one is not."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from bot.github.oidc import GITHUB, Tokens, issuer
from bot.model.claims import Claims
from bot.model.errors import GitHubDown, Refused

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
AUDIENCE = "https://reeve.example.org"
FILE = "acme/model/.github/workflows/reeve-tensor-parallel.yml@refs/heads/main"


def said(**changes: Any) -> dict[str, Any]:
    """Return the claims of a good token, with changes; None takes one away."""
    made = {
        "iss": GITHUB, "aud": AUDIENCE, "jti": "1", "sub": "repo:acme/model:ref:refs/heads/main",
        "iat": NOW.timestamp(), "nbf": NOW.timestamp() - 5, "exp": NOW.timestamp() + 300,
        "repository_id": "7", "repository": "acme/model", "run_id": "5000", "run_attempt": "1",
        "event_name": "workflow_dispatch", "ref": "refs/heads/main", "workflow_ref": FILE,
        "job_workflow_ref": FILE.replace("reeve", "measure"), "runner_environment": "github-hosted",
    }  # fmt: skip
    return {name: value for name, value in (made | changes).items() if value is not None}


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def other() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


class Issuer:
    """Publishes keys, and counts how often it is asked."""

    def __init__(self, **keys: RSAPrivateKey) -> None:
        """Publish these, by their ids."""
        self.keys, self.asked, self.status, self.now = keys, 0, 200, NOW

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer like the issuer."""
        self.asked += 1
        assert str(request.url) == f"{GITHUB}/.well-known/jwks"
        algorithm = jwt.algorithms.RSAAlgorithm
        found = [
            json.loads(algorithm.to_jwk(each.public_key())) | {"kid": kid, "alg": "RS256"}
            for kid, each in self.keys.items()
        ]
        return httpx.Response(self.status, json={"keys": found})

    def tokens(self) -> Tokens:
        """Return what reads this issuer's tokens."""
        client = httpx.Client(transport=httpx.MockTransport(self.answer))
        return Tokens(GITHUB, AUDIENCE, clock=lambda: self.now, client=client)


@pytest.fixture
def publishes(key: RSAPrivateKey) -> Issuer:
    return Issuer(one=key)


def test_a_good_token_says_which_run_it_is_of(publishes: Issuer, key: RSAPrivateKey) -> None:
    token = jwt.encode(said(), key, "RS256", {"kid": "one"})

    assert publishes.tokens().claims(token) == Claims(
        id="1", repository_id=7, repository="acme/model", run_id=5000, run_attempt=1, event="workflow_dispatch",
        ref="refs/heads/main", workflow_ref=FILE, job_workflow_ref=FILE.replace("reeve", "measure"),
        runner="github-hosted",
    )  # fmt: skip


@pytest.mark.parametrize("subject", ["repo:acme/model:ref:refs/heads/main", "repository_id:7:ref:refs/heads/main"])
def test_the_subject_is_not_read_whichever_way_it_is_written(
    publishes: Issuer, key: RSAPrivateKey, subject: str
) -> None:
    token = jwt.encode(said(sub=subject), key, "RS256", {"kid": "one"})

    assert publishes.tokens().claims(token).repository_id == 7


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("another issuer's", {"iss": "https://token.example.org"}, "another issuer's"),
    ("for another service", {"aud": "https://else.example.org"}, "for somebody else"),
    ("for us and another service", {"aud": [AUDIENCE, "https://else.example.org"]}, "for somebody else"),
    ("over", {"exp": NOW.timestamp() - 31}, "not of now"),
    ("not yet good", {"nbf": NOW.timestamp() + 31}, "not of now"),
    ("made in the future", {"iat": NOW.timestamp() + 31}, "not of now"),
    *((f"without {name}", {name: None}, "MissingRequiredClaim") for name in ("exp", "iat", "nbf", "iss", "aud", "jti")),
    *((f"without {name}", {name: None}, name) for name in ("repository_id", "run_id", "run_attempt", "event_name")),
    ("without a runner", {"runner_environment": None}, "runner_environment"),
    ("without a ref", {"ref": None}, "no text"),
    ("with an id that is a name", {"repository_id": "acme"}, "no number"),
    ("with an id in other digits", {"run_id": "٥"}, "no number"),
    ("with an id of its own that is no text", {"jti": 5}, "no text|InvalidJTI"),
]


@pytest.mark.parametrize(("change", "reason"), [each[1:] for each in BAD], ids=[each[0] for each in BAD])
def test_a_token_that_is_wrong_in_one_claim_is_refused(
    publishes: Issuer,
    key: RSAPrivateKey,
    change: dict[str, Any],
    reason: str,
) -> None:
    signed = jwt.api_jws.encode(json.dumps(said(**change)).encode(), key, "RS256", {"kid": "one"})

    with pytest.raises(Refused, match=reason):
        publishes.tokens().claims(signed)


Forge = Callable[[RSAPrivateKey, RSAPrivateKey], str]
FORGED: list[tuple[str, Forge, str]] = [
    ("somebody else's key", lambda _, other: jwt.encode(said(), other, "RS256", {"kid": "one"}), "InvalidSignature"),
    ("a key that is not published", lambda _, other: jwt.encode(said(), other, "RS256", {"kid": "two"}), "not publish"),
    ("no key named", lambda key, _: jwt.encode(said(), key, "RS256"), "not publish"),
    ("no signature", lambda *_: jwt.encode(said(), "", "none"), "RS256"),
    ("a shared secret", lambda *_: jwt.encode(said(), "x" * 64, "HS256", {"kid": "one"}), "RS256"),
    ("a stronger hash", lambda key, _: jwt.encode(said(), key, "RS512", {"kid": "one"}), "RS256"),
    ("no token", lambda *_: "a.b.c", "not valid"),
    ("a very long one", lambda *_: "a" * 20_000, "too long"),
]


@pytest.mark.parametrize(("forge", "reason"), [each[1:] for each in FORGED], ids=[each[0] for each in FORGED])
def test_a_token_that_the_issuer_did_not_sign_is_refused(
    publishes: Issuer,
    key: RSAPrivateKey,
    other: RSAPrivateKey,
    forge: Forge,
    reason: str,
) -> None:
    with pytest.raises(Refused, match=reason):
        publishes.tokens().claims(forge(key, other))


def test_keys_are_fetched_once_and_anew_for_a_new_one_but_not_again_and_again(
    key: RSAPrivateKey, other: RSAPrivateKey
) -> None:
    publishes = Issuer(one=key)
    tokens = publishes.tokens()
    old, new = (jwt.encode(said(), each, "RS256", {"kid": kid}) for each, kid in ((key, "one"), (other, "two")))

    tokens.claims(old)
    tokens.claims(old)
    publishes.keys["two"] = other
    with pytest.raises(Refused):
        tokens.claims(new)
    asked = publishes.asked
    publishes.now += timedelta(seconds=61)
    tokens.claims(new)

    assert (asked, publishes.asked) == (1, 2)


def test_without_keys_nothing_is_believed_and_the_runner_is_told_to_come_again(key: RSAPrivateKey) -> None:
    publishes = Issuer(one=key)
    publishes.status = 500

    with pytest.raises(GitHubDown):
        publishes.tokens().claims(jwt.encode(said(), key, "RS256", {"kid": "one"}))


@pytest.mark.parametrize(
    ("api", "signer"),
    [
        ("https://api.github.com", GITHUB),
        ("https://github.acme.example/api/v3", "https://github.acme.example/_services/token"),
    ],
)
def test_an_enterprise_server_signs_for_itself(api: str, signer: str) -> None:
    assert issuer(api) == signer
