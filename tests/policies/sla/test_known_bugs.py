"""The bugs of helpdesks in just this arithmetic, by their numbers: none of them is one of ours."""

from datetime import UTC, datetime, timedelta
from itertools import islice, permutations

import pytest

from bot.config import frozen, parse
from bot.model.kinds import Kind
from bot.model.timeline import Regime, Stage, Target
from bot.policies.sla.hours import hours_of
from tests.policies.sla.given import (
    AUTHOR,
    BOT,
    OPENED,
    at,
    bug,
    closed,
    comment,
    first,
    hours,
    labeled,
    opened,
    reopened,
    run,
    unlabeled,
    when,
)

UPDATES = "sla: {goals: [{target: next-answer, within: 12h}, {target: resolution, within: 10d}]}"


def test_zammad_5177_the_update_time_does_not_overrule_the_first_response() -> None:
    clock = run(bug(comment(1, AUTHOR), comment(2, AUTHOR)), 13, config=UPDATES)
    assert [(goal.target, when(goal.due_at)) for goal in clock.waiting] == [
        (Target.FIRST_ANSWER, 24),
        (Target.RESOLUTION, 240),
    ]


def test_zammad_3140_nothing_escalates_after_a_maintainer_replied() -> None:
    goal = first(bug(comment(23.9)), 200)
    assert (goal.stage, goal.changes_at) == (Stage.MET, None)


def test_zammad_4353_switched_off_the_sla_escalates_nothing_that_is_under_way() -> None:
    old = Regime(at(-1), frozen.write(parse("")))
    clock = run(bug(), 200, config="sla: {enabled: false}", regimes=(old,))
    assert (clock.waiting, clock.changes_at, clock.exempt) == ((), None, "disabled")


def test_zammad_changed_settings_do_not_move_the_deadlines_of_clocks_that_run() -> None:
    old = Regime(at(-1), frozen.write(parse("")))
    new = Regime(at(10), frozen.write(parse("sla: {bug: 1h}")))
    assert when(run(bug(), 12, config="sla: {bug: 1h}", regimes=(old, new)).goals[0].due_at) == 24


def test_glpi_15605_a_pause_is_not_lost_when_the_class_changes() -> None:
    paused = bug(labeled(2, "needs-info"), unlabeled(4), labeled(4, "enhancement"), comment(50, AUTHOR))
    goal = first(paused, 60)
    assert (goal.kind, hours(goal.elapsed), when(goal.due_at)) == (Kind.FEATURE, 12, 120)


def test_chatwoot_13392_business_hours_count_and_others_do_not() -> None:
    config = "sla: {calendar: {timezone: UTC, hours: ['09:00-17:00']}}"
    assert when(first(bug(), 1, config=config).due_at) == 2 * 24 + 11  # 24 h are three days of eight


def test_chatwoot_10178_and_15024_the_clock_does_not_run_on_after_the_end() -> None:
    for end in (closed(10), closed(10, AUTHOR)):
        goal = first(bug(end), 1000)
        assert (hours(goal.elapsed), goal.changes_at) == (10, None)
    assert hours(first(bug(closed(10, BOT)), 1000).elapsed) == 10


def test_chatwoot_14009_a_day_may_have_several_intervals() -> None:
    calendar = parse("sla: {calendar: {hours: ['09:00-12:00', '13:30-18:00', '20:00-21:00']}}").sla.calendar
    monday = datetime(2026, 11, 23, tzinfo=UTC)
    assert hours_of(calendar).between(monday, monday + timedelta(days=1)) == timedelta(hours=8.5)


def test_chatwoot_a_late_end_between_two_looks_is_late_all_the_same() -> None:
    happenings = bug(comment(1), closed(241))
    looked_often = [run(happenings, now, config=UPDATES).goals[-1].stage for now in (239, 240, 241, 1000)]
    looked_once = run(happenings, 1000, config=UPDATES).goals[-1].stage
    assert looked_often[-1] is looked_once is Stage.MISSED


def test_wing_6711_a_bug_that_waited_24_hours_is_seen_to_the_second() -> None:
    just_before = OPENED + timedelta(hours=24, seconds=-1)
    assert run(bug(), (just_before - OPENED) / timedelta(hours=1)).goals[0].stage is Stage.AT_RISK
    assert run(bug(), 24).goals[0].stage is Stage.BREACHED


@pytest.mark.parametrize("body", ["/sla status", "👍", "+1", "Automatic reply: I am out of office until Monday."])
def test_avm_88_a_canned_reply_for_the_clocks_sake_does_not_stop_it(body: str) -> None:
    assert first(bug(comment(1, body=body)), 30).stage is Stage.BREACHED


def test_a_poll_that_comes_late_twice_or_in_another_order_sees_the_same() -> None:
    happenings = bug(labeled(2, "needs-info"), comment(8, AUTHOR), closed(9, BOT), reopened(12), comment(40))
    expected = run(happenings, 100)
    for order in islice(permutations(happenings), 0, None, 97):
        assert run((*order, *order[:3]), 100) == expected


def test_a_deadline_counts_from_githubs_own_time_however_late_it_was_heard_of() -> None:
    late = (opened(), labeled(100))
    assert hours(first(late, 101).late_by) == 77
