"""A coverage report in any format that Reeve reads, recognised by its content and never by its name."""

from collections.abc import Iterable, Iterator
from itertools import chain

from bot.reports.measured import BadReport, CoverageReport, FileCoverage, Flaw, shown

__all__ = ["MAX_BYTES", "BadReport", "CoverageReport", "FileCoverage", "Flaw", "parse"]

#: The largest report that is read, in bytes.
MAX_BYTES = 256 * 1024 * 1024

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ENOUGH = 16


def parse(chunks: Iterable[bytes], *, name: str, branches: bool = False) -> CoverageReport:
    """Return the report in these pieces of bytes; `name` is what people call it.

    Raise `BadReport`, and nothing else, where it is none, or cannot be believed. With `branches` the ways out of each
    line are kept too.
    """
    stream = _limited(chunks, name)
    begin = b""
    for chunk in stream:
        begin = (begin + chunk).lstrip()
        if len(begin) >= _ENOUGH:
            break
    begin = begin.removeprefix(_BYTE_ORDER_MARK).lstrip()
    found = _parse(begin, chain([begin], stream), name=name, branches=branches)
    if not found.count.total:
        raise BadReport(Flaw.EMPTY, f"{name} measures not a single statement")
    return found


def _parse(begin: bytes, whole: Iterable[bytes], *, name: str, branches: bool) -> CoverageReport:
    """Choose the parser by the first bytes. Each is loaded only when it is needed."""
    if begin.startswith(b"{"):
        from bot.reports import coverage_json

        return coverage_json.parse(whole, branches=branches)
    if begin.startswith((b"<", b"\xfe\xff", b"\xff\xfe")):
        from bot.reports import cobertura

        return cobertura.parse(whole, branches=branches)
    if begin.startswith((b"TN:", b"SF:", b"#")):
        from bot.reports import lcov

        return lcov.parse(whole, branches=branches)
    what = f"begins with {shown(begin[:_ENOUGH])}: neither coverage.py JSON, Cobertura XML nor LCOV"
    raise BadReport(Flaw.UNKNOWN_FORMAT if begin else Flaw.EMPTY, f"{name} {what if begin else 'is empty'}")


def _limited(chunks: Iterable[bytes], name: str) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        if (size := size + len(chunk)) > MAX_BYTES:
            raise BadReport(Flaw.TOO_LARGE, f"{name} is larger than {MAX_BYTES >> 20} MiB")
        yield chunk
