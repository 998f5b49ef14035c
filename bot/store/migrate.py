"""Brings a database up to date with the tables, by Alembic; safe when several processes start at once."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import OperationalError

from bot.model.errors import StoreDown
from bot.store import revision
from bot.store.engine import lock

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATION_LOCK = 7_305_003


def _config() -> "Config":
    from alembic.config import Config  # noqa: PLC0415  only where something is to be migrated: 7 MiB

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def upgrade(engine: Engine) -> None:
    """Apply every migration that is missing; the first process does it, the others wait and find nothing to do.

    Every process begins with this, so it is here that a database that cannot be reached is told: `StoreDown`.
    """
    try:
        if not is_current(engine):
            _upgrade(engine)
    except OperationalError as error:
        raise StoreDown(f"the database cannot be used: {str(error.orig).splitlines()[0]}") from error


def _upgrade(engine: Engine) -> None:
    from alembic import command  # noqa: PLC0415

    config = _config()
    with engine.begin() as connection:
        lock(connection, MIGRATION_LOCK)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_current(engine: Engine) -> bool:
    """Say whether the database is at the newest migration."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == revision.HEAD


def head() -> str | None:
    """Name the newest migration, as Alembic finds it."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    return ScriptDirectory.from_config(_config()).get_current_head()
