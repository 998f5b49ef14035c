"""Whether a command may run: the first thing that speaks against it is the answer."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.config import Config
from bot.model.effects import React
from bot.model.roles import Role, Who
from bot.model.subjects import Actor
from bot.model.verdicts import Outcome
from bot.policies.commands import Command, Head, Situation, decide_command, decide_comment, ignored, received, who_may
from tests.policies.commands.given import AUTHOR, HEAD, NOW, SHA, WRITTEN, decide, situation

OTHER = "2" * 40
OVERRIDE = '/override coverage reason="generated code"'
CASE = "mlp/tiny/float32/2/step"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (situation("/why", action="edited"), "edited"),
        (situation("/why", action="deleted"), "deleted"),
        (situation("/why", body_now=None), "deleted"),
        (situation("/why", by=None), "not-a-person"),
        (situation("/why", by=Actor(3, "other[bot]", is_bot=True)), "not-a-person"),
        (situation("/why"), None),
    ],
)
def test_only_a_new_comment_of_a_person_is_read(given: Situation, reason: str | None) -> None:
    assert ignored(given) == reason
    assert (received(given) is None) == (reason is not None)
    assert bool(decide_comment(given, Config(), NOW)) == (reason is None)


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        (situation("/label +a", role=Role.READ), "permission"),
        (situation("/label +a", role=None), "permission"),
        (situation("/label +a", role=Role.TRIAGE), "label"),
        (situation("/hold", role=Role.TRIAGE), "permission"),
        (situation("/hold", role=Role.WRITE), "hold"),
        (situation("/help", role=None), "help"),
        (situation("/why", role=Role.NONE), "why"),
        (situation("/assign", role=None), "assign"),
        (situation("/assign @octocat", role=Role.READ), "permission"),
        (situation("/assign @octocat", role=Role.TRIAGE), "assign"),
        (situation("/retest", role=None, by=AUTHOR, head=HEAD), "retest"),
        (situation("/retest", role=Role.READ, head=HEAD), "permission"),
        (situation(OVERRIDE, role=Role.WRITE, head=HEAD), "permission"),
        (situation(OVERRIDE, role=Role.MAINTAIN, head=HEAD), "override"),
        (situation("/ack", role=Role.WRITE, head=HEAD), "permission"),
        (situation("/ack", role=Role.MAINTAIN, head=HEAD), "ack"),
        (situation("/ack", role=Role.MAINTAIN), "not-a-pr"),
        (situation("/approve", by=AUTHOR, head=HEAD), "self-approval"),
        (situation("/approve", head=HEAD), "not-available"),
        (situation(OVERRIDE), "not-a-pr"),
        (situation("/kind bug", head=HEAD), "not-an-issue"),
        (situation("/hold", is_open=False), "closed"),
        (situation("/label +a", is_open=False), "label"),
        (situation("/kind question"), "bad-argument"),
        (situation("/kind"), "bad-argument"),
        (situation("/kind BUG"), "kind"),
        (situation("/why not"), "bad-argument"),
        (situation("/help lable"), "bad-argument"),
        (situation("/HELP Label"), "help"),
        (situation("/label +a -A"), "bad-argument"),
        (situation("/label +a +A -b"), "label"),
        (situation("/label +缺陷"), "bad-argument"),
        (situation("/override coverage", head=HEAD), "bad-argument"),
        (situation(OVERRIDE + " until=2026-11-22", head=HEAD), "bad-argument"),
        (situation(OVERRIDE + " until=2026-02-31", head=HEAD), "bad-argument"),
        (situation(OVERRIDE + " until=2026-11-23", head=HEAD), "override"),
        (situation("/label +a", body_now="/label +b"), "stale-or-edited"),
        (situation("/label +a", is_edited=True), "label"),
        (situation(OVERRIDE, head=HEAD, is_edited=True), "stale-or-edited"),
        (situation(OVERRIDE, head=HEAD, body_now="No."), "stale-or-edited"),
        (situation(OVERRIDE, head=Head(SHA, OTHER)), "head-moved"),
        (situation(OVERRIDE, head=Head(SHA, SHA, has_been_pushed=True)), "head-moved"),
        (situation(OVERRIDE, head=Head(None, SHA)), "head-moved"),
        (situation(OVERRIDE, head=Head(SHA, None)), "head-moved"),
        (situation(OVERRIDE, head=Head(None, None)), "head-moved"),
        (situation("/label +a", head=Head(SHA, OTHER)), "label"),
        (situation(f"/benchmark {SHA[:7]}", head=HEAD), "benchmark"),
        (situation(f"/benchmark {OTHER[:7]}", head=HEAD), "head-moved"),
        (situation("/release cut", head=HEAD), "bad-argument"),
        (situation("/release cut v1"), "release"),
        (situation("/release minor"), "release"),
        (situation("/release minor stable/1.2"), "release"),
        (situation(f"/release approve {SHA[:12]}"), "release"),
        (situation(f"/release approve {OTHER[:12]}", head=HEAD), "release"),
        (situation("/release minor v1.3.0"), "bad-argument"),
        (situation("/release approve main"), "bad-argument"),
        (situation(f"/release status {SHA[:12]}"), "bad-argument"),
        (situation("/release freeze"), "bad-argument"),
        (situation("/release minor", role=Role.WRITE), "permission"),
        (situation('/override reason="why not"', head=HEAD), "bad-argument"),
        (situation(f'/override coverage {CASE} reason="both"', head=HEAD), "bad-argument"),
        (situation(f'/override {CASE} reason="known"'), "override"),
    ],
)
def test_a_command_is_carried_out_or_refused_for_a_reason(given: Situation, rule: str) -> None:
    answer = decide(given)
    assert answer.verdict.rule == rule
    assert (answer.ran is not None) == (answer.verdict.outcome is Outcome.PASS)


@pytest.mark.parametrize(
    ("given", "outcome", "sign"),
    [
        (situation("/hold"), Outcome.PASS, "+1"),
        (situation("@reeve hodl"), Outcome.ACTION_REQUIRED, "confused"),
        (situation("/hold on"), Outcome.ACTION_REQUIRED, "confused"),
        (situation("/approve", head=HEAD), Outcome.NOT_APPLICABLE, "confused"),
        (situation("/release cut v1"), Outcome.PASS, "rocket"),
        (situation("/hold", role=Role.READ), Outcome.FAIL, "-1"),
        (situation("/why\n" * 6), Outcome.FAIL, "-1"),
    ],
)
def test_the_reaction_shows_how_it_went(given: Situation, outcome: Outcome, sign: str) -> None:
    answer = decide(given)
    assert answer.verdict.outcome is outcome
    assert [each.content for each in answer.verdict.effects if isinstance(each, React)] == [sign]


def test_eyes_are_shown_before_anything_is_decided() -> None:
    for body in ("/why", "@reeve wy", "/why\n" * 6):
        eyes = received(situation(body))
        assert eyes
        assert (eyes.comment_id, eyes.content) == (9, "eyes")


@pytest.mark.parametrize("body", ["Hello", "/lgtm", "> /why"])
def test_what_is_not_for_reeve_is_not_even_looked_at(body: str) -> None:
    assert received(situation(body)) is None
    assert all(
        not each.verdict.effects and not each.verdict.message for each in decide_comment(situation(body), Config(), NOW)
    )


def test_a_comment_that_vanishes_between_is_not_obeyed() -> None:
    gone = situation("/hold", body_now=None)
    assert decide_command(Command("hold", (), 1), gone, Config(), NOW).verdict.rule == "stale-or-edited"


def test_a_comment_that_came_edited_already_gives_no_risky_command() -> None:
    given = situation(OVERRIDE, head=HEAD)
    late = replace(given, comment=replace(given.comment, updated_at=NOW))
    assert decide(late).verdict.rule == "stale-or-edited"


def test_a_deleted_account_is_never_the_author() -> None:
    given = situation("/retest", by=AUTHOR, head=HEAD)
    ghost = replace(given.facts, issue=replace(given.facts.issue, author=None))
    assert given.is_author
    assert not replace(given, facts=ghost).is_author
    assert not replace(given, comment=replace(given.comment, author=None)).is_author


def test_who_may_is_known_before_github_is_asked() -> None:
    assert who_may(Command("assign", (), 1)) is Who.ANYONE
    assert who_may(Command("assign", ("@octocat",), 1)) is Who.TRIAGE


def test_a_command_is_bound_to_the_head_and_an_issues_to_nothing() -> None:
    assert decide(situation(OVERRIDE, head=HEAD)).sha == SHA
    assert decide(situation("/hold")).sha is None


@pytest.mark.parametrize(
    ("body", "late", "rule"),
    [
        ("/hold", timedelta(days=7), "hold"),
        ("/hold", timedelta(days=7, seconds=3), "too-old"),
        (OVERRIDE, timedelta(days=1), "override"),
        (OVERRIDE, timedelta(days=1, seconds=3), "too-old"),
    ],
)
def test_a_command_that_is_found_too_late_is_told_so_and_not_carried_out(body: str, late: timedelta, rule: str) -> None:
    (answer,) = decide_comment(situation(body, head=HEAD if body == OVERRIDE else None), Config(), WRITTEN + late)

    assert answer.verdict.rule == rule
