"""The front: the webhook path goes straight to the receiver, everything else to pages that are built on first use."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from bot.web.asgi import App, Receive, Scope, Send
from bot.web.figures import Checks, Figures, Post
from bot.web.tally import Tally
from bot.web.webhook import PATH, Receiver

log = logging.getLogger(__name__)

#: Something to do once, when the server starts or stops. It may block: it runs on a thread.
Step = Callable[[], None]


def build(
    *,
    receiver: Receiver,
    figures: Figures,
    checks: Checks,
    tally: Tally,
    post: Post | None = None,
    startup: Sequence[Step] = (),
    shutdown: Sequence[Step] = (),
) -> "Front":
    """Return the whole web application; `post` takes the results that runners post, None where none may."""

    def pages() -> App:
        from bot.web.pages import pages  # noqa: PLC0415  on first use: see its docstring

        return pages(figures, checks, tally, post)

    return Front(receiver, pages, startup, shutdown)


class Front:
    """An ASGI application with one fast path."""

    def __init__(
        self, receiver: Receiver, pages: Callable[[], App], startup: Sequence[Step], shutdown: Sequence[Step]
    ) -> None:
        """Send the webhook path to `receiver`, and what else comes to what `pages` builds."""
        self.receiver = receiver
        self._build_pages = pages
        self._building = asyncio.Lock()
        self._pages: App | None = None
        self._startup = startup
        self._shutdown = shutdown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or live through the server's life."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["path"] == PATH:
            await self.receiver(scope, receive, send)
        else:
            await (self._pages or await self._built())(scope, receive, send)

    async def _built(self) -> App:
        async with self._building:
            if self._pages is None:  # on a thread: deliveries go on being taken meanwhile
                self._pages = await asyncio.to_thread(self._build_pages)
        return self._pages

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await _run(self._startup)
        except Exception as error:  # any step's: ASGI wants it told as a message, and the server ends
            log.exception("start-up failed")
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await _run(self._shutdown)
        await send({"type": "lifespan.shutdown.complete"})


async def _run(steps: Sequence[Step]) -> None:
    for step in steps:
        await asyncio.to_thread(step)
