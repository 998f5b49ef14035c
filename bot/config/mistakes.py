"""What is wrong with a policy file, and where: one mistake each, all of them together in one error."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.model.errors import ReeveError

#: A file full of nonsense is answered with this many mistakes; more would help nobody.
MAX_MISTAKES = 50
#: A key or a value from the file is quoted up to this length.
MAX_QUOTE = 60


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing to correct. Lines and columns count from 1, as editors show them."""

    file: str
    line: int
    column: int
    key: str
    message: str

    def __str__(self) -> str:
        """Return the mistake the way compilers print theirs, so that editors and CI can jump to it."""
        key = f"{self.key}: " if self.key else ""
        return f"{self.file}:{self.line}:{self.column}: {key}{self.message}"


class ConfigError(ReeveError):
    """The policy file cannot be used; `mistakes` says why, in the order of the file."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        """Keep the mistakes by their place in the file, the first `MAX_MISTAKES` of them."""
        ordered = sorted(mistakes, key=lambda mistake: (mistake.line, mistake.column))
        self.mistakes = tuple(ordered[:MAX_MISTAKES])
        self.left_out = len(ordered) - len(self.mistakes)
        super().__init__("\n".join(map(str, self.mistakes)) + self._rest())

    def _rest(self) -> str:
        return f"\nand {self.left_out} more" if self.left_out else ""


def quote(text: str) -> str:
    """Return text from the file shortened and with nothing invisible in it, in double quotes."""
    short = text if len(text) <= MAX_QUOTE else text[: MAX_QUOTE - 1] + "…"
    return '"' + "".join(each if each.isprintable() else "�" for each in short) + '"'
