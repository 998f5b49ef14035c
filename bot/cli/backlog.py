"""What `reeve triage` makes of one issue of a backlog: the service's own code, without GitHub and database."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.classifier.corpus import BadLine, Row, read
from bot.config import Config
from bot.model.facts import Facts, Issue
from bot.model.kinds import Kind
from bot.model.scores import Opinion
from bot.model.subjects import Repository, Subject
from bot.policies import language
from bot.policies.triage.evidence import find
from bot.policies.triage.finding import Finding
from bot.policies.triage.thin import missing
from bot.sorting import Sorter

#: What decided without asking the words: nobody can be surer.
_CERTAIN = frozenset({"person-label", "configured-rule"})

#: What editors on Windows write before everything else.
_MARK = b"\xef\xbb\xbf"

_NOWHERE = Repository(0, "local/backlog", 0)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sorted:
    """An issue of a backlog, sorted."""

    row: Row
    finding: Finding
    opinion: Opinion
    language: str
    missing: tuple[str, ...]

    @property
    def confidence(self) -> float:
        """How sure it is of the kind, or of the likeliest guess where there is none."""
        scores = self.opinion.scores
        if self.finding.rule in _CERTAIN:
            return 1.0
        return scores.of(self.finding.kind) if self.finding.kind else scores.confidence

    def as_data(self) -> dict[str, Any]:
        """Return it as it is printed, one JSON object a line."""
        scores, finding = self.opinion.scores, self.finding
        likeliest = finding.kind or scores.best
        return {
            "id": self.row.id,
            "kind": finding.kind.value if finding.kind else None,
            "confidence": round(self.confidence, 4),
            "language": self.language,
            "reasons": list(finding.evidence or scores.reasons),
            "rule": finding.rule,
            "guess": likeliest.value if likeliest else "question",
            "scores": {
                **{kind.value: round(scores.of(kind), 4) for kind in Kind},
                "question": round(scores.question, 4),
            },
            "missing": list(self.missing),
        }


def sort(lines: Iterable[str | bytes], sorter: Sorter, config: Config) -> Iterator[Sorted | BadLine]:
    """Yield each line as it is sorted, or what is wrong with it."""
    unreadable: set[int] = set()
    for number, row in read(_decoded(lines, unreadable)):
        if isinstance(row, BadLine):
            yield BadLine(number, "is not text in UTF-8") if number in unreadable else row
        else:
            yield _sorted(row, number, sorter, config)


def _decoded(lines: Iterable[str | bytes], unreadable: set[int]) -> Iterator[str]:
    """Decode line by line, so that a bad byte spoils one issue: such a line is no JSON, and its number is noted."""
    for number, line in enumerate(lines, start=1):
        if isinstance(line, str):
            yield line
            continue
        try:
            yield line.removeprefix(_MARK if number == 1 else b"").decode()
        except UnicodeDecodeError:
            unreadable.add(number)
            yield line.decode(errors="surrogateescape")


def _sorted(row: Row, number: int, sorter: Sorter, config: Config) -> Sorted:
    issue = Issue(
        subject=Subject(0, number),
        title=row.title,
        body=row.body or "",
        author=None,
        labels=frozenset(row.labels),
        type=None,
        is_open=True,
        comments=0,
        created_at=_LONG_AGO,
        updated_at=_LONG_AGO,
    )
    opinion = sorter.opinion(_NOWHERE, issue)
    facts = Facts(_NOWHERE, issue, opinion=opinion)
    finding = find(facts, config)
    return Sorted(row, finding, opinion, language.detect(row.title, row.body or ""), missing(facts, finding, config))
