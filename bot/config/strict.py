"""YAML text -> plain values with the place of each, refusing everything that could surprise a reader.

PyYAML's own loaders keep the last of two equal keys, read `no` as False, `24:00` as 1440 and `0120` as 80, and let
aliases multiply. Here the parser's events are read one by one, so a hostile file is left as soon as it shows itself.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

import yaml

from bot.config.mistakes import Filling, Mistake, quote

#: The largest file that is read, in bytes of UTF-8.
MAX_BYTES = 64 * 1024
#: How many lists and mappings may lie inside each other; the settings need four.
MAX_DEPTH = 20

#: Where a value stands in the document: keys and indices from the top.
Path = tuple[str | int, ...]
#: Line and column, counted from 1.
Place = tuple[int, int]
#: What a value can be. A number with a point is a Decimal, so that 80.1 stays 80.1.
Value = str | int | bool | Decimal | None | list["Value"] | dict[str, "Value"]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,14})\.[0-9]{1,15}")
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
# YAML 1.1 reads all of these as booleans and YAML 1.2 only true and false; nowhere is one a safe piece of text.
_BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


@dataclass(slots=True)
class Document:
    """A policy file as values, with the place of every key and value and the mistakes of its form.

    `holes` are the paths where a refused value stood: what is said about them elsewhere would be noise.
    Where reading had to stop, `value` is None and the last mistake says why.
    """

    file: str
    value: Value = None
    places: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    holes: set[Path] = field(default_factory=set)

    def add(self, place: Place, path: Path, code: str, **data: Filling) -> None:
        """Note a mistake at this place."""
        self.mistakes.append(Mistake(self.file, *place, key=name(path), code=code, data=data))


class _Mark(Protocol):
    line: int
    column: int


class _UnreadableError(Exception):
    """Reading cannot go on; the mistake is noted already."""


def name(path: Path) -> str:
    """Return a path as people write it: `triage.rules[0].title`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{quote(step)[1:-1]}"
    return text.removeprefix(".")


def read(source: str | bytes, *, file: str) -> Document:
    """Read one document; mistakes of form are noted in it, none is raised."""
    document = Document(file)
    try:
        _Reader(_text(source, document), document).read()
    except _UnreadableError:
        document.value = None
    except yaml.MarkedYAMLError as error:
        document.value = None
        mark = error.problem_mark or error.context_mark
        document.add(_place(mark), (), "yaml", problem=error.problem or error.context or "")
    return document


def _text(source: str | bytes, document: Document) -> str:
    text = _decoded(source, document).removeprefix("\ufeff")
    if bad := _UNPRINTABLE.search(text):
        line = text.count("\n", 0, bad.start()) + 1
        column = bad.start() - text.rfind("\n", 0, bad.start())
        raise _stop(document, (line, column), "unprintable", character=f"U+{ord(bad[0]):04X}")
    return text


def _decoded(source: str | bytes, document: Document) -> str:
    try:
        data = source.encode() if isinstance(source, str) else source
        if len(data) > MAX_BYTES:
            raise _stop(document, (1, 1), "too-large", limit=MAX_BYTES // 1024)
        return data.decode()
    except UnicodeError as error:
        raise _stop(document, (1, 1), "not-utf8") from error


def _stop(document: Document, place: Place, code: str, **data: Filling) -> _UnreadableError:
    document.add(place, (), code, **data)
    return _UnreadableError()


def _place(mark: _Mark | None) -> Place:
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


class _Reader:
    """Walks the parser's events once and fills the document."""

    def __init__(self, text: str, document: Document) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=_LOADER)
        self._document = document

    def read(self) -> None:
        """Read the stream: no document at all is an empty one, a second one is refused."""
        next(self._events)
        event = next(self._events)
        if isinstance(event, yaml.DocumentStartEvent):
            self._refuse_directives(event)
            self._document.value = self._node(next(self._events), ())
            next(self._events)
            self._refuse_second(next(self._events))

    def _refuse_directives(self, event: yaml.DocumentStartEvent) -> None:
        if event.tags:
            self._document.add(_place(event.start_mark), (), "tag-directive")

    def _refuse_second(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            raise _stop(self._document, _place(event.start_mark), "second-document")

    def _node(self, event: yaml.Event, path: Path) -> Value:
        place = self._document.places[path] = _place(event.start_mark)
        if len(path) > MAX_DEPTH:
            raise _stop(self._document, place, "too-deep", limit=MAX_DEPTH)
        self._refuse_marks(event, path)
        match event:
            case yaml.ScalarEvent():
                return self._scalar(event, path)
            case yaml.SequenceStartEvent():
                return self._list(path)
            case yaml.MappingStartEvent():
                return self._mapping(path)
        return None  # an alias: refused above, and its place is a hole

    def _refuse_marks(self, event: yaml.Event, path: Path) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._hole(path, "alias")
        elif getattr(event, "anchor", None) is not None:
            self._hole(path, "anchor")
        elif (tag := getattr(event, "tag", None)) is not None:
            self._hole(path, "tag", tag=quote(tag))

    def _hole(self, path: Path, code: str, **data: Filling) -> None:
        self._document.add(self._document.places[path], path, code, **data)
        self._document.holes.add(path)

    def _scalar(self, event: yaml.ScalarEvent, path: Path) -> Value:
        if _UNPRINTABLE.search(event.value):  # written as an escape, such as "\0"
            self._hole(path, "escaped")
        is_plain = event.implicit[0]
        return _resolve(event.value) if is_plain else str(event.value)

    def _list(self, path: Path) -> list[Value]:
        items: list[Value] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, (*path, len(items))))
        return items

    def _mapping(self, path: Path) -> dict[str, Value]:
        items: dict[str, Value] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event, path)
            is_new = key not in items
            value = self._node(next(self._events), (*path, key))
            if is_new:
                self._document.keys[*path, key] = _place(event.start_mark)
                items[key] = value
            else:
                self._hole_of_second(event, (*path, key))
        return items

    def _hole_of_second(self, event: yaml.Event, path: Path) -> None:
        line = self._document.keys[path][0]
        self._document.add(_place(event.start_mark), path, "twice", line=line)
        self._document.holes.add(path)

    def _key(self, event: yaml.Event, path: Path) -> str:
        if isinstance(event, yaml.ScalarEvent):
            self._refuse_key_marks(event, path)
            return str(event.value)
        raise _stop(self._document, _place(event.start_mark), "complex-key")

    def _refuse_key_marks(self, event: yaml.ScalarEvent, path: Path) -> None:
        if event.anchor is not None or event.tag is not None or _UNPRINTABLE.search(event.value):
            self._document.add(_place(event.start_mark), (*path, event.value), "marked-key")


def _resolve(text: str) -> Value:
    """Give an unquoted scalar its type. What YAML versions read differently stays text."""
    if text in _NULLS:
        return None
    if (boolean := _BOOLEANS.get(text.lower())) is not None:
        return boolean
    if _INTEGER.fullmatch(text):
        return int(text)
    return Decimal(text) if _DECIMAL.fullmatch(text) else text
