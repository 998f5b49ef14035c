"""Who and what the rest talks about: repositories, people, and the issue or pull request in question."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Self


class Lane(IntEnum):
    """The order in which waiting work is taken: a person who typed a command waits least."""

    COMMAND = 0
    PULL_REQUEST = 1
    ISSUE = 2
    SWEEP = 3


@dataclass(frozen=True, slots=True)
class Subject:
    """One issue or pull request, by ids that survive renames; number 0 is the repository itself."""

    repository_id: int
    number: int

    @property
    def key(self) -> str:
        """The subject as one word, such as `1296269#7`: the unit of ordering and locking."""
        return f"{self.repository_id}#{self.number}"

    @classmethod
    def parse(cls, key: str) -> Self:
        """Read back what `key` wrote."""
        repository, _, number = key.partition("#")
        return cls(int(repository), int(number))


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository as an installation sees it. `full_name` may change, `id` never does."""

    id: int
    full_name: str
    installation_id: int
    default_branch: str = "main"
    organization: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """A GitHub account. A deleted account is `None` wherever an actor is expected."""

    id: int
    login: str
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class Identity:
    """Reeve's own account on GitHub: how it knows its own doing. `login` ends in `[bot]`; `user_id` 0 means unknown."""

    app_id: int
    login: str
    user_id: int
