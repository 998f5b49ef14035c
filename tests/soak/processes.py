"""Reeve as real processes beside a sandbox: started, killed without warning, started again."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.sandbox.world import World
from tests.services import free_port

#: From the last kill on: a lease (30 s) must run out, then the work left must be done.
PATIENCE = 240.0


@dataclass
class Process:
    """One `reeve` command that is kept running."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path
    child: "subprocess.Popen[bytes] | None" = None
    kills: int = 0

    def start(self) -> None:
        """Start it (again)."""
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(
                [sys.executable, "-m", "bot", *self.command], env={**os.environ, **self.environment}, stderr=log
            )

    def kill(self) -> None:
        """Kill it between two instructions, whichever they are."""
        assert self.child is not None
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()
        self.kills += 1

    def stop(self) -> None:
        """End it for good."""
        if self.child is not None:
            self.child.kill()
            self.child.wait()


@dataclass
class Fleet:
    """All processes of one installation of Reeve, in either shape."""

    processes: list[Process] = field(default_factory=list)

    @property
    def kills(self) -> int:
        """How often anything was killed."""
        return sum(process.kills for process in self.processes)

    def start(self) -> None:
        """Start everything."""
        for process in self.processes:
            process.start()

    def strike(self, dice: random.Random) -> None:
        """Kill one process in mid-work and start it again."""
        victim = dice.choice(self.processes)
        victim.kill()
        victim.start()


@contextmanager
def fleet(world: World, environment: Mapping[str, str], home: Path) -> Iterator[Fleet]:
    """Run `reeve serve`, and where there is a broker also a worker and a beat, against the sandbox."""
    port = free_port()
    world.receiver = f"http://127.0.0.1:{port}/webhooks/github"
    settings = {**environment, **world.environment(), "REEVE_LOG_LEVEL": "WARNING"}
    commands: list[tuple[str, ...]] = [("serve", "--port", str(port))]
    if "REEVE_BROKER_URL" in environment:
        commands += [("worker",), ("beat",)]
    running = Fleet([Process(command, settings, home / f"{command[0]}.log") for command in commands])
    running.start()
    try:
        yield running
    finally:
        for process in running.processes:
            process.stop()


def redeliver_failed(world: World) -> int:
    """Do what an operator (or the sweep) does: ask for every delivery that never got a 2xx to be sent again."""
    good = {d.guid for d in world.deliveries if d.status_code is not None and d.status_code < 300}
    failed = {d.guid for d in world.deliveries} - good
    for guid in failed:
        world.redeliver(guid)
    world.flush_deliveries(timeout=240)
    return len(failed)


def wait_until(claim: Callable[[], bool], world: World, *, patience: float = PATIENCE) -> bool:
    """Redeliver what failed and look again until the claim holds; say whether it came to hold in time."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        redeliver_failed(world)
        if claim():
            return True
        time.sleep(1)
    return False
