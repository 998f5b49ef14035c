"""The generator: signed deliveries over keep-alive connections, as fast as they are answered or at a given rate.

At a given rate the latency counts from the moment a delivery was due, so a stall cannot hide itself.
Run as a process of its own, pinned to a core of its own: `python -m benchmarks.load --port P`; prints one JSON line.
"""

import argparse
import asyncio
import json
import random
import sys
import time
import uuid
from collections import Counter, deque
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import uvloop

from benchmarks.payloads import Payload, sign, traffic

#: From the Gregorian calendar's first day to 1970, in tenths of a microsecond: where the clock of these ids begins.
_GREGORIAN = 0x01B21DD213814000

#: Multiplying by this odd number spreads consecutive ones over all of 64 bits.
_SCATTER, _LOW = 0x9E3779B97F4A7C15, (1 << 64) - 1


def requests(path: str, payloads: Sequence[Payload] = ()) -> list[tuple[bytes, bytes]]:
    """Return the traffic, the usual mix unless other payloads are given, as bytes before and after the delivery id."""
    return [
        (
            (
                f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nUser-Agent: GitHub-Hookshot/0000000\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(p.body)}\r\nX-GitHub-Event: {p.event}\r\n"
                f"X-GitHub-Hook-ID: 1\r\nX-GitHub-Hook-Installation-Target-ID: 1\r\n"
                f"X-GitHub-Hook-Installation-Target-Type: integration\r\nX-Hub-Signature-256: {p.signature}\r\n"
                "X-GitHub-Delivery: "
            ).encode(),
            b"\r\n\r\n" + p.body,
        )
        for p in payloads or traffic()
    ]


def _from_file(path: str) -> list[Payload]:
    """Read [event, body] pairs, as another benchmark wrote them."""
    return [Payload(event, body.encode(), sign(body.encode())) for event, body in json.loads(Path(path).read_text())]


class Connection(asyncio.Protocol):
    """One client: sends a delivery, waits for its answer, takes the next."""

    def __init__(self, load: "Load") -> None:
        """Work for this load."""
        self._load = load
        self._received = b""
        self.due = 0.0
        self.is_busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        self._transport = cast("asyncio.Transport", transport)

    def send(self, due: float) -> None:
        """Send the next delivery, which was due at this time."""
        self.due, self.is_busy = due, True
        self._transport.write(self._load.next_request())

    def data_received(self, data: bytes) -> None:
        """Gather one answer."""
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        if separator and _is_complete(head, body):
            self._received, self.is_busy = b"", False
            self._load.answered(self, head[9:12].decode())

    def connection_lost(self, _error: Exception | None) -> None:
        """Count what was under way as lost."""
        if self.is_busy:
            self._load.statuses["lost"] += 1


def _is_complete(head: bytes, body: bytes) -> bool:
    lower = head.lower()
    if b"transfer-encoding: chunked" in lower:
        return body.endswith(b"0\r\n\r\n")
    _, _, length = lower.partition(b"content-length:")
    return len(body) >= int(length.split(b"\r\n", 1)[0] or 0)


