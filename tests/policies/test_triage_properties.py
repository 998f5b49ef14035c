"""What holds for any issue, whatever was decided before: deciding twice changes nothing, a person always wins."""

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from bot.config import Config, parse
from bot.model.facts import Facts, Memory
from bot.policies.triage.vocabulary import kind_of_label, same
from tests.policies.given import TYPES, after, change, decide, facts
from tests.policies.test_forms import BUG_FORM, FEATURE_FORM

LABELS = ["bug", "BUG", "kind/bug", "enhancement", "documentation", "needs-triage", "question", "area: core", "wish"]
TITLES = ["x", "[Bug] x", "[Feature] x", "docs: x", "[Bug][Docs] x", "[Question] x", "crash"]
CONFIGS = [
    Config(),
    parse("labels: {bug: kind/bug, feature: wish}"),
    parse("triage: {rules: [{title: crash, label: 'area: core'}]}"),
]

memories = st.builds(
    Memory,
    label=st.none() | st.sampled_from(LABELS),
    type=st.none() | st.sampled_from(TYPES),
    is_applied=st.booleans(),
)
issues = st.builds(
    facts,
    st.sampled_from(TITLES),
    body=st.sampled_from(["", BUG_FORM, FEATURE_FORM]),
    labels=st.sets(st.sampled_from(LABELS), max_size=4),
    type=st.none() | st.sampled_from(TYPES),
    issue_types=st.sampled_from([(), TYPES, ("Task",)]),
    memory=memories,
)
configs = st.sampled_from(CONFIGS)


@given(issues, configs)
def test_deciding_again_after_the_effects_changes_nothing(issue: Facts, config: Config) -> None:
    again = decide(after(issue, decide(issue, config)), config)
    assert again.effects == ()
    assert again.remember is None


@given(issues, configs)
def test_deciding_again_before_the_effects_are_written_changes_nothing(issue: Facts, config: Config) -> None:
    first = decide(issue, config)
    effect = change(first)
    # While a label or type of Reeve's waits to be replaced, it looks like a person's: memory holds only the newest.
    assume(effect is None or not (effect.remove or (effect.type and issue.issue.type)))
    again = decide(after(issue, first, is_written=False), config)
    assert again.effects == ()
    assert again.remember is None


@given(issues, configs)
def test_the_second_decision_tells_the_same_kind(issue: Facts, config: Config) -> None:
    first = decide(issue, config)
    second = decide(after(issue, first), config)
    assert first.message is None or second.message is not None
    if first.message and second.message:
        assert first.message.data.get("kind") == second.message.data.get("kind")


@given(issues, st.sampled_from(["bug", "kind/feature", "文档"]), configs)
def test_a_persons_label_always_wins(issue: Facts, label: str, config: Config) -> None:
    assume(not same(label, issue.memory.label))
    others = {each for each in issue.issue.labels if same(each, issue.memory.label) or not kind_of_label(each, config)}
    marked = replace(issue, issue=replace(issue.issue, labels=frozenset(others | {label}), type=None))
    verdict = decide(marked, config)
    assert verdict.message is not None
    assert verdict.message.data["kind"] == kind_of_label(label, config)
    effect = change(verdict)
    assert effect is None or label not in effect.remove


@given(issues, configs)
def test_only_reeves_own_labels_and_answered_calls_are_removed(issue: Facts, config: Config) -> None:
    effect = change(decide(issue, config))
    for label in effect.remove if effect else ():
        assert same(label, issue.memory.label) or same(label, config.labels.needs_triage)


@given(issues, configs)
def test_a_label_is_never_added_and_removed_at_once(issue: Facts, config: Config) -> None:
    effect = change(decide(issue, config))
    if effect:
        assert not {each.casefold() for each in effect.add} & {each.casefold() for each in effect.remove}
        assert effect.add or effect.remove or effect.type
        assert not set(effect.add) & issue.issue.labels


@given(issues, st.permutations(LABELS), configs)
def test_the_order_of_labels_does_not_matter(issue: Facts, order: list[str], config: Config) -> None:
    labels = [each for each in order if each in issue.issue.labels]
    shuffled = replace(issue, issue=replace(issue.issue, labels=frozenset(labels)))
    assert decide(shuffled, config) == decide(issue, config)


@given(st.text(max_size=300), st.text(max_size=500), st.sets(st.text(max_size=50), max_size=5), st.none() | st.text())
def test_no_text_makes_triage_fail(title: str, body: str, labels: set[str], name: str | None) -> None:
    verdict = decide(facts(title, body=body, labels=labels, type=name))
    assert verdict.policy == "triage"
