"""The HTTP server under the door: uvicorn with the settings that the receiver was measured with."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, cast

import uvicorn

from bot.web.allocator import keep_large_ones_apart
from bot.web.app import Front
from bot.web.asgi import App
from bot.web.express import Express

#: Deliveries being taken get this long (seconds) to be answered after SIGTERM.
GRACE = 25

#: A server that has not started by then does not start any more (seconds).
START = 30

#: Longer than the minute that reverse proxies keep an idle connection (seconds).
KEEP_ALIVE = 65


def _config(app: App, host: str, port: int, keep_alive: int = KEEP_ALIVE) -> uvicorn.Config:
    return uvicorn.Config(
        cast("Any", app),
        host=host,
        port=port,
        loop="uvloop",
        http=cast("Any", partial(Express, app.receiver) if isinstance(app, Front) else "httptools"),
        ws="none",
        lifespan="on",
        interface="asgi3",
        access_log=False,
        log_config=None,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        backlog=2048,
        timeout_keep_alive=keep_alive,
        timeout_graceful_shutdown=GRACE,
    )


def serve(app: App, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT, then finish what was begun."""
    keep_large_ones_apart()
    uvicorn.Server(_config(app, host, port)).run()


@contextmanager
def serving(app: App, host: str = "127.0.0.1", *, keep_alive: int = KEEP_ALIVE) -> Iterator[int]:
    """Serve on a thread meanwhile; give the port that was free."""
    keep_large_ones_apart()
    listener = socket.create_server((host, 0), backlog=2048)
    server = uvicorn.Server(_config(app, host, 0, keep_alive))
    thread = threading.Thread(target=_run, args=(server, listener), name="web", daemon=True)
    thread.start()
    try:
        _wait_for(server, thread)
        yield int(listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(GRACE + 5)
        listener.close()


def _run(server: uvicorn.Server, listener: socket.socket) -> None:
    with suppress(SystemExit):  # uvicorn's word for "could not start"; on a thread `_wait_for` notices
        server.run([listener])


def _wait_for(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + START
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("the server ended while it started: see the log")
        if time.monotonic() > deadline:
            raise RuntimeError(f"the server did not start within {START} s")
        time.sleep(0.005)  # uvicorn has a flag for having started, and no event
