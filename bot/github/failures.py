"""What GitHub's answers mean when they are not the wanted ones: the one place where statuses become errors.

Rules: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api and "Best practices".
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import Struct

from bot.github.transport import Answer
from bot.model.errors import GitHubDown, Gone, RateLimited, Refused

#: "Wait for at least one minute" where a limit names no time.
DEFAULT_PAUSE = timedelta(seconds=60)

#: A limit that is over already (our clock runs ahead) still asks for a moment.
SHORTEST_PAUSE = timedelta(seconds=1)

_MESSAGE_LENGTH = 300


class _Fault(Struct):
    message: str = ""
    errors: list[object] | str | None = None


def check(answer: Answer, now: datetime, *, accept: Collection[int] = ()) -> None:
    """Return silently for success; raise `RateLimited`, `GitHubDown`, `Gone` or `Refused` with GitHub's own words.

    Statuses in `accept` are wanted too, but a rate limit is never taken for one of them.
    """
    status = answer.status
    if status < 300:
        return
    fault = _fault(answer)
    if status in (403, 429) and (limited := _limit(answer, fault, now)) is not None:
        raise limited
    if status in accept:
        return
    if status >= 500 or status == 408:
        raise GitHubDown(_explained(answer, fault))
    if status in (404, 410):
        raise Gone(_explained(answer, fault))
    raise refusal(answer)


def refusal(answer: Answer) -> Refused:
    """Return the error for an answer that says no, with GitHub's own words."""
    return Refused(_explained(answer, _fault(answer)))


def says(answer: Answer, words: str) -> bool:
    """Say whether an error of GitHub's holds these words: some of its refusals differ in nothing else."""
    fault = _fault(answer)
    return words in fault.message or words in msgspec.json.encode(fault.errors).decode()


def _explained(answer: Answer, fault: _Fault) -> str:
    return f"{answer.request.name}: {answer.status} {_explain(fault)}".rstrip()


def _fault(answer: Answer) -> _Fault:
    try:
        return msgspec.json.decode(answer.text, type=_Fault)
    except (msgspec.DecodeError, RecursionError):
        return _Fault()


def _explain(fault: _Fault) -> str:
    detail = f" {msgspec.json.encode(fault.errors).decode()}" if fault.errors else ""
    return (fault.message + detail)[:_MESSAGE_LENGTH]


def _limit(answer: Answer, fault: _Fault, now: datetime) -> RateLimited | None:
    """Tell a rate limit from a plain refusal: `retry-after` counts first, then the reset, then a minute."""
    message = fault.message.lower()
    is_primary = answer.headers.get("x-ratelimit-remaining") == "0" or message.startswith("api rate limit")
    is_secondary = "retry-after" in answer.headers or "secondary rate limit" in message or answer.status == 429
    if not is_primary and not is_secondary:
        return None
    wished = _retry_after(answer, now) or (_reset(answer) if is_primary else None) or now + DEFAULT_PAUSE
    return RateLimited(max(wished, now + SHORTEST_PAUSE), scope="primary" if is_primary else "secondary")


def _retry_after(answer: Answer, now: datetime) -> datetime | None:
    seconds = _whole(answer.headers.get("retry-after"))
    return None if seconds is None else now + timedelta(seconds=seconds)


def _reset(answer: Answer) -> datetime | None:
    epoch = _whole(answer.headers.get("x-ratelimit-reset"))
    return None if epoch is None else datetime.fromtimestamp(epoch, UTC)


def _whole(text: str | None) -> int | None:
    """Return the number in a header; ten digits last until the year 2286."""
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) <= 10 else None
