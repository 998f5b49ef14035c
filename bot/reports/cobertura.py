"""Cobertura XML as coverage.py and others write it, read as a stream by expat; entities are refused.

The format: https://raw.githubusercontent.com/cobertura/web/master/htdocs/xml/coverage-04.dtd . A block of `<line/>`
elements in the plain form that coverage.py writes is read by pattern, at twice the speed of element by element; expat
sees everything else, and any block in another form.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from bot.reports.measured import (
    HIT,
    MAX_LINE,
    STATEMENT,
    BadReport,
    Branches,
    Count,
    CoverageReport,
    FileCoverage,
    Flaw,
    gathered,
    pack,
    repository_path,
    shown,
    states,
    united,
    unpack,
)

_MAX_DEPTH = 32
_MAX_TEXT = 4_096

#: More than this is not held back for the pattern: expat reads it as it comes.
_MAX_PENDING = 4 * 1024 * 1024

_ENCODINGS = {None, "utf-8", "utf8", "us-ascii", "ascii"}

_NUMBER = re.compile(r"[0-9]{1,18}")
_RATE = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,20})?(?:[eE]-?[0-9]{1,2})?")
_CONDITIONS = re.compile(r"\s*[0-9.]{1,18}\s*%\s*\(([0-9]{1,6})/([0-9]{1,6})\)\s*")

# How far a rounded rate may be from the counts.
_TOLERANCE = 0.01

_LINES, _LINES_END = b"<lines>", b"</lines>"
# What `<lines>` may stand in as mere text, and how that ends.
_OPENING = re.compile(rb"<lines>|<!|<\?")
_CLOSINGS = {b"<!--": b"-->", b"<![CDATA[": b"]]>", b"<?": b"?>"}

_BLOCK = re.compile(
    rb'(?:\s*+<line number="\d{1,7}+" hits="\d{1,18}+"(?: branch="(?:true|false)")?+'
    rb'(?: condition-coverage="\d{1,3}+% \(\d{1,6}+/\d{1,6}+\)")?+(?: missing-branches="[\w, -]*+")?+/>)*+\s*+',
    re.ASCII,
)
_MISSED = re.compile(rb'number="(\d++)" hits="0++"')
_COVERED = re.compile(rb'number="(\d++)" hits="0*+[1-9]')
_BRANCHING = re.compile(
    rb'number="(\d++)" hits="\d++"(?: branch="true")?+ condition-coverage="\d++% \((\d++)/(\d++)\)"'
    rb'(?: missing-branches="([^"]*+)")?+'
)


def parse(chunks: Iterable[bytes], *, branches: bool) -> CoverageReport:
    """Return the report; raise `BadReport` where it is none, or contradicts itself."""
    tree = _Tree(has_branches=branches)
    feed = _Feed(tree)
    try:
        for chunk in chunks:
            feed.add(chunk)
        feed.close()
    except expat.ExpatError as error:
        raise BadReport(Flaw.MALFORMED, str(error)) from None
    return tree.report()


@dataclass(slots=True)
class _Class:
    """A class element while it is read."""

    path: str
    covered: list[int] = field(default_factory=list)
    missed: list[int] = field(default_factory=list)
    branches: list[Branches] = field(default_factory=list)

    def file(self) -> FileCoverage:
        lines = states(self.covered, self.missed, path=self.path)
        return FileCoverage(self.path, lines, branches=pack(self.branches))


class _Tree:
    """What the elements say, one after the other."""

    def __init__(self, *, has_branches: bool) -> None:
        self._wants_branches = has_branches
        self._stack: list[str] = []
        self._class = _Class("")
        self._text = ""
        self._sources: list[str] = []
        self._files: dict[str, FileCoverage] = {}
        self._totals: Count | None = None

    @property
    def is_in_class_lines(self) -> bool:
        """Whether the lines of a class are next, not those of a method: they are given again with their class."""
        return self._stack[-2:] == ["class", "lines"]

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Enter an element."""
        self._stack.append(name)
        if len(self._stack) > _MAX_DEPTH:
            raise BadReport(Flaw.MALFORMED, f"elements are nested more than {_MAX_DEPTH} deep")
        if len(self._stack) == 1:
            self._root(name, attributes)
        elif name == "line":
            if self._stack[-3:-1] == ["class", "lines"]:
                self._line(attributes)
        elif name in {"package", "class"}:
            _check_rates(attributes)
            self._class = _Class(repository_path(attributes.get("filename", ""))) if name == "class" else _Class("")
        elif name == "project":
            raise BadReport(Flaw.UNKNOWN_FORMAT, "this is Clover, not Cobertura")
        self._text = ""

    def end(self, name: str) -> None:
        """Leave an element."""
        self._stack.pop()
        if name == "class":
            self._keep(self._class.file())
        elif name == "source" and self._text.strip():
            self._sources.append(self._text.strip())

    def text(self, text: str) -> None:
        """Take what stands between the tags."""
        if self._stack[-1] == "source" and len(self._text) + len(text) <= _MAX_TEXT:
            self._text += text

    def block(self, block: bytes) -> bool:
        """Take all the lines of a class at once; say whether they had the plain form."""
        if not _BLOCK.fullmatch(block):
            return False
        self._class.covered.extend(map(int, _COVERED.findall(block)))
        self._class.missed.extend(map(int, _MISSED.findall(block)))
        if self._wants_branches:
            for line, taken, total, missing in _BRANCHING.findall(block):
                self._branch(int(line), int(taken), int(total), missing.decode())
        return True

    def report(self) -> CoverageReport:
        """Return what was read, if the totals can be those of the classes."""
        files = gathered(self._files.values())
        listed = sum((each.count for each in files), Count())
        totals = listed if self._totals is None else self._totals
        if totals.covered < listed.covered or totals.missed < listed.missed:
            what = f"{totals.covered} of {totals.total} in the root, {listed.covered} of {listed.total} in classes"
            raise BadReport(Flaw.CONTRADICTION, what)
        return CoverageReport(
            "Cobertura",
            files,
            unlisted=totals - listed,
            sources=tuple(self._sources),
            has_branches=self._wants_branches and any(each.branches for each in files),
        )

    def _root(self, name: str, attributes: Mapping[str, str]) -> None:
        if name != "coverage":
            raise BadReport(Flaw.UNKNOWN_FORMAT, f"the root element is {shown(name)}, not coverage")
        _check_rates(attributes)
        covered, total = (_number(attributes, key) for key in ("lines-covered", "lines-valid"))
        if covered is None or total is None:
            return
        if covered > total:
            raise BadReport(Flaw.OUT_OF_RANGE, f"lines-covered is {covered}, more than lines-valid, {total}")
        rate = attributes.get("line-rate")
        if rate is not None and total and abs(float(rate) - covered / total) > _TOLERANCE:
            raise BadReport(Flaw.CONTRADICTION, f"line-rate {rate} is not {covered} of {total}")
        self._totals = Count(covered, total)

    def _line(self, attributes: Mapping[str, str]) -> None:
        number, hits = _number(attributes, "number"), _number(attributes, "hits")
        if number is None or hits is None:
            raise BadReport(Flaw.MALFORMED, f"{self._class.path}: a line without its number or hits")
        (self._class.covered if hits else self._class.missed).append(number)
        if self._wants_branches and (said := attributes.get("condition-coverage")):
            found = _CONDITIONS.fullmatch(said)
            if not found:
                raise BadReport(Flaw.OUT_OF_RANGE, f"{self._class.path}:{number}: condition-coverage {shown(said)}")
            self._branch(number, int(found[1]), int(found[2]), attributes.get("missing-branches", ""))

    def _branch(self, line: int, taken: int, total: int, missing: str) -> None:
        if taken > total:
            raise BadReport(Flaw.OUT_OF_RANGE, f"{self._class.path}:{line}: {taken} of {total} branches taken")
        self._class.branches.append(Branches(line, total, taken, _targets(missing, total - taken)))

    def _keep(self, found: FileCoverage) -> None:
        """Add a class; several may lie in one file, and then must not disagree about a line."""
        before = self._files.get(found.path)
        if before is not None:
            for line, (one, other) in enumerate(zip(before.lines, found.lines, strict=False)):
                if one & other & STATEMENT and (one ^ other) & HIT:
                    raise BadReport(Flaw.CONTRADICTION, f"{found.path}:{line} is both hit and not hit")
            branches = unpack(before.branches) | unpack(found.branches)
            found = FileCoverage(found.path, united(before.lines, found.lines), branches=pack(branches.values()))
        self._files[found.path] = found


