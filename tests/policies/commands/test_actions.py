"""What comes of a command that may run."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.config import Config, parse
from bot.model.decisions import Override
from bot.model.effects import Assign, Effect, React, SetLabels
from bot.model.facts import Memory
from bot.model.gates import ACKNOWLEDGED
from bot.model.roles import Role
from bot.model.timeline import Timeline
from bot.model.verdicts import Message, Outcome, Verdict
from bot.policies import triage
from bot.policies.commands import Answer, Situation, decide_comment
from tests.policies.commands.given import HEAD, NOW, SHA, decide, situation
from tests.policies.given import TYPES


def wanted(answer: Answer) -> list[Effect]:
    """Return the effects besides the reaction."""
    return [each for each in answer.verdict.effects if not isinstance(each, React)]


def labels(answer: Answer) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return which labels are added and removed."""
    (effect,) = wanted(answer) or (None,)
    assert effect is None or isinstance(effect, SetLabels)
    return (effect.add, effect.remove) if effect else ((), ())


@pytest.mark.parametrize(
    ("body", "before", "add", "remove"),
    [
        ("/label +a -b", ["b"], ("a",), ("b",)),
        ("/label +a -b", ["A"], (), ()),
        ("/label -b", ["B"], (), ("B",)),
        ("/label +a +a", [], ("a",), ()),
        ('/label +"a b"', [], ("a b",), ()),
        ("/needs-info", [], ("needs-info",), ()),
        ("/needs-info", ["needs-info"], (), ()),
        ("/hold", [], ("hold",), ()),
        ("/hold cancel", ["hold"], (), ("hold",)),
        ("/hold cancel", [], (), ()),
        ("/kind bug", [], ("bug",), ()),
        ("/kind docs", ["bug", "needs-triage", "area: x"], ("documentation",), ("bug", "needs-triage")),
        ("/kind feature", ["Enhancement", "kind/bug"], (), ("kind/bug",)),
    ],
)
def test_labels_change_as_far_as_they_must(
    body: str, before: list[str], add: tuple[str, ...], remove: tuple[str, ...]
) -> None:
    assert labels(decide(situation(body, labels=before))) == (add, remove)


def test_hold_and_needs_info_take_the_repositorys_own_labels() -> None:
    own = parse("labels: {hold: frozen, needs_info: 待补充}")

    assert labels(decide(situation("/hold"), own)) == (("frozen",), ())
    assert labels(decide(situation("/needs-info"), own)) == (("待补充",), ())
    assert labels(decide(situation("/hold cancel", labels=["Frozen"]), own)) == ((), ("Frozen",))


def test_the_kind_takes_the_repositorys_own_label() -> None:
    assert labels(decide(situation("/kind bug"), parse("labels: {bug: defect}"))) == (("defect",), ())


@pytest.mark.parametrize(("types", "type_"), [(TYPES, "Bug"), (("Task",), None), ((), None)])
def test_the_kind_takes_the_fitting_issue_type_too(types: tuple[str, ...], type_: str | None) -> None:
    (effect,) = wanted(decide(situation("/kind bug", issue_types=types)))
    assert isinstance(effect, SetLabels)
    assert effect.type == type_


@pytest.mark.parametrize("kind", ["bug", "feature", "docs"])
@pytest.mark.parametrize("own", [None, "bug", "enhancement", "needs-triage"])
@pytest.mark.parametrize("types", [(), TYPES])
def test_reeve_never_fights_a_kind_that_a_person_gave(kind: str, own: str | None, types: tuple[str, ...]) -> None:
    given = situation(
        f"/kind {kind}", labels=[own] if own else [], issue_types=types, memory=Memory(label=own, is_applied=bool(own))
    )
    answer = decide(given)
    issue = given.facts.issue.after(each for each in wanted(answer) if isinstance(each, SetLabels))
    assert answer.verdict.remember is not None
    later = triage.decide(replace(given.facts, issue=issue, memory=answer.verdict.remember), Config(), NOW)
    assert later.rule == "person-label"
    assert later.effects == ()
    assert later.message is not None
    assert later.message.data["kind"] == kind


@pytest.mark.parametrize(
    ("body", "add", "remove"),
    [
        ("/assign", ("person",), ()),
        ("/assign @octocat hubot -@author", ("octocat", "hubot"), ("author",)),
        ("/assign -author", (), ("author",)),
    ],
)
def test_people_are_assigned_and_taken_off(body: str, add: tuple[str, ...], remove: tuple[str, ...]) -> None:
    (effect,) = wanted(decide(situation(body)))
    assert effect == Assign(situation(body).facts.issue.subject, add, remove)


