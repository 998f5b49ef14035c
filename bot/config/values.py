"""The kinds of value a setting can have, each with one way to write it and a message that shows it."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, WithJsonSchema

from bot.config import patterns
from bot.config.mistakes import Unusable
from bot.config.names import Thing

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_DURATION = re.compile(r"([1-9][0-9]{0,5})([mhd])")
_LONGEST = timedelta(days=365)
_MAX_LABEL = 50
_MAX_MESSAGE = 1000
_MAX_ENVIRONMENT = 255
_WORKFLOW = re.compile(r"[A-Za-z0-9_.-]{1,100}\.ya?ml")


def duration(value: object) -> timedelta:
    """Read `90m`, `24h` or `3d`: positive, at most 365 days; a bare number has no unit and is refused."""
    if isinstance(value, timedelta) and timedelta() < value <= _LONGEST:
        return value
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if not match:
        raise Unusable("duration")
    if (result := int(match[1]) * _UNITS[match[2]]) > _LONGEST:
        raise Unusable("too-long-a-time", limit=_LONGEST.days)
    return result


def percentage(value: object) -> Decimal:
    """Read a plain number from 0 to 100, exactly as written."""
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    if not is_number or not 0 <= (number := Decimal(value)) <= 100:  # type: ignore[arg-type]  # narrowed by is_number
        raise Unusable("percentage")
    return number


def label(text: str) -> str:
    """Check a label's name by GitHub's own limits."""
    if not text or text != text.strip() or "\n" in text:
        raise Unusable("label")
    if len(text) > _MAX_LABEL:
        raise Unusable("label-length", limit=_MAX_LABEL)
    return text


def prose(text: str) -> str:
    """Check a text of the repository's own; it is shown literally, never run as a template or as markup."""
    if not text.strip() or len(text) > _MAX_MESSAGE:
        raise Unusable("prose", limit=_MAX_MESSAGE)
    return text


def workflow(text: str) -> str:
    """Check the name of a workflow's file: it lies in `.github/workflows`, and no path leads out of there."""
    if _WORKFLOW.fullmatch(text) is None:
        raise Unusable("workflow")
    return text


def environment(text: str) -> str:
    """Check the name of a deployment environment by GitHub's own limits."""
    if not text or text != text.strip() or not text.isprintable() or len(text) > _MAX_ENVIRONMENT:
        raise Unusable("environment", limit=_MAX_ENVIRONMENT)
    return text


def _version(value: object) -> object:
    if type(value) is not int:  # True and 1.0 are equal to 1, but nobody means them
        raise Unusable("version")
    return value


def _plain(number: Decimal) -> str:
    """Write equal numbers equally: 80, 80.0 and 80.00 are one setting."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


Version = Annotated[Literal[1], BeforeValidator(_version)]
Duration = Annotated[
    timedelta,
    BeforeValidator(duration),
    PlainSerializer(lambda value: int(value.total_seconds()), return_type=int),
    WithJsonSchema({"type": "string", "pattern": r"^[1-9][0-9]{0,5}[mhd]$", "examples": ["90m", "24h", "3d"]}),
]
Percentage = Annotated[
    Decimal,
    BeforeValidator(percentage),
    PlainSerializer(_plain, return_type=str),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 100}),
]
LabelName = Annotated[
    str, AfterValidator(label), WithJsonSchema({"type": "string", "minLength": 1, "maxLength": _MAX_LABEL}), Thing.LABEL
]
RunnerLabel = Annotated[
    str, AfterValidator(label), WithJsonSchema({"type": "string", "minLength": 1, "maxLength": _MAX_LABEL})
]
WorkflowFile = Annotated[
    str,
    AfterValidator(workflow),
    WithJsonSchema({"type": "string", "pattern": f"^{_WORKFLOW.pattern}$", "examples": ["benchmark.yml"]}),
    Thing.WORKFLOW,
]
EnvironmentName = Annotated[
    str,
    AfterValidator(environment),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": _MAX_ENVIRONMENT}),
    Thing.ENVIRONMENT,
]
Prose = Annotated[
    str, AfterValidator(prose), WithJsonSchema({"type": "string", "minLength": 1, "maxLength": _MAX_MESSAGE})
]
Pattern = Annotated[
    str,
    AfterValidator(patterns.check),
    WithJsonSchema({"type": "string", "format": "regex", "maxLength": patterns.MAX_LENGTH}),
]
