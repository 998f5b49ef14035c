"""Bringing an issue's past together, at the price of a request only where something may be missing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.config import Config, frozen
from bot.model.facts import Comment, Issue
from bot.model.forge import Entry, Past
from bot.model.past import Known, Learnt
from bot.model.roles import Role
from bot.model.subjects import Actor, Repository, Subject
from bot.model.timeline import Happening, Regime, Source, Timeline, What, heard_key
from bot.policies.sla.clock import Lap, clock
from bot.policies.sla.remarks import remark
from bot.recall.gaps import found, has_gap, is_known, is_unexplained
from bot.recall.roles import Roles

#: An issue that is heard of so soon is judged by the settings of now.
JUST_OPENED = timedelta(minutes=10)


class Forge(Protocol):
    """What of GitHub is needed to know an issue's past."""

    def timeline(self, repository: Repository, number: int, *, etags: tuple[str, ...] = ()) -> Past:
        """Read all that happened to an issue; nothing new since these etags costs nothing."""
        ...

    def comment(self, repository: Repository, comment_id: int) -> Comment | None:
        """Read a comment as it is now; None means that it was deleted."""
        ...

    def permission(self, repository: Repository, login: str, user_id: int) -> Role | None:
        """Ask for an account's role now; None means that this login is not this account."""
        ...


class Store(Protocol):
    """What has to be remembered of an issue's past."""

    def past(self, subject: Subject, now: datetime) -> Known:
        """Return what is remembered of an issue."""
        ...

    def keep_past(self, subject: Subject, learnt: Learnt) -> None:
        """Remember what was learnt where nothing is decided."""
        ...


@dataclass(frozen=True, slots=True)
class Recalled:
    """An issue's past as far as it is known now, whether that is the whole of it, and what is new."""

    timeline: Timeline
    learnt: Learnt
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Recall:
    """The parts that recalling needs, wired together for one trip."""

    forge: Forge
    roles: Roles
    config: Config
    repository: Repository
    now: datetime

    def of(
        self,
        issue: Issue,
        entries: Sequence[Entry],
        known: Known,
        *,
        seen_at: datetime | None,
        is_due: bool = False,
        is_swept: bool = False,
    ) -> Recalled:
        """Return the past of an issue as it stands now.

        `is_due`: a clock rang, and nobody is to be called late before GitHub was asked. `is_swept`: the issue was
        found to have changed, and nobody had said so.
        """
        past = _Past(known, entries)
        if self.config.sla.enabled:
            past.add(self._deletions(past.late))
            if is_due or self._is_doubtful(issue, past, seen_at=seen_at, is_swept=is_swept):
                self._read(issue, past)
            self._ask_roles(past)
        regime = self._regime(issue, known)
        timeline = replace(
            known.timeline, happenings=past.all, regimes=(*known.timeline.regimes, *((regime,) if regime else ()))
        )
        is_whole = past.learnt.read_at is not None or is_known(past.all, known)
        return Recalled(timeline, replace(past.learnt, regime=regime), is_whole)

    def _is_doubtful(self, issue: Issue, past: "_Past", *, seen_at: datetime | None, is_swept: bool) -> bool:
        if not is_known(past.all, past.known):
            return issue.is_open  # of one that was closed long ago nobody asks
        if has_gap(issue, past.all, past.known, self.now):
            return True
        return is_swept and is_unexplained(issue, past.all, past.known, seen_at=seen_at)

    def _read(self, issue: Issue, past: "_Past") -> None:
        """Read GitHub's own list; where it is said to be unchanged and explains nothing, read it in full."""
        number = issue.subject.number
        read = self.forge.timeline(self.repository, number, etags=past.known.etags)
        if read.entries is None and has_gap(issue, past.all, past.known, self.now):
            read = self.forge.timeline(self.repository, number)
        if read.entries is not None:
            past.add((_opening(issue), *read.entries))
            past.add(self._deletions(past.said - {each.happening.comment_id for each in read.entries}))
            past.add(found(issue, past.all))
        past.learnt = replace(past.learnt, read_at=self.now, etags=read.etags)

    def _deletions(self, unlisted: Iterable[int | None]) -> Iterator[Entry]:
        """Give the comments that are no more; a list that lags behind is no proof, so each one is asked for."""
        for comment_id in sorted(each for each in unlisted if each is not None):
            if self.forge.comment(self.repository, comment_id) is None:
                id_ = heard_key(What.COMMENT_DELETED, self.now, None, str(comment_id))
                yield Entry(Happening(id=id_, what=What.COMMENT_DELETED, at=self.now, comment_id=comment_id))

    def _ask_roles(self, past: "_Past") -> None:
        """Ask who is a maintainer, of those who spoke while somebody waited, or closed the issue: one after the other.

        An answer ends a wait, and who speaks after it need not be known.
        """
        asked: dict[int, Role | None] = {}
        laps: tuple[Lap, ...] | None = None
        for each, actor in past.doubtful:
            if actor.id not in asked:
                laps = self._laps(past) if laps is None else laps
                if not any(_matters(each, lap) for lap in laps):
                    continue
                asked[actor.id] = self.roles.ask(self.forge, self.repository, actor, self.now)
            past.put(replace(each, role=asked[actor.id]))
            if _is_maintainers(asked[actor.id]):
                laps = None  # this may have ended one

    def _laps(self, past: "_Past") -> tuple[Lap, ...]:
        found = clock(replace(past.known.timeline, happenings=past.all), self.config, self.now)
        return () if found.exempt else found.laps

    def _regime(self, issue: Issue, known: Known) -> Regime | None:
        """Return the settings in force where they are not those that were kept last.

        When they came into force is not known: an issue that is heard of at once after its opening starts under them.
        """
        settings = frozen.write(self.config)
        kept = known.timeline.regimes[-1:]
        if kept and kept[0].settings == settings:
            return None
        is_fresh = not known.timeline.happenings and self.now - issue.created_at <= JUST_OPENED
        return Regime(min(issue.created_at, self.now) if is_fresh else self.now, settings)


