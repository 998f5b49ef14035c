"""LCOV tracefiles, record by record. The format: geninfo(1), https://github.com/linux-test-project/lcov .

coverage.py can add the MD5 of every source line (`lcov_line_checksums`): a proof of which text was measured.
"""

import base64
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bot.reports.measured import (
    BadReport,
    Branches,
    CoverageReport,
    FileCoverage,
    Flaw,
    gathered,
    joined,
    pack,
    repository_path,
    shown,
    states,
)

#: The largest record: one file.
MAX_RECORD = 16 * 1024 * 1024

_END = b"end_of_record"
_OTHERS = rb"FN|FNL|FNA|FNDA|FNF|FNH|BRDA|BRF|BRH|LF|LH|VER|MCDC|MCF|MCH"
_PLAIN = re.compile(rb"\n(?:DA:\d{1,18}+,\d{1,18}+\n|(?:" + _OTHERS + rb"):[^\n]*+\n)*+")
# A literal at the begin, and no ^, makes these twice as fast.
_MISSED = re.compile(rb"\nDA:(\d++),0++(?=\n)")
_COVERED = re.compile(rb"\nDA:(\d++),0*+[1-9]")
_LINE = re.compile(rb"DA:(\d{1,18}),(\d{1,18})(?:,([A-Za-z0-9+/]{22}(?:==)?))?")
_OTHER = re.compile(rb"(?:" + _OTHERS + rb"):.*", re.DOTALL)
_NUMBER = re.compile(rb"\d{1,18}")
_BRANCH = re.compile(rb"\nBRDA:(\d{1,7}+),([^,\n]*+),([^\n]*),(-|\d{1,18}+)(?=\n)")
_TARGET = re.compile(rb"jump to line (\d{1,7})")


def parse(chunks: Iterable[bytes], *, branches: bool) -> CoverageReport:
    """Return the report; raise `BadReport` where it is none, or contradicts itself."""
    tests: dict[tuple[str, str], FileCoverage] = {}
    for record in _records(chunks):
        found = record.file(wants_branches=branches)
        if (record.test, found.path) in tests:
            raise BadReport(Flaw.DUPLICATE, f"{shown(found.path)} is there twice")
        tests[record.test, found.path] = found
    files = gathered(_by_path(tests))
    return CoverageReport("LCOV", files, has_branches=branches and any(each.branches for each in files))


