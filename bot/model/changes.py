"""What a pull request changes, as git itself says: between the commit it would be merged into and the one tested."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class ChangedPath:
    """A path whose content differs: git's names of what was there and of what is there now, None for nothing."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be compared: a pull request by its number, its head and its base branch, or a merge group.

    `tested` is the commit that a workflow says it tested, None where none has said so yet. For a group, `base_sha` is
    what GitHub says that it stands on.
    """

    number: int
    head_sha: str
    base_ref: str
    tested: str | None = None
    base_sha: str | None = None


@dataclass(frozen=True, slots=True)
class Interest:
    """Which changed paths matter: of `is_source` the lines are wanted, of `is_setting` both contents."""

    is_source: Callable[[str], bool]
    is_setting: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Step:
    """One commit that a merge queue put on top: its parents, and the fingerprint of what it changes."""

    parents: tuple[str, ...]
    identity: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was compared: every changed path, the diff of those that are source, and their text in the tested tree.

    `listing` are all paths of the tested tree, so that a report can be told from one for another tree. `settings` are
    the contents of changed settings, before and after. `steps` are the commits of a merge group, the first one first.
    """

    base_sha: str
    head_sha: str
    sha: str
    changed: tuple[ChangedPath, ...]
    diff: bytes = b""
    sources: Mapping[str, bytes] = field(default_factory=dict)
    settings: Mapping[str, tuple[bytes | None, bytes | None]] = field(default_factory=dict)
    listing: frozenset[str] = frozenset()
    steps: tuple[Step, ...] = ()

    @property
    def identity(self) -> str:
        """The fingerprint of what is changed: the same change on another base has the same, if its files are so."""
        return identity(self.changed)


def identity(changed: Iterable[ChangedPath]) -> str:
    """Return the fingerprint of a change: each path with git's names of its contents before and after."""
    lines = sorted(f"{each.path}\0{each.before}\0{each.after}" for each in changed)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


class Puzzle(StrEnum):
    """Why nothing can be compared, and what that asks for."""

    NOT_READY = "not-ready"
    CONFLICT = "conflict"
    ANOTHER_TREE = "another-tree"
    UNKNOWN_COMMIT = "unknown-commit"
    TOO_LARGE = "too-large"
    ODD_NAME = "odd-name"
    NO_ACCESS = "no-access"


@dataclass(frozen=True, slots=True)
class Unclear:
    """There is no comparison: GitHub has not merged yet, cannot merge, or the tested commit is not that merge."""

    puzzle: Puzzle
    tested: str | None = None
