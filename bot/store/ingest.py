"""The inbox's front door: deliveries that arrive together are committed together, before any of them is answered.

Light to import on purpose (no SQLAlchemy): a receiver that starts fast loses fewer deliveries at a restart.
"""

import logging
import sqlite3
import struct
import threading
from collections.abc import Callable, Sequence
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from msgspec import Struct

from bot.model.errors import StoreDown
from bot.model.states import State
from bot.model.subjects import Lane
from bot.store.arrays import blobs, integers, texts
from bot.store.bodies import unpack

if TYPE_CHECKING:
    import psycopg
    from psycopg.pq.abc import PGresult

log = logging.getLogger(__name__)

#: What a new row says, in this order; everything else in the inbox has a default.
COLUMNS = (
    "delivery",
    "event",
    "lane",
    "subject",
    "installation_id",
    "received_at",
    "state",
    "not_before",
    "finished_at",
    "body",
)
_INSERT = f"INSERT INTO inbox ({', '.join(COLUMNS)})"

#: How each column goes to PostgreSQL: as an array, a batch in one statement. The arrays hold no null but 0.
_ARRAYS: tuple[Callable[[Sequence[Any]], bytes], ...] = (
    texts,
    texts,
    integers,
    texts,
    integers,
    integers,
    integers,
    integers,
    integers,
    blobs,
)
_NAMES: dict[Callable[[Sequence[Any]], bytes], str] = {texts: "text[]", integers: "bigint[]", blobs: "bytea[]"}

_LOOK = "SELECT seq, state, decision, body FROM inbox WHERE delivery = ?"
# A delivery that was decided already waits for its effects, not for another decision.
_REARM = (
    "UPDATE inbox SET state = CASE WHEN EXISTS (SELECT 1 FROM outbox WHERE outbox.decision = inbox.decision"
    " AND outbox.state <= 1) THEN 2 ELSE 0 END, attempts = 0, lease = NULL, lease_until = NULL,"
    " finished_at = NULL, not_before = ? WHERE seq = ?"
)
# One try is kept: it may have got through, so the next one looks before it writes.
_REARM_EFFECTS = "UPDATE outbox SET state = 0, attempts = 1, finished_at = NULL WHERE decision = ? AND state = 5"

#: A write-ahead log beyond this many pages (of 16 KiB) makes the writer wait until it can start over: writing over
#: an old log is cheaper than letting the file grow.
_LONG_LOG = 1_024

#: The name of the statement that inserts a batch, on each connection to PostgreSQL.
_STATEMENT = b"reeve_inbox"

_Row = tuple[Any, ...]
_Result = TypeVar("_Result")


class Arrival(Struct, frozen=True):
    """A delivery that passed the door: `received_at` in milliseconds since 1970, the body exactly as signed, packed.

    A msgspec structure rather than a dataclass: it is built once per request, four times as fast.
    """

    delivery: str
    event: str
    lane: Lane
    subject: str
    installation_id: int
    received_at: int
    state: State
    packed: bytes


class Admission(Enum):
    """What became of an arrival. Nothing but CONFLICT and FINISHED leaves work to do."""

    ACCEPTED = "new, and committed"
    WAITING = "known, and still being worked on"
    FINISHED = "known, and done before"
    REARMED = "known, had failed, and waits again"
    CONFLICT = "known with another body: the first stands"


class _Database(Protocol):
    """What differs between SQLite and PostgreSQL. Methods raise `StoreDown`."""

    def insert(self, rows: Sequence[_Row]) -> set[str] | None:
        """Commit what is new in one statement; return its delivery ids, or None when every row was new."""
        ...

    def look(self, consider: Callable[["_Query"], list[Admission]]) -> list[Admission]:
        """Run `consider` in one writing transaction, giving it a way to run statements."""
        ...

    def close(self) -> None:
        """Let go of the connections."""
        ...


_Query = Callable[[str, tuple[Any, ...]], list[_Row]]


