"""Triage: who decides, what changes, and that Reeve never fights a person."""

from dataclasses import replace

import pytest

from bot.config import parse
from bot.model.facts import Memory
from bot.model.subjects import Actor
from bot.model.verdicts import Outcome
from tests.policies.given import TYPES, after, change, decide, facts
from tests.policies.test_forms import BUG_FORM, CHINESE_DOCS_FORM, FEATURE_FORM

OWN_BUG = Memory(label="bug", is_applied=True)
OWN_CALL = Memory(label="needs-triage", is_applied=True)
PENDING_BUG = Memory(label="bug")


@pytest.mark.parametrize(
    ("title", "body", "labels", "rule", "kind", "added"),
    [
        ("[Bug] x", "", [], "title-prefix", "bug", ("bug",)),
        ("【功能请求】x", "", [], "title-prefix", "feature", ("enhancement",)),
        ("docs: x", "", [], "title-prefix", "docs", ("documentation",)),
        ("x", BUG_FORM, [], "issue-form", "bug", ("bug",)),
        ("x", CHINESE_DOCS_FORM, [], "issue-form", "docs", ("documentation",)),
        ("[Bug] x", FEATURE_FORM, [], "issue-form", "feature", ("enhancement",)),
        ("x", "", ["bug"], "person-label", "bug", ()),
        ("x", "", ["BUG"], "person-label", "bug", ()),
        ("x", "", ["kind/bug"], "person-label", "bug", ()),
        ("x", "", ["kind: bug"], "person-label", "bug", ()),
        ("x", "", ["type: bug"], "person-label", "bug", ()),
        ("x", "", ["type/bug"], "person-label", "bug", ()),
        ("x", "", ["type:bug"], "person-label", "bug", ()),
        ("x", "", ["Type: Bug"], "person-label", "bug", ()),
        ("x", "", ["缺陷"], "person-label", "bug", ()),
        ("x", "", ["类型：缺陷"], "person-label", "bug", ()),
        ("x", "", ["feature"], "person-label", "feature", ()),
        ("x", "", ["enhancement"], "person-label", "feature", ()),
        ("x", "", ["feature request"], "person-label", "feature", ()),
        ("x", "", ["feature-request"], "person-label", "feature", ()),
        ("x", "", ["kind/feature"], "person-label", "feature", ()),
        ("x", "", ["功能"], "person-label", "feature", ()),
        ("x", "", ["docs"], "person-label", "docs", ()),
        ("x", "", ["documentation"], "person-label", "docs", ()),
        ("x", "", ["kind/documentation"], "person-label", "docs", ()),
        ("x", "", ["文档"], "person-label", "docs", ()),
        ("[Bug] x", BUG_FORM, ["enhancement"], "person-label", "feature", ()),
        ("[Bug] x", "", ["bug", "kind/bug"], "person-label", "bug", ()),
        ("[Bug] x", "", ["good first issue", "debug"], "title-prefix", "bug", ("bug",)),
        ("x", "", [], "no-evidence", None, ("needs-triage",)),
        ("x", "", ["help wanted"], "no-evidence", None, ("needs-triage",)),
        ("x", "", ["needs-triage"], "no-evidence", None, ()),
        ("x", "", ["Needs-Triage"], "no-evidence", None, ()),
        ("[Bug][Feature] x", "", [], "contradicting-title", None, ("needs-triage",)),
        ("[Bug/Help] x", "", [], "contradicting-title", None, ("needs-triage",)),
        ("[Question] x", "", [], "question", None, ("needs-triage",)),
        ("【提问】x", "", [], "question", None, ("needs-triage",)),
        ("[Bug] x", "", ["bug", "enhancement"], "contradicting-labels", None, ()),
        ("x", "", ["bug", "kind/feature", "docs"], "contradicting-labels", None, ()),
    ],
)
def test_what_is_explicit_decides_and_else_a_person_is_asked(
    title: str, body: str, labels: list[str], rule: str, kind: str | None, added: tuple[str, ...]
) -> None:
    verdict = decide(facts(title, body=body, labels=labels))
    assert verdict.rule == rule
    assert verdict.outcome is (Outcome.PASS if kind else Outcome.UNKNOWN)
    assert verdict.message is not None
    assert verdict.message.data.get("kind") == kind
    effect = change(verdict)
    assert (effect.add if effect else ()) == added


