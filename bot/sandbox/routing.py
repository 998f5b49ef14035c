"""Which endpoint answers a method and path, what kind of caller it wants and which right that caller needs."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from bot.sandbox.wire import Call, CallerKind, Reply

Endpoint = Callable[[Call], Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint: `needs` lists the permissions of which one is enough, such as `{"issues": "write"}`."""

    method: str
    pattern: re.Pattern[str]
    endpoint: Endpoint
    callers: tuple[CallerKind, ...]
    needs: Mapping[str, str]


class Routes:
    """The table of endpoints; they enter themselves with a decorator."""

    def __init__(self) -> None:
        """Start empty."""
        self.all: list[Route] = []

    def add(
        self,
        method: str,
        template: str,
        *,
        callers: tuple[CallerKind, ...] = ("installation",),
        needs: Mapping[str, str] | None = None,
    ) -> Callable[[Endpoint], Endpoint]:
        """Return a decorator that enters an endpoint; `{name}` is one segment, `{name...}` the rest of the path."""

        def enter(endpoint: Endpoint) -> Endpoint:
            self.all.append(Route(method, _compile(template), endpoint, callers, needs or {}))
            return endpoint

        return enter

    def extend(self, other: "Routes") -> None:
        """Take over another table's endpoints."""
        self.all.extend(other.all)

    def find(self, method: str, raw_path: str) -> tuple[Route, dict[str, str]] | None:
        """Return the endpoint and its parameters, decoded after the match: a label may contain a `%2F`."""
        for route in self.all:
            found = route.pattern.fullmatch(raw_path) if route.method == method else None
            if found:
                return route, {name: unquote(value) for name, value in found.groupdict().items()}
        return None


def _compile(template: str) -> re.Pattern[str]:
    rest = re.sub(r"\\\{(\w+)\\\.\\\.\\\.\\\}", r"(?P<\1>.*)", re.escape(template))
    numbers = re.sub(r"\\\{(number|id)\\\}", r"(?P<\1>\\d{1,18})", rest)
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", numbers))
