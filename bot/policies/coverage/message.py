"""The verdict of the coverage gate as what people are told: the data for the words, a check run and a comment."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Protocol

from bot.model.coverage import CoverageRules
from bot.model.effects import Annotation, CheckRun
from bot.model.subjects import Subject
from bot.model.verdicts import Data, Message, Outcome, Verdict
from bot.policies.coverage.decision import reaches
from bot.policies.coverage.verdict import CoverageVerdict
from bot.reports.measured import Count

POLICY = "coverage"

#: The name of the check run, as people see it and branch protection may require it.
CHECK = "reeve / coverage"

#: More marks on the lines of one change help nobody, and each fifty cost a request.
MAX_ANNOTATIONS = 250
_MAX_FILES = 50
_MAX_RANGES = 25

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


def facts(found: CoverageVerdict, rules: CoverageRules) -> dict[str, Data]:
    """Return everything that the words may use, as plain values; each list goes with a number of what it leaves out."""
    figures = found.figures
    shown = dict(list(figures.ranges.items())[:_MAX_FILES])
    excluded = dict(list(figures.newly_excluded.items())[:_MAX_FILES])
    odd = found.contradictions[:_MAX_FILES]
    return {
        "reason": found.reason.value,
        "outcome": found.outcome.value,
        "trust": found.trust.value,
        "minimum": _plain(rules.minimum),
        "is_branch": rules.branch,
        "project_rule": rules.project,
        "lacks_tests": found.lacks_tests,
        **_count("patch", figures.patch, rules),
        **_count("project", figures.project, rules),
        **_count("base", found.base or Count(), rules),
        "base_needed": _lacking_to_base(figures.project, found.base),
        "arrived": len(found.arrived),
        "expected": max(len(rules.parts), len(found.arrived)),
        "missing": found.missing[:_MAX_FILES],
        "refused_parts": tuple(each.part for each in found.refused),
        "refused_flaws": tuple(each.flaw for each in found.refused),
        "refused_details": tuple(each.detail for each in found.refused),
        "odd_places": tuple(f"{each.path}:{each.line}" for each in odd),
        "odd_kinds": tuple(each.odd.value for each in odd),
        "uncovered_paths": tuple(shown),
        "uncovered_lines": tuple(map(_spans, shown.values())),
        "uncovered_more": len(figures.ranges) - len(shown),
        "excluded_paths": tuple(excluded),
        "excluded_lines": tuple(_spans([(line, line) for line in lines]) for lines in excluded.values()),
        "excluded_total": sum(map(len, figures.newly_excluded.values())),
        "max_excluded": rules.max_excluded,
        **_listed("left_out", list(figures.left_out)),
        "left_out_statements": sum(figures.left_out.values()),
        **_listed("uncounted", figures.uncounted),
        **_listed("foreign", figures.foreign),
        **_listed("by_text", figures.by_text),
        **_listed("unparsed", figures.unparsed),
        **_listed("protected", found.protected),
        "unlisted_total": figures.unlisted.total,
    }


def percent(count: Count) -> str:
    """Return a percentage with two places, never rounded up: 79.996 is shown as 79.99."""
    if not count.total:
        return ""
    hundredths = 10_000 * count.covered // count.total
    return f"{hundredths // 100}.{hundredths % 100:02}"


def _count(name: str, count: Count, rules: CoverageRules) -> dict[str, Data]:
    """Return a figure with its numerator and denominator, and how many more would have to be covered."""
    numerator, denominator = rules.minimum.as_integer_ratio()
    needed = -(-numerator * count.total // (100 * denominator)) - count.covered
    return {
        f"{name}_covered": count.covered,
        f"{name}_total": count.total,
        f"{name}_missed": count.missed,
        f"{name}_percent": percent(count),
        f"{name}_needed": max(needed, 0),
        f"{name}_is_enough": reaches(count, rules),
    }


def _lacking_to_base(project: Count, base: Count | None) -> int:
    """Return how many more statements would have to be covered to be no lower than the merge base."""
    if base is None or not base.total:
        return 0
    return max(-(-base.covered * project.total // base.total) - project.covered, 0)


def _listed(name: str, paths: Sequence[str]) -> dict[str, Data]:
    return {name: tuple(paths[:_MAX_FILES]), f"{name}_total": len(paths)}


def _spans(ranges: Sequence[tuple[int, int]]) -> str:
    """Return ranges as people write them: `3-9, 12`."""
    shown = ", ".join(f"{first}-{last}" if last > first else str(first) for first, last in ranges[:_MAX_RANGES])
    return f"{shown}, …" if len(ranges) > _MAX_RANGES else shown


def _annotations(found: CoverageVerdict, language: str, words: Words) -> Iterator[Annotation]:
    """Yield a mark for each range of uncovered lines, and for what contradicts the source."""
    level: Literal["warning", "failure"] = "failure" if found.outcome is Outcome.FAIL else "warning"
    marks = [(path, *span, "uncovered") for path, spans in found.figures.ranges.items() for span in spans]
    marks += [(each.path, each.line, each.line, each.odd.value) for each in found.contradictions]
    for path, first, last, kind in marks[:MAX_ANNOTATIONS]:
        message = Message("coverage/annotation", {"first": first, "last": last, "kind": kind})
        yield Annotation(path, first, last, words.headed(message, language)[0], level)


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
