"""A large JSON object, one member at a time: a value is found by its brackets and handed out as bytes, undecoded.

What is inside a value is checked by whoever decodes it. Only the largest value is held in memory.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec

from bot.reports.measured import BadReport, Flaw, shown

#: The largest single value: one file of a report with all its regions.
MAX_VALUE = 16 * 1024 * 1024

_REFILL = 256 * 1024
_SPACE = re.compile(rb"[ \t\r\n]*+")
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"')
_SCALAR = re.compile(rb"[^][{}:, \t\r\n]++")
# Each matches from here up to and including the next bracket that is not in a string.
_BRACE = re.compile(rb'[^"{}]*+(?:"(?:[^"\\]++|\\.)*+"[^"{}]*+)*+[{}]', re.DOTALL)
_BRACKET = re.compile(rb'[^]["]*+(?:"(?:[^"\\]++|\\.)*+"[^]["]*+)*+[][]', re.DOTALL)
_KEY = re.compile(rb'"((?:[^"\\]++|\\.)*+)"[ \t\r\n]*+:', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Value:
    """A value as it is written; of an object also the keys, so that one given twice can be found."""

    text: bytes
    keys: tuple[bytes, ...] = ()


class JsonStream:
    """Reads forward only: `members` yields keys, and before the next one the value must have been taken."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        """Begin before the first byte of these pieces."""
        self._chunks = iter(chunks)
        self._buffer = b""
        self._at = 0

    def members(self) -> Iterator[str]:
        """Yield the keys of the object that begins here; refuse a key that comes twice."""
        self._expect(b"{")
        seen: set[str] = set()
        if self._peek() == b"}":
            self._at += 1
            return
        while True:
            key = self._key()
            if key in seen:
                raise BadReport(Flaw.DUPLICATE, f"{shown(key)} is there twice")
            seen.add(key)
            yield key
            if self._peek() == b"}":
                self._at += 1
                return
            self._expect(b",")

    def value(self) -> Value:
        """Return the value that begins here."""
        match self._peek():
            case b"{":
                return self._bracketed(_BRACE, b"{")
            case b"[":
                return self._bracketed(_BRACKET, b"[")
            case b'"':
                return Value(self._match(_STRING, "a string"))
            case _:
                return Value(self._match(_SCALAR, "a value"))

    def end(self) -> None:
        """Refuse anything that follows."""
        if rest := self._peek():
            raise BadReport(Flaw.MALFORMED, f"{shown(rest)} follows the end")

    def _key(self) -> str:
        self._peek()
        text = self._match(_STRING, "a key")
        self._expect(b":")
        try:
            return msgspec.json.decode(text, type=str)
        except (msgspec.DecodeError, UnicodeError):
            raise BadReport(Flaw.MALFORMED, f"{shown(text)} is not a key") from None

    def _bracketed(self, token: re.Pattern[bytes], opener: bytes) -> Value:
        """Read up to the bracket that closes this one, and note what stands directly inside."""
        depth, at, inside, mark = 0, self._at, [], self._at
        while depth or at == self._at:
            found = token.match(self._buffer, at)
            if found is None:
                at, mark = at - self._at, mark - self._at
                self._refill("an unfinished value")
                continue
            at = found.end()
            if self._buffer[at - 1 : at] == opener:
                depth += 1
                if depth == 2:
                    inside.append(self._buffer[mark:at])
            else:
                depth -= 1
                mark = at if depth == 1 else mark
        inside.append(self._buffer[mark:at])
        text = self._buffer[self._at : at]
        self._at = at
        return Value(text, tuple(_KEY.findall(b"".join(inside))) if opener == b"{" else ())

    def _match(self, pattern: re.Pattern[bytes], what: str) -> bytes:
        """Return what matches here; a match that reaches the end of the buffer may go on behind it."""
        while True:
            found = pattern.match(self._buffer, self._at)
            if found and found.end() < len(self._buffer):
                self._at = found.end()
                return found[0]
            if not self._more():
                break
        if found is None:
            raise BadReport(Flaw.MALFORMED, f"{what} is missing at {shown(self._buffer[self._at : self._at + 40])}")
        self._at = found.end()
        return found[0]

    def _peek(self) -> bytes:
        """Skip white space; return the next byte, or nothing at the end."""
        while True:
            found = _SPACE.match(self._buffer, self._at)
            assert found  # the pattern matches nothing too
            self._at = found.end()
            if self._at < len(self._buffer):
                return self._buffer[self._at : self._at + 1]
            if not self._more():
                return b""

    def _expect(self, sign: bytes) -> None:
        if self._peek() != sign:
            found = shown(self._buffer[self._at : self._at + 40])
            raise BadReport(Flaw.MALFORMED, f"{sign.decode()} is missing at {found}")
        self._at += 1

    def _refill(self, what: str) -> None:
        if not self._more():
            raise BadReport(Flaw.MALFORMED, f"the report ends in {what}")

    def _more(self) -> bool:
        """Drop what was read and add at least as much as is left: a value is then searched in linear time."""
        kept = self._buffer[self._at :]
        if len(kept) > MAX_VALUE:
            raise BadReport(Flaw.TOO_LARGE, f"a single value is larger than {MAX_VALUE >> 20} MiB")
        wanted, added = max(len(kept), _REFILL), [kept]
        for chunk in self._chunks:
            added.append(chunk)
            if (wanted := wanted - len(chunk)) <= 0:
                break
        self._buffer, self._at = b"".join(added), 0
        return len(self._buffer) > len(kept)
