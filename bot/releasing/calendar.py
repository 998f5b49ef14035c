"""Releases that are due by the calendar: Reeve opens their issue by itself, and starts nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.model.trains import Stage, Train
from bot.policies.release.cadence import due_after, due_train
from bot.policies.release.versions import Step
from bot.releasing.gathering import World


@dataclass(frozen=True, slots=True)
class Proposal:
    """The release that the calendar suggests, one that it suggests no more, and when to look at the calendar again."""

    train: Train | None = None
    ended: Train | None = None
    wake_at: datetime | None = None


def proposal(known: Train | None, world: World, just_ended: Mapping[str, Train]) -> Proposal:
    """Return what is due now; `known` is what was suggested before, `just_ended` what was given up on this look."""
    place, dates = world.place, world.dates()
    rules, now = place.config.release, place.desk.now
    ended = replace(known, stage=Stage.CANCELLED) if known is not None else None
    if dates is None:
        return Proposal(ended=ended)
    due = due_train(*dates, now, rules)
    last, tag = world.last()
    sha = world.commit(place.repository.default_branch)
    if due is None or tag is None or sha is None or sha == tag.sha:
        return Proposal(ended=ended, wake_at=_next(dates, world))
    version = str(last.after(due.step))
    if known is not None and known.version == version:
        return Proposal(replace(known, sha=sha))
    before = just_ended.get(version) or place.desk.store.train(place.repository.id, version)
    if before is not None and before.stage is Stage.CANCELLED and before.by:  # people gave it up: they know
        return Proposal(ended=ended, wake_at=_next(dates, world))
    suggested = Train(
        version=version,
        step=due.step.value,
        ref=place.repository.default_branch,
        sha=sha,
        since=now,
        base_tag=tag.name,
        base_sha=tag.sha,
        by="",
        language=place.desk.speech(),
        opened_at=now,
        stage=Stage.SUGGESTED,
        due=due.due,
    )
    return Proposal(suggested, ended)


def _next(dates: tuple[datetime, datetime], world: World) -> datetime | None:
    """Return when the calendar has something to say next; a day later where something is due already."""
    rules, now = world.place.config.release, world.place.desk.now
    moments = (due_after(Step.MINOR, max(*dates, now), rules), due_after(Step.MAJOR, max(*dates, now), rules))
    return min((each for each in moments if each is not None), default=None)
