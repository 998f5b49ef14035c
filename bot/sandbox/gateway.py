"""The door: an ASGI application that takes a request through faults, identity, limits and rights to its endpoint."""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from bot.sandbox.api import ROUTES
from bot.sandbox.auth import identify
from bot.sandbox.control import CONTROL, page_at
from bot.sandbox.desk import Desk, Request, Seen
from bot.sandbox.faults import Fault, Rule, is_content_write
from bot.sandbox.limits import secondary_limit
from bot.sandbox.routing import Route
from bot.sandbox.shapes import Urls
from bot.sandbox.wire import VERSIONS, Call, Caller, Problem, Reply, not_found

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
PREFIX = "/api/v3"
ANONYMOUS = Caller("anonymous")


@dataclass(slots=True)
class Exchange:
    """One request from the network, and what becomes of it."""

    method: str
    raw_path: str
    query: str
    headers: dict[str, str]
    body: bytes
    prefix: str = ""
    caller: Caller = ANONYMOUS
    status: int = 0
    content: bytes = b""
    reply_headers: dict[str, str] = field(default_factory=dict)
    fault: Rule | None = None
    is_done: bool = False

    @property
    def path(self) -> str:
        """The path without a prefix, decoded."""
        return unquote(self.raw_path)

    @property
    def is_content_write(self) -> bool:
        """Whether the request counts against the limits of content writes."""
        return is_content_write(self.method, self.path)


class Gateway:
    """The sandbox's ASGI application."""

    def __init__(self, desk: Desk) -> None:
        """Serve this desk."""
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        exchange = await _read(scope, receive)
        with self._desk.lock:
            self._handle(exchange)
        if exchange.fault and exchange.fault.fault is Fault.SLOW:
            await asyncio.sleep(exchange.fault.seconds)
        if exchange.status == 0:
            await _hang_up(receive, send)
        else:
            await _write(exchange, send)

    def _handle(self, exchange: Exchange) -> None:
        if exchange.raw_path == "/_sandbox" or exchange.raw_path.startswith("/_sandbox/"):
            control(self._desk, exchange)
            return
        answer(self._desk, exchange)
        record(self._desk, exchange)
        show(self._desk, exchange)


def answer(desk: Desk, exchange: Exchange) -> None:
    """Let fate and the API decide what a request gets; status 0 means that the connection is closed."""
    exchange.raw_path = _by_name(desk, exchange.raw_path)
    exchange.fault = desk.faults.strike(exchange.method, exchange.path)
    kind = exchange.fault.fault if exchange.fault else None
    if kind is not Fault.REFUSE:
        _attempt(desk, exchange, kind)
    if kind is Fault.DROP:
        exchange.status = 0
    if kind is Fault.FAIL_AFTER and exchange.fault:
        _fill(exchange, Reply(exchange.fault.status, {"message": "Server Error"}))


def _attempt(desk: Desk, exchange: Exchange, kind: Fault | None) -> None:
    now = desk.state.clock.now()
    try:
        _fill(exchange, _perform(desk, exchange, kind))
    except Problem as problem:
        _fill(exchange, Reply(problem.status, problem.body, problem.headers))
    if exchange.caller.kind != "anonymous":
        exchange.reply_headers |= desk.limits.headers(exchange.caller.key, now=now)


def _perform(desk: Desk, exchange: Exchange, kind: Fault | None) -> Reply:
    if kind is Fault.FAIL and exchange.fault:
        raise Problem(exchange.fault.status, "Server Error")
    exchange.caller = identify(exchange.headers.get("authorization"), state=desk.state, tokens=desk.tokens)
    if kind is Fault.LIMIT and exchange.fault:
        raise secondary_limit(int(exchange.fault.seconds))
    if _is_counted(exchange):
        desk.limits.spend(exchange.caller.key, now=desk.state.clock.now(), is_write=exchange.is_content_write)
    _redirect_old_name(desk, exchange)
    found = ROUTES.find(exchange.method, exchange.raw_path)
    if found is None:
        raise not_found()
    route, params = found
    _check_rights(route, exchange.caller)
    reply = route.endpoint(_call(desk, exchange, params))
    exchange.is_done = True
    return _conditional(desk, exchange, reply)


