"""How connections are set up: on PostgreSQL a statement is planned once and then only run."""

from sqlalchemy import Engine, text

from bot.model.subjects import Repository
from bot.store.database import Database
from bot.store.engine import reading

_PREPARED = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE :like")


def _prepared(engine: Engine, like: str) -> int:
    """Count what stays prepared on the one connection that is in use."""
    with reading(engine) as connection:
        return int(connection.execute(_PREPARED, {"like": like}).scalar_one())


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