@pytest.mark.parametrize(("until", "day"), [("", None), (" until=2030-01-31", date(2030, 1, 31))])
def test_an_override_keeps_who_why_how_long_and_for_which_commit(until: str, day: date | None) -> None:
    given = situation(f'/override coverage reason="generated code"{until}', head=HEAD)
    subject = given.facts.issue.subject
    assert decide(given).override == Override(subject, "coverage", SHA, "generated code", day, "person")


def test_an_acknowledgement_keeps_who_has_seen_which_commit() -> None:
    given = situation("/ack", role=Role.MAINTAIN, head=HEAD)
    subject = given.facts.issue.subject
    assert decide(given).override == Override(subject, ACKNOWLEDGED, SHA, "", None, "person")


def test_retest_leaves_everything_to_the_gates() -> None:
    answer = decide(situation("/retest", role=Role.TRIAGE, head=HEAD))
    assert (answer.verdict.rule, answer.override) == ("retest", None)


def test_commands_of_one_comment_build_on_each_other() -> None:
    answers = decide_comment(situation("/label +bug\n/kind docs\n/hold on\n/hold"), Config(), NOW)
    assert [answer.verdict.rule for answer in answers] == ["label", "kind", "bad-argument", "hold"]
    assert labels(answers[1]) == (("documentation",), ("bug",))
    assert [answer.ran for answer in answers] == [("label", "+bug"), ("kind", "docs"), None, ("hold",)]


def test_deciding_again_after_the_labels_are_set_changes_nothing() -> None:
    given = situation("/label +a -b\n/hold\n/needs-info", labels=["b"])
    issue = given.facts.issue
    for answer in decide_comment(given, Config(), NOW):
        issue = issue.after(each for each in wanted(answer) if isinstance(each, SetLabels))
    again = decide_comment(replace(given, facts=replace(given.facts, issue=issue)), Config(), NOW)
    assert [wanted(answer) for answer in again] == [[], [], []]


UNCLEAR = Verdict("triage", "no-evidence", Outcome.UNKNOWN, message=Message("triage/unclear"))


def test_sla_status_tells_how_the_clock_stood_when_it_was_asked() -> None:
    asked = situation("/sla status", labels=["bug"])
    known = replace(asked, facts=replace(asked.facts, timeline=Timeline()))
    message = decide(known).verdict.message
    assert message is not None
    assert (message.key, message.data["state"]) == ("sla/status", "on-track")
    unknown = decide(asked).verdict.message
    assert unknown is not None
    assert unknown.data["state"] == "unknown"


@pytest.mark.parametrize("body", ['/sla pause reason="waiting for a release"', "/sla pause", "/sla resume"])
def test_a_pause_and_its_end_are_a_sign_and_no_words(body: str) -> None:
    answer = decide(situation(body))
    assert (wanted(answer), answer.verdict.message, answer.verdict.outcome) == ([], None, Outcome.PASS)


PENDING = Verdict("sla", "waiting", Outcome.PENDING)
FINE = Verdict("triage", "person-label", Outcome.PASS, message=Message("triage/decided"))


def why(given: Situation) -> tuple[dict[str, object], tuple[Message, ...]]:
    """Return the data of the answer to `/why`, and what is quoted under it."""
    answer = decide(given)
    assert answer.verdict.message is not None
    return dict(answer.verdict.message.data), answer.quoted


def test_why_tells_what_blocks_in_the_words_of_the_policy_that_blocks() -> None:
    since = datetime(2026, 11, 24, tzinfo=UTC)
    data, quoted = why(situation("/why", verdicts=(UNCLEAR, PENDING, FINE), labels=["Hold"], since=since))
    assert data["rules"] == ("triage: no-evidence", "sla: waiting")
    assert data["labels"] == ("hold",)
    assert data["is_unknown"] is True
    assert data["since"] == since.isoformat()
    assert quoted == (UNCLEAR.message,)


def test_why_says_so_when_nothing_blocks() -> None:
    data, quoted = why(situation("/why", verdicts=(FINE,)))
    assert (data["rules"], data["labels"], data["is_unknown"], quoted) == ((), (), False, ())
    assert data["since"] == situation("/why").facts.issue.created_at.isoformat()
