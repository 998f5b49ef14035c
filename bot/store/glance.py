"""The memory as one trip sees it: what the trip will ask of its subject is read in two statements.

While a subject is held nobody else writes what is remembered of it, so that what was read once holds for the trip; what
the trip itself writes is read anew.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    CompoundSelect,
    Engine,
    Row,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    null,
    select,
    type_coerce,
    union_all,
)

from bot.model.effects import SetLabels
from bot.model.facts import Memory
from bot.model.forge import Fetched
from bot.model.past import Known, Learnt
from bot.model.subjects import Repository, Subject
from bot.model.timeline import Happening, Notice, Regime, Timeline
from bot.store.engine import reading
from bot.store.memory import MemoryStore
from bot.store.policies import HOME
from bot.store.policies import Known as File
from bot.store.tables import (
    Moment,
    applied,
    from_millis,
    happenings,
    notices,
    outbox,
    regimes,
    repositories,
    subjects,
)
from bot.store.timeline import A_DAY, read_happening
from bot.store.wishes import effect_json

Types = tuple[tuple[str, ...], datetime | None]

_REPOSITORY = ("id", "full_name", "installation_id", "default_branch", "organization")
_FILE = ("config_text", "config_etag", "config_checked_at")
_TYPES = ("issue_types", "issue_types_checked_at")
_MEMORY = ("label", "type", "seen_at", "digest", "checked_head")
_READ = ("timeline_etags", "timeline_read_at")


class Trip(MemoryStore):
    """The memory, with one subject and its repository known already."""

    def __init__(self, engine: Engine, repository: Repository, subject: Subject, now: datetime) -> None:
        """Look once, for a trip that judges this subject at this moment."""
        super().__init__(engine)
        self._subject, self._repository = subject, repository
        with reading(engine) as connection:
            row = connection.execute(_ROW, _asked(repository, subject)).first()
            lists = _Lists.of(connection.execute(_LISTS, _listed(repository, subject, now)).all())
        home = _repository(row, "home_") if repository.organization is not None else None
        self._home: Repository | None = home
        self._repositories = [_repository(row, ""), home]
        self._files: dict[int, File] = {repository.id: _file(row, "", repository)}
        if home is not None:
            self._files.setdefault(home.id, _file(row, "home_", home))
        self._types: Types | None = _types(row)
        self._memory: Memory | None = lists.memory(row)
        self._past: Known | None = lists.past(row)

    def policy_file(self, repository: Repository, branch: str | None = None) -> File:
        """Return the policy file as last read, and when this installation read it."""
        known = self._files.get(repository.id) if branch is None else None
        return super().policy_file(repository, branch) if known is None else known

    def organization_home(self, repository: Repository) -> Repository | None:
        """Return the organisation's own repository, where this installation reaches it."""
        return self._home if repository == self._repository else super().organization_home(repository)

    def keep_repository(self, repository: Repository) -> None:
        """Remember a repository by its id, under its present name."""
        if repository not in self._repositories:
            self._files.pop(repository.id, None)
            super().keep_repository(repository)
            self._repositories.append(repository)

    def memory(self, subject: Subject) -> Memory:
        """Return what Reeve did to a subject before."""
        known = self._memory if subject == self._subject else None
        return super().memory(subject) if known is None else known

    def past(self, subject: Subject, now: datetime) -> Known:
        """Return what is remembered of an issue."""
        known = self._past if subject == self._subject else None
        return super().past(subject, now) if known is None else known

    def issue_types(self, repository: Repository) -> Types:
        """Return the issue types as last read, and when that was."""
        known = self._types if repository.id == self._repository.id else None
        return super().issue_types(repository) if known is None else known

    def keep_issue_types(self, repository: Repository, types: tuple[str, ...], *, now: datetime) -> None:
        """Remember the organisation's issue types."""
        self._types = None
        super().keep_issue_types(repository, types, now=now)

    def keep_seen(self, subject: Subject, moment: datetime) -> None:
        """Move the fence forward, unless it stands there already."""
        if subject != self._subject or self._memory is None or self._memory.seen_at != moment:
            self._memory = None
            super().keep_seen(subject, moment)

    def keep_checked(self, subject: Subject, head_sha: str) -> None:
        """Remember that this head of a pull request leaves the policy file as it is."""
        self._memory = None
        super().keep_checked(subject, head_sha)

    def keep_past(self, subject: Subject, learnt: Learnt) -> None:
        """Remember what was learnt where nothing is decided."""
        if not learnt.is_nothing:
            self._past = None
            super().keep_past(subject, learnt)

    def _keep(self, repository: Repository, values: dict[str, object], branch: str | None) -> None:
        self._files.pop(repository.id, None)
        super()._keep(repository, values, branch)


def _asked(repository: Repository, subject: Subject) -> dict[str, object]:
    home = f"{repository.organization}/{HOME}"
    return {
        "repository": repository.id,
        "issue": subject.number,
        "installation": repository.installation_id,
        "home": home,
    }


def _listed(repository: Repository, subject: Subject, now: datetime) -> dict[str, object]:
    return {
        "repository": repository.id,
        "issue": subject.number,
        "since": now - A_DAY,
        "labels": f"{subject.key}/labels",
        # "0" follows "/": an index can find all that is written to a subject.
        "first": f"{subject.key}/",
        "last": f"{subject.key}0",
        "first_comment": f"{subject.key}/comment/",
        "last_comment": f"{subject.key}/comment0",
    }


