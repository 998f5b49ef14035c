"""What is looked at once more right before a tag is made."""

from typing import Protocol

from bot.model.decisions import PendingEffect
from bot.model.effects import CreateTag
from bot.model.subjects import Repository
from bot.releasing.parts import Store


class Forge(Protocol):
    """What of GitHub is read here."""

    def commit(self, repository: Repository, ref: str) -> str | None:
        """Return the commit that a branch, tag or abbreviated commit leads to."""
        ...


def is_overtaken(pending: PendingEffect, forge: Forge, store: Store) -> bool:
    """Say whether a tag was decided for a candidate that has moved since, or for a release that was given up."""
    effect = pending.effect
    if not isinstance(effect, CreateTag):
        return False
    train = store.current(pending.repository.id)
    if train is None or (train.version, train.sha) != (effect.tag, effect.sha):
        return True
    return forge.commit(pending.repository, train.ref) != effect.sha
