"""coverage.py's JSON report, formats 1 to 3: the only one that says which lines are excluded.

The format: https://coverage.readthedocs.io/en/latest/commands/cmd_json.html . Regions (format 3) repeat every line
twice more and are passed over.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, TypeVar

import msgspec

from bot.reports.json_stream import JsonStream, Value
from bot.reports.measured import (
    MAX_LINE,
    BadReport,
    Branches,
    Count,
    CoverageReport,
    FileCoverage,
    Flaw,
    gathered,
    pack,
    repository_path,
    states,
)

_FORMATS = (1, 2, 3)

# A percentage that was rounded to two places differs by at most half of this.
_TOLERANCE = 0.01

_NOT_FINITE = re.compile(rb"[:,\[]\s*-?(?:NaN|Infinity)")

Decoded = TypeVar("Decoded")
_Line = Annotated[int, msgspec.Meta(ge=0)]


class _Meta(msgspec.Struct):
    format: int = 1  # the first one has no number
    version: str = ""
    branch_coverage: bool = False


class _Summary(msgspec.Struct):
    covered_lines: int
    num_statements: int
    missing_lines: int
    excluded_lines: int = 0
    percent_covered: float | msgspec.UnsetType = msgspec.UNSET
    percent_statements_covered: float | msgspec.UnsetType = msgspec.UNSET
    percent_branches_covered: float | msgspec.UnsetType = msgspec.UNSET
    num_branches: int = 0
    num_partial_branches: int = 0
    covered_branches: int = 0
    missing_branches: int = 0


class _Entry(msgspec.Struct):
    summary: msgspec.Raw
    executed_lines: list[_Line]
    missing_lines: list[_Line]
    excluded_lines: list[_Line] = []
    executed_branches: list[tuple[int, int]] = []
    missing_branches: list[tuple[int, int]] = []


_META = msgspec.json.Decoder(_Meta)
_SUMMARY = msgspec.json.Decoder(_Summary)
_ENTRY = msgspec.json.Decoder(_Entry)


def parse(chunks: Iterable[bytes], *, branches: bool) -> CoverageReport:
    """Return the report; raise `BadReport` where it is none, or contradicts itself."""
    stream = JsonStream(chunks)
    reader = _Reader(has_branches=branches)
    seen = set()
    for name in stream.members():
        seen.add(name)
        reader.take(name, stream)
    stream.end()
    if missing := {"meta", "files", "totals"} - seen:
        raise BadReport(Flaw.MALFORMED, f"{', '.join(sorted(missing))} is missing")
    return reader.report()


class _Reader:
    """Collects the three members of a report, in whichever order they come."""

    def __init__(self, *, has_branches: bool) -> None:
        self._wants_branches = has_branches
        self._meta = _Meta()
        self._files: tuple[FileCoverage, ...] = ()
        self._totals = Count()
        self._listed = Count()

    def take(self, name: str, stream: JsonStream) -> None:
        """Read the member of this name."""
        match name:
            case "meta":
                self._meta = _decoded(stream.value(), _META, "meta")
                if self._meta.format not in _FORMATS:
                    raise BadReport(Flaw.UNKNOWN_FORMAT, f"meta.format is {self._meta.format}, not 1, 2 or 3")
            case "files":
                self._files = gathered(self._entries(stream))
            case "totals":
                value = stream.value()
                self._totals = _count(_summary(value.text, value.keys, "totals"))
            case _:
                stream.value()

    def report(self) -> CoverageReport:
        """Return what was read, if its totals can be those of its files."""
        listed, totals = self._listed, self._totals
        if totals.covered < listed.covered or totals.missed < listed.missed:
            what = f"{totals.covered} of {totals.total} in totals, {listed.covered} of {listed.total} in files"
            raise BadReport(Flaw.CONTRADICTION, what)
        return CoverageReport(
            f"coverage.py JSON {self._meta.format}",
            self._files,
            unlisted=totals - listed,
            has_branches=self._wants_branches and self._meta.branch_coverage,
        )

    def _entries(self, stream: JsonStream) -> Iterator[FileCoverage]:
        for name in stream.members():
            path = repository_path(name)
            value = stream.value()
            _refuse_twins(value.keys, path)
            entry = _decoded(value, _ENTRY, path)
            found = _file(path, entry, wants_branches=self._wants_branches)
            self._listed += found.count
            yield found


def _file(path: str, entry: _Entry, *, wants_branches: bool) -> FileCoverage:
    raw = bytes(entry.summary)
    summary = _summary(raw, _flat_keys(raw), path)
    excluded = set(entry.excluded_lines)
    # Older versions list all that ran, excluded lines and line 0 of an empty module among it.
    executed = [line for line in entry.executed_lines if line and line not in excluded]
    lines = states(executed, entry.missing_lines, tuple(excluded), path=path)
    surplus = len(executed) - summary.covered_lines
    if surplus < 0 or len(entry.missing_lines) != summary.missing_lines:
        said = f"{summary.covered_lines} covered, {summary.missing_lines} missing"
        raise BadReport(
            Flaw.CONTRADICTION, f"{path}: {said}, but {len(executed)} and {len(entry.missing_lines)} are listed"
        )
    if len(excluded) != len(entry.excluded_lines) or excluded.intersection(entry.missing_lines):
        raise BadReport(Flaw.DUPLICATE, f"{path}: an excluded line is listed twice")
    packed = pack(_branches(path, entry, summary)) if wants_branches else b""
    return FileCoverage(path, lines, surplus=surplus, branches=packed)


def _branches(path: str, entry: _Entry, summary: _Summary) -> Iterator[Branches]:
    """Yield the lines that branch; a negative target leaves the function.

    Older versions list branches of excluded lines as executed, too.
    """
    said = summary.covered_branches, summary.missing_branches
    listed = len(entry.executed_branches), len(entry.missing_branches)
    if said[0] > listed[0] or said[1] != listed[1]:
        raise BadReport(Flaw.CONTRADICTION, f"{path}: {said} branches covered and missing, {listed} are listed")
    if any(abs(each) > MAX_LINE for pair in (*entry.executed_branches, *entry.missing_branches) for each in pair):
        raise BadReport(Flaw.OUT_OF_RANGE, f"{path}: a branch leads beyond line {MAX_LINE}")
    missing: dict[int, set[int]] = {}
    taken: dict[int, set[int]] = {}
    for line, target in entry.executed_branches:
        taken.setdefault(line, set()).add(target)
    for line, target in entry.missing_branches:
        missing.setdefault(line, set()).add(target)
    for line in sorted({*missing, *taken}):
        away, gone = frozenset(missing.get(line, ())), taken.get(line, set())
        yield Branches(line, len(away | gone), len(gone - away), away)


def _summary(text: bytes, keys: Sequence[bytes], where: str) -> _Summary:
    """Return counts that agree with each other, and with the percentages beside them."""
    _refuse_twins(keys, where)
    found = _decoded(Value(text), _SUMMARY, where)
    counts = (found.covered_lines, found.missing_lines, found.excluded_lines, found.covered_branches)
    if min(*counts, found.missing_branches, found.num_branches, found.num_partial_branches) < 0:
        raise BadReport(Flaw.OUT_OF_RANGE, f"{where}: a count is negative")
    if found.num_statements != found.covered_lines + found.missing_lines:
        what = f"{found.num_statements} statements are not {found.covered_lines} and {found.missing_lines}"
        raise BadReport(Flaw.CONTRADICTION, f"{where}: {what}")
    branches = Count(found.covered_branches, found.num_branches)
    _check_percentage(found.percent_covered, (_count(found), _count(found) + branches), where)
    _check_percentage(found.percent_statements_covered, (_count(found),), where)
    _check_percentage(found.percent_branches_covered, (branches,), where)
    return found


def _check_percentage(said: float | msgspec.UnsetType, counts: Sequence[Count], where: str) -> None:
    """Compare a percentage with the counts that it can be of: with branches or without."""
    if said is msgspec.UNSET:
        return
    if not 0 <= said <= 100:
        raise BadReport(Flaw.OUT_OF_RANGE, f"{where}: {said} is no percentage")
    if not any(abs(said - (100 * c.covered / c.total if c.total else 100)) <= _TOLERANCE for c in counts):
        raise BadReport(Flaw.CONTRADICTION, f"{where}: {said} % is not {counts[0].covered} of {counts[0].total}")


def _count(summary: _Summary) -> Count:
    return Count(summary.covered_lines, summary.num_statements)


def _decoded(value: Value, decoder: "msgspec.json.Decoder[Decoded]", where: str) -> Decoded:
    try:
        return decoder.decode(value.text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        if _NOT_FINITE.search(value.text):
            raise BadReport(Flaw.OUT_OF_RANGE, f"{where}: NaN or an infinity is no number") from None
        raise BadReport(Flaw.MALFORMED, f"{where}: {error}") from None


def _refuse_twins(keys: Sequence[bytes], where: str) -> None:
    """Refuse a key that is given twice: readers differ in which one they keep. The known keys need no escapes."""
    if len(set(keys)) != len(keys) or any(b"\\" in key for key in keys):
        raise BadReport(Flaw.DUPLICATE, f"{where}: a key is there twice")


def _flat_keys(text: bytes) -> tuple[bytes, ...]:
    return tuple(re.findall(rb'"((?:[^"\\]++|\\.)*+)"\s*+:', text))
