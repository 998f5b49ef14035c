"""One SQLAlchemy engine for SQLite and PostgreSQL, with the settings that keep a commit a commit."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, TextClause, Update, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot.model.errors import StoreDown

#: Arbitrary but fixed numbers for PostgreSQL's advisory locks: claims and the audit chain are taken one at a time.
CLAIM_LOCK = 7_305_001
AUDIT_LOCK = 7_305_002
#: Decisions and writers touch the same effects in different orders; taken after the other two, never before.
EFFECTS_LOCK = 7_305_004

#: So many statements stay prepared on a connection to PostgreSQL: all that there are, with room to spare.
PREPARED = 500


def connect(url: str) -> Engine:
    """Return an engine whose transactions are durable when they return."""
    try:
        backend = make_url(url).get_backend_name()
    except (ArgumentError, ValueError):  # its text may hold a password
        raise StoreDown("REEVE_DATABASE_URL is no address, such as postgresql://USER:PASSWORD@HOST/NAME") from None
    return _sqlite(url) if backend == "sqlite" else _postgresql(url)


def _postgresql(url: str) -> Engine:
    # No ping before each use: it would double the round trips. After a loss of the server one task fails, the pool is
    # emptied, and the next doorbell finds the work as it was.
    engine = create_engine(url, pool_size=8, max_overflow=8)
    event.listen(engine, "connect", _prepare_postgresql)
    return engine


def _prepare_postgresql(connection: Any, _record: Any) -> None:  # noqa: ANN401  the driver's own types
    from psycopg.types.numeric import Int8Dumper  # noqa: PLC0415  SQLite does without

    # Numbers would bear the smallest type that holds them, and a statement would be prepared for each mixture.
    connection.adapters.register_dumper(int, Int8Dumper)
    connection.prepare_threshold, connection.prepared_max = 1, PREPARED
    # Every statement has one good plan, by a key or a small partial index. Planning took longer than running them.
    connection.autocommit = True
    connection.execute("SET plan_cache_mode = force_generic_plan")
    connection.autocommit = False


def _sqlite(url: str) -> Engine:
    database = make_url(url).database
    if database:
        _make_folder(Path(database).parent)
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": 30})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise StoreDown(f"the folder {folder} of the database cannot be made: {why}; see REEVE_DATA_DIR") from error


def _prepare_sqlite(connection: Any, _record: Any) -> None:  # noqa: ANN401  the driver's own types
    connection.isolation_level = None  # the driver must not open transactions behind SQLAlchemy's back
    # Large pages first, while the file is still empty: bodies of some 2 kB then cost a third less to write.
    for pragma in (
        "page_size=16384",
        "journal_mode=WAL",
        "synchronous=FULL",
        "cache_size=-16384",
        "wal_autocheckpoint=1000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that will write takes the lock at once: two that only read first would deadlock on the way up.
    options = connection.get_execution_options()
    if options.get("reads_only"):
        return
    wanted = "NORMAL" if options.get("passing") else "FULL"
    if connection.info.get("synchronous") != wanted:  # what was set last on this very connection
        connection.exec_driver_sql(f"PRAGMA synchronous={wanted}")
        connection.info["synchronous"] = wanted
    connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a connection that only reads: on SQLite it waits for no writer.

    Each statement stands for itself, as it would in a transaction of read-committed isolation: without one the server
    is asked a third as often.
    """
    options: dict[str, object] = {"reads_only": True}
    if engine.dialect.name == "postgresql":
        options["isolation_level"] = "AUTOCOMMIT"
    with engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


@contextmanager
def passing(engine: Engine, *locks: int) -> Iterator[Connection]:
    """Open a transaction that does not wait for the disk: for leases, and for what would be found out again.

    Only a loss of power may undo it, never the death of a process; whatever is committed durably after it keeps it too.
    """
    with engine.connect().execution_options(passing=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(_first("set_config('synchronous_commit', 'off', true)", *locks))
        yield connection


def pass_by(engine: Engine, change: Update, values: Mapping[str, object]) -> int:
    """Run one change that does not wait for the disk, as `passing` does; return how many rows it changed.

    PostgreSQL is asked once: a statement alone is a transaction, and the setting holds for each that changes a row.
    """
    if engine.dialect.name != "postgresql":
        with passing(engine) as connection:
            return connection.execute(change, values).rowcount
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection, connection.begin():
        return connection.execute(_unhurried(change), values).rowcount


def lock(connection: Connection, *numbers: int) -> None:
    """Let only one transaction at a time pass here; SQLite has a single writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(_first(*numbers))


@cache
def _unhurried(change: Update) -> Update:
    """Return a change, one that is built once, which on PostgreSQL does not wait for the disk."""
    return change.where(text("set_config('synchronous_commit', 'off', true) IS NOT NULL"))


@cache
def _first(*wanted: str | int) -> TextClause:
    """Return what a transaction on PostgreSQL begins with: settings, and locks in this order, in one statement."""
    calls = (each if isinstance(each, str) else f"pg_advisory_xact_lock({each})" for each in wanted)
    return text(f"SELECT {', '.join(calls)}")  # our own words and numbers
