"""What passes between the road and GitHub besides events and effects: answers, attempts and confirmations."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.model.timeline import Happening


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file or list as GitHub answered: `value` is None when it does not exist; `etag` makes the next read free."""

    value: str | None
    etag: str | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """GitHub's confirmation of an effect: the id of what was written, and whether a write was needed at all.

    One that `is_overtaken` was not written: what it was decided for is no longer so.
    """

    remote_id: int | None = None
    was_needed: bool = True
    is_overtaken: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is known before an effect is tried: the id it had, and whether an earlier try may have got through."""

    remote_id: int | None = None
    may_have_happened: bool = False


@dataclass(frozen=True, slots=True)
class Newest:
    """One of the newest issues and pull requests of a repository."""

    number: int
    title: str
    is_pull_request: bool


@dataclass(frozen=True, slots=True)
class LoggedDelivery:
    """One attempt of GitHub's to deliver an event: attempts of the same event share the GUID, never the id."""

    id: int
    guid: str
    delivered_at: datetime
    is_ok: bool
    event: str = ""
    action: str = ""
    repository_id: int | None = None


@dataclass(frozen=True, slots=True)
class Installed:
    """An installation of the App on an account, and what it was granted there."""

    id: int
    account: str
    is_organization: bool
    is_suspended: bool
    permissions: Mapping[str, str]
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Registered:
    """The App as it is registered on GitHub: what it asks of those who install it, and what it is told."""

    id: int
    slug: str
    permissions: Mapping[str, str]
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HookConfig:
    """Where and how GitHub sends the App's deliveries. The secret itself is never shown."""

    url: str
    content_type: str
    has_secret: bool
    checks_certificate: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened to an issue, with the text of a comment, from which only what matters will be kept.

    `is_by_app` says that an app wrote it, be it in a person's name.
    """

    happening: Happening
    body: str = ""
    is_by_app: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """All that GitHub lists of an issue's past, oldest first, without Reeve's own doing; `etags` make reading it free.

    None in place of the entries means that nothing is new since those etags.
    """

    entries: tuple[Entry, ...] | None
    etags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RequiredCheck:
    """A check without which nothing is merged into a branch; `app_id` is whose it must be, None is anybody's."""

    context: str
    app_id: int | None
