"""From a comment to what comes of each command in it: a verdict, and the words that ran."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.config import Config
from bot.model import trains
from bot.model.decisions import Override
from bot.model.effects import React, Reaction, SetLabels
from bot.model.facts import Facts
from bot.model.subjects import Subject
from bot.model.verdicts import Message, Outcome, Verdict
from bot.plugins import Asked
from bot.policies.commands import answers, ordering
from bot.policies.commands.actions import carry_out
from bot.policies.commands.grammar import Command, TooMany, Unknown, parse
from bot.policies.commands.guard import Admitted, Reason, Refusal, admit, ignored
from bot.policies.commands.situation import Situation

POLICY = "commands"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one command. `ran` is what was carried out, as a list of words; None means that nothing was.

    `sha` is the commit it is bound to; `quoted` are messages of other policies that belong under this one's;
    `touched` are the places that it changed, and `asked` is what it wants of a release.
    """

    verdict: Verdict
    ran: tuple[str, ...] | None = None
    sha: str | None = None
    override: Override | None = None
    quoted: tuple[Message, ...] = ()
    touched: frozenset[str] = frozenset()
    asked: trains.Asked | None = None


def received(situation: Situation) -> React | None:
    """Return the sign that something for Reeve was seen in a comment: it goes out before anything is decided."""
    is_heard = not ignored(situation) and is_for_reeve(parse(situation.comment.body, situation.registry))
    return _reaction(situation, "eyes") if is_heard else None


def is_for_reeve(parsed: tuple[Command | Unknown, ...] | TooMany) -> bool:
    """Say whether anything in a comment is for Reeve, and not all of it for other bots."""
    return isinstance(parsed, TooMany) or any(isinstance(each, Command) or each.is_for_reeve for each in parsed)


def decide_comment(situation: Situation, config: Config, now: datetime) -> tuple[Answer, ...]:
    """Judge all commands of a comment in their order, each on what those before it made of the issue."""
    if ignored(situation):
        return ()
    parsed = parse(situation.comment.body, situation.registry)
    results: list[Answer] = []
    for each in (parsed,) if isinstance(parsed, TooMany) else parsed:
        results.append(decide_command(each, situation, config, now))
        situation = replace(situation, facts=_after(situation.facts, results[-1].verdict))
    return tuple(results)


def _after(facts: Facts, verdict: Verdict) -> Facts:
    labels = (each for each in verdict.effects if isinstance(each, SetLabels))
    return replace(facts, issue=facts.issue.after(labels), memory=verdict.remember or facts.memory)


def decide_command(command: Command | Unknown | TooMany, situation: Situation, config: Config, now: datetime) -> Answer:
    """Carry out one command, or say why not. Never raises on what people wrote."""
    match command:
        case TooMany():
            return _no(Reason.TOO_MANY, situation, answers.too_many(command))
        case Unknown(is_for_reeve=False):
            return Answer(Verdict(POLICY, Reason.UNKNOWN_COMMAND.value, Outcome.NOT_APPLICABLE))
        case Unknown():
            return _no(Reason.UNKNOWN_COMMAND, situation, answers.unknown(command))
        case Command():
            return _decide(command, situation, config, now)


def _decide(command: Command, situation: Situation, config: Config, now: datetime) -> Answer:
    admitted = admit(command, situation, now)
    if isinstance(admitted, Refusal):
        return _no(admitted.reason, situation, answers.refused(situation.registry.by_name[command.verb], admitted))
    if not admitted.verb.is_available:
        return _no(Reason.NOT_AVAILABLE, situation, answers.not_available(admitted.verb))
    left = ordering.remaining(admitted, situation, config)
    if left is None:
        return _overtaken(situation)
    return _carry_out(left, situation, config, now)


def _carry_out(admitted: Admitted, situation: Situation, config: Config, now: datetime) -> Answer:
    if handle := situation.registry.handlers.get(admitted.verb.name):
        return _by_plugin(handle(_asked(admitted, situation, config, now)), admitted, situation)
    done = carry_out(admitted, situation, config)
    verdict = Verdict(
        POLICY,
        admitted.verb.name,
        Outcome.PASS,
        message=done.message,
        effects=(*done.effects, _reaction(situation, "rocket" if done.asked else "+1")),
        remember=done.remember,
    )
    touched = ordering.touched(admitted, situation, config)
    return Answer(verdict, admitted.argv, admitted.sha, done.override, done.quoted, touched, done.asked)


def flooded(comment_id: int, subject: Subject, next_at: datetime) -> Answer:
    """Refuse a comment as a whole because its writer gave too many commands in too short a time."""
    sign = React(subject, comment_id, "-1")
    message = answers.too_often(next_at)
    return Answer(Verdict(POLICY, Reason.TOO_OFTEN.value, Outcome.FAIL, message=message, effects=(sign,)))


def _overtaken(situation: Situation) -> Answer:
    """Return what comes of a command that counts as done: all that it would have changed, a later one has changed."""
    outcome, sign = _sign(Reason.OVERTAKEN)
    return Answer(Verdict(POLICY, Reason.OVERTAKEN.value, outcome, effects=(_reaction(situation, sign),)))


def _asked(admitted: Admitted, situation: Situation, config: Config, now: datetime) -> Asked:
    by = situation.comment.author
    assert by is not None  # nobody else is heard
    return Asked(admitted.bound, by, situation.role, admitted.sha, situation.facts, config, now)


def _by_plugin(verdict: Verdict, admitted: Admitted, situation: Situation) -> Answer:
    """Return what a plugin made of its own command, with the sign that fits and a word where it failed."""
    has_failed = verdict.outcome is Outcome.UNKNOWN and verdict.message is None
    message = answers.failed(admitted.verb) if has_failed else verdict.message
    effects = (*verdict.effects, _reaction(situation, _sign_of(verdict.outcome)))
    ran = None if has_failed else admitted.argv
    return Answer(replace(verdict, message=message, effects=effects), ran, admitted.sha)


def _sign_of(outcome: Outcome) -> Reaction:
    match outcome:
        case Outcome.PASS | Outcome.NOT_APPLICABLE:
            return "+1"
        case Outcome.PENDING:
            return "rocket"
        case Outcome.FAIL:
            return "-1"
        case Outcome.ACTION_REQUIRED | Outcome.UNKNOWN:
            return "confused"


def _no(reason: Reason, situation: Situation, message: Message) -> Answer:
    outcome, sign = _sign(reason)
    return Answer(Verdict(POLICY, reason.value, outcome, message=message, effects=(_reaction(situation, sign),)))


def _sign(reason: Reason) -> tuple[Outcome, Reaction]:
    """Return how a refusal counts: not understood, not yet possible, or not allowed."""
    match reason:
        case Reason.UNKNOWN_COMMAND | Reason.BAD_ARGUMENT:
            return Outcome.ACTION_REQUIRED, "confused"
        case Reason.NOT_AVAILABLE:
            return Outcome.NOT_APPLICABLE, "confused"
        case Reason.OVERTAKEN:
            return Outcome.NOT_APPLICABLE, "+1"
        case (
            Reason.TOO_MANY
            | Reason.PERMISSION
            | Reason.SELF_APPROVAL
            | Reason.NOT_A_PR
            | Reason.NOT_AN_ISSUE
            | Reason.CLOSED
            | Reason.STALE
            | Reason.HEAD_MOVED
            | Reason.TOO_OLD
            | Reason.TOO_OFTEN
        ):
            return Outcome.FAIL, "-1"


def _reaction(situation: Situation, sign: Reaction) -> React:
    return React(situation.facts.issue.subject, situation.comment.id, sign)
