"""What follows from the classifier's opinion: it labels where it is sure, suggests where it is not, outvotes nobody."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.config import Config, parse
from bot.model.facts import Memory
from bot.model.scores import Opinion, Scores, Similar, Thresholds
from bot.model.verdicts import Verdict
from tests.policies.given import change, decide, facts
from tests.policies.test_forms import FEATURE_FORM

NOTHING, USUAL = Memory(), Thresholds()


def scores(likely: Mapping[str, float]) -> Scores:
    """Return probabilities; what is not named shares the rest."""
    names = ("bug", "feature", "docs", "question")
    rest = (1 - sum(likely.values())) / max(len(names) - len(likely), 1)
    bug, feature, docs, question = (likely.get(name, rest) for name in names)
    return Scores(bug, feature, docs, question, ("segfault",))


def judged(  # noqa: PLR0913  each field of an issue may matter to a case
    likely: Mapping[str, float],
    *,
    title: str = "zorp",
    body: str = "A text of several telling words, with 1.2.3 in it.",
    policy: str = "",
    memory: Memory = NOTHING,
    labels: tuple[str, ...] = (),
    is_unproven: bool = False,
    thresholds: Thresholds = USUAL,
) -> Verdict:
    """Return what is decided of an issue of which the classifier thinks this."""
    opinion = Opinion(scores(likely), thresholds, similar=(Similar(3, 80),), is_unproven=is_unproven)
    given = replace(facts(title, body=body, labels=labels), memory=memory, opinion=opinion)
    return decide(given, parse(f"version: 1\n{policy}") if policy else Config())


@pytest.mark.parametrize(
    ("likely", "rule", "added"),
    [
        ({"bug": 0.95}, "classifier", ("bug",)),
        ({"bug": 0.9}, "classifier", ("bug",)),
        ({"bug": 0.89}, "suggestion", ("needs-triage",)),
        ({"feature": 0.75}, "classifier", ("enhancement",)),
        ({"feature": 0.74}, "suggestion", ("needs-triage",)),
        ({"docs": 0.8}, "classifier", ("documentation",)),
        ({"docs": 0.5}, "suggestion", ("needs-triage",)),
        ({"docs": 0.49, "bug": 0.2}, "no-evidence", ("needs-triage",)),
        ({"question": 0.99}, "question-by-words", ("needs-triage",)),
    ],
)
def test_a_bug_needs_more_than_another_kind_and_a_question_gets_none(
    likely: dict[str, float], rule: str, added: tuple[str, ...]
) -> None:
    verdict = judged(likely)

    effect = change(verdict)
    assert verdict.rule == rule
    assert effect is not None
    assert effect.add == added


@pytest.mark.parametrize(
    ("policy", "is_unproven", "rule"),
    [
        ("", False, "classifier"),
        ("", True, "suggestion"),
        ("triage: {classifier: auto}\n", True, "suggestion"),
        ("triage: {classifier: label}\n", True, "classifier"),
        ("triage: {classifier: suggest}\n", False, "suggestion"),
        ("triage: {classifier: off}\n", False, "no-evidence"),
    ],
)
def test_the_policy_says_whether_words_may_decide(policy: str, is_unproven: bool, rule: str) -> None:  # noqa: FBT001
    assert judged({"bug": 0.99}, policy=policy, is_unproven=is_unproven).rule == rule


def test_a_repositorys_own_thresholds_hold() -> None:
    assert judged({"bug": 0.65}, thresholds=Thresholds(0.6, 0.5, 0.4)).rule == "classifier"


@pytest.mark.parametrize("labels", [("enhancement",), ("documentation",)])
def test_a_person_is_never_outvoted(labels: tuple[str, ...]) -> None:
    verdict = judged({"bug": 1.0}, labels=labels)

    assert verdict.rule == "person-label"
    assert change(verdict) is None


def test_a_rule_of_the_repositorys_own_is_never_outvoted() -> None:
    policy = 'triage: {rules: [{title: "^zorp", label: enhancement}]}\n'

    assert judged({"bug": 1.0}, policy=policy).rule == "configured-rule"


@pytest.mark.parametrize(
    ("title", "body", "likely", "rule"),
    [
        ("[Bug] zorp", "text", {"question": 0.86}, "contradicted"),
        ("[Bug] zorp", "text", {"question": 0.84}, "title-prefix"),
        ("zorp", FEATURE_FORM, {"bug": 0.96}, "contradicted"),
        ("zorp", FEATURE_FORM, {"bug": 0.94}, "issue-form"),
        ("[Bug] typo in the README", "text", {"docs": 0.6}, "docs-title"),
        ("[Bug] document Q&A fails", "text", {"docs": 0.6}, "title-prefix"),
    ],
)
def test_a_form_or_prefix_is_doubted_only_where_the_words_are_sure(
    title: str, body: str, likely: dict[str, float], rule: str
) -> None:
    assert judged(likely, title=title, body=body).rule == rule


def test_what_was_decided_before_stays_while_the_words_do_not_deny_it() -> None:
    before = Memory(label="bug", is_applied=True)

    assert judged({"bug": 0.6}, memory=before, labels=("bug",)).rule == "classifier"
    assert judged({"feature": 0.99}, memory=before, labels=("bug",)).rule == "earlier-decision"


def test_similar_issues_are_told_unless_the_policy_says_no() -> None:
    told, silent = judged({"bug": 0.99}), judged({"bug": 0.99}, policy="triage: {duplicates: false}\n")

    assert told.message is not None
    assert silent.message is not None
    assert told.message.data["similar"] == ("3=80",)
    assert silent.message.data["similar"] == ()
