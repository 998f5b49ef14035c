"""What each verb does once it may: the effects that make it true, and what Reeve is to remember."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from bot.config import Config
from bot.model.decisions import Override
from bot.model.effects import Assign, Effect, SetLabels
from bot.model.facts import Facts, Memory
from bot.model.gates import ACKNOWLEDGED
from bot.model.kinds import Kind
from bot.model.trains import Asked
from bot.model.verdicts import Message
from bot.policies import language
from bot.policies.commands import answers
from bot.policies.commands.guard import Admitted
from bot.policies.commands.situation import Situation
from bot.policies.sla.status import status
from bot.policies.triage.vocabulary import kind_of_label, kind_of_name, same


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a command: data to tell, things to make true, and what to remember."""

    message: Message | None = None
    effects: tuple[Effect, ...] = ()
    remember: Memory | None = None
    override: Override | None = None
    quoted: tuple[Message, ...] = ()
    asked: Asked | None = None


def carry_out(admitted: Admitted, situation: Situation, config: Config) -> Done:
    """Return what the command makes of the situation; every available verb has its function here."""
    return ACTIONS[admitted.verb.name](admitted, situation, config)


def _help(admitted: Admitted, situation: Situation, _: Config) -> Done:
    return Done(answers.helped(admitted.bound.get("verb"), situation.registry))


def _why(_: Admitted, situation: Situation, config: Config) -> Done:
    own = config.labels
    holds = tuple(label for label in (own.hold, own.needs_info, own.needs_triage) if _find(label, situation.facts))
    message, quoted = answers.explained(situation, holds)
    return Done(message, quoted=quoted)


def _label(admitted: Admitted, situation: Situation, _: Config) -> Done:
    signed = admitted.bound.all("labels")
    add = tuple(text[1:] for text in signed if text[0] == "+")
    return Done(effects=_labels(situation.facts, add=add, remove=tuple(text[1:] for text in signed if text[0] == "-")))


def _kind(admitted: Admitted, situation: Situation, config: Config) -> Done:
    """Swap the mark of kind for this one, as a person's: Reeve forgets its own, and so never argues with it."""
    facts, kind = situation.facts, Kind(admitted.bound.one("kind"))
    label = config.labels.of(kind)
    others = tuple(sorted(each for each in facts.issue.labels if _is_mark(each, config) and not same(each, label)))
    fitting = (each for each in facts.issue_types if kind_of_name(each) is kind)
    type_ = next((each for each in fitting if not same(each, facts.issue.type)), None)
    effects = _labels(facts, add=(label,), remove=others, type_=type_)
    return Done(effects=effects, remember=replace(facts.memory, label=None, type=None, is_applied=False))


def _is_mark(label: str, config: Config) -> bool:
    return kind_of_label(label, config) is not None or same(label, config.labels.needs_triage)


def _assign(admitted: Admitted, situation: Situation, _: Config) -> Done:
    users = admitted.bound.all("users")
    commenter = (situation.comment.author.login,) if situation.comment.author and not users else ()
    add = tuple(each.lstrip("@") for each in users if not each.startswith("-"))
    remove = tuple(each.lstrip("-@") for each in users if each.startswith("-"))
    return Done(effects=(Assign(situation.facts.issue.subject, add=commenter + add, remove=remove),))


def _needs_info(_: Admitted, situation: Situation, config: Config) -> Done:
    return Done(effects=_labels(situation.facts, add=(config.labels.needs_info,)))


def _hold(admitted: Admitted, situation: Situation, config: Config) -> Done:
    label, is_over = (config.labels.hold,), admitted.bound.get("action") == "cancel"
    return Done(effects=_labels(situation.facts, add=() if is_over else label, remove=label if is_over else ()))


def _override(admitted: Admitted, situation: Situation, config: Config) -> Done:
    if admitted.bound.get("case") is not None:
        return _asked(admitted, situation, config)
    until = admitted.bound.get("until")
    override = Override(
        situation.facts.issue.subject,
        gate=admitted.bound.one("gate"),
        head_sha=admitted.sha,
        reason=admitted.bound.one("reason"),
        until=date.fromisoformat(until) if until else None,
        by=situation.comment.author.login if situation.comment.author else "",
    )
    return Done(override=override)


def _ack(admitted: Admitted, situation: Situation, _: Config) -> Done:
    """Keep that a maintainer has seen what this very commit changes of protected paths."""
    by = situation.comment.author.login if situation.comment.author else ""
    seen = Override(situation.facts.issue.subject, ACKNOWLEDGED, admitted.sha, reason="", until=None, by=by)
    return Done(override=seen)


def _asked(admitted: Admitted, situation: Situation, config: Config) -> Done:
    """Pass on what is wanted of a release, or of the suite: it is answered when GitHub was looked at."""
    author = situation.comment.author
    assert author is not None  # nobody else is heard
    given = tuple((each.name, each.value) for each in admitted.bound.given)
    asked = Asked(
        subject=situation.facts.issue.subject,
        comment_id=situation.comment.id,
        verb=admitted.verb.name,
        given=given,
        by=author.login,
        user_id=author.id,
        role=situation.role,
        written_at=situation.comment.created_at,
        language=language.choose(config, situation.facts.issue),
        head_sha=admitted.sha,
    )
    return Done(asked=asked)


def _retest(_: Admitted, __: Situation, ___: Config) -> Done:
    """Leave the work to the gates, which are judged anew whenever this verb was used."""
    return Done()


def _sla(admitted: Admitted, situation: Situation, config: Config) -> Done:
    """Say how the clock stands. A pause and its end need nothing more: the comment itself is part of what happened."""
    is_asked = admitted.bound.one("action") == "status"
    return Done(status(situation.facts, config, situation.comment.created_at) if is_asked else None)


ACTIONS: dict[str, Callable[[Admitted, Situation, Config], Done]] = {
    "help": _help,
    "why": _why,
    "label": _label,
    "kind": _kind,
    "assign": _assign,
    "needs-info": _needs_info,
    "hold": _hold,
    "override": _override,
    "benchmark": _asked,
    "release": _asked,
    "ack": _ack,
    "retest": _retest,
    "sla": _sla,
}


def _labels(
    facts: Facts, *, add: tuple[str, ...] = (), remove: tuple[str, ...] = (), type_: str | None = None
) -> tuple[SetLabels, ...]:
    """Return the one change of labels that is still needed, or nothing."""
    missing = tuple(each for each in dict.fromkeys(add) if not _find(each, facts))
    present = tuple(name for each in dict.fromkeys(remove) if (name := _find(each, facts)))
    if not missing and not present and type_ is None:
        return ()
    current = tuple(sorted(facts.issue.labels))
    return (SetLabels(facts.issue.subject, add=missing, remove=present, type=type_, current=current),)


def _find(label: str, facts: Facts) -> str | None:
    """Return the label as the issue carries it; to GitHub `Bug` and `bug` are one."""
    return next((each for each in sorted(facts.issue.labels) if same(each, label)), None)
