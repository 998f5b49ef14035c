"""Finds which of many patterns occur in a text, all in one linear pass, whatever the text is (RE2)."""

from collections.abc import Mapping

import re2

#: How much the automaton may remember, in bytes; past that it forgets and begins anew.
MEMORY = 4 << 20


class Finder:
    """Patterns by name, each in alternatives, searched together."""

    def __init__(self, patterns: Mapping[str, tuple[str, ...]]) -> None:
        """Compile the patterns."""
        self._patterns = {name: "|".join(alternatives) for name, alternatives in patterns.items()}
        self._names = tuple(self._patterns)
        options = re2.Options()
        options.max_mem = MEMORY
        self._set = re2.Set.SearchSet(options)
        for pattern in self._patterns.values():
            self._set.Add(pattern)
        self._set.Compile()
        self._alone: dict[str, re2._Regexp] = {}

    def found(self, text: str) -> list[str]:
        """Name what occurs in the text, in the order in which the patterns were given."""
        return [self._names[index] for index in sorted(self._set.Match(text) or ())]

    def first(self, name: str, text: str) -> str:
        """Return what one of the patterns finds first; empty where it finds nothing."""
        pattern = self._alone.get(name) or self._alone.setdefault(name, re2.compile(self._patterns[name]))
        match = pattern.search(text)
        return match[0] if match else ""
