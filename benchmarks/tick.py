"""One tick with 1,000 issues due, among 10,000 open ones and among 1,000,000: the size of the rest costs nothing.

First the tick itself, which turns what is due into deliveries; then all of it, until every one of the thousand is
judged as late and what follows from that is written down; and how late the last of them is, if it ran out just behind a
tick. GitHub is a stand-in that costs nothing: what it takes, and its limits on writes, come on top.
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any, Self

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
        rows += _side_by_side("SQLite", _sqlite, options.ticks)
    if options.only != "sqlite":
        with machine.postgres():
            rows += _side_by_side("PostgreSQL", _postgres, options.ticks)
    aims.keep("tick", text=_text(rows), aims=_aims(rows), rows=rows, about=about)
    return 0


def _sqlite(size: int) -> str:
    for old in machine.WORK.glob(f"tick-{size}.db*"):
        old.unlink()
    return f"sqlite:///{machine.WORK / f'tick-{size}.db'}"


def _postgres(size: int) -> str:
    name, base = f"tick_{size}", f"postgresql://postgres@127.0.0.1:{machine.POSTGRES_PORT}"
    with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return f"{base}/{name}".replace("://", "+psycopg://")


def _side_by_side(name: str, url: Callable[[int], str], ticks: int) -> list[Row]:
    """Fill a database of each size, then let them tick in turns: what else the machine does meanwhile meets both."""
    towns = [_Town.filled(size, url(size)) for size in SIZES]
    for _ in range(ticks):
        for town in towns:
            town.tick()
    rows = [town.row(name) for town in towns]
    for row in rows:
        print(row, flush=True)
    for old in machine.WORK.glob("tick-*.db*"):
        old.unlink()
    return rows


@dataclass
class _Town:
    """A database with so many open issues, and a worker before it."""

    size: int
    parts: Parts
    now: list[datetime]
    spent: list["Spent"] = field(default_factory=list)

    @classmethod
    def filled(cls, size: int, url: str) -> Self:
        """Fill the tables, and let a first tick go by in which every policy file is read."""
        engine = engines.connect(url)
        migrate.upgrade(engine)
        flat.fill(engine, size)
        engine.dispose()
        parts, now = flat.parts_on(url, LateForge()), [flat.NOW]
        parts.clock = lambda: now[0]
        flat.make_due(parts, now[0])
        while _go(parts, now).found:
            pass  # what was read is looked at once more
        return cls(size, parts, now)

    def tick(self) -> None:
        """Let a thousand issues be due with the next tick, and every one be judged."""
        due = flat.make_due(self.parts, self.now[0] + A_MINUTE)
        spent = _go(self.parts, self.now)
        if spent.found != due or self.parts.database.figures.deliveries_by_state()["dead"]:
            raise RuntimeError(f"{spent.found} were due, not {due}; or one of them could not be judged")
        self.spent.append(spent)

    def row(self, name: str) -> Row:
        """Return what was measured; nothing more is."""
        self.parts.close()
        return {
            "database": name,
            "issues": self.size,
            "due": self.spent[-1].found,
            "tick_s": [each.tick for each in self.spent],
            "whole_s": [each.whole for each in self.spent],
        }


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
    late = max(median(row["whole_s"]) for row in rows) + TICK_EVERY + RELAY_EVERY
    return [*longer, aims.at_most("the last of 1,000 that are due at once is late by", late, LATEST, " s")]


def _difference(rows: list[Row], database: str, what: str) -> float:
    """Return the median of how much longer each turn took."""
    small, large = (row[what] for row in rows if row["database"] == database)
    return float(median(b - a for a, b in zip(small, large, strict=True)))


def _text(rows: list[Row]) -> str:
    heads = ["| database | open issues | due | tick s | until all are judged s |", "|---|---|---|---|---|"]
    lines = (
        f"| {r['database']} | {r['issues']:,} | {r['due']:,} | {median(r['tick_s']):.2f} | {median(r['whole_s']):.2f} |"
        for r in rows
    )
    return "\n".join([*heads, *lines, "", "Wall clock, medians; the sizes take turns, and the aims hold of the turns."])


if __name__ == "__main__":
    sys.exit(benchmark(sys.argv[1:]))
