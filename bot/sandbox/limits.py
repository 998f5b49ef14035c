"""GitHub's rate limits: requests an hour, and content written a minute and an hour.

Source: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.sandbox.wire import Problem

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass(slots=True)
class Budget:
    """What one caller used in the current hour, and when it wrote."""

    resets_at: datetime
    used: int = 0
    writes: deque[datetime] = field(default_factory=deque)


@dataclass(slots=True)
class Limits:
    """The limits in force; every number may be changed while the sandbox runs."""

    enabled: bool = True
    primary: int = 5000
    writes_per_minute: int = 80
    writes_per_hour: int = 500
    #: GitHub answers an exhausted primary limit with 403 or 429.
    primary_status: int = 403
    _budgets: dict[str, Budget] = field(default_factory=dict)

    def spend(self, key: str, *, now: datetime, is_write: bool) -> None:
        """Count a request, or raise the `Problem` that says which limit it would break."""
        budget = self._budget(key, now)
        if self.enabled:
            self._check_primary(budget, now)
        if self.enabled and is_write:
            self._check_writes(budget, now)
        budget.used += 1
        if is_write:
            budget.writes.append(now)

    def refund(self, key: str, *, now: datetime) -> None:
        """Take back the last request: an answer 304 does not count."""
        budget = self._budget(key, now)
        budget.used = max(0, budget.used - 1)

    def headers(self, key: str, *, now: datetime) -> dict[str, str]:
        """Return the `X-RateLimit-*` headers that go with every answer."""
        return {f"X-RateLimit-{name.capitalize()}": str(value) for name, value in self.overview(key, now=now).items()}

    def overview(self, key: str, *, now: datetime) -> dict[str, int | str]:
        """Return the caller's primary limit as `GET /rate_limit` shows it."""
        budget = self._budget(key, now)
        remaining = max(0, self.primary - budget.used)
        reset = int(budget.resets_at.timestamp())
        return {"limit": self.primary, "used": budget.used, "remaining": remaining, "reset": reset, "resource": "core"}

    def _budget(self, key: str, now: datetime) -> Budget:
        budget = self._budgets.get(key)
        if budget is None or budget.resets_at <= now:
            kept = budget.writes if budget else deque[datetime]()
            budget = self._budgets[key] = Budget(now + HOUR, writes=kept)
        while budget.writes and budget.writes[0] <= now - HOUR:
            budget.writes.popleft()
        return budget

    def _check_primary(self, budget: Budget, now: datetime) -> None:
        if budget.used >= self.primary:
            wait = max(1, int((budget.resets_at - now).total_seconds()))
            headers = {"Retry-After": str(wait)} if self.primary_status == 429 else {}
            raise Problem(self.primary_status, "API rate limit exceeded for installation.", headers=headers)

    def _check_writes(self, budget: Budget, now: datetime) -> None:
        for limit, window in ((self.writes_per_minute, MINUTE), (self.writes_per_hour, HOUR)):
            recent = [at for at in budget.writes if at > now - window]
            if len(recent) >= limit:
                wait = recent[-limit] + window - now
                raise secondary_limit(max(1, -(-wait // timedelta(seconds=1))))


def secondary_limit(retry_after: int) -> Problem:
    """Return GitHub's answer to a caller that writes too fast: wait this many seconds."""
    message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    return Problem(403, message, headers={"Retry-After": str(retry_after)})
