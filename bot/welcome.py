"""What a repository itself needs from Reeve: a pull request that introduces it, and the labels that it works with."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Protocol

from bot import resources
from bot.config import FILE, Config
from bot.model.decisions import Decision
from bot.model.effects import Effect, EnsureLabels, File, LabelSpec, OpenPull
from bot.model.errors import Gone, Refused, Unreadable
from bot.model.facts import Memory
from bot.model.forge import Fetched
from bot.model.subjects import Repository, Subject
from bot.model.verdicts import Data, Outcome, Verdict
from bot.policies import language

#: The branch of the one pull request that introduces Reeve.
BRANCH = "reeve/welcome"

README = "README.md"

WORKFLOWS = ".github/workflows"

#: The workflows that hand over evidence to the gates of pull requests, and the bodies that these call.
GATES = ("reeve-coverage.yml", "reeve-benchmark.yml", "measure-coverage.yml", "measure-benchmark.yml")

#: So much of a README tells its language.
ENOUGH = 20_000

#: Each label by its role, in GitHub's own colours where GitHub has a label like it.
COLORS: Mapping[str, str] = {
    "bug": "d73a4a",
    "feature": "a2eeef",
    "docs": "0075ca",
    "needs_triage": "fbca04",
    "hold": "b60205",
    "needs_info": "d876e3",
    "at_risk": "fef2c0",
    "breached": "e99695",
}


class Forge(Protocol):
    """What of GitHub a welcome needs."""

    def file(self, repository: Repository, path: str, *, etag: str | None) -> Fetched | None:
        """Read a file on the default branch."""
        ...


class Words(Protocol):
    """The sentences for people."""

    def text(self, key: str, data: Mapping[str, Data], language: str) -> str:
        """Return one message alone."""
        ...

    def document(self, name: str, language: str) -> str:
        """Return a text that is passed on as it is."""
        ...


def has_policy(repository: Repository, forge: Forge) -> bool:
    """Say whether there is a policy file, be it as bad as it may: then somebody is at work there."""
    try:
        file = forge.file(repository, FILE, etag=None)
    except Unreadable:
        return True
    return file is not None and file.value is not None


def greet(repository: Repository, *, memory: Memory, forge: Forge, words: Words) -> Decision:
    """Propose a policy file and the gates' workflows to a repository without policy; once, whatever becomes of it."""
    speech = spoken_in(repository, forge)
    pull = OpenPull(
        Subject(repository.id, 0),
        branch=BRANCH,
        title=words.text("welcome/title", {}, speech).strip(),
        body=words.text("welcome/pull", {}, speech),
        files=(File(FILE, words.document("welcome/reeve.yml", speech)), *_workflows(repository, speech)),
    )
    return _decision(repository, pull, rule="no-policy-file", config_digest="", memory=memory)


def _workflows(repository: Repository, speech: language.Language) -> Iterator[File]:
    """Give the gates' workflows, which also run on what is pushed to this repository's default branch."""
    branch = repository.default_branch
    named = branch if re.fullmatch(r"[A-Za-z][\w./-]*", branch, re.ASCII) else json.dumps(branch, ensure_ascii=False)
    for name in GATES:
        text = resources.workflow(name, language=speech).read_text(encoding="utf-8")
        yield File(f"{WORKFLOWS}/{name}", text.replace("branches: [main]", f"branches: [{named}]"))


def furnish(repository: Repository, config: Config, *, memory: Memory, forge: Forge, words: Words) -> Decision:
    """Have the labels that Reeve works with exist."""
    labels = furniture(repository, config, forge=forge, words=words)
    return _decision(repository, labels, rule="labels", config_digest=config.digest, memory=memory)


def furniture(repository: Repository, config: Config, *, forge: Forge, words: Words) -> EnsureLabels:
    """Return the labels that a governed repository needs; those that exist keep their colour and description."""
    speech = spoken_in(repository, forge) if config.language == "auto" else config.language
    return EnsureLabels(Subject(repository.id, 0), _labels(config, words.document("welcome/labels.txt", speech)))


def spoken_in(repository: Repository, forge: Forge) -> language.Language:
    """Return what the README is written in; English where there is none that can be read."""
    try:
        readme = forge.file(repository, README, etag=None)
    except (Refused, Gone):
        return "en"
    return language.detect("", readme.value[:ENOUGH]) if readme is not None and readme.value else "en"


def _labels(config: Config, descriptions: str) -> tuple[LabelSpec, ...]:
    """Give each role its name in this repository; the descriptions are lines such as `bug: Something is broken`."""
    described = dict(line.split(": ", 1) for line in descriptions.splitlines())
    own = config.labels
    names = {
        "bug": own.bug,
        "feature": own.feature,
        "docs": own.docs,
        "needs_triage": own.needs_triage,
        "hold": own.hold,
        "needs_info": own.needs_info,
        "at_risk": own.at_risk,
        "breached": own.breached,
    }
    return tuple(LabelSpec(name, COLORS[role], described[role]) for role, name in names.items())


def _decision(repository: Repository, effect: Effect, *, rule: str, config_digest: str, memory: Memory) -> Decision:
    return Decision(
        repository=repository,
        subject=Subject(repository.id, 0),
        verdicts=(Verdict("welcome", rule, Outcome.PASS, effects=(effect,)),),
        effects=(effect,),
        memory=memory,
        config_digest=config_digest,
        facts_digest=hashlib.sha256(repr(effect).encode()).hexdigest(),
    )
