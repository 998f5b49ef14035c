"""What is wrong with a policy file, and where: one mistake each, all of them together in one error.

A mistake names its words by a code: the words themselves stand in `templates/*/mistakes.txt`, in both languages.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.model.errors import ReeveError

#: A file full of nonsense is answered with this many mistakes; more would help nobody.
MAX_MISTAKES = 50
#: A key or a value from the file is quoted up to this length.
MAX_QUOTE = 60

#: What the words of a mistake are filled with.
Filling = str | int | tuple[str, ...]


class Unusable(ValueError):
    """A value that a policy file may not have: the code of the words that say why, and what they are filled with.

    To be raised in validators: pydantic hands it on, and the place in the file is found later.
    """

    def __init__(self, code: str, **data: Filling) -> None:
        """Keep why."""
        super().__init__(" ".join((code, *(f"{name}={value}" for name, value in data.items()))))
        self.code = code
        self.data = data


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing to correct. Lines and columns count from 1, as editors show them.

    `is_layered` says that the file is good by itself and wrong only together with the organisation's.
    """

    file: str
    line: int
    column: int
    key: str
    code: str
    data: Mapping[str, Filling] = field(default_factory=dict)
    is_layered: bool = False

    @property
    def place(self) -> str:
        """Where it is, the way compilers print theirs, so that editors and CI can jump to it."""
        key = f"{self.key}: " if self.key else ""
        return f"{self.file}:{self.line}:{self.column}: {key}"

    def __str__(self) -> str:
        """Return the place and the code, for developers; people are told by `bot.render`."""
        return f"{self.place}{self.code}"


class ConfigError(ReeveError):
    """The policy file cannot be used; `mistakes` says why, in the order of the file."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        """Keep the mistakes by their place in the file, the first `MAX_MISTAKES` of them."""
        ordered = sorted(mistakes, key=lambda mistake: (mistake.line, mistake.column))
        self.mistakes = tuple(ordered[:MAX_MISTAKES])
        self.left_out = len(ordered) - len(self.mistakes)
        super().__init__("\n".join(map(str, self.mistakes)))


def quote(text: str) -> str:
    """Return text from the file shortened and with nothing invisible in it, in double quotes."""
    short = text if len(text) <= MAX_QUOTE else text[: MAX_QUOTE - 1] + "…"
    return '"' + "".join(each if each.isprintable() else "�" for each in short) + '"'
