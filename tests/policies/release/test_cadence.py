"""Minor releases are due monthly, major ones quarterly, in the repository's own days."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.release import Release
from bot.policies.release.cadence import Train, due_after, due_train
from bot.policies.release.versions import Step


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]  # mypy takes the parts for tzinfo


@pytest.mark.parametrize(
    ("step", "last", "rules", "due"),
    [
        (Step.MINOR, utc(2026, 11, 5), {}, utc(2026, 12, 1)),
        (Step.MINOR, utc(2026, 12, 5), {}, utc(2027, 1, 1)),
        (Step.MINOR, utc(2026, 11, 1), {}, utc(2026, 12, 1)),
        (Step.MINOR, utc(2026, 11, 5), {"day": 15}, utc(2026, 11, 15)),
        (Step.MINOR, utc(2027, 2, 1), {"day": 31}, utc(2027, 2, 28)),
        (Step.MINOR, utc(2026, 11, 5), {"timezone": "Asia/Shanghai"}, utc(2026, 11, 30, 16)),
        (Step.MAJOR, utc(2026, 11, 5), {}, utc(2027, 1, 1)),
        (Step.MAJOR, utc(2026, 11, 5), {"major_months": [6]}, utc(2027, 6, 1)),
        (Step.MAJOR, utc(2026, 10, 1), {"timezone": "America/New_York"}, utc(2026, 10, 1, 4)),
    ],
)
def test_a_release_is_due_on_a_day(step: Step, last: datetime, rules: dict[str, object], due: datetime) -> None:
    assert due_after(step, last, Release.model_validate(rules)) == due


def test_a_patch_needs_no_day() -> None:
    assert due_after(Step.PATCH, utc(2026, 11, 5), Release()) is None


def test_a_major_train_comes_before_a_minor_one_and_is_one_too() -> None:
    rules, last = Release(), utc(2026, 11, 5)

    assert due_train(last, last, utc(2026, 11, 30), rules) is None
    assert due_train(last, last, utc(2026, 12, 1), rules) == Train(Step.MINOR, utc(2026, 12, 1))
    assert due_train(last, last, utc(2027, 1, 1), rules) == Train(Step.MAJOR, utc(2027, 1, 1))
    assert due_train(utc(2026, 12, 1), utc(2027, 1, 2), utc(2027, 1, 20), rules) is None
    assert due_train(utc(2026, 12, 1), utc(2027, 1, 2), utc(2027, 2, 1), rules) == Train(Step.MINOR, utc(2027, 2, 1))


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  given one above
    st.integers(1, 31),
    st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York", "Pacific/Apia"]),
)
def test_the_next_minor_is_always_later_and_within_two_months(last: datetime, day: int, zone: str) -> None:
    due = due_after(Step.MINOR, last, Release(day=day, timezone=zone))

    assert due is not None
    assert 0 < (due - last).total_seconds() < 63 * 86400
