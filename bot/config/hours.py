"""The values of a business calendar: opening hours, days, time zones and countries."""

import re
from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, WithJsonSchema

from bot.config.mistakes import Unusable, quote

#: Minutes after midnight: opening and closing time.
Span = tuple[int, int]

DAY = 24 * 60
_CLOCK = r"([01][0-9]|2[0-4]):([0-5][0-9])"
_SPAN = re.compile(rf"{_CLOCK}\s?-\s?{_CLOCK}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_COUNTRY = re.compile(r"[A-Z]{2}")


def span(text: str) -> Span:
    """Return the minutes of `09:00-12:30`; midnight at the end of a day is 24:00."""
    match = _SPAN.fullmatch(text)
    if match is None:
        raise Unusable("hours")
    first, second = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
    if max(first, second) > DAY:
        raise Unusable("hours")
    return first, second


def _opening(text: str) -> str:
    first, second = span(text)
    if first >= second:
        raise Unusable("hours-order")
    return text


def _quiet(text: str) -> str:
    first, second = span(text)
    if first == second:
        raise Unusable("hours-order")
    return text


def _day(text: str) -> str:
    if _DAY.fullmatch(text) is None:  # fromisoformat also reads 20261224 and 2026-W52-4
        raise Unusable("day")
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise Unusable("day") from error


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Unusable("timezone", name=quote(name)) from error
    return name


def _country(code: str) -> str:
    from holidays import list_supported_countries  # noqa: PLC0415  0.2 s, and only where a country is named

    if _COUNTRY.fullmatch(code) is None or code not in list_supported_countries(include_aliases=False):
        raise Unusable("country", country=quote(code))
    return code


def is_region(country: str, region: str) -> bool:
    """Say whether holidays of this part of a country are known."""
    from holidays import list_supported_countries  # noqa: PLC0415

    return region in list_supported_countries(include_aliases=True).get(country, ())


_HOURS = {"type": "string", "pattern": r"^[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$", "examples": ["09:00-12:30"]}

Opening = Annotated[str, AfterValidator(_opening), WithJsonSchema(_HOURS)]
#: May pass midnight: 22:00-08:00.
Quiet = Annotated[str, AfterValidator(_quiet), WithJsonSchema(_HOURS | {"examples": ["22:00-08:00"]})]
Day = Annotated[str, AfterValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
TimeZone = Annotated[str, AfterValidator(_zone), WithJsonSchema({"type": "string", "examples": ["Asia/Shanghai"]})]
Country = Annotated[
    str, AfterValidator(_country), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2}$", "examples": ["CN"]})
]
