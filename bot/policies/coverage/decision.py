"""The coverage gate: whether the project and the changed lines are covered, and the figures can be believed.

Whatever is missing, late, unreadable or odd is not a pass. The first of these that has something to say decides: can
the change matter at all, did everything arrive, can it be believed, is it enough, does somebody have to look.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.model.coverage import CoverageRules
from bot.model.globs import is_any
from bot.model.trust import Trust
from bot.policies.coverage.contradictions import Contradiction, contradictions
from bot.policies.coverage.evidence import CoverageEvidence
from bot.policies.coverage.figures import Figures, is_source, measure
from bot.policies.coverage.verdict import CoverageVerdict, Reason, Refusal
from bot.reports.diff import FileDiff
from bot.reports.measured import Count


def decide(evidence: CoverageEvidence, rules: CoverageRules, now: datetime) -> CoverageVerdict:
    """Return the verdict on this evidence, by these rules, at this moment."""
    case = _Case(_expected_only(evidence, rules), rules, now)
    steps: tuple[Callable[[], Reason | None], ...] = (
        case.cannot_be_numbered,
        case.cannot_matter,
        case.has_not_arrived,
        case.cannot_be_read,
        case.cannot_be_believed,
        case.is_too_little,
        case.needs_a_person,
    )
    found = (reason for step in steps if (reason := step()))
    return case.verdict(next(found, Reason.COVERED))


def reaches(count: Count, rules: CoverageRules) -> bool:
    """Say whether a figure reaches the minimum, exactly: 79.996 % does not reach 80 %. Of nothing, nothing is asked."""
    numerator, denominator = rules.minimum.as_integer_ratio()
    return 100 * denominator * count.covered >= numerator * count.total


def _expected_only(evidence: CoverageEvidence, rules: CoverageRules) -> CoverageEvidence:
    """Leave out parts that nobody asked for, where the policy names the parts."""
    if not rules.parts:
        return evidence
    return replace(evidence, parts=tuple(part for part in evidence.parts if part.name in rules.parts))


@dataclass(frozen=True, slots=True)
class _Known:
    """What follows from the evidence, worked out once."""

    figures: Figures
    contradictions: tuple[Contradiction, ...]
    missing: tuple[str, ...]
    protected: tuple[str, ...]
    lacks_tests: bool


class _Case:
    """One change before the gate. Each question is answered with a reason, or with None: go on."""

    def __init__(self, evidence: CoverageEvidence, rules: CoverageRules, now: datetime) -> None:
        self._evidence, self._rules, self._now = evidence, rules, now
        figures = measure(evidence, rules)
        arrived = {part.name for part in evidence.parts}
        self._known = _Known(
            figures,
            contradictions(figures.files, evidence.sources),
            tuple(name for name in rules.parts if name not in arrived),
            protected(evidence.diff, rules),
            _lacks_tests(evidence.diff, rules),
        )

    def verdict(self, reason: Reason) -> CoverageVerdict:
        """Return the verdict with this reason."""
        evidence = self._evidence
        refused = (Refusal(part.name, part.flaw, part.problem) for part in evidence.parts if part.report is None)
        return CoverageVerdict(
            reason,
            self._known.figures,
            evidence.trust,
            tuple(part.name for part in evidence.parts),
            self._known.missing,
            tuple(refused),
            self._known.contradictions,
            self._known.protected,
            self._known.lacks_tests,
            evidence.base,
            self._deadline if reason is Reason.WAITING else None,
        )

    def cannot_be_numbered(self) -> Reason | None:
        """Refuse a source whose lines git and its language count differently: no figure would be of its lines."""
        return Reason.LINE_ENDS if self._known.figures.unnumbered else None

    def cannot_matter(self) -> Reason | None:
        """Pass a change that has no executable line, and touches no test and nothing that could bend the figures."""
        diff = self._evidence.diff
        is_idle = diff and all(self._is_idle(each) for each in diff)
        return Reason.NOTHING_EXECUTABLE if is_idle and not self._needs_acknowledgement else None

    def has_not_arrived(self) -> Reason | None:
        """Wait for parts, but not for ever."""
        parts = self._evidence.parts
        if parts and not self._known.missing:
            return None
        if not self._evidence.is_ci_finished and self._now < self._deadline:
            return Reason.WAITING
        return Reason.PARTS_MISSING if parts else Reason.NO_REPORT

    def cannot_be_read(self) -> Reason | None:
        """Refuse what is no report, is of another commit, or lacks what the policy asks for."""
        commits, parts = self._evidence.commits, self._evidence.parts
        reports = [part.report for part in parts if part.report]
        if len(reports) < len(parts):
            return Reason.UNREADABLE
        if not commits.agree or any(part.sha != commits.tested for part in parts):
            return Reason.OTHER_COMMIT
        return Reason.NO_BRANCHES if self._rules.branch and not all(each.has_branches for each in reports) else None

    def cannot_be_believed(self) -> Reason | None:
        """Refuse what contradicts its source or its tree, and what cannot be counted."""
        figures, is_tree_known = self._known.figures, self._evidence.tree is not None
        if self._known.contradictions:
            return Reason.CONTRADICTION
        if not figures.files or not figures.project.total:
            return Reason.FOREIGN
        if is_tree_known and figures.unlisted.total:
            return Reason.UNLISTED
        return Reason.UNCOUNTED if figures.uncounted else None

    def is_too_little(self) -> Reason | None:
        """Fail what does not reach the minimum."""
        if not reaches(self._known.figures.patch, self._rules):
            return Reason.NO_TESTS if self._known.lacks_tests else Reason.CHANGED_LINES
        if self._rules.project != "ratchet" and not reaches(self._known.figures.project, self._rules):
            return Reason.PROJECT
        return self._is_lower() if self._rules.project != "minimum" else None

    def needs_a_person(self) -> Reason | None:
        """Ask a maintainer where the figures are good but the way to them is to be looked at."""
        excluded = sum(map(len, self._known.figures.newly_excluded.values()))
        if self._needs_acknowledgement:
            return Reason.PROTECTED
        if excluded > self._rules.max_excluded and not self._evidence.acknowledged:
            return Reason.EXCLUDED
        return None if self._known.figures.patch.total else Reason.NOTHING_EXECUTABLE

    def _is_lower(self) -> Reason | None:
        """Compare with the merge base, exactly."""
        base, project = self._evidence.base, self._known.figures.project
        if base is None:
            return Reason.NO_BASE
        return Reason.RATCHET if project.covered * base.total < base.covered * project.total else None

    def _is_idle(self, diff: FileDiff) -> bool:
        """Say whether what changed in this file cannot be executed, and was not a test."""
        if is_any(self._rules.tests, diff.path) or is_any(self._rules.tests, diff.old_path):
            return False
        is_measured = diff.path in self._known.figures.files
        if not diff.added or not (is_measured or is_source(diff.path, self._rules)):
            return True
        known = self._evidence.sources.get(diff.path)
        if known is None or known.problem or known.newly_excluded:
            return False
        return known.statements.isdisjoint(diff.lines)

    @property
    def _needs_acknowledgement(self) -> bool:
        """Whether a maintainer has to look first. Locally nobody could."""
        return bool(self._known.protected) and not self._evidence.acknowledged and self._evidence.trust != Trust.LOCAL

    @property
    def _deadline(self) -> datetime:
        return self._evidence.since + self._rules.deadline


def protected(diff: tuple[FileDiff, ...], rules: CoverageRules) -> tuple[str, ...]:
    """Name the changed paths that could bend the figures."""
    paths = {path for each in diff for path in (each.path, each.old_path)}
    return tuple(sorted(path for path in paths if is_any(rules.protected, path)))


def _lacks_tests(diff: tuple[FileDiff, ...], rules: CoverageRules) -> bool:
    """Say whether source was changed, and no test was added to."""
    is_source_changed = any(each.added and is_source(each.path, rules) for each in diff)
    return is_source_changed and not any(each.added and is_any(rules.tests, each.path) for each in diff)
