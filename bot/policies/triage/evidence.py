"""What an issue is, and how we know: the first of these that says anything decides.

A person's mark (native type or label), the repository's own rules, the form that was used, documentation named in the
title, the title's prefix, the classifier's opinion, and what Reeve decided before. Contradictions are never resolved
by guessing.
"""

from bot.config import Config, patterns
from bot.model.facts import Facts
from bot.model.kinds import Kind
from bot.policies.triage import forms, opinions, titles
from bot.policies.triage.finding import Finding
from bot.policies.triage.vocabulary import kind_of_label, kind_of_name, same


def find(facts: Facts, config: Config) -> Finding:
    """Return what the issue is; a final finding asks for no change at all."""
    return (
        _by_person(facts, config)
        or _removed_by_person(facts)
        or _by_rule(facts, config)
        or opinions.doubted(_by_form(facts, config), facts, config)
        or opinions.by_documentation(facts, config)
        or opinions.doubted(_by_title(facts, config), facts, config)
        or opinions.by_words(facts, config)
        or _as_before(facts, config)
        or opinions.suggested(facts, config)
        or Finding("no-evidence", label=config.labels.needs_triage)
    )


def _by_person(facts: Facts, config: Config) -> Finding | None:
    labels = {label: kind for label in sorted(facts.issue.labels) if (kind := _mark(label, facts, config))}
    type_ = None if same(facts.issue.type, facts.memory.type) else facts.issue.type
    type_kind = kind_of_name(type_) if type_ else None
    kinds = set(labels.values()) | ({type_kind} if type_kind else set())
    evidence = (*labels, *((type_,) if type_kind and type_ else ()))
    if len(kinds) > 1:
        return Finding("contradicting-labels", evidence=evidence, is_by_person=True, is_final=True)
    for kind in labels.values():
        return Finding("person-label", kind, evidence, is_by_person=True)
    if type_kind:
        return Finding("person-type", type_kind, evidence, config.labels.of(type_kind), is_by_person=True)
    # Another type, such as Task: somebody has sorted the issue already, into none of the three.
    return Finding("other-type", evidence=(type_,), is_by_person=True) if type_ else None


def _mark(label: str, facts: Facts, config: Config) -> Kind | None:
    """Return the kind of a label that Reeve did not set itself."""
    return None if same(label, facts.memory.label) else kind_of_label(label, config)


def _removed_by_person(facts: Facts) -> Finding | None:
    """Reeve never fights: a label of its own that was written and is gone is not written again."""
    label = facts.memory.label
    if label is None or not facts.memory.is_applied or any(same(label, each) for each in facts.issue.labels):
        return None
    return Finding("removed-by-person", evidence=(label,), is_by_person=True, is_final=True)


def _by_rule(facts: Facts, config: Config) -> Finding | None:
    for rule in config.triage.rules:
        if rule.shadow_until is None and patterns.is_found(rule.title, facts.issue.title):
            kind = kind_of_label(rule.label, config)
            return Finding("configured-rule", kind, (rule.title,), config.labels.of(kind) if kind else rule.label)
    return None


def _by_form(facts: Facts, config: Config) -> Finding | None:
    if form := forms.recognise(facts.issue.body):
        kind, headings = form
        return Finding("issue-form", kind, headings, config.labels.of(kind))
    return None


def _by_title(facts: Facts, config: Config) -> Finding | None:
    prefix = titles.read(facts.issue.title)
    evidence = (prefix.evidence,)
    if len(prefix.kinds) + prefix.is_question > 1:
        return Finding("contradicting-title", evidence=evidence, label=config.labels.needs_triage)
    if prefix.is_question:
        return Finding("question", evidence=evidence, label=config.labels.needs_triage)
    for kind in prefix.kinds:
        return Finding("title-prefix", kind, evidence, config.labels.of(kind))
    return None


def _as_before(facts: Facts, config: Config) -> Finding | None:
    """Keep an earlier decision whose evidence is gone: titles are often tidied once the label is there."""
    label = facts.memory.label
    kind = kind_of_label(label, config) if label else None
    if label is None or kind is None:
        return None
    return Finding("earlier-decision", kind, (label,), config.labels.of(kind))
