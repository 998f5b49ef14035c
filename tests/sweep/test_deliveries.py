"""What GitHub's own log of deliveries is asked to send again."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.model.errors import Gone, RateLimited
from bot.model.forge import LoggedDelivery
from bot.sweep.deliveries import LOG_REACHES_BACK, MOST_AT_ONCE, OVERLAP, is_shown, ranked, redeliver
from tests.road import MODEL, NOW

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def failed(
    id: int,  # noqa: A002
    event: str = "issues",
    *,
    action: str = "edited",
    age: timedelta = HOUR,
    repository: int | None = MODEL.id,
) -> LoggedDelivery:
    """Return a delivery that failed so long ago."""
    return LoggedDelivery(
        id, f"GUID-{id}", NOW - age, is_ok=False, event=event, action=action, repository_id=repository
    )


@dataclass
class Log:
    """GitHub's log, and what was asked of it."""

    entries: list[LoggedDelivery] = field(default_factory=list)
    troubles: dict[int, Exception] = field(default_factory=dict)
    read_since: list[datetime] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)

    def failures(self, since: datetime) -> Iterator[LoggedDelivery]:
        """Read it."""
        self.read_since.append(since)
        return iter([each for each in self.entries if each.delivered_at >= since])

    def redeliver(self, delivery_id: int) -> None:
        """Take a wish."""
        if trouble := self.troubles.get(delivery_id):
            raise trouble
        self.asked.append(delivery_id)


@dataclass
class Shelf:
    """What the store knows."""

    known: set[str] = field(default_factory=set)
    looked_through: dict[int, tuple[datetime, datetime]] = field(default_factory=dict)
    mark: datetime | None = None

    def reached(self, name: str) -> datetime | None:
        """Return the mark."""
        assert name == "deliveries"
        return self.mark

    def reach(self, name: str, until: datetime) -> None:
        """Move the mark."""
        assert name == "deliveries"
        self.mark = until

    def unknown(self, guids: list[str]) -> set[str]:
        """Return what never arrived."""
        return set(guids) - self.known

    def covered(self, repository_ids: set[int]) -> dict[int, tuple[datetime, datetime]]:
        """Return what was looked through."""
        return {one: self.looked_through[one] for one in repository_ids if one in self.looked_through}


def run(log: Log, shelf: Shelf | None = None) -> tuple[int, bool]:
    """Run the sweep."""
    parts: Any = SimpleNamespace(github=log, database=SimpleNamespace(sweeps=shelf or Shelf()))
    return redeliver(parts, NOW)


def test_what_never_arrived_is_asked_for_and_what_arrived_by_another_way_is_not() -> None:
    log = Log([failed(1), failed(2)])

    assert run(log, Shelf(known={"guid-1"})) == (1, True)
    assert log.asked == [2]


def test_the_most_important_comes_first_and_of_those_the_oldest() -> None:
    events = ["star", "issues", "issue_comment", "pull_request", "push", "installation"]
    log = [failed(n, event, age=HOUR + n * MINUTE) for n, event in enumerate(events)]

    assert [each.event for each in ranked(log)] == [
        "installation",
        "push",
        "pull_request",
        "issue_comment",
        "issues",
        "star",
    ]


def test_more_than_githubs_limit_of_a_minute_is_spread_over_several_turns_without_moving_the_mark() -> None:
    log, shelf = Log([failed(n) for n in range(MOST_AT_ONCE + 20)]), Shelf()

    assert run(log, shelf) == (MOST_AT_ONCE, False)
    assert shelf.mark is None

    shelf.known |= {f"guid-{n}" for n in log.asked}
    assert run(log, shelf) == (20, True)
    assert shelf.mark == NOW


def test_the_log_is_read_from_where_it_was_read_to_last_and_never_further_back_than_github_keeps_it() -> None:
    log = Log()
    run(log)
    run(log, Shelf(mark=NOW - HOUR))
    run(log, Shelf(mark=NOW - timedelta(days=30)))

    assert log.read_since == [NOW - LOG_REACHES_BACK, NOW - HOUR - OVERLAP, NOW - LOG_REACHES_BACK]


def test_one_delivery_that_github_no_longer_has_does_not_keep_the_others_from_coming() -> None:
    log = Log([failed(1), failed(2)], troubles={1: Gone("too old")})

    assert run(log) == (1, True)
    assert log.asked == [2]


def test_a_rate_limit_ends_the_turn_without_moving_the_mark() -> None:
    log, shelf = Log([failed(1)], troubles={1: RateLimited(NOW, scope="secondary")}), Shelf()

    with pytest.raises(RateLimited):
        run(log, shelf)
    assert shelf.mark is None


SEEN = {MODEL.id: (NOW - 2 * HOUR, NOW)}


@pytest.mark.parametrize(
    ("delivery", "is_seen"),
    [
        (failed(1), True),
        (failed(1, "issue_comment", action="created"), True),
        (failed(1, age=3 * HOUR), False),
        (failed(1, age=30 * timedelta(seconds=1)), False),
        (failed(1, action="deleted"), False),
        (failed(1, action="transferred"), False),
        (failed(1, "pull_request"), False),
        (failed(1, "push"), False),
        (failed(1, repository=5), False),
        (failed(1, "installation", repository=None), False),
    ],
    ids=[
        *("an issue", "a comment", "before the first look", "too fresh for GitHub's lists", "deleted", "transferred"),
        *("a pull request", "a push", "a repository never looked through", "no repository"),
    ],
)
def test_what_a_look_has_shown_since_need_not_be_delivered(delivery: LoggedDelivery, is_seen: bool) -> None:  # noqa: FBT001
    assert is_shown(delivery, SEEN) is is_seen
    assert run(Log([delivery]), Shelf(looked_through=SEEN)) == (0 if is_seen else 1, True)
