"""A GitHub with one issue, for tests of what is known about it: it keeps the past and tells it, or not."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.config import Config, parse
from bot.model.errors import Gone
from bot.model.facts import Comment, Issue
from bot.model.forge import Entry, Past
from bot.model.kinds import Kind
from bot.model.past import Known, Learnt
from bot.model.roles import Role
from bot.model.subjects import Actor, Repository, Subject
from bot.model.timeline import Happening, Source, Standing, Timeline, What, comment_key, event_key, heard_key
from bot.policies.sla.clock import clock
from bot.recall import Recall, Roles

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MODEL = Repository(1296269, "acme/model", 77, "main", "acme")
SEVEN = Subject(MODEL.id, 7)
ADA, BOB, MAINTAINER = Actor(1, "ada"), Actor(2, "bob"), Actor(3, "maintainer")
ROBOT = Actor(4, "robot[bot]", is_bot=True)
CONFIG = parse("sla: {bug: 24h}")


@dataclass(frozen=True, slots=True)
class Told:
    """A delivery: the issue as it was then, and what the delivery adds to its past."""

    issue: Issue
    entries: tuple[Entry, ...]


@dataclass
class Hub:
    """GitHub, with an issue of Ada's that is a bug; whatever is asked of it stands in `calls`."""

    now: datetime = NOON
    issue: Issue = field(
        default_factory=lambda: Issue(
            SEVEN, "crash", "", ADA, frozenset(), None, is_open=True, comments=0, created_at=NOON, updated_at=NOON
        )
    )
    listed: list[Entry] = field(default_factory=list)
    roles: dict[int, Role] = field(default_factory=lambda: {MAINTAINER.id: Role.MAINTAIN})
    calls: list[str] = field(default_factory=list)
    refuses: bool = False
    lags_behind: bool = False
    ids: Iterator[int] = field(default_factory=itertools.count)

    # -- what people do ----------------------------------------------------------------------------------------------

    def open(self) -> Told:
        """Open the issue."""
        return self._told(Entry(Happening(id=heard_key(What.OPENED, NOON, ADA), what=What.OPENED, at=NOON, actor=ADA)))

    def say(self, body: str, by: Actor, number: int) -> Told:
        """Comment."""
        happening = Happening(
            id=comment_key(number), what=What.COMMENTED, at=self.now, actor=by, comment_id=number, source=Source.HEARD
        )
        self._change(replace(self.issue, comments=self.issue.comments + 1))
        self.listed.append(Entry(replace(happening, source=Source.READ), body))
        return self._told(Entry(happening, body))

    def edit(self, number: int, body: str) -> Told:
        """Give a comment another text."""
        place, before = self._comment(number)
        key = comment_key(number, self.now)
        happening = replace(before.happening, id=key, edited_at=self.now)
        self._change(self.issue)
        self.listed[place] = Entry(happening, body)
        return self._told(Entry(replace(happening, source=Source.HEARD), body))

    def unsay(self, number: int, by: Actor = MAINTAINER) -> Told:
        """Delete a comment: GitHub's list says so without its number."""
        place, _ = self._comment(number)
        del self.listed[place]
        self._change(replace(self.issue, comments=self.issue.comments - 1))
        self._list(What.COMMENT_DELETED, by)
        id_ = heard_key(What.COMMENT_DELETED, self.now, by, str(number))
        gone = Happening(id=id_, what=What.COMMENT_DELETED, at=self.now, actor=by, comment_id=number)
        return self._told(Entry(gone))

    def label(self, name: str, by: Actor = MAINTAINER) -> Told:
        """Put a label on."""
        self._change(replace(self.issue, labels=self.issue.labels | {name}))
        return self._do(What.LABELED, by, name)

    def unlabel(self, name: str, by: Actor = MAINTAINER) -> Told:
        """Take a label off."""
        self._change(replace(self.issue, labels=self.issue.labels - {name}))
        return self._do(What.UNLABELED, by, name)

    def type(self, name: str | None, by: Actor = MAINTAINER) -> Told:
        """Give the issue a type."""
        self._change(replace(self.issue, type=name))
        return self._do(What.TYPED, by, name)

    def close(self, by: Actor = MAINTAINER) -> Told:
        """Close it."""
        self._change(replace(self.issue, is_open=False))
        return self._do(What.CLOSED, by)

    def reopen(self, by: Actor = MAINTAINER) -> Told:
        """Open it again."""
        self._change(replace(self.issue, is_open=True))
        return self._do(What.REOPENED, by)

    def wait(self, delta: timedelta = HOUR) -> None:
        """Let time pass."""
        self.now += delta

    # -- what may be asked of it -------------------------------------------------------------------------------------

    def timeline(self, repository: Repository, number: int, *, etags: tuple[str, ...] = ()) -> Past:
        """Read what is listed."""
        self.calls.append("timeline")
        etag = (str(hash(tuple(self.listed))),)
        assert (repository, number) == (MODEL, 7)
        listed = () if self.lags_behind else tuple(self.listed)
        return Past(None, etag) if etags == etag else Past(listed, etag)

    def comment(self, repository: Repository, comment_id: int) -> Comment | None:  # noqa: ARG002
        """Read a comment."""
        self.calls.append("comment")
        found = [each for each in self.listed if each.happening.comment_id == comment_id]
        return Comment(comment_id, "", None, NOON, NOON) if found else None

    def permission(self, repository: Repository, login: str, user_id: int) -> Role | None:  # noqa: ARG002
        """Ask for a role."""
        self.calls.append(f"permission {login}")
        if self.refuses:
            raise Gone("nobody is told")
        return self.roles.get(user_id)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _change(self, issue: Issue) -> None:
        self.issue = replace(issue, updated_at=self.now)

    def _list(self, what: What, by: Actor, name: str | None = None) -> None:
        happening = Happening(
            id=event_key(next(self.ids)), what=what, at=self.now, actor=by, source=Source.READ, name=name
        )
        self.listed.append(Entry(happening))

    def _do(self, what: What, by: Actor, name: str | None = None) -> Told:
        self._list(what, by, name)
        id_ = heard_key(what, self.now, by, name)
        return self._told(Entry(Happening(id=id_, what=what, at=self.now, actor=by, name=name)))

    def _told(self, *entries: Entry) -> Told:
        return Told(self.issue, entries)

    def _comment(self, number: int) -> tuple[int, Entry]:
        return next((i, each) for i, each in enumerate(self.listed) if each.happening.comment_id == number)


