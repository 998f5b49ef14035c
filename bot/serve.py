"""Puts one process together: the door, the doorbell behind it, and in embedded mode the worker and the clock too.

The door opens first. What only a worker needs (GitHub's client, templates, policies, SQLAlchemy, Celery) is loaded
behind it, so that a restart refuses deliveries for as short a time as possible.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bot.clock import Clock, utc_now
from bot.github import webhooks
from bot.settings import Settings
from bot.store import revision
from bot.store.group_commit import GroupCommit
from bot.store.ingest import Ingest
from bot.web.app import build
from bot.web.asgi import App
from bot.web.doorbell import Doorbell
from bot.web.tally import Tally
from bot.web.webhook import Receiver

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from bot.releasing.posted import Post
    from bot.store.figures import Figures
    from bot.wiring import Parts

#: Two threads: while one waits for GitHub the other takes the next delivery.
EMBEDDED_THREADS = 2

#: After a ring the doorbell rests for this many times the CPU time that the ring took (some 0.3 ms), so that ringing
#: takes a small part of a core however many deliveries come; a lone one never waits. There is a longest rest (seconds):
#: short in one process, where a ring costs little, longer where a broker and a worker have to pay for it too.
REST = 30
LONGEST_REST_EMBEDDED = 0.005
LONGEST_REST = 0.02


@dataclass(frozen=True)
class FiguresNow:
    """The store's figures as the door shows them: at the time of asking."""

    find: "Callable[[], Figures]"
    clock: Clock

    def deliveries_by_state(self) -> dict[str, int]:
        """How many deliveries stand in each state."""
        return self.find().deliveries_by_state()

    def queue_age_seconds(self) -> dict[str, float]:
        """How long the oldest waiting delivery of each lane has waited."""
        return self.find().queue_age_seconds(self.clock())

    def timer_age_seconds(self) -> float:
        """How long the oldest timer that rang already waits for a tick."""
        return self.find().timer_age_seconds(self.clock())

    def effects_by_state(self) -> dict[str, int]:
        """How many effects stand in each state."""
        return self.find().effects_by_state()

    def budget_left(self) -> dict[int, int]:
        """How many API calls each installation has left this hour."""
        return self.find().budget_left()

    def lost(self) -> int:
        """How many accepted deliveries can no longer reach an end."""
        return self.find().lost(self.clock())


class Service:
    """Everything that `reeve serve` runs in one process."""

    def __init__(
        self, settings: Settings, *, clock: Clock = utc_now, parts: "Callable[[], Parts] | None" = None
    ) -> None:
        """Open the database and prepare; nothing is served and nothing runs yet."""
        self._settings = settings
        self._clock = clock
        self._make_parts = parts or self._wire
        if not revision.is_current(settings.database_url):
            self._upgrade()
        self._tally = Tally()
        self._embedded: Any = None
        self._loading = threading.Lock()
        self._loaded: Parts | None = None

    @cached_property
    def app(self) -> App:
        """The ASGI application; its lifespan starts and stops everything else."""
        ingest = Ingest(self._settings.database_url)
        self._doorbell = Doorbell(self.ring_and_rest)
        commit = GroupCommit(ingest.admit, on_commit=self._doorbell.ring, on_batch=self._tally.batches.observe)
        receiver = Receiver(
            secrets=self._settings.webhook_secrets,
            peek=webhooks.peek,
            submit=commit.submit,
            tally=self._tally,
            clock=lambda: self._clock().timestamp(),
        )
        return build(
            receiver=receiver,
            figures=FiguresNow(lambda: self._figures, self._clock),
            checks={
                "database": lambda: None if self._figures.is_writable() else "not writable",
                "migrations": self._migration_trouble,
                "queue": self._queue_trouble,
            },
            tally=self._tally,
            post=self._take_posted if self._settings.public_url else None,
            startup=(self._start_behind_the_door,),
            shutdown=(self._doorbell.close, self._stop, commit.close, ingest.close),
        )

    @cached_property
    def _engine(self) -> "Engine":
        from bot.store import engine as engines

        return engines.connect(self._settings.database_url)

    @cached_property
    def _post(self) -> "Post":
        from bot.github import oidc
        from bot.releasing.posted import Post
        from bot.store.posted import PostedStore

        issuer = oidc.issuer(self._settings.github_api_url)
        tokens = oidc.Tokens(issuer, self._settings.public_url, clock=self._clock)
        return Post(tokens.claims, PostedStore(self._engine), self._clock)

    def _take_posted(self, token: str, body: bytes) -> None:
        """Keep what a runner posted, and wake a worker; what it needs is loaded when the first comes."""
        self._post.take(token, body)
        self._doorbell.ring()

    @cached_property
    def _figures(self) -> "Figures":
        from bot.store.figures import Figures

        return Figures(self._engine)

    def _upgrade(self) -> None:
        from bot.store import migrate

        migrate.upgrade(self._engine)

    @cached_property
    def queue(self) -> Any:  # noqa: ANN401  Celery is untyped and loaded late
        """The Celery application of this process."""
        from bot import tasks

        return tasks.app_for(self._settings, self.parts if self._settings.is_embedded else None)

    def _wire(self) -> "Parts":
        from bot import wiring

        return wiring.build(self._settings, clock=self._clock)

    def parts(self) -> "Parts":
        """The worker's parts, built once, on first use."""
        with self._loading:
            if self._loaded is None:
                self._loaded = self._make_parts()
        return self._loaded

    def ring(self) -> None:
        """Wake a worker, now."""
        from bot import tasks

        tasks.ring(self.queue)

    def ring_and_rest(self) -> None:
        """Wake a worker, then be quiet for a while: the doorbell's way."""
        before = time.thread_time()
        self.ring()
        longest = LONGEST_REST_EMBEDDED if self._settings.is_embedded else LONGEST_REST
        rest = min(longest, REST * (time.thread_time() - before))
        time.sleep(rest)  # rings in this while become one: the bell may take only a fixed share of the door's time

    def _start_behind_the_door(self) -> None:
        threading.Thread(target=self._start, name="start", daemon=True).start()

    def _start(self) -> None:
        from bot import tasks

        if self._settings.is_embedded:
            self.parts()
            self._embedded = tasks.Embedded(self.queue, threads=EMBEDDED_THREADS)
            self._embedded.start()
        self._doorbell.ring()

    def _migration_trouble(self) -> str | None:
        return None if revision.is_current(self._settings.database_url) else "not at the newest migration"

    def _queue_trouble(self) -> str | None:
        if self._settings.is_embedded:
            return None if self._embedded is not None else "the worker is still starting"
        with self.queue.connection_for_write(connect_timeout=1) as connection:
            connection.ensure_connection(max_retries=1, timeout=1)
        return None

    def _stop(self) -> None:
        if self._embedded is not None:
            self._embedded.stop()
        self.queue.close()
        if self._loaded is not None:
            self._loaded.close()
        if "_engine" in self.__dict__:  # nobody asked for figures, nothing to close
            self._engine.dispose()
