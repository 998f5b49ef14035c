"""Reeve's own parts and all plugins, each hook asked in the order of the plugins' names and each answer guarded."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, partial
from typing import Protocol, TypeVar

import pluggy

from bot.classifier import Classifier
from bot.config import Config
from bot.model.facts import Facts
from bot.model.scores import Scores
from bot.model.verdicts import Data, Message, Verdict
from bot.plugins import permitted
from bot.plugins.hooks import (
    GROUP,
    Asked,
    Candidate,
    Command,
    Hooks,
    Policy,
    Redactor,
    Report,
    ReportParser,
    Scorer,
)
from bot.plugins.permitted import NotAllowed
from bot.reports.measured import BadReport, Flaw

#: What is told of a plugin that failed: its name, and what went wrong.
Fault = Callable[[str, Exception], None]

Kind = TypeVar("Kind")


class Entry(Protocol):
    """An entry point, as `importlib.metadata` gives it."""

    @property
    def name(self) -> str:
        """The plugin's name."""
        ...

    def load(self) -> object:
        """Import the plugin."""
        ...


class Plugins:
    """Reeve's own parts and all plugins, in the order of their names."""

    def __init__(self, own: object, entries: Iterable[Entry], report: Fault) -> None:
        """Load the plugins; one that cannot be loaded is reported and stands as a verdict that nobody knows."""
        self._own, self._report = _hooks(own, GROUP), report
        self._loaded: dict[str, pluggy.HookRelay | None] = {}
        for entry in sorted(entries, key=lambda entry: entry.name):
            self._load(entry)

    def policies(self) -> tuple[Policy, ...]:
        """Return Reeve's own policies, then those of the plugins, each of them guarded."""
        own = (Own(policy, self) for each in self._own.policies() for policy in each)
        return (*own, *(policy for name in self._loaded for policy in self._policies(name)))

    def commands(self, taken: Collection[str]) -> tuple[Command, ...]:
        """Return the plugins' commands, guarded; a plugin with a verb that is taken already has none at all."""
        known, found = set(taken), list[Command]()
        for name in self._loaded:
            added = self._guarded_commands(name, known)
            known |= {word for each in added for word in (each.verb.name, *each.verb.aliases)}
            found += added
        return tuple(found)

    def classify(self, title: str, body: str) -> tuple[str, Scores] | None:
        """Return the opinion of the first plugin by name that has one, with its classifier's name; None without any."""
        opinions = (self._tried(name, partial(_opinion, one, title, body)) for name, one in self._classifiers)
        return next((opinion for opinion in opinions if opinion), None)

    def read(self, data: bytes) -> Report | None:
        """Return what a report says that a plugin recognises, the first by name; None where none does.

        Raises `BadReport` where it cannot be believed, and also where the plugin fails on it: it is no report then.
        """
        for name, parser in self._report_parsers:
            if self._recognises(name, parser, data):
                return self._parsed(name, parser, data)
        return None

    def scorers(self) -> tuple[Scorer, ...]:
        """Return the plugins' scorers, guarded: one that fails says 0 to everything, and so prefers nothing."""
        given = ((name, one) for name in self._loaded for one in self._given(name, "scorers", permitted.scorer))
        return tuple(Scoring(name, one.name, float(one.weight), one, self) for name, one in given)

    def redact(self, text: str) -> str:
        """Return the text as it may be shown: through Reeve's own redactors, then through those of the plugins."""
        for name, redactor in self._redactors:
            text = self._redacted(name, redactor, text)
        return text

    def scored(self, name: str, scorer: Scorer, prompt: str, candidate: Candidate) -> float:
        """Return what a plugin's scorer says of a candidate; 0 where it failed."""
        return self._tried(name, lambda: permitted.score(scorer(prompt, candidate))) or 0.0

    def with_data(self, message: Message) -> Message:
        """Return the message with what the plugins add to its data; the first by name prevails."""
        added: dict[str, Data] = {}
        for name, hooks in self._loaded.items():
            if hooks:
                added = (self._tried(name, partial(_data, hooks, message)) or {}) | added
        return replace(message, data={**message.data, **added}) if added else message

    def guarded(self, name: str, policy: Policy, facts: Facts, config: Config, now: datetime) -> Verdict:
        """Return a plugin's verdict under its name, or that nobody knows where it failed."""
        return self._verdict(name, facts, lambda: policy(facts, config, now))

    def carried_out(self, name: str, command: Command, asked: Asked) -> Verdict:
        """Return what came of a plugin's command, or that nobody knows where it failed."""
        return replace(self._verdict(name, asked.facts, lambda: command.handle(asked)), wake_at=None)

    def _verdict(self, name: str, facts: Facts, decide: Callable[[], object]) -> Verdict:
        verdict = self._tried(name, lambda: permitted.verdict(name, decide(), facts.issue))
        return verdict or permitted.failed(name)

    def _load(self, entry: Entry) -> None:
        if entry.name in self._loaded:
            self._report(entry.name, NotAllowed("another plugin has this name"))
            self._loaded[entry.name] = None
            return
        self._loaded[entry.name] = self._tried(entry.name, lambda: _hooks(entry.load(), entry.name))

    def _policies(self, name: str) -> list[Policy]:
        hooks = self._loaded[name]
        if hooks is None:
            return [Broken(name)]
        given = self._tried(name, lambda: [policy for each in hooks.policies() for policy in each])
        return [Broken(name)] if given is None else [Guarded(name, policy, self) for policy in given]

    def _guarded_commands(self, name: str, taken: Collection[str]) -> list[Command]:
        given = self._given(name, "commands", permitted.command)
        words = [word for each in given for word in (each.verb.name, *each.verb.aliases)]
        if twice := sorted({word for word in words if word in taken or words.count(word) > 1}):
            self._report(name, NotAllowed(f"/{', /'.join(twice)} is somebody else's, or there twice"))
            return []
        return [Command(each.verb, Obeyed(name, each, self)) for each in given]

    def _given(self, name: str, hook: str, check: Callable[[object], Kind]) -> list[Kind]:
        """Return everything that a plugin gives through a hook; nothing of it where one thing is not as it must be."""
        hooks = self._loaded[name]
        if hooks is None:
            return []
        return self._tried(name, lambda: [check(one) for each in getattr(hooks, hook)() for one in each]) or []

    @cached_property
    def _classifiers(self) -> tuple[tuple[str, Classifier], ...]:
        return tuple(
            (name, one) for name in self._loaded for one in self._given(name, "classifiers", permitted.classifier)
        )

    @cached_property
    def _report_parsers(self) -> tuple[tuple[str, ReportParser], ...]:
        check = permitted.report_parser
        return tuple((name, one) for name in self._loaded for one in self._given(name, "report_parsers", check))

    def _recognises(self, name: str, parser: ReportParser, data: bytes) -> bool:
        return self._tried(name, lambda: parser.recognises(data)) is True

    def _parsed(self, name: str, parser: ReportParser, data: bytes) -> Report:
        found = self._tried(name, lambda: _parsed(parser, data))
        match found:
            case None:
                raise BadReport(Flaw.MALFORMED, f"the plugin {name} could not read it")
            case BadReport():
                raise found
            case _:
                return found

    @cached_property
    def _redactors(self) -> tuple[tuple[str, Redactor], ...]:
        own = ((GROUP, one) for each in self._own.redactors() for one in each)
        added = ((name, one) for name in self._loaded for one in self._given(name, "redactors", permitted.redactor))
        return (*own, *added)

    def _redacted(self, name: str, redactor: Redactor, text: str) -> str:
        """Return what a redactor leaves of the text; one that fails changes nothing, and the others go on."""
        redacted = self._tried(name, lambda: permitted.redacted(redactor(text)))
        return text if redacted is None else redacted

    def _tried(self, name: str, ask: Callable[[], Kind]) -> Kind | None:
        """Return a plugin's answer; None where it failed, which is reported.

        Whatever a plugin raises is caught here, because its bug is not Reeve's and must not stop the others.
        """
        try:
            return ask()
        except Exception as error:  # noqa: BLE001  code that is not ours ends here
            self._report(name, error)
            return None


