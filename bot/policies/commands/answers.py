"""What is said of a command: the keys of messages and their data. Doing what was asked needs no words."""

from datetime import datetime

from bot.model.facts import Facts
from bot.model.verbs import Verb
from bot.model.verdicts import Data, Message, Outcome
from bot.policies.commands import rate
from bot.policies.commands.grammar import MAX_COMMANDS, TooMany, Unknown
from bot.policies.commands.guard import Reason, Refusal
from bot.policies.commands.registry import Registry
from bot.policies.commands.situation import Situation

_IN_ORDER = frozenset({Outcome.PASS, Outcome.NOT_APPLICABLE})


def helped(name: str | None, registry: Registry) -> Message:
    """Explain one verb, or list all: those that can be used, then those that are still to come."""
    verbs = (registry.by_name[name],) if name else tuple(each for each in registry.verbs if each.is_available)
    later = () if name else tuple(each.name for each in registry.verbs if not each.is_available)
    data: dict[str, Data] = {
        "names": tuple(each.name for each in verbs),
        "usages": tuple(each.usage for each in verbs),
        "allowed": tuple(each.who.value for each in verbs),
        "english": tuple(each.english for each in verbs),
        "chinese": tuple(each.chinese for each in verbs),
        "examples": verbs[0].examples if name else (),
        "is_available": verbs[0].is_available,
        "later": later,
    }
    return Message("commands/help", data)


def explained(situation: Situation, labels: tuple[str, ...]) -> tuple[Message, tuple[Message, ...]]:
    """Tell what holds the subject up, with the other policies' own words on it."""
    blocking = tuple(each for each in situation.verdicts if each.outcome not in _IN_ORDER)
    quoted = tuple(each.message for each in blocking if each.message)
    data: dict[str, Data] = {
        "is_open": situation.facts.issue.is_open,
        "labels": labels,
        "rules": tuple(f"{each.policy}: {each.rule}" for each in blocking),
        "is_unknown": any(each.outcome is Outcome.UNKNOWN for each in blocking),
        "since": _since(situation, situation.facts),
    }
    return Message("commands/why", data), quoted


def _since(situation: Situation, facts: Facts) -> str:
    return (situation.since or facts.issue.created_at).isoformat()


def refused(verb: Verb, refusal: Refusal) -> Message:
    """Say why a command was not carried out; what was mistyped is shown as it should be typed."""
    if refusal.reason is Reason.BAD_ARGUMENT:
        return _usage(verb, refusal)
    data: dict[str, Data] = {
        "verb": verb.name,
        "reason": refusal.reason.value,
        "who": refusal.data.get("who"),
        "is_checked": refusal.data.get("is_checked"),
        "head": refusal.data.get("head"),
        "limit": MAX_COMMANDS,
        "days": refusal.data.get("days"),
        "moment": None,
    }
    return Message("commands/refused", data)


def _usage(verb: Verb, refusal: Refusal) -> Message:
    data: dict[str, Data] = {
        "verb": verb.name,
        "usage": verb.usage,
        "examples": verb.examples,
        "argument": refusal.data["argument"] or None,
        "missing": refusal.data["missing"] or None,
    }
    return Message("commands/usage", data)


def too_many(_: TooMany) -> Message:
    """Say that a comment may hold only so many commands."""
    return _refused_as_a_whole(Reason.TOO_MANY, limit=MAX_COMMANDS)


def too_often(next_at: datetime) -> Message:
    """Say that an account gave more commands than it may in this time, and from when on it may again."""
    return _refused_as_a_whole(Reason.TOO_OFTEN, limit=rate.BURST, moment=next_at.isoformat())


def _refused_as_a_whole(reason: Reason, *, limit: int, moment: str | None = None) -> Message:
    nothing = dict.fromkeys(("verb", "who", "is_checked", "head", "days"))
    return Message("commands/refused", {**nothing, "reason": reason.value, "limit": limit, "moment": moment})


def unknown(found: Unknown) -> Message:
    """Say that a verb is not known, and which one may have been meant."""
    return Message("commands/unknown", {"verb": found.verb, "suggestion": found.suggestion})


def failed(verb: Verb) -> Message:
    """Say that the plugin which brings a verb failed."""
    return Message("commands/failed", {"verb": verb.name})


def not_available(verb: Verb) -> Message:
    """Say that a verb is to come and cannot be used yet."""
    return Message("commands/not_available", {"verb": verb.name})
