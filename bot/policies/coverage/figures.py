"""The figures of a change: what the project and the changed lines reach, which lines are missing, and what is odd."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bot.model.coverage import CoverageRules
from bot.model.globs import is_any
from bot.policies.coverage.evidence import CoverageEvidence
from bot.policies.coverage.placing import placed
from bot.reports.diff import FileDiff
from bot.reports.measured import COVERED, EXCLUDED, STATEMENT, Count, FileCoverage, unpack
from bot.reports.source import Statements

_NOTHING = Count()


@dataclass(frozen=True, slots=True)
class Figures:
    """What was counted. All lines are by path, in order.

    `ranges` are the uncovered lines joined, over new lines between them that are not counted. `left_out` are source
    files that no report mentions, with how many statements they add; `uncounted` those of which not even that is known.
    `foreign` are files of a report that the tested tree does not have. `by_text` are changed files whose lines were
    told by their text alone, `unparsed` those that this Python cannot parse, `unnumbered` those of which git counts
    fewer lines than Python does.
    """

    project: Count = _NOTHING
    patch: Count = _NOTHING
    uncovered: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    ranges: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    newly_excluded: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    uncounted: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    by_text: tuple[str, ...] = ()
    unparsed: tuple[str, ...] = ()
    unnumbered: tuple[str, ...] = ()
    unlisted: Count = _NOTHING
    files: Mapping[str, FileCoverage] = field(default_factory=dict)


def is_source(path: str, rules: CoverageRules) -> bool:
    """Say whether tests must reach this file."""
    return is_any(rules.source, path) and not is_any((*rules.tests, *rules.ignore), path)


def measure(evidence: CoverageEvidence, rules: CoverageRules) -> Figures:
    """Count everything that the evidence allows to count."""
    reported = {path: file for path, file in placed(evidence).items() if not is_any(rules.ignore, path)}
    files = {path: file for path, file in reported.items() if evidence.tree is None or path in evidence.tree}
    changed = [_changed(each, files.get(each.path), evidence, rules) for each in evidence.diff]
    left_out = {path: evidence.sources.get(path) for path in _left_out(files, evidence, rules)}
    counted = {path: len(known.statements) for path, known in left_out.items() if known and not known.problem}
    unlisted = max((part.report.unlisted for part in evidence.parts if part.report), key=_total, default=_NOTHING)
    return Figures(
        project=sum((_count(each, rules) for each in files.values()), unlisted) + Count(0, sum(counted.values())),
        patch=sum((each.count for each in changed), _NOTHING),
        uncovered={each.path: each.uncovered for each in changed if each.uncovered},
        ranges={each.path: tuple(each.ranges()) for each in changed if each.uncovered},
        newly_excluded={each.path: each.newly_excluded for each in changed if each.newly_excluded},
        left_out={path: number for path, number in sorted(counted.items()) if number},
        uncounted=tuple(sorted(left_out.keys() - counted.keys())),
        foreign=tuple(sorted(reported.keys() - files.keys())),
        by_text=tuple(each.path for each in changed if each.is_by_text),
        unparsed=tuple(sorted(path for path, known in evidence.sources.items() if known.problem)),
        unnumbered=tuple(sorted(_unnumbered(evidence.diff, files, rules))),
        unlisted=unlisted,
        files=files,
    )


def wanted(evidence: CoverageEvidence, rules: CoverageRules) -> list[str]:
    """Name the files whose statements the gate needs: the changed sources, and those that no report mentions."""
    files = placed(evidence)
    changed = {each.path for each in evidence.diff if each.added and each.is_file}
    named = {path for path in changed if path in files or is_source(path, rules)} | {*_left_out(files, evidence, rules)}
    return sorted(path for path in named if path.endswith(".py"))


@dataclass(frozen=True, slots=True)
class _Changed:
    """What one changed file adds to the figures."""

    path: str
    added: frozenset[int] = frozenset()
    covered: tuple[int, ...] = ()
    uncovered: tuple[int, ...] = ()
    newly_excluded: tuple[int, ...] = ()
    is_by_text: bool = False

    @property
    def count(self) -> Count:
        return Count(len(self.covered), len(self.covered) + len(self.uncovered))

    def ranges(self) -> Iterator[tuple[int, int]]:
        """Join uncovered lines that only new lines without a statement of their own lie between."""
        between = self.added - set(self.covered)
        first = last = self.uncovered[0]
        for line in self.uncovered[1:]:
            if not between.issuperset(range(last, line)):
                yield first, last
                first = line
            last = line
        yield first, last


def _changed(diff: FileDiff, file: FileCoverage | None, evidence: CoverageEvidence, rules: CoverageRules) -> _Changed:
    """Judge the new lines of one file. No report can be of lines that no Python would run: they are uncovered."""
    if not diff.added or not diff.is_file or is_any(rules.ignore, diff.path):
        return _Changed(diff.path)
    known = evidence.sources.get(diff.path)
    known = None if known is None or known.problem else known
    added = frozenset(diff.lines)
    is_text = not any(b"\0" in text for text in diff.new_lines.values())
    if file is not None and is_text:
        return _measured(diff.path, added, file, known, rules)
    if file is None and not is_source(diff.path, rules):
        return _Changed(diff.path)
    if known is None:
        return _Changed(diff.path, added, uncovered=tuple(_by_text(diff)), is_by_text=True)
    excluded = tuple(sorted(known.newly_excluded))
    return _Changed(diff.path, added, uncovered=tuple(sorted(added & known.statements)), newly_excluded=excluded)


def _measured(
    path: str, added: frozenset[int], file: FileCoverage, known: Statements | None, rules: CoverageRules
) -> _Changed:
    """Judge the new lines of a file that a report mentions; a statement that it does not mention is uncovered."""
    states = {line: file.lines[line] for line in added if line < len(file.lines)}
    counted = {line for line, state in states.items() if state & STATEMENT and not state & EXCLUDED}
    if known and file.surplus:  # what an old coverage.py lists beyond the statements, docstrings mostly
        counted -= {line for line in counted - known.statements - known.excluded if states[line] == COVERED}
    excluded = {line for line, state in states.items() if state & EXCLUDED}
    covered = {line for line in counted if states[line] == COVERED}
    if rules.branch:
        covered -= _partial(file)
    statements = counted | ((added & known.statements) - excluded if known else frozenset())
    newly = (excluded & known.statements) | known.newly_excluded if known else excluded
    return _Changed(path, added, tuple(sorted(covered)), tuple(sorted(statements - covered)), tuple(sorted(newly)))


def _by_text(diff: FileDiff) -> Iterator[int]:
    """Yield the new lines that are neither blank nor a comment, where nothing more is known of a file."""
    for line, text in diff.new_lines.items():
        if text.strip() and not text.lstrip().startswith((b"#", b"//")):
            yield line


def _count(file: FileCoverage, rules: CoverageRules) -> Count:
    if not rules.branch:
        return file.count
    partial = sum(file.lines[line] == COVERED for line in _partial(file) if line < len(file.lines))
    return file.count - Count(partial, 0)


def _partial(file: FileCoverage) -> set[int]:
    """Return the lines from which some branch was never taken."""
    return {line for line, each in unpack(file.branches).items() if each.taken < each.total}


def _left_out(files: Iterable[str], evidence: CoverageEvidence, rules: CoverageRules) -> Iterator[str]:
    """Yield the Python sources of the tested tree that no report mentions; nothing where the tree is not known."""
    mentioned = set(files)
    for path in evidence.tree or ():
        if path.endswith(".py") and path not in mentioned and is_source(path, rules):
            yield path


def _unnumbered(diff: Iterable[FileDiff], files: Mapping[str, FileCoverage], rules: CoverageRules) -> Iterator[str]:
    """Yield the changed sources with lines that a carriage return ends by itself: to git they are one line."""
    for each in diff:
        is_counted = each.path in files or is_source(each.path, rules)
        if each.is_file and is_counted and b"\0" not in each.text and each.has_lone_returns:
            yield each.path


def _total(count: Count) -> int:
    return count.total
