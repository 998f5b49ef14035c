"""A town for stories: a GitHub that keeps state, and Reeve beside it in both of its shapes."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from sqlalchemy import ColumnElement, and_, func, or_, select

from bot import settings, tasks, work
from bot.sandbox.world import World
from bot.serve import Service
from bot.store import engine as engines
from bot.store.database import Database
from bot.store.outbox import PATIENT
from bot.store.tables import State, inbox, installations, outbox
from bot.web.server import serving
from bot.wiring import Parts

#: A story that takes longer than this has stopped moving (seconds).
PATIENCE = 30.0

POLICY = "version: 1\n"


class Town:
    """One sandbox and one Reeve. `settle` lets everything that is due happen."""

    def __init__(self, world: World, environment: dict[str, str]) -> None:
        """Settle beside this sandbox; Reeve is not open yet."""
        self.world = world
        self._settings = settings.read({**environment, **world.environment()})
        self._running = ExitStack()
        self.service: Service | None = None

    @property
    def parts(self) -> Parts:
        """The worker's parts."""
        assert self.service is not None
        return self.service.parts()

    @property
    def database(self) -> Database:
        """What Reeve keeps."""
        return self.parts.database

    def open(self) -> None:
        """Start Reeve (anew), and have GitHub deliver to it."""
        if self.service is not None:
            self.parts.close()  # a test may have looked into the database meanwhile
        self.service = Service(self._settings, clock=lambda: self.world.now)
        port = self._running.enter_context(serving(self.service.app))
        self.world.receiver = f"http://127.0.0.1:{port}/webhooks/github"
        if not self._settings.is_embedded:
            self._running.enter_context(self._worker())

    def close(self) -> None:
        """Stop Reeve; GitHub's deliveries fail from now on."""
        self._running.close()
        self.parts.close()

    @contextmanager
    def _worker(self) -> Iterator[None]:
        assert self.service is not None
        app = tasks.app_for(self._settings, self.service.parts)
        worker = tasks.Embedded(app, threads=2)
        worker.start()
        yield
        stopping = threading.Thread(target=worker.stop)
        stopping.start()
        while stopping.is_alive():
            tasks.ring(app)  # a worker that waits for Redis to say something would wait for a second
            stopping.join(0.02)
        app.close()

    def advance(self, **by: float) -> None:
        """Let time pass on the sandbox's clock, and everything that becomes due happen."""
        self.world.advance(**by)
        work.tick(self.parts)
        self.settle()

    def settle(self) -> None:
        """Wait until GitHub has nothing to deliver and Reeve nothing that is due."""
        deadline = time.monotonic() + PATIENCE
        self.world.flush_deliveries()
        while not self._is_quiet():
            assert time.monotonic() < deadline, f"not settled: {self.states()} {self.effects()}"
            assert self.service is not None
            self.service.ring()
            time.sleep(0.01)
            self.world.flush_deliveries()

    def _is_quiet(self) -> bool:
        """Say whether nothing is held and nothing could be: what waits for a later time, or for GitHub, may wait."""
        now = self.world.now
        with engines.reading(self.database.engine) as connection:
            resting = select(installations.c.id).where(
                or_(
                    installations.c.blocked_until > now,
                    installations.c.writes_after > now,
                    installations.c.state != "active",
                )
            )
            for table in (inbox, outbox):
                held = and_(table.c.state == State.LEASED, table.c.lease_until >= now)
                rests: ColumnElement[bool] = table.c.installation_id.in_(resting)
                if table is inbox:
                    rests = and_(rests, inbox.c.event != "installation")
                else:
                    patient = select(installations.c.id).where(installations.c.backlog_after > now)
                    rests = or_(rests, and_(outbox.c.priority >= PATIENT, outbox.c.installation_id.in_(patient)))
                due = and_(table.c.state <= State.LEASED, table.c.not_before <= now, ~rests)
                if connection.execute(select(func.count()).select_from(table).where(or_(held, due))).scalar_one():
                    return False
        return True

    def states(self) -> dict[str, int]:
        """Count deliveries by state, leaving out the empty ones."""
        return {name: count for name, count in self.database.figures.deliveries_by_state().items() if count}

    def effects(self) -> dict[str, int]:
        """Count effects by state, leaving out the empty ones."""
        return {name: count for name, count in self.database.figures.effects_by_state().items() if count}

    def calls(self, act: Callable[[], object]) -> list[str]:
        """Let something happen and settle; return what Reeve asked of GitHub meanwhile, as `POST /path`."""
        before = len(self.world.requests)
        act()
        self.settle()
        return [f"{r.method} {r.path}" for r in self.world.requests[before:]]


@pytest.fixture
def world() -> Iterator[World]:
    """A sandbox with one governed repository, nothing installed yet."""
    with World.start(seed=7) as world:
        world.create_repository("acme/model", files={".github/reeve.yml": POLICY})
        yield world


@pytest.fixture
def town(world: World, environment: dict[str, str]) -> Iterator[Town]:
    """The sandbox with the App installed, and Reeve open beside it."""
    town = Town(world, environment)
    town.open()
    world.install()
    town.settle()
    yield town
    town.close()
