"""A short cut through the server for deliveries that arrive whole: no task, no scope, no messages for each.

Only a plain request to the webhook path is taken here, complete in one read and strict in form; whatever else comes
goes the general way, which answers the same. It halves what a delivery costs besides its signature and its commit.
It leans on the inner workings of uvicorn's protocol: `tests/web/test_express.py` tells when a new version moves them.
"""

import asyncio
import time
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bot.store.ingest import Admission
from bot.web.asgi import Answer
from bot.web.webhook import PATH, Receiver

_START = f"POST {PATH} HTTP/1.1\r\n".encode()

#: With one of these a request is not plain.
_SPECIAL = {b"transfer-encoding", b"expect", b"upgrade", b"connection"}

#: Header lines that were read before: most of GitHub's are the same in every delivery.
KNOWN: dict[bytes, tuple[bytes, bytes]] = {}
MOST_KNOWN, MOST_KNOWN_LINE = 256, 100
_ONCE = {b"x-github-delivery", b"x-hub-signature", b"x-hub-signature-256", b"content-length"}

#: More than this (bytes) before the end of its head, and a request is cut off.
MOST_HEAD = 65_536


def plain(data: bytes) -> tuple[dict[bytes, bytes], bytes] | None:
    """Return the headers and the body of exactly one complete, plain request; None for anything else."""
    end = data.find(b"\r\n\r\n", len(_START))
    if end < 0:
        return None
    head = data[len(_START) : end]
    lines = head.split(b"\r\n")
    # Folded lines, blanks before a colon and bare line ends are how requests are smuggled: the full parser judges them.
    if b"\r\n " in head or b" :" in head or b"\t" in head or head.count(b"\n") != len(lines) - 1:
        return None
    headers: dict[bytes, bytes] = {}
    for line in lines:
        name, value = KNOWN.get(line) or _header(line)
        headers[name] = value
    length = headers.get(b"content-length", b"")
    if len(headers) != len(lines) or not length.isdigit() or not _SPECIAL.isdisjoint(headers):
        return None
    body = data[end + 4 :]
    return (headers, body) if len(body) == int(length[:10]) else None


def _header(line: bytes) -> tuple[bytes, bytes]:
    """Return a header's name, in lower case, and its value; remember what may well be said again."""
    name, _, value = line.partition(b":")
    found = name.lower(), value.strip()
    if len(line) <= MOST_KNOWN_LINE and found[0] not in _ONCE:
        if len(KNOWN) >= MOST_KNOWN:
            KNOWN.clear()
        KNOWN[line] = found
    return found


class Express(HttpToolsProtocol):
    """uvicorn's connection, with the short cut. One request is under way at a time; what comes meanwhile waits."""

    def __init__(self, receiver: Receiver, **general: Any) -> None:  # noqa: ANN401  uvicorn's own
        """Hand complete deliveries to this receiver."""
        super().__init__(**general)
        self._receiver = receiver
        self._under_way: asyncio.Future[Admission] | None = None
        self._early = b""
        self._is_parsing = self._is_in_head = self._is_last = False
        self._head_size = 0
        self._started = self._answered_at = 0.0

    def data_received(self, data: bytes) -> None:
        """Take what the socket gave."""
        if self._under_way is not None:
            self._early += data
            self.transport.pause_reading()
        elif not data.startswith(_START) or not self._is_idle() or (request := plain(data)) is None:
            self._go_the_general_way(data)
        else:
            self._take(*request)

    def _is_idle(self) -> bool:
        return not self._is_parsing and (self.cycle is None or self.cycle.response_complete)

    def _take(self, headers: dict[bytes, bytes], body: bytes) -> None:
        self._started = time.perf_counter()
        begun = self._receiver.begin(headers, body)
        if isinstance(begun, Answer):
            self._answer(begun)
        else:
            self._under_way = begun
            begun.add_done_callback(self._finish)

    def _finish(self, committed: "asyncio.Future[Admission]") -> None:
        self._under_way = None
        self._answer(self._receiver.conclude(committed))
        if self._early:
            early, self._early = self._early, b""
            self.transport.resume_reading()
            self.data_received(early)

    def _answer(self, answer: Answer) -> None:
        self._answered_at = time.perf_counter()
        self._receiver.count(answer, self._answered_at - self._started)
        if self.transport.is_closing():
            return
        self.transport.write(self._complete(answer))
        if answer.closes or self._is_last:
            self.transport.close()
        elif self.timeout_keep_alive_task is None:
            self._keep_alive_for(self.timeout_keep_alive)

    def _complete(self, answer: Answer) -> bytes:
        """Return the answer with the headers that uvicorn adds to all; it makes a new list of them when one changes."""
        extra = self.server_state.default_headers
        known, completed = answer.completed
        if known is not extra:
            line, rest = answer.raw
            completed = b"".join((line, *(b"%s: %s\r\n" % header for header in extra), rest))
            answer.completed = extra, completed
        return completed

    def _keep_alive_for(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def timeout_keep_alive_handler(self) -> None:
        """Close the connection if it was idle all the time; one timer serves many deliveries."""
        left = self._answered_at + self.timeout_keep_alive - time.perf_counter()
        if self._under_way is not None or left > 0:
            self._keep_alive_for(max(left, 1.0))
        else:
            super().timeout_keep_alive_handler()

    def shutdown(self) -> None:
        """Let what is under way be answered, then close."""
        if self._under_way is not None:
            self._is_last = True
        else:
            super().shutdown()

    def _go_the_general_way(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_in_head:  # the parser itself knows no limit
            self._head_size += len(data)
            if self._head_size > MOST_HEAD:
                self.send_400_response("The request's head is too large.")

    def on_message_begin(self) -> None:
        """Note that the parser is in the middle of a request."""
        self._is_parsing = self._is_in_head = True
        self._head_size = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Note that the head is over."""
        self._is_in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Note that the parser is between requests."""
        self._is_parsing = False
        super().on_message_complete()
