"""May this command run, here and now? The first thing that speaks against it is the answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.model.roles import Who
from bot.model.verbs import Bound, Risk, Verb, Where
from bot.model.verdicts import Data
from bot.policies.commands.arguments import Mistake, bind
from bot.policies.commands.grammar import Command
from bot.policies.commands.registry import BEGINS, OWN, Registry
from bot.policies.commands.situation import Situation


class Reason(StrEnum):
    """Why something did not run."""

    UNKNOWN_COMMAND = "unknown-command"
    TOO_MANY = "too-many"
    PERMISSION = "permission"
    SELF_APPROVAL = "self-approval"
    NOT_A_PR = "not-a-pr"
    NOT_AN_ISSUE = "not-an-issue"
    CLOSED = "closed"
    BAD_ARGUMENT = "bad-argument"
    STALE = "stale-or-edited"
    HEAD_MOVED = "head-moved"
    NOT_AVAILABLE = "not-available"
    TOO_OLD = "too-old"
    TOO_OFTEN = "too-often"
    OVERTAKEN = "overtaken"


@dataclass(frozen=True, slots=True)
class Admitted:
    """A command that may run: its arguments, and the commit that it is bound to (None on an issue)."""

    verb: Verb
    bound: Bound
    sha: str | None

    @property
    def argv(self) -> tuple[str, ...]:
        """The command as one list of words, without the commit."""
        return (self.verb.name, *(each.text for each in self.bound.given if each.name != "sha"))


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a command may not run, and what to say about it."""

    reason: Reason
    data: Mapping[str, Data] = field(default_factory=dict)


#: A command that is found later than this after it was written is no longer carried out.
OLDEST: Mapping[Risk, timedelta] = {Risk.LOW: timedelta(days=7), Risk.HIGH: timedelta(days=1)}

_Check = Callable[[Verb, Command, Situation], Refusal | None]


def ignored(situation: Situation) -> str | None:
    """Say why nothing in this comment can be a command; None means that it is to be read."""
    if situation.action != "created":
        return situation.action
    if situation.comment.author is None or situation.comment.author.is_bot:
        return "not-a-person"
    return "deleted" if situation.comment_now is None else None


def who_may(command: Command, registry: Registry = OWN) -> Who:
    """Return who may give this command: only for some is GitHub to be asked for the person's role."""
    return registry.by_name[command.verb].allowed(command.arguments)


def admit(command: Command, situation: Situation, now: datetime) -> Admitted | Refusal:
    """Check everything that could speak against the command, the person first."""
    verb = situation.registry.by_name[command.verb]
    for check in _BEFORE_ARGUMENTS:
        if refusal := check(verb, command, situation):
            return refusal
    bound = _arguments(verb, command, situation.registry, now)
    if isinstance(bound, Mistake):
        return Refusal(Reason.BAD_ARGUMENT, {"argument": bound.argument, "missing": bound.missing})
    return (
        _gate(bound, situation)
        or _age(verb, situation, now)
        or _text(verb, situation)
        or _commit(verb, bound, situation)
        or Admitted(verb, bound, situation.head.now if situation.head else None)
    )


def _person(verb: Verb, command: Command, situation: Situation) -> Refusal | None:
    who = verb.allowed(command.arguments)
    if who.includes(situation.role, is_author=situation.is_author):
        return None
    return Refusal(Reason.PERMISSION, {"who": who.value, "is_checked": situation.role is not None})


def _self(verb: Verb, _: Command, situation: Situation) -> Refusal | None:
    return Refusal(Reason.SELF_APPROVAL) if verb.is_for_others and situation.is_author else None


def _place(verb: Verb, _: Command, situation: Situation) -> Refusal | None:
    if verb.where is Where.PULL_REQUEST and situation.head is None:
        return Refusal(Reason.NOT_A_PR)
    if verb.where is Where.ISSUE and situation.head is not None:
        return Refusal(Reason.NOT_AN_ISSUE)
    return Refusal(Reason.CLOSED) if verb.needs_open and not situation.facts.issue.is_open else None


