"""A repository's settings laid over its organisation's, and those over the defaults: what holds, and who set it.

An organisation's file is a policy file that may also lock keys: those a repository cannot change.
"""

import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, Field, ValidationError
from pydantic_core import ErrorDetails

from bot.config import strict
from bot.config.explain import explain, reason
from bot.config.mistakes import ConfigError, Mistake, Unusable, quote
from bot.config.names import Name, named
from bot.config.section import Section
from bot.config.sections import Config
from bot.config.strict import Document, Path, Value

Model = TypeVar("Model", bound=Config)

#: Where the name of a section ends in a key such as `triage.rules[0].title`.
_SECTION = re.compile(r"[.\[]")


class Origin(StrEnum):
    """Which layer set a value; LOCKED is the organisation, or the default that it holds on to."""

    DEFAULT = "default"
    ORGANIZATION = "organization"
    REPOSITORY = "repository"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class Layer:
    """A file without mistakes: what it says itself, where, which keys it locks, and what on GitHub it names."""

    document: Document
    locked: tuple[str, ...] = ()
    names: tuple[Name, ...] = ()

    def value(self, path: Path) -> Value:
        """Return what the file says at this path; None where it says nothing."""
        found: Value = self.document.value
        for step in path:
            found = found.get(str(step)) if isinstance(found, dict) else None
        return found

    def without(self, sections: Collection[str]) -> "Layer":
        """Return the layer as if the file said nothing in these sections."""
        value = self.document.value
        kept = {key: each for key, each in value.items() if key not in sections} if isinstance(value, dict) else value
        return replace(self, document=replace(self.document, value=kept))

    def locks(self, key: str) -> bool:
        """Say whether this key, or the section it is in, is locked."""
        return any(key == each or key.startswith(f"{each}.") for each in self.locked)


@dataclass(frozen=True, slots=True)
class Effective:
    """The settings in force, the layer that set each key, and what the repository said in vain.

    `contradictions` say where the repository's section gave way to the organisation's, because both do not go together.
    """

    config: Config
    origins: Mapping[str, Origin]
    ignored: tuple[Mistake, ...] = ()
    contradictions: tuple[Mistake, ...] = ()

    def values(self) -> dict[str, object]:
        """Return each key's value as people write it."""
        return {".".join(path): written(_at(self.config, path)) for path in _paths()}


def _known_key(key: str) -> str:
    known = {".".join(path[:length]) for path in _paths() for length in (1, len(path))} - {"version"}
    if key in known:
        return key
    near = difflib.get_close_matches(key[:100], sorted(known), n=1)
    if near:
        raise Unusable("locks-unknown-near", key=quote(key), near=quote(near[0]))
    raise Unusable("locks-unknown", key=quote(key))


class _OrganizationFile(Config):
    """An organisation's file: everything that a repository's may say, and what it locks."""

    locked: Annotated[tuple[Annotated[str, AfterValidator(_known_key)], ...], Field(max_length=50)] = ()


def repository_layer(text: str | bytes, *, file: str) -> Layer:
    """Read a repository's file; raise `ConfigError` with every mistake."""
    document, model = _read(text, file, Config)
    return Layer(document, names=_names(document, model))


def organization_layer(text: str | bytes, *, file: str) -> Layer:
    """Read an organisation's file, which may lock keys; raise `ConfigError` with every mistake."""
    document, model = _read(text, file, _OrganizationFile)
    return Layer(document, model.locked, _names(document, model))


def layer(organization: Layer | None, repository: Layer) -> Effective:
    """Lay the repository over the organisation over the defaults; lists are replaced as a whole.

    Raise `ConfigError` where two files that are good by themselves contradict each other.
    """
    merged: dict[str, Value] = {}
    origins: dict[str, Origin] = {}
    ignored: list[Mistake] = []
    for path in _paths():
        key = ".".join(path)
        shared = organization.value(path) if organization else None
        own = repository.value(path)
        is_locked = organization is not None and organization.locks(key)
        if is_locked and own is not None and own != shared:
            place = repository.document.places[path]
            ignored.append(Mistake(repository.document.file, *place, key, "locked"))
        value = shared if is_locked or own is None else own
        origins[key] = _origin(shared, own, is_locked=is_locked)
        if value is not None:
            _put(merged, path, value)
    return Effective(_merged(merged, repository.document), origins, tuple(ignored))


def settle(organization: Layer | None, repository: Layer) -> Effective:
    """Lay the two over each other in any case: a section that contradicts the organisation's gives way to it.

    Each file is good by itself, so there always is such an answer.
    """
    try:
        return layer(organization, repository)
    except ConfigError as error:
        sections = {_SECTION.split(each.key, 1)[0] for each in error.mistakes}
        rest = repository.without(set(Config.model_fields) if "" in sections else sections)
        settled = settle(organization, rest)
        return replace(settled, contradictions=(*error.mistakes, *settled.contradictions))


def _origin(shared: Value, own: Value, *, is_locked: bool) -> Origin:
    if is_locked:
        return Origin.LOCKED
    if own is not None:
        return Origin.REPOSITORY
    return Origin.DEFAULT if shared is None else Origin.ORGANIZATION


def _names(document: Document, model: Config) -> tuple[Name, ...]:
    """Return the names that the file itself holds; what is at its default is Reeve's own business."""
    return tuple(each for each in named(model) if each.path in document.places)


def _read(text: str | bytes, file: str, model: type[Model]) -> tuple[Document, Model]:
    document = strict.read(text, file=file)
    mistakes = list(document.mistakes)
    try:
        found = model.model_validate({} if document.value is None else document.value)
    except ValidationError as error:
        mistakes += explain(error, document)
    if mistakes:
        raise ConfigError(mistakes)
    return document, found


def _merged(values: dict[str, Value], document: Document) -> Config:
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        raise ConfigError(
            _contradiction(detail, document) for detail in error.errors(include_url=False, include_input=False)
        ) from None


def _contradiction(detail: ErrorDetails, document: Document) -> Mistake:
    path = detail["loc"]
    places = [document.places[path[:length]] for length in range(len(path) + 1) if path[:length] in document.places]
    place = places[-1] if places else (1, 1)
    code, data = reason(detail)
    return Mistake(document.file, *place, strict.name(path), code, data, is_layered=True)


def _paths() -> Iterator[tuple[str, ...]]:
    """Yield every setting there is: `("language",)`, `("sla", "bug")`."""
    for name, field in Config.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            yield from ((name, inner) for inner in kind.model_fields)
        else:
            yield (name,)


def _put(values: dict[str, Value], path: tuple[str, ...], value: Value) -> None:
    *sections, last = path
    for section in sections:
        inner = values.setdefault(section, {})
        assert isinstance(inner, dict)  # no path runs through a plain value
        values = inner
    values[last] = value


def _at(config: Config, path: tuple[str, ...]) -> object:
    found: object = config
    for step in path:
        found = getattr(found, step)
    return found


def written(value: object) -> object:
    """Return a value as a policy file would have it; numbers stay exact."""
    match value:
        case timedelta():
            minutes = int(value.total_seconds()) // 60
            return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case tuple():
            return [written(each) for each in value]
        case BaseModel():
            return {name: written(each) for name, each in value if each is not None}
        case _:
            return value
