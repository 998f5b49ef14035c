"""Patterns for the paths of files, as .gitignore's: `*` stays within a folder, `**` spans any number of them."""

from collections.abc import Iterable, Sequence

#: The longest pattern, in characters.
MAX_LENGTH = 200


def is_any(path: str, patterns: Iterable[str]) -> bool:
    """Say whether one of the patterns fits the whole path."""
    steps = path.split("/")
    return any(_fits(steps, pattern.split("/")) for pattern in patterns)


def _fits(steps: Sequence[str], pattern: Sequence[str]) -> bool:
    """Match folder by folder, going back to the last `**` only: that is enough, and takes no exponential time."""
    step = at = 0
    star, resume = -1, 0
    while step < len(steps):
        if at < len(pattern) and pattern[at] == "**":
            star, resume = at, step
            at += 1
        elif at < len(pattern) and _fits_name(steps[step], pattern[at]):
            step, at = step + 1, at + 1
        elif star >= 0:
            resume += 1
            step, at = resume, star + 1
        else:
            return False
    return at == len(pattern)  # `folder/**` means what is in the folder, not a file of that name


def _fits_name(name: str, pattern: str) -> bool:
    """Match one name: `*` is any run of characters, `?` any single one."""
    step = at = 0
    star, resume = -1, 0
    while step < len(name):
        if at < len(pattern) and pattern[at] == "*":
            star, resume = at, step
            at += 1
        elif at < len(pattern) and pattern[at] in {"?", name[step]}:
            step, at = step + 1, at + 1
        elif star >= 0:
            resume += 1
            step, at = resume, star + 1
        else:
            return False
    return not pattern[at:].strip("*")
