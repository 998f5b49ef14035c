"""The verdict of the coverage gate as plain values: all that the words about it may use."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from bot.model.coverage import CoverageRules
from bot.policies.coverage.decision import reaches
from bot.policies.coverage.verdict import CoverageVerdict
from bot.reports.measured import Count

if TYPE_CHECKING:
    from bot.model.verdicts import Data

_MAX_FILES = 50
_MAX_RANGES = 25


def facts(found: CoverageVerdict, rules: CoverageRules) -> "dict[str, Data]":
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
        "expected": max(len(rules.parts), len(found.arrived), 1),
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
        "excluded_lines": tuple(_spans(_joined(lines)) for lines in excluded.values()),
        "excluded_total": sum(map(len, figures.newly_excluded.values())),
        "max_excluded": rules.max_excluded,
        **_listed("left_out", list(figures.left_out)),
        "left_out_statements": sum(figures.left_out.values()),
        **_listed("uncounted", figures.uncounted),
        **_listed("foreign", figures.foreign),
        **_listed("by_text", figures.by_text),
        **_listed("unparsed", figures.unparsed),
        **_listed("unnumbered", figures.unnumbered),
        **_listed("protected", found.protected),
        "unlisted_total": figures.unlisted.total,
    }


def percent(count: Count) -> str:
    """Return a percentage with two places, never rounded up: 79.996 is shown as 79.99."""
    if not count.total:
        return ""
    hundredths = 10_000 * count.covered // count.total
    return f"{hundredths // 100}.{hundredths % 100:02}"


def _count(name: str, count: Count, rules: CoverageRules) -> "dict[str, Data]":
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


def _listed(name: str, paths: Sequence[str]) -> "dict[str, Data]":
    return {name: tuple(paths[:_MAX_FILES]), f"{name}_total": len(paths)}


def _joined(lines: Sequence[int]) -> list[tuple[int, int]]:
    ranges: list[tuple[int, int]] = []
    for line in lines:
        if ranges and ranges[-1][1] == line - 1:
            ranges[-1] = (ranges[-1][0], line)
        else:
            ranges.append((line, line))
    return ranges


def _spans(ranges: Sequence[tuple[int, int]]) -> str:
    """Return ranges as people write them: `3-9, 12`."""
    shown = ", ".join(f"{first}-{last}" if last > first else str(first) for first, last in ranges[:_MAX_RANGES])
    return f"{shown}, …" if len(ranges) > _MAX_RANGES else shown


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