@pytest.mark.parametrize(
    ("issue_type", "labels", "rule", "kind"),
    [
        ("Bug", [], "person-type", "bug"),
        ("feature", [], "person-type", "feature"),
        ("Docs", [], "person-type", "docs"),
        ("文档", [], "person-type", "docs"),
        ("Bug", ["bug"], "person-label", "bug"),
        ("Bug", ["enhancement"], "contradicting-labels", None),
        ("Task", ["bug"], "person-label", "bug"),
        ("Task", [], "other-type", None),
    ],
)
def test_a_native_type_set_by_a_person_is_a_persons_mark(
    issue_type: str, labels: list[str], rule: str, kind: str | None
) -> None:
    verdict = decide(facts("[Docs] x", labels=labels, type=issue_type, issue_types=TYPES))
    assert verdict.rule == rule
    assert (verdict.message.data.get("kind") if verdict.message else None) == kind


def test_an_issue_of_another_type_is_not_ours_to_sort() -> None:
    verdict = decide(facts("[Bug] x", type="Task", labels=["bug"], memory=OWN_BUG))
    assert verdict.outcome is Outcome.NOT_APPLICABLE
    assert verdict.message is None
    effect = change(verdict)
    assert effect is not None
    assert (effect.add, effect.remove) == ((), ("bug",))


def test_a_type_set_by_a_person_gets_the_label_that_belongs_to_it() -> None:
    effect = change(decide(facts(type="Bug", issue_types=TYPES)))
    assert effect is not None
    assert (effect.add, effect.type) == (("bug",), None)


def test_a_closed_issue_is_left_alone() -> None:
    verdict = decide(facts("[Bug] x", is_open=False))
    assert (verdict.rule, verdict.outcome, verdict.effects) == ("closed", Outcome.NOT_APPLICABLE, ())
    assert verdict.message is None


@pytest.mark.parametrize(
    ("types", "title", "expected"),
    [
        (TYPES, "[Bug] x", "Bug"),
        (TYPES, "[Feature] x", "Feature"),
        (TYPES, "docs: x", "Documentation"),
        (("缺陷", "功能", "文档"), "[Bug] x", "缺陷"),
        (("BUG",), "[Bug] x", "BUG"),
        (("Docs",), "docs: x", "Docs"),
        (("Task",), "[Bug] x", None),
        ((), "[Bug] x", None),
        (TYPES, "x", None),
    ],
)
def test_the_native_type_is_set_with_the_label_in_one_request(
    types: tuple[str, ...], title: str, expected: str | None
) -> None:
    verdict = decide(facts(title, issue_types=types))
    effect = change(verdict)
    assert effect is not None
    assert effect.type == expected
    assert verdict.remember is not None
    assert verdict.remember.type == expected


def test_a_type_is_set_although_the_label_is_a_persons() -> None:
    effect = change(decide(facts(labels=["kind/bug"], issue_types=TYPES)))
    assert effect is not None
    assert (effect.add, effect.remove, effect.type) == ((), (), "Bug")


def test_a_type_that_a_person_removed_is_not_set_again() -> None:
    memory = Memory(label="bug", type="Bug", is_applied=True)
    assert not decide(facts("[Bug] x", labels=["bug"], issue_types=TYPES, memory=memory)).effects


def test_a_type_that_reeve_set_follows_a_persons_label() -> None:
    memory = Memory(label="bug", type="Bug", is_applied=True)
    given = facts("[Bug] x", labels=["bug", "enhancement"], type="Bug", issue_types=TYPES, memory=memory)
    effect = change(decide(given))
    assert effect is not None
    assert (effect.remove, effect.type) == (("bug",), "Feature")


def test_a_label_still_on_its_way_is_said_again_when_something_else_changes() -> None:
    effect = change(decide(facts("[Bug] x", issue_types=TYPES, memory=PENDING_BUG)))
    assert effect is not None
    assert (effect.add, effect.type) == (("bug",), "Bug")


