"""Alembic's entry: runs the migrations on the connection that `bot.store.migrate` hands over."""

from alembic import context

import bot.store.gate_tables
import bot.store.release_tables
import bot.store.triage_tables  # noqa: F401  and these
from bot.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
