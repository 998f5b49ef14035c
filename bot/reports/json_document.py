"""JSON that is small enough to be read whole, and nothing in it that two readers could understand differently."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Never, TypeVar

import msgspec

from bot.reports.measured import BadReport, Flaw

#: The largest file, and how many commas, colons and brackets it may hold, those in texts too: what Python needs for the
#: values between them stays below 200 MiB.
MAX_BYTES = 32 * 1024 * 1024
MAX_VALUES = 2_000_000
MAX_MEMBERS = 400_000
MAX_CONTAINERS = 200_000

#: No measurement is larger, in whatever unit; sums of so many stay finite.
MAX_NUMBER = 1e100

#: How many documents may stand one after the other in a file.
MAX_DOCUMENTS = 400

_SPACE = re.compile(r"[ \t\r\n]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_MAX_NAME = 300

T = TypeVar("T")


def documents(data: bytes) -> tuple[dict[str, Any], ...]:
    """Return the objects that stand in a file, one or several after each other; refuse anything else.

    Refused too: a key that comes twice in an object (readers disagree on it), NaN and infinities.
    """
    _check_size(data)
    try:
        text = data.decode("utf-8-sig")
        found = tuple(_read(text))
    except UnicodeDecodeError as error:
        raise BadReport(Flaw.MALFORMED, f"not UTF-8 at byte {error.start}") from None
    except RecursionError:
        raise BadReport(Flaw.TOO_LARGE, "nested too deeply") from None
    except ValueError as error:  # not JSON, or a number of more digits than Python reads
        raise BadReport(Flaw.MALFORMED, f"not JSON: {error}") from None
    if not found:
        raise BadReport(Flaw.EMPTY, "there is nothing in the file")
    return found


def converted(value: object, kind: type[T]) -> T:
    """Return the value as this type; refuse one that does not fit, with the place in it."""
    try:
        return msgspec.convert(value, kind)
    except (msgspec.ValidationError, OverflowError) as error:
        raise BadReport(Flaw.MALFORMED, str(error)) from None


def numbers(values: Sequence[float], what: str) -> Sequence[float]:
    """Return the values of a measurement; refuse any that no measurement gives."""
    if not values:
        raise BadReport(Flaw.EMPTY, f"{what}: there are no values")
    if not all(0 <= each <= MAX_NUMBER for each in values):
        raise BadReport(Flaw.OUT_OF_RANGE, f"{what}: a value is negative, not finite or beyond all measure")
    return values


def named(text: str) -> str:
    """Return a name from a report; refuse one that is empty, too long, or holds what cannot be shown."""
    if not text.strip() or len(text) > _MAX_NAME or _CONTROL.search(text):
        raise BadReport(Flaw.MALFORMED, f"{text[:40]!r} is no name")
    return text


def _check_size(data: bytes) -> None:
    if len(data) > MAX_BYTES:
        raise BadReport(Flaw.TOO_LARGE, f"the file is larger than {MAX_BYTES >> 20} MiB")
    if data.count(b",") > MAX_VALUES:
        raise BadReport(Flaw.TOO_LARGE, f"the file holds more than {MAX_VALUES} values")
    if data.count(b":") > MAX_MEMBERS:
        raise BadReport(Flaw.TOO_LARGE, f"the objects of the file have more than {MAX_MEMBERS} members")
    if data.count(b"[") + data.count(b"{") > MAX_CONTAINERS:
        raise BadReport(Flaw.TOO_LARGE, f"the file holds more than {MAX_CONTAINERS} lists and objects")


def _read(text: str) -> Iterator[dict[str, Any]]:
    decoder = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse_constant)
    at, count = _after_space(text, 0), 0
    while at < len(text):
        value, at = decoder.raw_decode(text, at)
        if not isinstance(value, dict):
            raise BadReport(Flaw.UNKNOWN_FORMAT, "a benchmark report is a JSON object")
        if (count := count + 1) > MAX_DOCUMENTS:
            raise BadReport(Flaw.TOO_LARGE, f"the file holds more than {MAX_DOCUMENTS} reports")
        yield value
        at = _after_space(text, at)


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    assert found  # the pattern matches nothing too
    return found.end()


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadReport(Flaw.DUPLICATE, "an object names the same key twice")
    return found


def _refuse_constant(word: str) -> Never:
    raise BadReport(Flaw.OUT_OF_RANGE, f"{word} is not a number")