def _is_counted(exchange: Exchange) -> bool:
    """Say whether a request counts against the API's limits; git's own have limits of their own."""
    is_git = exchange.raw_path.endswith((".git/info/refs", ".git/git-upload-pack"))
    return exchange.path != "/rate_limit" and exchange.caller.kind != "anonymous" and not is_git


def _check_rights(route: Route, caller: Caller) -> None:
    if caller.kind not in route.callers:
        if caller.kind == "anonymous":
            raise Problem(401, "Requires authentication")
        if "app" in route.callers:
            raise Problem(401, "A JSON web token could not be decoded")
        raise Problem(403, "Resource not accessible by integration")
    if caller.token and route.needs and not any(caller.token.allows(*need) for need in route.needs.items()):
        accepted = "; ".join(f"{name}={level}" for name, level in route.needs.items())
        headers = {"X-Accepted-GitHub-Permissions": accepted}
        raise Problem(403, "Resource not accessible by integration", headers=headers)


def _by_name(desk: Desk, raw_path: str) -> str:
    """Return a path that names a repository by its id with the repository's present name instead."""
    parts = raw_path.split("/", 3)
    known = desk.state.repositories.get(int(parts[2])) if len(parts) > 2 and parts[2].isdigit() else None
    if parts[1] != "repositories" or known is None:
        return raw_path
    return "/".join(["/repos", quote(known.full_name), *parts[3:]])


def _redirect_old_name(desk: Desk, exchange: Exchange) -> None:
    """Answer 301 to a repository's old name, as long as no new repository has taken it."""
    parts = exchange.raw_path.split("/", 4)
    name = "/".join(parts[2:4]).lower()
    moved = desk.state.old_names.get(name) if parts[1] == "repos" else None
    if moved is not None and desk.state.repository(name) is None:
        target = "/".join([desk.state.url + exchange.prefix, "repositories", str(moved), *parts[4:]])
        raise Problem(301, "Moved Permanently", headers={"Location": target})


def _call(desk: Desk, exchange: Exchange, params: dict[str, str]) -> Call:
    version = exchange.headers.get("x-github-api-version", VERSIONS[0])
    if version not in VERSIONS:
        raise Problem(400, f"{version} is not a supported version")
    query = dict(parse_qsl(exchange.query, keep_blank_values=True))
    urls = Urls.at(desk.state.url, prefix=exchange.prefix)
    exchange.reply_headers["X-GitHub-Api-Version-Selected"] = version
    return Call(
        desk,
        exchange.caller,
        urls,
        exchange.method,
        exchange.raw_path,
        params,
        query,
        _json(exchange),
        version,
        exchange.body,
        exchange.headers,
    )


def _json(exchange: Exchange) -> object:
    body = exchange.body
    if not body or exchange.headers.get("content-type", "").startswith("application/x-git"):
        return None
    try:
        return json.loads(body)
    except ValueError as error:
        raise Problem(400, "Problems parsing JSON") from error


def _conditional(desk: Desk, exchange: Exchange, reply: Reply) -> Reply:
    """Give a read its ETag, and answer 304 (which costs nothing) when the caller has that very answer."""
    if exchange.method != "GET" or reply.status != 200 or isinstance(reply.body, bytes):
        return reply
    etag = f'W/"{hashlib.sha256(_dump(reply.body)).hexdigest()}"'
    headers = {**reply.headers, "ETag": etag}
    asked = exchange.headers.get("if-none-match", "")
    if etag.removeprefix("W/") not in asked:
        return Reply(reply.status, reply.body, headers)
    if exchange.caller.kind != "anonymous":
        desk.limits.refund(exchange.caller.key, now=desk.state.clock.now())
    return Reply(304, None, headers)


