"""Does the size of the past matter? CPU of the whole worker path with ten times the open issues in the tables.

Claim, parse, judge, record, take the effect, confirm it; GitHub is a stand-in that costs nothing. The client's CPU and
the database's count. Half of the events are about new issues, half about any of the old ones.
"""

import argparse
import contextlib
import dataclasses
import json
import random
import sqlite3
import sys
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import psycopg
from sqlalchemy import Engine, text

from benchmarks import aims, machine, payloads
from benchmarks.contestants import NOWHERE
from bot import logs, settings, wiring, work
from bot.model.effects import Effect
from bot.model.errors import Gone
from bot.model.facts import Issue
from bot.model.forge import Attempt, Fetched, Past, Receipt
from bot.model.states import State
from bot.model.subjects import Identity, Lane, Repository
from bot.road import Forge
from bot.store import engine as engines
from bot.store import migrate
from bot.store.bodies import packer
from bot.store.ingest import Arrival, Ingest
from bot.store.tables import timers, to_millis

#: Each repository is an installation of its own: nobody's budget of writes is used up.
REPOSITORIES = 1_000

SIZES = (100_000, 1_000_000)

DUE = 1_000

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)

Row = dict[str, Any]

#: When every issue of the past was opened: its deadline is over by now.
OPENED = NOW - timedelta(hours=25)

#: The past, spread over the repositories: every issue judged, labelled and commented on, every one with a deadline;
#: of the last eight days a fifth as many deliveries and effects, all done.
_FILL = """
INSERT INTO subjects (repository_id, number, label, seen_at, digest)
SELECT repository, number, 'bug', :now - 1000, 'digest' FROM past;
INSERT INTO applied (target, repository_id, digest, remote_id, applied_at)
SELECT subject || '/labels', repository, :hash, i, :now FROM past;
INSERT INTO applied (target, repository_id, digest, remote_id, applied_at)
SELECT subject || '/comment/status', repository, :hash, i, :now FROM past;
INSERT INTO timers (subject, kind, installation_id, due_at)
SELECT subject, 'look', repository, :now + 3600000 + i * 7 FROM past;
INSERT INTO happenings (repository_id, number, id, at, entry)
SELECT repository, number, 'heard:opened:' || i, :now - 90000000, :opened FROM past;
INSERT INTO happenings (repository_id, number, id, at, entry)
SELECT repository, number, 'heard:labeled:' || i, :now - 89999000, :labeled FROM past;
INSERT INTO clocks (repository_id, number, target, started_at, kind, stage, allowed, elapsed, due_at, is_answered)
SELECT repository, number, 'first-answer', :now - 90000000, 'bug', 'at-risk', 86400000, 86000000, :now - 3600000, 0
FROM past;
INSERT INTO inbox (delivery, event, lane, subject, installation_id, received_at, state, attempts, not_before, decision,
finished_at, body)
SELECT (i * 7919 % :n) || '-' || i, 'issues', 2, subject, repository, :now - i, 3, 1, :now - i, i, :now - i, :body
FROM past WHERE i % 5 = 0;
INSERT INTO outbox (decision, installation_id, repository_id, target, kind, priority, digest, payload, state, attempts,
not_before, created_at, written_at, finished_at)
SELECT i, repository, repository, subject || '/labels', 'set_labels', 10, :hash, '{}', 3, 1, :now - i, :now - i,
:now - 3600000 - i * 10, :now - i FROM past WHERE i % 5 = 0;
INSERT INTO repositories (id, installation_id, full_name, default_branch)
SELECT 1 + i, 1 + i, 'owner-' || (1 + i) || '/model', 'main' FROM past WHERE i < :repositories;
INSERT INTO installations (id, state) SELECT 1 + i, 'active' FROM past WHERE i < :repositories
"""

_PAST = """past(i, repository, number, subject) AS (SELECT i, 1 + i / :each, 1 + i % :each,
(1 + i / :each) || '#' || (1 + i % :each) FROM numbers)"""


