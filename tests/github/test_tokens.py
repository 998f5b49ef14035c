"""Who Reeve is to GitHub: the JWT, and tokens that are kept, narrowed, renewed and never shown."""

import logging
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from bot.github.client import Client
from bot.github.tokens import GRANTS, PERMISSIONS, WISHES, Reach, Scope, Token, Tokens, app_jwt
from bot.github.transport import Request
from bot.model.errors import GitHubDown, Gone, RateLimited, Refused
from bot.model.subjects import Repository
from tests.github.conftest import MINT, Clock, minted
from tests.github.little_server import LittleServer, Reply

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LABELS = Request("POST", "/repos/acme/model/issues/7/labels", body={"labels": ["bug"]})
LONG_TOKEN = "ghs_12_" + "eyJhbGciOiJSUzI1NiJ9." * 24 + "end_-"


def test_the_jwt_starts_a_minute_back_and_lives_less_than_ten(private_key: str) -> None:
    claims = jwt.decode(app_jwt(12, private_key, NOW), options={"verify_signature": False})

    assert claims == {"iss": "12", "iat": int(NOW.timestamp()) - 60, "exp": int(NOW.timestamp()) + 540}


def test_the_jwt_is_signed_with_rs256(private_key: str) -> None:
    assert jwt.get_unverified_header(app_jwt(12, private_key, NOW))["alg"] == "RS256"


KIND = "PRIVATE KEY"


@pytest.mark.parametrize("key", ["", "not a key", f"-----BEGIN {KIND}-----\nAAAA\n-----END {KIND}-----"])
def test_an_unusable_key_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(Refused, match="private key") as raised:
        app_jwt(12, key, NOW)

    assert "AAAA" not in str(raised.value)


def test_a_token_is_asked_for_one_repository_and_the_permissions_needed(
    client: Client, server: LittleServer, repository: Repository
) -> None:
    server.will_say("POST " + LABELS.path, Reply(200, []))

    client.call(repository, LABELS)

    assert server.asked[0].body == {"repository_ids": [1296269], "permissions": GRANTS[Scope.COMMON]}
    assert server.asked[1].headers["authorization"] == "token ghs_1"


def test_a_token_carries_no_more_than_its_use_needs(
    client: Client, server: LittleServer, repository: Repository
) -> None:
    server.otherwise = Reply(200, [])
    for scope in (Scope.COMMON, Scope.CHECKS, Scope.CHECKS, Scope.COMMON):
        client.call(repository, Request("GET", "/x"), scope=scope)
    client.call_as_installation(77, Request("GET", "/x"))

    assert [asked.body for asked in server.asked if asked.verb == "POST"] == [
        {"repository_ids": [1296269], "permissions": GRANTS[Scope.COMMON]},
        {"repository_ids": [1296269], "permissions": {"checks": "write", "metadata": "read"}},
        {"permissions": {"metadata": "read"}},
    ]


def test_the_app_needs_what_its_tokens_ask_for_and_no_more() -> None:
    asked: dict[str, set[str]] = {}
    for grants in GRANTS.values():
        for name, level in grants.items():
            asked.setdefault(name, set()).add(level)

    highest = {name: max(levels) for name, levels in asked.items()}  # "write" sorts behind "read"
    assert highest == {**WISHES, **PERMISSIONS}


def test_a_token_serves_until_five_minutes_before_its_end(
    client: Client, server: LittleServer, repository: Repository, clock: Clock
) -> None:
    server.will_say("POST " + LABELS.path, Reply(200, []))
    for minutes in (0, 54, 1):
        clock.advance(timedelta(minutes=minutes))
        client.call(repository, LABELS)

    assert [asked.headers["authorization"] for asked in server.asked if asked.body == LABELS.body] == [
        "token ghs_1",
        "token ghs_1",
        "token ghs_2",
    ]


def test_each_repository_has_its_own_token(client: Client, server: LittleServer, repository: Repository) -> None:
    server.otherwise = Reply(200, [])
    other = Repository(5, "acme/data", repository.installation_id)

    for place in (repository, other, repository, other):
        client.call(place, Request("GET", "/x"))

    assert [asked.body["repository_ids"] for asked in server.asked if asked.verb == "POST"] == [[1296269], [5]]


def test_a_long_token_of_the_new_kind_is_used_as_it_is(
    client: Client, server: LittleServer, repository: Repository, clock: Clock
) -> None:
    server.will_say(MINT, minted(LONG_TOKEN, clock.now + timedelta(hours=1)))
    server.otherwise = Reply(200, [])

    client.call(repository, Request("GET", "/x"))

    assert server.asked[-1].headers["authorization"] == f"token {LONG_TOKEN}"


def test_a_token_that_died_early_is_minted_again_and_the_request_sent_once_more(
    client: Client, server: LittleServer, repository: Repository
) -> None:
    server.will_say("POST " + LABELS.path, Reply(401, {"message": "Bad credentials"}), Reply(200, []))

    client.call(repository, LABELS)

    assert [asked.headers["authorization"] for asked in server.asked if asked.body == LABELS.body] == [
        "token ghs_1",
        "token ghs_2",
    ]


def test_a_second_401_is_refused(client: Client, server: LittleServer, repository: Repository) -> None:
    server.will_say("POST " + LABELS.path, Reply(401, {"message": "Bad credentials"}))

    with pytest.raises(Refused, match="Bad credentials"):
        client.call(repository, LABELS)
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    ("reply", "error", "reason"),
    [
        (
            Reply(422, {"message": "There is at least one repository that does not exist"}),
            Refused,
            "repository 1296269",
        ),
        (Reply(403, {"message": "This installation has been suspended"}), Refused, "suspended"),
        (Reply(404, {"message": "Not Found"}), Gone, "installation 77 does not exist"),
        (Reply(401, {"message": "A JSON web token could not be decoded"}), Refused, "could not be decoded"),
        (Reply(503, None), GitHubDown, "503"),
        (Reply(201, {"token": "ghs_1"}), GitHubDown, "cannot be read"),
        (Reply(403, {"message": "secondary rate limit"}, {"Retry-After": "9"}), RateLimited, "secondary"),
    ],
)
def test_without_a_token_nothing_is_sent(
    client: Client, server: LittleServer, repository: Repository, reply: Reply, error: type[Exception], reason: str
) -> None:
    server.will_say(MINT, reply)

    with pytest.raises(error, match=reason):
        client.call(repository, LABELS)
    assert server.names() == [MINT]


def test_a_token_shows_in_no_repr(repository: Repository) -> None:
    token = Token("ghs_secret", NOW)
    tokens = Tokens(lambda _: token, lambda: NOW - timedelta(hours=1))
    tokens.get(Reach(77, repository.id))

    assert "ghs_secret" not in f"{token!r} {tokens!r} {vars(tokens)!r}"


def test_neither_token_nor_jwt_nor_key_is_ever_logged(
    client: Client,
    server: LittleServer,
    repository: Repository,
    private_key: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    server.otherwise = Reply(404, {"message": "Not Found"})
    with caplog.at_level(logging.DEBUG), pytest.raises(Gone) as raised:
        client.call(repository, LABELS)

    jwt_sent = server.asked[0].headers["authorization"].removeprefix("Bearer ")
    told = f"{caplog.text} {raised.value!r} {client!r} {raised.getrepr(showlocals=True)}"
    assert [secret for secret in ("ghs_1", jwt_sent, private_key[60:120]) if secret in told] == []
