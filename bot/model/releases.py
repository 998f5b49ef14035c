"""What is on GitHub that decides about a release: tags, open issues, checks, merged pull requests, releases."""

from dataclasses import dataclass
from datetime import datetime

from bot.model.subjects import Actor


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag and the commit that it leads to, also where the tag is an object of its own."""

    name: str
    sha: str


@dataclass(frozen=True, slots=True)
class Listed:
    """An open issue, as far as a list of what is in the way tells of it."""

    number: int
    title: str
    labels: frozenset[str]


@dataclass(frozen=True, slots=True)
class CheckState:
    """What a check run or commit status says of a commit; `is_green` None is no conclusion yet.

    `app_id` is whose check it is; None for a commit status, which anybody with write access can set.
    """

    name: str
    app_id: int | None
    is_green: bool | None
    url: str = ""


@dataclass(frozen=True, slots=True)
class MergedPull:
    """A pull request that was merged as this commit; `author` is None for a deleted account."""

    number: int
    title: str
    author: Actor | None
    labels: frozenset[str]
    merge_sha: str


@dataclass(frozen=True, slots=True)
class Released:
    """A release of a tag; a draft was never published."""

    id: int
    tag: str
    url: str
    is_draft: bool
    published_at: datetime | None = None
