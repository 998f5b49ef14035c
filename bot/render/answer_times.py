"""The figures of `reeve sla report` as a table for a terminal, in the reader's language."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import timedelta

from bot.policies.sla.report import Figures
from bot.policies.sla.statement import seconds
from bot.render.durations import duration
from bot.render.words import Words

_COLUMNS = ("month", "target", "kind", "count", "met", "breached", "waiting", "moot", "median", "p90")


class AnswerTimes:
    """The words of the catalog `sla/report.txt` in one language."""

    def __init__(self, words: Words, language: str) -> None:
        """Read them."""
        lines = words.document("sla/report.txt", language).splitlines()
        self._words: Mapping[str, str] = dict(line.split(": ", 1) for line in lines)
        self._language = language

    def table(self, figures: Sequence[Figures]) -> str:
        """Return a line of headings and one for each month, target and kind."""
        rows = [[self._words[name] for name in _COLUMNS], *map(self._row, figures)]
        widths = [max(_width(row[column]) for row in rows) for column in range(len(_COLUMNS))]
        return "\n".join("  ".join(map(_padded, row, widths)).rstrip() for row in rows) + "\n"

    def say(self, line: str, **data: object) -> str:
        """Return one line of the catalog."""
        return self._words[line].format(**data)

    def _row(self, line: Figures) -> list[str]:
        counts = (line.count, line.met, line.breached, line.waiting, line.moot)
        return [
            line.month,
            self._words[line.target.value],
            self._words[line.kind.value if line.kind else "all"],
            *map(str, counts),
            self._time(line.median),
            self._time(line.p90),
        ]

    def _time(self, time: timedelta | None) -> str:
        return "-" if time is None else duration(seconds(time), self._language)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    """Return how many columns a terminal gives a text: Chinese signs take two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)
