"""What follows from the clock: labels, words, calls and the next look, over the whole life of an issue."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.config import Config, parse
from bot.model.effects import SetLabels
from bot.model.facts import Facts
from bot.model.subjects import Actor
from bot.model.timeline import Happening, Notice, Timeline, What
from bot.model.verdicts import Call, Message, Outcome, Verdict
from bot.policies.sla.decision import deadline, decide
from bot.render import LANGUAGES, Words
from tests.policies.given import facts as issue_facts
from tests.policies.sla.given import (
    AUTHOR,
    BOT,
    at,
    bug,
    closed,
    comment,
    deed,
    labeled,
    opened,
    reopened,
    unlabeled,
    when,
)
from tests.policies.sla.test_properties import SETTINGS, TIMES, pasts

STORED = Path(__file__).resolve().parents[2] / "data" / "rendered" / "sla"
WORDS = Words()
TEAMS = "sla: {team: acme/triage, maintainers: acme/maintainers, responders: [ann, ben, author]}"
GOALS = "sla: {goals: [{target: next-answer, within: 12h}, {target: resolution, within: 10d}]}"


def facts(*happenings: Happening, labels: tuple[str, ...] = ("bug",), is_open: bool = True, **more: Any) -> Facts:
    """Return the facts of an issue with this past, a bug unless other labels are given."""
    known = issue_facts("x", labels=labels, is_open=is_open)
    return replace(known, timeline=Timeline(tuple(happenings), **more))


def judge(given: Facts, now: float, config: str | Config = "") -> Verdict:
    return decide(given, parse(config) if isinstance(config, str) else config, at(now))


def change(verdict: Verdict) -> tuple[tuple[str, ...], tuple[str, ...]]:
    (effect,) = verdict.effects or (None,)
    assert effect is None or isinstance(effect, SetLabels)
    return (effect.add, effect.remove) if effect else ((), ())


@pytest.mark.parametrize(
    ("now", "rule", "outcome", "wake"),
    [
        (1, "on-track", Outcome.PASS, 18),
        (18, "at-risk", Outcome.PENDING, 24),
        (24, "breached", Outcome.FAIL, 36),
        (36, "escalated", Outcome.FAIL, None),
    ],
)
def test_an_unanswered_bug_climbs_the_ladder_and_says_when_to_look_again(
    now: float, rule: str, outcome: Outcome, wake: float | None
) -> None:
    verdict = judge(facts(*bug()), now)
    assert (verdict.policy, verdict.rule, verdict.outcome, when(verdict.wake_at)) == ("sla", rule, outcome, wake)


def test_without_a_past_nothing_is_judged() -> None:
    assert decide(issue_facts("x"), Config(), at(30)) == Verdict("sla", "no-timeline", Outcome.NOT_APPLICABLE)
    assert deadline(issue_facts("x"), Config(), at(30)) is None


def test_what_the_issue_itself_tells_is_enough_to_begin_with() -> None:
    assert judge(facts(), 30).rule == "breached"
    assert judge(facts(labels=()), 30).rule == "unclassified"


@pytest.mark.parametrize(
    ("happenings", "rule", "outcome"),
    [
        ((comment(1),), "answered", Outcome.PASS),
        ((comment(30),), "answered-late", Outcome.PASS),
        ((closed(1),), "closed", Outcome.PASS),
        ((closed(25),), "closed-late", Outcome.PASS),
        ((closed(1, AUTHOR),), "withdrawn", Outcome.PASS),
        ((deed(What.CONVERTED, 1),), "converted", Outcome.PASS),
        ((labeled(10, "needs-info"),), "paused", Outcome.PENDING),
        ((labeled(20, "needs-info"),), "paused", Outcome.PENDING),
        ((labeled(30, "needs-info"),), "breached", Outcome.FAIL),
    ],
)
def test_the_rule_says_how_it_came_out(happenings: tuple[Happening, ...], rule: str, outcome: Outcome) -> None:
    verdict = judge(facts(*bug(*happenings)), 31)
    assert (verdict.rule, verdict.outcome) == (rule, outcome)


@pytest.mark.parametrize(
    ("config", "given", "rule"),
    [
        ("sla: {enabled: false}", facts(*bug()), "disabled"),
        ("sla: {since: 2026-12-01}", facts(*bug()), "before"),
        ("", facts(opened(BOT), labeled(0)), "bot"),
        ("", facts(opened(), labels=()), "unclassified"),
        ("", facts(*bug(), is_open=False), "not-open"),
    ],
)
def test_what_has_no_deadline_is_left_alone(config: str, given: Facts, rule: str) -> None:
    if rule == "bot":
        given = replace(given, issue=replace(given.issue, author=BOT))
    verdict = judge(given, 100, config)
    assert (verdict.rule, verdict.outcome) == (rule, Outcome.NOT_APPLICABLE)
    assert (verdict.effects, verdict.message, verdict.wake_at, verdict.calls) == ((), None, None, ())


@pytest.mark.parametrize(
    ("now", "labels", "add", "remove"),
    [
        (1, ("bug",), (), ()),
        (18, ("bug",), ("sla:at-risk",), ()),
        (18, ("bug", "SLA:at-risk"), (), ()),
        (24, ("bug", "sla:at-risk"), ("sla:breached",), ("sla:at-risk",)),
        (36, ("bug", "sla:breached"), (), ()),
        (1, ("bug", "sla:breached"), (), ("sla:breached",)),
    ],
)
def test_the_labels_show_the_stage(
    now: float, labels: tuple[str, ...], add: tuple[str, ...], remove: tuple[str, ...]
) -> None:
    assert change(judge(facts(*bug(), labels=labels), now)) == (add, remove)


def test_once_answered_or_closed_no_label_of_the_clock_stays() -> None:
    labels = ("bug", "sla:at-risk", "sla:breached")
    assert change(judge(facts(*bug(comment(30)), labels=labels), 31)) == ((), ("sla:at-risk", "sla:breached"))
    gone = facts(*bug(closed(30)), labels=labels, is_open=False)
    assert change(judge(gone, 31)) == ((), ("sla:at-risk", "sla:breached"))


def test_a_label_that_a_person_took_off_is_not_set_again_in_the_same_round() -> None:
    past = bug(labeled(24, "sla:breached", BOT), unlabeled(25, "sla:breached"))
    assert change(judge(facts(*past), 26)) == ((), ())
    assert change(judge(facts(*past, closed(27), reopened(28)), 60)) == (("sla:breached",), ())
    by_reeve = bug(labeled(24, "sla:breached", BOT), unlabeled(25, "sla:breached", BOT))
    assert change(judge(facts(*by_reeve), 26)) == (("sla:breached",), ())


def test_the_repositorys_own_names_of_labels_are_used() -> None:
    config = "labels: {at_risk: late soon, needs_info: question}"
    assert change(judge(facts(*bug()), 20, config)) == (("late soon",), ())
    asked = bug(labeled(2, "question"), comment(3, AUTHOR))
    assert change(judge(facts(*asked, labels=("bug", "question")), 4, config)) == ((), ("question",))


def test_a_question_that_was_answered_while_the_issue_was_closed_is_taken_off() -> None:
    past = bug(labeled(2, "needs-info"), closed(5), comment(6, AUTHOR, "It is 1.2.3."))
    waiting = facts(*past[:-1], reopened(6), labels=("bug", "needs-info"))
    answered = facts(*past, reopened(6), labels=("bug", "needs-info"))
    assert (judge(waiting, 8).rule, change(judge(waiting, 8))) == ("paused", ((), ()))
    assert (judge(answered, 8).rule, change(judge(answered, 8))) == ("on-track", ((), ("needs-info",)))


def test_a_question_is_taken_off_once_the_author_has_answered() -> None:
    labels = ("bug", "needs-info")
    asked = bug(labeled(2, "needs-info"))
    assert change(judge(facts(*asked, labels=labels), 4)) == ((), ())
    assert change(judge(facts(*asked, comment(3, AUTHOR), labels=labels), 4)) == ((), ("needs-info",))
    again = (*asked, comment(3, AUTHOR), comment(3.5, body="/needs-info"))
    assert change(judge(facts(*again, labels=labels), 4)) == ((), ())


def test_while_a_first_answer_is_waited_for_the_deadline_is_told() -> None:
    message = judge(facts(*bug()), 17).message
    assert message is not None
    assert (message.data["state"], message.data["hours"]) == ("on-track", 24)


def test_all_is_well_in_silence() -> None:
    assert judge(facts(*bug(comment(1))), 17, GOALS).message is None
    assert judge(facts(*bug(comment(1))), 17).message is None
    assert judge(facts(*bug(comment(1), closed(2)), is_open=False), 17).message is None


def called(verdict: Verdict) -> list[tuple[Any, Any]]:
    return [(call.message.data["addressee"], call.message.data["stage"]) for call in verdict.calls]


@pytest.mark.parametrize(
    ("now", "calls"),
    [
        (17, []),
        (18, [("acme/triage", "at-risk")]),
        (30, [("acme/triage", "breached")]),
        (36, [("acme/maintainers", "escalated")]),
    ],
)
def test_the_team_is_called_at_risk_and_the_maintainers_when_it_escalates(
    now: float, calls: list[tuple[str, str]]
) -> None:
    assert called(judge(facts(*bug()), now, TEAMS)) == calls
    assert called(judge(facts(*bug()), now)) == []


def test_without_maintainers_of_its_own_an_escalation_calls_the_team_if_it_was_not_yet() -> None:
    assert called(judge(facts(*bug()), 40, "sla: {team: acme/triage}")) == [("acme/triage", "escalated")]


def said(*calls: Call) -> tuple[Notice, ...]:
    return tuple(Notice(call.key, at(0)) for call in calls)


def test_nobody_is_called_twice_to_the_same_wait() -> None:
    team = judge(facts(*bug()), 18, TEAMS).calls
    assert judge(facts(*bug(), notices=said(*team)), 30, TEAMS).calls == ()
    maintainers = judge(facts(*bug(), notices=said(*team)), 36, TEAMS).calls
    assert len(maintainers) == 1
    assert judge(facts(*bug(), notices=said(*team, *maintainers)), 90, TEAMS).calls == ()


def test_a_new_round_calls_anew() -> None:
    team = judge(facts(*bug()), 18, TEAMS).calls
    again = judge(facts(*bug(closed(19), reopened(20)), notices=said(*team)), 40, TEAMS).calls
    assert len(again) == 1
    assert again[0].key != team[0].key


def test_nobody_is_called_while_the_author_is_asked() -> None:
    assert judge(facts(*bug(labeled(19, "needs-info"))), 30, TEAMS).calls == ()
    assert judge(facts(*bug(labeled(30, "needs-info"))), 40, TEAMS).calls == ()


@pytest.mark.parametrize(
    ("config", "now", "calls", "wake"),
    [
        ("quiet_hours: 22:00-08:00", 18, 0, 24),  # midnight: the breach comes before the quiet is over
        ("quiet_hours: 22:00-08:00", 25.5, 0, 26),
        ("quiet_hours: 22:00-08:00", 26, 1, 36),
        ("quiet_hours: 06:00-07:00", 24, 0, 25),
        ("quiet_hours: 06:00-07:00", 25, 1, 36),
        ("notices_per_day: 0", 25, 0, 36),
        ("calendar: {timezone: Asia/Shanghai, hours: ['14:00-15:00']}", 24 * 18, 0, None),
    ],
)
def test_in_quiet_hours_and_out_of_business_hours_nobody_is_called_zammad_4432(
    config: str,
    now: float,
    calls: int,
    wake: float | None,
) -> None:
    verdict = judge(facts(*bug()), now, f"sla: {{team: acme/triage, {config}}}")
    assert len(verdict.calls) == calls
    if wake is not None:
        assert when(verdict.wake_at) == wake


def test_what_falls_due_at_closing_time_is_called_at_the_next_opening() -> None:
    config = "sla: {bug: 8h, team: acme/triage, calendar: {hours: ['09:00-17:00']}, at_risk: 99}"
    breached = judge(facts(*bug()), 11, config)  # Monday, 17:00
    assert (breached.rule, breached.calls, when(breached.wake_at)) == ("breached", (), 27)
    assert called(judge(facts(*bug()), 27, config)) == [("acme/triage", "breached")]


def test_over_budget_a_call_waits_until_earlier_ones_are_a_day_old() -> None:
    config = "sla: {team: acme/triage, maintainers: acme/maintainers, notices_per_day: 2}"
    recent = (at(10), at(20), at(29), at(-20))
    waiting = judge(facts(*bug(), recent=recent), 30, config)
    assert (waiting.calls, when(waiting.wake_at)) == ((), 36)
    assert when(judge(facts(*bug(), recent=recent), 40, config).wake_at) == 44
    assert len(judge(facts(*bug(), recent=recent), 44, config).calls) == 1


def test_of_two_calls_the_budget_lets_one_through_and_the_other_tomorrow() -> None:
    config = "sla: {team: acme/triage, notices_per_day: 1, goals: [{target: resolution, within: 1d}]}"
    verdict = judge(facts(*bug()), 20, config)
    assert (len(verdict.calls), when(verdict.wake_at)) == (1, 24)
    assert when(judge(facts(*bug()), 30, config).wake_at) == 36
    assert when(judge(facts(*bug(), notices=said(*verdict.calls), recent=(at(20),)), 36.5, config).wake_at) == 44


def test_quiet_for_ever_nobody_is_called_and_nothing_hangs() -> None:
    config = "sla: {team: acme/triage, quiet_hours: 08:00-18:00, calendar: {hours: ['09:00-17:00']}}"
    verdict = judge(facts(*bug()), 24 * 30, config)
    assert (verdict.rule, verdict.calls, verdict.wake_at) == ("escalated", (), None)


@pytest.mark.parametrize(("number", "suggestion"), [(6, "ann"), (7, "ben")])
def test_the_responders_take_turns_and_nobody_answers_their_own(number: int, suggestion: str) -> None:
    given = facts(*bug())
    given = replace(given, issue=replace(given.issue, subject=replace(given.issue.subject, number=number)))
    message = judge(given, 30, TEAMS).message
    assert message is not None
    assert message.data["suggestion"] == suggestion


def test_where_somebody_is_assigned_nobody_else_is_suggested() -> None:
    message = judge(facts(*bug(deed(What.ASSIGNED, 2, name="eve"))), 30, TEAMS).message
    assert message is not None
    assert (message.data["suggestion"], message.data["assignees"]) == (None, ("eve",))


def test_the_deadline_is_the_one_of_the_most_pressing_goal() -> None:
    assert when(deadline(facts(*bug()), Config(), at(3))) == 24
    assert deadline(facts(*bug(comment(1))), Config(), at(3)) is None
    assert deadline(facts(*bug(labeled(1, "needs-info"))), Config(), at(3)) is None


def test_standings_come_with_the_verdict() -> None:
    assert [each.stage for each in judge(facts(*bug(comment(30))), 40).standings] == ["missed"]


def test_the_worst_goal_speaks() -> None:
    verdict = judge(facts(*bug(comment(1), comment(2, AUTHOR))), 15, GOALS)
    assert verdict.message is not None
    assert (verdict.rule, verdict.message.data["target"]) == ("breached", "next-answer")


PEOPLE = TEAMS.replace("}", ", quiet_hours: 23:00-05:30, notices_per_day: 2}")


@settings(max_examples=150, deadline=None)
@given(pasts, TIMES, SETTINGS | st.just(parse(PEOPLE)), st.integers(0, 999_999), st.lists(TIMES, max_size=4))
def test_nothing_is_decided_anew_before_the_moment_that_was_named(
    past: tuple[Happening, ...], now: float, config: Config, part: int, recent: list[float]
) -> None:
    known = [each for each in past if each.at <= at(now)]
    given = facts(*known, recent=tuple(at(each) for each in recent if each <= now))
    given = _after(judge(given, now, config), given, now)
    verdict = judge(given, now, config)
    end = verdict.wake_at or at(now + 24 * 100)
    between = at(now) + (end - at(now) - timedelta(microseconds=1)) * part / 1_000_000
    then = decide(given, config, between)
    assert _without_time(then) == _without_time(verdict)
    if verdict.wake_at is not None:
        assert _without_time(decide(given, config, verdict.wake_at)) != _without_time(verdict)


def _after(verdict: Verdict, given: Facts, now: float) -> Facts:
    """Return the facts once the calls are recorded, as they are with the decision itself."""
    assert given.timeline is not None
    notices = (*given.timeline.notices, *said(*verdict.calls))
    recent = (*given.timeline.recent, *(at(now) for _ in verdict.calls))
    return replace(given, timeline=replace(given.timeline, notices=notices, recent=recent))


def _without_time(verdict: Verdict) -> Verdict:
    """Return what of a verdict people see; how much time has passed is not part of it."""
    return replace(verdict, standings=tuple(replace(each, elapsed=timedelta()) for each in verdict.standings))


@settings(max_examples=150, deadline=None)
@given(pasts, TIMES, SETTINGS)
def test_deciding_again_after_the_effects_are_written_changes_nothing(
    past: tuple[Happening, ...], now: float, config: Config
) -> None:
    given = facts(*(each for each in past if each.at <= at(now)), labels=("bug", "needs-info", "sla:at-risk"))
    verdict = judge(given, now, config)
    labels = [effect for effect in verdict.effects if isinstance(effect, SetLabels)]
    after = replace(given, issue=given.issue.after(labels))
    assert judge(after, now, config).effects == ()


NAMED = Actor(9, "eve")
SAID = {
    "on-track": judge(facts(*bug()), 1).message,
    "on-track-an-hour": judge(facts(*bug()), 0.5, "sla: {bug: 1h}").message,
    "on-track-business": judge(facts(*bug()), 1, "sla: {bug: 90m, calendar: {hours: ['09:00-17:00']}}").message,
    "on-track-put-off": judge(facts(*bug(labeled(1, "needs-info"), comment(4, AUTHOR))), 5).message,
    "paused": judge(facts(*bug(labeled(10, "needs-info"))), 20).message,
    "paused-reason": judge(facts(*bug(comment(10, body='/sla pause reason="waiting for upstream"'))), 20).message,
    "paused-without-reason": judge(facts(*bug(comment(10, body="/sla pause"))), 20).message,
    "paused-closed": judge(facts(*bug(closed(10, BOT))), 20).message,
    "at-risk": judge(facts(*bug()), 20).message,
    "at-risk-next": judge(facts(*bug(comment(1), comment(2, AUTHOR))), 12, GOALS).message,
    "at-risk-resolution": judge(facts(*bug(comment(1))), 200, GOALS).message,
    "breached": judge(facts(*bug()), 30).message,
    "breached-suggestion": judge(facts(*bug()), 30, TEAMS).message,
    "breached-assigned": judge(facts(*bug(deed(What.ASSIGNED, 2, name="eve"))), 30, TEAMS).message,
    "breached-needs-info": judge(facts(*bug(labeled(25, "needs-info"))), 30).message,
    "breached-paused": judge(facts(*bug(comment(25, body="/sla pause reason=abc"))), 30).message,
    "breached-next": judge(facts(*bug(comment(1), comment(2, AUTHOR))), 15, GOALS).message,
    "breached-resolution": judge(facts(*bug(comment(1))), 250, GOALS).message,
    "escalated": judge(facts(*bug()), 40).message,
    "late": judge(facts(*bug(comment(30.25))), 40).message,
    "late-closed": judge(facts(*bug(closed(25))), 40).message,
    "late-withdrawn": judge(facts(*bug(closed(25, AUTHOR))), 40).message,
    "settled": judge(facts(*bug(comment(20), closed(21)), is_open=False), 40).message,
    "settled-business": judge(
        facts(*bug(comment(200), closed(201)), is_open=False),
        210,
        "sla: {bug: 80h, calendar: {hours: ['09:00-19:00'], saturday: ['09:00-19:00']}}",
    ).message,
    "call": judge(facts(*bug()), 20, TEAMS).calls[0].message,
    "call-breached": judge(facts(*bug()), 30, TEAMS).calls[0].message,
    "call-escalated": judge(facts(*bug()), 40, TEAMS).calls[0].message,
    "call-resolution": judge(facts(*bug(comment(1))), 200, TEAMS.replace("}", ", " + GOALS[6:])).calls[0].message,
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SAID)
def test_the_words_read_as_they_are_stored(name: str, language: str) -> None:
    """Written anew by deleting the stored file: then this test fails once and shows in the diff what is new."""
    path = STORED / f"{name}.{language}.md"
    message = SAID[name]
    assert message is not None
    text = WORDS.comment([message], language) if message.key == "sla/clock" else WORDS.answer([message], language)
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        pytest.fail(f"{path.name} was not there and has been written: read it and run again")
    assert text == path.read_text(encoding="utf-8")


def test_every_stored_text_is_still_said() -> None:
    assert {path.name for path in STORED.glob("*.md")} == {f"{name}.{each}.md" for name in SAID for each in LANGUAGES}


def test_a_reason_of_somebodys_own_is_only_shown() -> None:
    message = Message("sla/clock", dict(_paused().data) | {"reason": "@everyone <b>`x`</b> #1"})
    text = WORDS.comment([message], "en")
    assert "``@everyone <b>`x`</b> #1``" in text


def _paused() -> Message:
    message = SAID["paused-reason"]
    assert message is not None
    return message
