"""The receiver: a delivery is checked, committed, and only then answered with 202. Plain ASGI, no framework.

GitHub gives up after 10 s and never redelivers by itself, so an answer promises what is already on disk.
"""

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from bot.model.errors import Full, Malformed, StoreDown
from bot.model.states import State
from bot.store.bodies import packer
from bot.store.ingest import Admission, Arrival
from bot.web.asgi import Answer, Receive, Scope, Send
from bot.web.body import Bodies, Disconnected, Limits, Refusal
from bot.web.tally import Tally

if TYPE_CHECKING:
    from bot.github.webhooks import Peek

log = logging.getLogger(__name__)

PATH = "/webhooks/github"

_GUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch
_EVENT = re.compile(rb"[a-z][a-z0-9_]{0,63}").fullmatch  # with digits: projects_v2_item
_SIGNATURE = re.compile(rb"sha256=[0-9a-fA-F]{64}").fullmatch
_CONTENT_TYPES = {b"application/json", b"application/x-www-form-urlencoded"}
_MOST_ID = (1 << 63) - 1

# Refused before the body is read: the connection cannot be used for another request then.
_CLOSE = (b"connection", b"close")
_METHOD = Answer(405, "only POST", (b"allow", b"POST"), _CLOSE)
_NO_SIGNATURE = Answer(401, "x-hub-signature-256 is missing or is not sha256= and 64 hexadecimal digits", _CLOSE)
_CONTENT_TYPE = Answer(415, "content-type must be application/json or application/x-www-form-urlencoded", _CLOSE)
_NO_GUID = Answer(400, "x-github-delivery is missing or is not a GUID", _CLOSE)
_NO_EVENT = Answer(400, "x-github-event is missing or is not an event name", _CLOSE)
_BUSY = Answer(503, "cannot store deliveries now, try again later", (b"retry-after", b"30"))

_ACCEPTED = Answer(202, "accepted")
_ANSWERS = {
    Admission.ACCEPTED: _ACCEPTED,
    Admission.WAITING: Answer(202, "known, still being worked on"),
    Admission.FINISHED: Answer(200, "known, done before"),
    Admission.REARMED: Answer(202, "known, had failed, waits again"),
    Admission.CONFLICT: Answer(409, "this delivery id came before with another body"),
}


class Receiver:
    """Answers `POST /webhooks/github`. `submit` returns once an arrival is committed."""

    def __init__(
        self,
        *,
        secrets: Sequence[bytes],
        peek: "Callable[[str, bytes, str], Peek]",
        submit: Callable[[Arrival], Awaitable[Admission]],
        tally: Tally,
        limits: Limits = Limits(),  # noqa: B008  frozen
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Accept what is signed with one of the secrets; there must be one, and none may be empty."""
        if not secrets or not all(secrets):
            raise ValueError("a webhook secret must be set: without it anybody could forge a delivery")
        self._peek = peek
        self._submit = submit
        self._tally = tally
        self._bodies = Bodies(secrets, limits)
        self._clock = clock
        self._pack = packer()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, however it arrives."""
        started = time.perf_counter()
        try:
            answer = await self._take(scope, receive)
        except Disconnected:
            return
        except Exception as error:  # noqa: BLE001  a web request ends here, and is logged below
            answer = _answer_to(error)
        await answer.send(send)
        self._tally.answered(answer.status, time.perf_counter() - started)

    def begin(self, headers: dict[bytes, bytes], body: bytes) -> "Answer | asyncio.Future[Admission]":
        """Take a delivery that has arrived whole: an answer at once, or what `conclude` turns into one when done."""
        try:
            signature, content_type, delivery, event = _envelope(headers)
            self._bodies.check_signature(body, signature)
            peek = self._peek(event, body, content_type)
            return asyncio.ensure_future(self._submit(self._arrival(delivery, event, peek, body)))
        except Exception as error:  # noqa: BLE001  a web request ends here, and is logged below
            return _answer_to(error)

    def conclude(self, committed: "asyncio.Future[Admission]") -> Answer:
        """Return the answer to what was begun."""
        error = committed.exception()
        if error is not None:
            return _answer_to(error)
        admission = committed.result()
        return _ACCEPTED if admission is Admission.ACCEPTED else _ANSWERS[admission]

    def count(self, answer: Answer, seconds: float) -> None:
        """Count an answer that was begun and given, and how long it took."""
        self._tally.answered(answer.status, seconds)

    async def _take(self, scope: Scope, receive: Receive) -> Answer:
        if scope["method"] != "POST":
            raise Refusal(_METHOD)
        return _ANSWERS[await self._submit(await self._read(dict(scope["headers"]), receive))]

    async def _read(self, headers: dict[bytes, bytes], receive: Receive) -> Arrival:
        """Read the body; only what is packed of it outlives this."""
        signature, content_type, delivery, event = _envelope(headers)
        self._bodies.check_length(headers.get(b"content-length"))
        body = await self._bodies.read(receive, signature)
        try:
            peek = self._peek(event, body.content, content_type)
            return self._arrival(delivery, event, peek, body.content)
        finally:
            body.release()

    def _arrival(self, delivery: str, event: str, peek: "Peek", body: bytes) -> Arrival:
        if not 0 <= peek.installation_id <= _MOST_ID:
            raise Malformed("the installation id is out of range")
        state = State.PENDING if peek.is_relevant else State.IGNORED
        now = int(self._clock() * 1000)
        # Packed here and not by the writer: the body is still in the processor's cache, and need not be kept.
        packed = self._pack(body)
        return Arrival(delivery, event, peek.lane, peek.subject, peek.installation_id, now, state, packed)


def _answer_to(error: BaseException) -> Answer:
    """Return what GitHub is told: a reason to look at, or to come again."""
    match error:
        case Refusal():
            return error.answer
        case Malformed():
            return Answer(400, str(error))
        case Full() | StoreDown():
            log.warning("delivery not stored", extra={"error": str(error)})
        case _:
            log.error("delivery failed", exc_info=error)
    return _BUSY


def _envelope(headers: dict[bytes, bytes]) -> tuple[bytes, str, str, str]:
    """Return the signature (as 32 bytes), the content type, the delivery id and the event's name."""
    signature = headers.get(b"x-hub-signature-256", b"")
    if not _SIGNATURE(signature):
        raise Refusal(_NO_SIGNATURE)
    content_type = headers.get(b"content-type", b"")
    if content_type not in _CONTENT_TYPES and content_type.partition(b";")[0].strip().lower() not in _CONTENT_TYPES:
        raise Refusal(_CONTENT_TYPE)
    delivery = headers.get(b"x-github-delivery", b"").lower()
    if not _GUID(delivery):
        raise Refusal(_NO_GUID)
    event = headers.get(b"x-github-event", b"")
    if not _EVENT(event):
        raise Refusal(_NO_EVENT)
    return bytes.fromhex(signature[7:].decode()), content_type.decode("latin-1"), delivery.decode(), event.decode()
