"""Webhooks: signed, sent over real HTTP from a thread, logged for three days, sent again only when asked."""

import hashlib
import hmac
import json
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlencode

import httpx

from bot.sandbox.faults import WebhookFaults
from bot.sandbox.payloads import payload, ping, reaches
from bot.sandbox.state import Happening, Json, State

TIMEOUT = 10.0
KEPT = timedelta(days=3)


@dataclass(slots=True, eq=False)
class Delivery:
    """One attempt to deliver one event. Attempts of the same event share the GUID, never the id."""

    id: int
    guid: str
    event: str
    action: str | None
    payload: Json
    headers: dict[str, str]
    installation_id: int | None
    repository_id: int | None
    delivered_at: datetime
    redelivery: bool = False
    due: float = 0.0
    duration: float = 0.0
    status: str = ""
    status_code: int = 0
    response_headers: dict[str, str] = field(default_factory=dict)
    response_body: str = ""


class Hooks:
    """The App's webhook: turns happenings into deliveries and keeps the log of them."""

    def __init__(
        self,
        state: State,
        faults: WebhookFaults,
        lock: threading.RLock,
        *,
        new_guid: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        """Listen to what happens in the state; nothing is sent before `start`."""
        self._state, self._faults, self._lock, self._new_guid = state, faults, lock, new_guid
        self._log: list[Delivery] = []
        self._waiting: list[Delivery] = []
        self._in_flight = 0
        self._flushing = 0
        self._stopped = False
        self._changed = threading.Condition()
        self._client = httpx.Client(timeout=TIMEOUT, trust_env=False)
        self._thread = threading.Thread(target=self._work, name="sandbox-hooks", daemon=True)
        state.listeners.append(self.hear)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def stop(self) -> None:
        """Stop sending; what still waits is dropped."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._thread.join(timeout=TIMEOUT + 1)
        self._client.close()

    def hear(self, happening: Happening) -> None:
        """Make the deliveries of a happening, as many as fate wants."""
        installation = reaches(happening, self._state)
        if installation is None:
            return
        fate = self._faults.fate(happening.event)
        repository_id = happening.repository.id if happening.repository else None
        first = self._delivery(
            happening.event,
            happening.action,
            payload(happening, self._state),
            installation_id=installation.id,
            repository_id=repository_id,
        )
        for copy in range(fate.copies):
            again = first if copy == 0 else replace(first, id=self._state.next_id())
            self._enqueue(again, delay=fate.delay)

    def ping(self) -> str:
        """Greet the receiver and return the delivery's GUID."""
        delivery = self._delivery("ping", None, ping(self._state))
        self._enqueue(delivery)
        return delivery.guid

    def redeliver(self, delivery: Delivery) -> Delivery:
        """Send a delivery again under the same GUID and return the new attempt."""
        again = replace(delivery, id=self._state.next_id(), redelivery=True, delivered_at=self._state.clock.now())
        self._enqueue(again)
        return again

    def log(self) -> list[Delivery]:
        """Return the attempts of the last three days, newest first."""
        with self._lock:
            oldest = self._state.clock.now() - KEPT
            self._log = [delivery for delivery in self._log if delivery.delivered_at > oldest]
            return sorted(self._log, key=lambda delivery: delivery.id, reverse=True)

    def flush(self, timeout: float) -> bool:
        """Wait until everything that waits has been sent, shuffled deliveries too; say whether it has."""
        with self._changed:
            self._flushing += 1
            self._changed.notify_all()
            is_done = self._changed.wait_for(lambda: not self._waiting and not self._in_flight, timeout)
            self._flushing -= 1
            return is_done

    def _delivery(
        self,
        event: str,
        action: str | None,
        body: Json,
        *,
        installation_id: int | None = None,
        repository_id: int | None = None,
    ) -> Delivery:
        guid, app = self._new_guid(), self._state.app
        headers = {
            "User-Agent": "GitHub-Hookshot/5a4bd0e",
            "Accept": "*/*",
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": guid,
            "X-GitHub-Hook-ID": str(app.hook_id),
            "X-GitHub-Hook-Installation-Target-Type": "integration",
            "X-GitHub-Hook-Installation-Target-ID": str(app.id),
        }
        return Delivery(
            self._state.next_id(),
            guid,
            event,
            action,
            body,
            headers,
            installation_id,
            repository_id,
            self._state.clock.now(),
        )

    def _enqueue(self, delivery: Delivery, *, delay: float = 0.0) -> None:
        delivery.due = time.monotonic() + delay
        with self._changed:
            self._waiting.append(delivery)
            self._changed.notify_all()

    def _work(self) -> None:
        while (delivery := self._next()) is not None:
            self._send(delivery)
            with self._lock:
                self._log.append(delivery)
            with self._changed:
                self._in_flight -= 1
                self._changed.notify_all()

    def _next(self) -> Delivery | None:
        with self._changed:
            while not self._stopped:
                now = time.monotonic()
                ready = [delivery for delivery in self._waiting if delivery.due <= now]
                if ready and (self._flushing or len(ready) >= self._faults.shuffle_window):
                    chosen = ready[self._faults.pick(len(ready))]
                    self._waiting.remove(chosen)
                    self._in_flight += 1
                    return chosen
                later = [delivery.due - now for delivery in self._waiting if delivery.due > now]
                self._changed.wait(min(later, default=None))
        return None

    def _send(self, delivery: Delivery) -> None:
        started = time.monotonic()
        body, headers = signed(delivery, self._state)
        try:
            self._post(delivery, body, headers)
        except httpx.TimeoutException:
            delivery.status, delivery.status_code = "timed out", 504
        except httpx.HTTPError:
            delivery.status, delivery.status_code = "failed to connect to host", 502
        delivery.duration = round(time.monotonic() - started, 3)

    def _post(self, delivery: Delivery, body: bytes, headers: dict[str, str]) -> None:
        receiver = self._state.app.receiver
        if receiver is None or self._faults.receiver_down:
            raise httpx.ConnectError("nobody listens")
        answer = self._client.post(receiver, content=body, headers=headers)
        known = answer.status_code in HTTPStatus.__members__.values()
        delivery.status_code = answer.status_code
        delivery.status = HTTPStatus(answer.status_code).phrase if known else "Unknown"
        delivery.response_headers, delivery.response_body = dict(answer.headers), answer.text


def signed(delivery: Delivery, state: State) -> tuple[bytes, dict[str, str]]:
    """Return the bytes to send and their headers, signed with HMAC-SHA256 over exactly these bytes."""
    text = json.dumps(delivery.payload, ensure_ascii=False, separators=(",", ":"))
    is_form = state.app.content_type == "form"
    body = (urlencode({"payload": text}) if is_form else text).encode()
    digest = hmac.new(state.app.webhook_secret.encode(), body, hashlib.sha256).hexdigest()
    kind = "application/x-www-form-urlencoded" if is_form else "application/json"
    return body, {**delivery.headers, "Content-Type": kind, "X-Hub-Signature-256": f"sha256={digest}"}
