"""The size of the past costs nothing: no statement of a worker walks through a table that only grows."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from bot.model.forge import Receipt
from bot.model.past import Learnt
from bot.model.timeline import Regime
from bot.store import engine as engines
from bot.store import migrate
from bot.store.database import Database
from tests.store.given import MINUTE, MODEL, NOW, SEVEN, comment, decided, delivered, labels

GROWING = ("inbox", "outbox", "applied", "subjects", "timers", "happenings", "regimes", "notices", "clocks")


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Engine]:
    """A database on SQLite, which knows no statistics and has to be told."""
    engine = engines.connect(f"sqlite:///{tmp_path / 'reeve.db'}")
    migrate.upgrade(engine)
    yield engine
    engine.dispose()


def _explained(engine: Engine) -> dict[str, list[str]]:
    """Return every statement from now on, with SQLite's plan for it."""
    plans: dict[str, list[str]] = {}

    @event.listens_for(engine, "before_cursor_execute")
    def explain(connection: object, cursor: object, statement: str, values: object, *_: object) -> None:  # noqa: ARG001
        if statement.split(maxsplit=1)[0] in {"SELECT", "UPDATE", "DELETE", "INSERT"}:
            one = values[0] if isinstance(values, list) else values  # of many rows at once, the plan is that of one
            driver = connection.connection.dbapi_connection  # type: ignore[attr-defined]
            plans[statement] = [row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {statement}", one)]

    return plans


def test_the_whole_road_of_a_delivery_walks_through_no_table(sqlite: Engine) -> None:
    database = Database(sqlite)
    plans = _explained(sqlite)
    decided(database, "first", labels("bug"), comment("one"))
    delivered(sqlite, "second")
    database.memory.memory(SEVEN)
    database.trip(MODEL, SEVEN, NOW)
    database.memory.past(SEVEN, NOW)
    database.memory.keep_past(SEVEN, Learnt(read_at=NOW, regime=Regime(NOW, "{}")))
    decided(database, "third", comment("two"), at=NOW + MINUTE)

    writer = database.outbox.claim_writer(NOW + MINUTE)
    assert writer is not None
    database.outbox.recent_writes(writer.installation_id, now=NOW)
    while (pending := database.outbox.begin(writer, NOW + MINUTE)) is not None:
        database.outbox.confirm(pending, Receipt(1), now=NOW + MINUTE)
    database.outbox.release_writer(writer)
    database.timers.tick(NOW)
    database.clocks.late(SEVEN.repository_id)
    database.clocks.since(NOW, repository_id=SEVEN.repository_id)

    walks = [f"SCAN {table}" for table in GROWING]
    assert {text: plan for text, plan in plans.items() if not set(walks).isdisjoint(plan)} == {}
    assert any("UPDATE outbox" in text for text in plans)
