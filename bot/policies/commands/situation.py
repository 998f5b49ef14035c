"""What is known when a command is judged: the comment, the person's role, and the commit, all as of now."""

from dataclasses import dataclass
from datetime import datetime

from bot.model.facts import Comment, Facts
from bot.model.roles import Role
from bot.model.verdicts import Verdict
from bot.policies.commands.registry import OWN, Registry


@dataclass(frozen=True, slots=True)
class Head:
    """The head commit of a pull request: what the commenter saw, and what it is now; None means not known.

    `has_been_pushed` says that the branch was pushed to after the comment, even if it is back where it was.
    """

    seen: str | None
    now: str | None
    has_been_pushed: bool = False


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything a command is judged by.

    `comment` is as it came and `comment_now` as read again just before deciding, None if it is gone. `role` is GitHub's
    live answer for the commenter's user id, None where there was none. An issue has no `head`. `verdicts` are those of
    the other policies and `since` is when they came to be so: what `/why` tells. `registry` holds the verbs there are,
    `overtaken` the places that commands written later have touched already.
    """

    action: str
    comment: Comment
    comment_now: Comment | None
    facts: Facts
    role: Role | None
    head: Head | None = None
    verdicts: tuple[Verdict, ...] = ()
    since: datetime | None = None
    registry: Registry = OWN
    overtaken: frozenset[str] = frozenset()

    @property
    def is_author(self) -> bool:
        """Say whether the commenter opened the issue or pull request."""
        author, commenter = self.facts.issue.author, self.comment.author
        return author is not None and commenter is not None and author.id == commenter.id

    @property
    def is_changed(self) -> bool:
        """Say whether the comment's text is another than the one that came."""
        return self.comment_now is None or self.comment_now.body != self.comment.body

    @property
    def is_touched(self) -> bool:
        """Say whether the comment was ever edited, even if it reads again as it did."""
        edited = (each.updated_at != self.comment.created_at for each in (self.comment, self.comment_now) if each)
        return self.is_changed or any(edited)
