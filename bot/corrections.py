"""What people said of issues that Reeve had sorted, or left to them: the log knows which, GitHub what they are now."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from bot import policyfile
from bot.classifier.corpus import Example
from bot.config import Config
from bot.model.errors import Gone, Refused
from bot.model.subjects import Repository, Subject
from bot.policies.triage.history import spoken
from bot.store import audit
from bot.wiring import Parts

#: The rules by which a person has said the kind.
_BY_PERSON = frozenset({"person-label", "person-type"})

#: The rules that decide nothing of the kind.
_SILENT = frozenset({"closed", "nothing-to-rehearse", "other-type", "contradicting-labels", "removed-by-person"})


@dataclass(frozen=True, slots=True)
class Correction:
    """An issue as an example to learn from, its number, and by which rule Reeve had sorted it before."""

    number: int
    example: Example
    rule: str


def corrections(parts: Parts, wanted: str | None = None) -> Iterator[Correction]:
    """Yield what people said after Reeve had its say, of one repository or of all; the texts are read from GitHub."""
    for subject, rule in _spoken_after(parts).items():
        repository = parts.database.memory.repository(subject.repository_id)
        if repository is not None and wanted in {None, repository.full_name}:
            yield from _read(parts, repository, subject, rule)


def _spoken_after(parts: Parts) -> dict[Subject, str]:
    """Return the issues whose kind a person said last, with the rule by which Reeve had sorted them before that."""
    before: dict[Subject, str] = {}
    spoken_of: set[Subject] = set()
    for entry in audit.entries(parts.database.engine):
        facts = json.loads(entry.entry)
        for verdict in facts.get("verdicts", ()):
            if verdict["policy"] != "triage" or verdict["rule"] in _SILENT:
                continue
            subject = Subject.parse(facts["subject"])
            if verdict["rule"] in _BY_PERSON:
                spoken_of.add(subject)
            else:
                before[subject] = verdict["rule"]
                spoken_of.discard(subject)
    return {subject: before[subject] for subject in sorted(spoken_of & before.keys(), key=_place)}


def _place(subject: Subject) -> tuple[int, int]:
    return subject.repository_id, subject.number


def _read(parts: Parts, repository: Repository, subject: Subject, rule: str) -> Iterator[Correction]:
    """Read the issue as it is now; one that is gone, or of two kinds by now, teaches nothing."""
    forge, now = parts.github.installation(repository.installation_id), parts.clock()
    try:
        issue = forge.issue(repository, subject.number)
        config = policyfile.Reader(forge, parts.road.store, parts.road.words, repository, now).in_force() or Config()
    except (Gone, Refused):
        return
    own = parts.database.triage.own_labels(repository).get(subject.number)
    if label := spoken(issue, own, config):
        created = issue.created_at.isoformat()
        yield Correction(subject.number, Example(issue.title, issue.body, label, repository.full_name, created), rule)
