"""What all tests share: the two databases, and the loud line when a service was missing."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
import structlog
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Engine
from structlog.processors import KeyValueRenderer, add_log_level, format_exc_info

from bot import settings
from bot.store import engine as engines
from bot.store import migrate
from bot.store.database import Database
from tests import services
from tests.services import MISSING_SERVICE

#: Where a folder in memory is, on Linux; what tests write need not outlast a loss of power.
MEMORY = Path("/dev/shm")  # noqa: S108  pytest makes a folder of its own there
ENOUGH = 2 * 1024**3

#: Tests of whole processes, whose clock cannot be moved.
WAITING = {"test_demo.py"}


def pytest_configure(config: pytest.Config) -> None:
    """Find the services once; the parallel workers inherit the answer.

    Hypothesis goes without its stopwatch: cores are shared, and time is checked where it counts. Log lines are plain:
    structlog's tracebacks for people take seconds.
    """
    structlog.configure(processors=[add_log_level, format_exc_info, KeyValueRenderer()])
    hypothesis_settings.register_profile("unhurried", deadline=None)
    hypothesis_settings.load_profile("unhurried")
    if not hasattr(config, "workerinput"):
        services.find_or_start()
        if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH:
            os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what waits for a real clock, so that nobody waits for it at the end."""
    items.sort(key=lambda item: item.path.name not in WAITING)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly, last, how many tests did not run for want of a service."""
    skipped = [r for r in terminalreporter.getreports("skipped") if MISSING_SERVICE in str(r.longrepr)]
    if skipped:
        names = " and ".join(services.missing())
        terminalreporter.write_line(f"!!! {len(skipped)} TESTS SKIPPED: {names} not found and not startable !!!")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Where REEVE_REQUIRE_SERVICES is set (our CI), a missing service is a failure."""
    if not hasattr(session.config, "workerinput") and services.missing() and os.environ.get("REEVE_REQUIRE_SERVICES"):
        session.exitstatus = exitstatus or pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def postgres_url(worker_id: str) -> str:
    """Make this worker's own database on the PostgreSQL server."""
    server = os.environ.get(services.POSTGRES)
    if not server:
        pytest.skip(f"{MISSING_SERVICE}PostgreSQL")
    name = f"reeve_test_{worker_id}_{os.getppid()}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    return f"{server}/{name}".replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture(scope="session")
def redis_url(worker_id: str) -> str:
    """Give this worker its own numbered Redis database."""
    server = os.environ.get(services.REDIS)
    if not server:
        pytest.skip(f"{MISSING_SERVICE}Redis")
    number = 1 + int(worker_id.removeprefix("gw") or 0) if worker_id.startswith("gw") else 1
    return f"{server}/{number}"


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an empty, migrated SQLite database once, to be copied: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("migrated") / "reeve.db"
    engine = engines.connect(f"sqlite:///{path}")
    migrate.upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_engine(postgres_url: str) -> Iterator[Engine]:
    """Migrate the PostgreSQL database once."""
    engine = engines.connect(postgres_url)
    migrate.upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path, migrated: Path) -> Iterator[Engine]:
    """Give an empty, migrated database: once on SQLite, once on PostgreSQL."""
    if request.param == "sqlite":
        engine = engines.connect(f"sqlite:///{shutil.copy(migrated, tmp_path / 'reeve.db')}")
        yield engine
        engine.dispose()
        return
    engine = request.getfixturevalue("postgres_engine")
    services.empty(engine)
    yield engine


@pytest.fixture
def database(engine: Engine) -> Database:
    """Give the store on an empty database."""
    return Database(engine)


@pytest.fixture(params=["embedded", "scaled out"])
def environment(request: pytest.FixtureRequest, tmp_path: Path, migrated: Path) -> dict[str, str]:
    """Reeve's settings in both shapes: SQLite with the in-memory queue, PostgreSQL with Redis."""
    base = {"REEVE_DATA_DIR": str(tmp_path)}
    if request.param == "embedded":
        shutil.copy(migrated, tmp_path / "reeve.db")
        return base
    database_url: str = request.getfixturevalue("postgres_url")
    broker_url: str = request.getfixturevalue("redis_url")
    engine: Engine = request.getfixturevalue("postgres_engine")
    engine.dispose()  # a story may have cut its connections
    services.empty(engine)
    with redis.Redis.from_url(broker_url) as client:
        client.flushdb()
    return {**base, "REEVE_DATABASE_URL": database_url, "REEVE_BROKER_URL": broker_url}


@pytest.fixture
def database_url(environment: dict[str, str]) -> str:
    """Where Reeve's database is in this shape, as SQLAlchemy writes it."""
    return settings.database_url(environment)
