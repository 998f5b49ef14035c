"""What happened -> the rounds of an issue: who waited for what from when, what held the clock, and what ended it.

No deadline is known here and no calendar: those are laid over it in `clock`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.config import Config
from bot.model.kinds import Kind
from bot.model.roles import Role
from bot.model.subjects import Actor
from bot.model.timeline import Happening, Remark, Target, What
from bot.policies.triage.vocabulary import kind_of_label, kind_of_name, same


class Cause(StrEnum):
    """Why the clock stands still: the author is asked, a maintainer said so, or it was closed by nobody in charge."""

    NEEDS_INFO = "needs-info"
    PAUSE = "pause"
    CLOSED = "closed"


class How(StrEnum):
    """What ends a wait."""

    ANSWERED = "answered"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    TRANSFERRED = "transferred"
    CONVERTED = "converted"
    DELETED = "deleted"


#: How an issue leaves the repository.
_LEFT = {What.TRANSFERRED: How.TRANSFERRED, What.CONVERTED: How.CONVERTED, What.DELETED: How.DELETED}


class Why(StrEnum):
    """Why a comment is no answer."""

    AUTHOR = "author"
    BOT = "bot"
    AUTO_REPLY = "auto-reply"
    EMPTY = "empty"
    ROLE = "role"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class End:
    """What ended a wait, when, and by whom."""

    how: How
    at: datetime
    by: Actor | None


@dataclass(frozen=True, slots=True)
class Hold:
    """A time in which the clock stands still; without `until` it still does. `is_answered`: the author ended it."""

    cause: Cause
    since: datetime
    by: Actor | None
    reason: str = ""
    until: datetime | None = None
    is_answered: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """Somebody waits for something; without `end` they still do."""

    target: Target
    since: datetime
    end: End | None = None


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A comment that came while an answer was waited for, and why it was none."""

    at: datetime
    by: Actor | None
    why: Why


@dataclass(frozen=True, slots=True)
class Round:
    """From the opening or a reopening to the end that a maintainer or the author makes. All lists are in order."""

    since: datetime
    waits: tuple[Wait, ...]
    holds: tuple[Hold, ...]
    passed_over: tuple[PassedOver, ...]
    end: End | None


@dataclass(frozen=True, slots=True)
class Marks:
    """The labels from a moment on, in small letters, and the kinds that they and the issue type name."""

    since: datetime
    labels: frozenset[str]
    kinds: frozenset[Kind]


@dataclass(frozen=True, slots=True)
class Past:
    """All rounds of an issue, the marks that it bore, and the people: who opened it and who is assigned to it.

    `taken_off` says when a person last took each label off, by its name in small letters. `is_answered`: the author
    has answered the last question.
    """

    rounds: tuple[Round, ...]
    marks: tuple[Marks, ...]
    author: Actor | None
    assignees: tuple[str, ...]
    taken_off: Mapping[str, datetime]
    is_answered: bool


def read(happenings: Sequence[Happening], config: Config) -> Past:
    """Walk once through what happened, in its order."""
    reader = _Reader(config)
    for each in happenings:
        reader.take(each)
    return reader.past()


def names_kind(each: Happening, config: Config) -> bool:
    """Say whether this marks the issue as one of the three kinds."""
    match each.what:
        case What.LABELED:
            return kind_of_label(each.name or "", config) is not None
        case What.TYPED:
            return kind_of_name(each.name or "") is not None
        case _:
            return False