class Ingest:
    """The writing end of the inbox. One thread at a time may call `admit`."""

    def __init__(self, database_url: str) -> None:
        """Work on the database that SQLAlchemy would open by this URL; its tables must exist by the first `admit`."""
        self._database = _open(database_url)
        self.conflicts = 0

    def admit(self, arrivals: Sequence[Arrival]) -> list[Admission]:
        """Commit the new ones, look up the others; raise `StoreDown` when the database cannot take them now."""
        if not arrivals:
            return []
        new = self._database.insert(_rows(arrivals))
        if new is None:
            return [Admission.ACCEPTED] * len(arrivals)

        def judge(query: _Query) -> list[Admission]:
            fresh = set(new)
            return [self._judge(arrival, fresh, query) for arrival in arrivals]

        return self._database.look(judge)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def _judge(self, arrival: Arrival, new: set[str], query: _Query) -> Admission:
        if arrival.delivery in new:
            new.discard(arrival.delivery)  # a second one with this id in the same batch is a repeat
            return Admission.ACCEPTED
        found = query(_LOOK, (arrival.delivery,))
        if not found:
            raise StoreDown("a known delivery was removed while it came again")
        admission = _repeat(arrival, found[0], query)
        if admission is Admission.CONFLICT:
            self.conflicts += 1
            log.warning("a delivery id came again with another body", extra={"delivery": arrival.delivery})
        return admission


def _rows(arrivals: Sequence[Arrival]) -> list[_Row]:
    return [
        (
            a.delivery,
            a.event,
            int(a.lane),
            a.subject,
            a.installation_id,
            a.received_at,
            int(a.state),
            a.received_at,
            a.received_at if a.state is State.IGNORED else None,
            a.packed,
        )
        for a in arrivals
    ]


def _repeat(arrival: Arrival, row: _Row, query: _Query) -> Admission:
    seq, state, decision, body = row
    if body != arrival.packed and unpack(body) != unpack(arrival.packed):
        return Admission.CONFLICT
    match State(state):
        case State.DONE | State.IGNORED:
            return Admission.FINISHED
        case State.PENDING | State.LEASED | State.DECIDED:
            return Admission.WAITING
        case State.DEAD:
            if decision is not None:
                query(_REARM_EFFECTS, (decision,))
            query(_REARM, (arrival.received_at, seq))
            return Admission.REARMED


def _open(database_url: str) -> _Database:
    scheme, _, rest = database_url.partition("://")
    if scheme.startswith("sqlite"):
        return _Sqlite(rest.removeprefix("/").partition("?")[0])
    if scheme.startswith("postgresql"):
        return _Postgres(f"postgresql://{rest}")
    raise ValueError(f"not a database that Reeve can use: {scheme}")


