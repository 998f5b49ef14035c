"""What holds for any past: order and repetition do not matter, and time neither gets lost nor runs backwards."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.config import Config, parse
from bot.model.timeline import Happening, Source, What
from bot.policies.sla.clock import Clock
from bot.policies.sla.history import settle
from tests.policies.sla.given import (
    ANSWER,
    AUTHOR,
    BOT,
    MAINTAINER,
    OTHER,
    at,
    comment,
    deed,
    labeled,
    opened,
    run,
    unlabeled,
)

#: Quarter hours after the opening, and every other one a round time, so that things fall together.
MOMENTS = st.integers(0, 4 * 24 * 12).map(lambda quarter: quarter / 4)
TIMES = st.sampled_from((1.0, 2.0, 30.0)) | MOMENTS
PEOPLE = st.sampled_from((AUTHOR, MAINTAINER, OTHER, BOT, None))
BODIES = st.sampled_from(
    (
        ANSWER,
        "+1",
        "/needs-info",
        '/sla pause reason="x y"',
        "/sla resume",
        "Automatic reply: away",
        f"{ANSWER}\n/sla pause",
    )
)
LABELS = st.sampled_from(("bug", "enhancement", "docs", "needs-info", "p0"))
CONFIGS = [
    parse(""),
    parse("sla: {goals: [{labels: [p0], within: 2h}, {target: next-answer, within: 5h}]}"),
    parse("sla: {at_risk: 50, goals: [{target: resolution, within: 4d}, {target: next-answer, within: 2d}]}"),
    parse(
        "sla: {goals: [{target: next-answer, within: 9h}], calendar: "
        "{timezone: America/New_York, country: US, hours: ['09:00-12:00', '13:00-17:00']}}"
    ),
    parse("sla: {bug: 3h, calendar: {timezone: Europe/Berlin, country: DE, sunday: ['01:00-02:00', '02:30-04:00']}}"),
    parse("sla: {calendar: {timezone: Asia/Shanghai, country: CN, hours: ['09:00-18:00']}}"),
]  # fmt: skip
SETTINGS = st.sampled_from(CONFIGS)
#: In winter, and over the weekends on which clocks are put forward and back.
SEASONS = st.sampled_from((0, -265, -241, -29))

comments = st.builds(comment, TIMES, PEOPLE, BODIES)
labels = st.builds(labeled, TIMES, LABELS) | st.builds(unlabeled, TIMES, LABELS)
ends = st.builds(deed, st.sampled_from((What.CLOSED, What.REOPENED)), TIMES, PEOPLE, commit=st.booleans())
rare = st.builds(deed, st.sampled_from((What.TRANSFERRED, What.CONVERTED, What.ASSIGNED)), TIMES, PEOPLE)
#: Often enough that people talk with each other.
talk = st.builds(comment, TIMES, st.sampled_from((AUTHOR, MAINTAINER)), st.just(ANSWER))
happening = st.one_of(comments, comments, talk, talk, labels, labels, labels, ends | rare)


pasts = st.lists(happening, min_size=5, max_size=20, unique_by=lambda each: each.id).map(
    lambda found: (opened(), *found)
)


def moved(past: tuple[Happening, ...], days: int) -> tuple[Happening, ...]:
    """Return the same past in another season."""
    return tuple(replace(each, at=each.at + timedelta(days=days)) for each in past)


def timing(clock: Clock) -> list[Any]:
    return [(goal.target, goal.since, goal.end, goal.elapsed, lap.holds) for lap in clock.laps for goal in lap.goals]


@settings(max_examples=150, deadline=None)
@given(pasts, MOMENTS, SETTINGS, st.data())
def test_any_order_and_any_repetition_give_the_same_clock(
    past: tuple[Happening, ...], now: float, config: Config, data: st.DataObject
) -> None:
    doubled = data.draw(st.permutations([*past, *data.draw(st.lists(st.sampled_from(past), max_size=5))]))
    assert run(doubled, now, config=config) == run(past, now, config=config)


@settings(max_examples=150, deadline=None)
@given(pasts, MOMENTS, SETTINGS, st.data())
def test_what_was_missed_and_is_found_later_gives_the_same_clock(
    past: tuple[Happening, ...], now: float, config: Config, data: st.DataObject
) -> None:
    """Deliveries told a part, some a little late; then the whole is read from GitHub's own list."""
    spread = [each for each in past if _is_apart(each, past)]
    read = [_as_read(each, number) for number, each in enumerate(spread, start=1)]
    heard = data.draw(st.lists(st.sampled_from(spread), unique_by=lambda each: each.id))
    delay = data.draw(st.integers(0, 50))
    late = [each if each.what in (What.COMMENTED, What.OPENED) else _later(each, delay) for each in heard]
    assert run([*late, *read], now, config=config) == run(read, now, config=config)


