"""git's unified diff: which lines of which files are new, and what they say.

The format: https://git-scm.com/docs/diff-format . A hunk is read by its counts, so that no added line can pass for a
header; names are taken from the lines where git leaves no doubt about them.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import chain

from bot.model.errors import ReeveError

#: A line of a diff that is longer is not source code that anybody tests.
MAX_LINE_BYTES = 8 * 1024 * 1024

_HUNK = re.compile(rb"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")
_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_ESCAPES = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}
_NOWHERE = b"/dev/null"
_LONE_RETURN = re.compile(rb"\r[^\n]")

#: Modes of a symbolic link and of a submodule: their text is no source code.
_NO_FILE = (b"120000", b"160000")


class BadDiff(ReeveError):
    """The text is not a diff that can be read, and where it is not."""


class Change(StrEnum):
    """What became of a file."""

    ADDED = "added"
    MODIFIED = "modified"
    DELETED = "deleted"
    RENAMED = "renamed"
    COPIED = "copied"


@dataclass(frozen=True, slots=True)
class FileDiff:
    """What changed in one file. `path` is its name now, or the one it had if it was deleted.

    `added` are the new lines, as ranges with both ends, by their numbers in the file now; `text` is what they say, each
    ended by a newline.
    """

    path: str
    old_path: str
    change: Change = Change.MODIFIED
    added: tuple[tuple[int, int], ...] = ()
    text: bytes = b""
    deleted: int = 0
    is_binary: bool = False
    is_file: bool = True

    @property
    def lines(self) -> Iterator[int]:
        """The numbers of the new lines, in order."""
        return chain.from_iterable(range(first, last + 1) for first, last in self.added)

    @property
    def new_lines(self) -> dict[int, bytes]:
        """What each new line says, by its number."""
        return dict(zip(self.lines, self.text.split(b"\n"), strict=False))

    @property
    def has_lone_returns(self) -> bool:
        """Whether a carriage return ends a line by itself: git then counts fewer lines than Python and its tools."""
        return _LONE_RETURN.search(self.text) is not None

    @property
    def is_whole(self) -> bool:
        """Whether `text` is the whole file: one that is new."""
        return self.change is Change.ADDED and not self.is_binary and self.is_file


def parse(chunks: Iterable[bytes]) -> tuple[FileDiff, ...]:
    """Return what a diff changes, file by file; raise `BadDiff` where it cannot be read."""
    files: dict[str, FileDiff] = {}
    for found in _Parser().files(_lines(chunks)):
        before = files.get(found.path)
        if before is None:
            files[found.path] = found
        elif before.change is Change.DELETED and found.change is Change.ADDED:
            # A link that became a file, or the other way round, is told in two parts.
            files[found.path] = replace(found, change=Change.MODIFIED, deleted=before.deleted)
        else:
            raise BadDiff(f"{found.path!r} is there twice: give one diff of the whole change")
    return tuple(files.values())


@dataclass(slots=True)
class _File:
    """One file while its part of the diff is read."""

    old: bytes = b""
    new: bytes = b""
    change: Change = Change.MODIFIED
    mode: bytes = b""
    added: list[tuple[int, int]] = field(default_factory=list)
    text: list[bytes] = field(default_factory=list)
    deleted: int = 0
    is_binary: bool = False
    has_hunks: bool = False

    def add(self, line: int, text: bytes) -> None:
        if self.added and self.added[-1][1] == line - 1:
            self.added[-1] = (self.added[-1][0], line)
        else:
            self.added.append((line, line))
        self.text.append(text)

    def done(self) -> FileDiff:
        old, new = _name(self.old or self.new), _name(self.new or self.old)
        return FileDiff(
            old if self.change is Change.DELETED else new,
            old,
            self.change,
            tuple(self.added),
            b"".join(line + b"\n" for line in self.text),
            self.deleted,
            self.is_binary,
            self.mode not in _NO_FILE,
        )


class _Parser:
    """Reads line by line: the headers of a file, then its hunks."""

    def __init__(self) -> None:
        self._file: _File | None = None
        self._old_left = self._new_left = 0
        self._at = 0
        self._number = 0
        self._is_text = False

    def files(self, lines: Iterable[bytes]) -> Iterator[FileDiff]:
        for self._number, line in enumerate(lines, 1):
            if self._old_left or self._new_left:
                self._inside(line)
            elif line.startswith((b"diff --git ", b"--- ")) and self._begins(line):
                if self._file:
                    yield self._file.done()
                self._file = _File()
                self._header(line)
            else:
                self._header(line)
        if self._old_left or self._new_left:
            raise BadDiff("the diff ends within a hunk")
        if self._file is None and self._is_text:
            raise BadDiff("the text names no file that changed: it is no diff")
        if self._file:
            yield self._file.done()

    def _begins(self, line: bytes) -> bool:
        """Say whether another file begins: a plain diff has no line for that but the one with the old name."""
        return line.startswith(b"diff ") or self._file is None or self._file.has_hunks

    def _inside(self, line: bytes) -> None:
        """Take a line of a hunk."""
        assert self._file
        sign = line[:1]
        if sign == b"+" and self._new_left:
            self._file.add(self._at, line[1:])
        elif sign == b"-" and self._old_left:
            self._file.deleted += 1
        elif sign == b"\\":
            return
        elif sign not in {b" ", b"", b"\r"} or not (self._old_left and self._new_left):
            raise BadDiff(f"line {self._number} does not belong to its hunk")
        self._old_left -= sign != b"+"
        self._new_left -= sign != b"-"
        self._at += sign != b"-"

    def _header(self, line: bytes) -> None:
        if line.startswith((b"diff --cc ", b"diff --combined ", b"@@@")):
            raise BadDiff(f"line {self._number} begins the combined diff of a merge: compare two commits")
        if self._file is None:
            self._is_text = self._is_text or not line.isspace()
            return
        if found := _HUNK.match(line):
            self._old_left, self._new_left = (1 if found[n] is None else int(found[n]) for n in (2, 4))
            self._at = int(found[3])
            self._file.has_hunks = True
        elif line.startswith(b"@@ "):
            raise BadDiff(f"line {self._number} is not the begin of a hunk")
        else:
            _note(line.rstrip(b"\r"), self._file)


def _note(line: bytes, file: _File) -> None:
    """Note what a header line says of the file."""
    keyword, _, rest = line.partition(b" ")
    match keyword:
        case b"diff":
            file.old, file.new = _both_names(rest.removeprefix(b"--git "))
        case b"---" if not file.new:
            file.old = _plain_name(rest)
            file.change = Change.ADDED if file.old == _NOWHERE else file.change
        case b"+++" if not file.new:
            file.new = _plain_name(rest)
            file.change = Change.DELETED if file.new == _NOWHERE else file.change
            file.old, file.new = _without_prefixes(file.old, file.new)
        case b"rename" | b"copy" if rest.startswith((b"from ", b"to ")):
            file.change = Change.RENAMED if keyword == b"rename" else Change.COPIED
            which, _, name = rest.partition(b" ")
            file.old, file.new = (_unquoted(name), file.new) if which == b"from" else (file.old, _unquoted(name))
        case b"new" | b"deleted" if rest.startswith(b"file mode "):
            file.change = Change.ADDED if keyword == b"new" else Change.DELETED
            file.mode = rest.removeprefix(b"file mode ")
        case b"new" if rest.startswith(b"mode "):
            file.mode = rest.removeprefix(b"mode ")
        case b"index":
            file.mode = file.mode or rest.partition(b" ")[2]
        case b"Binary" | b"GIT":
            file.is_binary = True
        case _:
            pass


def _both_names(text: bytes) -> tuple[bytes, bytes]:
    """Read both names of a `diff --git` line where they are one, but for the prefix; nothing where they differ.

    A name with spaces is not quoted there, so the line is cut in the middle. Where the names differ, lines with each
    name by itself follow.
    """
    if text.startswith(b'"'):
        quoted = _QUOTED.findall(text)
        old, new = (_unescaped(each) for each in quoted) if len(quoted) == 2 else (b"", b"")
    else:
        middle = len(text) // 2
        old, new = text[:middle], text[middle + 1 :]
    if old == new:
        return old, new
    return (old[2:], new[2:]) if old[1:2] == b"/" == new[1:2] and old[2:] == new[2:] else (b"", b"")


def _plain_name(text: bytes) -> bytes:
    """Read a name from a `---` or `+++` line: quoted, or ended by a tab."""
    return _unquoted(text) if text.startswith(b'"') else text.partition(b"\t")[0]


def _without_prefixes(old: bytes, new: bytes) -> tuple[bytes, bytes]:
    """Take away `a/` and `b/`, unless the names are equal: then there are none."""
    if old == new:
        return old, new
    names = [b"" if name == _NOWHERE else name for name in (old, new)]
    if all(not name or name[1:2] == b"/" for name in names):
        names = [name[2:] for name in names]
    return names[0], names[1]


def _unquoted(text: bytes) -> bytes:
    found = _QUOTED.fullmatch(text)
    return _unescaped(found[1]) if found else text


def _unescaped(text: bytes) -> bytes:
    """Undo C's escapes: git writes a byte that is not ASCII as three octal digits."""
    return _ESCAPE.sub(
        lambda found: bytes([int(found[1], 8) & 0xFF]) if found[1].isdigit() else _ESCAPES.get(found[1], found[1]), text
    )


def _name(name: bytes) -> str:
    """Return a name as text; bytes that are not UTF-8 are kept as surrogates, as Python does with file names."""
    path = name.decode(errors="surrogateescape")
    if not path or path.startswith("/") or ".." in path.split("/"):
        raise BadDiff(f"{path!r} is not the name of a file in the repository")
    return path


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    pending = b""
    for chunk in chunks:
        *whole, pending = (pending + chunk).split(b"\n")
        yield from whole
        if len(pending) > MAX_LINE_BYTES:
            raise BadDiff(f"a line is longer than {MAX_LINE_BYTES >> 20} MiB")
    if pending:
        yield pending
