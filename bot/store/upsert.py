"""Insert a row or change it, in one statement, on both databases."""

from collections.abc import Mapping
from functools import cache

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert


def upsert(connection: Connection, table: Table, key: Mapping[str, object], values: Mapping[str, object]) -> None:
    """Make the row with this key carry these values; other columns stay as they are."""
    statement = _statement(connection.dialect.name, table, tuple(key), tuple(values))
    connection.execute(statement, {**key, **values})


@cache
def _statement(dialect: str, table: Table, key: tuple[str, ...], names: tuple[str, ...]) -> Insert:
    """Build the statement once for each set of columns: that costs as much as running it."""
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table)
    return insert.on_conflict_do_update(index_elements=key, set_={name: insert.excluded[name] for name in names})
