"""Bytes from outside become plain values here, under limits, or `Malformed` with a one-line reason."""

import json
from math import isfinite
from typing import Any, Never
from urllib.parse import unquote_to_bytes

from bot.model.errors import Malformed

#: GitHub's own payloads are about ten deep; Python's recursion limit is about a thousand.
MAX_DEPTH = 100

#: More digits than any 64-bit number has: never an id, a count or a timestamp.
MAX_DIGITS = 19

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"


def payload(body: bytes, content_type: str) -> bytes:
    """Return the JSON text of a delivery: the body itself, or the field `payload` of a form."""
    kind = content_type if content_type == _JSON else content_type.partition(";")[0].strip().lower()
    if kind == _FORM:
        body = _form_field(body)
    elif kind != _JSON:
        raise Malformed(f"the content type must be {_JSON} or {_FORM}")
    if not body:
        raise Malformed("the body is empty")
    return body


def _form_field(body: bytes) -> bytes:
    fields = [field[8:] for field in body.split(b"&") if field.startswith(b"payload=")]
    if len(fields) != 1:
        raise Malformed("the form must have exactly one field named payload")
    return unquote_to_bytes(fields[0].replace(b"+", b" "))


def check_utf8(body: bytes) -> None:
    """Raise `Malformed` for bytes that are not UTF-8; nearly free for ASCII, which most payloads are."""
    if not body.isascii():
        text(body)


def text(body: bytes) -> str:
    """Return the bytes as text; raise `Malformed` for anything but UTF-8."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(f"not UTF-8 at byte {error.start}") from None


def decode(body: bytes) -> dict[str, Any]:
    """Return the one JSON object that the bytes hold.

    Refused as `Malformed`: duplicate keys (parsers disagree on them), NaN and infinities, numbers beyond 64 bits,
    more than 100 levels, and anything that is not an object.
    """
    value = _loads(text(body))
    if not isinstance(value, dict):
        raise Malformed("the payload is not a JSON object")
    _check_depth(value, MAX_DEPTH)
    return value


def _loads(document: str) -> object:
    try:
        return json.loads(
            document,
            object_pairs_hook=_unique,
            parse_constant=_refuse_constant,
            parse_int=_integer,
            parse_float=_finite,
        )
    except RecursionError:
        raise Malformed("nested too deeply") from None
    except json.JSONDecodeError as error:
        raise Malformed(f"not JSON: {error}") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("an object names the same key twice")
    return found


def _refuse_constant(_: str) -> Never:
    raise Malformed("NaN and Infinity are not JSON")


def _integer(digits: str) -> int:
    if len(digits.lstrip("-")) > MAX_DIGITS:
        raise Malformed("a number has too many digits")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise Malformed("a number is out of range")
    return number


def _check_depth(value: object, levels_left: int) -> None:
    if levels_left == 0:
        raise Malformed("nested too deeply")
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        if isinstance(child, (dict, list)):
            _check_depth(child, levels_left - 1)
