"""Requests as they leave: pinned, unretried, on connections that last, and silent while GitHub wants silence."""

import threading
from datetime import timedelta

import pytest

from bot import __version__
from bot.github.client import Client
from bot.github.transport import Request
from bot.model.errors import GitHubDown, RateLimited, Refused
from bot.model.subjects import Repository
from tests.github.conftest import MINT, Clock, minted
from tests.github.little_server import LittleServer, Reply

COMMENT = Request("POST", "/repos/acme/model/issues/7/comments", body={"body": "Hello"})
ISSUE = Request("GET", "/repos/acme/model/issues/7")


def test_every_request_pins_the_api_version_and_says_who_asks(
    client: Client, server: LittleServer, repository: Repository
) -> None:
    server.otherwise = Reply(200, {})

    client.call(repository, ISSUE)

    assert {asked.headers["x-github-api-version"] for asked in server.asked} == {"2022-11-28"}
    assert {asked.headers["user-agent"] for asked in server.asked} == {f"reeve/{__version__}"}
    assert {asked.headers["accept"] for asked in server.asked} == {"application/vnd.github+json"}


def test_requests_of_one_thread_share_a_connection(
    client: Client, server: LittleServer, repository: Repository
) -> None:
    server.otherwise = Reply(200, {})

    for _ in range(5):
        client.call(repository, ISSUE)

    assert len({asked.connection for asked in server.asked}) == 1


@pytest.mark.parametrize("reply", [Reply(0), Reply(500), Reply(502, "<html>bad gateway"), Reply(503)])
@pytest.mark.parametrize("request_", [COMMENT, ISSUE], ids=["write", "read"])
def test_a_failure_is_told_at_once_and_nothing_is_repeated(
    client: Client, server: LittleServer, repository: Repository, reply: Reply, request_: Request
) -> None:
    server.otherwise = reply

    with pytest.raises(GitHubDown):
        client.call(repository, request_)
    assert server.names() == [MINT, request_.name]


def test_nobody_listening_is_github_down(private_key: str, clock: Clock, repository: Repository) -> None:
    client = Client(app_id=12, private_key=private_key, base_url="http://127.0.0.1:9", clock=clock)

    with pytest.raises(GitHubDown, match="ConnectionError"):
        client.call(repository, ISSUE)


@pytest.mark.parametrize("status", [403, 429])
def test_a_rate_limit_is_told_and_nothing_is_sent_until_it_is_over(
    client: Client, server: LittleServer, repository: Repository, clock: Clock, status: int
) -> None:
    server.will_say(COMMENT.name, Reply(status, {"message": "wait"}, {"Retry-After": "90"}), Reply(201, {"id": 1}))
    until = clock.now + timedelta(seconds=90)

    for _ in range(3):
        with pytest.raises(RateLimited) as raised:
            client.call(repository, COMMENT)
        assert raised.value.until == until
    assert server.names() == [MINT, COMMENT.name]

    clock.now = until
    assert client.call(repository, COMMENT).status == 201


def test_one_installations_pause_is_not_anothers(
    client: Client, server: LittleServer, repository: Repository, clock: Clock
) -> None:
    server.will_say("POST /app/installations/78/access_tokens", minted("ghs_b", clock.now + timedelta(hours=1)))
    server.will_say(ISSUE.name, Reply(429), Reply(200, {}))
    with pytest.raises(RateLimited):
        client.call(repository, ISSUE)

    assert client.call(Repository(2, "other/model", 78), ISSUE).status == 200


def test_the_budget_is_what_the_last_answer_said(
    client: Client, server: LittleServer, repository: Repository, clock: Clock
) -> None:
    reset = str(int((clock.now + timedelta(minutes=5)).timestamp()))
    server.otherwise = Reply(200, {}, {"X-RateLimit-Remaining": "4321", "X-RateLimit-Reset": reset})
    assert client.budget_left(77) is None

    client.call(repository, ISSUE)
    assert (client.budget_left(77), client.budget_left(78)) == (4321, None)

    clock.advance(timedelta(minutes=5))
    assert client.budget_left(77) is None


