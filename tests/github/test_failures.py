"""What GitHub's answers mean: a table of statuses, headers and messages, and the error each becomes."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from bot.github.failures import check
from bot.github.transport import Answer, Request
from bot.model.errors import GitHubDown, Gone, RateLimited, ReeveError, Refused

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
RESET = NOW + timedelta(minutes=17)
LATER = NOW + timedelta(seconds=60)
EPOCH = str(int(RESET.timestamp()))
SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
PRIMARY = "API rate limit exceeded for installation ID 77."


def answer(status: int, message: str = "", **headers: str) -> Answer:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(Request("POST", "/repos/acme/model/labels"), status, names, f'{{"message": "{message}"}}')


def trouble(given: Answer, *accept: int) -> ReeveError | None:
    """Return what an answer is taken for, where it is no success."""
    try:
        check(given, NOW, accept=accept)
    except ReeveError as error:
        return error
    return None


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_success_passes(status: int) -> None:
    assert trouble(answer(status)) is None


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (304, Refused),
        (307, Refused),
        (400, Refused),
        (401, Refused),
        (403, Refused),
        (404, Gone),
        (405, Refused),
        (408, GitHubDown),
        (409, Refused),
        (410, Gone),
        (422, Refused),
        (451, Refused),
        (500, GitHubDown),
        (502, GitHubDown),
        (503, GitHubDown),
    ],
)
def test_every_status_has_its_error(status: int, error: type[ReeveError]) -> None:
    with pytest.raises(error, match=f"POST /repos/acme/model/labels: {status} No luck") as raised:
        check(answer(status, "No luck"), NOW)

    assert type(raised.value) is error


@pytest.mark.parametrize(
    ("given", "until", "scope"),
    [
        (answer(403, SECONDARY, retry_after="90"), NOW + timedelta(seconds=90), "secondary"),
        (answer(429, "", retry_after="90"), NOW + timedelta(seconds=90), "secondary"),
        (answer(403, SECONDARY), LATER, "secondary"),
        (answer(429), LATER, "secondary"),
        (answer(403, SECONDARY, x_ratelimit_remaining="9", x_ratelimit_reset=EPOCH), LATER, "secondary"),
        (answer(403, PRIMARY, x_ratelimit_remaining="0", x_ratelimit_reset=EPOCH), RESET, "primary"),
        (answer(429, PRIMARY, x_ratelimit_remaining="0", x_ratelimit_reset=EPOCH), RESET, "primary"),
        (answer(403, PRIMARY, x_ratelimit_reset=EPOCH), RESET, "primary"),
        (answer(403, PRIMARY), LATER, "primary"),
        (answer(403, PRIMARY, x_ratelimit_reset=EPOCH, retry_after="60"), LATER, "primary"),
        (answer(403, "", retry_after="0"), NOW + timedelta(seconds=1), "secondary"),
        (answer(403, "", x_ratelimit_remaining="0", x_ratelimit_reset="1000"), NOW + timedelta(seconds=1), "primary"),
        (answer(403, "", retry_after="soon"), LATER, "secondary"),
        (answer(429, "", retry_after="9" * 30), LATER, "secondary"),
    ],
)  # fmt: skip
def test_a_rate_limit_says_until_when(given: Answer, until: datetime, scope: str) -> None:
    with pytest.raises(RateLimited) as raised:
        check(given, NOW)

    assert (raised.value.until, raised.value.scope) == (until, scope)


def test_an_accepted_status_is_an_answer() -> None:
    assert isinstance(trouble(answer(404)), Gone)
    assert trouble(answer(404), 404) is None


def test_a_rate_limit_is_never_taken_for_an_accepted_status() -> None:
    with pytest.raises(RateLimited):
        check(answer(403, SECONDARY), NOW, accept=(403,))


def test_what_github_found_wrong_is_told_but_not_at_length() -> None:
    text = msgspec.json.encode(
        {"message": "Validation Failed", "errors": [{"field": "labels", "code": "invalid"}] * 99}
    )

    with pytest.raises(Refused, match=r"Validation Failed.*labels") as raised:
        check(Answer(Request("POST", "/x"), 422, {}, text.decode()), NOW)
    assert len(str(raised.value)) < 400


@pytest.mark.parametrize("text", ["", "<html>", "[]", '"x"', '{"message": 5}', "[" * 100_000])
def test_an_error_page_that_is_not_githubs_is_understood_by_its_status(text: str) -> None:
    with pytest.raises(GitHubDown):
        check(Answer(Request("GET", "/x"), 502, {}, text), NOW)
