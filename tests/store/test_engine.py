"""How connections are set up: on PostgreSQL a statement is planned once and then only run."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text

from bot.model.errors import StoreDown
from bot.model.subjects import Repository
from bot.store import engine as engines
from bot.store.database import Database
from bot.store.engine import passing, reading
from bot.store.tables import State
from tests import services
from tests.store.given import NOW, delivered, states

_PREPARED = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE :like")


def _prepared(engine: Engine, like: str) -> int:
    """Count what stays prepared on the one connection that is in use."""
    with reading(engine) as connection:
        return int(connection.execute(_PREPARED, {"like": like}).scalar_one())


@pytest.mark.parametrize("url", ["nonsense", "postgresql+psycopg://u:hunter2@host:port/x"])
def test_what_is_no_address_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(StoreDown, match=r"REEVE_DATABASE_URL is no address") as refused:
        engines.connect(url)
    assert "hunter2" not in str(refused.value)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreDown, match=r"the folder .*file/below of the database cannot be made: Not a directory"):
        engines.connect(f"sqlite:///{tmp_path / 'file' / 'below' / 'reeve.db'}")


def test_a_statement_is_prepared_once_whatever_numbers_it_is_given(postgres_engine: Engine) -> None:
    postgres_engine.dispose()  # the next connection is new, and the only one
    for number in (1, 70_000, 5_000_000_000, 2):
        with reading(postgres_engine) as connection:
            connection.execute(text("SELECT 'stays' WHERE :number > 0"), {"number": number})

    assert _prepared(postgres_engine, "SELECT 'stays'%") == 1


def test_the_road_undoes_no_transaction_after_which_all_would_be_prepared_anew(postgres_engine: Engine) -> None:
    postgres_engine.dispose()
    database = Database(postgres_engine)
    repository = Repository(4711, "octo/known", 1, "main")
    database.memory.keep_repository(repository)
    for _ in range(3):
        database.memory.repository(repository.id)

    database.memory.keep_repository(repository)  # known: nothing to write
    database.identity()

    assert _prepared(postgres_engine, "%FROM repositories%") == 1


def test_a_plan_is_made_for_all_values_and_not_for_each(postgres_engine: Engine) -> None:
    with reading(postgres_engine) as connection:
        assert connection.execute(text("SHOW plan_cache_mode")).scalar_one() == "force_generic_plan"


def test_the_end_of_a_delivery_that_needs_nothing_waits_for_no_disk_and_takes_one_statement(
    postgres_engine: Engine,
) -> None:
    services.empty(postgres_engine)
    database, asked = Database(postgres_engine), list[str]()
    delivered(postgres_engine, "a")
    claim = database.inbox.claim(NOW)
    assert claim is not None

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(postgres_engine, "before_cursor_execute", note)
    try:
        database.inbox.ignore(claim, claim.seqs, "nothing to do", now=NOW)
    finally:
        event.remove(postgres_engine, "before_cursor_execute", note)

    assert len(asked) == 1
    assert "synchronous_commit" in asked[0]
    assert states(postgres_engine) == {"a": State.IGNORED}
    with reading(postgres_engine) as connection:  # and the setting went with the transaction
        assert connection.execute(text("SHOW synchronous_commit")).scalar_one() == "on"


def test_on_sqlite_each_transaction_waits_for_the_disk_as_it_should(tmp_path: Path) -> None:
    sqlite = engines.connect(f"sqlite:///{tmp_path / 'reeve.db'}")
    found = []
    for is_passing in (False, True, True, False, False, True):
        opened = passing(sqlite) if is_passing else sqlite.begin()
        with opened as connection:
            found.append(connection.exec_driver_sql("PRAGMA synchronous").scalar_one())
    sqlite.dispose()

    assert found == [2, 1, 1, 2, 2, 1]  # FULL is 2, NORMAL is 1
