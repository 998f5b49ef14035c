"""What passes between the road and GitHub besides events and effects: answers, attempts and confirmations."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file or list as GitHub answered: `value` is None when it does not exist; `etag` makes the next read free."""

    value: str | None
    etag: str | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """GitHub's confirmation of an effect: the id of what was written, and whether a write was needed at all."""

    remote_id: int | None = None
    was_needed: bool = True


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is known before an effect is tried: the id it had, and whether an earlier try may have got through."""

    remote_id: int | None = None
    may_have_happened: bool = False
