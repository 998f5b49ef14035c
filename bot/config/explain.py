"""Pydantic's findings -> mistakes with their place in the file and the code of the words that say how to correct it."""

import difflib
import re
from collections.abc import Mapping
from typing import Any, cast, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.config.mistakes import MAX_MISTAKES, Filling, Mistake, Unusable, quote
from bot.config.sections import Config
from bot.config.strict import Document, Path, name

#: Pydantic's own kinds of error, in the words of a policy file; the limit, where there is one, by pydantic's name.
_CODES: Mapping[str, tuple[str, str]] = {
    "model_type": ("section", ""),
    "model_attributes_type": ("section", ""),
    "dict_type": ("section", ""),
    "string_type": ("text", ""),
    "tuple_type": ("list", ""),
    "list_type": ("list", ""),
    "missing": ("missing", ""),
    "int_type": ("integer", ""),
    "int_parsing": ("integer", ""),
    "int_from_float": ("integer", ""),
    "bool_type": ("boolean", ""),
    "bool_parsing": ("boolean", ""),
    "too_long": ("too-many", "max_length"),
    "too_short": ("too-few", "min_length"),
    "string_too_long": ("text-length", "max_length"),
    "string_too_short": ("text-empty", "min_length"),
    "greater_than_equal": ("at-least", "ge"),
    "less_than_equal": ("at-most", "le"),
    "greater_than": ("more-than", "gt"),
    "less_than": ("less-than", "lt"),
}
_QUOTED = re.compile(r"'([^']*)'")


def explain(error: ValidationError, document: Document) -> list[Mistake]:
    """Return a mistake for everything pydantic found, less what follows from a value that was refused before."""
    found = error.errors(include_url=False, include_input=False)
    return [
        _mistake(detail, document, suggest=index < MAX_MISTAKES)
        for index, detail in enumerate(found)
        if not _is_known(detail["loc"], document)
    ]


def reason(detail: ErrorDetails) -> tuple[str, Mapping[str, Filling]]:
    """Return the code of the words that say what is wrong with a value, and what they are filled with."""
    context: Mapping[str, Any] = detail.get("ctx", {})
    match detail["type"]:
        case "model_type" if not detail["loc"]:
            return "not-settings", {}
        case "value_error":
            error = context["error"]
            return (error.code, error.data) if isinstance(error, Unusable) else ("other", {"text": str(error)})
        case "literal_error" | "enum":
            return "choice", {"choices": tuple(_QUOTED.findall(context["expected"])) or (context["expected"],)}
        case known if known in _CODES:
            code, limit = _CODES[known]
            return code, {"limit": str(context[limit])} if limit else {}
        case _:
            return "other", {"text": detail["msg"]}


def _is_known(path: Path, document: Document) -> bool:
    return any(path[:length] in document.holes for length in range(len(path) + 1))


def _mistake(detail: ErrorDetails, document: Document, *, suggest: bool) -> Mistake:
    path = detail["loc"]
    if detail["type"] == "extra_forbidden":
        place = document.keys[path]
        code, data = _unknown(path) if suggest else ("unknown", {})
    else:
        place = document.places.get(path) or document.places[path[:-1]]  # a missing key has no place of its own
        code, data = reason(detail)
    return Mistake(document.file, *place, name(path), code, data)


def _unknown(path: Path) -> tuple[str, Mapping[str, Filling]]:
    """Name the nearest setting, or all there are at this level."""
    known = sorted(_settings_at(path[:-1]))
    key = str(path[-1])[:100]
    if near := difflib.get_close_matches(key.lower().replace("-", "_"), known, n=1):
        return "unknown-near", {"near": quote(near[0])}
    return ("unknown-among", {"known": tuple(known)}) if known else ("unknown-section", {})


def _settings_at(path: Path) -> list[str]:
    model: type[BaseModel] = Config
    for step in path:
        if isinstance(step, str):
            model = _inner(model.model_fields[step].annotation)
    return list(model.model_fields)


def _inner(annotation: object) -> type[BaseModel]:
    """Return the model inside an annotation: a section itself, or the entries of a list of them."""
    inner = get_args(annotation)
    return cast("type[BaseModel]", inner[0] if inner else annotation)
