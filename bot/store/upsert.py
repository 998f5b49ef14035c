"""Insert a row or change it, in one statement, on both databases."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert


def upsert(connection: Connection, table: Table, key: Mapping[str, object], values: Mapping[str, object]) -> None:
    """Make the row with this key carry these values; other columns stay as they are."""
    statement = _statement(connection.dialect.name, table, tuple(key), tuple(values))
    connection.execute(statement, {**key, **values})


def upsert_if_less(
    connection: Connection, table: Table, key: Mapping[str, object], values: Mapping[str, object], *, than: str
) -> None:
    """Make the row with this key carry these values, unless what it has in the column `than` is not more."""
    statement = _statement(connection.dialect.name, table, tuple(key), tuple(values), than)
    connection.execute(statement, {**key, **values})


def upsert_many(
    connection: Connection, table: Table, key: tuple[str, ...], rows: Sequence[Mapping[str, object]]
) -> None:
    """Make a row of each; all of them have the same columns."""
    if not rows:
        return
    statement = _statement(connection.dialect.name, table, key, tuple(name for name in rows[0] if name not in key))
    connection.execute(statement, rows if len(rows) > 1 else rows[0])


def upsert_all(
    connection: Connection, table: Table, key: tuple[str, ...], names: tuple[str, ...], rows: Select[Any]
) -> None:
    """Make a row of each that is selected: the columns of the key, then these; two at once get into nobody's way."""
    insert = (postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert)(table)
    chosen = insert.from_select([*key, *names], rows)
    connection.execute(
        chosen.on_conflict_do_update(index_elements=key, set_={name: chosen.excluded[name] for name in names})
    )


@cache
def _statement(
    dialect: str, table: Table, key: tuple[str, ...], names: tuple[str, ...], than: str | None = None
) -> Insert:
    """Build the statement once for each set of columns: that costs as much as running it."""
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table)
    return insert.on_conflict_do_update(
        index_elements=key,
        set_={name: insert.excluded[name] for name in names},
        where=None if than is None else insert.excluded[than] < table.c[than],
    )
