"""What GitHub never delivered is found again: by looking at the repositories, and in GitHub's own log of deliveries.

Both lead into the same inbox. Time counts from GitHub's stamps, so being late changes no deadline.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot.model.errors import GitHubDown, Gone, RateLimited, Refused
from bot.sweep.deliveries import redeliver
from bot.sweep.state import look_through
from bot.wiring import Parts

log = structlog.get_logger()

DELIVERIES_EVERY = timedelta(minutes=10)
STATE_EVERY = timedelta(minutes=15)

#: A sweep that came to no end goes on after this.
GOES_ON_AFTER = timedelta(minutes=1)


def sweep(parts: Parts) -> int:
    """Run the sweeps whose turn it is; return how many deliveries were asked for or made.

    The state first: what it shows need not be delivered again, and one look shows what hundreds of deliveries told.
    """
    found = _turn(parts, "state", STATE_EVERY, look_through)
    return found + _turn(parts, "deliveries", DELIVERIES_EVERY, redeliver)


def _turn(parts: Parts, name: str, every: timedelta, run: Callable[[Parts, datetime], tuple[int, bool]]) -> int:
    """Run one sweep if it is its turn; one that came to no end has another turn soon."""
    now = parts.clock()
    if not parts.database.sweeps.claim(name, every, now):
        return 0
    found, is_done = 0, False
    try:
        found, is_done = run(parts, now)
    except (RateLimited, GitHubDown, Refused, Gone) as error:
        log.warning("the sweep was cut short, the next one goes on", sweep=name, error=str(error))
    if not is_done:
        parts.database.sweeps.again(name, since=now - every + GOES_ON_AFTER)
    return found
