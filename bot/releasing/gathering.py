"""What is to be known of a release, read once for each look."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from bot.model.errors import TooLarge
from bot.model.kinds import Kind
from bot.model.releases import CheckState, MergedPull, Tag
from bot.model.trains import Fate, Stage, Train
from bot.policies.release import train as policy
from bot.policies.release.cadence import due_after
from bot.policies.release.suite import Outcome
from bot.policies.release.versions import NOTHING, Step, Version, parse
from bot.policies.triage.vocabulary import same
from bot.releasing.parts import Place

#: The check of Reeve's own that a candidate carries.
CHECK = "reeve / release"

#: The one of a run that somebody asked for on a pull request.
BENCH_CHECK = "reeve / tensor-parallel"

#: Neither is CI: the first tells of this very release, and the second holds nothing up.
_OWN = frozenset({CHECK, BENCH_CHECK})


@dataclass(slots=True)
class World:
    """GitHub as one look sees it; nothing is asked for twice."""

    place: Place
    _tags: tuple[Tag, ...] | None = None
    _commits: dict[str, str | None] = field(default_factory=dict)
    _merged: dict[tuple[str, str], tuple[MergedPull, ...] | None] = field(default_factory=dict)

    def tags(self) -> tuple[Tag, ...]:
        """Return all tags."""
        if self._tags is None:
            self._tags = self.place.desk.forge.tags(self.place.repository)
        return self._tags

    def tagged(self, name: str) -> str | None:
        """Return the commit that a tag leads to."""
        return next((each.sha for each in self.tags() if each.name == name), None)

    def commit(self, ref: str) -> str | None:
        """Return the commit that a branch, tag or commit leads to."""
        if ref not in self._commits:
            self._commits[ref] = self.place.desk.forge.commit(self.place.repository, ref)
        return self._commits[ref]

    def merged(self, train: Train) -> tuple[MergedPull, ...] | None:
        """Return what was merged since the last release; None where that is more than can be looked through.

        Before the first one that is everything there is, and nothing in particular.
        """
        if not train.base_tag:
            return ()
        between = (train.base_sha, train.sha)
        if between not in self._merged:
            try:
                self._merged[between] = self.place.desk.forge.merged_pulls(self.place.repository, *between)
            except TooLarge:
                self._merged[between] = None
        return self._merged[between]

    def last(self, *, but: str = "") -> tuple[Version, Tag | None]:
        """Return the highest version that is tagged, but for one of this name, and its tag."""
        found = [(version, each) for each in self.tags() if each.name != but and (version := parse(each.name))]
        return max(found, key=lambda each: each[0], default=(NOTHING, None))

    def due(self, step: Step) -> datetime | None:
        """Return when a release by this step is due next; None where no calendar says so, or no date is known."""
        dates = self.dates()
        if step is Step.PATCH or dates is None:
            return None
        minor, major = dates
        return due_after(step, major if step is Step.MAJOR else max(minor, major), self.place.config.release)

    def dates(self) -> tuple[datetime, datetime] | None:
        """Return when the last minor and the last major release went out; None where no release has a date."""
        minor = self._date(lambda version: version.patch == 0)
        major = self._date(lambda version: version.patch == version.minor == 0) or minor
        return None if minor is None or major is None else (minor, major)

    def _date(self, is_one: Callable[[Version], bool]) -> datetime | None:
        found = [(version, each) for each in self.tags() if (version := parse(each.name)) and is_one(version)]
        if not found:
            return None
        release = self.place.desk.forge.release(self.place.repository, max(found, key=lambda each: each[0])[1].name)
        return release.published_at if release else None


def facts(train: Train, world: World, outcome: Outcome | None) -> policy.Facts:
    """Return what the decision about a release rests on; `outcome` is what its result says, None without one."""
    place, number = world.place, parse(train.version)
    forge, repository, rules = place.desk.forge, place.repository, place.config.release
    blockers = forge.open_issues(repository, rules.blocker, None)
    pulls = world.merged(train) or ()
    release = forge.release(repository, train.version) if world.tagged(train.version) == train.sha else None
    return policy.Facts(
        step=Step(train.step),
        version=number or NOTHING,
        last=world.last(but=train.version)[0],
        sha=train.sha,
        due=None if train.is_cut else train.due,
        blockers=tuple(each.number for each in blockers),
        late_bugs=_late(train, place),
        architecture_pulls=tuple(each.number for each in pulls if _has(each, rules.architecture)),
        checks=tuple(policy.Check(each.name, each.is_green) for each in _checks(train, place)),
        waiting=_waiting(train),
        measured=_measured(train, outcome),
        approvals=tuple(policy.Approval(each.user_id, each.login, each.role, each.sha) for each in train.words),
        tag_sha=world.tagged(train.version),
        has_release=release is not None and not release.is_draft,
        is_closed=train.stage is Stage.PUBLISHED,
        is_cancelled=train.stage is Stage.CANCELLED,
    )


def _has(pull: MergedPull, label: str) -> bool:
    return any(same(each, label) for each in pull.labels)


def _late(train: Train, place: Place) -> tuple[int, ...]:
    """Return the bugs of the release's milestone whose deadline is over."""
    late = place.desk.store.late(place.repository.id)
    if not late:
        return ()
    bugs = place.desk.forge.open_issues(place.repository, place.config.labels.of(Kind.BUG), train.version)
    return tuple(each.number for each in bugs if each.number in late)


def _checks(train: Train, place: Place) -> tuple[CheckState, ...]:
    """Return what CI says of the candidate, without Reeve's own checks and the suite's own runs."""
    runs = tuple(f"/runs/{each.run_id}/" for each in train.attempts if each.run_id is not None)
    found = place.desk.forge.checks(place.repository, train.sha)
    return tuple(each for each in found if each.name not in _OWN and not any(run in f"{each.url}/" for run in runs))


def _waiting(train: Train) -> policy.Waiting | None:
    latest = train.latest
    is_waiting = latest is not None and latest.fate is Fate.WAITING
    return policy.Waiting(latest.head, latest.at) if latest is not None and is_waiting else None


def _measured(train: Train, outcome: Outcome | None) -> policy.Measured | None:
    """Return what is known of the candidate's speed. A first run that failed is no answer: it is run once more."""
    latest = train.latest
    if latest is None or latest.fate is Fate.WAITING:
        return None
    ours = [each for each in train.attempts if each.head == train.sha and each.fate is not Fate.DROPPED]
    match latest.fate:
        case Fate.FAILED:
            failed = sum(each.fate is Fate.FAILED for each in ours)
            return policy.Measured(train.sha, Outcome.INFRASTRUCTURE) if failed > 1 else None
        case Fate.REFUSED:
            return policy.Measured(train.sha, Outcome.NOT_COMPARABLE)
        case _:
            extensions = sum(each.pairs is not None for each in ours)
            return policy.Measured(train.sha, outcome or Outcome.INFRASTRUCTURE, extensions)
