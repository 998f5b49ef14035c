"""Whether a report can be of the source that was tested: what it says of a line that cannot be so.

It is no proof that the tests ran; it finds a report of another tree, and one that was made up carelessly.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.reports.measured import FileCoverage
from bot.reports.source import Statements

#: Versions of Python disagree a little about what is a statement: so many differences in a file are passed over.
_TOLERATED, _TOLERATED_SHARE = 3, 0.1

_DIGEST = 16


class Odd(StrEnum):
    """What contradicts the source."""

    NO_CODE = "no-code"
    NO_STATEMENT = "no-statement"
    OTHER_TEXT = "other-text"


@dataclass(frozen=True, slots=True)
class Contradiction:
    """The first line of a file of which the report says what cannot be, and how many such lines there are."""

    path: str
    line: int
    odd: Odd
    count: int


def contradictions(files: Mapping[str, FileCoverage], sources: Mapping[str, Statements]) -> tuple[Contradiction, ...]:
    """Return what is odd about each file whose source is known."""
    known = {path: each for path, each in sorted(sources.items()) if not each.problem and not each.is_draft}
    return tuple(odd for path, each in known.items() if path in files for odd in _in_file(files[path], each))


def _in_file(file: FileCoverage, known: Statements) -> Iterator[Contradiction]:
    reported = file.statements()
    nowhere = reported - known.code
    aliens = reported - nowhere - known.statements - known.excluded
    changed = _with_other_text(file, known.digests)
    if nowhere:
        yield Contradiction(file.path, min(nowhere), Odd.NO_CODE, len(nowhere))
    if len(aliens) - file.surplus > max(_TOLERATED, _TOLERATED_SHARE * len(reported)):
        yield Contradiction(file.path, min(aliens), Odd.NO_STATEMENT, len(aliens))
    if changed:
        yield Contradiction(file.path, changed[0], Odd.OTHER_TEXT, len(changed))


def _with_other_text(file: FileCoverage, digests: bytes) -> list[int]:
    """Return the lines whose checksum in the report is not that of the source."""
    if not file.checksums or not digests:
        return []
    said = (file.checksums[at : at + _DIGEST] for at in range(0, len(file.checksums), _DIGEST))
    return [
        line
        for line, checksum in zip(sorted(file.statements()), said, strict=False)
        if digests[(line - 1) * _DIGEST : line * _DIGEST] != checksum
    ]
