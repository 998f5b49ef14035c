"""From the door to the handler: how long a delivery waits for its worker at 100 a second, in both shapes.

A sandbox on the generator's core plays GitHub. A few times a second somebody opens an issue there: Reeve labels it and
comments, and what it did comes back as two more deliveries. The other deliveries are news about issues that Reeve knows
(somebody was assigned): they are judged on the whole road and need nothing done, like most of what GitHub sends.
"""

import argparse
import contextlib
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import psycopg

from benchmarks import aims, machine, payloads
from bot.sandbox.world import World

#: As many owners as keep everybody far from GitHub's 80 writes a minute.
OWNERS = 150

#: An issue that is opened makes three deliveries: opened, labeled and commented on.
DELIVERIES_AN_ISSUE = 3

Row = dict[str, Any]


def benchmark(arguments: list[str]) -> int:
    """Run it in both shapes; write the report."""
    options = _options(arguments)
    machine.WORK.mkdir(parents=True, exist_ok=True)
    about = machine.describe()
    with machine.postgres(), machine.redis():
        rows = [
            _run("embedded, SQLite", {}, options),
            _run("serve + worker, PostgreSQL, Redis", services("latency"), options),
        ]
    aims.keep("latency", text=_text(rows), aims=[aim for row in rows for aim in _aims(row)], rows=rows, about=about)
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.latency", description=__doc__)
    parser.add_argument("--rate", type=float, default=100.0, help="deliveries a second")
    parser.add_argument("--issues", type=float, default=5.0, help="issues opened a second, each makes three deliveries")
    parser.add_argument("--seconds", type=float, default=20.0)
    return parser.parse_args(arguments)


def services(what: str) -> dict[str, str]:
    """Make a database for the occasion; return the settings that use it and the benchmark's own Redis."""
    name = f"{what}_{time.time_ns()}"
    server = f"postgresql://postgres@127.0.0.1:{machine.POSTGRES_PORT}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    broker = f"redis://127.0.0.1:{machine.REDIS_PORT}"
    return {"REEVE_DATABASE_URL": f"{server}/{name}", "REEVE_BROKER_URL": broker}


def _run(name: str, services: Mapping[str, str], options: argparse.Namespace) -> Row:
    notes = machine.WORK / "stopwatch.txt"
    notes.unlink(missing_ok=True)
    for path in machine.WORK.glob("reeve.db*"):
        path.unlink()
    with world_of_owners() as world:
        world.webhook_secret = payloads.SECRET
        settings = {
            **world.environment(),
            **services,
            "REEVE_DATA_DIR": str(machine.WORK),
            "REEVE_LOG_LEVEL": "WARNING",
            "STOPWATCH": str(notes),
        }
        with reeve(settings, has_worker=bool(services)) as url:
            world.receiver = f"{url}/webhooks/github"
            warm_up(world)
            counted = _load(world, options)
    waits = sorted(_waits(notes, *counted))
    return {
        "name": name,
        "deliveries": len(waits),
        "rate": len(waits) / (counted[1] - counted[0]),
        "mean_ms": statistics.fmean(waits),
        **{f"p{q}_ms": waits[int(len(waits) * q / 100)] for q in (50, 90, 99)},
        "max_ms": waits[-1],
    }


@contextlib.contextmanager
def world_of_owners() -> Iterator[World]:
    """Run a sandbox in which many owners have one governed repository each."""
    with World.start(seed=2) as world:
        for owner in range(OWNERS):
            world.create_repository(_repository(owner), files={".github/reeve.yml": "version: 1\n"})
        yield world


def warm_up(world: World, patience: float = 120) -> None:
    """Install everywhere and wait until each has a first issue answered: tokens and policy files are known then."""
    first = {}
    for owner in range(OWNERS):
        world.install(_repository(owner))
        first[_repository(owner)] = world.open_issue("[Bug] the first one", repository=_repository(owner))
    if not world.wait_for(lambda: all(world.bot_comments(n, repository=r) for r, n in first.items()), timeout=patience):
        raise RuntimeError(f"the first issues were not all answered: see the logs in {machine.WORK}")
    world.flush_deliveries(60)
    time.sleep(2)


