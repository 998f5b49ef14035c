"""What waking the workers costs: one bell for all that came meanwhile, beside a Celery message for each delivery.

The bell is the one of `reeve serve`, on Redis, asked to ring after each group commit as it would be at load.
"""

import argparse
import statistics
import sys
import time
from typing import Any

from benchmarks import aims, machine
from benchmarks.contestants import NOWHERE
from bot import tasks
from bot.serve import Service
from bot.settings import Settings
from bot.web.doorbell import Doorbell

Row = dict[str, Any]


def benchmark(arguments: list[str]) -> int:
    """Run it; write the report."""
    parser = argparse.ArgumentParser(prog="benchmarks.relay", description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    machine.WORK.mkdir(parents=True, exist_ok=True)
    about = machine.describe()
    with machine.redis() as redis:
        service, rows = _service(), []
        for _ in range(options.rounds):
            rows += [
                _rings(service, redis, 5_000, 64, options.seconds),
                _rings(service, redis, 100, 1, options.seconds),
            ]
            rows.append(_messages(service, redis))
        service.queue.close()
    aims.keep("relay", text=_text(rows), aims=_aims(rows), rows=rows, about=about)
    return 0


def _service() -> Service:
    path = machine.WORK / "relay.db"
    path.unlink(missing_ok=True)
    broker = f"redis://127.0.0.1:{machine.REDIS_PORT}"
    return Service(Settings(1, "no key", (b"secret",), NOWHERE, database_url=f"sqlite:///{path}", broker_url=broker))


def _rings(service: Service, redis: int, rate: int, batch: int, seconds: float) -> Row:
    """Ask for a ring after each batch at this rate; the asking alone is measured first and taken off."""
    spent, sent = [], 0
    for send in (lambda: None, service.ring_and_rest):
        bell = Doorbell(send)
        bell.ring()
        time.sleep(0.2)
        before, count = _cpu(redis), 0
        began = time.perf_counter()
        while (now := time.perf_counter()) - began < seconds:
            bell.ring(batch)
            count += batch
            time.sleep(max(0.0, began + count / rate - now))
        spent.append((_cpu(redis) - before) / count * 1e6)
        sent = bell.sent
        bell.close()
    return {"name": f"doorbell, {rate:,}/s", "us": spent[1] - spent[0], "each_message": rate * seconds / sent}


def _messages(service: Service, redis: int, count: int = 1_500) -> Row:
    """Send a Celery message for each delivery."""
    tasks.ring(service.queue)
    before = _cpu(redis)
    for _ in range(count):
        tasks.ring(service.queue)
    return {"name": "a message each", "us": (_cpu(redis) - before) / count * 1e6, "each_message": 1.0}


def _cpu(redis: int) -> float:
    return time.process_time() + machine.cpu_seconds([redis])


def _aims(rows: list[Row]) -> list[aims.Aim]:
    at_load = statistics.median(row["us"] for row in rows if row["name"] == "doorbell, 5,000/s")
    return [aims.at_most("waking the workers at 5,000/s: CPU a delivery", at_load, 20, " us")]


def _text(rows: list[Row]) -> str:
    lines = ["| how | CPU us/delivery, Redis included | deliveries a message |", "|---|---|---|"]
    for name in dict.fromkeys(row["name"] for row in rows):
        mine = [row for row in rows if row["name"] == name]
        values = [statistics.median(row[key] for row in mine) for key in ("us", "each_message")]
        lines.append(f"| {name} | {values[0]:,.1f} | {values[1]:,.1f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(benchmark(sys.argv[1:]))
