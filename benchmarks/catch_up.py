"""How soon Reeve is level again after a day in which GitHub failed to make thousands of deliveries.

A sandbox plays GitHub, with its limits on writing. Its clock runs with real time and is moved on to the next full
minute whenever nothing is left to do: so the minutes that are counted hold both GitHub's limits and Reeve's own work.
Most deliveries are about the same issues, as on GitHub: edits, titles, comments, pushes.
"""

import argparse
import contextlib
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table, func, select

from benchmarks import aims, machine
from bot import logs, settings, sweep, work
from bot.sandbox.world import World
from bot.serve import Service
from bot.store import engine as engines
from bot.store.tables import State, inbox, outbox
from bot.web.server import serving
from bot.wiring import Parts

POLICY = 'version: 1\nbenchmark: {evidence: none}\ncoverage: {source: ["no/*.py"]}\n'

#: So many deliveries go to one subject; one pull request and one command for so many issues. Two writes for each issue,
#: and GitHub's 500 an hour: no bot can be level within a quarter of an hour on more than some 250 of them.
EVENTS_A_SUBJECT = 40
ISSUES_A_PULL, ISSUES_A_COMMAND = 12, 8

OUTAGE = timedelta(hours=24)

#: Reeve has not caught up at all if it takes longer.
MOST_MINUTES = 180


@dataclass(frozen=True, slots=True)
class Figures:
    """What catching up took."""

    deliveries: int
    subjects: int
    minutes: float
    minutes_to_judge: float
    writes: int
    reads: int
    asked_again: int
    working_seconds: float
    left: tuple[str, ...]


def benchmark(arguments: list[str]) -> int:
    """Run it and write the report."""
    parser = argparse.ArgumentParser(prog="benchmarks.catch_up", description=__doc__)
    parser.add_argument("--deliveries", type=int, default=5000, help="how many GitHub fails to make")
    options = parser.parse_args(arguments)
    logs.configure("WARNING")
    about = machine.describe()
    found = measure(options.deliveries, machine.WORK / "catch-up")
    rows = [{name: getattr(found, name) for name in Figures.__slots__}]
    aimed = [
        aims.at_most(f"level again after {found.deliveries:,} deliveries", found.minutes, 15, " min"),
        aims.at_most("left behind", len(found.left), 0, "", 0),
    ]
    aims.keep("catch_up", text=text(found), aims=aimed, rows=rows, about=about)
    return 0


def text(found: Figures) -> str:
    """Return the figures as a table."""
    cells: dict[str, Any] = {
        "deliveries that failed in 24 h": f"{found.deliveries:,}",
        "issues and pull requests": f"{found.subjects:,}",
        "level after (minutes of GitHub's time)": f"{found.minutes:.1f}",
        "all judged after (minutes)": f"{found.minutes_to_judge:.1f}",
        "writes (GitHub allows 80 a minute, 500 an hour)": f"{found.writes:,}",
        "reads": f"{found.reads:,}",
        "deliveries asked for again": f"{found.asked_again:,}",
        "Reeve's own working time (s)": f"{found.working_seconds:.1f}",
    }
    return "\n".join(["| what | |", "|---|---|", *(f"| {what} | {value} |" for what, value in cells.items())])


def measure(deliveries: int, folder: Path) -> Figures:
    """Let so many deliveries fail, start Reeve, and count until it is level."""
    shutil.rmtree(folder, ignore_errors=True)
    with World.start(seed=5) as world:
        world.create_repository("acme/model", files={".github/reeve.yml": POLICY})
        with _reeve(world, folder) as parts:
            world.install()
            _settle(world, parts)
            sweep.sweep(parts)
            _settle(world, parts)
        world.receiver = None
        subjects = _outage(world, deliveries)
        failed = sum(1 for each in world.deliveries if each.status_code >= 400)
        with _reeve(world, folder) as parts:
            return _catch_up(world, parts, failed, subjects)


@contextlib.contextmanager
def _reeve(world: World, folder: Path) -> Iterator[Parts]:
    """Run Reeve beside the sandbox, in this process, its worker driven by hand."""
    found = settings.read({**world.environment(), "REEVE_DATA_DIR": str(folder)})
    service = Service(found, clock=lambda: world.now)
    with serving(service.app) as port:
        world.receiver = f"http://127.0.0.1:{port}/webhooks/github"
        yield service.parts()
    service.parts().close()


