"""What is wrong with a policy file, in plain words, for a terminal, an annotation, or to be escaped in Markdown."""

from collections.abc import Mapping
from pathlib import Path

from bot.config.mistakes import Filling, Mistake

#: Lines such as `duration: must be a duration with its unit`, one for each code; `{name}` is filled.
CATALOG = "mistakes.txt"

#: How a list of words is joined, by language: as a mere list, and as a choice.
_JOINS: Mapping[str, tuple[str, str]] = {"en": (", ", " or "), "zh-CN": ("、", " 或 ")}


class Catalog:
    """The words for mistakes in one language."""

    def __init__(self, folder: Path, language: str) -> None:
        """Read them from the templates of this language."""
        lines = (folder / language / CATALOG).read_text(encoding="utf-8").splitlines()
        self.words = dict(line.split(": ", 1) for line in lines)
        self._joins = _JOINS[language]

    def tell(self, mistake: Mistake) -> str:
        """Return what is wrong, without the place."""
        data = {name: self._filled(value) for name, value in mistake.data.items()}
        what = self.words[mistake.code].format_map(data)
        return self.words["layered"].format(what=what) if mistake.is_layered else what

    def _filled(self, value: Filling) -> "str | int | _Words":
        return _Words(value, self._joins) if isinstance(value, tuple) else value


class _Words:
    """Some words that become a list, or with the format `or` a choice."""

    def __init__(self, words: tuple[str, ...], joins: tuple[str, str]) -> None:
        self._words, (self._comma, self._or) = words, joins

    def __format__(self, kind: str) -> str:
        *first, last = self._words
        return f"{self._comma.join(first)}{self._or}{last}" if kind == "or" and first else self._comma.join(self._words)
