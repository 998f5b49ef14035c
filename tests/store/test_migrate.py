"""Migrations: what the light check says is what Alembic says."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from bot.model.errors import StoreDown
from bot.store import engine as engines
from bot.store import migrate, revision


def _url(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def test_the_newest_migration_is_the_one_that_alembic_finds() -> None:
    assert migrate.head() == revision.HEAD


def test_a_migrated_database_is_current_by_either_check(engine: Engine) -> None:
    assert migrate.is_current(engine)
    assert revision.is_current(_url(engine))


def test_a_database_at_another_migration_is_not_current(tmp_path: Path) -> None:
    engine = engines.connect(f"sqlite:///{tmp_path / 'reeve.db'}")
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))

    assert not migrate.is_current(engine)
    assert not revision.is_current(_url(engine))
    engine.dispose()


def test_a_new_sqlite_file_is_not_current_and_is_not_made_by_asking(tmp_path: Path) -> None:
    path = tmp_path / "reeve.db"

    assert not revision.is_current(f"sqlite:///{path}")
    assert not path.exists()


def test_an_empty_database_is_not_current(tmp_path: Path) -> None:
    engine = engines.connect(f"sqlite:///{tmp_path / 'reeve.db'}")

    assert not migrate.is_current(engine)
    assert not revision.is_current(_url(engine))
    engine.dispose()


def test_a_postgresql_that_is_away_is_told_in_one_line() -> None:
    with pytest.raises(StoreDown, match="PostgreSQL"):
        revision.is_current("postgresql+psycopg://postgres@127.0.0.1:1/postgres")


def test_postgresql_does_not_compress_what_is_compressed_already(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        return  # never compresses
    ask = text("SELECT attstorage FROM pg_attribute WHERE attrelid = 'inbox'::regclass AND attname = 'body'")

    with engine.connect() as connection:
        storage = connection.execute(ask).scalar_one()

    assert storage == "e"  # "external": kept beside the row where it is long, and as it came
