"""Which lines of a Python source can be executed, worked out by coverage.py's own parser without running anything.

This closes two holes: a changed file that a report leaves out, and a report that is not of this source. A report's
Python may be another version than ours, so a source that ours cannot parse is told apart from one without statements.
"""

import hashlib
import io
import re
import tokenize
import warnings
from collections.abc import Iterable

from coverage.config import DEFAULT_EXCLUDE
from coverage.exceptions import NotPython
from coverage.parser import PythonParser

from bot.reports.source import Statements

#: A larger source is not parsed.
MAX_BYTES = 2 * 1024 * 1024

#: coverage.py's comment that takes a statement, or a whole block, out of the count.
PRAGMA = re.compile(DEFAULT_EXCLUDE[0])

_EXCLUDE = "|".join(f"(?:{pattern})" for pattern in DEFAULT_EXCLUDE)
_SILENT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


def read(source: bytes, *, added: Iterable[int] = (), with_digests: bool = False) -> Statements:
    """Return what a source holds; never raise, whatever it is. `added` are the lines that are new in it."""
    if len(source) > MAX_BYTES:
        return Statements(problem=f"it is larger than {MAX_BYTES >> 20} MiB")
    try:
        text = _text(source)
        statements, excluded = _parsed(text)
        without, _ = _parsed(bare) if (bare := _without_pragmas(text, set(added))) != text else (statements, excluded)
        code = frozenset(_code(text))
    except (NotPython, SyntaxError, UnicodeError, ValueError, LookupError) as error:
        return Statements(problem=str(error).partition("\n")[0])
    except (RecursionError, MemoryError, OverflowError) as error:
        return Statements(problem=f"it is nested too deeply ({type(error).__name__})")
    digests = digest(text) if with_digests else b""
    return Statements(statements, excluded, without - statements, code, digests)


def digest(text: str) -> bytes:
    """Return the MD5 of every line, as LCOV's line checksums have them: coverage.py reads a form feed as a space."""
    lines = text.replace("\f", " ").splitlines()
    return b"".join(hashlib.md5(line.encode(), usedforsecurity=False).digest() for line in lines)


def _text(source: bytes) -> str:
    """Decode a source as Python does."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    return source.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")


def _parsed(text: str) -> tuple[frozenset[int], frozenset[int]]:
    """Return the statements, and what is excluded."""
    if not text:
        return frozenset(), frozenset()
    parser = PythonParser(text=text, exclude=_EXCLUDE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the source: invalid escapes and the like
        parser.parse_source()
    return frozenset(parser.statements), frozenset(parser.excluded)


def _without_pragmas(text: str, lines: set[int]) -> str:
    """Make the pragmas on these lines ordinary comments."""
    if not lines or not PRAGMA.search(text):
        return text
    return "\n".join(
        PRAGMA.sub("#", line) if number in lines else line for number, line in enumerate(text.split("\n"), 1)
    )


def _code(text: str) -> Iterable[int]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in _SILENT:
            yield from range(token.start[0], token.end[0] + 1)
