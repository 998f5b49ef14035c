"""Shadow mode: what is in it only reports, holds nothing up, and is enforced by itself after its last day."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import Config, parse
from bot.model.effects import (
    Annotation,
    AnswerDeployment,
    Assign,
    CheckRun,
    CreateTag,
    Dispatch,
    Effect,
    EnsureLabels,
    File,
    KeepIssue,
    OpenPull,
    PublishRelease,
    React,
    SetLabels,
    StickyComment,
)
from bot.model.facts import Memory
from bot.model.subjects import Subject
from bot.model.verdicts import Call, Message, Outcome, Verdict
from bot.policies import shadow
from bot.render import LANGUAGES, Words

SEVEN, SHA = Subject(1, 7), "a" * 40
UNTIL, OVER = "2027-01-31", datetime(2027, 2, 1, tzinfo=UTC)
NOTE = Annotation("a.py", 1, 2, "No test runs line 1.")

RED = CheckRun(SEVEN, SHA, "reeve / coverage", "failure", "Cover 3 lines", "The figures.\n", (NOTE,))
EFFECTS: tuple[Effect, ...] = (
    SetLabels(SEVEN, add=("bug",), remove=("needs-triage",), type="Bug"),
    StickyComment(SEVEN, "words"),
    React(SEVEN, 5, "+1"),
    Assign(SEVEN, add=("ada",)),
    RED,
    KeepIssue(SEVEN, "digest", "t", "b"),
    EnsureLabels(SEVEN, ()),
    OpenPull(SEVEN, "b", "t", "b", (File("a", "b"),)),
    Dispatch(SEVEN, "gpu.yml", "main", "n0nce"),
    CreateTag(SEVEN, "v1.2.0", SHA),
    PublishRelease(SEVEN, "v1.2.0", "t", "b"),
    AnswerDeployment(SEVEN, 5, "pypi", "approved", "passed"),
)
BLOCKING = Verdict(
    "coverage",
    "below-minimum",
    Outcome.FAIL,
    message=Message("plugins/note", {"plugin": "p", "english": "Cover them.", "chinese": "请覆盖。"}),
    effects=EFFECTS,
    remember=Memory(label="bug"),
    calls=(Call("call-1", Message("plugins/note", {})),),
)


def cast(verdict: Verdict, text: str, language: str = "en") -> Verdict:
    """Return the verdict as it counts under these settings."""
    return shadow.cast(verdict, parse(text), Words(), language)


def check(verdict: Verdict) -> CheckRun:
    """Return the check run of a verdict."""
    (found,) = (each for each in verdict.effects if isinstance(each, CheckRun))
    return found


def test_every_kind_of_effect_is_looked_at_here() -> None:
    assert {type(each) for each in EFFECTS} == set(get_args(Effect))


def test_of_all_effects_only_the_check_is_left_and_it_passes() -> None:
    found = cast(BLOCKING, f"coverage: {{shadow_until: {UNTIL}}}")

    assert [type(each) for each in found.effects] == [CheckRun]
    assert (check(found).conclusion, [each.level for each in check(found).annotations]) == ("success", ["warning"])
    assert (found.outcome, found.remember, found.calls) == (Outcome.NOT_APPLICABLE, None, ())


def test_it_says_what_it_would_have_been_and_done() -> None:
    found = cast(BLOCKING, f"coverage: {{shadow_until: {UNTIL}}}").shadow

    assert found is not None
    assert (found.section, found.until, found.outcome) == ("coverage", UNTIL, Outcome.FAIL)
    assert (found.add, found.remove) == (("bug", "Bug"), ("needs-triage",))


@pytest.mark.parametrize(
    ("language", "title", "notice"),
    [
        ("en", "Only a report until 31 January 2027 · Cover 3 lines", "holds nothing up, though it would otherwise"),
        ("zh-CN", "2027 年 1 月 31 日（含）之前只作报告 · Cover 3 lines", "虽然按规则它本应阻止"),
    ],
)
def test_the_check_says_that_it_only_reports(language: str, title: str, notice: str) -> None:
    found = check(cast(BLOCKING, f"coverage: {{shadow_until: {UNTIL}}}", language))

    assert found.title == title
    assert notice in found.summary.splitlines()[0]
    assert found.summary.endswith("The figures.\n")


def test_a_check_that_still_waits_holds_nothing_up_either() -> None:
    waiting = replace(BLOCKING, outcome=Outcome.PENDING, effects=(replace(RED, conclusion=None),))

    assert check(cast(waiting, f"coverage: {{shadow_until: {UNTIL}}}")).conclusion == "success"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_message_is_framed_as_a_report(language: str) -> None:
    found = cast(BLOCKING, f"coverage: {{shadow_until: {UNTIL}}}", language)

    assert found.message is not None
    said = Words().comment([found.message], language)
    assert "`coverage`" in said
    assert "2027" in said
    assert ("`bug`, `Bug`" in said) or ("`bug`、`Bug`" in said)
    assert "\n> " in said
    assert Words().answer([found.message], language).startswith(said.split("\n\n---")[0][:40])


def test_it_is_looked_at_again_when_the_shadow_ends_or_earlier() -> None:
    soon = OVER - timedelta(days=3)

    assert cast(BLOCKING, f"coverage: {{shadow_until: {UNTIL}}}").wake_at == OVER
    assert cast(replace(BLOCKING, wake_at=soon), f"coverage: {{shadow_until: {UNTIL}}}").wake_at == soon


@pytest.mark.parametrize("text", ["", f"benchmark: {{shadow_until: {UNTIL}}}", f"triage: {{shadow_until: {UNTIL}}}"])
def test_what_is_not_in_shadow_is_as_it_was(text: str) -> None:
    assert cast(BLOCKING, text) is BLOCKING


@pytest.mark.parametrize("policy", ["plugin:a", "language", "labels", "digest", "at", ""])
def test_a_policy_without_a_section_of_its_own_has_no_shadow(policy: str) -> None:
    verdict = replace(BLOCKING, policy=policy)

    assert cast(verdict, f"coverage: {{shadow_until: {UNTIL}}}") is verdict


def test_a_verdict_in_shadow_is_not_cast_twice() -> None:
    once = cast(BLOCKING, f"coverage: {{shadow_until: {UNTIL}}}")

    assert cast(once, f"coverage: {{shadow_until: {UNTIL}}}") is once


def test_a_verdict_that_says_nothing_says_nothing_in_shadow() -> None:
    assert cast(replace(BLOCKING, message=None), f"coverage: {{shadow_until: {UNTIL}}}").message is None


@given(st.sampled_from(Outcome), st.sampled_from(["success", "failure", "action_required", "timed_out", None]))
def test_nothing_in_shadow_ever_blocks(outcome: Outcome, conclusion: object) -> None:
    verdict = replace(BLOCKING, outcome=outcome, effects=(replace(RED, conclusion=conclusion),))  # type: ignore[arg-type]

    found = cast(verdict, f"coverage: {{shadow_until: {UNTIL}}}")

    assert (found.outcome, check(found).conclusion) == (Outcome.NOT_APPLICABLE, "success")


def test_once_the_day_is_over_it_is_enforced() -> None:
    config = parse(f"coverage: {{shadow_until: {UNTIL}}}")

    assert shadow.cast(BLOCKING, config.at(OVER - timedelta(seconds=1)), Words(), "en").shadow is not None
    assert shadow.cast(BLOCKING, config.at(OVER), Words(), "en") is BLOCKING
    assert config.at(OVER) == Config()