class _OpenRound:
    """A round that goes on: what is waited for and what holds the clock now, and what of both is over."""

    def __init__(self, since: datetime) -> None:
        self.since = since
        self._waiting = [Wait(Target.FIRST_ANSWER, since), Wait(Target.RESOLUTION, since)]
        self._waits: list[Wait] = []
        self._holding: list[Hold] = []
        self._holds: list[Hold] = []
        self._passed_over: list[PassedOver] = []

    def answer(self, end: End) -> None:
        """An answer came."""
        still = [each for each in self._waiting if each.target is Target.RESOLUTION]
        self._waits += [replace(each, end=end) for each in self._waiting if each not in still]
        self._waiting = still

    def ask(self, at: datetime) -> None:
        """The author speaks: what was asked of them is answered, and after a first answer they wait for the next."""
        self.release(Cause.NEEDS_INFO, at, is_answered=True)
        if all(each.target is Target.RESOLUTION for each in self._waiting):
            self._waiting.append(Wait(Target.NEXT_ANSWER, at))

    def hold(self, hold: Hold) -> None:
        """The clock stands still. Pauses may overlap, each with its reason; the other causes hold once."""
        if hold.cause is Cause.PAUSE or all(each.cause is not hold.cause for each in self._holding):
            self._holding.append(hold)

    def release(self, cause: Cause, at: datetime, *, is_answered: bool = False) -> None:
        """Nothing of this cause holds the clock any more."""
        over = [each for each in self._holding if each.cause is cause]
        self._holds += [replace(each, until=at, is_answered=is_answered) for each in over]
        self._holding = [each for each in self._holding if each.cause is not cause]

    def pass_over(self, comment: PassedOver) -> None:
        """A comment was no answer; after the first one nobody needs to know."""
        if any(each.target is Target.FIRST_ANSWER for each in self._waiting):
            self._passed_over.append(comment)

    def so_far(self, end: End | None = None) -> Round:
        """Return the round, ended by this or still open."""
        waits = [*self._waits, *(replace(each, end=end) for each in self._waiting)]
        holds = [*self._holds, *(replace(each, until=end.at if end else None) for each in self._holding)]
        return Round(
            self.since,
            tuple(sorted(waits, key=lambda each: each.since)),
            tuple(sorted(holds, key=lambda each: each.since)),
            tuple(self._passed_over),
            end,
        )


