"""Who takes part in the webhook benchmark: how each is started, where it stores, how its store is counted."""

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import psycopg
import redis
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from benchmarks import machine, payloads
from bot.store import engine as engines
from bot.store import migrate

_SQLITE = machine.WORK / "reeve.db"
_POSTGRES_DSN = f"postgresql://postgres@127.0.0.1:{machine.POSTGRES_PORT}/postgres"
_BROKER = f"redis://127.0.0.1:{machine.REDIS_PORT}"
_NODE = machine.WORK / "node"

#: Nobody listens there: nothing leaves the machine.
NOWHERE = "http://127.0.0.1:1"


@dataclass(frozen=True, slots=True)
class Contestant:
    """One server. `stored` counts the deliveries that are safe in its store; None: it has no store."""

    name: str
    command: list[str | Path]
    services: tuple[str, ...] = ()
    cwd: Path = machine.ROOT
    environment: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[], None] = lambda: None
    stored: Callable[[], int] | None = None


def contestants() -> list[Contestant]:
    """Return all of them. Reeve is what an operator starts; only `+ worker` also does the work in the same process."""
    probot: list[str | Path] = ["node", _NODE / "probot.mjs"]
    broker, postgres = {"REEVE_BROKER_URL": _BROKER}, {"REEVE_DATABASE_URL": _POSTGRES_DSN}
    return [
        _on_sqlite("Reeve, SQLite", ("redis",), broker),
        Contestant(
            "Reeve, PostgreSQL",
            reeve(),
            ("postgres", "redis"),
            environment=ours(**broker, **postgres),
            prepare=_new_postgres,
            stored=_in_postgres,
        ),
        _on_sqlite("Reeve, SQLite + worker"),
        Contestant("probot middleware", probot, cwd=_NODE),
        Contestant("probot, every event handled", probot, cwd=_NODE, environment={"HANDLERS": "every"}),
        Contestant(
            "FastAPI, apply_async",
            machine.python("benchmarks.peers.fastapi_celery"),
            ("redis",),
            prepare=_new_redis,
            stored=_in_redis,
        ),
    ]


def _on_sqlite(
    name: str, services: tuple[str, ...] = (), settings: Mapping[str, str] = MappingProxyType({})
) -> Contestant:
    return Contestant(name, reeve(), services, environment=ours(**settings), prepare=_new_sqlite, stored=_in_sqlite)


def reeve() -> list[str | Path]:
    """Return the command that an operator types: `reeve serve` of this environment."""
    return [Path(sys.executable).parent / "reeve", "serve", "--port", str(machine.SERVER_PORT)]


def ours(**settings: str) -> dict[str, str]:
    """Return Reeve's settings: an App made up for the occasion, on a GitHub that is not there."""
    return {
        "REEVE_APP_ID": "1",
        "REEVE_PRIVATE_KEY_FILE": str(_private_key()),
        "REEVE_WEBHOOK_SECRET": payloads.SECRET,
        "REEVE_GITHUB_API_URL": NOWHERE,
        "REEVE_DATA_DIR": str(machine.WORK),
        "REEVE_LOG_LEVEL": "ERROR",
        **settings,
    }


def _private_key() -> Path:
    path = machine.WORK / "private-key.pem"
    if not path.exists():
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        path.touch(mode=0o600)
        path.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
    return path


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
    _new_redis()
    _migrate(f"sqlite:///{_SQLITE}")


def _new_postgres() -> None:
    _new_redis()
    with psycopg.connect(_POSTGRES_DSN, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
        connection.execute("CHECKPOINT")
    _migrate(_POSTGRES_DSN.replace("://", "+psycopg://"))


def _migrate(url: str) -> None:
    engine = engines.connect(url)
    migrate.upgrade(engine)
    engine.dispose()


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
