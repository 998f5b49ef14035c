"""What happened to each issue, as it was told or read; without it no clock could be computed."""

import json
from dataclasses import MISSING, fields
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection, Engine, Select, func, select

from bot.model.past import Known, Learnt
from bot.model.subjects import Subject
from bot.model.timeline import NOTICE, Happening, Notice, Regime, Timeline
from bot.store.engine import passing, reading
from bot.store.tables import applied, happenings, notices, regimes, subjects
from bot.store.upsert import upsert, upsert_many

#: For so long a notice counts against its repository's budget.
A_DAY = timedelta(hours=24)

#: What an entry is unless it says otherwise: left out, for there are millions of them.
_USUAL = {field.name: field.default for field in fields(Happening) if field.default is not MISSING}

read_happening = msgspec.json.Decoder(Happening).decode


class Timelines:
    """The pasts of all issues."""

    def __init__(self, engine: Engine) -> None:
        """Work on this database."""
        self._engine = engine

    def past(self, subject: Subject, now: datetime) -> Known:
        """Return what is remembered of an issue."""
        with reading(self._engine) as connection:
            listed = connection.execute(_of(subject))
            timeline = Timeline(
                happenings=tuple(read_happening(row.entry) for row in listed),
                regimes=_regimes(connection, subject.repository_id),
                notices=_notices(connection, subject),
                recent=_recent(connection, subject.repository_id, now - A_DAY),
            )
            own_comments, written_at = _own(connection, subject)
            etags, read_at = _last_read(connection, subject)
        return Known(timeline, etags, read_at, own_comments, written_at)

    def keep_past(self, subject: Subject, learnt: Learnt) -> None:
        """Remember what was learnt where nothing is decided; GitHub could tell it again, so no disk is waited for."""
        if not learnt.is_nothing:
            with passing(self._engine) as connection:
                keep(connection, subject, learnt)


def keep(connection: Connection, subject: Subject, learnt: Learnt) -> None:
    """Remember what was learnt, within a transaction."""
    if known := marks(learnt):
        key = {"repository_id": subject.repository_id, "number": subject.number}
        upsert(connection, subjects, key, known)
    keep_listed(connection, subject, learnt)


def marks(learnt: Learnt) -> dict[str, object]:
    """Return what a subject itself says of the last reading of GitHub's list, where there was one."""
    if learnt.read_at is None:
        return {}
    return {"timeline_etags": json.dumps(learnt.etags), "timeline_read_at": learnt.read_at}


def keep_listed(connection: Connection, subject: Subject, learnt: Learnt) -> None:
    """Remember what happened, and the settings that were new, within a transaction."""
    rows = [
        {"repository_id": subject.repository_id, "number": subject.number, "id": each.id, **_row(each)}
        for each in learnt.happenings
    ]
    upsert_many(connection, happenings, ("repository_id", "number", "id"), rows)
    if learnt.regime is not None:
        since = {"repository_id": subject.repository_id, "since": learnt.regime.since}
        upsert(connection, regimes, since, {"settings": learnt.regime.settings})


def keep_notice(connection: Connection, subject: Subject, key: str, now: datetime) -> None:
    """Remember that people were called to an issue; wanting the same notice again does not call them again."""
    whole = {"repository_id": subject.repository_id, "number": subject.number, "key": key}
    if not key.startswith(NOTICE):
        return
    known = select(notices.c.at).where(*(notices.c[name] == value for name, value in whole.items()))
    if connection.execute(known).first() is None:
        upsert(connection, notices, whole, {"at": now})


def _row(happening: Happening) -> dict[str, object]:
    return {"at": happening.at, "entry": _written(happening)}


def _written(happening: Happening) -> str:
    whole = ((each.name, getattr(happening, each.name)) for each in fields(happening))
    told = {name: value for name, value in whole if name not in _USUAL or value != _USUAL[name]}
    return msgspec.json.encode(told).decode()


def _of(subject: Subject) -> Select[tuple[str]]:
    c = happenings.c
    of_subject = c.repository_id == subject.repository_id, c.number == subject.number
    return select(c.entry).where(*of_subject).order_by(c.at, c.id)


def _regimes(connection: Connection, repository_id: int) -> tuple[Regime, ...]:
    c = regimes.c
    rows = connection.execute(select(c.since, c.settings).where(c.repository_id == repository_id).order_by(c.since))
    return tuple(Regime(*row) for row in rows)


def _notices(connection: Connection, subject: Subject) -> tuple[Notice, ...]:
    c = notices.c
    of_subject = c.repository_id == subject.repository_id, c.number == subject.number
    return tuple(Notice(*row) for row in connection.execute(select(c.key, c.at).where(*of_subject).order_by(c.at)))


def _recent(connection: Connection, repository_id: int, since: datetime) -> tuple[datetime, ...]:
    c = notices.c
    found = select(c.at).where(c.repository_id == repository_id, c.at > since).order_by(c.at)
    return tuple(connection.execute(found).scalars())


def _own(connection: Connection, subject: Subject) -> tuple[int, datetime | None]:
    """Count Reeve's own comments on an issue, and tell when it last wrote there."""
    c = applied.c
    on_it = c.target > f"{subject.key}/", c.target < f"{subject.key}0"  # "0" follows "/": an index can use it
    comments = func.count().filter(c.target.startswith(f"{subject.key}/comment/"), c.remote_id.is_not(None))
    count, written_at = connection.execute(select(comments, func.max(c.applied_at)).where(*on_it)).one()
    return count, written_at


def _last_read(connection: Connection, subject: Subject) -> tuple[tuple[str, ...], datetime | None]:
    c = subjects.c
    of_subject = c.repository_id == subject.repository_id, c.number == subject.number
    row = connection.execute(select(c.timeline_etags, c.timeline_read_at).where(*of_subject)).first()
    return (tuple(json.loads(row[0])), row[1]) if row is not None and row[1] is not None else ((), None)
