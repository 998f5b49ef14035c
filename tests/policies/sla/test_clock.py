"""The clock by tables: what starts it, what stops it, what holds it, and when the deadline is."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.config import frozen, parse
from bot.model.kinds import Kind
from bot.model.roles import Role
from bot.model.subjects import Actor
from bot.model.timeline import Happening, Regime, Remark, Stage, Target, What
from bot.policies.sla.rounds import How, Why
from tests.policies.sla.given import (
    AUTHOR,
    BOT,
    MAINTAINER,
    OTHER,
    at,
    bug,
    closed,
    comment,
    deed,
    first,
    hours,
    labeled,
    opened,
    reopened,
    run,
    unlabeled,
    when,
)

GHOST = None
TRIAGER = Actor(8, "triager")


@pytest.mark.parametrize(
    ("name", "kind", "due"),
    [("bug", Kind.BUG, 24), ("enhancement", Kind.FEATURE, 72), ("documentation", Kind.DOCS, 72)],
)
def test_each_kind_has_its_deadline_from_the_opening_on(name: str, kind: Kind, due: int) -> None:
    goal = first((opened(), labeled(5, name)), 6)
    assert (goal.kind, when(goal.due_at), hours(goal.elapsed)) == (kind, due, 6)


def test_the_issue_type_names_the_kind_too() -> None:
    assert first((opened(), deed(What.TYPED, 1, name="Bug")), 6).kind is Kind.BUG
    assert first((opened(), deed(What.TYPED, 1, name="Bug"), deed(What.TYPED, 2)), 6).kind is None


def test_what_triage_makes_of_an_issue_is_what_it_is_now_and_marks_are_what_it_was() -> None:
    assert run((opened(),), 6, kind=Kind.DOCS).laps[0].first_answer.kind is Kind.DOCS
    assert run(bug(), 6, kind=Kind.DOCS).laps[0].first_answer.kind is Kind.DOCS
    assert run(bug(comment(3)), 6, kind=Kind.DOCS).laps[0].first_answer.kind is Kind.BUG
    assert run((opened(), comment(3)), 6, kind=Kind.DOCS).laps[0].first_answer.kind is Kind.DOCS


def test_an_unclassified_issue_has_no_deadline_but_its_time_counts() -> None:
    before = first((opened(), labeled(0, "needs-triage")), 30)
    assert (before.allowed, before.due_at, before.changes_at, hours(before.elapsed)) == (None, None, None, 30)
    after = first((opened(), labeled(0, "needs-triage"), labeled(30)), 30)
    assert (after.stage, when(after.due_at), hours(after.late_by)) == (Stage.BREACHED, 24, 6)


def test_of_contradicting_kinds_the_strictest_holds() -> None:
    goal = first(bug(labeled(1, "enhancement")), 2)
    assert (goal.kind, when(goal.due_at)) == (Kind.BUG, 24)


@pytest.mark.parametrize(
    ("now", "stage", "changes_at"),
    [
        (0, Stage.ON_TRACK, 18),
        (17.999, Stage.ON_TRACK, 18),
        (18, Stage.AT_RISK, 24),
        (23.999, Stage.AT_RISK, 24),
        (24, Stage.BREACHED, 36),
        (35.999, Stage.BREACHED, 36),
        (36, Stage.ESCALATED, None),
        (10_000, Stage.ESCALATED, None),
    ],
)
def test_a_bug_climbs_the_ladder_at_75_100_and_150_percent(now: float, stage: Stage, changes_at: float | None) -> None:
    goal = first(bug(), now)
    assert (goal.stage, when(goal.changes_at)) == (stage, changes_at)


@pytest.mark.parametrize(
    ("answered", "stage", "late_by"), [(0, Stage.MET, 0), (24, Stage.MET, 0), (24.001, Stage.MISSED, 0.001)]
)
def test_an_answer_at_the_very_deadline_is_in_time(answered: float, stage: Stage, late_by: float) -> None:
    goal = first(bug(comment(answered)), 100)
    assert goal.stage is stage
    assert hours(goal.late_by) == pytest.approx(late_by)
    assert goal.end is not None
    assert goal.end.how is How.ANSWERED


@pytest.mark.parametrize("role", [Role.TRIAGE, Role.WRITE, Role.MAINTAIN, Role.ADMIN])
def test_whoever_may_triage_answers_for_the_project(role: Role) -> None:
    assert first(bug(comment(1, TRIAGER, role=role)), 2).end


@pytest.mark.parametrize(
    ("happening", "why"),
    [
        (comment(1, OTHER), Why.ROLE),
        (comment(1, TRIAGER, role=Role.READ), Why.ROLE),
        (comment(1, TRIAGER, role=None), Why.UNKNOWN),
        (comment(1, GHOST, role=None), Why.UNKNOWN),
        (comment(1, GHOST, role=Role.ADMIN), Why.ROLE),
        (comment(1, BOT), Why.BOT),
        (comment(1, body="Automatic reply: I am out of office."), Why.AUTO_REPLY),
        (comment(1, said=Remark(is_automatic=True)), Why.AUTO_REPLY),
        (comment(1, body="+1"), Why.EMPTY),
        (comment(1, body="/needs-info"), Why.EMPTY),
        (comment(1, body='/sla pause reason="wait"'), Why.EMPTY),
        (replace(comment(1), remark=None), Why.EMPTY),
    ],
)
def test_what_is_no_answer_is_passed_over_with_the_reason(happening: Happening, why: Why) -> None:
    lap = run(bug(happening), 2).laps[0]
    assert lap.first_answer.end is None
    assert [each.why for each in lap.passed_over] == [why]


@pytest.mark.parametrize(
    "happening",
    [
        labeled(1, "confirmed"),
        deed(What.ASSIGNED, 1, name="maintainer"),
        deed(What.MILESTONED, 1, name="2.0"),
        deed(What.RENAMED, 1),
        deed(What.ARRIVED, 1),
        comment(1, AUTHOR),
        comment(1, AUTHOR, role=Role.ADMIN),
    ],
)
def test_a_bare_deed_and_the_authors_own_words_stop_nothing(happening: Happening) -> None:
    goal = first(bug(happening), 30)
    assert (goal.end, goal.stage) == (None, Stage.BREACHED)


@pytest.mark.parametrize(
    ("happening", "how"),
    [
        (closed(1), How.CLOSED),
        (closed(1, BOT, commit=True), How.CLOSED),
        (closed(1, OTHER, commit=True), How.CLOSED),
        (deed(What.TRANSFERRED, 1), How.TRANSFERRED),
        (deed(What.CONVERTED, 1), How.CONVERTED),
        (deed(What.DELETED, 1), How.DELETED),
    ],
)
def test_what_ends_the_matter_stops_the_clock(happening: Happening, how: How) -> None:
    goal = first(bug(happening), 30)
    assert goal.end is not None
    assert (goal.end.how, goal.stage, hours(goal.elapsed)) == (how, Stage.MET, 1)


def test_an_author_who_closes_their_issue_leaves_it_moot_unless_it_was_late_by_then() -> None:
    assert first(bug(closed(1, AUTHOR)), 30).stage is Stage.MOOT
    assert first(bug(closed(25, AUTHOR)), 30).stage is Stage.MISSED


@pytest.mark.parametrize("who", [BOT, OTHER, GHOST])
def test_closed_by_nobody_in_charge_the_clock_only_stands_still_and_a_reopening_goes_on(who: Actor | None) -> None:
    stale = bug(closed(10, who))
    held = first(stale, 100)
    assert (held.is_paused, hours(held.elapsed), held.due_at, held.changes_at) == (True, 10, None, None)
    again = run((*stale, closed(11, who), reopened(50)), 60)
    assert len(again.laps) == 1
    assert (hours(again.goals[0].elapsed), when(again.goals[0].due_at)) == (20, 64)


def test_a_maintainers_close_ends_a_round_and_a_reopening_starts_a_new_one() -> None:
    clock = run(bug(comment(5), closed(10), reopened(50)), 60)
    old, new = clock.laps
    assert (old.first_answer.stage, hours(old.first_answer.elapsed)) == (Stage.MET, 5)
    assert (new.number, when(new.first_answer.due_at), hours(new.first_answer.elapsed)) == (2, 74, 10)


@pytest.mark.parametrize(
    ("happenings", "elapsed", "due"),
    [
        ((labeled(2, "needs-info"), closed(5), reopened(8, MAINTAINER)), 0, None),
        ((labeled(2, "needs-info"), closed(5), reopened(8)), 0, None),
        ((comment(2, body="/needs-info"), closed(5), reopened(8)), 0, None),
        ((closed(5), labeled(6, "needs-info"), reopened(8)), 0, None),
        ((labeled(2, "needs-info"), closed(5), reopened(8), comment(20, AUTHOR, "1.2.3")), 10, 44),
        ((labeled(2, "needs-info"), closed(5), comment(8, AUTHOR, "1.2.3"), reopened(8)), 22, 32),
        ((labeled(2, "needs-info"), closed(5), unlabeled(6, "needs-info"), reopened(8)), 22, 32),
        ((labeled(2, "needs-info"), comment(3, AUTHOR, "1.2.3"), closed(5), reopened(8)), 22, 32),
        ((labeled(2, "needs-info"), closed(3), reopened(4), closed(5), reopened(8)), 0, None),
        ((comment(2, body="/sla pause"), closed(5), reopened(8)), 22, 32),
    ],
)
def test_a_question_that_is_open_holds_the_round_that_a_reopening_begins(
    happenings: tuple[Happening, ...], elapsed: float, due: float | None
) -> None:
    """The author was asked and has not answered: that the issue is open again makes nobody late."""
    goal = first(bug(*happenings), 30)
    assert (hours(goal.elapsed), when(goal.due_at), goal.is_paused) == (elapsed, due, due is None)


def test_a_close_or_reopening_that_is_told_twice_or_makes_no_sense_changes_nothing() -> None:
    assert run(bug(reopened(5)), 30).goals == run(bug(), 30).goals
    once = run(bug(closed(5), reopened(8)), 30)
    assert run(bug(closed(5), closed(6), reopened(8), reopened(9)), 30).goals == once.goals
    assert run((reopened(5), labeled(1), comment(2), closed(3), deed(What.TRANSFERRED, 4)), 30).laps == ()


@pytest.mark.parametrize(
    ("happenings", "now", "elapsed", "due"),
    [
        ((labeled(10, "needs-info"),), 30, 10, None),
        ((labeled(10, "needs-info"), comment(20, AUTHOR, "1.2.3")), 30, 20, 34),
        ((labeled(10, "needs-info"), comment(20, AUTHOR, "+1")), 30, 10, None),
        ((labeled(10, "needs-info"), comment(20, OTHER, "1.2.3")), 30, 10, None),
        ((labeled(10, "needs-info"), unlabeled(20, "needs-info")), 30, 20, 34),
        ((labeled(10, "Needs-Info"), unlabeled(20, "NEEDS-INFO")), 30, 20, 34),
        ((comment(10, body="/needs-info"), comment(20, AUTHOR, "1.2.3")), 30, 20, 34),
        ((comment(10, body="/needs-info"), labeled(10.01, "needs-info"), comment(20, AUTHOR, "1.2.3")), 30, 20, 34),
        ((comment(10, body="/needs-info"), labeled(10.01, "needs-info"), unlabeled(20, "needs-info")), 30, 20, 34),
        ((comment(10, OTHER, "/needs-info"),), 20, 20, 24),
        ((labeled(10, "needs-info"), comment(12, AUTHOR), labeled(14, "needs-info"), comment(15, AUTHOR)), 20, 17, 27),
        ((comment(10, body="/sla pause reason=upstream"),), 30, 10, None),
        ((comment(10, body='/sla pause reason="等待上游发布新版本，预计下周。"'),), 30, 10, None),
        ((comment(10, body="/sla pause reason=等待上游"),), 30, 10, None),
        ((comment(10, body='/sla pause reason="аdmin аdmin"'),), 20, 20, 24),  # Cyrillic
        ((comment(10, body='/sla pause reason="等待\u202e上游"'),), 20, 20, 24),
        ((comment(10, body="/sla pause"), comment(15, body="/sla resume")), 20, 15, 29),
        ((comment(10, body="/sla pause"), comment(15, OTHER, "/sla resume")), 20, 10, None),
        ((comment(10, BOT, "/sla pause"),), 20, 20, 24),
        ((comment(10, AUTHOR, "/sla pause"),), 20, 20, 24),
        ((comment(10, body="/sla resume"),), 20, 20, 24),
        ((comment(4, body="/sla pause"), comment(6, body="/sla pause"), comment(8, body="/sla resume")), 20, 16, 28),
        ((comment(4, body="/sla pause"), labeled(6, "needs-info"), comment(8, AUTHOR), comment(9, body="/sla resume")),
         20, 15, 29),
        ((labeled(4, "needs-info"), comment(6, body="/sla pause"), comment(8, body="/sla resume"), comment(9, AUTHOR)),
         20, 15, 29),
        ((labeled(30, "needs-info"),), 40, 30, 24),
    ],
)  # fmt: skip
def test_a_pause_takes_its_time_out_and_puts_the_deadline_off(
    happenings: tuple[Happening, ...], now: float, elapsed: float, due: float | None
) -> None:
    goal = first(bug(*happenings), now)
    assert (hours(goal.elapsed), when(goal.due_at)) == (elapsed, due)


def test_a_pause_of_each_kind_keeps_its_reason_and_who_made_it() -> None:
    pauses = run(bug(comment(10, body='/sla pause reason="waiting for upstream"'), labeled(12, "needs-info")), 20)
    assert [(hold.cause, hold.reason, hold.by) for hold in pauses.laps[0].holds] == [
        ("pause", "waiting for upstream", MAINTAINER),
        ("needs-info", "", MAINTAINER),
    ]


def test_a_pause_ends_with_its_round() -> None:
    clock = run(bug(comment(5, body="/sla pause"), closed(10), reopened(20)), 30)
    assert {hold.until for hold in clock.laps[0].holds} == {at(10)}
    assert (clock.laps[1].holds, hours(clock.laps[1].first_answer.elapsed)) == ((), 10)


def test_an_answer_during_a_pause_stops_the_clock() -> None:
    goal = first(bug(labeled(10, "needs-info"), comment(12)), 30)
    assert (goal.stage, hours(goal.elapsed), goal.due_at, goal.is_paused) == (Stage.MET, 10, None, False)


def test_reclassified_the_elapsed_and_the_paused_time_stay() -> None:
    paused = (labeled(2, "needs-info"), comment(6, AUTHOR))
    goal = first((opened(), labeled(0, "enhancement"), *paused, unlabeled(10, "enhancement"), labeled(10)), 20)
    assert (goal.kind, hours(goal.elapsed), when(goal.due_at)) == (Kind.BUG, 16, 28)


def test_what_was_answered_is_judged_by_what_it_was_then() -> None:
    feature = (opened(), labeled(0, "enhancement"), comment(30), unlabeled(40, "enhancement"), labeled(40))
    assert first(feature, 50).stage is Stage.MET
    unknown = (opened(), comment(30), labeled(31))
    assert first(unknown, 50).stage is Stage.MISSED


def test_a_deleted_comment_is_no_answer_once_it_is_gone() -> None:
    gone = replace(deed(What.COMMENT_DELETED, 20), comment_id=77)
    happenings = bug(comment(5, number=77), gone)
    assert first(happenings, 10).stage is Stage.MET
    assert first(happenings, 25).stage is Stage.BREACHED


def test_a_command_that_was_edited_in_does_nothing_and_one_that_stood_there_stays() -> None:
    edited_in = comment(5, body="Hm.\n/sla pause", number=77, edited=6)
    written = comment(5, body="/sla pause", number=77)
    assert first(bug(edited_in), 3).end is None
    assert hours(first(bug(edited_in), 30).elapsed) == 5  # it answers, and pauses nothing
    assert run(bug(edited_in), 30).laps[0].holds == ()
    assert len(run(bug(written, edited_in), 30).laps[0].holds) == 1


def test_an_edit_may_make_an_answer_of_a_comment_or_take_it_back() -> None:
    sign, words = comment(5, body="+1", number=77), comment(5, number=77, edited=6)
    assert first(bug(sign), 30).end is None
    assert first(bug(sign, words), 30).end
    assert first(bug(comment(5, number=77), comment(5, body="+1", number=77, edited=6)), 30).end is None


def test_the_future_is_not_known_yet() -> None:
    happenings = bug(comment(20), closed(21))
    assert first(happenings, 19) == first(bug(), 19)
    assert run(happenings, -1).laps == ()


GOALS = """
sla:
  goals:
    - {kinds: [bug], labels: [Security, p0], within: 1h}
    - {kinds: [bug], labels: [security], within: 4h}
    - {target: next-answer, within: 12h}
    - {target: resolution, kinds: [bug], within: 10d}