class FreeForge:
    """A GitHub that takes everything and costs nothing; it remembers the ids that it gave."""

    def __init__(self) -> None:
        """Know one policy file and nothing else."""
        self._given: dict[str, int] = {}

    def file(
        self,
        _repository: Repository,
        _path: str,
        *,
        etag: str | None,
        ref: str | None = None,  # noqa: ARG002  no other branch
    ) -> Fetched | None:
        """Return the policy file once, and then that it has not changed."""
        return None if etag else Fetched("version: 1\n", "first")

    def issue(self, _repository: Repository, number: int) -> Issue:
        """Have no issue: what a timer wakes is gone."""
        raise Gone(f"issue {number}")

    def timeline(self, _repository: Repository, _number: int, *, etags: tuple[str, ...] = ()) -> Past:
        """List nothing that was not told."""
        return Past((), etags)

    def issue_types(self, _repository: Repository) -> tuple[str, ...]:
        """Have no types."""
        return ()

    def apply(self, _repository: Repository, effect: Effect, _attempt: Attempt) -> Receipt:
        """Take the effect."""
        return Receipt(self._given.setdefault(effect.target, len(self._given) + 1))


def benchmark(arguments: list[str]) -> int:
    """Run it on both databases at both sizes; write the report."""
    parser = argparse.ArgumentParser(prog="benchmarks.flat", description=__doc__)
    parser.add_argument("--events", type=int, default=600)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    options = parser.parse_args(arguments)
    machine.WORK.mkdir(parents=True, exist_ok=True)
    logs.configure("WARNING")
    about, rows = machine.describe(), []
    if options.only != "postgresql":
        rows += [_on_sqlite(size, options.events) for size in SIZES]
    if options.only != "sqlite":
        with machine.postgres() as server:
            rows += [_on_postgres(size, options.events, server) for size in SIZES]
    aims.keep("flat", text=_text(rows), aims=_aims(rows), rows=rows, about=about)
    return 0


def _on_sqlite(size: int, events: int) -> Row:
    path = machine.WORK / "flat.db"
    for old in machine.WORK.glob("flat.db*"):
        old.unlink()
    row = _run("SQLite", f"sqlite:///{path}", size, events, time.process_time)
    path.unlink()
    return row


def _on_postgres(size: int, events: int, server: int) -> Row:
    name, base = f"flat_{size}", f"postgresql://postgres@127.0.0.1:{machine.POSTGRES_PORT}"
    with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    url = f"{base}/{name}".replace("://", "+psycopg://")
    return _run("PostgreSQL", url, size, events, lambda: time.process_time() + machine.cpu_seconds([server]))


