"""A little real HTTP server that answers by a script and remembers what it was asked.

For the answers that a healthy GitHub never gives; everything else is tested against the sandbox.
"""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer; status 0 closes the connection instead."""

    status: int = 200
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived; header names in lower case."""

    verb: str
    path: str
    headers: Mapping[str, str]
    body: Any
    connection: int


@dataclass(slots=True)
class LittleServer:
    """The server's address, its script and its memory. Without a scripted reply it answers as `otherwise`."""

    url: str
    replies: dict[str, list[Reply]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    otherwise: Reply = field(default_factory=lambda: Reply(404, {"message": "Not Found"}))

    def will_say(self, request: str, *replies: Reply) -> None:
        """Answer `VERB /path` with these, in turn; the last one stays."""
        self.replies[request] = list(replies)

    def names(self) -> list[str]:
        """Return what was asked, as `VERB /path`."""
        return [f"{asked.verb} {asked.path}" for asked in self.asked]

    def answer(self, asked: Asked) -> Reply:
        """Remember the request and choose the reply."""
        self.asked.append(asked)
        script = self.replies.get(f"{asked.verb} {asked.path.partition('?')[0]}")
        if not script:
            return self.otherwise
        return script.pop(0) if len(script) > 1 else script[0]


@contextmanager
def little_server() -> Iterator[LittleServer]:
    """Run a little server for the length of a test."""
    http = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    http.daemon_threads = True
    http.script = LittleServer(f"http://127.0.0.1:{http.server_port}")  # type: ignore[attr-defined]
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield http.script  # type: ignore[attr-defined]
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _reply(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        sent = self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, self.path, headers, json.loads(sent) if sent else None, self.client_address[1])
        reply = self.server.script.answer(asked)  # type: ignore[attr-defined]
        if reply.status == 0:
            self.close_connection = True
            return
        self._write(reply)

    def _write(self, reply: Reply) -> None:
        body = reply.body.encode() if isinstance(reply.body, str) else json.dumps(reply.body).encode()
        if reply.status in (204, 304) or reply.body is None:
            body = b""
        self.send_response(reply.status)
        for name, value in {"Content-Type": "application/json; charset=utf-8", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _reply  # noqa: N815  the names that http.server looks for

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is the base class's
        """Say nothing."""
