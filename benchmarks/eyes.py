"""From a comment to the eyes under it: how long a person waits for the sign that a command was seen.

Measured where the person would see it: from the moment that the comment stands on GitHub (a sandbox here) to the moment
that the reaction does; the webhook, the queue, the judgement and the write lie between. Meanwhile issues are opened in
other places, as on a busy day. The aim is that of the issue: within 2 seconds.
"""

import argparse
import random
import statistics
import sys
import time
from collections.abc import Iterator
from typing import Any

from benchmarks import aims, machine, payloads
from benchmarks.latency import OWNERS, reeve, services, warm_up, world_of_owners
from bot.sandbox.world import World

Row = dict[str, Any]

#: An account may write 20 comments with commands at once and then one a minute: so many take turns.
PEOPLE_FOR_COMMANDS = 15

#: Nobody's eyes take longer than this, or something is broken (seconds).
PATIENCE = 30.0


def benchmark(arguments: list[str]) -> int:
    """Run it in both shapes; write the report."""
    parser = argparse.ArgumentParser(prog="benchmarks.eyes", description=__doc__)
    parser.add_argument("--commands", type=int, default=150)
    parser.add_argument(
        "--rate", type=float, default=5.0, help="commands a second, and as many issues opened elsewhere"
    )
    options = parser.parse_args(arguments)
    machine.WORK.mkdir(parents=True, exist_ok=True)
    about = machine.describe()
    with machine.postgres(), machine.redis():
        rows = [
            _run("embedded, SQLite", {}, options),
            _run("serve + worker, PostgreSQL, Redis", services("eyes"), options),
        ]
    found = [
        aims.at_most(f"command -> eyes, {row['name']}: {q}", row[q], 2000, " ms")
        for row in rows
        for q in ("p99", "max")
    ]
    aims.keep("eyes", text=_text(rows), aims=found, rows=rows, about=about)
    return 0


def _run(name: str, chosen: dict[str, str], options: argparse.Namespace) -> Row:
    for path in machine.WORK.glob("reeve.db*"):
        path.unlink()
    with world_of_owners() as world:
        world.webhook_secret = payloads.SECRET
        settings = {
            **world.environment(),
            **chosen,
            "REEVE_DATA_DIR": str(machine.WORK),
            "REEVE_LOG_LEVEL": "WARNING",
            "STOPWATCH": str(machine.WORK / "stopwatch.txt"),
        }
        with reeve(settings, has_worker=bool(chosen)) as url:
            world.receiver = f"{url}/webhooks/github"
            warm_up(world)
            waits = sorted(_waits(world, options))
    quantiles = {f"p{q}": waits[min(len(waits) - 1, int(len(waits) * q / 100))] for q in (50, 90, 99)}
    return {"name": name, "commands": len(waits), "mean": statistics.fmean(waits), **quantiles, "max": waits[-1]}


def _waits(world: World, options: argparse.Namespace) -> Iterator[float]:
    """Yield how long each command waited for its eyes, in milliseconds."""
    dice, written, until = random.Random(3), [], time.monotonic()
    for number in range(options.commands):
        where = f"owner-{dice.randrange(OWNERS)}/model"
        elsewhere = f"owner-{dice.randrange(OWNERS)}/model"
        by = f"person-{number % PEOPLE_FOR_COMMANDS}"
        written.append((where, world.comment(1, "/help", by=by, repository=where), time.time()))
        world.open_issue(f"[Bug] it crashes, number {number}", repository=elsewhere)
        until += 1 / options.rate
        time.sleep(max(0.0, until - time.monotonic()))
    world.wait_for(lambda: all(_eyes(world, *each[:2]) for each in written), timeout=PATIENCE)
    for where, comment, at in written:
        seen = _eyes(world, where, comment)
        yield 1000 * (seen - at if seen else PATIENCE)


def _eyes(world: World, where: str, comment: int) -> float | None:
    """Return when Reeve's eyes came, in seconds since 1970."""
    found = next(each for each in world.issue(1, repository=where).comments if each.id == comment)
    return next((each.created_at.timestamp() for each in list(found.reactions) if each.content == "eyes"), None)


def _text(rows: list[Row]) -> str:
    heads = ["commands", "mean", "p50", "p90", "p99", "max"]
    lines = [f"| {row['name']} | " + " | ".join(f"{row[head]:,.0f}" for head in heads) + " |" for row in rows]
    return "\n".join(["| shape (ms) | " + " | ".join(heads) + " |", "|---" * (len(heads) + 1) + "|", *lines])


if __name__ == "__main__":
    sys.exit(benchmark(sys.argv[1:]))
