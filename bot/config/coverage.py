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

    minimum: Percentage = _DEFAULT.minimum
    branch: bool = _DEFAULT.branch
    project: ProjectRule = _DEFAULT.project
    parts: Annotated[tuple[PartName, ...], Field(max_length=50)] = _DEFAULT.parts
    deadline: Duration = _DEFAULT.deadline
    source: Globs = _DEFAULT.source
    tests: Globs = _DEFAULT.tests
    ignore: Globs = _DEFAULT.ignore
    protected: Globs = _DEFAULT.protected
    max_excluded: Annotated[int, Field(ge=0, le=1_000_000, strict=True)] = _DEFAULT.max_excluded

    @property
    def rules(self) -> CoverageRules:
        """The rules that the gate decides by."""
        values = {name: getattr(self, name) for name in CoverageRules.__dataclass_fields__}
        return CoverageRules(**values)