@dataclass(slots=True)
class _Lists:
    """What there is any number of, as it comes: of each kind its rows."""

    happenings: list[tuple[datetime, str, Happening]] = field(default_factory=list)
    regimes: list[Regime] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    recent: list[datetime] = field(default_factory=list)
    pending: list[tuple[int, SetLabels]] = field(default_factory=list)
    own_comments: int = 0
    written_at: datetime | None = None

    @classmethod
    def of(cls, rows: Iterable[Sequence[Any]]) -> "_Lists":
        """Sort rows by what they are."""
        found = cls()
        for kind, number, name, said in rows:
            match kind:
                case "happening":
                    found.happenings.append((number, name, read_happening(said)))
                case "regime":
                    found.regimes.append(Regime(from_millis(number), said))
                case "notice":
                    found.notices.append(Notice(name, from_millis(number)))
                case "recent":
                    found.recent.append(from_millis(number))
                case "pending" if isinstance(effect := effect_json.validate_json(said), SetLabels):
                    found.pending.append((number, effect))
                case "own" if number is not None:
                    found.own_comments, found.written_at = int(name), from_millis(number)
        return found

    def memory(self, row: Row[Any] | None) -> Memory:
        """Return what Reeve did to the subject before."""
        if row is None or row.known is None:
            return Memory()
        pending = tuple(effect for _, effect in sorted(self.pending, key=lambda each: each[0]))
        return Memory(**{name: getattr(row, name) for name in _MEMORY}, is_applied=not pending, pending=pending)

    def past(self, row: Row[Any] | None) -> Known:
        """Return what is remembered of the subject's past."""
        timeline = Timeline(
            happenings=tuple(each for *_, each in sorted(self.happenings, key=lambda each: each[:2])),
            regimes=tuple(sorted(self.regimes, key=lambda each: each.since)),
            notices=tuple(sorted(self.notices, key=lambda each: each.at)),
            recent=tuple(sorted(self.recent)),
        )
        read_at = None if row is None else row.timeline_read_at
        etags = tuple(json.loads(row.timeline_etags)) if row is not None and read_at is not None else ()
        return Known(timeline, etags, read_at, self.own_comments, self.written_at)


def _repository(row: Row[Any] | None, which: str) -> Repository | None:
    if row is None or getattr(row, f"{which}id") is None:
        return None
    return Repository(*(getattr(row, f"{which}{name}") for name in _REPOSITORY))


def _file(row: Row[Any] | None, which: str, repository: Repository) -> File:
    if row is None:
        return None, None
    text, etag, checked_at = (getattr(row, f"{which}{name}") for name in _FILE)
    is_ours = getattr(row, f"{which}installation_id") == repository.installation_id
    return (Fetched(text, etag) if text is not None or etag is not None else None), checked_at if is_ours else None


def _types(row: Row[Any] | None) -> Types:
    if row is None or row.issue_types is None:
        return (), None
    return tuple(json.loads(row.issue_types)), row.issue_types_checked_at


def _one_row() -> Select[Any]:
    home, nothing = repositories.alias("home"), select(literal_column("1").label("one")).subquery("always")
    c, s, h = repositories.c, subjects.c, home.c
    number: BindParameter[int] = bindparam("issue", type_=s.number.type)
    joined = (
        nothing.outerjoin(repositories, c.id == bindparam("repository", type_=c.id.type))
        .outerjoin(subjects, and_(s.repository_id == bindparam("repository", type_=c.id.type), s.number == number))
        .outerjoin(home, and_(h.full_name == bindparam("home"), h.installation_id == bindparam("installation")))
    )
    return select(
        *(c[name] for name in (*_REPOSITORY, *_FILE, *_TYPES)),
        *(h[name].label(f"home_{name}") for name in (*_REPOSITORY, *_FILE)),
        *(s[name] for name in (*_MEMORY, *_READ)),
        s.number.label("known"),
    ).select_from(joined)


def _all_lists() -> CompoundSelect[Any]:
    def listed(kind: str, number: Any, name: Any, said: Any) -> Select[Any]:  # noqa: ANN401  columns of any kind
        return select(literal_column(f"'{kind}'").label("kind"), number, name, said)

    issue: BindParameter[int] = bindparam("issue")
    repository: BindParameter[int] = bindparam("repository")
    nothing = cast(null(), Text)
    since = bindparam("since", type_=Moment())
    a, h, n, o, r = applied.c, happenings.c, notices.c, outbox.c, regimes.c
    is_comment = and_(
        a.target > bindparam("first_comment"), a.target < bindparam("last_comment"), a.remote_id.is_not(None)
    )
    comments = cast(func.count().filter(is_comment), Text)
    return union_all(
        listed("happening", _raw(h.at), h.id, h.entry).where(h.repository_id == repository, h.number == issue),
        listed("regime", _raw(r.since), nothing, r.settings).where(r.repository_id == repository),
        listed("notice", _raw(n.at), n.key, nothing).where(n.repository_id == repository, n.number == issue),
        listed("recent", _raw(n.at), nothing, nothing).where(n.repository_id == repository, n.at > since),
        listed("pending", o.id, nothing, o.payload).where(
            o.target == bindparam("labels"), literal_column("outbox.state <= 1")
        ),
        listed("own", _raw(func.max(a.applied_at)), comments, nothing).where(
            a.target > bindparam("first"), a.target < bindparam("last")
        ),
    )


def _raw(moment: Any) -> Any:  # noqa: ANN401  a column of any kind
    """Give a moment as it is kept: the lists have numbers of more than one kind in the same place."""
    return type_coerce(moment, BigInteger)


# Built once: putting such statements together costs more than running them.
_ROW = _one_row()
_LISTS = _all_lists()
