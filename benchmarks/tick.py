"""One tick with 1,000 issues due, among 10,000 open ones and among 1,000,000: the size of the rest costs nothing.

First the tick itself, which turns what is due into deliveries; then all of it, until every one of the thousand is
judged as late and what follows from that is written down; and how late the last of them is, if it ran out just behind a
tick. GitHub is a stand-in that costs nothing: what it takes, and its limits on writes, come on top.
"""

import argparse
import contextlib
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from benchmarks import aims, flat, machine
from bot import logs, work
from bot.model.facts import Issue
from bot.model.subjects import Actor, Repository, Subject
from bot.store import engine as engines
from bot.store import migrate
from bot.tasks import RELAY_EVERY, TICK_EVERY
from bot.wiring import Parts

SIZES = (10_000, 1_000_000)

#: How much longer (seconds) it may take with a hundred times the open issues.
LIMIT = 1.0

#: How late (seconds) an action that is due may be while all is well.
LATEST = 120.0

A_MINUTE = timedelta(minutes=1)

Row = dict[str, Any]


class LateForge(flat.FreeForge):
    """A GitHub on which every issue is an open bug that nobody answered."""

    def issue(self, repository: Repository, number: int) -> Issue:
        """Show the issue as it was opened, with its label."""
        return Issue(
            Subject(repository.id, number),
            "[Bug] crash on load",
            "",
            Actor(1, "octocat"),
            frozenset({"bug"}),
            None,
            is_open=True,
            comments=1,
            created_at=flat.OPENED,
            updated_at=flat.NOW,
        )


def benchmark(arguments: list[str]) -> int:
    """Run it on both databases at both sizes; write the report."""
    parser = argparse.ArgumentParser(prog="benchmarks.tick", description=__doc__)
    parser.add_argument("--ticks", type=int, default=5)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    options = parser.parse_args(arguments)
    machine.WORK.mkdir(parents=True, exist_ok=True)
    logs.configure("ERROR")
    about, rows = machine.describe(), []
    if options.only != "postgresql":
        for size in SIZES:
            with _sqlite() as url:
                rows.append(_run("SQLite", url, size, options.ticks))
    if options.only != "sqlite":
        with machine.postgres():
            rows += [_run("PostgreSQL", _postgres(size), size, options.ticks) for size in SIZES]
    aims.keep("tick", text=_text(rows), aims=_aims(rows), rows=rows, about=about)
    return 0


@contextlib.contextmanager
def _sqlite() -> Iterator[str]:
    path = Path(machine.WORK / "tick.db")
    for old in machine.WORK.glob("tick.db*"):
        old.unlink()
    yield f"sqlite:///{path}"
    path.unlink()


def _postgres(size: int) -> str:
    name, base = f"tick_{size}", f"postgresql://postgres@127.0.0.1:{machine.POSTGRES_PORT}"
    with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return f"{base}/{name}".replace("://", "+psycopg://")


def _run(name: str, url: str, size: int, ticks: int) -> Row:
    """Fill the tables, let a first tick go by in which every policy file is read, then those that count."""
    engine = engines.connect(url)
    migrate.upgrade(engine)
    flat.fill(engine, size)
    parts, now = flat.parts_on(url, LateForge()), [flat.NOW]
    parts.clock = lambda: now[0]
    flat.make_due(parts, now[0])
    while _go(parts, now).found:
        pass  # what was read is looked at once more
    spent = []
    for _ in range(ticks):
        due = flat.make_due(parts, now[0] + A_MINUTE)
        spent.append(_go(parts, now))
        if spent[-1].found != due or parts.database.figures.deliveries_by_state()["dead"]:
            raise RuntimeError(f"{spent[-1].found} were due, not {due}; or one of them could not be judged")
    row = {
        "database": name,
        "issues": size,
        "due": spent[-1].found,
        "tick_s": statistics.median(each.tick for each in spent),
        "whole_s": statistics.median(each.whole for each in spent),
    }
    print(row, flush=True)
    parts.close()
    engine.dispose()
    return row


@dataclass(frozen=True, slots=True)
class Spent:
    """How many were due, and the seconds for the tick alone and until all were judged."""

    found: int
    tick: float
    whole: float


def _go(parts: Parts, now: list[datetime]) -> Spent:
    """Let a minute pass, and everything that becomes due with it be judged."""
    now[0] += A_MINUTE
    began = time.perf_counter()
    found = work.tick(parts)
    ticked = time.perf_counter()
    while work.judge(parts):
        pass
    return Spent(found, ticked - began, time.perf_counter() - began)


def _aims(rows: list[Row]) -> list[aims.Aim]:
    names = dict.fromkeys(row["database"] for row in rows)
    longer = [
        aims.at_most(
            f"{what}, {name}: with 1,000,000 open issues longer than with 10,000",
            _difference(rows, name, key),
            LIMIT,
            " s",
            digits=2,
        )
        for name in names
        for what, key in (("a tick with 1,000 due", "tick_s"), ("the same until all are judged", "whole_s"))
    ]
    late = max(row["whole_s"] for row in rows) + TICK_EVERY + RELAY_EVERY
    return [*longer, aims.at_most("the last of 1,000 that are due at once is late by", late, LATEST, " s")]


def _difference(rows: list[Row], database: str, what: str) -> float:
    small, large = (row[what] for row in rows if row["database"] == database)
    return float(large - small)


def _text(rows: list[Row]) -> str:
    heads = ["| database | open issues | due | tick s | until all are judged s |", "|---|---|---|---|---|"]
    lines = (
        f"| {r['database']} | {r['issues']:,} | {r['due']:,} | {r['tick_s']:.2f} | {r['whole_s']:.2f} |" for r in rows
    )
    return "\n".join([*heads, *lines, "", "Wall clock, medians."])


if __name__ == "__main__":
    sys.exit(benchmark(sys.argv[1:]))
