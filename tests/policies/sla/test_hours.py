"""Business calendars: hours a day, weekdays, time zones, summer time and public holidays."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.config.sla import Calendar
from bot.policies.sla.hours import BusinessHours, EveryHour, hours_of

OFFICE = ("09:00-12:00", "13:30-18:00")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def between(calendar: Calendar, start: str, end: str) -> float:
    return hours_of(calendar).between(utc(start), utc(end)) / timedelta(hours=1)


def after(calendar: Calendar, start: str, hours: float) -> str:
    return hours_of(calendar).after(utc(start), timedelta(hours=hours)).isoformat()


def test_without_a_calendar_every_hour_counts() -> None:
    plain = hours_of(None)
    start = utc("2026-11-27T17:00:00+00:00")
    assert isinstance(plain, EveryHour)
    assert plain.between(start, start + timedelta(days=3)) == timedelta(days=3)
    assert plain.between(start, start - timedelta(days=3)) == timedelta()
    assert plain.after(start, timedelta(hours=72)) == start + timedelta(hours=72)
    assert plain.opening(start) == start


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-11-23T08:00+00:00", "2026-11-23T19:00+00:00", 7.5),  # a Monday
        ("2026-11-23T09:00+00:00", "2026-11-23T10:30+00:00", 1.5),
        ("2026-11-23T11:00+00:00", "2026-11-23T14:00+00:00", 1.5),  # over lunch
        ("2026-11-23T12:00+00:00", "2026-11-23T13:30+00:00", 0),
        ("2026-11-27T17:00+00:00", "2026-11-30T10:00+00:00", 2),  # over the weekend
        ("2026-11-28T00:00+00:00", "2026-11-30T00:00+00:00", 0),
        ("2026-11-23T00:00+00:00", "2026-11-30T00:00+00:00", 37.5),
        ("2026-11-23T10:00+00:00", "2026-11-23T10:00+00:00", 0),
        ("2026-11-23T11:00+00:00", "2026-11-23T10:00+00:00", 0),
    ],
)
def test_only_opening_hours_count_several_a_day(start: str, end: str, hours: float) -> None:
    assert between(Calendar(hours=OFFICE), start, end) == hours


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-23T09:00+00:00", 3, "2026-11-23T12:00:00+00:00"),
        ("2026-11-23T09:00+00:00", 3.5, "2026-11-23T14:00:00+00:00"),
        ("2026-11-23T12:30+00:00", 1, "2026-11-23T14:30:00+00:00"),
        ("2026-11-27T17:00+00:00", 2, "2026-11-30T10:00:00+00:00"),
        ("2026-11-28T12:00+00:00", 7.5, "2026-11-30T18:00:00+00:00"),
        ("2026-11-28T12:00+00:00", 0, "2026-11-28T12:00:00+00:00"),
    ],
)
def test_a_deadline_falls_into_opening_hours(start: str, hours: float, end: str) -> None:
    assert after(Calendar(hours=OFFICE), start, hours) == end


def test_a_weekday_may_have_hours_of_its_own_or_none() -> None:
    calendar = Calendar(hours=("09:00-17:00",), friday=("09:00-12:00",), monday=(), sunday=("10:00-11:00",))
    assert between(calendar, "2026-11-23T00:00+00:00", "2026-11-24T00:00+00:00") == 0
    assert between(calendar, "2026-11-27T00:00+00:00", "2026-11-28T00:00+00:00") == 3
    assert between(calendar, "2026-11-29T00:00+00:00", "2026-11-30T00:00+00:00") == 1


def test_the_clock_on_the_wall_is_the_one_of_the_time_zone() -> None:
    calendar = Calendar(timezone="Asia/Shanghai", hours=("09:00-18:00",))
    assert between(calendar, "2026-11-23T00:00+00:00", "2026-11-23T02:00+00:00") == 1  # opens at 01:00 UTC
    assert after(calendar, "2026-11-23T09:30+00:00", 1) == "2026-11-24T01:30:00+00:00"


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/New_York", "2026-03-08", 23),
        ("America/New_York", "2026-11-01", 25),
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("Asia/Shanghai", "2026-03-29", 24),
        ("Pacific/Apia", "2011-12-30", 0),  # Samoa left this day out
    ],
)
def test_the_day_on_which_clocks_change_has_its_true_length(zone: str, day: str, hours: float) -> None:
    calendar = Calendar(timezone=zone, saturday=("00:00-24:00",), sunday=("00:00-24:00",))
    start, end = utc(f"{day}T00:00+00:00") - timedelta(days=2), utc(f"{day}T00:00+00:00") + timedelta(days=3)
    spans = hours_of(calendar).between(start, end) - hours_of(
        Calendar(**calendar.model_dump() | {"days_off": (day,)})
    ).between(start, end)
    assert spans / timedelta(hours=1) == hours


@pytest.mark.parametrize(
    ("opening", "hours"),
    [
        ("02:00-03:00", 0),  # the hour that is left out
        ("01:30-02:30", 0.5),
        ("02:30-03:30", 0.5),
        ("01:00-04:00", 2),
    ],
)
def test_hours_that_the_spring_leaves_out_do_not_count(opening: str, hours: float) -> None:
    calendar = Calendar(timezone="America/New_York", sunday=(opening,))
    assert between(calendar, "2026-03-08T00:00-05:00", "2026-03-09T00:00-04:00") == hours


@pytest.mark.parametrize(
    ("openings", "hours"),
    [
        (("01:00-02:00",), 2),
        (("01:00-01:30", "01:30-02:00"), 2),  # each quarter belongs to one of them
        (("00:00-01:00",), 1),
        (("02:00-03:00",), 1),
    ],
)
def test_hours_that_come_twice_in_autumn_count_twice_and_not_more(openings: tuple[str, ...], hours: float) -> None:
    calendar = Calendar(timezone="America/New_York", sunday=openings)
    assert between(calendar, "2026-11-01T00:00-04:00", "2026-11-02T00:00-05:00") == hours


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        ("2026-02-13", 7.5),  # the Friday before
        ("2026-02-14", 7.5),  # a Saturday worked instead
        ("2026-02-16", 0),  # New Year's Eve
        ("2026-02-20", 0),  # a Friday off for that Saturday
        ("2026-02-24", 7.5),
        ("2026-02-28", 7.5),  # another Saturday
        ("2026-03-01", 0),  # a common Sunday
        ("2026-10-01", 0),
        ("2026-10-07", 0),
        ("2026-10-10", 7.5),
    ],
)
def test_chinas_holidays_are_closed_and_its_make_up_workdays_open(day: str, hours: float) -> None:
    calendar = Calendar(timezone="Asia/Shanghai", country="CN", hours=OFFICE)
    assert between(calendar, f"{day}T00:00+08:00", f"{day}T23:59+08:00") == hours


def test_an_issue_before_the_spring_festival_is_due_after_it() -> None:
    calendar = Calendar(timezone="Asia/Shanghai", country="CN", hours=OFFICE)
    assert after(calendar, "2026-02-13T17:59+08:00", 24) == "2026-02-26T02:29:00+00:00"


def test_a_region_has_holidays_of_its_own() -> None:
    day = ("2026-06-04T00:00+02:00", "2026-06-05T00:00+02:00")  # Corpus Christi
    bavaria = Calendar(timezone="Europe/Berlin", country="DE", region="BY", hours=("09:00-12:00",))
    berlin = Calendar(timezone="Europe/Berlin", country="DE", region="BE", hours=("09:00-12:00",))
    assert (between(bavaria, *day), between(berlin, *day)) == (0, 3)


def test_a_country_has_a_weekend_of_its_own() -> None:
    calendar = Calendar(timezone="Asia/Riyadh", country="SA", hours=("09:00-17:00",))
    assert between(calendar, "2026-11-27T00:00+03:00", "2026-11-28T00:00+03:00") == 0  # a Friday
    assert between(calendar, "2026-11-29T00:00+03:00", "2026-11-30T00:00+03:00") == 8  # a Sunday


def test_days_of_the_repositorys_own_stand_above_all() -> None:
    off, on = ("2026-11-24", "2026-02-14"), ("2026-11-28", "2026-10-01")
    calendar = Calendar(country="CN", hours=("09:00-17:00",), days_off=off, workdays=on)
    days = [between(calendar, f"{day}T00:00+00:00", f"{day}T23:59+00:00") for day in (*off, *on)]
    assert days == [0, 0, 8, 8]


def test_a_workday_without_common_hours_has_those_of_its_weekday() -> None:
    calendar = Calendar(hours=(), saturday=("10:00-12:00",), monday=("09:00-17:00",), workdays=("2026-11-28",))
    assert between(calendar, "2026-11-28T00:00+00:00", "2026-11-29T00:00+00:00") == 2


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2026-11-23T10:00+00:00", "2026-11-23T10:00:00+00:00"),
        ("2026-11-23T12:00+00:00", "2026-11-23T13:30:00+00:00"),
        ("2026-11-27T18:00+00:00", "2026-11-30T09:00:00+00:00"),
        ("2026-11-28T10:00+00:00", "2026-11-30T09:00:00+00:00"),
    ],
)
def test_what_happens_out_of_hours_waits_for_the_next_opening(moment: str, opening: str) -> None:
    assert hours_of(Calendar(hours=OFFICE)).opening(utc(moment)).isoformat() == opening


def test_a_calendar_that_never_opens_gives_up_far_in_the_future() -> None:
    never = BusinessHours(Calendar(hours=()))
    start = utc("2026-11-23T10:00+00:00")
    assert never.after(start, timedelta(hours=1)).year > 2080
    assert never.opening(start).year > 2080
    assert never.between(start, start + timedelta(days=1)) == timedelta()


ZONES = ("UTC", "Asia/Shanghai", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca")
moments = st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001  bounds
quarters = st.lists(st.integers(0, 96), min_size=2, max_size=6, unique=True).map(sorted)


def openings(bounds: list[int]) -> tuple[str, ...]:
    texts = [f"{quarter // 4:02}:{quarter % 4 * 15:02}" for quarter in bounds]
    return tuple(f"{start}-{end}" for start, end in zip(texts[::2], texts[1::2], strict=False))


calendars = st.builds(
    Calendar,
    timezone=st.sampled_from(ZONES),
    country=st.sampled_from((None, "CN", "US")),
    hours=quarters.map(openings),
    sunday=st.none() | quarters.map(openings),
)


@settings(max_examples=60, deadline=None)
@given(calendars, moments, moments, moments)
def test_time_adds_up_and_never_runs_backwards_or_faster_than_time(
    calendar: Calendar, one: datetime, two: datetime, three: datetime
) -> None:
    first, second, third = sorted((one, two, three))
    hours = hours_of(calendar)
    assert hours.between(first, second) + hours.between(second, third) == hours.between(first, third)
    assert timedelta() <= hours.between(first, second) <= second - first


@settings(max_examples=60, deadline=None)
@given(calendars, moments, st.integers(1, 60 * 24 * 10))
def test_a_deadline_is_the_first_moment_at_which_the_time_is_over(
    calendar: Calendar, start: datetime, minutes: int
) -> None:
    hours, allowed = hours_of(calendar), timedelta(minutes=minutes)
    due = hours.after(start, allowed)
    assert hours.between(start, due) == allowed
    assert hours.between(start, due - timedelta(seconds=1)) < allowed


@settings(max_examples=40, deadline=None)
@given(calendars, moments, moments)
def test_it_does_not_matter_which_years_were_looked_at_before(calendar: Calendar, one: datetime, two: datetime) -> None:
    start, end = sorted((one, two))
    used = hours_of(calendar)
    used.after(datetime(2020, 1, 1, tzinfo=UTC), timedelta(hours=1))
    assert used.between(start, end) == BusinessHours(calendar).between(start, end)