@dataclass
class Reader:
    """Reeve, as far as it remembers the issue's past."""

    hub: Hub
    config: Config = CONFIG
    known: Known = field(default_factory=Known)
    seen_at: datetime | None = None
    roles: Roles = field(default_factory=Roles)

    def hear(self, *told: Told, is_due: bool = False, is_swept: bool = False) -> Learnt:
        """Take deliveries, judge by the newest state among them, and remember what was learnt."""
        issues = [each.issue for each in told] or [self.hub.issue]
        issue = max(issues, key=lambda each: each.updated_at)
        entries = [entry for each in told for entry in each.entries]
        recall = Recall(self.hub, self.roles, self.config, MODEL, self.hub.now)
        found = recall.of(issue, entries, self.known, seen_at=self.seen_at, is_due=is_due, is_swept=is_swept)
        read_at = found.learnt.read_at
        etags = self.known.etags if read_at is None else found.learnt.etags
        self.known = replace(self.known, timeline=found.timeline, etags=etags, read_at=read_at or self.known.read_at)
        self.seen_at = max(self.seen_at or issue.updated_at, issue.updated_at)
        return found.learnt

    def look(self) -> Learnt:
        """A clock rings."""
        return self.hear(is_due=True)

    def standings(self, now: datetime | None = None) -> Sequence[Standing]:
        """Tell how the clocks stand."""
        return clock(self.timeline, self.config, now or self.hub.now).standings

    @property
    def timeline(self) -> Timeline:
        """What is known, of an issue that triage takes for a bug."""
        return replace(self.known.timeline, kind=Kind.BUG)

    def whats(self) -> list[What]:
        """Name what is known to have happened, in order."""
        return [each.what for each in sorted(self.known.timeline.happenings, key=lambda each: (each.at, each.id))]
