"""What a coverage report says, in a form that is small, the same for every format, and cheap to pass on.

A file's lines are one byte each, so that a million lines are a megabyte, two reports are united by one `|` of two
numbers, and counting is done by `bytes.count`.
"""

import re
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.model.errors import ReeveError

#: The bits of a line's byte. A line that is executed is a statement too; an excluded one is not counted.
STATEMENT, HIT, EXCLUDED = 1, 2, 4

#: The two values that a counted line can have.
MISSED, COVERED = STATEMENT, STATEMENT | HIT

#: The highest line number that is believed, and how many lines all files of a report may have together.
MAX_LINE = 1_000_000
MAX_LINES = 32_000_000

_MAX_PATH = 4_096
# What nearly all paths are made of: names of letters and digits that do not begin with a dot.
_ORDINARY = re.compile(r"\w[\w.-]{0,99}(?:/\w[\w.-]{0,99}){0,20}")
_DRIVE = re.compile(r"[A-Za-z]:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class Flaw(StrEnum):
    """Why a report is refused."""

    UNKNOWN_FORMAT = "unknown-format"
    MALFORMED = "malformed"
    ENTITIES = "entities"
    TOO_LARGE = "too-large"
    OUTSIDE = "outside"
    OUT_OF_RANGE = "out-of-range"
    DUPLICATE = "duplicate"
    CONTRADICTION = "contradiction"
    EMPTY = "empty"


class BadReport(ReeveError):
    """A report that cannot be believed: what kind of flaw it has, and where exactly, in the words of its format."""

    def __init__(self, flaw: Flaw, detail: str) -> None:
        """Keep both; the detail may hold text from the report, shortened."""
        self.flaw = flaw
        self.detail = detail if len(detail) <= 200 else detail[:199] + "…"
        super().__init__(f"{flaw}: {self.detail}")


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are, and how many of them are covered."""

    covered: int = 0
    total: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.covered + other.covered, self.total + other.total)

    def __sub__(self, other: "Count") -> "Count":
        return Count(self.covered - other.covered, self.total - other.total)

    @property
    def missed(self) -> int:
        """How many are not covered."""
        return self.total - self.covered


@dataclass(frozen=True, slots=True)
class Branches:
    """The ways out of one line: how many there are, how many were taken, and where those lead that were not.

    `missing` is None where the format does not say; the numbers then have to do.
    """

    line: int
    total: int
    taken: int
    missing: frozenset[int] | None


@dataclass(frozen=True, slots=True)
class FileCoverage:
    """One file of a report. `lines[n]` is what is known of line n; line 0 does not exist.

    `surplus` is how many of the covered lines are no statements, though the report does not say which (older versions
    of coverage.py list docstrings as executed). `branches` is packed: see `unpack`. `checksums` holds the MD5 of each
    statement's line in the order of the lines, 16 bytes each, or nothing.
    """

    path: str
    lines: bytes
    surplus: int = 0
    branches: bytes = b""
    checksums: bytes = b""

    @property
    def count(self) -> Count:
        """Count the statements."""
        covered = self.lines.count(COVERED)
        return Count(covered - self.surplus, covered + self.lines.count(MISSED) - self.surplus)

    def statements(self) -> frozenset[int]:
        """Return the numbers of the lines that are counted."""
        return frozenset(n for n, state in enumerate(self.lines) if state & STATEMENT and not state & EXCLUDED)


@dataclass(frozen=True, slots=True)
class CoverageReport:
    """A report that agrees with itself.

    `unlisted` is what its totals count beyond the lines that are listed under a file. `sources` are the folders that
    paths may be relative to, as Cobertura names them.
    """

    format: str
    files: tuple[FileCoverage, ...]
    unlisted: Count = Count()
    sources: tuple[str, ...] = ()
    has_branches: bool = False

    @property
    def count(self) -> Count:
        """Count what the report measured, listed or not."""
        return sum((each.count for each in self.files), self.unlisted)


def states(
    covered: Sequence[int] | Sequence[bytes],
    missed: Sequence[int] | Sequence[bytes],
    excluded: Iterable[int] = (),
    *,
    path: str,
) -> bytes:
    """Pack line numbers, none negative, into one byte a line; refuse one that is given twice, or out of range.

    They come as numbers or as decimal digits. Most tools write them in order, so the last ones tell the size.
    """
    packed = bytearray(_checked(max([0, *map(int, covered[-1:]), *map(int, missed[-1:]), *excluded]), path) + 1)
    try:
        _fill(packed, covered, missed)
    except IndexError:
        packed = bytearray(_checked(max([0, *map(int, covered), *map(int, missed), *excluded]), path) + 1)
        _fill(packed, covered, missed)
    if packed.count(COVERED) != len(covered) or packed.count(MISSED) != len(missed):
        raise BadReport(Flaw.DUPLICATE, f"{path}: a line is listed twice")
    for line in excluded:
        packed[line] = EXCLUDED
    if packed[0]:
        raise BadReport(Flaw.OUT_OF_RANGE, f"{path}: there is no line 0")
    return bytes(packed)


def _fill(packed: bytearray, covered: Sequence[int] | Sequence[bytes], missed: Sequence[int] | Sequence[bytes]) -> None:
    for line in _numbers(covered):
        packed[line] = COVERED
    for line in _numbers(missed):
        packed[line] = MISSED


class _Digits(dict[bytes, int]):
    """Digits to numbers, at twice the speed of `int` for the numbers that are kept: those most files have."""

    def __missing__(self, digits: bytes) -> int:
        return int(digits)


_DIGITS = _Digits((b"%d" % number, number) for number in range(4096))


def _numbers(lines: Sequence[int] | Sequence[bytes]) -> Iterable[int]:
    return map(_DIGITS.__getitem__, lines) if lines and isinstance(lines[0], bytes) else lines  # type: ignore[return-value,arg-type]


def _checked(last: int, path: str) -> int:
    if last > MAX_LINE:
        raise BadReport(Flaw.OUT_OF_RANGE, f"{path}: line {last} is beyond {MAX_LINE}")
    return last


def joined(one: FileCoverage, other: FileCoverage) -> FileCoverage:
    """Return what two measurements of one file say together: what either reached is covered."""
    branches: dict[int, Branches] = unpack(one.branches)
    for line, found in unpack(other.branches).items():
        branches[line] = _either(branches[line], found) if line in branches else found
    return FileCoverage(
        one.path,
        united(one.lines, other.lines),
        surplus=max(one.surplus, other.surplus),
        branches=pack(branches[line] for line in sorted(branches)),
        checksums=one.checksums if one.checksums == other.checksums else b"",
    )


def _either(one: Branches, other: Branches) -> Branches:
    """Unite the ways taken. Where it is not known which they are, they may be the same: the larger number counts."""
    total = max(one.total, other.total)
    if one.missing is None or other.missing is None:
        return Branches(one.line, total, max(one.taken, other.taken), None)
    missing = one.missing & other.missing
    return Branches(one.line, total, total - len(missing), missing)


def united(one: bytes, other: bytes) -> bytes:
    """Return what either of two reports knows of the same lines: hit by one is hit, a statement in one is counted."""
    size = max(len(one), len(other))
    both = int.from_bytes(one, "little") | int.from_bytes(other, "little")
    return both.to_bytes(size, "little").translate(_COUNTED)


#: Excluded by one report and counted by the other means counted.
_COUNTED = bytes(each & ~EXCLUDED if each & STATEMENT else each for each in range(256))


def pack(branches: Iterable[Branches]) -> bytes:
    """Return branches as 32-bit numbers: line, total, taken, how many missing ones follow (-1: unknown), and these."""
    numbers = array("i")
    for each in branches:
        numbers.extend((each.line, each.total, each.taken, -1 if each.missing is None else len(each.missing)))
        numbers.extend(sorted(each.missing or ()))
    return numbers.tobytes()


def unpack(packed: bytes) -> dict[int, Branches]:
    """Read back what `pack` wrote, by line."""
    numbers = array("i")
    numbers.frombytes(packed)
    found, at = {}, 0
    while at < len(numbers):
        line, total, taken, size = numbers[at : at + 4]
        at += 4
        missing = None if size < 0 else frozenset(numbers[at : at + size])
        found[line] = Branches(line, total, taken, missing)
        at += max(size, 0)
    return found


def repository_path(text: str) -> str:
    """Return a path from a report as git writes it; refuse one that does not lie in the repository."""
    if _ORDINARY.fullmatch(text):
        return text
    path = text.replace("\\", "/")
    steps = [step for step in path.split("/") if step not in {"", "."}]
    if path.startswith("/") or _DRIVE.match(path):
        raise BadReport(Flaw.OUTSIDE, f"{shown(text)} is not named from the root of the repository")
    if ".." in steps:
        raise BadReport(Flaw.OUTSIDE, f"{shown(text)} does not lie in the repository")
    if not steps or len(path) > _MAX_PATH or _CONTROL.search(path):
        raise BadReport(Flaw.MALFORMED, f"{shown(text)} is not the path of a file")
    return "/".join(steps)


def gathered(files: Iterable[FileCoverage]) -> tuple[FileCoverage, ...]:
    """Return the files of a report, each path once; refuse one that is there twice, or more lines than fit."""
    found: dict[str, FileCoverage] = {}
    size = 0
    for each in files:
        if each.path in found:
            raise BadReport(Flaw.DUPLICATE, f"{shown(each.path)} is there twice")
        if (size := size + len(each.lines)) > MAX_LINES:
            raise BadReport(Flaw.TOO_LARGE, f"the files have more than {MAX_LINES} lines together")
        found[each.path] = each
    return tuple(found.values())


def shown(text: str | bytes) -> str:
    """Return a piece of a report for a message: short, on one line."""
    return repr(text if len(text) <= 80 else text[:80])
