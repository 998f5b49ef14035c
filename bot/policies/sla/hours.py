"""The hours in which a clock runs: every hour, or those of a business calendar. Time in them is real time, in UTC."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.config.hours import DAY, span
from bot.config.sla import Calendar

#: So many years after its start a time is given up that is still not over.
_FAR = 60
_NOTHING = timedelta()


class Hours(Protocol):
    """Time that counts."""

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return how much of the time from `start` to `end` counts."""
        ...

    def after(self, start: datetime, allowed: timedelta) -> datetime:
        """Return the first moment at which so much time has counted since `start`."""
        ...

    def opening(self, moment: datetime) -> datetime:
        """Return this moment if it counts, or else the next one that does."""
        ...


class EveryHour:
    """Plain hours: all time counts."""

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return the time that passed."""
        return max(end - start, _NOTHING)

    def after(self, start: datetime, allowed: timedelta) -> datetime:
        """Return the moment when so much time has passed."""
        return start + allowed

    def opening(self, moment: datetime) -> datetime:
        """Return the moment itself."""
        return moment


@dataclass(frozen=True, slots=True)
class _Book:
    """The opening hours of some years: when they begin and end, and how much had counted at the end of each."""

    first: int
    last: int
    starts: tuple[datetime, ...]
    ends: tuple[datetime, ...]
    counted: tuple[timedelta, ...]

    def upto(self, moment: datetime) -> timedelta:
        """Return how much has counted since the beginning of the book."""
        place = bisect_right(self.starts, moment) - 1
        if place < 0:
            return _NOTHING
        left = self.ends[place] - min(moment, self.ends[place])
        return self.counted[place] - left


class BusinessHours:
    """The hours of a business calendar. Its book grows by years and is replaced as a whole, so threads may share it."""

    def __init__(self, calendar: Calendar) -> None:
        """Take the calendar; nothing is worked out before it is asked for."""
        self._calendar = calendar
        self._zone = ZoneInfo(calendar.timezone)
        self._days = tuple(map(calendar.weekday, range(7)))
        self._off = frozenset(calendar.days_off)
        self._on = frozenset(calendar.workdays)
        self._book = _Book(0, -1, (), (), ())

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return how much of the time lies in opening hours."""
        if end <= start:
            return _NOTHING
        book = self._covering(start.year, end.year)
        return book.upto(end) - book.upto(start)

    def after(self, start: datetime, allowed: timedelta) -> datetime:
        """Return when so much opening time has passed; far in the future where it never will have."""
        if not allowed:
            return start
        for years in range(1, _FAR):
            book = self._covering(start.year, start.year + years)
            target = book.upto(start) + allowed
            place = bisect_left(book.counted, target)
            if place < len(book.counted):
                return book.ends[place] - (book.counted[place] - target)
        return start + timedelta(days=366 * _FAR)

    def opening(self, moment: datetime) -> datetime:
        """Return this moment if it is open, or else the next opening."""
        for years in range(1, _FAR):
            book = self._covering(moment.year, moment.year + years)
            place = bisect_right(book.ends, moment)
            if place < len(book.ends):
                return max(moment, book.starts[place])
        return moment + timedelta(days=366 * _FAR)

    def _covering(self, first: int, last: int) -> _Book:
        """Return a book of these years and a little around them, since a local year is not the one in UTC."""
        book = self._book
        first, last = first - 1, last + 1
        if book.first <= first and last <= book.last:
            return book
        if book.last >= book.first:
            first, last = min(first, book.first), max(last, book.last)
        spans = [each for year in range(first, last + 1) for each in self._year(year)]
        counted = accumulate(end - start for start, end in spans)
        self._book = _Book(
            first, last, tuple(start for start, _ in spans), tuple(end for _, end in spans), tuple(counted)
        )
        return self._book

    def _year(self, year: int) -> Iterator[tuple[datetime, datetime]]:
        public = _public(self._calendar.country, self._calendar.region, year)
        day, following = date(year, 1, 1), date(year + 1, 1, 1)
        while day < following:
            for text in self._opening_hours(day, public):
                start, end = (_instant(day, minutes, self._zone) for minutes in span(text))
                if start < end:
                    yield start, end
            day += timedelta(days=1)

    def _opening_hours(self, day: date, public: "_Public") -> Iterable[str]:
        own = self._days[day.weekday()]
        if day.isoformat() in self._off:
            return ()
        if day.isoformat() in self._on or day in public.workdays:
            return self._calendar.hours or own or ()
        if day in public.holidays:
            return ()
        if own is not None:
            return own
        return () if day.weekday() in public.weekend else self._calendar.hours


@lru_cache(maxsize=64)
def hours_of(calendar: Calendar | None) -> Hours:
    """Return the hours of a calendar; without one every hour counts."""
    return EveryHour() if calendar is None else BusinessHours(calendar)


@dataclass(frozen=True, slots=True)
class _Public:
    """What a country makes of a year: its holidays, the weekdays of its weekend, and the weekends that it works."""

    holidays: frozenset[date] = frozenset()
    weekend: frozenset[int] = frozenset({5, 6})
    workdays: frozenset[date] = frozenset()


@lru_cache(maxsize=512)
def _public(country: str | None, region: str | None, year: int) -> _Public:
    if country is None:
        return _Public()
    import holidays  # noqa: PLC0415  0.2 s, and only for repositories that name a country

    found = holidays.country_holidays(country, subdiv=region, years=year, expand=False)
    worked = frozenset(each for each in getattr(found, "weekend_workdays", ()) if each.year == year)
    return _Public(frozenset(found), frozenset(found.weekend), worked)


def _instant(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """Return when it is so many minutes after midnight by the clock on the wall.

    A time that comes twice is the first of the two; one that is skipped is the moment when the clock is put forward.
    """
    wall = datetime.combine(day, time()) + timedelta(minutes=minutes % DAY, days=minutes // DAY)
    late = wall.replace(tzinfo=zone).astimezone(UTC)
    if late.astimezone(zone).replace(tzinfo=None) == wall:
        return late
    return _jump(wall.replace(tzinfo=zone, fold=1).astimezone(UTC), late, zone)


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return when the clock is put forward between two moments, to the second."""
    old = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after