def _room(count: int) -> int:
    """Return the least size of a prepared statement that holds so many rows: there are 25 sizes up to 128, not 128."""
    step = 1 << max(0, count.bit_length() - 3)
    return -(-count // step) * step


@cache
def _insert_many(count: int) -> str:
    values = ",".join(["(?,?,?,?,?,?,?,?,?,?)"] * count)
    return f"{_INSERT} VALUES {values} ON CONFLICT (delivery) DO NOTHING"


def _connect_sqlite(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5, cached_statements=64)
    # Checkpoints run on a connection of their own, so that no delivery waits for one.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-4096", "wal_autocheckpoint=0"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


class _Sqlite:
    """The inbox in a SQLite file, in write-ahead mode; every commit is on disk when it returns."""

    def __init__(self, path: str) -> None:
        try:
            self._connection = _connect_sqlite(path)
            self._checkpointer = _Checkpointer(path)
        except sqlite3.Error as error:
            raise StoreDown(f"SQLite: {error}") from error

    def insert(self, rows: Sequence[_Row]) -> set[str] | None:
        # No RETURNING: fetching gives up the interpreter once a row, and this thread competes with the event loop.
        flat = [value for row in rows for value in row]
        # Room that is left is filled by saying the last row again, which changes nothing: a statement for each possible
        # size would stay prepared and take 30 MiB together.
        flat += flat[-len(COLUMNS) :] * (_room(len(rows)) - len(rows))
        try:
            cursor = self._connection.execute(_insert_many(_room(len(rows))), flat)
            return None if cursor.rowcount == len(rows) else self._newest(cursor.rowcount, [row[0] for row in rows])
        except (sqlite3.Error, OverflowError) as error:
            raise StoreDown(f"SQLite: {error}") from error

    def _newest(self, count: int, deliveries: list[str]) -> set[str]:
        # Rows are numbered upwards: of the batch's rows, the ones just written bear the highest numbers.
        marks = ",".join("?" * len(deliveries))
        found = self._connection.execute(
            f"SELECT delivery FROM inbox WHERE delivery IN ({marks}) ORDER BY seq DESC LIMIT ?",  # noqa: S608  marks
            [*deliveries, count],
        )
        return {delivery for (delivery,) in found}

    def look(self, consider: Callable[[_Query], list[Admission]]) -> list[Admission]:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            with self._connection:  # commits, or rolls back
                return consider(lambda text, values: self._connection.execute(text, values).fetchall())
        except sqlite3.Error as error:
            raise StoreDown(f"SQLite: {error}") from error

    def close(self) -> None:
        self._checkpointer.close()
        self._connection.close()


class _Checkpointer:
    """Moves the write-ahead log into the database file, on a thread and a connection of its own."""

    def __init__(self, path: str, every: float = 0.25) -> None:
        self._connection = _connect_sqlite(path)
        self._every = every
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="checkpointer", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        while not self._closing.wait(self._every):
            try:
                self._checkpoint()
            except sqlite3.Error as error:  # the log only grows a little longer
                log.warning("checkpoint failed", extra={"error": str(error)})

    def _checkpoint(self) -> None:
        _busy, length, _moved = self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        if length > _LONG_LOG:  # passive ones never catch up with an unbroken stream: stop the writer this once
            self._connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()


def _checked(result: "PGresult") -> "PGresult":
    """Return what the server answered; raise psycopg's error when it is one."""
    import psycopg

    if result.status not in {psycopg.pq.ExecStatus.COMMAND_OK, psycopg.pq.ExecStatus.TUPLES_OK}:
        raise psycopg.OperationalError(result.error_message.decode("utf-8", "replace").strip())
    return result


class _Postgres:
    """The inbox in PostgreSQL, on one connection that is opened again after a loss."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.Connection[_Row] | None = None
        self._is_prepared = False
        arrays = ", ".join(f"${number}::{_NAMES[kind]}" for number, kind in enumerate(_ARRAYS, 1))
        values = ", ".join("NULLIF(finished_at, 0)" if name == "finished_at" else name for name in COLUMNS)
        self._insert = (
            f"{_INSERT} SELECT {values} FROM unnest({arrays}) AS new ({', '.join(COLUMNS)})"  # noqa: S608  our own names
            " ON CONFLICT (delivery) DO NOTHING RETURNING delivery"
        ).encode()

    def insert(self, rows: Sequence[_Row]) -> set[str] | None:
        try:
            columns = [
                kind([value or 0 for value in column] if kind is integers else column)
                for kind, column in zip(_ARRAYS, zip(*rows, strict=True), strict=True)
            ]
        except struct.error as error:
            raise StoreDown(f"PostgreSQL: {error}") from error
        found = self._twice(lambda connection: self._put(connection, columns))
        return None if len(found) == len(rows) else found

    def _put(self, connection: "psycopg.Connection[_Row]", columns: list[bytes]) -> set[str]:
        """Insert by libpq's own call, which gives up the interpreter once; return the delivery ids of the new rows."""
        if not self._is_prepared:
            _checked(connection.pgconn.prepare(_STATEMENT, self._insert))
            self._is_prepared = True
        result = _checked(connection.pgconn.exec_prepared(_STATEMENT, columns, [1] * len(columns)))
        return {(result.get_value(row, 0) or b"").decode() for row in range(result.ntuples)}

    def look(self, consider: Callable[[_Query], list[Admission]]) -> list[Admission]:
        def run(connection: "psycopg.Connection[_Row]") -> list[Admission]:
            def query(text: str, values: tuple[Any, ...]) -> list[_Row]:
                locked = f"{text} FOR UPDATE" if text is _LOOK else text
                cursor = connection.execute(locked.replace("?", "%s").encode(), values)
                return cursor.fetchall() if cursor.description else []

            with connection.transaction():
                return consider(query)

        return self._twice(run)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _twice(self, work: "Callable[[psycopg.Connection[_Row]], _Result]") -> "_Result":
        """Do the work; once more on a new connection if this one was lost. All of it may be done twice."""
        import psycopg  # here, so that an installation on SQLite does not pay for it

        for is_last in (False, True):
            try:
                return work(self._connected())
            except psycopg.Error as error:
                was_lost = self._connection is None or self._connection.broken
                if is_last or not was_lost:
                    raise StoreDown(f"PostgreSQL: {error}") from error
                self.close()
        raise AssertionError("not reached")

    def _connected(self) -> "psycopg.Connection[_Row]":
        import psycopg

        if self._connection is None:
            self._connection = psycopg.connect(self._url, autocommit=True, connect_timeout=5)
            self._is_prepared = False
        return self._connection
