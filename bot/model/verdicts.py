"""What a policy concludes: a value that explains itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.model.effects import Effect
from bot.model.facts import Memory
from bot.model.outcomes import Outcome
from bot.model.timeline import Standing

__all__ = ["Call", "Data", "Message", "Outcome", "Shadow", "Verdict"]

#: What a template may be given: plain values only, so that a verdict can be stored and rendered later.
Data = str | int | bool | None | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shadow:
    """That something is only reported, up to the end of a day: how it would have come out, and what it would have set.

    `section` is the part of the policy file that is in shadow.
    """

    section: str
    until: str
    outcome: Outcome
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """Something to tell a person: the template's key and its data. The words live in `templates/`.

    In shadow it is framed as a report of what would be said.
    """

    key: str
    data: Mapping[str, Data] = field(default_factory=dict)
    shadow: Shadow | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A comment of its own that calls people to the subject: posted once under its key, and never edited."""

    key: str
    message: Message


@dataclass(frozen=True, slots=True)
class Verdict:
    """A policy's conclusion: which rule decided, how it came out, what to say and what should be true now.

    `wake_at` is when to look again even if nothing happens. `remember` is what Reeve will have set once the effects
    are written (`is_applied` is still False); None leaves what is remembered as it is. `standings` are how the clocks
    of the issue stand, and `calls` the comments that go out beside the one that is kept. `shadow` is set where all
    this is only a report, which holds nothing up.
    """

    policy: str
    rule: str
    outcome: Outcome
    message: Message | None = None
    effects: tuple[Effect, ...] = ()
    wake_at: datetime | None = None
    remember: Memory | None = None
    standings: tuple[Standing, ...] = ()
    calls: tuple[Call, ...] = ()
    shadow: Shadow | None = None