"""


@pytest.mark.parametrize(
    ("labels", "due"), [(("security",), 4), (("P0", "security"), 1), (("p0",), 24), (("security", "enhancement"), 4)]
)
def test_the_first_goal_that_fits_decides(labels: tuple[str, ...], due: int) -> None:
    assert when(first(bug(*(labeled(0, each) for each in labels)), 0.5, config=GOALS).due_at) == due


def test_a_goal_of_its_own_never_hides_the_kinds() -> None:
    assert when(first((opened(), labeled(0, "docs"), labeled(0, "security")), 1, config=GOALS).due_at) == 72


def test_the_next_answer_is_waited_for_from_the_authors_first_word_on() -> None:
    talk = (comment(2), comment(4, AUTHOR), comment(5, AUTHOR), comment(10), comment(30, AUTHOR), comment(31, OTHER))
    goals = [goal for goal in run(bug(*talk), 33, config=GOALS).goals if goal.target is Target.NEXT_ANSWER]
    assert [(when(goal.since), goal.stage, when(goal.due_at)) for goal in goals] == [
        (4, Stage.MET, 16),
        (30, Stage.ON_TRACK, 42),
    ]


def test_thanks_of_a_sign_asks_nothing_more() -> None:
    goals = run(bug(comment(2), comment(4, AUTHOR, "👍")), 33, config=GOALS).goals
    assert [goal.target for goal in goals] == [Target.FIRST_ANSWER, Target.RESOLUTION]


def test_the_resolution_is_due_until_somebody_in_charge_closes() -> None:
    open_ = run(bug(comment(2)), 50, config=GOALS)
    assert [(goal.target, when(goal.due_at)) for goal in open_.waiting] == [(Target.RESOLUTION, 240)]
    assert run(bug(comment(2), closed(241)), 300, config=GOALS).goals[1].stage is Stage.MISSED


def test_without_goals_for_them_there_is_only_the_first_answer() -> None:
    assert [goal.target for goal in run(bug(comment(2), comment(3, AUTHOR)), 33).goals] == [Target.FIRST_ANSWER]


def regime(since: float, text: str) -> Regime:
    return Regime(at(since), frozen.write(parse(text)))


@pytest.mark.parametrize(
    ("regimes", "due"),
    [
        ((), 8),
        ((regime(-5, "sla: {bug: 2h}"),), 2),
        ((regime(-5, "sla: {bug: 2h}"), regime(1, "sla: {bug: 4h}")), 2),
        ((regime(1, "sla: {bug: 4h}"), regime(-9, "sla: {bug: 3h}"), regime(-5, "sla: {bug: 2h}")), 2),
        ((regime(1, "sla: {bug: 4h}"), regime(3, "sla: {bug: 5h}")), 4),
        ((Regime(at(-1), "{}"),), 24),
        ((Regime(at(-1), "not of ours"),), 8),
        ((Regime(at(-1), '{"sla":{"of another version":1}}'),), 8),
    ],
)
def test_a_clock_runs_by_the_settings_in_force_when_it_started(regimes: tuple[Regime, ...], due: int) -> None:
    clock = run(bug(), 1, config="sla: {bug: 8h}", regimes=regimes)
    assert when(clock.goals[0].due_at) == due


def test_each_round_has_the_settings_of_its_own_start() -> None:
    regimes = (regime(-1, "sla: {bug: 2h}"), regime(9, "sla: {bug: 4h}"))
    clock = run(bug(closed(1), reopened(10)), 11, regimes=regimes)
    assert [when(goal.due_at) for goal in clock.goals] == [2, 14]


@pytest.mark.parametrize(
    ("config", "happenings", "exempt"),
    [
        ("sla: {enabled: false}", bug(), "disabled"),
        ("", (opened(BOT), labeled(0)), "bot"),
        ("sla: {since: 2026-11-24}", bug(), "before"),
        ("sla: {since: 2026-11-23}", bug(), None),
        ("", (opened(GHOST), labeled(0)), None),
    ],
)
def test_who_is_exempt_has_no_deadline_and_the_reason_is_told(
    config: str, happenings: tuple[Happening, ...], exempt: str | None
) -> None:
    clock = run(happenings, 30, config=config)
    assert clock.exempt == exempt
    assert (clock.waiting == ()) == (exempt is not None)


def test_the_most_pressing_goal_comes_first_and_a_paused_one_last() -> None:
    clock = run(bug(comment(2), comment(3, AUTHOR)), 5, config=GOALS)
    assert [goal.target for goal in clock.waiting] == [Target.NEXT_ANSWER, Target.RESOLUTION]
    assert when(clock.changes_at) == 12


def test_what_remains_shrinks_to_nothing() -> None:
    assert hours(first(bug(), 20).remaining) == 4
    assert hours(first(bug(), 30).remaining) == 0
    assert first((opened(),), 30).remaining is None


def test_standings_are_the_goals_that_have_a_deadline() -> None:
    (standing,) = run(bug(comment(30)), 40).standings
    assert (standing.target, standing.kind, standing.stage) == (Target.FIRST_ANSWER, Kind.BUG, Stage.MISSED)
    assert (standing.elapsed, standing.ended_at, standing.is_answered) == (timedelta(hours=30), at(30), True)
    assert run((opened(),), 40).standings == ()


def test_people_are_known_by_what_was_done_last() -> None:
    clock = run(
        bug(
            deed(What.ASSIGNED, 1, name="one"),
            deed(What.ASSIGNED, 2, name="two"),
            deed(What.UNASSIGNED, 3, name="one"),
            deed(What.UNASSIGNED, 3, name="nobody"),
            labeled(4, "sla:breached", BOT),
            unlabeled(5, "sla:breached"),
            unlabeled(6, "sla:at-risk", BOT),
        ),
        40,
    )
    assert (clock.assignees, dict(clock.taken_off)) == (("two",), {"sla:breached": at(5)})