class Load:
    """A stretch of load: a warm-up, then the time that counts."""

    def __init__(self, options: argparse.Namespace) -> None:
        """Prepare the requests."""
        self._options = options
        self._requests = requests(options.path, _from_file(options.payloads) if options.payloads else ())
        self._run = uuid.uuid4().int & _LOW
        self._next_id = self._scattered if options.ids == "scattered" else self._timely
        self._waiting: deque[float] = deque()
        self._free: deque[Connection] = deque()
        self.sent = self.within = self.acknowledged = 0
        self.statuses: Counter[str] = Counter()
        self.latencies: list[float] = []

    def next_request(self) -> bytes:
        """Return the next delivery, with an id of its own."""
        before, after = self._requests[self.sent % len(self._requests)]
        self.sent += 1
        return b"%s%s%s" % (before, self._next_id(), after)

    def _timely(self) -> bytes:
        """Make an id as GitHub does: the example in its OpenAPI description (58474f00-b361-11eb-...) is a version 1."""
        now = time.time_ns() // 100 + _GREGORIAN
        low, middle, high = now & 0xFFFFFFFF, now >> 32 & 0xFFFF, now >> 48
        return b"%08x-%04x-1%03x-%04x-%012x" % (low, middle, high, 0x8000 | self._run & 0x3FFF, self.sent)

    def _scattered(self) -> bytes:
        """Make an id that is near no other: the worst case for an index."""
        scattered = (self._run + self.sent) * _SCATTER & _LOW
        return b"%08x-%04x-4000-8000-%012x" % (scattered >> 32, scattered >> 16 & 0xFFFF, self.sent)

    def answered(self, connection: Connection, status: str) -> None:
        """Count an answer and give the connection something new to do."""
        now = time.perf_counter()
        self.statuses[status] += 1
        if status.startswith("2"):
            self.acknowledged += 1
            if connection.due >= self._start:
                self.latencies.append(now - connection.due)
            self.within += self._start <= now <= self._end
        if self._options.rate:
            self._take(connection)
        elif now < self._end:
            connection.send(now)

    def _take(self, connection: Connection) -> None:
        if self._waiting:
            connection.send(self._waiting.popleft())
        else:
            self._free.append(connection)

    async def run(self) -> dict[str, object]:
        """Run it; return the figures."""
        loop = asyncio.get_running_loop()
        for _ in range(self._options.connections):
            _, connection = await loop.create_connection(lambda: Connection(self), "127.0.0.1", self._options.port)
            self._free.append(connection)
        everyone = list(self._free)
        began = time.perf_counter()
        self._start = began + self._options.warmup
        self._end = self._start + self._options.seconds
        await (self._open(began) if self._options.rate else self._closed(began))
        await self._drain(everyone)
        return self._figures(everyone)

    async def _closed(self, now: float) -> None:
        while self._free:
            self._free.popleft().send(now)
        await asyncio.sleep(self._end - now)

    async def _open(self, due: float) -> None:
        chance = random.Random(7)  # the same arrivals for everyone
        while due < self._end:
            now = time.perf_counter()
            while due <= now:
                self._waiting.append(due)
                if self._free:
                    self._free.popleft().send(self._waiting.popleft())
                due += chance.expovariate(self._options.rate)
            await asyncio.sleep(min(0.001, max(0.0, due - now)))

    async def _drain(self, everyone: list[Connection], patience: float = 10) -> None:
        limit = time.perf_counter() + patience
        while (self._waiting or any(c.is_busy for c in everyone)) and time.perf_counter() < limit:  # noqa: ASYNC110
            await asyncio.sleep(0.005)

    def _figures(self, everyone: list[Connection]) -> dict[str, object]:
        unanswered = len(self._waiting) + sum(c.is_busy for c in everyone)
        times = sorted(self.latencies)
        at = {f"p{q}_ms": 1000 * times[int(len(times) * q / 100)] if times else None for q in (50, 99)}
        errors = unanswered + sum(n for status, n in self.statuses.items() if not status.startswith("2"))
        return {
            "sent": self.sent,
            "acknowledged": self.acknowledged,
            "errors": errors,
            "statuses": self.statuses,
            "rate": self.within / self._options.seconds,
            "max_ms": 1000 * times[-1] if times else None,
            "generator_cpu": time.process_time(),
            **at,
        }


def main() -> None:
    """Read the options, run, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", default="/webhooks/github")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--rate", type=float, default=0.0, help="deliveries a second; 0: as fast as answered")
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--payloads", help="a file of [event, body] pairs to send instead of the usual mix")
    parser.add_argument("--ids", choices=("timely", "scattered"), default="timely")
    parser.add_argument("--warmup", type=float, default=1.0)
    json.dump(uvloop.run(Load(parser.parse_args()).run()), sys.stdout)


if __name__ == "__main__":
    main()