_BEFORE_ARGUMENTS: tuple[_Check, ...] = (_person, _self, _place)


def _arguments(verb: Verb, command: Command, registry: Registry, now: datetime) -> Bound | Mistake:
    bound = bind(verb.parameters, command.arguments)
    if isinstance(bound, Mistake):
        return bound
    odd = _ODD[verb.name](bound) if verb.name in _ODD else None
    return odd or _contradiction(bound, registry, now) or bound


def _contradiction(bound: Bound, registry: Registry, now: datetime) -> Mistake | None:
    """Find what is well formed and still means nothing: no such verb, a day that is over, a label both ways."""
    name, until = bound.get("verb"), bound.get("until")
    if name is not None and name not in registry.by_name:
        return Mistake(name)
    if until is not None and not _is_to_come(until, now):
        return Mistake(f"until={until}")
    signs = {each.value[1:].casefold(): each.value[0] for each in bound.given if each.name == "labels"}
    both = (text for text in bound.all("labels") if signs[text[1:].casefold()] != text[0])
    return next((Mistake(text) for text in both), None)


def _odd_release(bound: Bound) -> Mistake | None:
    """Find what a step of a release does not take, or lacks: `cut` needs a number, only a beginning takes a ref."""
    step, version, ref, sha = (bound.get(name) for name in ("step", "version", "ref", "sha"))
    if step == "cut" and version is None:
        return Mistake(missing="version")
    if version is not None and step not in {"cut", "plan"}:
        return Mistake(version)
    if ref is not None and (step not in BEGINS or sha is not None):
        return Mistake(ref)
    return Mistake(sha) if sha is not None and step not in {*BEGINS, "approve"} else None


def _odd_override(bound: Bound) -> Mistake | None:
    """Find an override of nothing, or of two things at once."""
    gate, case = bound.get("gate"), bound.get("case")
    if gate is None and case is None:
        return Mistake(missing="gate")
    return Mistake(case) if gate is not None and case is not None else None


#: Verbs whose commit is not the head of the pull request that they stand under: that of a release is its candidate.
_OF_ANOTHER_COMMIT = frozenset({"release"})

#: What is well formed and still means nothing, by verb.
_ODD: Mapping[str, Callable[[Bound], Mistake | None]] = {"release": _odd_release, "override": _odd_override}


def _is_to_come(until: str, now: datetime) -> bool:
    try:
        return date.fromisoformat(until) >= now.date()
    except ValueError:
        return False


def _gate(bound: Bound, situation: Situation) -> Refusal | None:
    """Refuse to answer for a gate where there is none: issues have no gates, their releases have cases."""
    return Refusal(Reason.NOT_A_PR) if bound.get("gate") is not None and situation.head is None else None


def _age(verb: Verb, situation: Situation, now: datetime) -> Refusal | None:
    """Refuse what was written too long ago: whoever wrote it expects nothing of it any more, or has seen to it."""
    oldest = OLDEST[verb.risk]
    return Refusal(Reason.TOO_OLD, {"days": oldest.days}) if now - situation.comment.created_at > oldest else None


def _text(verb: Verb, situation: Situation) -> Refusal | None:
    """Refuse if the words are no longer those that came; for a risky verb, if they were ever touched."""
    is_stale = situation.is_touched if verb.risk is Risk.HIGH else situation.is_changed
    return Refusal(Reason.STALE) if is_stale else None


def _commit(verb: Verb, bound: Bound, situation: Situation) -> Refusal | None:
    """Refuse a risky verb unless the commit that the person saw, and perhaps named, is the head without doubt."""
    head = situation.head
    if verb.risk is not Risk.HIGH or head is None:
        return None
    is_same = head.now is not None and head.seen == head.now and not head.has_been_pushed
    named = "" if verb.name in _OF_ANOTHER_COMMIT else bound.get("sha") or ""
    if is_same and head.now is not None and head.now.startswith(named):
        return None
    return Refusal(Reason.HEAD_MOVED, {"head": head.now})
