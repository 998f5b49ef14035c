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


#: What a pull request could change to have itself measured as it likes: workflows, the policy, the harness.
PROTECTED = (".github/workflows/**", ".github/reeve.yml", "benchmark/**", "benchmarks/**", "conftest.py")


class Metric(Section):
    """One metric, or several by `*` in the name: what is better, and how much worse it may get, in percent."""

    name: MetricName = Field(description="The name in the report; `*` stands for anything.")
    better: Literal["lower", "higher"] = Field(description="Which direction is better.")
    unit: MetricName | None = Field(default=None, description="The unit that it is reported in.")
    margin: Percentage | None = Field(
        default=None, description="How much worse it may get, in percent, if other than for all."
    )
    required: bool = Field(default=True, description="Whether the gate goes by it, or only shows it.")


class Benchmark(Enforced):
    """Performance data for pull requests. Without `paths` any source file matters; docs and tests never do.

    `evidence` is what is enough: a table in the description (claimed), or raw samples from a workflow (measured). Where
    metrics are listed they are those that count; else all are that the report itself calls primary.
    """

    evidence: Literal["none", "claimed", "measured"] = Field(
        default="claimed",
        description="What is enough: nothing, a table in the description, or raw samples of a workflow.",
    )
    paths: Globs = Field(
        default=(), description="The files whose change needs data; any source file where none is given."
    )
    exempt: Globs = Field(default=(), description="Files whose change never needs data.")
    margin: Percentage = Field(default=Decimal(5), description="How much worse a metric may get, in percent.")
    floor: Percentage = Field(default=Decimal(1), description="What is too little to be told from noise, in percent.")
    wait: Duration = Field(
        default=timedelta(hours=6), description="How long measurements are waited for before the gate blocks."
    )
    protected: Globs = Field(
        default=PROTECTED, description="Files whose change needs a maintainer's word, for it could bend a measurement."
    )
    metrics: Annotated[tuple[Metric, ...], Field(max_length=100)] = Field(
        default=(), description="The metrics that count; those that the report calls primary where none is given."
    )

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