def _repository(owner: int) -> str:
    return f"owner-{owner}/model"


@contextlib.contextmanager
def reeve(settings: Mapping[str, str], *, has_worker: bool) -> Iterator[str]:
    """Run Reeve as real processes; give the address of its door."""
    command = machine.python("benchmarks.stopwatch")
    url = f"http://127.0.0.1:{machine.SERVER_PORT}"
    with contextlib.ExitStack() as running:
        for words in (["serve", "--port", str(machine.SERVER_PORT)], ["worker"])[: 2 if has_worker else 1]:
            log = machine.WORK / f"latency-{words[0]}.log"
            running.enter_context(machine.process([*command, *words], cwd=machine.ROOT, log=log, **settings))
        _until_ready(url)
        time.sleep(2 if has_worker else 0)  # a worker has no port to ask
        yield url


def _until_ready(url: str, patience: float = 60) -> None:
    limit = time.monotonic() + patience
    while time.monotonic() < limit:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{url}/readyz").status_code == 200:
                return
        time.sleep(0.1)
    raise RuntimeError(f"Reeve did not become ready: see the logs in {machine.WORK}")


def _load(world: World, options: argparse.Namespace) -> tuple[float, float]:
    """Send news at the rate that the issues opened meanwhile leave; return from when to when to count."""
    news = machine.WORK / "news.json"
    news.write_text(json.dumps([["issues", json.dumps(body)] for body in _news(world)]))
    words: list[object] = [*machine.python("benchmarks.load"), "--port", machine.SERVER_PORT, "--payloads", news]
    words += [
        "--rate",
        options.rate - DELIVERIES_AN_ISSUE * options.issues,
        "--warmup",
        1,
        "--seconds",
        options.seconds,
    ]
    began = time.time() + 1
    sending = subprocess.Popen(machine.pinned(machine.GENERATOR_CORE, [str(w) for w in words]), stdout=subprocess.PIPE)
    while time.time() < began + options.seconds:
        number = int((time.time() - began) * options.issues)
        world.open_issue(f"[Bug] it crashes, number {number}", repository=_repository(number * 7 % OWNERS))
        time.sleep(1 / options.issues)
    sending.communicate()
    return began + 1, began + options.seconds


def _news(world: World) -> Iterator[dict[str, Any]]:
    """Yield, for every issue that Reeve has labeled, the delivery that says that somebody was assigned."""
    for delivery in world.deliveries:
        if (delivery.event, delivery.action) == ("issues", "labeled"):
            person = delivery.payload["issue"]["user"]
            yield {**delivery.payload, "action": "assigned", "assignee": person, "sender": person}


def _waits(notes: Path, since: float, until: float) -> Iterator[float]:
    """Yield how long each delivery waited (milliseconds) that came within the time that counts."""
    for line in notes.read_text().splitlines():
        received, began, event = line.split()
        if since <= float(received) <= until and not event.startswith("installation"):
            yield 1000 * (float(began) - float(received))


def _aims(row: Row) -> list[aims.Aim]:
    what = f"accepted -> handler, {row['name']}"
    return [
        aims.at_most(f"{what}: p50", row["p50_ms"], 10, " ms"),
        aims.at_most(f"{what}: p99", row["p99_ms"], 100, " ms"),
    ]


def _text(rows: list[Row]) -> str:
    heads = ["deliveries", "rate", "mean_ms", "p50_ms", "p90_ms", "p99_ms", "max_ms"]
    lines = [f"| {row['name']} | " + " | ".join(f"{row[head]:,.1f}" for head in heads) + " |" for row in rows]
    return "\n".join(["| shape | " + " | ".join(heads) + " |", "|---" * (len(heads) + 1) + "|", *lines])


if __name__ == "__main__":
    sys.exit(benchmark(sys.argv[1:]))
