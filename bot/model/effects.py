"""What should be true on GitHub. Every effect may be applied twice and then changes nothing."""

from dataclasses import dataclass
from typing import Literal

from bot.model.subjects import Subject


@dataclass(frozen=True, slots=True)
class SetLabels:
    """These labels (and this native issue type) should be on the subject, those should not."""

    subject: Subject
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    type: str | None = None
    current: tuple[str, ...] = ()
    kind: Literal["set_labels"] = "set_labels"

    @property
    def target(self) -> str:
        """The one place this effect writes to: a newer wish for the same place replaces an older one."""
        return f"{self.subject.key}/labels"


@dataclass(frozen=True, slots=True)
class StickyComment:
    """The subject should carry exactly one comment of Reeve's with this key, and this is its text."""

    subject: Subject
    body: str
    key: str = "status"
    may_exist: bool = False
    kind: Literal["sticky_comment"] = "sticky_comment"

    @property
    def target(self) -> str:
        """The one place this effect writes to."""
        return f"{self.subject.key}/comment/{self.key}"


Effect = SetLabels | StickyComment

#: The order of writes within one installation: what people wait for goes first (GitHub allows 80 a minute).
PRIORITY: dict[str, int] = {"set_labels": 10, "sticky_comment": 20}
