"""Rules for titles in shadow: nothing is decided by them, and what they would have changed is said."""

import pytest

from bot.config import parse
from bot.model.effects import SetLabels
from bot.model.verdicts import Outcome, Verdict
from bot.policies.triage import decide, rehearse
from tests.policies.given import NOW, facts

SHADOW = "{title: ^crash, label: bug, shadow_until: 2027-01-31}"
RULES = "triage: {{rules: [{0}]}}"


def rehearsed(title: str, *rules: str, **issue: object) -> Verdict:
    """Return what rules in shadow would have made of an issue."""
    return rehearse(facts(title, **issue), parse(RULES.format(", ".join(rules))), NOW)  # type: ignore[arg-type]


def test_a_rule_in_shadow_decides_nothing() -> None:
    verdict = decide(facts("Crash on load"), parse(RULES.format(SHADOW)), NOW)

    assert verdict.rule == "no-evidence"


def test_what_a_rule_in_shadow_would_have_changed_is_reported() -> None:
    verdict = rehearsed("Crash on load", "{title: ^how, label: question}", SHADOW)

    assert (verdict.policy, verdict.rule, verdict.outcome) == ("triage", "configured-rule", Outcome.NOT_APPLICABLE)
    assert verdict.effects == ()
    assert verdict.remember is None
    assert verdict.shadow is not None
    assert (verdict.shadow.section, verdict.shadow.add) == ("triage.rules[1]", ("bug",))
    assert verdict.message is not None
    assert verdict.message.shadow == verdict.shadow


@pytest.mark.parametrize(
    ("title", "rules", "labels"),
    [
        ("Slow on load", [SHADOW], []),
        ("Crash on load", ["{title: ^crash, label: bug}"], []),
        ("Crash on load", ["{title: ^crash, label: bug}", SHADOW], []),
        ("Crash on load", [SHADOW], ["documentation"]),
    ],
)
def test_where_it_would_have_changed_nothing_nothing_is_said(title: str, rules: list[str], labels: list[str]) -> None:
    verdict = rehearsed(title, *rules, labels=labels)

    assert (verdict.rule, verdict.message) == ("nothing-to-rehearse", None)


def test_the_shadow_of_the_section_covers_its_rules() -> None:
    config = parse("triage: {shadow_until: 2027-01-31, rules: [" + SHADOW + "]}")

    assert rehearse(facts("Crash on load"), config, NOW).message is None


def test_a_rule_out_of_shadow_decides() -> None:
    config = parse(RULES.format(SHADOW))
    rule = config.triage.rules[0]
    assert rule.promoted_at is not None

    (effect,) = decide(facts("Crash on load"), config.at(rule.promoted_at), NOW).effects

    assert isinstance(effect, SetLabels)
    assert effect.add == ("bug",)
