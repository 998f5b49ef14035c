"""Brings a database up to date with the tables, by Alembic; safe when several processes start at once."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from bot.store.engine import lock

MIGRATION_LOCK = 7_305_003


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def upgrade(engine: Engine) -> None:
    """Apply every migration that is missing; the first process does it, the others wait and find nothing to do."""
    if is_current(engine):
        return
    config = _config()
    with engine.begin() as connection:
        lock(connection, MIGRATION_LOCK)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_current(engine: Engine) -> bool:
    """Say whether the database is at the newest migration."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head()


def head() -> str | None:
    """Name the newest migration."""
    return ScriptDirectory.from_config(_config()).get_current_head()
