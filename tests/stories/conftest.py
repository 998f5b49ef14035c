"""A town for stories: a GitHub that keeps state, and Reeve beside it in both of its shapes."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

import pytest
from sqlalchemy import ColumnElement, Select, Table, and_, bindparam, exists, or_, select

from bot import settings, tasks, work
from bot.sandbox.world import World
from bot.serve import Service
from bot.store import engine as engines
from bot.store.database import Database
from bot.store.tables import State, inbox, installations, outbox
from bot.store.taking import PATIENT
from bot.web.server import serving
from bot.wiring import Parts

#: A story that takes longer than this has stopped moving (seconds).
PATIENCE = 30.0

POLICY = "version: 1\n"


def _unrest() -> Select[bool, bool]:
    """Return the question whether anything is held, and anything due: made once, for it is asked very often."""
    now = bindparam("now", type_=inbox.c.not_before.type)
    i = installations.c
    resting = select(i.id).where(or_(i.blocked_until > now, i.writes_after > now, i.state != "active"))
    patient = select(i.id).where(i.backlog_after > now)
    rests: Mapping[Table, ColumnElement[bool]] = {
        inbox: and_(inbox.c.installation_id.in_(resting), inbox.c.event != "installation"),
        outbox: or_(
            outbox.c.installation_id.in_(resting),
            and_(outbox.c.priority >= PATIENT, outbox.c.installation_id.in_(patient)),
        ),
    }
    held = [exists().where(t.c.state == State.LEASED, t.c.lease_until >= now) for t in rests]
    due = [exists().where(t.c.state <= State.LEASED, t.c.not_before <= now, ~rest) for t, rest in rests.items()]
    return select(or_(*held), or_(*due))


UNREST = _unrest()


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
        # So long (seconds) a worker that is to stop waits for Redis to say something: a second, by itself.
        app.conf.broker_transport_options = {**app.conf.broker_transport_options, "polling_interval": 0.1}
        worker = tasks.Embedded(app, threads=2)
        worker.start()
        yield
        worker.stop()
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
        looks = 0
        while (unrest := self._unrest()) != (False, False):
            assert time.monotonic() < deadline, f"not settled: {self.states()} {self.effects()}"
            assert self.service is not None
            is_held, _ = unrest
            if not is_held or looks % 10 == 0:  # whoever holds something looks for more by itself
                self.service.ring()
            looks += 1
            time.sleep(0.01)
            self.world.flush_deliveries()

    def _unrest(self) -> tuple[bool, bool]:
        """Say whether anything is held, and whether anything is due; what waits for later, or for GitHub, may wait."""
        with engines.reading(self.database.engine) as connection:
            is_held, is_due = connection.execute(UNREST, {"now": self.world.now}).one()
        return bool(is_held), bool(is_due)

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
