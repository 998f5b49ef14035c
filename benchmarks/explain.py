"""How long does `reeve sla explain` take over an issue with 10,000 events? The whole command, as a process of its own.

Three pasts: a quiet talk; one with business hours, holidays and goals for every answer; and one in which every event
moves the clock. Each as the Timeline API would list it, with comments of a few lines.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks import aims, machine

EVENTS = 10_000
ROUNDS = 7
LIMIT = 1.0

OPENED = datetime(2026, 1, 5, 9, tzinfo=UTC)
NOW = "2026-11-24T06:00:00Z"
BODY = "It still happens with the nightly build, on {n} of 8 ranks:\n\n```\nRuntimeError: shape mismatch at {n}\n```\n"
BUSINESS = """
sla:
  goals: [{target: next-answer, within: 4h}, {target: resolution, within: 40h}]
  calendar: {timezone: Asia/Shanghai, country: CN, hours: ["09:00-12:00", "13:30-18:00"]}
"""

Event = dict[str, Any]


def _entry(number: int, login: str, **more: object) -> Event:
    at = f"{OPENED + timedelta(minutes=30 * number):%Y-%m-%dT%H:%M:%SZ}"
    account = {"login": login, "id": len(login), "type": "User"}
    return {"id": number + 1, "created_at": at, "updated_at": at, "actor": account, "user": account, **more}


def _comment(number: int, login: str, body: str) -> Event:
    association = "MEMBER" if login == "maintainer" else "NONE"
    return _entry(number, login, event="commented", body=body, author_association=association)


def talk() -> Iterator[Event]:
    """Yield a long talk, in which now and then a label is set."""
    for number in range(EVENTS):
        if number % 10 == 0:
            yield _entry(number, "maintainer", event="labeled", label={"name": f"area-{number % 7}"})
        else:
            yield _comment(number, ("author", "passer-by", "maintainer")[number % 3], BODY.format(n=number))


def turmoil() -> Iterator[Event]:
    """Yield pauses, questions, closings and reopenings, one after the other."""
    turns: list[Callable[[int], Event]] = [
        lambda n: _comment(n, "maintainer", f'/sla pause reason="waiting for build {n}"'),
        lambda n: _entry(n, "maintainer", event="labeled", label={"name": "needs-info"}),
        lambda n: _comment(n, "author", BODY.format(n=n)),
        lambda n: _comment(n, "maintainer", "/sla resume"),
        lambda n: _entry(n, "maintainer", event="closed"),
        lambda n: _entry(n, "author", event="reopened"),
    ]
    for number in range(EVENTS):
        yield turns[number % len(turns)](number)


PASTS: dict[str, tuple[Callable[[], Iterator[Event]], str]] = {
    "a talk": (talk, ""),
    "a talk in business hours": (talk, BUSINESS),
    "every event moves the clock": (turmoil, ""),
}


def benchmark(_: list[str]) -> int:
    """Run the command over each past, several times; keep the result."""
    rows = {name: _measure(events, policy) for name, (events, policy) in PASTS.items()}
    medians = {name: [statistics.median(column) for column in zip(*times, strict=True)] for name, times in rows.items()}
    reached = [
        aims.at_most(f"{name}: {EVENTS:,} events explained in", wall, LIMIT, " s", 2)
        for name, (wall, _cpu) in medians.items()
    ]
    lines = [f"| {name} | {wall:.2f} s | {cpu:.2f} s |" for name, (wall, cpu) in medians.items()]
    text = "\n".join(["| past | on the clock | of CPU |", "|---|---|---|", *lines])
    about = {**machine.describe(), "runs": f"{ROUNDS}, the median counts", "timed": "the process, from start to end"}
    aims.keep("explain", text=text, aims=reached, rows=rows, about=about)
    return 0 if all(aim.is_met for aim in reached) else 1


def _measure(events: Callable[[], Iterator[Event]], policy: str) -> list[tuple[float, float]]:
    user = {"login": "author", "id": 6, "type": "User"}
    issue = {"number": 7, "title": "It crashes", "created_at": f"{OPENED:%Y-%m-%dT%H:%M:%SZ}", "user": user}
    with tempfile.TemporaryDirectory() as folder:
        file, config = Path(folder, "events.json"), Path(folder, "reeve.yml")
        file.write_text(json.dumps({"issue": issue | {"labels": [{"name": "bug"}]}, "events": list(events())}))
        config.write_text(policy)
        command = [sys.executable, "-m", "bot", "sla", "explain", "--events", str(file), "--config", str(config)]
        return [_seconds([*command, "--now", NOW]) for _ in range(ROUNDS)]


def _seconds(command: list[str]) -> tuple[float, float]:
    """Return the time on the clock and the time of CPU that a command takes."""
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
