"""Reading the arguments of a command against the parameters of its verb."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model.verbs import Bound, Given, Parameter, Type

#: More arguments than this are not looked at.
MAX_ARGUMENTS = 20


@dataclass(frozen=True, slots=True)
class Mistake:
    """The argument that fits nowhere, or the parameter that is missing."""

    argument: str = ""
    missing: str = ""


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
    if not argument.startswith(prefix) or not (argument.isascii() or parameter.type is Type.REASON):
        return None
    value = argument[len(prefix) :]
    value = value.lower() if parameter.type is Type.WORD else value
    return Given(parameter.name, prefix + value, value) if parameter.accepts(value) else None
