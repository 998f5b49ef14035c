"""What a verb may be given: parameters with a closed pattern each, and the reading of arguments against them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

#: More arguments than this are not looked at.
MAX_ARGUMENTS = 20
_NUMBER = r"[0-9]{1,6}"
_DOTTED = r"[0-9A-Za-z]{1,16}(?:\.[0-9A-Za-z]{1,16}){0,3}"


class Type(Enum):
    """The types of argument; the value is the whole grammar of one, ASCII only."""

    WORD = r"[a-z][a-z0-9-]{0,39}"
    LABEL = r"[+-](?! )[!#-+./-~ -]{1,50}(?<! )"
    USER = r"-?@?[A-Za-z0-9](?:-?[A-Za-z0-9]){0,38}"
    REASON = r"[!#-~][ !#-~]{2,299}"
    DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    SHA = r"[0-9a-f]{7,40}"
    VERSION = rf"v?{_NUMBER}(?:\.{_NUMBER}){{0,3}}(?:-{_DOTTED}|(?:a|b|rc|dev|post)[0-9]{{1,4}})?"
    DEGREES = r"[1-9][0-9]{0,3}(?:,[1-9][0-9]{0,3}){0,7}"
    REF = r"(?!.*(?:\.\.|//|\.lock$|[./]$))[A-Za-z0-9][A-Za-z0-9._/-]{0,99}"
    DURATION = r"[1-9][0-9]{0,5}[mhd]"


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
class Mistake:
    """The argument that fits nowhere, or the parameter that is missing."""

    argument: str = ""
    missing: str = ""


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


def bind(parameters: Sequence[Parameter], arguments: Sequence[str]) -> Bound | Mistake:
    """Find the parameter that each argument is for; return the first mistake instead, if there is one."""
    if len(arguments) > MAX_ARGUMENTS:
        return Mistake(arguments[MAX_ARGUMENTS])
    bound = Bound()
    for argument in arguments:
        fits = (_as(each, argument) for each in parameters if each.is_repeated or not bound.all(each.name))
        found = next((each for each in fits if each), None)
        if found is None:
            return Mistake(argument)
        bound = Bound((*bound.given, found))
    missing = (each.name for each in parameters if each.is_required and not bound.all(each.name))
    return next((Mistake(missing=name) for name in missing), bound)


def _as(parameter: Parameter, argument: str) -> Given | None:
    """Read the argument as this parameter's; None where it cannot be."""
    prefix = f"{parameter.name}=" if parameter.is_keyed else ""
    if not argument.startswith(prefix) or not argument.isascii():
        return None
    value = argument[len(prefix) :]
    value = value.lower() if parameter.type is Type.WORD else value
    return Given(parameter.name, prefix + value, value) if parameter.accepts(value) else None
