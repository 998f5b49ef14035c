"""The hooks that a plugin may implement, and what is passed through them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import pluggy

from bot.classifier import Classifier
from bot.config import Config
from bot.model.facts import Facts
from bot.model.roles import Role
from bot.model.samples import Samples
from bot.model.subjects import Actor
from bot.model.verbs import Bound, Verb
from bot.model.verdicts import Data, Message, Verdict
from bot.reports.measured import CoverageReport

#: The group of entry points in which a package names its plugin; also what pluggy calls this project.
GROUP = "reeve"

#: The message with which a plugin speaks; see `note`.
NOTE = "plugins/note"

hookspec = pluggy.HookspecMarker(GROUP)
hookimpl = pluggy.HookimplMarker(GROUP)

#: What a report says, once it is read: which lines are covered, or what was measured.
Report = CoverageReport | Samples

#: What decides: facts, settings and the time go in, a verdict comes out.
Policy = Callable[[Facts, Config, datetime], Verdict]

#: What takes out of a text what must not be shown; the same text always gives the same.
Redactor = Callable[[str], str]


class ReportParser(Protocol):
    """What reads reports of a format that Reeve does not know."""

    @property
    def name(self) -> str:
        """The format's name, as it is shown to people."""
        ...

    def recognises(self, data: bytes) -> bool:
        """Say by its content whether this is a report of this format; the file's name is not told."""
        ...

    def parse(self, data: bytes) -> Report:
        """Return what the report says; raise `BadReport` for one that cannot be believed."""
        ...


class Candidate(Protocol):
    """One answer of a model to a prompt, as the benchmark suite ranks them."""

    @property
    def text(self) -> str:
        """The answer."""
        ...

    @property
    def log_probabilities(self) -> Sequence[float]:
        """The natural logarithms of its tokens' probabilities, where they are known."""
        ...


class Scorer(Protocol):
    """What says how good one candidate is in one respect."""

    @property
    def name(self) -> str:
        """What it judges, in a word."""
        ...

    @property
    def weight(self) -> float:
        """How much it counts beside the others: above 0, and 1 at most."""
        ...

    def __call__(self, prompt: str, candidate: Candidate) -> float:
        """Return a score from 0 (bad) to 1 (good)."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A command that may be carried out: what was given, by whom, and all that a policy knows.

    `role` is only known where the verb asks for one; `head_sha` is the commit that it is bound to, None on an issue.
    """

    arguments: Bound
    by: Actor
    role: Role | None
    head_sha: str | None
    facts: Facts
    config: Config
    now: datetime


#: What carries a command out.
Handler = Callable[[Asked], Verdict]


@dataclass(frozen=True, slots=True)
class Command:
    """A verb of a plugin's own, and what carries it out."""

    verb: Verb
    handle: Handler


class Hooks(Protocol):
    """What a plugin may implement; each has its section in `docs/plugins.md`."""

    @hookspec
    def policies(self) -> Sequence[Policy]:
        """Return the plugin's policies in the order in which they are to decide."""

    @hookspec
    def commands(self) -> Sequence[Command]:
        """Return verbs that people may type in comments, each with what carries it out."""

    @hookspec
    def classifiers(self) -> Sequence[Classifier]:
        """Return what gives an opinion on an issue in place of Reeve's own model."""

    @hookspec
    def report_parsers(self) -> Sequence[ReportParser]:
        """Return what reads coverage and benchmark reports of other formats."""

    @hookspec
    def scorers(self) -> Sequence[Scorer]:
        """Return what judges a model's answers when the benchmark suite ranks them."""

    @hookspec
    def redactors(self) -> Sequence[Redactor]:
        """Return functions that take out of a text what must not be shown in public."""

    @hookspec
    def message_data(self, key: str, data: Mapping[str, Data]) -> Mapping[str, Data]:
        """Return data to show in a message instead of its own; `OPEN` names what may be set."""


def note(english: str, chinese: str = "") -> Message:
    """Return a plugin's words as a message, shown literally in the author's language, or in the one there is."""
    return Message(NOTE, {"english": english, "chinese": chinese})
