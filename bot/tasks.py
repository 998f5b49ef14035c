"""Celery, kept in one file: it carries doorbells and the clock, never the truth. That is in the database.

A message says only "look". Losing every message loses nothing: the next doorbell, or the beat two seconds later, finds
the same rows. Delivering one twice does no harm: the second finds nothing to claim. A process that only rings loads
nothing that only a worker needs.
"""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from celery import Celery

from bot.settings import Settings

if TYPE_CHECKING:
    from celery.apps.worker import Worker
    from celery.beat import Service

    from bot.wiring import Parts

WORK = "reeve.work"
TICK = "reeve.tick"
SWEEP = "reeve.sweep"
LEARN = "reeve.learn"

#: Only a lost message makes these necessary; they are also what notices that a pause is over.
RELAY_EVERY = 2.0
TICK_EVERY = 60.0

#: One repository's history at a time: which is due stands in the database.
LEARN_EVERY = 300.0

#: A doorbell that nobody answered within this time is stale: the relay has rung again since.
STALE_AFTER = 20

#: A shift is 20 s, so a message not acknowledged after this belongs to a worker that is gone. Kombu looks for such
#: messages every 10 s x 10 unless told otherwise.
_REDIS = {
    "visibility_timeout": 60,
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 2,
    "max_retries": 0,  # of a ring: it may fail, and the next one should not wait behind it for six seconds
    "global_keyprefix": "reeve:",
}


def app_for(settings: Settings, parts: "Callable[[], Parts] | None" = None) -> Celery:
    """Build the Celery application; with `parts`, its tasks can be run here and not only sent."""
    app = Celery("reeve", broker=settings.broker_url or "memory://localhost", set_as_current=False)
    app.conf.update(
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        task_ignore_result=True,
        task_default_queue="doorbell",
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options={"polling_interval": 0.01} if settings.is_embedded else _REDIS,
        beat_schedule={
            "relay": {"task": WORK, "schedule": RELAY_EVERY, "options": {"expires": STALE_AFTER}},
            "sweep": {"task": SWEEP, "schedule": TICK_EVERY, "options": {"expires": TICK_EVERY}},
            "learn": {"task": LEARN, "schedule": LEARN_EVERY, "options": {"expires": LEARN_EVERY}},
            "tick": {"task": TICK, "schedule": TICK_EVERY, "options": {"expires": TICK_EVERY}},
        },
    )
    if parts is not None:
        _register(app, parts)
    return app


def _register(app: Celery, parts: "Callable[[], Parts]") -> None:
    from bot import learning, sweep, work

    def do_work() -> None:
        if work.work(parts()):
            ring(app)

    def do_sweep() -> None:
        if sweep.sweep(parts()):
            ring(app)

    def do_tick() -> None:
        if work.tick(parts()):
            ring(app)

    def do_learn() -> None:
        learning.learn_next(parts())

    app.task(do_learn, name=LEARN, shared=False)
    app.task(do_work, name=WORK, shared=False)  # this application's own: two in one process must not share
    app.task(do_tick, name=TICK, shared=False)
    app.task(do_sweep, name=SWEEP, shared=False)


def ring(app: Celery) -> None:
    """Send one doorbell; fails at once when the broker is away."""
    app.send_task(WORK, expires=STALE_AFTER, retry=False)


def worker(app: Celery, *, threads: int) -> "Worker":
    """Make a worker; `start()` runs it in the foreground until it is told to stop."""
    return app.Worker(
        pool="threads",
        concurrency=threads,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
        loglevel="WARNING",
    )


def beat(app: Celery) -> "Service":
    """Make the scheduler. It keeps no file: what is due is in the database."""
    from celery.beat import Scheduler, Service

    return Service(app, max_interval=1, scheduler_cls=Scheduler)


class Embedded:
    """A worker and a beat inside this process; one at a time, for Celery's tracer keeps its tasks in a global."""

    def __init__(self, app: Celery, *, threads: int = 2) -> None:
        """Prepare them; nothing runs yet."""
        self._app = app
        self._threads = threads
        self._worker: Any = None
        self._beat = beat(app)

    def start(self) -> None:
        """Start both in threads of their own; no signal handler is touched."""
        from celery.app.trace import setup_worker_optimizations
        from celery.worker import WorkController

        self._app.finalize()
        setup_worker_optimizations(self._app, "embedded")  # without it tasks are received and never run
        self._worker = WorkController(
            app=self._app,
            pool_cls="threads",
            concurrency=self._threads,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )
        for name, target in (("worker", self._worker.start), ("beat", self._beat.start)):
            threading.Thread(target=target, name=f"reeve-{name}", daemon=True).start()

    def stop(self) -> None:
        """Let running work end, then stop both; their threads notice within a second and need not be waited for."""
        from celery import bootsteps

        self._beat.stop()
        if self._worker is not None and self._worker.blueprint.state == bootsteps.RUN:
            self._worker.stop()