@pytest.mark.parametrize("status", [301, 307, 308])
@pytest.mark.parametrize("request_", [COMMENT, ISSUE], ids=["write", "read"])
def test_a_renamed_repository_is_followed_with_the_same_request(
    client: Client, server: LittleServer, repository: Repository, status: int, request_: Request
) -> None:
    there = "/repositories/1296269/issues/7"
    server.will_say(request_.name, Reply(status, {"message": "Moved"}, {"Location": server.url + there}))
    server.will_say(f"{request_.verb} {there}", Reply(200, {"number": 7}))

    client.call(repository, request_)

    assert (server.asked[-1].verb, server.asked[-1].path, server.asked[-1].body) == (
        request_.verb,
        there,
        request_.body,
    )


@pytest.mark.parametrize("status", [301, 308])
@pytest.mark.parametrize("query", ["", "?from=github"])
def test_a_redirect_keeps_the_query(
    client: Client, server: LittleServer, repository: Repository, status: int, query: str
) -> None:
    first = Request("GET", "/repos/acme/model/issues", parameters={"state": "all", "per_page": 100})
    following = Request("GET", "/repos/acme/model/issues?page=2&state=all")
    there = {"Location": f"{server.url}/repositories/1296269/issues{query}"}
    server.will_say(first.name, Reply(status, {}, there))
    server.will_say("GET /repositories/1296269/issues", Reply(200, []))

    client.call(repository, first)
    assert server.asked[-1].path.endswith("per_page=100&state=all")
    client.call(repository, following)
    assert server.asked[-1].path.endswith(query or "?page=2&state=all")


def test_a_repository_that_moved_twice_is_found_and_one_that_moves_in_circles_is_refused(
    client: Client, server: LittleServer, repository: Repository
) -> None:
    server.will_say(ISSUE.name, Reply(301, {}, {"Location": f"{server.url}/a"}))
    server.will_say("GET /a", Reply(301, {}, {"Location": f"{server.url}/b"}))
    server.will_say("GET /b", Reply(200, {"number": 7}))

    assert client.call(repository, ISSUE).status == 200
    server.will_say("GET /b", Reply(301, {}, {"Location": f"{server.url}/a"}))
    with pytest.raises(Refused, match="308"):
        client.call(repository, ISSUE)


@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_redirect_to_another_host_is_refused_and_the_token_stays_here(
    client: Client, server: LittleServer, repository: Repository, status: int
) -> None:
    server.will_say(ISSUE.name, Reply(status, {}, {"Location": "http://localhost:1/repos/acme/model/issues/7"}))

    with pytest.raises(Refused, match="another host"):
        client.call(repository, ISSUE)
    assert server.names() == [MINT, ISSUE.name]


@pytest.mark.parametrize("suffix", ["/api/v3", "/api/v3/"])
def test_an_enterprise_server_lives_under_a_prefix(
    server: LittleServer, private_key: str, clock: Clock, repository: Repository, suffix: str
) -> None:
    path = "/api/v3/app/installations/77/access_tokens"
    server.will_say(f"POST {path}", minted("ghs_e", clock.now + timedelta(hours=1)))
    server.otherwise = Reply(200, {})
    client = Client(app_id=12, private_key=private_key, base_url=server.url + suffix, clock=clock)

    client.call(repository, ISSUE)
    client.call(repository, Request("GET", f"{server.url}/api/v3{ISSUE.path}?page=2"))
    client.close()

    assert [asked.path for asked in server.asked] == [path, f"/api/v3{ISSUE.path}", f"/api/v3{ISSUE.path}?page=2"]


def test_threads_never_send_each_others_requests(client: Client, server: LittleServer, clock: Clock) -> None:
    server.otherwise = Reply(200, {})
    places = [Repository(n, f"acme/model{n}", n) for n in range(1, 5)]
    for place in places:
        mint = f"POST /app/installations/{place.id}/access_tokens"
        server.will_say(mint, minted(f"ghs_{place.id}", clock.now + timedelta(hours=1)))

    def ask(place: Repository) -> None:
        for _ in range(25):
            client.call(place, Request("GET", f"/repos/{place.full_name}"))

    threads = [threading.Thread(target=ask, args=(place,)) for place in places]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    sent = {(asked.path, asked.headers["authorization"]) for asked in server.asked if asked.verb == "GET"}
    assert sent == {(f"/repos/acme/model{n}", f"token ghs_{n}") for n in range(1, 5)}