def _is_apart(happening: Happening, past: tuple[Happening, ...]) -> bool:
    """Two deeds at one moment have no order of their own: GitHub's numbers give them one."""
    return happening.what in (What.COMMENTED, What.OPENED) or all(
        each is happening or each.at != happening.at for each in past
    )


def _as_read(happening: Happening, number: int) -> Happening:
    if happening.what is What.COMMENTED:
        return replace(happening, source=Source.READ)
    return replace(happening, id=f"event:{number}", source=Source.READ)


def _later(happening: Happening, seconds: int) -> Happening:
    return replace(happening, id=f"{happening.id}+", at=happening.at + timedelta(seconds=seconds))


@settings(max_examples=200, deadline=None)
@given(pasts, MOMENTS, SETTINGS, SEASONS)
def test_time_is_never_negative_and_never_more_than_passed(
    past: tuple[Happening, ...], now: float, config: Config, season: int
) -> None:
    clock = run(moved(past, season), now + season * 24, config=config)
    for lap in clock.laps:
        end = lap.end.at if lap.end else clock.now
        for goal in lap.goals:
            until = goal.end.at if goal.end else clock.now
            assert timedelta() <= goal.elapsed <= until - goal.since
            assert goal.late_by >= timedelta()
        assert sum((each.counted for each in lap.intervals), timedelta()) <= end - lap.since
        for before, after in zip(lap.intervals, lap.intervals[1:], strict=False):
            assert before.until < after.since  # apart, and in order


@settings(max_examples=200, deadline=None)
@given(pasts, MOMENTS, MOMENTS, SETTINGS, SEASONS)
def test_while_nothing_happens_the_time_only_grows(
    past: tuple[Happening, ...], one: float, two: float, config: Config, season: int
) -> None:
    earlier, later = sorted((one + season * 24, two + season * 24))
    quiet = [each for each in moved(past, season) if not at(earlier) < each.at <= at(later)]
    before, after = run(quiet, earlier, config=config), run(quiet, later, config=config)
    for first, second in zip(before.goals, after.goals, strict=True):
        assert first.elapsed <= second.elapsed
        assert first.due_at == second.due_at


@settings(max_examples=200, deadline=None)
@given(pasts, MOMENTS, SETTINGS, st.integers(0, 1_000_000))
def test_nothing_changes_before_the_moment_at_which_it_is_said_to(
    past: tuple[Happening, ...], now: float, config: Config, part: int
) -> None:
    clock = run(past, now, config=config)
    known = [each for each in past if each.at <= at(now)]
    end = clock.changes_at or at(now + 24 * 400)
    between = at(now) + (end - at(now) - timedelta(microseconds=1)) * part / 1_000_000
    then = run(known, (between - at(0)) / timedelta(hours=1), config=config)
    assert [(goal.stage, goal.due_at) for goal in then.goals] == [(goal.stage, goal.due_at) for goal in clock.goals]
    if clock.changes_at:
        changed = run(known, (clock.changes_at - at(0)) / timedelta(hours=1), config=config)
        assert [goal.stage for goal in changed.goals] != [goal.stage for goal in clock.goals]


@settings(max_examples=150, deadline=None)
@given(pasts, MOMENTS, SETTINGS, st.lists(st.builds(labeled, TIMES, st.sampled_from(("bug", "enhancement", "docs")))))
def test_reclassification_changes_no_time(
    past: tuple[Happening, ...], now: float, config: Config, marks: list[Happening]
) -> None:
    assert timing(run((*past, *marks), now, config=config)) == timing(run(past, now, config=config))


@settings(max_examples=150, deadline=None)
@given(pasts, MOMENTS, SETTINGS, st.lists(TIMES, min_size=4, max_size=4))
def test_a_pause_inside_a_pause_changes_no_time(
    past: tuple[Happening, ...], now: float, config: Config, times: list[float]
) -> None:
    outer, inner, ends, over = sorted(times)
    calm = [each for each in past if not at(outer) <= each.at <= at(over) and not _asks(each)]
    around = (comment(outer, body="/sla pause", number=-1), comment(over, body="/sla resume", number=-2))
    inside = (labeled(inner, "needs-info"), unlabeled(ends, "needs-info"))
    nested = run((*calm, *around, *inside), now, config=config)
    plain = run((*calm, *around), now, config=config)
    assert [goal.elapsed for goal in nested.goals] == [goal.elapsed for goal in plain.goals]
    assert [goal.due_at for goal in nested.goals] == [goal.due_at for goal in plain.goals]


def _asks(happening: Happening) -> bool:
    orders = happening.remark.orders if happening.remark else ()
    return happening.name == "needs-info" or any(order.action == "needs-info" for order in orders)


@settings(max_examples=100, deadline=None)
@given(pasts, MOMENTS)
def test_what_is_settled_stays_settled(past: tuple[Happening, ...], now: float) -> None:
    once = settle(past, until=at(now))
    assert settle(once, until=at(now)) == once
