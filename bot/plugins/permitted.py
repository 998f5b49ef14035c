"""What a plugin may give: everything that comes from one is checked here before it counts."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import cast

from bot.classifier import Classifier
from bot.model.effects import Assign, Effect, SetLabels
from bot.model.facts import Issue
from bot.model.roles import Who
from bot.model.samples import Samples
from bot.model.scores import Scores
from bot.model.verbs import Parameter, Risk, Type, Verb
from bot.model.verdicts import Data, Message, Outcome, Verdict
from bot.plugins.hooks import NOTE, Command, Redactor, Report, ReportParser, Scorer
from bot.reports.measured import CoverageReport

#: What of a message's data a plugin may set, and only where the message has it: text that is always shown literally.
OPEN = frozenset({"welcome"})

#: GitHub's own limit.
LONGEST_LABEL = 50

LONGEST_SUMMARY = 200

#: So much may probabilities miss 1 by.
_ROUNDING = 1e-6


class NotAllowed(Exception):
    """A plugin gave what it may not give."""


def failed(name: str) -> Verdict:
    """Return the verdict that stands for a plugin that failed: nobody knows."""
    return Verdict(policy(name), "failed", Outcome.UNKNOWN)


def policy(name: str) -> str:
    """Return under which name a plugin's verdicts are kept."""
    return f"plugin:{name}"


def data(added: Mapping[str, Data], message: Message) -> dict[str, Data]:
    """Return what may be set of what a plugin wants to set."""
    wanted = {name: value for name, value in added.items() if name in message.data}
    if unknown := sorted(set(wanted) - OPEN):
        raise NotAllowed(f"{', '.join(unknown)} of a message cannot be set by a plugin")
    if not all(isinstance(value, str) for value in wanted.values()):
        raise NotAllowed("a plugin's data must be text")
    return wanted


def verdict(name: str, given: object, issue: Issue) -> Verdict:
    """Return the verdict as a plugin may give it: under its own name, about this issue, remembering nothing."""
    if not isinstance(given, Verdict) or not isinstance(given.outcome, Outcome) or not isinstance(given.rule, str):
        raise NotAllowed("a plugin must return a Verdict")
    if given.wake_at is not None and given.wake_at.tzinfo is None:
        raise NotAllowed("wake_at must have a time zone")
    effects = tuple(effect for each in given.effects for effect in _effect(each, issue))
    return replace(given, policy=policy(name), message=_message(name, given.message), effects=effects, remember=None)


def command(given: object) -> Command:
    """Return a plugin's command if its verb may be one."""
    if not isinstance(given, Command) or not isinstance(given.verb, Verb) or not callable(given.handle):
        raise NotAllowed("a command must be a Command with a Verb")
    verb = given.verb
    if not all(re.fullmatch(Type.WORD.value, name) for name in (verb.name, *verb.aliases)):
        raise NotAllowed("a verb is written in small ASCII letters, digits and hyphens")
    if not isinstance(verb.who, Who) or not all(isinstance(each, Parameter) for each in verb.parameters):
        raise NotAllowed(f"/{verb.name} must say who may use it, and what it may be given")
    if not 0 < len(verb.english) <= LONGEST_SUMMARY or len(verb.chinese) > LONGEST_SUMMARY or not verb.examples:
        raise NotAllowed(f"/{verb.name} must have examples, and say what it does in {LONGEST_SUMMARY} characters")
    if verb.risk is Risk.HIGH and verb.who.role is None:
        raise NotAllowed(f"/{verb.name} is risky and cannot be for anyone")
    return replace(given, verb=replace(verb, is_available=True))


def classifier(given: object) -> Classifier:
    """Return a plugin's classifier if it can be one."""
    _check_shape(given, "a classifier", "classify")
    return cast("Classifier", given)


def scores(given: object) -> Scores:
    """Return what a classifier thinks, if it is probabilities that add up to 1."""
    if not isinstance(given, Scores):
        raise NotAllowed("a classifier must return Scores")
    found = [given.bug, given.feature, given.docs, given.question]
    if not all(0 <= each <= 1 for each in found) or abs(sum(found) - 1) > _ROUNDING:
        raise NotAllowed("the probabilities of a classifier must add up to 1")
    return given


def report_parser(given: object) -> ReportParser:
    """Return a plugin's parser of reports if it can be one."""
    _check_shape(given, "a report parser", "recognises", "parse")
    return cast("ReportParser", given)


def report(given: object) -> Report:
    """Return what a plugin's parser read."""
    if not isinstance(given, CoverageReport | Samples):
        raise NotAllowed("a report parser must return a CoverageReport or Samples")
    return given


def scorer(given: object) -> Scorer:
    """Return a plugin's scorer if it can be one."""
    _check_shape(given, "a scorer", "__call__")
    found = cast("Scorer", given)
    if not isinstance(found.weight, float | int) or not 0 < found.weight <= 1:
        raise NotAllowed("the weight of a scorer must be above 0, and 1 at most")
    return found


def score(given: object) -> float:
    """Return what a scorer says, if it is a score."""
    if not isinstance(given, float | int) or not 0 <= given <= 1:
        raise NotAllowed("a score must be from 0 to 1")
    return float(given)


def _check_shape(given: object, what: str, *calls: str) -> None:
    """Refuse a thing that has no name, or cannot be called so."""
    if not isinstance(getattr(given, "name", None), str) or not all(callable(getattr(given, c, None)) for c in calls):
        raise NotAllowed(f"{what} must have a name, and {' and '.join(calls)}")


def redactor(given: object) -> Redactor:
    """Return a plugin's redactor if it can be one."""
    if not callable(given):
        raise NotAllowed("a redactor must be a function of a text")
    return given


def redacted(given: object) -> str:
    """Return what a redactor made of a text."""
    if not isinstance(given, str):
        raise NotAllowed("a redactor must return a text")
    return given


def _message(name: str, message: Message | None) -> Message | None:
    if message is None:
        return None
    words = {language: message.data.get(language) for language in ("english", "chinese")}
    if message.key != NOTE or not all(isinstance(text, str) for text in words.values()):
        raise NotAllowed("a plugin speaks with note()")
    return Message(NOTE, {**words, "plugin": name})


def _effect(effect: Effect, issue: Issue) -> Iterator[Effect]:
    """Yield what of an effect is not so already; labels and assignees of this issue are all that may be changed."""
    if not isinstance(effect, SetLabels | Assign) or effect.subject != issue.subject:
        raise NotAllowed(f"a plugin may not ask for {type(effect).__name__} here")
    if isinstance(effect, Assign):
        yield effect
        return
    if effect.type is not None:
        raise NotAllowed("a plugin may not set the issue type")
    if not all(0 < len(label) <= LONGEST_LABEL for label in (*effect.add, *effect.remove)):
        raise NotAllowed(f"a label has 1 to {LONGEST_LABEL} characters")
    present = {label.casefold() for label in issue.labels}
    add = tuple(label for label in effect.add if label.casefold() not in present)
    remove = tuple(label for label in effect.remove if label.casefold() in present)
    if add or remove:
        yield replace(effect, add=add, remove=remove, current=tuple(sorted(issue.labels)))
