"""Pydantic's findings -> mistakes with the place in the file and words that say how to correct them."""

import difflib
from collections.abc import Mapping
from typing import Any, cast, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.config.mistakes import MAX_MISTAKES, Mistake, quote
from bot.config.sections import Config
from bot.config.strict import Document, Path, name

_WORDS = {
    "model_type": "must hold settings, one `name: value` a line; remove it to have the defaults",
    "string_type": "must be text; put it in quotes",
    "tuple_type": "must be a list",
    "missing": "is missing",
}


def explain(error: ValidationError, document: Document) -> list[Mistake]:
    """Return a mistake for everything pydantic found, less what follows from a value that was refused before."""
    found = error.errors(include_url=False, include_input=False)
    return [
        _mistake(detail, document, suggest=index < MAX_MISTAKES)
        for index, detail in enumerate(found)
        if not _is_known(detail["loc"], document)
    ]


def _is_known(path: Path, document: Document) -> bool:
    return any(path[:length] in document.holes for length in range(len(path) + 1))


def _mistake(detail: ErrorDetails, document: Document, *, suggest: bool) -> Mistake:
    path = detail["loc"]
    if detail["type"] == "extra_forbidden":
        place = document.keys[path]
        message = "is not a setting" + (_suggestion(path) if suggest else "")
    else:
        place = document.places.get(path) or document.places[path[:-1]]  # a missing key has no place of its own
        message = _message(detail)
    return Mistake(document.file, *place, key=name(path), message=message)


def _message(detail: ErrorDetails) -> str:
    context: Mapping[str, Any] = detail.get("ctx", {})
    match detail["type"]:
        case "model_type" if not detail["loc"]:
            return "the file must hold settings, one `name: value` a line"
        case "value_error":
            return str(context["error"])
        case "literal_error":
            return f"must be {context['expected']}".replace("'", "")
        case "too_long":
            return f"has more than {context['max_length']} entries"
        case other:
            return _WORDS.get(other, detail["msg"])


def _suggestion(path: Path) -> str:
    """Name the nearest setting, or all there are at this level."""
    known = sorted(_settings_at(path[:-1]))
    key = str(path[-1])[:100]
    if near := difflib.get_close_matches(key.lower().replace("-", "_"), known, n=1):
        return f"; did you mean {quote(near[0])}?"
    return f"; known here: {', '.join(known)}" if known else "; this section has no settings yet"


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
