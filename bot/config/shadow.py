"""Shadow: what is set to it only reports what it would do, until a day that is named; from then on it is enforced."""

from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar

from pydantic import Field

from bot.config.hours import Day
from bot.config.section import Section

AnySection = TypeVar("AnySection", bound=Section)


class Enforced(Section):
    """Settings that are enforced, unless they are in shadow."""

    shadow_until: Day | None = Field(
        default=None,
        description="Only report what would be done, up to the end of this day (UTC); enforced by itself from then on.",
    )

    @property
    def promoted_at(self) -> datetime | None:
        """The first moment at which it is enforced; None where it is already."""
        return None if self.shadow_until is None else promotion(self.shadow_until)


def promotion(day: str) -> datetime:
    """Return the first moment after a day."""
    return datetime.combine(date.fromisoformat(day), time(), UTC) + timedelta(days=1)


def promoted(section: AnySection, now: datetime) -> AnySection:
    """Return the settings as they hold at this moment: a shadow that is over is gone, wherever it was."""
    changed = {name: after for name, before in section if (after := _promoted(before, now)) is not before}
    if isinstance(section, Enforced) and section.promoted_at is not None and section.promoted_at <= now:
        changed["shadow_until"] = None
    return section.model_copy(update=changed) if changed else section


def _promoted(value: object, now: datetime) -> object:
    match value:
        case Section():
            return promoted(value, now)
        case tuple():
            after = tuple(_promoted(each, now) for each in value)
            return value if all(one is other for one, other in zip(after, value, strict=True)) else after
        case _:
            return value
