"""The sandbox's HTTP server: uvicorn in a thread, on this machine only."""

import asyncio
import socket
import threading
import time

import uvicorn

from bot.sandbox.gateway import Gateway

HOST = "127.0.0.1"
START = 10.0


class _Prompt(uvicorn.Server):
    """uvicorn, ended at once: by itself it looks ten times a second, and then waits as long again for its clients."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        await super().startup(sockets)

    async def main_loop(self) -> None:
        """Serve until told to end."""
        await self.on_tick(0)
        await self._ended.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002  closed by their owner
        """Listen no more, and let go of every client."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        for server in self.servers:
            await server.wait_closed()

    def end(self) -> None:
        """Have it end, from any thread."""
        self._loop.call_soon_threadsafe(self._ended.set)


class Server:
    """A running HTTP server on the loopback address."""

    def __init__(self, port: int = 0) -> None:
        """Take the port (any free one for 0), so that the address is known before the first answer."""
        # asyncio turns Nagle off only where the protocol is named; without it each answer takes 40 ms.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((HOST, port))
        self.url = f"http://{HOST}:{self._socket.getsockname()[1]}"
        self._uvicorn: _Prompt | None = None
        self._thread: threading.Thread | None = None

    def start(self, gateway: Gateway) -> None:
        """Serve, and return once requests are answered."""
        config = uvicorn.Config(
            gateway,
            loop="asyncio",
            lifespan="off",
            log_level="error",
            access_log=False,
            date_header=False,
            server_header=False,
        )
        self._uvicorn = _Prompt(config)
        arguments = {"sockets": [self._socket]}
        self._thread = threading.Thread(target=self._uvicorn.run, kwargs=arguments, name="sandbox-http", daemon=True)
        self._thread.start()
        deadline = time.monotonic() + START
        while not self._uvicorn.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise RuntimeError("the sandbox's HTTP server did not start")
            time.sleep(0.005)  # uvicorn has a flag for having started, and no event

    def stop(self) -> None:
        """Stop serving and free the port."""
        if self._uvicorn and self._thread:
            self._uvicorn.end()
            self._thread.join(timeout=START)
        self._socket.close()
