"""The verdict of the coverage gate as what people are told: the data for the words, a check run and a comment."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from bot.model.coverage import CoverageRules
from bot.model.effects import Annotation, CheckRun
from bot.model.subjects import Subject
from bot.model.verdicts import Message, Outcome, Verdict
from bot.policies.coverage.facts import facts
from bot.policies.coverage.verdict import CoverageVerdict

POLICY = "coverage"

#: The name of the check run, as people see it and branch protection may require it.
CHECK = "reeve / coverage"

#: More marks on the lines of one change help nobody, and each fifty cost a request.
MAX_ANNOTATIONS = 250

_CONCLUSIONS: Mapping[Outcome, Literal["success", "failure"]] = {Outcome.PASS: "success", Outcome.FAIL: "failure"}


class Words(Protocol):
    """The sentences for people."""

    def headed(self, message: Message, language: str) -> tuple[str, str]:
        """Return a message as a title in plain text and a body in Markdown."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where the verdict is told: the pull request, the commit that it is for, and the language there."""

    subject: Subject
    head_sha: str
    language: str


def told(found: CoverageVerdict, rules: CoverageRules, place: Place, words: Words) -> Verdict:
    """Return the verdict with its check run, and the message for the one comment."""
    data = facts(found, rules)
    title, summary = words.headed(Message("coverage/check", data), place.language)
    check = CheckRun(
        place.subject,
        place.head_sha,
        CHECK,
        None if found.outcome is Outcome.PENDING else _CONCLUSIONS.get(found.outcome, "action_required"),
        title,
        summary,
        tuple(_annotations(found, place.language, words)),
    )
    message = None if found.outcome is Outcome.PASS else Message("coverage/comment", data)
    return Verdict(POLICY, found.reason, found.outcome, message, (check,), wake_at=found.wake_at)


def _annotations(found: CoverageVerdict, language: str, words: Words) -> Iterator[Annotation]:
    """Yield a mark for each range of uncovered lines, and for what contradicts the source."""
    level: Literal["warning", "failure"] = "failure" if found.outcome is Outcome.FAIL else "warning"
    marks = [(path, *span, "uncovered") for path, spans in found.figures.ranges.items() for span in spans]
    marks += [(each.path, each.line, each.line, each.odd.value) for each in found.contradictions]
    for path, first, last, kind in marks[:MAX_ANNOTATIONS]:
        message = Message("coverage/annotation", {"first": first, "last": last, "kind": kind})
        yield Annotation(path, first, last, words.headed(message, language)[0], level)
