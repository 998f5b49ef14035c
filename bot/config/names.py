"""What a policy file names that must exist on GitHub: labels, teams, workflows and environments, with their places."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import get_args

from pydantic import BaseModel

from bot.config.strict import Path


class Thing(StrEnum):
    """What a name stands for. As the mark of a type in `values` it makes every setting of that type be looked up."""

    LABEL = "label"
    TEAM = "team"
    WORKFLOW = "workflow"
    ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class Name:
    """A name, what it stands for and which setting holds it."""

    thing: Thing
    value: str
    path: Path


def named(section: BaseModel, path: Path = ()) -> Iterator[Name]:
    """Yield every name in these settings, in their order."""
    for key, field in type(section).model_fields.items():
        thing = next((each for each in field.metadata if isinstance(each, Thing)), None) or _mark(field.annotation)
        yield from _names(getattr(section, key), thing, (*path, key))


def _names(value: object, thing: Thing | None, path: Path) -> Iterator[Name]:
    match value:
        case BaseModel():
            yield from named(value, path)
        case str() if thing is not None:
            yield Name(thing, value, path)
        case tuple():
            for index, each in enumerate(value):
                yield from _names(each, thing, (*path, index))
        case Mapping():
            for key, each in value.items():
                yield from _names(each, thing, (*path, str(key)))
        case _:
            return


def _mark(annotation: object) -> Thing | None:
    """Return the mark that a type carries anywhere inside: in an optional one, or in the entries of a list."""
    own = getattr(annotation, "__metadata__", ())
    inner = (_mark(each) for each in get_args(annotation))
    return next((each for each in (*own, *inner) if isinstance(each, Thing)), None)
