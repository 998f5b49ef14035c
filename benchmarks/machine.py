"""The machine under a benchmark: pinned processes, their CPU time and memory, and services of the benchmark's own."""

import contextlib
import os
import platform
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil
import psycopg

ROOT = Path(__file__).resolve().parents[1]

#: Git-ignored: peers, databases, logs.
WORK = ROOT / ".reeve" / "benchmarks"

GENERATOR_CORE = 0
SERVER_CORE = min(1, (os.cpu_count() or 1) - 1)

#: Below the ephemeral range: a probe must never connect to itself.
SERVER_PORT, REDIS_PORT, POSTGRES_PORT = 18981, 18982, 18983


def pinned(core: int, command: Sequence[str | Path]) -> list[str]:
    """Return the command, bound to one core where the system can."""
    words = [str(word) for word in command]
    return ["taskset", "-c", str(core), *words] if shutil.which("taskset") else words


def tree(pids: Sequence[int]) -> list[psutil.Process]:
    """Return these processes and all their descendants that are alive."""
    found = []
    for pid in pids:
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            found += [process, *process.children(recursive=True)]
    return found


def cpu_seconds(pids: Sequence[int]) -> float:
    """Return the CPU time of the whole tree, its dead children included."""
    total = 0.0
    for process in tree(pids):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def resident_mib(pids: Sequence[int]) -> float:
    """Return the memory of the whole tree."""
    total = 0
    for process in tree(pids):
        with contextlib.suppress(psutil.NoSuchProcess):
            total += process.memory_info().rss
    return total / 2**20


@contextlib.contextmanager
def process(command: Sequence[str | Path], *, cwd: Path, log: Path, **environment: str) -> Iterator[int]:
    """Run a command on the server's core meanwhile; give its pid. It is killed with all its children."""
    with log.open("wb") as output:
        started = subprocess.Popen(
            pinned(SERVER_CORE, command), cwd=cwd, env={**os.environ, **environment}, stdout=output, stderr=output
        )
    try:
        yield started.pid
    finally:
        for member in reversed(tree([started.pid])):
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
        started.wait()


def wait_for_port(port: int, patience: float = 30) -> None:
    """Return once something listens."""
    limit = time.monotonic() + patience
    while time.monotonic() < limit:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.01)
    raise RuntimeError(f"nothing listens on port {port}: see the logs in {WORK}")


@contextlib.contextmanager
def redis() -> Iterator[int]:
    """Run a Redis of the benchmark's own, persistent as Celery's documentation advises; give its pid."""
    data = _empty(WORK / "redis")
    command: list[str | Path] = ["redis-server", "--port", str(REDIS_PORT), "--bind", "127.0.0.1", "--dir", data]
    command += ["--appendonly", "yes", "--appendfsync", "everysec", "--save", ""]
    with process(command, cwd=data, log=WORK / "redis.log") as pid:
        wait_for_port(REDIS_PORT)
        yield pid


@contextlib.contextmanager
def postgres() -> Iterator[int]:
    """Run a PostgreSQL of the benchmark's own, durable as it comes; give its pid."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin/postgres")).parent
    data = _empty(Path("/tmp") / f"reeve-benchmark-{os.getuid()}")  # noqa: S108  a place that user postgres reaches
    who: list[str | Path] = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    if who:
        shutil.chown(data, "postgres", "postgres")
    subprocess.run(
        [*who, programs / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8"],
        check=True,
        capture_output=True,
        cwd="/",
    )
    command = [*who, programs / "postgres", "-D", data, "-p", str(POSTGRES_PORT), "-h", "127.0.0.1", "-k", ""]
    with process(command, cwd=Path("/"), log=WORK / "postgres.log") as pid:
        _wait_for_postgres()
        yield pid
    shutil.rmtree(data, ignore_errors=True)


def _wait_for_postgres(patience: float = 60) -> None:
    """Return once it takes connections: it listens a while before."""
    limit = time.monotonic() + patience
    while True:
        try:
            psycopg.connect(host="127.0.0.1", port=POSTGRES_PORT, user="postgres", dbname="postgres").close()
        except psycopg.OperationalError:
            if time.monotonic() > limit:
                raise
            time.sleep(0.05)
        else:
            return


def _empty(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def describe() -> dict[str, str]:
    """Say what ran where, for the report."""
    info = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    models = [line.partition(":")[2].strip() for line in info.splitlines() if line.startswith("model name")]
    return {
        "processor": f"{os.cpu_count()} x {models[0] if models else platform.processor()}",
        "system": f"{platform.system()} {platform.release()}, {psutil.virtual_memory().total >> 30} GiB",
        "python": platform.python_version(),
        "node": _version("node", "--version"),
        "postgres": _version("psql", "--version"),
        "redis": _version("redis-server", "--version"),
        "load average": ", ".join(f"{load:.1f}" for load in os.getloadavg()),
    }


def _version(*command: str) -> str:
    if not shutil.which(command[0]):
        return "absent"
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def python(module: str) -> list[str | Path]:
    """Return the command that runs one of our modules."""
    return [sys.executable, "-m", module]
