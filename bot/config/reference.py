"""Every setting as a page shows it, and as editors are told: the models speak, nothing is written down twice."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema

from bot.config.layers import written
from bot.config.section import Section
from bot.config.sections import Config

#: Where the settings stand in the page, between these two lines.
BEGIN, END = "<!-- settings: begin -->", "<!-- settings: end -->"

#: The value that shows that there is none, in YAML.
NONE = "null"

Schema = Mapping[str, Any]


class _AsWritten(GenerateJsonSchema):
    """Shows defaults as a policy file would have them: `24h`, and not what Python makes of it."""

    def encode_default(self, dft: object) -> object:
        return written(dft)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of the policy file, for editors."""
    schema = Config.model_json_schema(schema_generator=_AsWritten)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return schema


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its whole key, what it takes, its default (None where it must be given) and what it is."""

    key: str
    kind: str
    default: str | None
    description: str


def settings() -> Iterator[tuple[str, str, tuple[Setting, ...]]]:
    """Yield each section with what it is and its settings; the first one has those outside of sections."""
    schema = json_schema()
    inner = {name: found for name, field in Config.model_fields.items() if (found := _section(field))}
    plain = tuple(_setting("", name, field, schema) for name, field in Config.model_fields.items() if name not in inner)
    yield "", "", plain
    for name, section in inner.items():
        yield name, _summary(section), tuple(_walk(section, f"{name}."))


def reference() -> str:
    """Return the settings as Markdown, a table for each section."""
    return "\n".join(_chapter(*each) for each in settings())


def rewritten(page: str) -> str:
    """Return the page with the settings as they are now; raise `LookupError` for one without a place for them."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise LookupError(f"the page needs the lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{reference()}\n{END}{after}"


def _chapter(name: str, summary: str, found: tuple[Setting, ...]) -> str:
    head = [f"### `{name}`", "", summary, ""] if name else []
    if not found:
        return "\n".join([*head, "No settings yet.", ""])
    rows = [f"| `{each.key}` | {each.kind} | {_default(each)} | {each.description} |" for each in found]
    return "\n".join([*head, "| Key | Takes | Default | |", "|---|---|---|---|", *rows, ""])


def _default(setting: Setting) -> str:
    match setting.default:
        case None:
            return "must be given"
        case "null":
            return "none"
        case text:
            return f"`{text}`"


def _walk(section: type[Section], prefix: str) -> Iterator[Setting]:
    """Yield the settings of a section and of those inside it; what can be in shadow says so last."""
    schema = section.model_json_schema(schema_generator=_AsWritten)
    fields = sorted(section.model_fields.items(), key=lambda each: each[0] == "shadow_until")
    for name, field in fields:
        yield _setting(prefix, name, field, schema)
        if inner := _section(field):
            mark = "[]" if _is_list(field.annotation) else ""
            yield from _walk(inner, f"{prefix}{name}{mark}.")


def _setting(prefix: str, name: str, field: FieldInfo, schema: Schema) -> Setting:
    shape = schema["properties"][name]
    default = None if field.is_required() else _yaml(shape.get("default"))
    return Setting(f"{prefix}{name}", _kind(shape, schema.get("$defs", {})), default, _words(field, name))


def _words(field: FieldInfo, name: str) -> str:
    """Return what a setting is; a test sees to it that each says so."""
    return (field.description or name).replace("|", "\\|")


def _yaml(value: object) -> str:
    """Return a default as a policy file would have it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _kind(shape: Schema, defs: Mapping[str, Schema]) -> str:  # noqa: PLR0911  one answer for each kind
    """Return in words what a setting takes."""
    match shape:
        case {"$ref": str(ref)}:
            return _kind(defs[ref.rpartition("/")[2]], defs)
        case {"anyOf": [first, {"type": "null"}]}:
            return _kind(first, defs)
        case {"const": value}:
            return f"`{_yaml(value)}`"
        case {"enum": [*first, last]}:
            return f"{', '.join(f'`{each}`' for each in first)} or `{last}`" if first else f"`{last}`"
        case {"type": "array", "items": items}:
            most = f", at most {shape['maxItems']}" if "maxItems" in shape else ""
            return f"list{most}: {_kind(items, defs)}"
        case {"type": "boolean"}:
            return "`true` or `false`"
        case {"type": "integer" | "number" as number}:
            return _number(shape, whole=number == "integer")
        case {"type": "string"}:
            return _text(shape)
        case _:
            return "settings"


def _number(shape: Schema, *, whole: bool) -> str:
    name = "whole number" if whole else "number"
    low, high = shape.get("minimum"), shape.get("maximum")
    return name if low is None or high is None else f"{name} from {low} to {high}"


def _text(shape: Schema) -> str:
    if shape.get("format") == "date":
        return "day, such as `2027-01-31`"
    if shape.get("format") == "regex":
        return f"regular expression, at most {shape['maxLength']} characters"
    if examples := shape.get("examples"):
        return f"such as {', '.join(f'`{each}`' for each in examples)}"
    return f"text, at most {shape['maxLength']} characters" if "maxLength" in shape else "text"


def _summary(section: type[Section]) -> str:
    """Return the first paragraph of what is written on a section; the others are for those who read the code."""
    return " ".join((section.__doc__ or "").strip().split("\n\n", 1)[0].split())


def _section(field: FieldInfo) -> type[Section] | None:
    """Return the section that a setting holds: itself, an optional one, or the entries of a list."""
    return _inside(field.annotation)


def _inside(annotation: object) -> type[Section] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation if issubclass(annotation, Section) else None
    return next((found for each in get_args(annotation) if (found := _inside(each))), None)


def _is_list(annotation: object) -> bool:
    return getattr(annotation, "__origin__", None) is tuple
