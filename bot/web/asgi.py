"""The few words of ASGI that the door speaks, and answers that are made once and given many times."""

from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Answer:
    """A complete plain-text answer of one line, ready to be sent any number of times."""

    __slots__ = ("body", "closes", "completed", "raw", "start", "status")

    def __init__(self, status: int, reason: str, *headers: tuple[bytes, bytes]) -> None:
        """Say `reason` with this status; characters outside ASCII and line ends are escaped."""
        text = " ".join(reason.split())[:300].encode("ascii", "backslashreplace") + b"\n"
        fixed = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(text))]
        every = [*fixed, *headers]
        self.status = status
        self.start: Message = {"type": "http.response.start", "status": status, "headers": every}
        self.body: Message = {"type": "http.response.body", "body": text}
        self.closes = (b"connection", b"close") in every
        line = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n".encode()
        #: The same as bytes, before and after the place of further headers.
        self.raw = line, b"".join(b"%s: %s\r\n" % header for header in every) + b"\r\n" + text
        #: Further headers, and the same with them in their place.
        self.completed: tuple[list[tuple[bytes, bytes]], bytes] = [], b""

    async def send(self, send: Send) -> None:
        """Send it."""
        await send(self.start)
        await send(self.body)
