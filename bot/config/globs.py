"""Whether a pattern for paths may stand in a policy file. How it is matched: `bot.model.globs`."""

from bot.config.mistakes import Unusable
from bot.model.globs import first, matches, wildcard

__all__ = ["MAX_LENGTH", "MAX_STEPS", "check", "first", "matches", "wildcard"]

#: The longest pattern, in characters, and how many folders deep it may reach.
MAX_LENGTH = 200
MAX_STEPS = 20


def check(pattern: str) -> str:
    """Return the pattern if it can be used; raise `Unusable` saying why not."""
    steps = pattern.removesuffix("/").split("/")
    is_path = pattern.isprintable() and "\\" not in pattern and all(each not in {"", ".", ".."} for each in steps)
    if not is_path or pattern != pattern.strip() or not 1 <= len(pattern) <= MAX_LENGTH or len(steps) > MAX_STEPS:
        raise Unusable("glob", limit=MAX_LENGTH)
    return pattern
