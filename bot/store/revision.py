"""Which migration a database stands at, asked of the driver alone: Alembic and SQLAlchemy take long to load."""

import sqlite3
from pathlib import Path

from bot.model.errors import StoreDown

#: The newest migration. `tests/store/test_migrate.py` proves that Alembic says the same.
HEAD = "0012"

_ASK = "SELECT version_num FROM alembic_version"


def is_current(database_url: str) -> bool:
    """Say whether the database that SQLAlchemy would open by this URL needs no migration; raise `StoreDown`."""
    scheme, _, rest = database_url.partition("://")
    if scheme.startswith("postgresql"):
        return _of_postgres(f"postgresql://{rest}") == HEAD
    return _of_sqlite(rest.removeprefix("/").partition("?")[0]) == HEAD


def _of_sqlite(path: str) -> str | None:
    if not Path(path).is_file():
        return None
    connection = sqlite3.connect(path, timeout=30)
    try:
        found = connection.execute(_ASK).fetchone()
    except sqlite3.OperationalError:  # no such table: nothing was ever migrated
        return None
    finally:
        connection.close()
    return str(found[0]) if found else None


def _of_postgres(url: str) -> str | None:
    import psycopg  # noqa: PLC0415  here, so that an installation on SQLite does not pay for it

    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            found = connection.execute(_ASK).fetchone()
    except psycopg.errors.UndefinedTable:
        return None
    except psycopg.Error as error:
        raise StoreDown(f"PostgreSQL: {error}") from error
    return str(found[0]) if found else None
