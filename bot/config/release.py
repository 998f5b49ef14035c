"""The section `release`: when releases are due, who lets them out, and how the suite is run for them."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from bot.config.hours import TimeZone
from bot.config.mistakes import Unusable
from bot.config.shadow import Enforced
from bot.config.values import Duration, LabelName, WorkflowFile

Month = Annotated[int, Field(ge=1, le=12)]


def _months(months: tuple[int, ...]) -> tuple[int, ...]:
    if len(set(months)) < len(months):
        raise Unusable("months")
    return tuple(sorted(months))


class Release(Enforced):
    """When releases are due, who lets them out, and how the suite is run for them.

    Minor releases are due on `day` of every month, major ones on that day of `major_months`; in a month that is too
    short on its last day. Patches may go out whenever there is a fix.
    """

    timezone: TimeZone = "UTC"
    day: Annotated[int, Field(ge=1, le=31)] = 1
    major_months: Annotated[tuple[Month, ...], Field(min_length=1, max_length=12), AfterValidator(_months)] = (
        1,
        4,
        7,
        10,
    )
    approvals: Annotated[int, Field(ge=1, le=10, description="How many maintainers have to approve.")] = 2
    blocker: Annotated[LabelName, Field(description="An open issue with this label blocks every release.")] = (
        "release-blocker"
    )
    architecture: Annotated[LabelName, Field(description="A pull request with it belongs in a major release.")] = (
        "architecture"
    )
    workflow: WorkflowFile = "reeve-tensor-parallel.yml"
    profile: Literal["smoke", "pr", "release", "nightly"] = "release"
    patience: Annotated[Duration, Field(description="How long the runners may take before the gate blocks.")] = (
        timedelta(hours=6)
    )