def _opinion(classifier: Classifier, title: str, body: str) -> tuple[str, Scores]:
    """Return the classifier's name with its opinion."""
    return classifier.name, permitted.scores(classifier.classify(title, body))


def _parsed(parser: ReportParser, data: bytes) -> Report | BadReport:
    """Return what a parser reads, or its word that the report cannot be believed: that is no failure of the plugin."""
    try:
        return permitted.report(parser.parse(data))
    except BadReport as refusal:
        return refusal


def _data(hooks: pluggy.HookRelay, message: Message) -> dict[str, Data]:
    """Return what one plugin adds to a message's data."""
    added: dict[str, Data] = {}
    for each in hooks.message_data(key=message.key, data=dict(message.data)):
        added = permitted.data(each, message) | added
    return added


def _hooks(plugin: object, name: str) -> pluggy.HookRelay:
    """Return one plugin's hooks; each has a manager of its own, so that none can get into another's way."""
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(Hooks)
    manager.register(plugin, name=name)
    manager.check_pending()
    return manager.hook


@dataclass(frozen=True, slots=True)
class Own:
    """A policy of Reeve's own, whose message plugins may add to."""

    policy: Policy
    plugins: Plugins

    def __call__(self, facts: Facts, config: Config, now: datetime) -> Verdict:
        """Decide."""
        verdict = self.policy(facts, config, now)
        return replace(verdict, message=self.plugins.with_data(verdict.message)) if verdict.message else verdict


@dataclass(frozen=True, slots=True)
class Guarded:
    """A plugin's policy."""

    name: str
    policy: Policy
    plugins: Plugins

    def __call__(self, facts: Facts, config: Config, now: datetime) -> Verdict:
        """Decide, or say that nobody knows."""
        return self.plugins.guarded(self.name, self.policy, facts, config, now)


@dataclass(frozen=True, slots=True)
class Obeyed:
    """What carries out a plugin's command."""

    name: str
    command: Command
    plugins: Plugins

    def __call__(self, asked: Asked) -> Verdict:
        """Carry it out, or say that nobody knows."""
        return self.plugins.carried_out(self.name, self.command, asked)


@dataclass(frozen=True, slots=True)
class Scoring:
    """A plugin's scorer."""

    plugin: str
    name: str
    weight: float
    scorer: Scorer
    plugins: Plugins

    def __call__(self, prompt: str, candidate: Candidate) -> float:
        """Return its score, or 0."""
        return self.plugins.scored(self.plugin, self.scorer, prompt, candidate)


@dataclass(frozen=True, slots=True)
class Broken:
    """What stands for a plugin that could not be loaded."""

    name: str

    def __call__(self, facts: Facts, config: Config, now: datetime) -> Verdict:  # noqa: ARG002
        """Say that nobody knows."""
        return permitted.failed(self.name)
