"""The state of the installations and their repositories, compared with what Reeve was told and what it judged."""

from datetime import datetime, timedelta

import structlog

from bot.model.errors import Gone, RateLimited, Refused
from bot.model.events import InstallationChanged
from bot.model.forge import Installed
from bot.model.subjects import Repository
from bot.store.sweeps import Territory
from bot.sweep.choice import Known, choose, commands_in
from bot.wiring import Parts

log = structlog.get_logger()

#: Clocks differ and GitHub's lists lag: look a little further back than the last time.
OVERLAP = timedelta(minutes=5)

#: A repository that was met on the way, and not with its installation, was met since the last sweep.
FIRST_LOOK = timedelta(minutes=15)


def look_through(parts: Parts, now: datetime) -> tuple[int, bool]:
    """Put on the road what nobody told; return how much, and whether every repository was looked through.

    An installation whose requests are used up waits for the next turn, and keeps no other from being looked through.
    """
    _learn_all(parts, now)
    found, resting = 0, set[int]()
    for territory in parts.database.sweeps.territories():
        installation_id = territory.repository.installation_id
        if installation_id in resting:
            continue
        try:
            found += _look(parts, territory, now)
        except RateLimited as limit:
            log.warning("an installation could not be looked through", installation=installation_id, error=str(limit))
            resting.add(installation_id)
    return found, not resting


def _learn_all(parts: Parts, now: datetime) -> None:
    """Take notice of what is installed where, and of what is not any more."""
    listed = {installed.id: installed for installed in parts.github.installations()}
    for installed in listed.values():
        _learn(parts, installed, now)
    for installation_id in parts.database.sweeps.installations() - set(listed):
        if _is_gone(parts, installation_id):
            parts.database.memory.keep_installation(InstallationChanged("deleted", installation_id), now=now)


def _is_gone(parts: Parts, installation_id: int) -> bool:
    """Ask once more before everything about an installation is forgotten: a list may have moved while it was read."""
    try:
        parts.github.installed(installation_id)
    except Gone:
        return True
    return False


def _learn(parts: Parts, installed: Installed, now: datetime) -> None:
    """Take notice of an installation: suspended or not, and which repositories it reaches now."""
    if installed.is_suspended:
        parts.database.memory.keep_installation(InstallationChanged("suspend", installed.id), now=now)
        return
    try:
        reached = tuple(parts.github.repositories(installed.id))
    except (RateLimited, Refused, Gone) as error:
        log.warning("an installation could not be read", installation=installed.id, error=str(error))
        return
    _learn_reached(parts, installed.id, reached, now)


def _learn_reached(parts: Parts, installation_id: int, reached: tuple[Repository, ...], now: datetime) -> None:
    ids = {each.id for each in reached}
    left = (each for each in parts.database.sweeps.repositories(installation_id) if each.id not in ids)
    removed = tuple(each.id for each in left if _has_left(parts, each))
    change = InstallationChanged("unsuspend", installation_id, added=reached, removed=removed)
    parts.database.memory.keep_installation(change, now=now)


def _has_left(parts: Parts, repository: Repository) -> bool:
    """Ask once more before everything about a repository is forgotten."""
    try:
        parts.github.installation(repository.installation_id).repository(repository)
    except (Gone, Refused):
        return True
    except RateLimited:
        pass
    return False


def _look(parts: Parts, territory: Territory, now: datetime) -> int:
    """Look through one repository from where the last sweep ended."""
    repository, sweeps = territory.repository, parts.database.sweeps
    since = (territory.swept_until or now - FIRST_LOOK) - OVERLAP
    forge = parts.github.installation(repository.installation_id)
    try:
        news = forge.news(repository, since=since, etag=territory.etag)
    except (Gone, Refused) as error:
        log.warning("a repository could not be looked through", repository=repository.id, error=str(error))
        return 0
    numbers = {each.subject.number for each in news.issues} | {each.subject.number for each in news.pulls}
    asked = {each.comment.id for each in commands_in(news, parts.road.verbs)}
    known = Known(sweeps.seen(repository, numbers), sweeps.due(repository, numbers), sweeps.unanswered(asked))
    found = choose(news, known, now, parts.road.verbs)
    return sweeps.deliver(territory, found, etag=news.etag, since=since, now=now)
