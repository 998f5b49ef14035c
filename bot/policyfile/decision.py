"""The policy file while people change it: a pull request that touches it gets a check, a bad one in force one issue.

Pure: the road reads the files, and hands in what it found.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from bot.config import FILE, Config, ConfigError, Mistake
from bot.model.effects import Annotation, CheckRun, KeepIssue
from bot.model.facts import PullRequest
from bot.model.subjects import Subject
from bot.model.verdicts import Data, Message, Outcome, Verdict
from bot.policies import language
from bot.policyfile.ground import Ground
from bot.policyfile.names import Named

#: The name of the check run, as people see it and branch protection may require it.
CHECK = "reeve / policy file"

#: The one issue about a bad file in force is found again by this key.
ISSUE = "policy-file"

_POLICY = "policyfile"

State = Literal["invalid", "names", "removed", "first", "valid"]


class Words(Protocol):
    """The sentences for people."""

    def mistake(self, mistake: Mistake, language: str) -> str:
        """Return what is wrong, in plain text and without the place."""
        ...

    def headed(self, message: Message, language: str) -> tuple[str, str]:
        """Return a message as a title in plain text and a body in Markdown."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """A policy file as it was found: its text (None where there is no file), or why it has none that could be read.

    `unreadable` is a folder, special or large, as GitHub's answer was.
    """

    text: str | None
    unreadable: str = ""

    @property
    def digest(self) -> str:
        """The fingerprint of what was found."""
        return hashlib.sha256(f"{self.text}\0{self.unreadable}".encode()).hexdigest()

    def examine(self, ground: Ground) -> "Examined":
        """Return everything that is wrong with it; a file that is not there has no mistakes."""
        if self.unreadable:
            return Examined((Mistake(FILE, 1, 1, "", f"unreadable-{self.unreadable}"),))
        try:
            laid = ground.lay(self.text or "")
        except ConfigError as error:
            return Examined(error.mistakes, error.left_out)
        return Examined(warnings=laid.ignored)


@dataclass(frozen=True, slots=True)
class Examined:
    """What is wrong with a file: the first mistakes, how many more there are, and what only deserves a look."""

    mistakes: tuple[Mistake, ...] = ()
    left_out: int = 0
    warnings: tuple[Mistake, ...] = ()

    def with_names(self, names: Sequence[Named]) -> "Examined":
        """Return it with the names that stand for nothing on GitHub."""
        fatal = tuple(each.mistake for each in names if each.is_fatal)
        doubtful = tuple(each.mistake for each in names if not each.is_fatal)
        return Examined((*self.mistakes, *fatal), self.left_out, (*self.warnings, *doubtful))

    def message(self, key: str, state: str, words: Words, language: str) -> Message:
        """Return the message that tells it all in this language."""
        data: dict[str, Data] = {
            "state": state,
            "count": len(self.mistakes) + self.left_out,
            "left_out": self.left_out,
            "warnings": len(self.warnings),
        }
        for name, found in (("mistake", self.mistakes), ("warning", self.warnings)):
            data[f"{name}_places"] = tuple(f"{each.line}:{each.column}" for each in found)
            data[f"{name}_keys"] = tuple(each.key for each in found)
            data[f"{name}_words"] = tuple(words.mistake(each, language) for each in found)
        return Message(f"{_POLICY}/{key}", data)

    def annotations(self, words: Words, language: str) -> tuple[Annotation, ...]:
        """Return a remark on the line of each, the mistakes first."""
        levels: tuple[tuple[Literal["failure", "warning"], tuple[Mistake, ...]], ...]
        levels = (("failure", self.mistakes), ("warning", self.warnings))
        return tuple(
            Annotation(each.file, each.line, each.line, each.place + words.mistake(each, language), level)
            for level, found in levels
            for each in found
        )


@dataclass(frozen=True, slots=True)
class Proposal:
    """The file that a pull request proposes and the ground it would be read on; `names` stand for nothing on GitHub."""

    pull: PullRequest
    found: Found
    ground: Ground = Ground()  # noqa: RUF009  frozen
    names: tuple[Named, ...] = ()


def check(proposal: Proposal, config: Config | None, words: Words) -> Verdict:
    """Say on the pull request's head commit what the file that it proposes would do; `config` is the one in force."""
    examined = proposal.found.examine(proposal.ground)
    state = _state(proposal, examined, config)
    examined = examined.with_names(proposal.names)
    told = _language(proposal.pull, config)
    title, summary = words.headed(examined.message("check", state, words, told), told)
    effect = CheckRun(
        proposal.pull.subject,
        proposal.pull.head_sha,
        CHECK,
        "failure" if examined.mistakes else "success",
        title,
        summary,
        examined.annotations(words, told),
    )
    return Verdict(_POLICY, state, Outcome.FAIL if examined.mistakes else Outcome.PASS, effects=(effect,))


def _state(proposal: Proposal, examined: Examined, config: Config | None) -> State:
    if examined.mistakes:
        return "invalid"
    if proposal.found.text is None:
        return "removed"
    if any(each.is_fatal for each in proposal.names):
        return "names"
    return "first" if config is None else "valid"


def _language(pull: PullRequest, config: Config | None) -> language.Language:
    if config is None or config.language == "auto":
        return language.detect(pull.title, pull.body)
    return config.language


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with the file on the default branch: `kept` and `passive` where it cannot be used.

    `layered` where a section of it gives way to the organisation's, and `names` where it is in force but names what is
    not there.
    """

    state: Literal["kept", "passive", "layered", "names"]
    examined: Examined

    @property
    def digest(self) -> str:
        """The fingerprint of what is to be told."""
        return hashlib.sha256(repr((self.state, self.examined.mistakes)).encode()).hexdigest()


def report(subject: Subject, trouble: Trouble | None, words: Words, told: language.Language) -> Verdict:
    """Say in one issue what is wrong with the file on the default branch; a file in order closes it."""
    if trouble is None:
        closed = KeepIssue(subject, ISSUE, title="", body="", is_open=False)
        return Verdict(_POLICY, "good-again", Outcome.PASS, effects=(closed,))
    title, body = words.headed(trouble.examined.message("issue", trouble.state, words, told), told)
    rule = "invalid" if trouble.state in {"kept", "passive"} else trouble.state
    return Verdict(_POLICY, rule, Outcome.FAIL, effects=(KeepIssue(subject, ISSUE, title, body),))
