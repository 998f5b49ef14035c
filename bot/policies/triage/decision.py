"""The triage verdict: the finding, what should change for it, and what to say."""

from dataclasses import replace
from datetime import datetime

from bot.config import Config
from bot.model.effects import SetLabels
from bot.model.facts import Facts
from bot.model.kinds import Kind
from bot.model.verdicts import Data, Message, Outcome, Verdict
from bot.policies.triage.changes import changes
from bot.policies.triage.evidence import find
from bot.policies.triage.finding import Finding
from bot.policies.triage.thin import is_to_ask, missing

POLICY = "triage"


def decide(facts: Facts, config: Config, _: datetime) -> Verdict:
    """Sort an issue by a person's mark, by what it says outright or by its words; otherwise ask a person."""
    if not facts.issue.is_open:
        return Verdict(POLICY, "closed", Outcome.NOT_APPLICABLE)
    finding = find(facts, config)
    effect, memory = changes(finding, facts, config)
    asked = missing(facts, finding, config)
    if is_to_ask(facts, asked, config):
        effect = _asking(effect, facts, config)
    return Verdict(
        POLICY,
        finding.rule,
        _outcome(finding),
        message=_message(finding, asked, facts, config),
        effects=(effect,) if effect else (),
        remember=memory,
    )


def _outcome(finding: Finding) -> Outcome:
    if finding.kind:
        return Outcome.PASS
    return Outcome.NOT_APPLICABLE if finding.rule == "other-type" else Outcome.UNKNOWN


def _asking(effect: SetLabels | None, facts: Facts, config: Config) -> SetLabels:
    """Return the change of labels that also asks the author for more: one request for both."""
    effect = effect or SetLabels(facts.issue.subject, current=tuple(sorted(facts.issue.labels)))
    return replace(effect, add=(*effect.add, config.labels.needs_info))


def _message(finding: Finding, asked: tuple[str, ...], facts: Facts, config: Config) -> Message | None:
    common: dict[str, Data] = {
        "rule": finding.rule,
        "evidence": finding.evidence,
        "choices": tuple(config.labels.of(kind) for kind in Kind),
        "welcome": config.messages.welcome,
    }
    read: dict[str, Data] = {
        "confidence": finding.confidence,
        "missing": asked,
        "similar": _similar(facts, config),
    }
    if finding.kind:
        return Message("triage/decided", common | read | _decision(finding, finding.kind, facts))
    match finding.rule:
        case "other-type":
            return None
        case "removed-by-person":
            return Message("triage/removed", common)
        case "contradicting-labels":
            return Message("triage/contradicting", common)
        case _:
            suggestion = finding.suggestion.value if finding.suggestion else None
            return Message("triage/unclear", common | read | {"label": finding.label, "suggestion": suggestion})


def _decision(finding: Finding, kind: Kind, facts: Facts) -> dict[str, Data]:
    return {
        "kind": kind.value,
        "label": finding.label or finding.evidence[0],
        "actor": facts.sender.login if finding.is_by_person and facts.sender and not facts.sender.is_bot else None,
    }


def _similar(facts: Facts, config: Config) -> tuple[str, ...]:
    """Return the issues that read alike, each as its number and its likeness in percent: `12=87`."""
    if facts.opinion is None or not config.triage.duplicates:
        return ()
    return tuple(f"{each.number}={each.likeness}" for each in facts.opinion.similar)