def _run(name: str, url: str, size: int, events: int, cpu: Callable[[], float]) -> Row:
    engine = engines.connect(url)
    migrate.upgrade(engine)
    fill(engine, size)
    parts, now = parts_on(url, FreeForge()), [NOW]
    parts.clock = lambda: now[0]
    ingest = Ingest(url)
    _work(parts, ingest, size, range(100))  # warms up
    now[0] += timedelta(minutes=2)
    a_piece = 100
    pieces = (range(start, start + a_piece) for start in range(100, 100 + events, a_piece))
    spent = [_work(parts, ingest, size, piece, cpu) for piece in pieces]
    now[0] += timedelta(minutes=2)
    work.tick(parts)
    while work.work(parts):
        pass  # policy files that were read for the first time are looked at once more
    tick = _tick(parts, now[0], cpu)
    row = {
        "database": name,
        "issues": size,
        "event_us": sorted(spent)[len(spent) // 2] / a_piece * 1e6,
        "tick_us": tick,
    }
    print(row, flush=True)
    ingest.close()
    parts.close()
    engine.dispose()
    return row


def fill(engine: Engine, size: int) -> None:
    """Write the past."""
    values: dict[str, Any] = {"n": size, "each": size // REPOSITORIES, "repositories": REPOSITORIES}
    values |= {"now": to_millis(NOW), "hash": "0" * 64, "body": b"\x00" * 2_500}
    values |= {"opened": _happened("opened", OPENED), "labeled": _happened("labeled", OPENED, name="bug")}
    if engine.dialect.name == "sqlite":
        _fill_sqlite(str(engine.url.database), values)
        return
    numbers = "numbers(i) AS (SELECT generate_series(CAST(0 AS bigint), CAST(:n AS bigint) - 1))"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in _FILL.split(";"):
            whole = f"WITH {numbers}, {_PAST} {statement}"
            connection.execute(text(whole), {key: value for key, value in values.items() if f":{key}" in whole})
        connection.exec_driver_sql("VACUUM ANALYZE")
        connection.exec_driver_sql("CHECKPOINT")


def _happened(what: str, at: datetime, **more: str) -> str:
    """Write an entry as the store does; who did it is the same everywhere."""
    actor = {"id": 1, "login": "octocat", "is_bot": False}
    return json.dumps({"id": what, "what": what, "at": at.isoformat(), "actor": actor} | more)


def _fill_sqlite(path: str, values: dict[str, Any]) -> None:
    """Write quickly, on a connection of its own: nothing of the past has to survive."""
    numbers = "WITH RECURSIVE numbers(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i < :n - 1)"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        for pragma in ("synchronous=OFF", "cache_size=-262144"):
            connection.execute(f"PRAGMA {pragma}")
        for statement in _FILL.split(";"):
            connection.execute(f"{numbers}, {_PAST} {statement}", values)
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def parts_on(url: str, github: FreeForge) -> wiring.Parts:
    """Return a worker's parts on this database, with this for GitHub."""
    found = settings.Settings(1, "no key", (b"secret",), NOWHERE, database_url=url, data_dir=Path(machine.WORK))
    parts, forge = wiring.build(found), cast("Forge", github)  # of what it lacks, nothing is asked
    parts.road = dataclasses.replace(parts.road, forge=lambda _installation: forge)
    parts.database.keep_identity(Identity(1, "reeve[bot]", 49_699_333))
    return parts


def _work(
    parts: wiring.Parts, ingest: Ingest, size: int, numbers: range, cpu: Callable[[], float] = time.process_time
) -> float:
    """Let some deliveries in, then take them down the road to their end; return the CPU seconds that took."""
    ingest.admit([_arrival(number, size) for number in numbers])
    before = cpu()
    while work.work(parts):
        pass
    return cpu() - before


def _arrival(number: int, size: int) -> Arrival:
    """Make a delivery: an issue is opened, or an old one edited so that it wants another label."""
    chance = random.Random(number)
    repository, each = chance.randrange(REPOSITORIES) + 1, size // REPOSITORIES
    issue = each + 1 + number if number % 2 else chance.randrange(each) + 1
    body = _body()
    body |= {"action": "opened" if number % 2 else "edited", "installation": {"id": repository}}
    body["repository"] |= {"id": repository, "full_name": f"owner-{repository}/model"}
    moment = (NOW + timedelta(seconds=number)).isoformat().replace("+00:00", "Z")
    labels = [] if number % 2 else [{"name": "bug"}]
    body["issue"] |= {"number": issue, "title": f"[Feature] wish {number}", "updated_at": moment, "labels": labels}
    return Arrival(
        str(uuid.UUID(int=chance.getrandbits(128))),
        "issues",
        Lane.ISSUE,
        f"{repository}#{issue}",
        repository,
        to_millis(NOW),
        State.PENDING,
        packer()(json.dumps(body).encode()),
    )


def _body() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(next((payloads.folder() / "issues").glob("opened*.json")).read_bytes())
    return found


def make_due(parts: wiring.Parts, now: datetime) -> int:
    """Make a thousand timers due, all over the table; return how many: a decision may have stopped a few of them."""
    subjects = [f"{1 + n % REPOSITORIES}#{1 + n // REPOSITORIES * 37 % 100}" for n in range(DUE)]
    with parts.database.engine.begin() as connection:
        due = timers.update().where(timers.c.subject.in_(subjects)).values(due_at=now - timedelta(seconds=1))
        return connection.execute(due).rowcount


def _tick(parts: wiring.Parts, now: datetime, cpu: Callable[[], float]) -> float:
    """Let a thousand timers run out; return the CPU microseconds that each then takes."""
    wanted = make_due(parts, now)
    before = cpu()
    found = parts.database.timers.tick(now)
    spent = cpu() - before
    if found != wanted:
        raise RuntimeError(f"{found} timers were due, not {wanted}")
    return spent / found * 1e6


def _ratio(rows: list[Row], database: str, what: str) -> float:
    small, large = (row[what] for row in rows if row["database"] == database)
    return float(large / small)


def _aims(rows: list[Row]) -> list[aims.Aim]:
    names = dict.fromkeys(row["database"] for row in rows)
    return [
        aims.at_most(
            f"{what}, {name}: CPU with 1,000,000 open issues / with 100,000", _ratio(rows, name, key), 1.25, digits=2
        )
        for name in names
        for what, key in (("an event", "event_us"), ("a due timer", "tick_us"))
    ]


def _text(rows: list[Row]) -> str:
    heads = ["| database | open issues | CPU us/event | CPU us/due timer |", "|---|---|---|---|"]
    return "\n".join(
        [*heads, *(f"| {r['database']} | {r['issues']:,} | {r['event_us']:,.0f} | {r['tick_us']:,.0f} |" for r in rows)]
    )


if __name__ == "__main__":
    sys.exit(benchmark(sys.argv[1:]))
