"""The section `coverage`: how much of the code tests must reach, what counts, and which reports are waited for."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from bot.config.benchmark import Globs
from bot.config.mistakes import Unusable
from bot.config.shadow import Enforced
from bot.config.values import Duration, Percentage
from bot.model.coverage import CoverageRules, ProjectRule

_PART = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,99})")
_DEFAULT = CoverageRules()


def _part(text: str) -> str:
    if not _PART.fullmatch(text):
        raise Unusable("part")
    return text


PartName = Annotated[
    str,
    AfterValidator(_part),
    WithJsonSchema({"type": "string", "pattern": f"^{_PART.pattern}$", "examples": ["unit", "gpu"]}),
]


class Coverage(Enforced):
    """How much of the code tests must reach, in percent: of the project, and of the changed lines, each.

    The defaults stand in `bot.model.coverage`, where the command line finds them without loading this.
    """

    minimum: Percentage = Field(default=_DEFAULT.minimum, description="What tests must reach, in percent.")
    branch: bool = Field(default=_DEFAULT.branch, description="Whether branches count besides lines.")
    project: ProjectRule = Field(
        default=_DEFAULT.project,
        description="What the whole project is held to: the minimum, no less than its base (a ratchet), or both.",
    )
    parts: Annotated[tuple[PartName, ...], Field(max_length=50)] = Field(
        default=_DEFAULT.parts,
        description="The reports that are waited for, by name; without any, the first one decides.",
    )
    deadline: Duration = Field(
        default=_DEFAULT.deadline, description="How long reports are waited for before the gate blocks."
    )
    source: Globs = Field(
        default=_DEFAULT.source, description="The files that count; all that the report names where none is given."
    )
    tests: Globs = Field(default=_DEFAULT.tests, description="The files that are tests and do not count.")
    ignore: Globs = Field(default=_DEFAULT.ignore, description="Files that do not count, for another reason.")
    protected: Globs = Field(
        default=_DEFAULT.protected,
        description="Files whose change needs a maintainer's word, for they decide what is measured.",
    )
    max_excluded: Annotated[int, Field(ge=0, le=1_000_000, strict=True)] = Field(
        default=_DEFAULT.max_excluded, description="How many changed lines may be excluded from measuring."
    )

    @property
    def rules(self) -> CoverageRules:
        """The rules that the gate decides by."""
        values = {name: getattr(self, name) for name in CoverageRules.__dataclass_fields__}
        return CoverageRules(**values)
