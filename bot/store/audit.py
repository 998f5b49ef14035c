"""The audit log: a chain of hashes over every decision, which anybody can check without us.

Entry n is canonical JSON; its hash is SHA-256 over the hash of entry n-1, a line feed and the entry's own text. What
may have to be forgotten (names, words) stands beside it in `detail`: only its salted digest is part of the entry, so
that removing it later leaves the chain whole.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, func, insert, select

from bot.store.engine import AUDIT_LOCK, lock, reading
from bot.store.tables import audit, to_millis

GENESIS = "0" * 64

Plain = str | int | None | list[str] | list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log as it is kept."""

    seq: int
    entry: str
    detail: str | None
    hash: str


@dataclass(frozen=True, slots=True)
class Checked:
    """The result of checking the chain: how long it is, its head, and the first fault if there is one."""

    entries: int
    head: str
    fault: str | None = None


def canonical(value: object) -> str:
    """Write JSON in the one way that is hashed: sorted keys, no spaces, no escapes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def chain(previous: str, entry: str) -> str:
    """Return the hash of an entry that follows `previous`."""
    return hashlib.sha256(f"{previous}\n{entry}".encode()).hexdigest()


def detail_digest(detail: str) -> str:
    """Return the digest of a detail text, which carries its own salt."""
    return hashlib.sha256(detail.encode()).hexdigest()


def append(
    connection: Connection, what: str, *, now: datetime, facts: Mapping[str, Plain], detail: Mapping[str, Plain]
) -> int:
    """Add an entry in the caller's transaction and return its number, which is also the decision's id."""
    lock(connection, AUDIT_LOCK)
    return add(connection, what, now=now, facts=facts, detail=detail)


def add(
    connection: Connection, what: str, *, now: datetime, facts: Mapping[str, Plain], detail: Mapping[str, Plain]
) -> int:
    """Add an entry in a transaction that holds the lock of the log already."""
    last = connection.execute(_LAST).first()
    seq, previous = (last.seq + 1, last.hash) if last else (1, GENESIS)
    kept = canonical({**detail, "salt": secrets.token_hex(16)}) if detail else None
    body = {**facts, "seq": seq, "at": to_millis(now), "what": what, "detail": detail_digest(kept) if kept else None}
    entry = canonical(body)
    values = {"seq": seq, "at": now, "entry": entry, "detail": kept, "hash": chain(previous, entry)}
    connection.execute(_ADD, values)
    return seq


# Built once: putting such a statement together costs as much as running it.
_LAST = select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
_ADD = insert(audit)


def entries(engine: Engine, *, after: int = 0) -> Iterator[Entry]:
    """Yield the log in order, a page at a time."""
    while True:
        with reading(engine) as connection:
            rows = connection.execute(
                select(audit.c.seq, audit.c.entry, audit.c.detail, audit.c.hash)
                .where(audit.c.seq > after)
                .order_by(audit.c.seq)
                .limit(1000)
            ).all()
        if not rows:
            return
        yield from (Entry(*row) for row in rows)
        after = rows[-1].seq


@dataclass(frozen=True, slots=True)
class Noted:
    """A head that somebody wrote down elsewhere: so many entries, ending in this hash."""

    entries: int
    head: str


def verify(log: Iterable[Entry], *, noted: Noted | None = None) -> Checked:
    """Recompute the chain from its first entry and name the first place where it does not hold.

    With a head that was noted before, the chain must still pass through it: a log that was rolled back, or rewritten
    as a whole, is found too.
    """
    head, count = GENESIS, 0
    for line in log:
        fault = _fault(line, head, count + 1)
        if fault:
            return Checked(count, head, fault)
        head, count = line.hash, count + 1
        if noted is not None and count == noted.entries and head != noted.head:
            return Checked(count, head, f"entry {count} is not the one that was noted: the log was rewritten")
    if noted is not None and count < noted.entries:
        return Checked(count, head, f"{noted.entries} entries were noted, {count} are left: the log was rolled back")
    return Checked(count, head)


def _fault(line: Entry, previous: str, expected: int) -> str | None:
    """Say what is wrong with one line, or None."""
    if line.seq != expected:
        return f"entry {expected} is missing (found {line.seq})"
    if not hmac.compare_digest(chain(previous, line.entry), line.hash):
        return f"entry {line.seq} was changed: its hash does not follow from its text"
    body = json.loads(line.entry)
    if body["seq"] != line.seq:
        return f"entry {line.seq} was moved: it says it is {body['seq']}"
    if line.detail is not None and detail_digest(line.detail) != body["detail"]:
        return f"entry {line.seq}: its detail was changed"
    return None


def count(engine: Engine) -> int:
    """Return how many entries there are."""
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(audit)).scalar_one()
