"""Request bodies under limits: of size, of time, and of memory over all requests together."""

import asyncio
import hashlib
import hmac
import io
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from bot.web.asgi import Answer, Receive

#: GitHub sends no payload above 25 MB (docs: webhook events and payloads, "payload cap"): more is not from GitHub.
MOST_BYTES = 25_000_000

_CLOSE = (b"connection", b"close")
TOO_LARGE = Answer(413, "the body is larger than 25 MB", _CLOSE)
TOO_SLOW = Answer(408, "the body did not arrive in time", _CLOSE)
NO_ROOM = Answer(503, "too many large bodies are being read, try again later", (b"retry-after", b"30"), _CLOSE)
UNSIGNED = Answer(401, "the signature does not match")
BAD_LENGTH = Answer(400, "content-length is not a number", _CLOSE)


class Refusal(Exception):
    """The request ends here, with this answer."""

    def __init__(self, answer: Answer) -> None:
        """Keep the answer."""
        super().__init__(answer.status)
        self.answer = answer


class Disconnected(Exception):
    """The other side has gone: nobody is there to be answered."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be read: one body, all large bodies together (bytes), and for how long (seconds)."""

    body: int = MOST_BYTES
    together: int = 27_000_000
    seconds: float = 10.0


class Watch:
    """One timer for all requests that are being read; a timer for each would cost more than its signature."""

    def __init__(self, seconds: float) -> None:
        """Let each take this long, and up to a twentieth more."""
        self._seconds = seconds
        self._since: dict[asyncio.Task[None], float] = {}
        self._late: set[asyncio.Task[None]] = set()
        self._is_ticking = False

    def enter(self) -> "asyncio.Task[None]":
        """Begin to watch the current task; return it for `leave`."""
        loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        assert task is not None  # a running coroutine of a server has a task
        self._since[task] = loop.time()
        if not self._is_ticking:
            self._is_ticking = True
            loop.call_later(self._seconds / 20, self._tick, loop)
        return task

    def leave(self, task: "asyncio.Task[None]") -> None:
        """Stop watching it."""
        self._since.pop(task, None)

    def was_late(self, task: "asyncio.Task[None]") -> bool:
        """Say whether the task's cancellation came from here; asked once, the task may then go on."""
        if task not in self._late:
            return False
        self._late.discard(task)
        task.uncancel()
        return True

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        limit = loop.time() - self._seconds
        for task in [task for task, since in self._since.items() if since <= limit]:
            del self._since[task]
            self._late.add(task)
            task.cancel()
        self._is_ticking = bool(self._since)
        if self._is_ticking:
            loop.call_later(self._seconds / 20, self._tick, loop)


class Bodies:
    """Reads signed bodies. `held` bytes of large ones are in memory now, over all requests."""

    def __init__(self, secrets: Sequence[bytes], limits: Limits) -> None:
        """Accept what is signed with one of these secrets, within the limits."""
        self._secrets = tuple(secrets)
        self._limits = limits
        self._watch = Watch(limits.seconds)
        self.held = 0

    def check_length(self, announced: bytes | None) -> None:
        """Refuse by what content-length says, before a byte is read."""
        if announced is None:
            return
        if not announced.isdigit():
            raise Refusal(BAD_LENGTH)
        if len(announced) > 12 or int(announced) > self._limits.body:
            raise Refusal(TOO_LARGE)

    def check_signature(self, content: bytes, signature: bytes) -> None:
        """Refuse what none of the secrets signed."""
        for secret in self._secrets:
            if hmac.compare_digest(hmac.digest(secret, content, "sha256"), signature):
                return
        raise Refusal(UNSIGNED)

    async def read(self, receive: Receive, signature: bytes) -> "Body":
        """Return the whole body once its signature is known to be right; raise `Refusal` or `Disconnected`."""
        task = self._watch.enter()
        try:
            return await self._read(receive, signature)
        except asyncio.CancelledError:
            if self._watch.was_late(task):
                raise Refusal(TOO_SLOW) from None
            raise
        finally:
            self._watch.leave(task)

    async def _read(self, receive: Receive, signature: bytes) -> "Body":
        content, more = await _piece(receive)
        if more:
            return await self._read_on(receive, signature, content)
        self.check_signature(content, signature)
        return Body(content)

    async def _read_on(self, receive: Receive, signature: bytes, first: bytes) -> "Body":
        """Read a body that comes in pieces, hashing as it comes: a forged one is never copied."""
        large = _Large(self._secrets, self._limits, self._reserve)
        with ExitStack() as undoing:
            undoing.callback(lambda: self._release(large.size))
            large.add(first)
            more = True
            while more:
                piece, more = await _piece(receive)
                large.add(piece)
            return Body(large.verified(signature), undoing.pop_all().close)

    def _reserve(self, size: int) -> None:
        if self.held + size > self._limits.together:
            raise Refusal(NO_ROOM)
        self.held += size

    def _release(self, size: int) -> None:
        self.held -= size


async def _piece(receive: Receive) -> tuple[bytes, bool]:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise Disconnected
    return message.get("body", b""), message.get("more_body", False)


class Body:
    """A body whose signature is right. Call `release` when it is no longer needed."""

    __slots__ = ("content", "release")

    def __init__(self, content: bytes, release: Callable[[], None] = lambda: None) -> None:
        """Keep the bytes, and how to give their room back."""
        self.content = content
        self.release = release


class _Large:
    """The pieces of one body, and its signature so far."""

    def __init__(self, secrets: Sequence[bytes], limits: Limits, reserve: Callable[[int], None]) -> None:
        self._macs = [hmac.new(secret, digestmod=hashlib.sha256) for secret in secrets]
        self._limit = limits.body
        self._reserve = reserve
        self._pieces = io.BytesIO()  # hands its bytes over without a copy
        self.size = 0

    def add(self, piece: bytes) -> None:
        """Take a piece, if the limits allow it."""
        if self.size + len(piece) > self._limit:
            raise Refusal(TOO_LARGE)
        self._reserve(len(piece))
        self.size += len(piece)
        self._pieces.write(piece)
        for mac in self._macs:
            mac.update(piece)

    def verified(self, signature: bytes) -> bytes:
        """Return the whole, if it is what was signed."""
        if not any(hmac.compare_digest(mac.digest(), signature) for mac in self._macs):
            raise Refusal(UNSIGNED)
        return self._pieces.getvalue()