class _Reader:
    """Knows what is so at one moment, and writes down what changes."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._author: Actor | None = None
        self._labels: dict[str, Kind | None] = {}
        self._known: dict[str, Kind | None] = {}
        self._type: Kind | None = None
        self._round: _OpenRound | None = None
        self._rounds: list[Round] = []
        self._marks: list[Marks] = []
        self._assignees: dict[str, None] = {}
        self._taken_off: dict[str, datetime] = {}
        self._asked: Happening | None = None
        self._is_answered = False

    def past(self) -> Past:
        """Return everything read so far."""
        now = (self._round.so_far(),) if self._round else ()
        return Past(
            (*self._rounds, *now),
            tuple(self._marks),
            self._author,
            tuple(self._assignees),
            self._taken_off,
            self._is_answered,
        )

    def take(self, each: Happening) -> None:
        """Take note of one thing that happened."""
        match each.what:
            case What.OPENED:
                self._author, self._round = each.actor, _OpenRound(each.at)
            case What.COMMENTED:
                self._comment(each, each.remark or Remark(is_substantive=False))
            case What.LABELED | What.UNLABELED | What.TYPED:
                self._mark(each)
            case What.CLOSED:
                self._close(each)
            case What.REOPENED:
                self._reopen(each)
            case What.TRANSFERRED | What.CONVERTED | What.DELETED:
                self._finish(End(_LEFT[each.what], each.at, each.actor))
            case What.ASSIGNED | What.UNASSIGNED:
                self._assign(each)
            case What.COMMENT_DELETED | What.ARRIVED | What.MILESTONED | What.DEMILESTONED | What.RENAMED:
                pass  # nothing hangs on these

    def _comment(self, each: Happening, remark: Remark) -> None:
        why = _no_answer(each, remark, self._author)
        if _is_maintainer(each):
            self._obey(each, remark)
        if why is Why.AUTHOR and remark.is_substantive:
            self._is_answered, self._asked = self._is_answered or self._asked is not None, None
        if self._round is None:
            return
        if why is None:
            self._round.answer(End(How.ANSWERED, each.at, each.actor))
        elif why is not Why.AUTHOR:
            self._round.pass_over(PassedOver(each.at, each.actor, why))
        elif remark.is_substantive:
            self._round.ask(each.at)

    def _mark(self, each: Happening) -> None:
        name = each.name or ""
        match each.what:
            case What.LABELED:
                self._labels[name.casefold()] = self._kind_of(name)
            case What.UNLABELED:
                self._labels.pop(name.casefold(), None)
                if each.actor and not each.actor.is_bot:
                    self._taken_off[name.casefold()] = each.at
            case _:
                self._type = kind_of_name(name)
        kinds = frozenset(kind for kind in (*self._labels.values(), self._type) if kind)
        self._marks.append(Marks(each.at, frozenset(self._labels), kinds))
        if each.what is not What.TYPED and same(name, self._config.labels.needs_info):
            self._question(each)

    def _kind_of(self, label: str) -> Kind | None:
        if label not in self._known:
            self._known[label] = kind_of_label(label, self._config)
        return self._known[label]

    def _question(self, each: Happening) -> None:
        if each.what is What.LABELED:
            self._ask(each)
            return
        self._asked = None
        if self._round:
            self._round.release(Cause.NEEDS_INFO, each.at)

    def _ask(self, each: Happening) -> None:
        """Something is asked of the author; asked of a closed issue it holds the round that a reopening begins."""
        self._asked, self._is_answered = each, False
        if self._round:
            self._round.hold(Hold(Cause.NEEDS_INFO, each.at, each.actor))

    def _obey(self, each: Happening, remark: Remark) -> None:
        for order in remark.orders:
            match order.action:
                case "needs-info":
                    self._ask(each)
                case "pause" if self._round:
                    self._round.hold(Hold(Cause.PAUSE, each.at, each.actor, order.reason))
                case "resume" if self._round:
                    self._round.release(Cause.PAUSE, each.at)
                case "pause" | "resume":
                    pass  # nothing runs that could stand still

    def _assign(self, each: Happening) -> None:
        self._assignees.pop(each.name or "", None)
        if each.what is What.ASSIGNED and each.name:
            self._assignees[each.name] = None

    def _close(self, each: Happening) -> None:
        """End the round if somebody in charge closed it; closed by anybody else it only stands still."""
        if each.commit or _is_maintainer(each):
            self._finish(End(How.CLOSED, each.at, each.actor))
        elif self._author and each.actor and each.actor.id == self._author.id:
            self._finish(End(How.WITHDRAWN, each.at, each.actor))
        elif self._round:
            self._round.hold(Hold(Cause.CLOSED, each.at, each.actor))

    def _reopen(self, each: Happening) -> None:
        if self._round:
            self._round.release(Cause.CLOSED, each.at)
        elif self._rounds:
            self._round = _OpenRound(each.at)
            if self._asked:
                self._round.hold(Hold(Cause.NEEDS_INFO, each.at, self._asked.actor))

    def _finish(self, end: End) -> None:
        if self._round:
            self._rounds.append(self._round.so_far(end))
            self._round = None


def _is_maintainer(each: Happening) -> bool:
    is_human = each.actor is not None and not each.actor.is_bot
    return is_human and each.role is not None and each.role >= Role.TRIAGE


def _no_answer(each: Happening, remark: Remark, author: Actor | None) -> Why | None:
    """Say why a comment does not answer; the first reason that applies."""
    if each.actor and author and each.actor.id == author.id:
        return Why.AUTHOR
    if each.actor and each.actor.is_bot:
        return Why.BOT
    if remark.is_automatic:
        return Why.AUTO_REPLY
    if each.role is None:
        return Why.UNKNOWN
    if not _is_maintainer(each):
        return Why.ROLE
    return None if remark.is_substantive else Why.EMPTY
