"""Rules for titles that are in shadow: what they would have made of an issue, beside what is made of it."""

from datetime import datetime

from bot.config import Config, Rule, patterns
from bot.model.facts import Facts
from bot.model.verdicts import Outcome, Verdict
from bot.policies.shadow import shadow
from bot.policies.triage.decision import POLICY, decide
from bot.policies.triage.evidence import find

NOTHING = Verdict(POLICY, "nothing-to-rehearse", Outcome.NOT_APPLICABLE)


def rehearse(facts: Facts, config: Config, now: datetime) -> Verdict:
    """Report what the first rule in shadow that fits would have changed; the section's own shadow covers its rules."""
    if config.triage.shadow_until is not None:
        return NOTHING
    for index, rule in enumerate(config.triage.rules):
        if rule.shadow_until is not None and patterns.is_found(rule.title, facts.issue.title):
            return _rehearsed(facts, config, now, index=index, until=rule.shadow_until)
    return NOTHING


def _rehearsed(facts: Facts, config: Config, now: datetime, *, index: int, until: str) -> Verdict:
    tried = _with_enforced(config, index)
    if find(facts, tried) == find(facts, config):
        return NOTHING
    return shadow(decide(facts, tried, now), f"{POLICY}.rules[{index}]", until)


def _with_enforced(config: Config, index: int) -> Config:
    """Return the settings with one rule taken out of shadow."""
    rules: list[Rule] = list(config.triage.rules)
    rules[index] = rules[index].model_copy(update={"shadow_until": None})
    triage = config.triage.model_copy(update={"rules": tuple(rules)})
    return config.model_copy(update={"triage": triage})
