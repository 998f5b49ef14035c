"""Who takes part in the webhook benchmark: how each is started, where it stores, how its store is counted."""

import json
import os
import shlex
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
import redis
from sqlalchemy import create_engine

from benchmarks import machine
from bot.store.tables import metadata

#: How ours is started; REEVE_BENCHMARK_SERVE overrides it, for instance with `reeve serve`.
OURS = os.environ.get("REEVE_BENCHMARK_SERVE", "")

_SQLITE = machine.WORK / "reeve.db"
_POSTGRES_DSN = f"postgresql://postgres@127.0.0.1:{machine.POSTGRES_PORT}/postgres"
_NODE = machine.WORK / "node"


@dataclass(frozen=True, slots=True)
class Contestant:
    """One server. `stored` counts the deliveries that are safe in its store; None: it has no store."""

    name: str
    command: list[str | Path]
    service: str | None = None
    database_url: str = ""
    cwd: Path = machine.ROOT
    handlers: str = ""
    prepare: Callable[[], None] = lambda: None
    stored: Callable[[], int] | None = None


def contestants() -> list[Contestant]:
    """Return all of them."""
    ours: list[str | Path] = [*shlex.split(OURS)] or machine.python("benchmarks.serve_ours")
    return [
        Contestant("Reeve, SQLite", ours, None, f"sqlite:///{_SQLITE}", prepare=_new_sqlite, stored=_in_sqlite),
        Contestant("probot middleware", ["node", _NODE / "probot.mjs"], cwd=_NODE),
        Contestant("probot, every event handled", ["node", _NODE / "probot.mjs"], cwd=_NODE, handlers="every"),
        Contestant(
            "Reeve, PostgreSQL",
            ours,
            "postgres",
            _POSTGRES_DSN.replace("://", "+psycopg://"),
            prepare=_new_postgres,
            stored=_in_postgres,
        ),
        Contestant(
            "FastAPI, apply_async",
            machine.python("benchmarks.peers.fastapi_celery"),
            "redis",
            prepare=_new_redis,
            stored=_in_redis,
        ),
    ]


def install_peers() -> str:
    """Install probot with npm where it is absent; return its version."""
    source = Path(__file__).parent / "peers"
    _NODE.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "probot.mjs"):  # a module finds packages from its own place
        shutil.copy(source / name, _NODE / name)
    if not (_NODE / "node_modules" / "probot").is_dir():
        subprocess.run(["npm", "install", "--no-audit", "--no-fund"], cwd=_NODE, check=True)
    manifest = json.loads((_NODE / "node_modules" / "probot" / "package.json").read_text())
    return str(manifest["version"])


def _new_sqlite() -> None:
    for path in machine.WORK.glob("reeve.db*"):
        path.unlink()
    engine = create_engine(f"sqlite:///{_SQLITE}")
    metadata.create_all(engine)
    engine.dispose()


def _new_postgres() -> None:
    engine = create_engine(_POSTGRES_DSN.replace("://", "+psycopg://"))
    metadata.drop_all(engine)
    metadata.create_all(engine)
    engine.dispose()
    with psycopg.connect(_POSTGRES_DSN, autocommit=True) as connection:
        connection.execute("CHECKPOINT")


def _new_redis() -> None:
    redis.Redis(port=machine.REDIS_PORT).flushall()


def _in_sqlite() -> int:
    with sqlite3.connect(_SQLITE) as connection:
        return int(connection.execute("SELECT count(*) FROM inbox").fetchone()[0])


def _in_postgres() -> int:
    with psycopg.connect(_POSTGRES_DSN) as connection:
        row = connection.execute("SELECT count(*) FROM inbox").fetchone()
    return int(row[0]) if row else 0


def _in_redis() -> int:
    return int(redis.Redis(port=machine.REDIS_PORT).llen("celery"))
