"""Issues as JSON lines, in and out: what `reeve triage` reads, and what a model is trained and measured on."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

Label = Literal["bug", "feature", "docs", "question"]

#: The classes of every model, in this order.
LABELS: tuple[Label, ...] = ("bug", "feature", "docs", "question")

_SPOKEN: dict[str, Label] = {
    "bug": "bug",
    "feature": "feature",
    "enhancement": "feature",
    "docs": "docs",
    "documentation": "docs",
    "question": "question",
}


class BadLine(ValueError):
    """A line that cannot be read: which one, and why."""

    def __init__(self, number: int, reason: str) -> None:
        """Keep the number of the line, from 1, and the reason."""
        super().__init__(f"line {number}: {reason}")
        self.number = number
        self.reason = reason


def _name_of(label: object) -> object:
    """Accept a label as GitHub's API gives it, too."""
    return label["name"] if isinstance(label, dict) and "name" in label else label


class Row(BaseModel):
    """One line. `label` is the kind that a person gave it; `labels` are all labels as they are on GitHub."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str | int | None = None
    title: str
    body: str | None = None
    labels: tuple[Annotated[str, BeforeValidator(_name_of)], ...] = ()
    author_association: str | None = None
    label: str | None = None
    repo: str | None = None
    lang: str | None = None
    created_at: str | None = None


class Again(BaseModel):
    """One line of a second reading: the issue's id, and what it was found to be."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str | int
    label: Literal["bug", "feature", "enhancement", "docs", "documentation", "question", "unclear"]


@dataclass(frozen=True, slots=True)
class Example:
    """An issue whose kind is known. `source` is its repository, or whatever else keeps alike issues together.

    `before` is the label that it had before it was read again, where that was done.
    """

    title: str
    body: str
    label: Label
    source: str
    created_at: str = ""
    before: Label | None = None


def read(lines: Iterable[str]) -> Iterator[tuple[int, Row | BadLine]]:
    """Yield each line that is not blank with its number, from 1, as a row or as what is wrong with it."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield number, _row(number, line)


def examples(lines: Iterable[str], again: Mapping[str | int, Label | None] | None = None) -> Iterator[Example]:
    """Yield what can be learnt from; raise `BadLine` for a line that cannot be read or has no known `label`.

    `again` are labels of a second reading, by id; None leaves the issue out.
    """
    again = again or {}
    for number, row in read(lines):
        if isinstance(row, BadLine):
            raise row
        label = _SPOKEN.get((row.label or "").strip().casefold())
        if label is None:
            raise BadLine(number, f"label must be one of {', '.join(_SPOKEN)}")
        source = row.repo or f"written-{row.lang or 'en'}"
        found = Example(row.title, row.body or "", label, source, row.created_at or "")
        if row.id is None or row.id not in again:
            yield found
        elif (better := again[row.id]) is not None:
            yield replace(found, label=better, before=label)


def second_reading(lines: Iterable[str]) -> dict[str | int, Label | None]:
    """Return by id what issues were found to be when they were read again; None is unclear."""
    found: dict[str | int, Label | None] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = Again.model_validate_json(line)
        except ValidationError as error:
            raise BadLine(number, _why(error)) from None
        found[row.id] = _SPOKEN.get(row.label)
    return found


def _row(number: int, line: str) -> Row | BadLine:
    try:
        return Row.model_validate_json(line)
    except ValidationError as error:
        return BadLine(number, _why(error))


def _why(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    if not first["loc"] and first["type"] == "model_type":
        return "is no JSON object: one issue is wanted on each line (jq -c '.[]' makes that of an array)"
    place = ".".join(map(str, first["loc"]))
    return f"{place}: {first['msg']}" if place else first["msg"]
