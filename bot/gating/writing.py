"""What is looked at once more right before a verdict is written."""

from typing import Protocol

from bot.model.decisions import PendingEffect
from bot.model.effects import CheckRun
from bot.model.facts import PullRequest
from bot.model.subjects import Repository


class Forge(Protocol):
    """What of GitHub is read here."""

    def pull(self, repository: Repository, number: int) -> PullRequest:
        """Read a pull request as it is now."""
        ...


def is_overtaken(pending: PendingEffect, forge: Forge) -> bool:
    """Say whether a check was decided for a commit that is no longer the head of its pull request."""
    effect = pending.effect
    if not isinstance(effect, CheckRun) or effect.bound_to is None:
        return False
    return forge.pull(pending.repository, effect.bound_to).head_sha != effect.head_sha
