"""Faults on demand: what GitHub does on a bad day, at the moment a story needs it and the same for the same seed."""

import random
from dataclasses import dataclass, field
from enum import Enum
from fnmatch import fnmatchcase


class Fault(Enum):
    """What goes wrong with a request."""

    FAIL = "answer with an error, nothing done"
    FAIL_AFTER = "do it, then answer with an error"
    REFUSE = "close the connection, nothing done"
    DROP = "do it, then close the connection"
    SLOW = "do it, answer late"
    LIMIT = "answer with the secondary rate limit"


@dataclass(slots=True)
class Rule:
    """One fault and where it strikes; `times` counts down with each strike, `None` means until cleared."""

    fault: Fault
    times: int | None
    method: str
    path: str
    probability: float = 1.0
    status: int = 502
    seconds: float = 0.0
    writes_only: bool = False

    def matches(self, method: str, path: str) -> bool:
        """Say whether a request is one of those meant, `method` and `path` being globs."""
        is_meant = fnmatchcase(method, self.method) and fnmatchcase(path, self.path)
        return is_meant and (is_content_write(method, path) or not self.writes_only) and self.times != 0


@dataclass(slots=True)
class WebhookRule:
    """One fault of webhook delivery."""

    kind: str
    times: int | None
    event: str
    probability: float
    seconds: float = 0.0

    def matches(self, event: str) -> bool:
        """Say whether a delivery of this event is meant."""
        return fnmatchcase(event, self.event) and self.times != 0


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one delivery: how many times it is sent and how much later; no copies means lost."""

    copies: int = 1
    delay: float = 0.0


@dataclass(slots=True)
class WebhookFaults:
    """Faults of webhook delivery."""

    seed: int = 0
    #: The receiver cannot be reached: deliveries fail and stand so in the log.
    receiver_down: bool = False
    #: Deliveries wait until this many are there (or a flush), then leave in random order; 1 keeps the order.
    shuffle_window: int = 1
    _rules: list[WebhookRule] = field(default_factory=list)
    _random: random.Random = field(default_factory=random.Random)
    _order: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        """Seed the dice."""
        self._random.seed(f"webhooks {self.seed}")
        self._order.seed(f"order {self.seed}")

    def lose(self, times: int | None = 1, *, event: str = "*", probability: float = 1.0) -> None:
        """Never send the next deliveries: they do not even stand in the log."""
        self._rules.append(WebhookRule("lose", times, event, probability))

    def double(self, times: int | None = 1, *, event: str = "*", probability: float = 1.0) -> None:
        """Send the next deliveries twice, under the same GUID."""
        self._rules.append(WebhookRule("double", times, event, probability))

    def delay(self, seconds: float, times: int | None = 1, *, event: str = "*", probability: float = 1.0) -> None:
        """Send the next deliveries this many real seconds late, behind what comes after them."""
        self._rules.append(WebhookRule("delay", times, event, probability, seconds))

    def shuffle(self, window: int) -> None:
        """Send deliveries in random order, out of so many at a time."""
        self.shuffle_window = max(1, window)

    def clear(self) -> None:
        """End every fault of delivery."""
        self._rules.clear()
        self.receiver_down, self.shuffle_window = False, 1

    def fate(self, event: str) -> Fate:
        """Return what becomes of a delivery of this event."""
        struck = {rule.kind: rule for rule in self._rules if rule.matches(event) and _strikes(rule, self._random)}
        if "lose" in struck:
            return Fate(copies=0)
        return Fate(2 if "double" in struck else 1, struck["delay"].seconds if "delay" in struck else 0.0)

    def pick(self, waiting: int) -> int:
        """Return which of the waiting deliveries leaves next."""
        window = min(self.shuffle_window, waiting)
        return self._order.randrange(window) if window > 1 else 0


@dataclass(slots=True)
class Faults:
    """Faults of the API, with those of webhook delivery beside them as `webhooks`.

    `times` is how often a fault strikes (`None`: until `clear`), `method` and `path` are globs (`path` begins with
    `/repos/...`, without any prefix), `probability` is rolled for each matching request.
    """

    seed: int = 0
    webhooks: WebhookFaults = field(default_factory=WebhookFaults)
    _rules: list[Rule] = field(default_factory=list)
    _random: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        """Seed the dice."""
        self._random.seed(f"api {self.seed}")
        self.webhooks = WebhookFaults(self.seed)

    def fail(
        self, times: int | None = 1, *, status: int = 502, method: str = "*", path: str = "*", probability: float = 1.0
    ) -> None:
        """Answer the next matching requests with an error, without doing anything."""
        self._rules.append(Rule(Fault.FAIL, times, method, path, probability, status))

    def fail_after_write(
        self, times: int | None = 1, *, status: int = 502, method: str = "*", path: str = "*", probability: float = 1.0
    ) -> None:
        """Carry the next matching content writes out, then answer with an error all the same."""
        self._rules.append(Rule(Fault.FAIL_AFTER, times, method, path, probability, status, writes_only=True))

    def refuse(self, times: int | None = 1, *, method: str = "*", path: str = "*", probability: float = 1.0) -> None:
        """Close the connection on the next matching requests, without doing anything."""
        self._rules.append(Rule(Fault.REFUSE, times, method, path, probability))

    def drop_answers(
        self, times: int | None = 1, *, method: str = "*", path: str = "*", probability: float = 1.0
    ) -> None:
        """Carry the next matching content writes out, then close the connection without an answer."""
        self._rules.append(Rule(Fault.DROP, times, method, path, probability, writes_only=True))

    def slow(
        self, seconds: float, times: int | None = 1, *, method: str = "*", path: str = "*", probability: float = 1.0
    ) -> None:
        """Answer the next matching requests this many real seconds late."""
        self._rules.append(Rule(Fault.SLOW, times, method, path, probability, seconds=seconds))

    def secondary_limit(
        self, times: int | None = 1, *, retry_after: int = 60, method: str = "*", path: str = "/repos/*"
    ) -> None:
        """Answer the next matching requests with the secondary rate limit."""
        self._rules.append(Rule(Fault.LIMIT, times, method, path, seconds=retry_after))

    def clear(self) -> None:
        """End every fault, of the API and of webhook delivery."""
        self._rules.clear()
        self.webhooks.clear()

    def strike(self, method: str, path: str) -> Rule | None:
        """Return the first fault that strikes this request, if one does."""
        return next((r for r in self._rules if r.matches(method, path) and _strikes(r, self._random)), None)


def is_content_write(method: str, path: str) -> bool:
    """Say whether a request changes content, which GitHub limits to 80 a minute and 500 an hour."""
    return method not in {"GET", "HEAD"} and path.startswith("/repos/")


def _strikes(rule: Rule | WebhookRule, dice: random.Random) -> bool:
    is_struck = rule.probability >= 1.0 or dice.random() < rule.probability
    if is_struck and rule.times is not None:
        rule.times -= 1
    return is_struck
