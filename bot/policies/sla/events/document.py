"""The text of a file of events -> its entries with their places, as JSON or as a JSON value on each line."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from bot.policies.sla.events.mistakes import EventsError

#: Under which names lists of entries stand beside an issue.
_LISTS = ("events", "timeline", "comments", "happenings")
_DECODER = json.JSONDecoder()
_JSON_SPACE = " \t\r\n"


@dataclass(frozen=True, slots=True)
class Parts:
    """A file taken apart: the entries with their places, the issue beside them, and the roles given for the whole."""

    entries: Sequence[tuple[str, dict[str, Any]]]
    issue: dict[str, Any] | None = None
    roles: Mapping[str, Any] | None = None


def take_apart(data: bytes) -> Parts:
    """Take a file apart: one JSON value, or one on each line."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return _of_value(msgspec.json.decode(data))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if pages := _pages(_text(data)):
            return Parts(_listed(pages, ""))
        lines = [(number, line) for number, line in enumerate(data.splitlines(), start=1) if line.strip()]
        if len(lines) < 2 or not _is_object(lines[0][1]):
            raise EventsError(_place(data, str(error)), "not-json", problem=str(error)) from error
        return Parts([(f"line {number}", _line(number, line)) for number, line in lines])


def _text(data: bytes) -> str:
    """Return the text of a file that is no JSON value; say where it is no text."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise EventsError(f"line {line}", "not-text") from error


def _pages(text: str) -> list[Any]:
    """Return the entries of lists that stand one after the other, as `gh api --paginate` has printed its pages."""
    found: list[Any] = []
    text, start = text.strip(_JSON_SPACE), 0
    while start < len(text):
        try:
            page, start = _DECODER.raw_decode(text, start)
        except (ValueError, RecursionError):
            return []
        if not isinstance(page, list):
            return []
        found += page
        while start < len(text) and text[start] in _JSON_SPACE:
            start += 1
    return found


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(msgspec.json.decode(line), dict)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def _line(number: int, line: bytes) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise EventsError(f"line {number}", "not-json", problem=str(error)) from error
    return _object(value, f"line {number}")


def _place(data: bytes, problem: str) -> str:
    """Return the line of a mistake, of which the decoder tells the byte."""
    position = problem.rpartition("(byte ")[2].rstrip(")")
    before = data[: int(position)] if position.isdecimal() else b""
    line = before.count(b"\n") + 1
    return f"line {line}"


def _of_value(value: Any) -> Parts:  # noqa: ANN401  whatever stands there
    if isinstance(value, list):
        is_slurped = bool(value) and all(isinstance(each, list) for each in value)  # gh api --paginate --slurp
        return Parts(_listed([each for page in value for each in page] if is_slurped else value, ""))
    if not isinstance(value, dict):
        raise EventsError("line 1", "not-events")
    lists = [name for name in _LISTS if isinstance(value.get(name), list)]
    if not lists:
        return Parts([("the object", value)])
    issue, roles = value.get("issue"), value.get("roles")
    return Parts(
        [entry for name in lists for entry in _listed(value[name], name)],
        issue=None if issue is None else _object(issue, "issue"),
        roles=None if roles is None else _object(roles, "roles"),
    )


def _listed(values: list[Any], name: str) -> list[tuple[str, dict[str, Any]]]:
    places = [f"{name}[{index}]" for index in range(len(values))]
    return [(place, _object(value, place)) for place, value in zip(places, values, strict=True)]


def _object(value: object, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise EventsError(place, "not-object")
    return value
