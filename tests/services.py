"""PostgreSQL and Redis for the tests: found where they run, or started from local binaries, or honestly missing."""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import redis
from sqlalchemy import Engine, text

from bot.store.tables import metadata

#: How a test that was skipped for want of a service says so; these are counted in the last line.
MISSING_SERVICE = "service missing: "

POSTGRES = "REEVE_TEST_POSTGRES"
REDIS = "REEVE_TEST_REDIS"


def find_or_start() -> None:
    """Settle once, before any worker starts, where both services are; an empty value means missing."""
    os.environ.setdefault(POSTGRES, _postgres() or "")
    os.environ.setdefault(REDIS, _redis() or "")


def missing() -> list[str]:
    """Name the services that could not be had."""
    return [name for name, key in (("PostgreSQL", POSTGRES), ("Redis", REDIS)) if not os.environ.get(key)]


def _postgres() -> str | None:
    """Prefer a server of our own: it need not wait for the disk, as the usual one does at every commit."""
    usual = "postgresql://postgres@127.0.0.1:5432"
    return _start_postgres() or (usual if _answers_postgres(usual) else None)


def _redis() -> str | None:
    """Prefer a server of our own: its databases are emptied, and two runs at once must not ring each other's bells."""
    usual = "redis://127.0.0.1:6379"
    return _start_redis() or (usual if _answers_redis(usual) else None)


def _answers_postgres(url: str) -> bool:
    try:
        psycopg.connect(f"{url}/postgres", connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


def _answers_redis(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def empty(engine: Engine) -> None:
    """Empty PostgreSQL's tables and begin to count at 1 again; to TRUNCATE takes far longer."""
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
        connection.execute(text("SELECT setval(seqrelid, 1, false) FROM pg_sequence"))


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _until(ready: Iterator[bool]) -> bool:
    deadline = time.monotonic() + 15
    for is_ready in ready:
        if is_ready:
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return False


def _start_redis() -> str | None:
    binary = shutil.which("redis-server")
    if binary is None:
        return None
    port = free_port()
    server = subprocess.Popen(
        [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", tempfile.mkdtemp()],
        stdout=subprocess.DEVNULL,
    )
    atexit.register(server.kill)
    url = f"redis://127.0.0.1:{port}"
    return url if _until(_answers_redis(url) for _ in range(1000)) else None


def _stop(server: "subprocess.Popen[bytes]", home: Path) -> None:
    server.send_signal(signal.SIGINT)  # without waiting for whoever is still connected
    with suppress(subprocess.TimeoutExpired):
        server.wait(10)
    shutil.rmtree(home, ignore_errors=True)


def _start_postgres() -> str | None:
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not binaries:
        return None
    bin_dir, home, port = binaries[-1].parent, Path(tempfile.mkdtemp(prefix="reeve-pg-")), free_port()
    become = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []  # PostgreSQL refuses to run as root
    if become:
        shutil.chown(home, "postgres")
    subprocess.run(
        [*become, bin_dir / "initdb", "-D", home, "-A", "trust", "-U", "postgres", "--no-sync"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    server = subprocess.Popen(
        [*become, bin_dir / "postgres", "-F", "-D", home, "-p", str(port), "-h", "127.0.0.1", "-k", ""],
        stderr=subprocess.DEVNULL,
    )
    atexit.register(_stop, server, home)
    url = f"postgresql://postgres@127.0.0.1:{port}"
    return url if _until(_answers_postgres(url) for _ in range(1000)) else None
