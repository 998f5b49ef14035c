"""Deliveries acknowledged, side by side: Reeve (stored before the 202) against its peers, in shuffled rounds.

The generator has one core, the server and its database another. CPU time counts the whole process tree and the
database: unlike a rate it hardly moves when something else runs on the machine.
"""

import argparse
import contextlib
import http.client
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks import machine, payloads, report
from benchmarks.contestants import Contestant, contestants, install_peers

Row = dict[str, Any]


def benchmark(arguments: list[str]) -> int:
    """Run it; write the report to `results/`; return the exit status: 1 when an acknowledged delivery was lost."""
    options = _options(arguments)
    machine.WORK.mkdir(parents=True, exist_ok=True)
    about = {**machine.describe(), "probot": install_peers()}
    with contextlib.ExitStack() as stack:
        services = {"postgres": stack.enter_context(machine.postgres()), "redis": stack.enter_context(machine.redis())}
        rows = list(_rounds(options, services))
    report.write("webhooks", about, rows)
    lost = [row for row in rows if row["lost"] > 0]
    return 1 if lost else 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.webhooks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--rate", type=float, default=800.0, help="of the open loop")
    parser.add_argument("--only", help="part of the names to run")
    return parser.parse_args(arguments)


def _rounds(options: argparse.Namespace, services: Mapping[str, int]) -> Iterator[Row]:
    takers = [c for c in contestants() if not options.only or options.only.lower() in c.name.lower()]
    for number in range(options.rounds):
        for contestant in random.sample(takers, len(takers)):
            row = _run(contestant, options, services)
            print(number + 1, report.line(row), flush=True)
            yield {"round": number, **row}


def _run(contestant: Contestant, options: argparse.Namespace, services: Mapping[str, int]) -> Row:
    contestant.prepare()
    environment = {
        "PORT": str(machine.SERVER_PORT),
        "REEVE_WEBHOOK_SECRET": payloads.SECRET,
        "NODE_ENV": "production",
        "REDIS_PORT": str(machine.REDIS_PORT),
        **contestant.environment,
    }
    began = time.perf_counter()
    with machine.process(contestant.command, cwd=contestant.cwd, log=machine.WORK / "server.log", **environment) as pid:
        _first_answer()
        cold = time.perf_counter() - began
        pids = [pid, *(services[name] for name in contestant.services)]
        before = machine.cpu_seconds(pids)
        closed = _load(options, "--connections", options.connections)
        cpu = machine.cpu_seconds(pids) - before
        opened = _load(options, "--connections", 256, "--rate", options.rate)
        return {
            "name": contestant.name,
            "cold_s": cold,
            "cpu_us": 1e6 * cpu / closed["sent"],
            "closed": closed,
            "open": opened,
            "rss_mib": machine.resident_mib([pid]),
            "lost": _lost(contestant, closed, opened),
        }


def _load(options: argparse.Namespace, *words: object) -> Row:
    command = [*machine.python("benchmarks.load"), "--port", machine.SERVER_PORT, "--seconds", options.seconds, *words]
    done = subprocess.run(
        machine.pinned(machine.GENERATOR_CORE, [str(word) for word in command]),
        cwd=machine.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    result: Row = json.loads(done.stdout)
    return result


def _lost(contestant: Contestant, *loads: Row) -> int:
    """Return how many acknowledged deliveries are not in the store; 0 where there is no store to look at."""
    if contestant.stored is None:
        return 0
    return int(max(0, 1 + sum(load["acknowledged"] for load in loads) - contestant.stored()))


def _first_answer(patience: float = 30) -> None:
    """Return once a first delivery was acknowledged."""
    body = b'{"zen":"Speak like a human.","hook_id":1}'
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "ping",
        "X-Hub-Signature-256": payloads.sign(body),
        "X-GitHub-Delivery": "00000000-0000-4000-8000-000000000000",
    }
    limit = time.perf_counter() + patience
    while time.perf_counter() < limit:
        with contextlib.suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", machine.SERVER_PORT, timeout=5)
            connection.request("POST", "/webhooks/github", body, headers)
            if (status := connection.getresponse().status) < 300:
                return
            raise RuntimeError(f"the first delivery was answered {status}: see {machine.WORK / 'server.log'}")
        time.sleep(0.005)
    raise RuntimeError(f"the server did not answer: see {machine.WORK / 'server.log'}")


if __name__ == "__main__":
    sys.exit(benchmark(sys.argv[1:]))
