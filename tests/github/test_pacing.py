"""When the next write may go out: never too many, never later than necessary."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.github.pacing import (
    PATIENT_PER_HOUR,
    PATIENT_PER_MINUTE,
    PER_HOUR,
    PER_MINUTE,
    next_patient_write_at,
    next_write_at,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def ago(*seconds: float) -> list[datetime]:
    return [NOW - timedelta(seconds=s) for s in seconds]


@pytest.mark.parametrize(
    ("recent", "wait"),
    [
        ([], 0),
        (ago(*[0] * 79), 0),
        (ago(*[0] * 80), 60),
        (ago(*[10] * 80), 50),
        (ago(*[60] * 80), 0),
        (ago(*range(80)), 0),
        (ago(*[n / 2 for n in range(80)]), 20.5),
        (ago(*[n / 2 for n in range(160)]), 20.5),
        (ago(*[100] * 499), 0),
        (ago(*[100] * 500), 3500),
        (ago(*[3600] * 500), 0),
        (ago(*[5000] * 900), 0),
        (ago(*[1000 + n for n in range(420)], *[5] * 80), 2181),
    ],
)
def test_a_write_waits_until_both_windows_have_room(recent: list[datetime], wait: float) -> None:
    assert next_write_at(recent, NOW) - NOW == timedelta(seconds=wait)


def test_the_order_of_the_writes_does_not_matter() -> None:
    recent = ago(*[n / 2 for n in range(80)])

    assert next_write_at(recent[::-1], NOW) == next_write_at(recent, NOW)


def test_other_limits_may_be_given() -> None:
    assert next_write_at(ago(10), NOW, per_minute=1) == NOW + timedelta(seconds=50)
    assert next_write_at(ago(70), NOW, per_hour=1) == NOW + timedelta(seconds=3530)


def most_within(window: timedelta, writes: Sequence[datetime]) -> int:
    """Count the writes of the fullest window, which starts at some write and leaves out its own end."""
    return max(bisect_left(writes, start + window) - i for i, start in enumerate(writes))


gaps = st.lists(st.integers(0, 40_000), min_size=1, max_size=120)


@given(gaps=gaps, per_minute=st.integers(1, 8), per_hour=st.integers(1, 30))
def test_writes_paced_this_way_never_overfill_a_window_and_never_wait_in_vain(
    gaps: list[int], per_minute: int, per_hour: int
) -> None:
    now, writes = NOW, list[datetime]()
    for gap in gaps:
        now = max(now, *writes[-1:], now) + timedelta(milliseconds=gap)
        at = next_write_at(writes, now, per_minute=per_minute, per_hour=per_hour)
        writes.append(at)
        assert most_within(MINUTE, writes) <= per_minute
        assert most_within(HOUR, writes) <= per_hour
        if at > now:
            sooner = [*writes[:-1], at - timedelta(microseconds=1)]
            assert most_within(MINUTE, sooner) > per_minute or most_within(HOUR, sooner) > per_hour


@given(st.lists(st.integers(0, 7_200), max_size=700))
def test_githubs_own_limits_hold_after_any_hour(ages: list[int]) -> None:
    kept: list[datetime] = []
    for at in sorted(ago(*ages)):
        kept.append(next_write_at(kept, at if not kept else max(at, kept[-1])))

    assert not kept or (most_within(MINUTE, kept) <= 80 and most_within(HOUR, kept) <= 500)


def test_what_nobody_waits_for_leaves_a_fifth_to_those_who_do() -> None:
    assert next_patient_write_at(ago(*[0] * (PATIENT_PER_MINUTE - 1)), NOW) == NOW
    assert next_patient_write_at(ago(*[0] * PATIENT_PER_MINUTE), NOW) == NOW + MINUTE
    assert next_patient_write_at(ago(*[600] * PATIENT_PER_HOUR), NOW) == NOW + timedelta(minutes=50)
    assert next_write_at(ago(*[600] * PATIENT_PER_HOUR), NOW) == NOW
    assert (PATIENT_PER_MINUTE * 5, PATIENT_PER_HOUR * 5) == (PER_MINUTE * 4, PER_HOUR * 4)