def test_a_type_still_on_its_way_is_said_again_when_something_else_changes() -> None:
    pending = Memory(label="needs-triage", type="Bug")
    effect = change(decide(facts("[Bug] x", issue_types=TYPES, memory=pending)))
    assert effect is not None
    assert (effect.add, effect.remove, effect.type) == (("bug",), ("needs-triage",), "Bug")


def test_the_effect_names_all_present_labels_for_the_adapter() -> None:
    effect = change(decide(facts("[Bug] x", labels=["zeta", "alpha"])))
    assert effect is not None
    assert effect.current == ("alpha", "zeta")


@pytest.mark.parametrize(
    ("title", "labels", "memory", "add", "remove"),
    [
        ("[Bug] x", ["bug", "enhancement"], OWN_BUG, (), ("bug",)),
        ("[Bug] x", ["Bug", "enhancement"], OWN_BUG, (), ("Bug",)),
        ("x", ["needs-triage", "bug"], OWN_CALL, (), ("needs-triage",)),
        ("x", ["Needs-Triage", "bug"], None, (), ("Needs-Triage",)),
        ("[Bug] x", ["needs-triage"], OWN_CALL, ("bug",), ("needs-triage",)),
        ("[Bug] x", ["needs-triage"], None, ("bug",), ()),
        ("[Feature] x", ["bug"], OWN_BUG, ("enhancement",), ("bug",)),
        ("[Bug][Feature] x", ["bug"], OWN_BUG, ("needs-triage",), ("bug",)),
        ("[Bug][Feature] x", ["bug", "needs-triage"], OWN_BUG, (), ("bug",)),
        ("[Feature] x", [], PENDING_BUG, ("enhancement",), ("bug",)),
        ("x", ["enhancement"], PENDING_BUG, (), ("bug",)),
        ("x", ["kind/bug"], PENDING_BUG, (), ("bug",)),
    ],
)
def test_reeves_own_label_gives_way_to_what_is_right(
    title: str, labels: list[str], memory: Memory | None, add: tuple[str, ...], remove: tuple[str, ...]
) -> None:
    effect = change(decide(facts(title, labels=labels, memory=memory)))
    assert effect is not None
    assert (effect.add, effect.remove) == (add, remove)


@pytest.mark.parametrize(
    ("title", "labels", "memory", "rule"),
    [
        ("[Bug] x", ["bug"], OWN_BUG, "title-prefix"),
        ("[Bug] x", [], PENDING_BUG, "title-prefix"),
        ("x", ["bug"], OWN_BUG, "earlier-decision"),
        ("x", [], PENDING_BUG, "earlier-decision"),
        ("x", ["needs-triage"], OWN_CALL, "no-evidence"),
        ("[Bug] x", ["bug", "kind/bug"], OWN_BUG, "person-label"),
        ("[Bug] x", [], OWN_BUG, "removed-by-person"),
        ("x", [], OWN_CALL, "removed-by-person"),
        ("[Feature] x", [], OWN_BUG, "removed-by-person"),
        ("[Bug] x", ["bug", "docs", "feature"], OWN_BUG, "contradicting-labels"),
        ("[Bug] x", ["enhancement"], OWN_BUG, "person-label"),
    ],
)
def test_where_nothing_needs_to_change_nothing_is_sent(
    title: str, labels: list[str], memory: Memory, rule: str
) -> None:
    verdict = decide(facts(title, labels=labels, memory=memory))
    assert (verdict.rule, verdict.effects, verdict.remember) == (rule, (), None)


def test_a_label_that_a_person_removed_is_never_set_again() -> None:
    opened = facts("[Bug] x")
    labelled = after(opened, decide(opened))
    removed = replace(labelled, issue=replace(labelled.issue, labels=frozenset()))
    verdict = decide(removed)
    assert verdict.message is not None
    assert (verdict.message.key, verdict.outcome) == ("triage/removed", Outcome.UNKNOWN)
    assert not verdict.effects


def test_a_label_that_a_person_overruled_does_not_come_back_when_theirs_goes() -> None:
    overruled = facts("[Bug] x", labels=["bug", "enhancement"], memory=OWN_BUG)
    settled = after(overruled, decide(overruled))
    undone = replace(settled, issue=replace(settled.issue, labels=frozenset()))
    assert decide(undone).rule == "removed-by-person"


