"""The section `benchmark`: when performance data is needed, of which kind, and how much slower is too slow."""

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from bot.config import globs
from bot.config.mistakes import Unusable
from bot.config.section import Section
from bot.config.shadow import Enforced
from bot.config.values import Duration, Percentage

_MAX_NAME = 300


def _metric(text: str) -> str:
    if not text.strip() or not text.isprintable() or len(text) > _MAX_NAME:
        raise Unusable("metric", limit=_MAX_NAME)
    return text


Glob = Annotated[
    str,
    AfterValidator(globs.check),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": globs.MAX_LENGTH, "examples": ["src/**", "*.cu"]}),
]
Globs = Annotated[tuple[Glob, ...], Field(max_length=100)]
MetricName = Annotated[
    str, AfterValidator(_metric), WithJsonSchema({"type": "string", "minLength": 1, "maxLength": _MAX_NAME})
]


class Metric(Section):
    """One metric, or several by `*` in the name: what is better, and how much worse it may get, in percent."""

    name: MetricName
    better: Literal["lower", "higher"]
    unit: MetricName | None = None
    margin: Percentage | None = None
    required: bool = True


class Benchmark(Enforced):
    """Performance data for pull requests. Without `paths` any source file matters; docs and tests never do.

    `evidence` is what is enough: a table in the description (claimed), or raw samples from a workflow (measured). Where
    metrics are listed they are those that count; else all are that the report itself calls primary.
    """

    evidence: Literal["none", "claimed", "measured"] = "claimed"
    paths: Globs = ()
    exempt: Globs = ()
    margin: Percentage = Decimal(5)
    floor: Percentage = Decimal(1)
    wait: Duration = timedelta(hours=6)
    metrics: Annotated[tuple[Metric, ...], Field(max_length=100)] = ()

    def of(self, name: str) -> Metric | None:
        """Return the first setting that means a metric."""
        return next((each for each in self.metrics if globs.wildcard(each.name, name)), None)

    @model_validator(mode="after")
    def _have_room(self) -> Self:
        """Between the floor and the margin lies what is called neither a pass nor a regression."""
        margins = [self.margin, *(each.margin for each in self.metrics if each.margin is not None)]
        if min(margins) <= self.floor:
            raise Unusable("margin-floor")
        return self
