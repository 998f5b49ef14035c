"""The section `release`: when releases are due, who lets them out, and how the suite is run for them."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from bot.config.hours import TimeZone
from bot.config.mistakes import Unusable
from bot.config.shadow import Enforced
from bot.config.values import Duration, EnvironmentName, LabelName, RunnerLabel, WorkflowFile

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

    timezone: TimeZone = Field(default="UTC", description="The time zone in which days begin, by its IANA name.")
    day: Annotated[int, Field(ge=1, le=31)] = Field(
        default=1, description="The day of the month on which a release is due."
    )
    major_months: Annotated[tuple[Month, ...], Field(min_length=1, max_length=12), AfterValidator(_months)] = Field(
        default=(1, 4, 7, 10),
        description="The months in which the release is a major one.",
    )
    approvals: Annotated[int, Field(ge=1, le=10, description="How many maintainers have to approve.")] = 2
    blocker: Annotated[LabelName, Field(description="An open issue with this label blocks every release.")] = (
        "release-blocker"
    )
    architecture: Annotated[LabelName, Field(description="A pull request with it belongs in a major release.")] = (
        "architecture"
    )
    environment: EnvironmentName | None = Field(
        default=None,
        description="The deployment environment that publishes; `reeve doctor` says where Reeve is no rule of it.",
    )
    workflow: WorkflowFile = Field(default="reeve-tensor-parallel.yml", description="The workflow that runs the suite.")
    runner: Annotated[tuple[RunnerLabel, ...], Field(max_length=20)] = Field(
        default=(),
        description="The labels of the runner; none for those that the workflow names.",
    )
    profile: Literal["smoke", "pr", "release", "nightly"] = Field(
        default="release", description="Which measurements of the suite are run."
    )
    patience: Annotated[Duration, Field(description="How long the runners may take before the gate blocks.")] = (
        timedelta(hours=6)
    )
