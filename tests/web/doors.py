"""Doors for tests: real HTTP, real SQLite, and requests as GitHub signs them."""

import hashlib
import hmac
import http.client
import sqlite3
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from sqlalchemy import create_engine

from bot.github.webhooks import peek
from bot.store.group_commit import GroupCommit
from bot.store.ingest import Admission, Arrival, Ingest
from bot.store.tables import metadata
from bot.web.app import build
from bot.web.body import Limits
from bot.web.server import serving
from bot.web.tally import Tally
from bot.web.webhook import Receiver

SECRET = b"It's a Secret to Everybody"
PREVIOUS = b"previous-secret-still-in-rotation-window"
PATH = "/webhooks/github"


@dataclass
class StoreFigures:
    """Figures as the store might give them; `fault` makes it fail."""

    fault: Exception | None = None

    def deliveries_by_state(self) -> dict[str, int]:
        """Two states."""
        if self.fault:
            raise self.fault
        return {"pending": 3, "done": 40}

    def queue_age_seconds(self) -> dict[str, float]:
        """One lane."""
        return {"issue": 1.5}

    def timer_age_seconds(self) -> float:
        """Half a minute."""
        return 30.0

    def effects_by_state(self) -> dict[str, int]:
        """One state."""
        return {"done": 7}

    def budget_left(self) -> dict[int, int]:
        """One installation."""
        return {77: 4_999}

    def lost(self) -> int:
        """None."""
        return 0


@dataclass
class Door:
    """A running door: send it deliveries, look at what it stored."""

    port: int
    path: Path
    tally: Tally

    def post(self, body: Any, headers: Mapping[str, str], *, method: str = "POST") -> tuple[int, str]:
        """Return the status and the text of the answer; a body that is an iterator goes out in chunks."""
        return request(self.port, method, PATH, body, headers)

    def deliver(self, body: bytes, *, secret: bytes = SECRET, **changes: str | None) -> tuple[int, str]:
        """Deliver as GitHub does, with changed headers (underscores for dashes), or without those set to None."""
        return self.post(body, signed(body, secret=secret, **changes))

    def rows(self) -> list[tuple[str, str, int, int]]:
        """Return delivery, event, installation and state of everything stored, oldest first."""
        with sqlite3.connect(self.path) as connection:
            return list(connection.execute("SELECT delivery, event, installation_id, state FROM inbox ORDER BY seq"))


def request(
    port: int, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Make one request on a connection of its own; the body is anything that http.client takes."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    encoded = {name: value.encode("utf-8") for name, value in (headers or {}).items()}
    with suppress(BrokenPipeError, ConnectionResetError):  # refused while still sending: the answer is there to read
        connection.request(method, path, body, cast("Any", encoded))
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response.status, text


def signed(body: bytes, *, secret: bytes = SECRET, **changes: str | None) -> dict[str, str]:
    """Return the headers that GitHub would send with this body."""
    headers: dict[str, str | None] = {
        "X-GitHub-Event": "issues",
        "X-GitHub-Delivery": str(uuid.uuid4()),
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/044aadd",
        "X-Hub-Signature-256": "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest(),
    }
    headers.update({name.replace("_", "-"): value for name, value in changes.items()})
    return {name: value for name, value in headers.items() if value is not None}


@dataclass
class Plan:
    """How a test wants its door."""

    limits: Limits = field(default_factory=Limits)
    figures: StoreFigures = field(default_factory=StoreFigures)
    checks: dict[str, Callable[[], str | None]] = field(default_factory=dict)
    submit: Callable[[Arrival], Any] | None = None
    peek: Callable[[str, bytes, str], Any] = peek
    keep_alive: int = 65


@contextmanager
def standing(path: Path, plan: Plan) -> Iterator[Door]:
    """Open a door on a new database."""
    metadata.create_all(create_engine(f"sqlite:///{path}"))
    tally = Tally()
    ingest = Ingest(f"sqlite:///{path}")
    group = GroupCommit(ingest.admit, on_batch=tally.batches.observe)
    receiver = Receiver(
        secrets=[SECRET, PREVIOUS], peek=plan.peek, submit=plan.submit or group.submit, tally=tally, limits=plan.limits
    )
    app = build(
        receiver=receiver, figures=plan.figures, checks=plan.checks, tally=tally, shutdown=[group.close, ingest.close]
    )
    with serving(app, keep_alive=plan.keep_alive) as port:
        yield Door(port, path, tally)


async def accept(_arrival: Arrival) -> Admission:
    """Stand in for a store that takes everything."""
    return Admission.ACCEPTED
