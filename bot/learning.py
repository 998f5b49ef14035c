"""Learning from a repository's own history: read it, learn, measure, and remember what is worth using.

One repository at a time, in the background, on installation and once a week. It reads at most `MOST` issues, and
nothing where an installation's requests are nearly used up.
"""

from datetime import datetime

import structlog

from bot import policyfile
from bot.classifier.fitting import MOST, Fit, learn_from
from bot.config import Config
from bot.model.errors import GitHubDown, Gone, RateLimited, Refused
from bot.model.subjects import Repository
from bot.policies.triage.history import labelled
from bot.wiring import Parts

log = structlog.get_logger()

#: Of an hour's requests so many stay for what cannot wait.
RESERVED = 1000


def learn_next(parts: Parts) -> bool:
    """Learn from the repository whose turn it is; return whether there was one."""
    now = parts.clock()
    repository = parts.database.triage.claim_fit(now)
    if repository is None:
        return False
    left = parts.github.budget_left(repository.installation_id)
    if left is not None and left < RESERVED:
        log.info("learning waits: the hour's requests are for what cannot wait", repository=repository.id)
        return True
    try:
        fit = learn(parts, repository, now)
    except (RateLimited, GitHubDown, Refused, Gone) as error:
        log.warning(
            "a history could not be read, the next turn tries again", repository=repository.id, error=str(error)
        )
    else:
        log.info("learnt from a history", repository=repository.id, issues=fit.issues, is_used=fit.own is not None)
    return True


def learn(parts: Parts, repository: Repository, now: datetime) -> Fit:
    """Read a repository's newest issues, learn from those that people labelled, and remember what came of it."""
    forge = parts.github.installation(repository.installation_id)
    config = policyfile.Reader(forge, parts.road.store, parts.road.words, repository, now).in_force() or Config()
    issues = forge.newest_issues(repository, most=MOST)
    parts.database.triage.keep_sketches(repository, issues)
    own = parts.database.triage.own_labels(repository)
    examples = list(labelled(repository, issues, own, config))
    fit = learn_from(examples, parts.shipped.classifier)
    parts.database.triage.keep_fit(repository, fit, now=now)
    return fit
