"""Figures of many clocks, and the issue that lists what is late."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import Config, parse
from bot.model.kinds import Kind
from bot.model.subjects import Subject
from bot.model.timeline import Placed, Stage, Standing, Target
from bot.policies.sla.digest import KEY, MOST, digest, following
from bot.policies.sla.report import aggregate, median, percentile
from bot.render import LANGUAGES, Words
from tests.policies.sla.given import AUTHOR, at, bug, closed, comment, labeled, opened, run, when

WORDS = Words()
HOUR = timedelta(hours=1)


def standing(hours: float = 1, *, stage: Stage = Stage.MET, month: int = 11, kind: Kind | None = Kind.BUG) -> Standing:
    """Return a clock for a first answer that was answered after so many hours."""
    start = datetime(2026, month, 2, tzinfo=UTC)
    is_over = stage in (Stage.MET, Stage.MISSED)
    return Standing(
        Target.FIRST_ANSWER,
        start,
        kind,
        stage,
        allowed=timedelta(hours=24),
        elapsed=timedelta(hours=hours),
        due_at=start + timedelta(hours=24),
        ended_at=start + timedelta(hours=hours) if is_over else None,
        is_answered=is_over,
    )


def test_clocks_are_counted_by_month_and_kind_and_in_all() -> None:
    figures = aggregate(
        [
            standing(1),
            standing(3),
            standing(30, stage=Stage.MISSED),
            standing(40, stage=Stage.BREACHED),
            standing(50, stage=Stage.ESCALATED),
            standing(2, stage=Stage.ON_TRACK),
            standing(20, stage=Stage.AT_RISK),
            standing(5, stage=Stage.MOOT),
            standing(9, kind=Kind.DOCS),
            standing(4, month=10),
        ]
    )
    assert [(each.month, each.kind) for each in figures] == [
        ("2026-10", Kind.BUG),
        ("2026-10", None),
        ("2026-11", Kind.BUG),
        ("2026-11", Kind.DOCS),
        ("2026-11", None),
    ]
    bugs = figures[2]
    assert (bugs.count, bugs.met, bugs.breached, bugs.waiting, bugs.moot) == (8, 2, 3, 2, 1)
    assert (bugs.median, bugs.p90) == (3 * HOUR, 30 * HOUR)
    assert (figures[4].count, figures[4].median) == (9, 6 * HOUR)


def test_what_was_closed_without_a_word_is_in_time_but_measures_no_answer() -> None:
    (line, _) = aggregate(run(bug(closed(3)), 5).standings)
    assert (line.met, line.median, line.p90) == (1, None, None)


def test_a_resolution_is_measured_by_its_end_and_a_withdrawal_is_not() -> None:
    config = "sla: {goals: [{target: resolution, within: 5d}]}"
    ended = run(bug(comment(1), closed(3)), 5, config=config).standings
    withdrawn = run(bug(comment(1), closed(3, AUTHOR)), 5, config=config).standings
    lines = [line for line in aggregate([*ended, *withdrawn]) if line.target is Target.RESOLUTION]
    assert [(line.count, line.met, line.moot, line.median) for line in lines] == [(2, 1, 1, 3 * HOUR)] * 2


def test_the_time_is_the_one_of_the_calendar_without_pauses() -> None:
    config = "sla: {calendar: {hours: ['09:00-17:00']}}"
    paused = bug(labeled(4, "needs-info"), comment(6, AUTHOR), comment(8))
    assert [line.median for line in aggregate(run(paused, 20, config=config).standings)] == [3 * HOUR] * 2


def test_what_has_no_deadline_is_in_no_report() -> None:
    assert aggregate(run((opened(), comment(3)), 5).standings) == ()


def test_a_month_is_one_of_utc() -> None:
    late = replace(standing(), started_at=datetime.fromisoformat("2026-12-01T07:00:00+08:00"))
    assert {line.month for line in aggregate([late])} == {"2026-11"}


@pytest.mark.parametrize(
    ("hours", "middle", "ninety"),
    [([], None, None), ([5], 5, 5), ([1, 2], 1.5, 2), ([1, 2, 9], 2, 9), (range(1, 11), 5.5, 9), (range(1, 12), 6, 10)],
)
def test_the_median_and_the_90th_percentile(hours: list[int], middle: float | None, ninety: float | None) -> None:
    times = [hour * HOUR for hour in hours]
    assert median(times) == (None if middle is None else middle * HOUR)
    assert percentile(times, 90) == (None if ninety is None else ninety * HOUR)


@given(st.lists(st.builds(standing, st.floats(0, 1000), stage=st.sampled_from(Stage), month=st.integers(1, 12))))
def test_nothing_is_counted_twice_or_lost(standings: list[Standing]) -> None:
    figures = aggregate(standings)
    assert sum(line.count for line in figures if line.kind is None) == len(standings)
    assert all(line.count == line.met + line.breached + line.waiting + line.moot for line in figures)


def late(number: int, hours: float, stage: Stage = Stage.ESCALATED) -> Placed:
    return Placed(Subject(1, number), replace(standing(hours, stage=stage), due_at=at(-hours)))


def settings(how: str, calendar: str = "") -> Config:
    return parse(f"sla: {{digest: {how}{calendar}}}")


def test_the_daily_digest_names_what_escalated_the_longest_first_and_closes_when_empty() -> None:
    found = digest([late(7, 1), late(8, 5), late(9, 2, Stage.BREACHED)], (), settings("daily"), at(0))
    assert found is not None
    assert (found.message.data["numbers"], found.is_open) == (("8", "7"), True)
    nothing = digest([late(9, 2, Stage.BREACHED)], (), settings("daily"), at(0))
    assert nothing is not None
    assert not nothing.is_open


def test_the_weekly_digest_names_everything_late_and_how_the_week_went() -> None:
    week = [standing(1), standing(30, stage=Stage.MISSED), standing(5, stage=Stage.ON_TRACK)]
    found = digest([late(9, 2, Stage.BREACHED)], week, settings("weekly"), at(0))
    assert found is not None
    data = found.message.data
    assert (data["numbers"], data["opened"], data["met"], data["breached"]) == (("9",), 3, 1, 1)
    quiet = digest((), week, settings("weekly"), at(0))
    assert quiet is not None
    assert quiet.is_open
    empty = digest((), (), settings("weekly"), at(0))
    assert empty is not None
    assert not empty.is_open


def test_switched_off_there_is_no_digest() -> None:
    assert digest([late(7, 1)], (), settings("never"), at(0)) is None
    assert digest([late(7, 1)], (), parse("sla: {enabled: false}"), at(0)) is None


def test_a_long_digest_names_the_first_and_counts_the_others() -> None:
    found = digest([late(number, 1) for number in range(1, MOST + 4)], (), settings("daily"), at(0))
    assert found is not None
    assert (found.message.data["count"], found.message.data["left_out"]) == (MOST + 3, 3)


@pytest.mark.parametrize(
    ("how", "calendar", "now", "hours"),
    [
        ("daily", "", 0, 3),  # Monday, 06:00 UTC -> 09:00
        ("daily", "", 3, 27),
        ("daily", ", calendar: {timezone: Asia/Shanghai}", 0, 19),  # already 14:00 there
        ("daily", ", calendar: {hours: ['10:00-18:00']}", 0, 4),
        ("daily", ", calendar: {}", 24 * 4 + 12, 24 * 7 + 3),  # after Friday comes Monday
        ("daily", ", calendar: {hours: [], monday: ['07:00-08:00', '11:00-12:00']}", 0, 5),
        ("daily", ", calendar: {hours: [], monday: ['07:00-12:00'], tuesday: ['06:00-08:00']}", 3, 7 * 24 + 3),
        ("daily", ", calendar: {timezone: Asia/Shanghai, country: CN}", -24 * 282, -24 * 272 - 5),  # Spring Festival
        ("weekly", "", 0, 3),
        ("weekly", "", 3, 7 * 24 + 3),
    ],
)
def test_a_digest_is_made_at_nine_on_a_working_day(how: str, calendar: str, now: float, hours: float) -> None:
    assert when(following(settings(how, calendar), at(now))) == hours


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("how", ["daily", "weekly"])
def test_the_digest_reads_well(how: str, language: str) -> None:
    week = [standing(1), standing(30, stage=Stage.MISSED)]
    found = digest([late(7, 1), late(8, 5)], week, settings(how), at(0))
    assert found is not None
    title, body = WORDS.headed(found.message, language)
    assert "\n" not in title
    assert "#8" in body
    assert body.index("#8") < body.index("#7")
    assert KEY.startswith("sla-")
