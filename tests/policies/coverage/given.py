"""Pull requests before the coverage gate, put together from little."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.model.coverage import CoverageRules
from bot.policies.coverage import Commits, CoverageEvidence, CoverageVerdict, Part, Statements
from bot.policies.coverage import decide as judge
from bot.reports.diff import Change, FileDiff
from bot.reports.measured import Branches, Count, CoverageReport, FileCoverage, pack, states

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HEAD, BASE, MERGE = "1" * 40, "2" * 40, "3" * 40


def numbers(text: str) -> list[int]:
    """Read lines as people write them: `1-3 7`."""
    found: list[int] = []
    for word in text.split():
        first, _, last = word.partition("-")
        found.extend(range(int(first), int(last or first) + 1))
    return found


def file(path: str, covered: str = "", missed: str = "", excluded: str = "", **more: Any) -> FileCoverage:
    """Return a file of a report by its lines."""
    lines = states(numbers(covered), numbers(missed), numbers(excluded), path=path)
    return FileCoverage(path, lines, **more)


def branch(line: int, taken: int, total: int = 2) -> bytes:
    """Return one line that branches, packed."""
    return pack([Branches(line, total, taken, None)])


def report(*files: FileCoverage, **more: Any) -> CoverageReport:
    """Return a report of these files."""
    return CoverageReport("LCOV", files, **more)


def part(*files: FileCoverage, name: str = "unit", sha: str = "", **more: Any) -> Part:
    """Return a part that arrived."""
    return Part(name, report(*files, **more), sha=sha)


def diff(path: str, added: str = "", *, text: str | None = None, **more: Any) -> FileDiff:
    """Return the change of a file by the numbers of its new lines."""
    lines = numbers(added)
    said = "".join(f"x = {line}\n" for line in lines) if text is None else text
    return FileDiff(
        path,
        more.pop("old_path", path),
        added=tuple((line, line) for line in lines),
        text=said.encode(),
        **more,
    )


def deleted(path: str) -> FileDiff:
    """Return a file that is gone."""
    return FileDiff(path, path, Change.DELETED, deleted=3)


def source(statements: str, excluded: str = "", newly: str = "", **more: Any) -> Statements:
    """Return what a source holds; every line of it has code on it."""
    held = {*numbers(statements), *numbers(excluded), *numbers(newly)}
    code = more.pop("code", frozenset(held))
    return Statements(
        frozenset(numbers(statements)),
        frozenset(numbers(excluded)),
        frozenset(numbers(newly)),
        frozenset(code),
        **more,
    )


#: A hundred statements of which so many are covered, in a file that no change touches.
def old(covered: int, total: int = 100) -> FileCoverage:
    """Return a file with so many of its statements covered."""
    return file("bot/old.py", f"1-{covered}" if covered else "", f"{covered + 1}-{total}" if covered < total else "")


def evidence(
    parts: Sequence[Part] = (), changed: Sequence[FileDiff] = (), sources: Mapping[str, Statements] = {}, **more: Any
) -> CoverageEvidence:
    """Return evidence that nothing is wrong with."""
    return CoverageEvidence(tuple(parts), tuple(changed), dict(sources), **more)


def decide(given: CoverageEvidence, now: datetime = NOW, **rules: Any) -> CoverageVerdict:
    """Ask the gate by these rules, and the defaults otherwise."""
    return judge(given, replace(CoverageRules(), **rules), now)


__all__ = ["Commits", "Count", "timedelta"]