class _Past:
    """What is known so far, and which part of it is new."""

    def __init__(self, known: Known, entries: Sequence[Entry]) -> None:
        self.known = known
        self.learnt = Learnt()
        self._happenings: dict[str, Happening] = {each.id: each for each in known.timeline.happenings}
        self._new: dict[str, Happening] = {}
        self.add(entries)

    @property
    def all(self) -> tuple[Happening, ...]:
        """Everything known by now."""
        return tuple(self._happenings.values())

    @property
    def author(self) -> Actor | None:
        """Who opened the issue, as far as that is known."""
        return next((each.actor for each in self._happenings.values() if each.what is What.OPENED), None)

    @property
    def said(self) -> set[int | None]:
        """The numbers of the comments that are there as far as is known."""
        deleted = {each.comment_id for each in self.all if each.what is What.COMMENT_DELETED}
        return {each.comment_id for each in self.all if each.what is What.COMMENTED} - deleted

    @property
    def late(self) -> set[int | None]:
        """The comments told just now that should have been on GitHub's list when it was read, and were not."""
        before = {each.comment_id for each in self.known.timeline.happenings}
        read_at = self.known.read_at
        told = {each.comment_id for each in self._new.values() if read_at is not None and each.at <= read_at}
        return (told & self.said) - before

    @property
    def doubtful(self) -> list[tuple[Happening, Actor]]:
        """What means one thing or another depending on the actor's role, which is not known, in its order."""
        author = self.author
        found = (each for each in self._happenings.values() if _may_matter(each, author))
        ordered = sorted(found, key=lambda each: (each.at, each.id))
        return [(each, each.actor) for each in ordered if each.actor is not None]

    def add(self, entries: Iterable[Entry]) -> None:
        """Take note of entries; one that is known already adds nothing."""
        for entry in entries:
            if entry.happening.id not in self._happenings:
                self.put(_remarked(entry))

    def put(self, happening: Happening) -> None:
        """Take note of a happening, new or better known than before."""
        if self._happenings.get(happening.id) != happening:
            self._happenings[happening.id] = self._new[happening.id] = happening
            self.learnt = replace(self.learnt, happenings=tuple(self._new.values()))


def _remarked(entry: Entry) -> Happening:
    """Return the happening with what its text says about itself; the text is not kept."""
    if entry.happening.what is not What.COMMENTED:
        return entry.happening
    return replace(entry.happening, remark=remark(entry.body, is_by_app=entry.is_by_app))


def _opening(issue: Issue) -> Entry:
    id_ = heard_key(What.OPENED, issue.created_at, issue.author)
    happening = Happening(id=id_, what=What.OPENED, at=issue.created_at, actor=issue.author, source=Source.READ)
    return Entry(happening)


def _matters(each: Happening, lap: Lap) -> bool:
    """Say whether this came while the issue was open, and if it is a comment while somebody waited."""
    spans = [(goal.since, goal.end) for goal in lap.goals] if each.what is What.COMMENTED else [(lap.since, lap.end)]
    return any(since <= each.at and (end is None or each.at <= end.at) for since, end in spans)


def _is_maintainers(role: Role | None) -> bool:
    return role is not None and role >= Role.TRIAGE


def _may_matter(each: Happening, author: Actor | None) -> bool:
    """Say whether it depends on the actor's role, which is not known, what this means to a clock."""
    if each.actor is None or each.actor.is_bot or each.role is not None:
        return False
    is_authors = author is not None and author.id == each.actor.id
    match each.what:
        case What.COMMENTED if each.remark is not None:
            is_answer = each.remark.is_substantive and not each.remark.is_automatic and not is_authors
            return is_answer or bool(each.remark.orders)
        case What.CLOSED:
            return not is_authors and not each.commit
        case _:
            return False
