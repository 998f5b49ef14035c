"""The policy file while people change it: a pull request that touches it gets a check, a bad one in force one issue.

Pure: the road reads the files, and hands in what it found.
"""

import hashlib
from dataclasses import dataclass
from typing import Literal, Protocol

from bot.config import FILE, Config, ConfigError, Mistake, parse
from bot.model.effects import Annotation, CheckRun, KeepIssue
from bot.model.facts import PullRequest
from bot.model.subjects import Subject
from bot.model.verdicts import Message, Outcome, Verdict
from bot.policies import language

#: The name of the check run, as people see it and branch protection may require it.
CHECK = "reeve / policy file"

#: The one issue about a bad file in force is found again by this key.
ISSUE = "policy-file"

_POLICY = "policyfile"


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

    def mistakes(self) -> "Mistakes":
        """Return everything that is wrong with it; a file that is not there has no mistakes."""
        if self.unreadable:
            return Mistakes((Mistake(FILE, 1, 1, "", f"unreadable-{self.unreadable}"),))
        try:
            parse(self.text or "")
        except ConfigError as error:
            return Mistakes(error.mistakes, error.left_out)
        return Mistakes()


@dataclass(frozen=True, slots=True)
class Mistakes:
    """What is wrong with a file: the first mistakes, and how many more there are."""

    shown: tuple[Mistake, ...] = ()
    left_out: int = 0

    def message(self, key: str, state: str, words: Words, language: str) -> Message:
        """Return the message that tells them in this language."""
        return Message(
            f"{_POLICY}/{key}",
            {
                "state": state,
                "count": len(self.shown) + self.left_out,
                "left_out": self.left_out,
                "places": tuple(f"{each.line}:{each.column}" for each in self.shown),
                "keys": tuple(each.key for each in self.shown),
                "messages": tuple(words.mistake(each, language) for each in self.shown),
            },
        )


def check(pull: PullRequest, proposed: Found, config: Config | None, words: Words) -> Verdict:
    """Say on the pull request's head commit what the file that it proposes would do; `config` is the one in force."""
    mistakes = proposed.mistakes()
    state = _state(proposed, mistakes, config)
    told = _language(pull, config)
    title, summary = words.headed(mistakes.message("check", state, words, told), told)
    effect = CheckRun(
        pull.subject,
        pull.head_sha,
        CHECK,
        "failure" if mistakes.shown else "success",
        title,
        summary,
        tuple(
            Annotation(each.file, each.line, each.line, each.place + words.mistake(each, told))
            for each in mistakes.shown
        ),
    )
    return Verdict(_POLICY, state, Outcome.FAIL if mistakes.shown else Outcome.PASS, effects=(effect,))


def report(subject: Subject, found: Found, config: Config | None, words: Words) -> Verdict:
    """Say in one issue what is wrong with the file on the default branch; a good file closes it."""
    mistakes = found.mistakes()
    if not mistakes.shown:
        closed = KeepIssue(subject, ISSUE, title="", body="", is_open=False)
        return Verdict(_POLICY, "good-again", Outcome.PASS, effects=(closed,))
    state = "passive" if config is None else "kept"
    told = "zh-CN" if config is not None and config.language == "zh-CN" else "en"
    title, body = words.headed(mistakes.message("issue", state, words, told), told)
    return Verdict(_POLICY, "invalid", Outcome.FAIL, effects=(KeepIssue(subject, ISSUE, title, body),))


def _state(
    proposed: Found, mistakes: Mistakes, config: Config | None
) -> Literal["invalid", "removed", "first", "valid"]:
    if mistakes.shown:
        return "invalid"
    if proposed.text is None:
        return "removed"
    return "first" if config is None else "valid"


def _language(pull: PullRequest, config: Config | None) -> language.Language:
    if config is None or config.language == "auto":
        return language.detect(pull.title, pull.body)
    return config.language
