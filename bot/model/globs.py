"""Patterns for paths: `docs/**`, `*.md`, `src/*.py`. Matched part by part, so that no pattern takes long.

Without a slash a pattern is for the file's name, in any folder; with one it is for the whole path, from the top of the
repository. `*` and `?` stay within one folder, `**` reaches over any number, and a slash at the end means all below.
"""

from collections.abc import Iterable, Sequence

_ANY_DEPTH = "**"


def matches(pattern: str, path: str) -> bool:
    """Say whether a path, as git writes it, is meant by a pattern."""
    if "/" not in pattern:
        return wildcard(pattern, path.rsplit("/", 1)[-1])
    whole = pattern + _ANY_DEPTH if pattern.endswith("/") else pattern
    return _match(whole.split("/"), path.split("/"))


def first(patterns: Iterable[str], path: str) -> str | None:
    """Return the first pattern that means this path."""
    return next((each for each in patterns if matches(each, path)), None)


def is_any(patterns: Iterable[str], path: str) -> bool:
    """Say whether one of the patterns means this path."""
    return any(matches(each, path) for each in patterns)


def wildcard(pattern: str, text: str) -> bool:
    """Say whether `*` (anything) and `?` (one character) in the pattern can be filled so that it is the text.

    Goes back to the last `*` only: what an earlier one could take, this one can too.
    """
    at = mark = place = 0
    star = -1
    while place < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, mark, at = at, place, at + 1
        elif at < len(pattern) and pattern[at] in ("?", text[place]):
            at, place = at + 1, place + 1
        elif star >= 0:
            mark += 1
            at, place = star + 1, mark
        else:
            return False
    return not pattern[at:].strip("*")


def _match(pattern: Sequence[str], path: Sequence[str]) -> bool:
    """Fill a table from the end: whether the rest of the pattern fits the rest of the path."""
    fits = [not any(path[at:]) for at in range(len(path) + 1)]
    for step in reversed(pattern):
        if step == _ANY_DEPTH:
            reached = False
            fits = [reached := reached or each for each in reversed(fits)][::-1]
        else:
            fits = [fits[at + 1] and wildcard(step, path[at]) for at in range(len(path))] + [False]
    return fits[0]