class _Feed:
    """Passes the document on to expat, in order, but for the blocks of lines that the pattern can read."""

    def __init__(self, tree: _Tree) -> None:
        self._tree = tree
        self._pending = b""
        self._at = self._look = 0
        self._is_slow = False
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = tree.start
        self._parser.EndElementHandler = tree.end
        self._parser.CharacterDataHandler = tree.text
        self._parser.StartDoctypeDeclHandler = _refuse_subset
        self._parser.EntityDeclHandler = _refuse_entity
        self._parser.SkippedEntityHandler = _refuse_entity
        self._parser.XmlDeclHandler = _check_encoding
        # From expat 2.6 on a handler may be called late; the patterns need to know where they are.
        at_once: Callable[[bool], None] = getattr(self._parser, "SetReparseDeferralEnabled", lambda _: None)
        at_once(False)  # noqa: FBT003  it takes no keyword

    def add(self, chunk: bytes) -> None:
        """Pass on what is complete, and hold back what may be the begin of something."""
        self._pending, self._at, self._look = self._pending[self._at :] + chunk, 0, 0
        while not self._is_slow and self._step():
            pass
        if self._is_slow or len(self._pending) - self._at > _MAX_PENDING:
            self._is_slow = True
            self._pass(len(self._pending))

    def close(self) -> None:
        """Refuse a document that is not finished."""
        self._parser.Parse(self._pending[self._at :], True)  # noqa: FBT003  it takes no keyword

    def _step(self) -> bool:
        """Go on to the next thing of interest; False when more of the document is needed first."""
        found = _OPENING.search(self._pending, self._look)
        if found is None:
            cut = self._pending.rfind(b"<", max(self._look, len(self._pending) - len(_LINES)))
            self._pass(len(self._pending) if cut < 0 else cut)
            return False
        return self._block(found.end()) if found[0] == _LINES else self._skip(found.start())

    def _block(self, begin: int) -> bool:
        end = self._pending.find(_LINES_END, begin)
        if end < 0:
            self._pass(begin - len(_LINES))
            return False
        self._pass(begin)
        if self._tree.is_in_class_lines and self._tree.block(self._pending[begin:end]):
            self._at = end
        self._look = end
        return True

    def _skip(self, begin: int) -> bool:
        """Step over a comment or the like; anything else that begins with an exclamation mark ends the short cut."""
        for opening, closing in _CLOSINGS.items():
            if self._pending.startswith(opening, begin):
                end = self._pending.find(closing, begin + len(opening))
                self._look = end + len(closing)
                self._pass(begin)
                return end >= 0
            if opening.startswith(self._pending[begin : begin + len(opening)]):
                self._pass(begin)
                return False
        self._is_slow = True
        return False

    def _pass(self, end: int) -> None:
        """Give expat everything up to here."""
        self._parser.Parse(self._pending[self._at : end], False)  # noqa: FBT003
        self._at = end