def control(desk: Desk, exchange: Exchange) -> None:
    """Answer a request to the sandbox's own page and controls, which no fault or limit touches."""
    if exchange.method == "GET" and exchange.raw_path in {"/_sandbox", "/_sandbox/"}:
        exchange.status, exchange.content = 200, page_at(desk).encode()
        exchange.reply_headers["Content-Type"] = "text/html; charset=utf-8"
        return
    exchange.reply_headers["Content-Type"] = "application/json; charset=utf-8"
    try:
        _fill(exchange, _control(desk, exchange))
    except Problem as problem:
        _fill(exchange, Reply(problem.status, problem.body, problem.headers))


def _control(desk: Desk, exchange: Exchange) -> Reply:
    found = CONTROL.find(exchange.method, exchange.raw_path)
    if found is None:
        raise not_found()
    # A web page elsewhere cannot send this content type without asking first, so it cannot drive the sandbox.
    if exchange.method != "GET" and exchange.headers.get("content-type", "") != "application/json":
        raise Problem(415, "Send application/json")
    return found[0].endpoint(_call(desk, exchange, found[1]))


def record(desk: Desk, exchange: Exchange) -> None:
    """Write a request into the log, whatever became of it."""
    headers = exchange.headers
    desk.requests.append(
        Request(
            exchange.method,
            exchange.path,
            exchange.query,
            exchange.status,
            exchange.caller.kind,
            exchange.is_content_write,
            desk.state.clock.now(),
            headers.get("x-github-api-version"),
            headers.get("user-agent", ""),
            exchange.is_done,
        )
    )
    exchange.reply_headers.setdefault("Content-Type", "application/json; charset=utf-8")
    exchange.reply_headers["Date"] = format_datetime(desk.state.clock.now(), usegmt=True)
    exchange.reply_headers["X-GitHub-Request-Id"] = f"{len(desk.requests):04X}:{desk.state.app.id:X}"
    exchange.reply_headers["X-GitHub-Media-Type"] = "github.v3; format=json"


def show(desk: Desk, exchange: Exchange) -> None:
    """Show the exchange to those who watch."""
    if desk.watchers:
        is_json = exchange.reply_headers["Content-Type"].startswith("application/json")
        asked = json.loads(exchange.body) if exchange.body and exchange.is_done and is_json else None
        answered = json.loads(exchange.content) if exchange.content and is_json else None
        query = dict(parse_qsl(exchange.query, keep_blank_values=True))
        seen = Seen(exchange.method, exchange.path, query, asked, exchange.status, answered)
        for watcher in desk.watchers:
            watcher(seen)


def _fill(exchange: Exchange, reply: Reply) -> None:
    exchange.status = reply.status
    exchange.content = b"" if reply.status in {204, 304} else _dump(reply.body)
    exchange.reply_headers |= reply.headers


def _dump(body: object) -> bytes:
    if isinstance(body, bytes):
        return body
    return b"" if body is None else json.dumps(body, ensure_ascii=False).encode()


async def _read(scope: Scope, receive: Receive) -> Exchange:
    body = b""
    while (message := await receive())["type"] == "http.request":
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    raw = scope["raw_path"].decode("ascii").partition("?")[0]
    prefix = PREFIX if raw.startswith(f"{PREFIX}/") else ""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    return Exchange(scope["method"], raw.removeprefix(prefix), scope["query_string"].decode(), headers, body, prefix)


async def _write(exchange: Exchange, send: Send) -> None:
    headers = exchange.reply_headers
    if exchange.status not in {204, 304}:
        headers["Content-Length"] = str(len(exchange.content))
    pairs = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": exchange.status, "headers": pairs})
    await send({"type": "http.response.body", "body": exchange.content})


async def _hang_up(receive: Receive, send: Send) -> None:
    """Close the connection without a byte of answer; ASGI has no word for it, so ask uvicorn's own transport."""
    cycle = getattr(send, "__self__", None)
    if cycle is not None:
        cycle.transport.close()
        await receive()
