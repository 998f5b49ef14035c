"""Where runners post results, over real HTTP."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from bot.model.errors import GitHubDown, Refused
from bot.releasing.posted import Known
from bot.web.pages import pages
from bot.web.server import serving
from bot.web.tally import Tally
from tests.web.doors import StoreFigures, request

PATH = "/evidence/tensor-parallel"
TOKEN = {"Authorization": "Bearer a.b.c"}

Post = Callable[[str, bytes], None]
Open = Callable[[Post | None], int]


@pytest.fixture
def door() -> Iterator[Open]:
    """Open pages that hand on to something, and tell their port."""
    with ExitStack() as stack:
        yield lambda post: stack.enter_context(serving(pages(StoreFigures(), {}, Tally(), post)))


def refusing(error: Exception) -> Post:
    def post(_: str, __: bytes) -> None:
        raise error

    return post


def test_a_result_is_handed_on_with_its_token_and_taken(door: Open) -> None:
    seen: list[tuple[str, bytes]] = []
    port = door(lambda token, body: seen.append((token, body)))

    assert request(port, "POST", PATH, b'{"a": 1}', TOKEN) == (202, "taken\n")
    assert seen == [("a.b.c", b'{"a": 1}')]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer "}])
def test_without_a_token_nothing_is_read(door: Open, headers: dict[str, str]) -> None:
    seen: list[bytes] = []

    assert request(door(lambda _, body: seen.append(body)), "POST", PATH, b"{}", headers)[0] == 401
    assert seen == []


@pytest.mark.parametrize(
    ("error", "status", "says"),
    [
        (Refused("the run is not on the default branch"), 403, "the run is not on the default branch\n"),
        (Known("this run has posted its result before"), 409, "this run has posted its result before\n"),
        (GitHubDown("https://issuer.internal did not answer"), 503, "try again later\n"),
    ],
)
def test_what_is_not_taken_is_told_with_its_reason(door: Open, error: Exception, status: int, says: str) -> None:
    assert request(door(refusing(error)), "POST", PATH, b"{}", TOKEN) == (status, says)


def test_a_body_that_is_too_large_is_not_handed_on(door: Open) -> None:
    seen: list[bytes] = []

    status, _ = request(door(lambda _, body: seen.append(body)), "POST", PATH, b" " * (4 * 1024 * 1024 + 1), TOKEN)

    assert (status, seen) == (413, [])


def test_a_reeve_that_does_not_know_its_own_address_has_no_such_place(door: Open) -> None:
    assert request(door(None), "POST", PATH, b"{}", TOKEN)[0] == 404