def _targets(text: str, expected: int) -> frozenset[int] | None:
    """Return where branches lead that were not taken; None unless the attribute names each of them once."""
    words = [word.strip() for word in text.split(",")]
    if not all(word == "exit" or (word.isdecimal() and len(word) <= 7) for word in words):
        return frozenset() if not expected else None
    found = frozenset(-1 if word == "exit" else min(int(word), MAX_LINE) for word in words)
    return found if len(found) == expected else None


def _number(attributes: Mapping[str, str], key: str) -> int | None:
    """Return a count; None where there is none."""
    said = attributes.get(key)
    if said is not None and not _NUMBER.fullmatch(said):
        raise BadReport(Flaw.OUT_OF_RANGE, f"{key} is {shown(said)}, not a count")
    return None if said is None else int(said)


def _check_rates(attributes: Mapping[str, str]) -> None:
    for key in ("line-rate", "branch-rate"):
        said = attributes.get(key)
        if said is not None and not (_RATE.fullmatch(said) and float(said) <= 1):
            raise BadReport(Flaw.OUT_OF_RANGE, f"{key} is {shown(said)}, not a number from 0 to 1")


def _check_encoding(_version: str, encoding: str | None, _standalone: int) -> None:
    if (encoding.lower() if encoding else None) not in _ENCODINGS:
        raise BadReport(Flaw.MALFORMED, f"the encoding is {shown(str(encoding))}, not UTF-8")


def _refuse_subset(name: str, _system: str | None, _public: str | None, has_internal_subset: int) -> None:
    if has_internal_subset:
        raise BadReport(Flaw.ENTITIES, f"the document type {shown(name)} has declarations of its own")


def _refuse_entity(name: str, *_: object) -> None:
    raise BadReport(Flaw.ENTITIES, f"the entity {shown(name)}")
