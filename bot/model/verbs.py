"""What a verb of a comment is: its parameters with a closed grammar each, who may use it and where.

Reeve's own verbs and those of plugins are declared in this one form.
"""

import re
from dataclasses import dataclass
from enum import Enum, StrEnum

from bot.model.roles import Who

_NUMBER = r"[0-9]{1,6}"
# Chinese characters and their punctuation; no look-alikes of ASCII, nothing invisible.
_CHINESE = r"\u3400-\u4dbf\u4e00-\u9fff、。《》「」『』【】…—“”‘’（），：；？！"
_DOTTED = r"[0-9A-Za-z]{1,16}(?:\.[0-9A-Za-z]{1,16}){0,3}"


class Type(Enum):
    """The types of argument; the value is the whole grammar of one, ASCII only but for reasons."""

    WORD = r"[a-z][a-z0-9-]{0,39}"
    LABEL = r"[+-](?! )[!#-+./-~ -]{1,50}(?<! )"
    USER = r"-?@?[A-Za-z0-9](?:-?[A-Za-z0-9]){0,38}"
    REASON = rf"[!#-~{_CHINESE}][ !#-~{_CHINESE}]{{2,299}}"  # told to people, and never more than that
    DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    SHA = r"[0-9a-f]{7,40}"
    VERSION = rf"v?{_NUMBER}(?:\.{_NUMBER}){{0,3}}(?:-{_DOTTED}|(?:a|b|rc|dev|post)[0-9]{{1,4}})?"
    DEGREES = r"[1-9][0-9]{0,3}(?:,[1-9][0-9]{0,3}){0,7}"
    REF = r"(?!.*(?:\.\.|//|\.lock$|[./]$))[A-Za-z0-9][A-Za-z0-9._/-]{0,99}"
    CASE = r"[a-z][a-z0-9_-]{0,39}(?:/[A-Za-z0-9_.-]{1,40}){4}"
    DURATION = r"[1-9][0-9]{0,5}[mhd]"


class Risk(StrEnum):
    """Whether a verb needs the comment untouched and the commit unmoved."""

    LOW = "low"
    HIGH = "high"


class Where(StrEnum):
    """On what a verb makes sense."""

    ANYWHERE = "anywhere"
    ISSUE = "issue"
    PULL_REQUEST = "pull_request"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing that a verb may be given: by its place, or as `name=value`."""

    name: str
    type: Type = Type.WORD
    choices: tuple[str, ...] = ()
    is_keyed: bool = False
    is_required: bool = False
    is_repeated: bool = False
    shown: str = ""

    @property
    def usage(self) -> str:
        """How the parameter is written, in brackets where it may be left out."""
        value = self.shown or "|".join(self.choices) or f"<{self.name}>"
        text = f"{self.name}={value}" if self.is_keyed else value
        return text if self.is_required else f"[{text}]"

    def accepts(self, value: str) -> bool:
        """Say whether this is a value that the parameter can have."""
        is_choice = not self.choices or value in self.choices
        return is_choice and re.fullmatch(self.type.value, value, re.ASCII) is not None


@dataclass(frozen=True, slots=True)
class Given:
    """An argument in its normal form, the parameter it is for, and the bare value."""

    name: str
    text: str
    value: str


@dataclass(frozen=True, slots=True)
class Bound:
    """All arguments of a command, each with its parameter, in the order they were typed."""

    given: tuple[Given, ...] = ()

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a parameter."""
        return tuple(each.value for each in self.given if each.name == name)

    def one(self, name: str) -> str:
        """Return the value of a parameter that cannot be left out."""
        return self.all(name)[0]

    def get(self, name: str) -> str | None:
        """Return the value of a parameter; None where it was left out."""
        return next(iter(self.all(name)), None)


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb: what it may be given, who may use it and where. `who_alone` holds when it is given nothing.

    `english` and `chinese` say in a sentence what a plugin's verb does; Reeve's own are told in its templates.
    """

    name: str
    who: Who
    examples: tuple[str, ...]
    parameters: tuple[Parameter, ...] = ()
    aliases: tuple[str, ...] = ()
    who_alone: Who | None = None
    risk: Risk = Risk.LOW
    where: Where = Where.ANYWHERE
    needs_open: bool = False
    is_for_others: bool = False
    is_available: bool = True
    english: str = ""
    chinese: str = ""

    @property
    def usage(self) -> str:
        """How the verb is written."""
        return " ".join([f"/{self.name}", *(each.usage for each in self.parameters)])

    def allowed(self, arguments: tuple[str, ...]) -> Who:
        """Return who may give these arguments."""
        return self.who if arguments or self.who_alone is None else self.who_alone