def test_a_label_given_up_by_reeve_itself_is_forgotten() -> None:
    given = facts("[Bug][Feature] x", labels=["bug", "needs-triage"], memory=OWN_BUG)
    settled = after(given, decide(given))
    assert settled.memory.label is None
    assert decide(settled).rule == "contradicting-title"


def test_the_repositorys_own_names_are_used_and_recognised() -> None:
    config = parse("labels: {bug: 'T-defect', feature: wish, docs: text, needs_triage: inbox}")
    effect = change(decide(facts("[Bug] x"), config))
    assert effect is not None
    assert effect.add == ("T-defect",)
    assert decide(facts("[Bug] x", labels=["WISH"]), config).rule == "person-label"


def test_the_call_for_triage_is_no_kind_even_if_its_name_is_one() -> None:
    config = parse("labels: {needs_triage: 建议}")
    assert decide(facts("x", labels=["建议"]), config).rule == "no-evidence"


@pytest.mark.parametrize(
    ("title", "rule", "kind", "label"),
    [
        ("Crash at start", "configured-rule", "bug", "bug"),
        ("CRASH: [Feature] x", "configured-rule", "bug", "bug"),
        ("Idea: streams", "configured-rule", "feature", "enhancement"),
        ("How do I load it", "configured-rule", None, "question"),
        ("[Bug] x", "title-prefix", "bug", "bug"),
    ],
)
def test_the_repositorys_own_rules_come_before_forms_and_titles(
    title: str, rule: str, kind: str | None, label: str
) -> None:
    config = parse(
        "triage: {rules: [{title: ^crash, label: bug}, {title: '^idea:', label: feature},"
        " {title: 'how (do|to)', label: question}]}"
    )
    verdict = decide(facts(title, body=FEATURE_FORM if kind == "bug" and rule != "title-prefix" else ""), config)
    assert verdict.message is not None
    assert (verdict.rule, verdict.message.data.get("kind")) == (rule, kind)
    effect = change(verdict)
    assert effect is not None
    assert effect.add == (label,)


def test_the_deadline_is_left_to_the_clock() -> None:
    assert decide(facts("[Bug] x")).wake_at is None


@pytest.mark.parametrize(
    ("sender", "labels", "actor"),
    [
        (Actor(2, "maintainer"), ["bug"], "maintainer"),
        (Actor(3, "dependabot[bot]", is_bot=True), ["bug"], None),
        (None, ["bug"], None),
        (Actor(2, "maintainer"), [], None),
    ],
)
def test_the_sender_is_named_only_where_a_person_decided(
    sender: Actor | None, labels: list[str], actor: str | None
) -> None:
    verdict = decide(facts("[Bug] x", labels=labels, sender=sender))
    assert verdict.message is not None
    assert verdict.message.data["actor"] == actor


@pytest.mark.parametrize(
    ("given", "key", "evidence"),
    [
        (facts("[Bug] x"), "triage/decided", ("[Bug]",)),
        (facts("x", labels=["type: bug"]), "triage/decided", ("type: bug",)),
        (facts("x", type="Bug"), "triage/decided", ("Bug",)),
        (facts("x", body=CHINESE_DOCS_FORM), "triage/decided", ("页面或章节", "文档问题", "修改建议")),
        (facts("x"), "triage/unclear", ()),
        (facts("[Bug] [Feature] x"), "triage/unclear", ("[Bug] [Feature]",)),
        (facts("x", labels=["bug", "docs"]), "triage/contradicting", ("bug", "docs")),
        (facts("x", labels=["docs"], type="Bug"), "triage/contradicting", ("docs", "Bug")),
        (facts("x", memory=OWN_BUG), "triage/removed", ("bug",)),
    ],
)
def test_the_message_carries_the_words_that_decided(given: object, key: str, evidence: tuple[str, ...]) -> None:
    verdict = decide(given)  # type: ignore[arg-type]  # pytest's tables are untyped
    assert verdict.message is not None
    assert (verdict.message.key, verdict.message.data["evidence"]) == (key, evidence)


def test_the_repositorys_welcome_is_passed_on() -> None:
    verdict = decide(facts("x"), parse("messages: {welcome: Hello}"))
    assert verdict.message is not None
    assert verdict.message.data["welcome"] == "Hello"
