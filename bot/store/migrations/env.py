"""Alembic's entry: runs the migrations on the connection that `bot.store.migrate` hands over.

A migration repeats the tables as they were at its time, in its own words, and is never changed again: were it to import
`bot.store.tables`, a new database would be built by the tables of today and then changed once more.
That all of them together lead to the tables is tested (`compare_metadata`).
"""

from alembic import context

import bot.store.gate_tables
import bot.store.release_tables
import bot.store.triage_tables  # noqa: F401  and these
from bot.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
