"""The desk: the sandbox's parts together, under one lock, and the record of what was asked of them."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.sandbox.auth import Tokens
from bot.sandbox.bare import Shelf
from bot.sandbox.faults import Faults
from bot.sandbox.hooks import Hooks
from bot.sandbox.limits import Limits
from bot.sandbox.state import State


@dataclass(frozen=True, slots=True)
class Request:
    """One request that the API answered (status 0: the connection was closed without an answer)."""

    method: str
    path: str
    query: str
    status: int
    caller: str
    is_content_write: bool
    at: datetime
    api_version: str | None
    user_agent: str
    is_done: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """One whole exchange with the API, for those who watch: bodies are decoded JSON, `None` where there is none."""

    method: str
    path: str
    query: Mapping[str, str]
    request_body: object
    status: int
    response_body: object


@dataclass(frozen=True, slots=True)
class Ticket:
    """An address that leads to a file for a while."""

    content: bytes
    expires_at: datetime


@dataclass(slots=True)
class Desk:
    """Everything that an endpoint may touch. Whoever reads or changes it holds `lock`."""

    state: State
    faults: Faults
    hooks: Hooks
    lock: threading.RLock
    tokens: Tokens = field(default_factory=Tokens)
    limits: Limits = field(default_factory=Limits)
    shelf: Shelf = field(default_factory=Shelf)
    tickets: dict[str, Ticket] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    watchers: list[Callable[[Seen], None]] = field(default_factory=list)
