"""What a policy file is read on: the organisation's beneath it, or nothing, where it is the organisation's own.

Pure: the road reads the files.
"""

from dataclasses import dataclass
from functools import lru_cache

from bot.config import FILE, ConfigError, layers
from bot.config.layers import Effective, Layer
from bot.model.subjects import Repository

#: An organisation keeps what holds for all its repositories in the one of this name.
HOME = ".github"

#: So many pairs of files are kept as they were read: reading one costs a millisecond, and each event asks.
MOST_KEPT = 128

EMPTY = layers.repository_layer("", file=FILE)


def is_home(repository: Repository) -> bool:
    """Say whether this is the organisation's own repository: its policy file lies beneath those of all others."""
    home = f"{repository.organization}/{HOME}"
    return repository.organization is not None and repository.full_name.casefold() == home.casefold()


@dataclass(frozen=True, slots=True)
class Ground:
    """The text of the organisation's file, as far as it has a good one; `is_home` where the file is that one itself."""

    shared: str | None = None
    is_home: bool = False

    def lay(self, text: str) -> Effective:
        """Return what a file means on this ground; raise `ConfigError` with every mistake."""
        return _laid(text, self)

    def settle(self, text: str) -> Effective | None:
        """Return what holds of a file that was good once; None where it is no longer, as Reeve knows settings today."""
        return _settled(text, self)

    def layer(self, text: str) -> Layer:
        """Return what the file says itself; raise `ConfigError` with every mistake."""
        read = layers.organization_layer if self.is_home else layers.repository_layer
        return read(text, file=FILE)


@lru_cache(maxsize=MOST_KEPT)
def _laid(text: str, ground: Ground) -> Effective:
    own = ground.layer(text)
    return layers.layer(own, EMPTY) if ground.is_home else layers.layer(_shared(ground.shared), own)


@lru_cache(maxsize=MOST_KEPT)
def _settled(text: str, ground: Ground) -> Effective | None:
    try:
        own = ground.layer(text)
    except ConfigError:
        return None
    return layers.layer(own, EMPTY) if ground.is_home else layers.settle(_shared(ground.shared), own)


@lru_cache(maxsize=MOST_KEPT // 8)
def _shared(text: str | None) -> Layer | None:
    """Return the organisation's layer; one that is no longer good, as Reeve knows settings today, is none."""
    if text is None:
        return None
    try:
        return layers.organization_layer(text, file=FILE)
    except ConfigError:
        return None
