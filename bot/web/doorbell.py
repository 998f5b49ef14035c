"""The doorbell: after a commit the workers are woken, never by the thread that answers GitHub."""

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)


#: With more deliveries than this between two rings every worker has enough to do: the bell rests (seconds) before the
#: next one.
FLOOD, REST_IN_FLOOD = 100, 0.05


class Doorbell:
    """Rings the workers: however many deliveries come, one ring at a time. The relay goes round anyway."""

    def __init__(self, send: Callable[[], None], rest_in_flood: float = REST_IN_FLOOD) -> None:
        """Ring with `send`, which may block or fail, on a thread of the bell's own."""
        self._send = send
        self._rest_in_flood = rest_in_flood
        self._wanted = threading.Event()
        self._closing = threading.Event()
        self._is_out = False
        self.asked = self.sent = self.failed = 0
        self._deliveries = self._rung_for = 0
        self._thread = threading.Thread(target=self._run, name="doorbell", daemon=True)
        self._thread.start()

    def ring(self, count: int = 1) -> None:
        """Ask for a ring for so many deliveries; return at once. Those asked for meanwhile become one more."""
        self.asked += 1
        self._deliveries += count
        self._wanted.set()

    def close(self, patience: float = 5.0) -> None:
        """Let the ring that is under way end, for at most this many seconds."""
        self._closing.set()
        self._wanted.set()
        self._thread.join(patience)

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            self._wanted.clear()
            if self._closing.is_set():
                return
            came, self._rung_for = self._deliveries - self._rung_for, self._deliveries
            self._ring_once()
            if came > FLOOD:
                self._closing.wait(self._rest_in_flood)

    def _ring_once(self) -> None:
        try:
            self._send()
        except Exception as error:  # noqa: BLE001  any broker's: the bell only saves waiting
            self.failed += 1
            if not self._is_out:
                log.warning("the doorbell does not ring, the relay goes round instead", extra={"error": str(error)})
            self._is_out = True
        else:
            self.sent += 1
            if self._is_out:
                log.info("the doorbell rings again")
            self._is_out = False
