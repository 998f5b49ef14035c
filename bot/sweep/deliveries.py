"""GitHub's own log of deliveries: what failed and cannot be seen in any other way is sent again, ranked."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import structlog

from bot.model.errors import Gone, Refused
from bot.model.forge import LoggedDelivery
from bot.wiring import Parts

log = structlog.get_logger()

#: How long github.com keeps what it delivered.
LOG_REACHES_BACK = timedelta(days=3)

#: GitHub's log lags, and what fails is listed under the time of its first attempt.
OVERLAP = timedelta(minutes=15)

#: What happened so shortly before a look may not have been in GitHub's lists yet.
LAG = timedelta(minutes=1)

#: So many are asked for in one turn, a minute apart: each costs 5 of the 900 points that GitHub allows a minute.
MOST_AT_ONCE = 100

#: What matters most comes first: who we work for, what the rules are, then people.
RANKS: Mapping[str, int] = {
    "installation": 0,
    "installation_repositories": 0,
    "repository": 1,
    "push": 1,
    "pull_request": 2,
    "issue_comment": 3,
    "issues": 3,
}
_OTHERS = 4

#: What a look at a repository shows as well as the delivery would.
SHOWN_BY_STATE = frozenset({"issues", "issue_comment"})

#: What takes an issue away is the exception: what is gone cannot be looked at.
NEVER_SHOWN = frozenset({"deleted", "transferred"})


def redeliver(parts: Parts, now: datetime) -> tuple[int, bool]:
    """Ask GitHub to send again what failed; return how many, and whether that was all."""
    sweeps = parts.database.sweeps
    since = max(now - LOG_REACHES_BACK, (sweeps.reached("deliveries") or now - LOG_REACHES_BACK) - OVERLAP)
    failed = {each.guid.lower(): each for each in parts.github.failures(since)}
    unknown = sweeps.unknown(list(failed))
    wanted = ranked(missing(parts, [failed[guid] for guid in unknown]))
    asked = sum(_ask(parts, each) for each in wanted[:MOST_AT_ONCE])
    is_done = len(wanted) <= MOST_AT_ONCE
    if is_done:
        sweeps.reach("deliveries", now)
    return asked, is_done


def missing(parts: Parts, failed: list[LoggedDelivery]) -> list[LoggedDelivery]:
    """Return what no look at the repositories has shown since."""
    covered = parts.database.sweeps.covered({each.repository_id for each in failed if each.repository_id})
    return [each for each in failed if not is_shown(each, covered)]


def is_shown(delivery: LoggedDelivery, covered: Mapping[int, tuple[datetime, datetime]]) -> bool:
    """Say whether what a delivery told was seen by looking: its repository was looked through over that time."""
    if delivery.event not in SHOWN_BY_STATE or delivery.action in NEVER_SHOWN or delivery.repository_id is None:
        return False
    begin, end = covered.get(delivery.repository_id, (None, None))
    return begin is not None and end is not None and begin <= delivery.delivered_at <= end - LAG


def ranked(deliveries: Iterable[LoggedDelivery]) -> list[LoggedDelivery]:
    """Return the most important first, and of those the oldest."""
    return sorted(deliveries, key=lambda each: (RANKS.get(each.event, _OTHERS), each.delivered_at, each.id))


def _ask(parts: Parts, delivery: LoggedDelivery) -> bool:
    """Have one delivery sent again; one that GitHub no longer has must not keep the others from coming."""
    try:
        parts.github.redeliver(delivery.id)
    except (Gone, Refused) as error:
        log.warning("a delivery could not be asked for", delivery=delivery.guid, error=str(error))
        return False
    return True
