"""The one pull request that introduces Reeve, and the labels that it works with."""

import re
from dataclasses import dataclass, replace

import pytest
import yaml

from bot.config import Config, parse
from bot.model.effects import EnsureLabels, OpenPull
from bot.model.errors import Refused
from bot.model.events import RepositoryAdded
from bot.model.facts import Memory
from bot.model.forge import Fetched
from bot.model.subjects import Repository, Subject
from bot.pipeline import handle
from bot.render import LANGUAGES, Words
from bot.welcome import furnish, greet
from tests.road import MODEL, Walk

PROPOSED = [
    ".github/reeve.yml",
    ".github/workflows/reeve-coverage.yml",
    ".github/workflows/reeve-benchmark.yml",
    ".github/workflows/measure-coverage.yml",
    ".github/workflows/measure-benchmark.yml",
]
CHINESE = "# 模型\n\n这是一个用于翻译的语言模型，可以在本地运行。\n"


@dataclass
class Shelf:
    """A GitHub with nothing but a README."""

    readme: str | None = None
    trouble: Exception | None = None

    def file(self, repository: Repository, path: str, *, etag: str | None) -> Fetched | None:  # noqa: ARG002
        """Return the README."""
        assert path == "README.md"
        if self.trouble:
            raise self.trouble
        return Fetched(self.readme, None)


def proposed(shelf: Shelf) -> OpenPull:
    (effect,) = greet(MODEL, memory=Memory(), forge=shelf, words=Words()).effects
    assert isinstance(effect, OpenPull)
    return effect


def needed(policy: str, shelf: Shelf | None = None) -> EnsureLabels:
    (effect,) = furnish(MODEL, parse(policy), memory=Memory(), forge=shelf or Shelf(), words=Words()).effects
    assert isinstance(effect, EnsureLabels)
    return effect


def uncommented(text: str) -> str:
    """Switch on every setting that stands in the file as a comment, and leave out the prose."""
    return "".join(f"{line}\n" for line in re.findall(r"^(?:# )?((?: *)[a-z_]+:(?: .*)?)$", text, re.MULTILINE))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_proposed_file_means_the_defaults(language: str) -> None:
    assert parse(Words().document("welcome/reeve.yml", language)) == Config()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_default_that_the_proposed_file_shows_is_the_real_one(language: str) -> None:
    shown = uncommented(Words().document("welcome/reeve.yml", language)).replace("messages:\n  welcome: null\n", "")

    assert parse(shown) == Config()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_proposed_file_shows_every_setting(language: str) -> None:
    text = Words().document("welcome/reeve.yml", language)
    keys = set(re.findall(r"^# ([a-z_]+):", text, re.MULTILINE)) | {"version"}

    assert keys >= set(Config.model_fields)
    for section in ("sla", "labels", "coverage", "triage", "messages", "benchmark", "release"):
        lines = re.findall(rf"^# {section}:\n((?:#   .*\n)+)", text, re.MULTILINE)[0]
        assert set(re.findall(r"^#   ([a-z_]+):", lines, re.MULTILINE)) >= set(
            type(getattr(Config(), section)).model_fields
        )


@pytest.mark.parametrize(
    ("shelf", "title"),
    [
        (Shelf("# Model\n\nA language model that translates.\n"), "Switch on Reeve"),
        (Shelf(CHINESE), "启用 Reeve"),
        (Shelf(), "Switch on Reeve"),
        (Shelf(trouble=Refused("README.md is larger than 1 MB")), "Switch on Reeve"),
    ],
    ids=["English", "Chinese", "no README", "a README that cannot be read"],
)
def test_the_pull_request_speaks_the_language_of_the_readme(shelf: Shelf, title: str) -> None:
    pull = proposed(shelf)

    assert (pull.title, pull.branch, pull.subject) == (title, "reeve/welcome", Subject(MODEL.id, 0))
    assert [file.path for file in pull.files] == PROPOSED
    caller = next(file.text for file in pull.files if file.path.endswith("reeve-coverage.yml"))
    assert ("只从本文件的运行中读取" in caller) == (title == "启用 Reeve")
    assert ("合并" in pull.body) == (title == "启用 Reeve")


@pytest.mark.parametrize(
    ("branch", "pushed"), [("main", "main"), ("release/1.x", "release/1.x"), ("主干", "主干"), ('a"#b', 'a"#b')]
)
def test_the_workflows_measure_what_is_pushed_to_the_default_branch_whatever_its_name(branch: str, pushed: str) -> None:
    repository = replace(MODEL, default_branch=branch)
    (pull,) = greet(repository, memory=Memory(), forge=Shelf(), words=Words()).effects
    assert isinstance(pull, OpenPull)

    read = {file.path: yaml.safe_load(file.text) for file in pull.files if "/reeve-" in file.path}

    events = read[".github/workflows/reeve-coverage.yml"][True]  # YAML takes the key `on` for a truth
    assert events["push"] == {"branches": [pushed]}
    assert all(each["permissions"] == {} for each in read.values())


def test_the_labels_have_the_repositorys_own_names_and_its_language() -> None:
    labels = {label.name: label for label in needed("labels: {bug: defect, hold: frozen}\nlanguage: zh-CN\n").labels}

    kinds = {"defect", "enhancement", "documentation", "needs-triage"}
    assert set(labels) == kinds | {"frozen", "needs-info", "sla:at-risk", "sla:breached"}
    assert labels["defect"].description == "功能不正常"


def test_where_the_language_is_open_the_labels_speak_that_of_the_readme() -> None:
    assert needed("", Shelf(CHINESE)).labels[0].description == "功能不正常"
    assert needed("").labels[0].description == "Something does not work"


def test_every_label_keeps_to_githubs_limits() -> None:
    for language in LANGUAGES:
        for label in needed(f"language: {language}\n").labels:
            assert re.fullmatch("[0-9a-f]{6}", label.color)
            assert 0 < len(label.description) <= 100


def welcomed(walk: Walk) -> str:
    return handle((RepositoryAdded(MODEL),), walk.road, walk.at).reason


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        (None, "welcomed"),
        ("version: 1\n", "furnished"),
        ("slo: {}\n", "the policy file has mistakes: installed but passive"),
    ],
)
def test_only_a_repository_without_a_policy_file_is_introduced_to_reeve(policy: str | None, reason: str) -> None:
    walk = Walk()
    walk.island.policy = policy

    assert welcomed(walk) == reason
