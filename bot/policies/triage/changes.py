"""From what an issue is to what should change on it, and what Reeve will remember of that."""

from dataclasses import replace

from bot.config import Config
from bot.model.effects import SetLabels
from bot.model.facts import Facts, Memory
from bot.policies.triage.finding import Finding
from bot.policies.triage.vocabulary import kind_of_label, kind_of_name, same


def changes(finding: Finding, facts: Facts, config: Config) -> tuple[SetLabels | None, Memory | None]:
    """Return the one effect that makes the finding true and the memory of it; None where nothing changes."""
    if finding.is_final:
        return None, None
    add, remove = _added(finding, facts), _removed(finding, facts, config)
    type_ = _type(finding, facts)
    memory = _memory(finding, facts, config, add=add, type_=type_)
    if not add and not remove and type_ is None:
        return None, memory
    effect = SetLabels(
        facts.issue.subject,
        add=add or _awaited_label(finding, facts),
        remove=remove,
        type=type_ or _awaited_type(finding, facts),
        current=tuple(sorted(facts.issue.labels)),
    )
    return effect, memory


def _added(finding: Finding, facts: Facts) -> tuple[str, ...]:
    wanted = finding.label
    is_there = _is_on(wanted, facts) or same(wanted, facts.memory.label)
    return () if wanted is None or is_there else (wanted,)


def _awaited_label(finding: Finding, facts: Facts) -> tuple[str, ...]:
    """Return the wanted label whose write is on the way: a new effect takes that one's place, so it says it again."""
    wanted = finding.label
    is_awaited = same(wanted, facts.memory.label) and not facts.memory.is_applied and not _is_on(wanted, facts)
    return (wanted,) if wanted and is_awaited else ()


def _awaited_type(finding: Finding, facts: Facts) -> str | None:
    """Return the wanted type whose write is on the way."""
    is_awaited = not facts.memory.is_applied and facts.issue.type is None
    return facts.memory.type if is_awaited and same(_type_for(finding, facts), facts.memory.type) else None


def _is_on(label: str | None, facts: Facts) -> bool:
    return any(same(label, each) for each in facts.issue.labels)


def _removed(finding: Finding, facts: Facts, config: Config) -> tuple[str, ...]:
    """Name Reeve's own label where it is no longer right, and the call for triage once a person has answered it."""
    unwanted = {
        label
        for label in facts.issue.labels
        if (same(label, facts.memory.label) and _is_stale(finding, facts, config))
        or (finding.kind and finding.is_by_person and same(label, config.labels.needs_triage))
    }
    if facts.memory.label and not facts.memory.is_applied and _is_stale(finding, facts, config):
        on_issue = (label for label in facts.issue.labels if same(label, facts.memory.label))
        unwanted.add(next(on_issue, facts.memory.label))  # its write may be on the way
    return tuple(sorted(unwanted))


def _is_stale(finding: Finding, facts: Facts, config: Config) -> bool:
    """Say whether Reeve's own label is not the one wanted, nor one that agrees with a person's."""
    own = facts.memory.label
    if own is None or same(own, finding.label):
        return False
    if finding.label is not None or finding.kind is None or kind_of_label(own, config) is not finding.kind:
        return True
    return not facts.memory.is_applied and not _is_on(own, facts)  # a person was quicker to say the same


def _type(finding: Finding, facts: Facts) -> str | None:
    """Return the organisation's issue type for this kind, unless a person chose or removed one."""
    issue, memory = facts.issue, facts.memory
    is_a_persons = issue.type is not None and not same(issue.type, memory.type)
    wanted = None if is_a_persons or _is_type_removed(facts) else _type_for(finding, facts)
    return None if same(wanted, issue.type) or same(wanted, memory.type) else wanted


def _is_type_removed(facts: Facts) -> bool:
    return facts.memory.type is not None and facts.memory.is_applied and facts.issue.type is None


def _type_for(finding: Finding, facts: Facts) -> str | None:
    return next((each for each in facts.issue_types if finding.kind and kind_of_name(each) is finding.kind), None)


def _memory(
    finding: Finding, facts: Facts, config: Config, *, add: tuple[str, ...], type_: str | None
) -> Memory | None:
    before = facts.memory
    label = add[0] if add else before.label
    # A label that a person has overruled stays remembered, so that it is not set anew when theirs goes; one that was
    # never written, or that gave way to another finding of Reeve's own, is forgotten.
    if not add and _is_stale(finding, facts, config) and (finding.label is not None or not before.is_applied):
        label = None
    # A type that a person took off counts as set, whatever the kind is now: it must not come back with a new label.
    withheld = _type_for(finding, facts) if _is_type_removed(facts) else None
    after = replace(
        before,
        label=label,
        type=type_ or withheld or before.type,
        is_applied=before.is_applied and label == before.label,
    )
    return None if after == before else after