@dataclass(slots=True)
class _Record:
    """One file's lines as they stand between `SF:` and `end_of_record`, and the test that they are of."""

    test: str
    path: str
    body: bytes
    covered: list[int] = field(default_factory=list)
    missed: list[int] = field(default_factory=list)
    checksums: dict[int, bytes] = field(default_factory=dict)

    def file(self, *, wants_branches: bool) -> FileCoverage:
        """Return what the record says; refuse sums that are not those of its lines."""
        if _PLAIN.fullmatch(self.body):
            self.covered = _COVERED.findall(self.body)
            self.missed = _MISSED.findall(self.body)
        else:
            self._read_line_by_line()
        lines = states(self.covered, self.missed, path=self.path)
        packed = pack(self._branches()) if wants_branches else b""
        return FileCoverage(self.path, lines, self._surplus(), packed, self._packed_checksums())

    def _read_line_by_line(self) -> None:
        for line in self.body.split(b"\n"):
            if found := _LINE.fullmatch(line):
                number = int(found[1])
                (self.covered if int(found[2]) else self.missed).append(number)
                if found[3]:
                    self.checksums[number] = base64.b64decode(found[3][:22] + b"==")
            elif line and (line.startswith(b"DA:") or not _OTHER.fullmatch(line)):
                flaw = Flaw.OUT_OF_RANGE if line.startswith(b"DA:") else Flaw.MALFORMED
                raise BadReport(flaw, f"{self.path}: {shown(line)}")

    def _packed_checksums(self) -> bytes:
        """Return the checksums in the order of the lines, if every line has one."""
        is_whole = len(self.checksums) == len(self.covered) + len(self.missed)
        return b"".join(digest for _, digest in sorted(self.checksums.items())) if is_whole else b""

    def _branches(self) -> list[Branches]:
        known: dict[int, dict[int, bool]] = {}
        for line, block, branch, taken in _BRANCH.findall(self.body):
            ways = known.setdefault(int(line), {})
            way = _way(block, branch)
            ways[way] = ways.get(way, False) or taken not in {b"-", b"0"}
        found = [
            Branches(
                line, len(ways), sum(ways.values()), frozenset(way for way, is_taken in ways.items() if not is_taken)
            )
            for line, ways in sorted(known.items())
        ]
        listed = sum(each.total for each in found), sum(each.taken for each in found)
        counted = self._sum(b"BRF", listed[0]), self._sum(b"BRH", listed[1])
        if listed != counted or (known and min(known) < 1):
            what = f"BRF and BRH are {counted}, the branches give {listed}"
            raise BadReport(Flaw.CONTRADICTION, f"{self.path}: {what}")
        return found

    def _surplus(self) -> int:
        """Return how many lines are listed as hit beyond `LH`: coverage.py up to 7.6 lists docstrings too."""
        hit, missed = len(self.covered), len(self.missed)
        counted = self._sum(b"LH", hit)
        found = self._sum(b"LF", counted + missed)
        if counted > hit or found != counted + missed:
            what = f"LH is {counted} and LF {found}, the lines give {hit} and {hit + missed}"
            raise BadReport(Flaw.CONTRADICTION, f"{self.path}: {what}")
        return hit - counted

    def _sum(self, name: bytes, default: int) -> int:
        begin = self.body.rfind(b"\n" + name + b":")
        if begin < 0:
            return default
        said = self.body[begin + len(name) + 2 : self.body.find(b"\n", begin + 1)].strip()
        if not _NUMBER.fullmatch(said):
            raise BadReport(Flaw.OUT_OF_RANGE, f"{self.path}: {name.decode()} is {shown(said)}, not a count")
        return int(said)


def _records(chunks: Iterable[bytes]) -> Iterator[_Record]:
    """Yield the records; refuse an unfinished one."""
    pending, test = b"", ""
    for chunk in chunks:
        *whole, pending = (pending + chunk).replace(b"\r\n", b"\n").split(_END + b"\n")
        for text in whole:
            record = _record(text, test)
            test = record.test
            yield record
        if len(pending) > MAX_RECORD:
            raise BadReport(Flaw.TOO_LARGE, f"a single record is larger than {MAX_RECORD >> 20} MiB")
    rest = pending.strip()
    if rest.endswith(_END):
        yield _record(rest.removesuffix(_END), test)
    elif rest and not _is_header(rest):
        raise BadReport(Flaw.MALFORMED, "the report ends in an unfinished record")


def _record(text: bytes, test: str) -> _Record:
    """Split off what begins a record: the test's name, which holds until the next one, and the file's."""
    while not text.startswith(b"SF:"):
        line, newline, text = text.partition(b"\n")
        if not newline or not _is_header(line):
            raise BadReport(Flaw.MALFORMED, f"{shown(line)} begins no record")
        test = line[3:].decode(errors="replace").strip() if line.startswith(b"TN:") else test
    end = text.find(b"\n")
    name, body = (text[3:end], text[end:]) if end >= 0 else (text[3:], b"\n")
    try:
        path = repository_path(name.decode())
    except UnicodeDecodeError:
        raise BadReport(Flaw.MALFORMED, f"{shown(name)} is not UTF-8") from None
    return _Record(test, path, body)


def _is_header(text: bytes) -> bool:
    return all(not line or line.startswith((b"TN:", b"#")) for line in text.split(b"\n"))


def _by_path(tests: dict[tuple[str, str], FileCoverage]) -> Iterator[FileCoverage]:
    """Unite what several tests say of one file."""
    files: dict[str, FileCoverage] = {}
    for (_, path), found in tests.items():
        before = files.get(path)
        files[path] = found if before is None else joined(before, found)
    yield from files.values()


def _way(block: bytes, branch: bytes) -> int:
    """Name a branch by a number: the line it leads to, where coverage.py says so, or else a checksum of its name."""
    if found := _TARGET.fullmatch(branch):
        return int(found[1])
    return -1 - (zlib.crc32(block + b"," + branch) >> 2)