def _outage(world: World, deliveries: int) -> int:
    """Let people go on for a day while nobody listens; return how many issues and pull requests they opened."""
    subjects = 1 + deliveries * 105 // 100 // EVENTS_A_SUBJECT  # a pull request makes a few less
    pause = OUTAGE / (subjects * EVENTS_A_SUBJECT)
    for number in range(subjects):
        is_pull = number % ISSUES_A_PULL == ISSUES_A_PULL - 1
        (_pull if is_pull else _issue)(world, number, pause)
    world.flush_deliveries(600)
    return subjects


def _issue(world: World, number: int, pause: timedelta) -> None:
    issue = world.open_issue(f"crash number {number}", author="ada")
    for step in range(EVENTS_A_SUBJECT - 2):
        world.advance(seconds=pause.total_seconds())
        match step % 3:
            case 0:
                world.edit_issue(issue, body=f"seen again, {step}")
            case 1:
                world.comment(issue, f"the same here, {step}", by="eve")
            case 2:
                world.edit_issue(issue, title=f"[Bug] crash number {number}, {step}")
    if number % ISSUES_A_COMMAND == 0:
        world.comment(issue, "/label +found", by="maintainer")


def _pull(world: World, number: int, pause: timedelta) -> None:
    pull = world.open_pull_request(f"fix {number}", head=f"fix-{number}", files={"README.md": "0\n"})
    for step in range(EVENTS_A_SUBJECT // 3):
        world.advance(seconds=3 * pause.total_seconds())
        world.push_to(pull, {"README.md": f"{step}\n"})


def _settle(world: World, parts: Parts) -> None:
    """Do everything that is due, and wait for the worker that runs beside it."""
    while True:
        world.flush_deliveries(120)
        work.work(parts)
        is_over = not parts.database.inbox.is_waiting(parts.clock()) and not _count(parts, inbox, State.LEASED)
        if is_over and not parts.database.outbox.is_waiting(parts.clock()) and not _count(parts, outbox, State.LEASED):
            return
        time.sleep(0.01)


def _catch_up(world: World, parts: Parts, failed: int, subjects: int) -> Figures:
    began, working, judged, before = world.now, 0.0, 0.0, len(world.requests)
    while world.now - began < timedelta(minutes=MOST_MINUTES):
        turn, started = world.now, time.monotonic()
        asked = sweep.sweep(parts)
        work.tick(parts)
        _settle(world, parts)
        working += time.monotonic() - started
        minutes = (world.now - began).total_seconds() / 60
        is_judged = not _count(parts, inbox, State.PENDING, State.LEASED)
        judged = judged or (minutes if is_judged else 0.0)
        if not asked and _is_done(parts) and not _left(world):
            break
        spent = (world.now - turn).total_seconds()
        world.advance(seconds=max(0.0, 60 - spent))
    made = world.requests[before:]
    return Figures(
        deliveries=failed,
        subjects=subjects,
        minutes=minutes,
        minutes_to_judge=judged,
        writes=sum(each.is_content_write for each in made),
        reads=sum(each.method == "GET" for each in made),
        asked_again=sum(each.path.endswith("/attempts") for each in made),
        working_seconds=working,
        left=_left(world),
    )


def _is_done(parts: Parts) -> bool:
    """Say whether every delivery and every effect has come to its end."""
    under_way = (State.PENDING, State.LEASED, State.DECIDED)
    return not _count(parts, inbox, *under_way) and not _count(parts, outbox, *under_way)


def _count(parts: Parts, table: Table, *states: State) -> int:
    with engines.reading(parts.database.engine) as connection:
        return connection.execute(select(func.count()).select_from(table).where(table.c.state.in_(states))).scalar_one()


def _left(world: World) -> tuple[str, ...]:
    """Name the issues and pull requests that do not look as they should."""
    return tuple(
        f"#{number}" for number, issue in world.repository().issues.items() if not _is_level(world, number, issue)
    )


def _is_level(world: World, number: int, issue: Any) -> bool:  # noqa: ANN401  the sandbox's own
    if issue.pull:
        return any(run.name == "reeve" for run in world.checks(issue.pull.head_sha))
    is_found = not any(each.body.startswith("/label") for each in issue.comments) or "found" in world.labels(number)
    return is_found and "bug" in world.labels(number) and bool(world.bot_comments(number))


if __name__ == "__main__":
    sys.exit(benchmark(sys.argv[1:]))
