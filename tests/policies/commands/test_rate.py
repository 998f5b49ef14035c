"""How often one account may give commands."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.policies.commands.rate import BURST, EVERY, WINDOW, allowance

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MOMENTS = st.lists(st.integers(0, 3600).map(lambda s: NOON - timedelta(seconds=s)), max_size=120)


def test_twenty_comments_at_once_are_heard_and_the_next_one_is_not() -> None:
    assert allowance([NOON] * (BURST - 1), NOON).is_granted
    assert not allowance([NOON] * BURST, NOON).is_granted


def test_one_more_is_heard_each_minute() -> None:
    refused = allowance([NOON] * BURST, NOON)

    assert refused.next_at == NOON + EVERY
    assert allowance([NOON] * BURST, NOON + EVERY).is_granted
    assert not allowance([NOON] * BURST, NOON + EVERY - timedelta(seconds=1)).is_granted


def test_what_was_refused_costs_nothing() -> None:
    flood = [NOON] * 500

    assert allowance(flood, NOON + EVERY).is_granted


def test_a_flood_is_told_once() -> None:
    assert not allowance([NOON] * BURST, NOON).was_told
    assert allowance([NOON] * (BURST + 1), NOON).was_told


def test_a_quiet_hour_fills_the_bucket() -> None:
    assert allowance([NOON] * 500, NOON + WINDOW).is_granted
    assert allowance([*[NOON] * BURST, *[NOON + WINDOW] * (BURST - 1)], NOON + WINDOW).is_granted


@given(MOMENTS)
def test_the_order_in_which_comments_are_known_does_not_matter(earlier: list[datetime]) -> None:
    assert allowance(earlier, NOON) == allowance(reversed(earlier), NOON)


@given(MOMENTS)
def test_no_hour_ever_holds_more_than_the_burst_and_one_a_minute(earlier: list[datetime]) -> None:
    heard = [each for n, each in enumerate(sorted(earlier)) if allowance(sorted(earlier)[:n], each).is_granted]

    for first in heard:
        for last in heard:
            if first <= last:
                within = sum(first <= each <= last for each in heard)
                assert within <= BURST + (last - first) / EVERY


@given(MOMENTS)
def test_from_the_time_that_is_named_on_the_next_one_is_heard(earlier: list[datetime]) -> None:
    next_at = allowance(earlier, NOON).next_at

    assert allowance(earlier, next_at).is_granted
