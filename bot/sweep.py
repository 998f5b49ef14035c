"""What GitHub never delivered is found again: in its own log of deliveries, and by looking at the issues themselves.

Both lead into the same inbox. Time counts from GitHub's stamps, so being late changes no deadline.
"""

from datetime import datetime, timedelta

import structlog

from bot.model.errors import GitHubDown, Gone, RateLimited, Refused
from bot.model.events import InstallationChanged
from bot.model.forge import Installed
from bot.store.sweeps import Territory
from bot.wiring import Parts

log = structlog.get_logger()

DELIVERIES_EVERY = timedelta(minutes=10)
STATE_EVERY = timedelta(minutes=15)

#: How long github.com keeps what it delivered.
LOG_REACHES_BACK = timedelta(days=3)

#: Clocks differ and GitHub's lists lag: look a little further back than the last time.
OVERLAP = timedelta(minutes=5)


def sweep(parts: Parts) -> int:
    """Run the sweeps whose turn it is; return how many deliveries were asked for or made."""
    now, found = parts.clock(), 0
    try:
        if parts.database.sweeps.claim("deliveries", DELIVERIES_EVERY, now):
            found += redeliver(parts, now)
        if parts.database.sweeps.claim("state", STATE_EVERY, now):
            found += look_through(parts, now)
    except (RateLimited, GitHubDown, Refused) as error:
        log.warning("the sweep was cut short, the next one goes on", error=str(error))
    return found


def redeliver(parts: Parts, now: datetime) -> int:
    """Ask GitHub to send again what it could not deliver and what never arrived by another way."""
    failed = {one.guid.lower(): one.id for one in parts.github.failed_deliveries(now - LOG_REACHES_BACK)}
    unknown = parts.database.sweeps.unknown(list(failed))
    for guid in unknown:
        parts.github.redeliver(failed[guid])
    return len(unknown)


def look_through(parts: Parts, now: datetime) -> int:
    """Compare GitHub's issues with what was judged, and put the unheard ones on the road."""
    for installed in parts.github.installations():
        _learn(parts, installed, now)
    return sum(_look_through(parts, territory, now) for territory in parts.database.sweeps.territories())


def _learn(parts: Parts, installed: Installed, now: datetime) -> None:
    """Take notice of an installation that was never announced, and of one that was suspended or resumed meanwhile."""
    action = "suspend" if installed.is_suspended else "unsuspend"
    added = () if installed.is_suspended else tuple(parts.github.repositories(installed.id))
    change = InstallationChanged(action, installed.id, added=added)
    parts.database.memory.keep_installation(change, now=now)


def _look_through(parts: Parts, territory: Territory, now: datetime) -> int:
    """Look through one repository from where the last sweep ended; one just met begins now."""
    repository, sweeps = territory.repository, parts.database.sweeps
    if territory.swept_until is None:
        sweeps.keep(repository, now)
        return 0
    forge = parts.github.installation(repository.installation_id)
    try:
        issues = list(forge.issues(repository, since=territory.swept_until - OVERLAP, state="all"))
    except (Gone, Refused) as error:
        log.warning("a repository could not be looked through", repository=repository.id, error=str(error))
        return 0
    found = sweeps.deliver(repository, sweeps.unheard(repository, issues), now=now)
    sweeps.keep(repository, now)
    return found
