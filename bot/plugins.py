"""What a plugin may add to Reeve, and the care that a failing one harms nobody else.

A plugin gives verdicts and data. It gets facts, settings and the time, never GitHub, the database or the templates.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

import pluggy

from bot.config import Config
from bot.model.effects import Assign, Effect, SetLabels
from bot.model.facts import Facts, Issue
from bot.model.verdicts import Data, Message, Outcome, Verdict

#: The group of entry points in which a package names its plugin; also what pluggy calls this project.
GROUP = "reeve"

#: The message with which a plugin speaks; see `note`.
NOTE = "plugins/note"

#: What of a message's data a plugin may set, and only where the message has it: text that is always shown literally.
OPEN = frozenset({"welcome"})

#: GitHub's own limit.
LONGEST_LABEL = 50

Policy = Callable[[Facts, Config, datetime], Verdict]
Report = Callable[[str, Exception], None]

hookspec = pluggy.HookspecMarker(GROUP)
hookimpl = pluggy.HookimplMarker(GROUP)


class Hooks(Protocol):
    """What a plugin may implement; each has its section in `docs/plugins.md`."""

    @hookspec
    def policies(self) -> Sequence[Policy]:
        """Return the plugin's policies in the order in which they are to decide."""

    @hookspec
    def message_data(self, key: str, data: Mapping[str, Data]) -> Mapping[str, Data]:
        """Return data to show in a message instead of its own; `OPEN` names what may be set."""


class Entry(Protocol):
    """An entry point, as `importlib.metadata` gives it."""

    @property
    def name(self) -> str:
        """The plugin's name."""
        ...

    def load(self) -> object:
        """Import the plugin."""
        ...


class NotAllowed(Exception):
    """A plugin gave what it may not give."""


def note(english: str, chinese: str = "") -> Message:
    """Return a plugin's words as a message, shown literally in the author's language, or in the one there is."""
    return Message(NOTE, {"english": english, "chinese": chinese})


class Plugins:
    """Reeve's own policies and all plugins, in the order of their names."""

    def __init__(self, own: object, entries: Iterable[Entry], report: Report) -> None:
        """Load the plugins; one that cannot be loaded is reported and stands as a verdict that nobody knows."""
        self._own, self._report = _hooks(own, GROUP), report
        self._loaded: dict[str, pluggy.HookRelay | None] = {}
        for entry in sorted(entries, key=lambda entry: entry.name):
            self._load(entry)

    def policies(self) -> tuple[Policy, ...]:
        """Return Reeve's own policies, then those of the plugins, each of them guarded."""
        own = (Own(policy, self) for each in self._own.policies() for policy in each)
        return (*own, *(policy for name, hooks in self._loaded.items() for policy in self._policies(name, hooks)))

    def with_data(self, message: Message) -> Message:
        """Return the message with what the plugins add to its data; the first by name prevails."""
        added: dict[str, Data] = {}
        for name, hooks in self._loaded.items():
            try:
                given = hooks.message_data(key=message.key, data=dict(message.data)) if hooks else ()
                for each in given:
                    added = _open(each, message) | added
            except Exception as error:  # noqa: BLE001  a plugin's bug is not Reeve's
                self._report(name, error)
        return replace(message, data={**message.data, **added}) if added else message

    def guarded(self, name: str, policy: Policy, facts: Facts, config: Config, now: datetime) -> Verdict:
        """Return a plugin's verdict under its name, or that nobody knows where it failed."""
        try:
            return _allowed(name, policy(facts, config, now), facts.issue)
        except Exception as error:  # noqa: BLE001  a plugin's bug is not Reeve's
            self._report(name, error)
            return _failed(name)

    def _load(self, entry: Entry) -> None:
        try:
            if entry.name in self._loaded:
                raise NotAllowed("another plugin has this name")  # noqa: TRY301  reported like the rest
            self._loaded[entry.name] = _hooks(entry.load(), entry.name)
        except Exception as error:  # noqa: BLE001  a plugin's bug is not Reeve's
            self._report(entry.name, error)
            self._loaded[entry.name] = None

    def _policies(self, name: str, hooks: pluggy.HookRelay | None) -> list[Policy]:
        if hooks is None:
            return [Broken(name)]
        try:
            return [Guarded(name, policy, self) for each in hooks.policies() for policy in each]
        except Exception as error:  # noqa: BLE001  a plugin's bug is not Reeve's
            self._report(name, error)
            return [Broken(name)]


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
class Broken:
    """What stands for a plugin that could not be loaded."""

    name: str

    def __call__(self, facts: Facts, config: Config, now: datetime) -> Verdict:  # noqa: ARG002
        """Say that nobody knows."""
        return _failed(self.name)


def _failed(name: str) -> Verdict:
    return Verdict(_policy(name), "failed", Outcome.UNKNOWN)


def _policy(name: str) -> str:
    return f"plugin:{name}"


def _open(added: Mapping[str, Data], message: Message) -> dict[str, Data]:
    """Return what may be set of what a plugin wants to set."""
    wanted = {name: value for name, value in added.items() if name in message.data}
    if unknown := sorted(set(wanted) - OPEN):
        raise NotAllowed(f"{', '.join(unknown)} of a message cannot be set by a plugin")
    if not all(isinstance(value, str) for value in wanted.values()):
        raise NotAllowed("a plugin's data must be text")
    return wanted


def _allowed(name: str, verdict: object, issue: Issue) -> Verdict:
    """Return the verdict as a plugin may give it: under its own name, about this issue, remembering nothing."""
    if (
        not isinstance(verdict, Verdict)
        or not isinstance(verdict.outcome, Outcome)
        or not isinstance(verdict.rule, str)
    ):
        raise NotAllowed("a policy must return a Verdict")
    if verdict.wake_at is not None and verdict.wake_at.tzinfo is None:
        raise NotAllowed("wake_at must have a time zone")
    effects = tuple(effect for each in verdict.effects for effect in _effect(each, issue))
    message = _message(name, verdict.message)
    return replace(verdict, policy=_policy(name), message=message, effects=effects, remember=None)


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
