"""The example plugin, installed as a package, beside a whole Reeve in both shapes."""

import subprocess
import sys
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot import wiring
from bot.config import Config
from bot.model.facts import Facts
from bot.model.kinds import Kind
from bot.model.samples import Samples
from bot.plugins import GROUP
from tests.road import MODEL, NOW, issue
from tests.stories.conftest import Town

EXAMPLE = Path(__file__).parents[1] / "plugins" / "example"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the example as a package into a folder of its own."""
    target = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--target", target, EXAMPLE], check=True, timeout=100)
    return target


@pytest.fixture
def example(installed: Path, monkeypatch: pytest.MonkeyPatch) -> metadata.EntryPoint:
    """Make the example importable, and return its entry point."""
    monkeypatch.syspath_prepend(installed)
    for name in ("reeve_example", "reeve_example.opinions"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    (entry,) = metadata.entry_points(group=GROUP)
    return entry


def test_the_example_is_found_by_its_entry_point(example: metadata.EntryPoint) -> None:
    verdicts = [policy(Facts(MODEL, issue()), Config(), NOW) for policy in wiring.load([example]).policies()]

    told = [(each.policy, each.rule) for each in verdicts]
    assert (told[0], told[-1]) == (("triage", "title-prefix"), ("plugin:example", "not-told"))


def test_what_the_example_thinks_reads_and_likes(example: metadata.EntryPoint) -> None:
    plugins = wiring.load([example])
    opinion, report = (
        plugins.classify("Typo in the guide", ""),
        plugins.read(b"acme-bench 1\ndecode ms 12.5 12.7 12.4\n"),
    )
    answers = [SimpleNamespace(text=text, log_probabilities=()) for text in ("12 ms", "12")]

    assert opinion
    assert (opinion[0], opinion[1].best) == ("typos", Kind.DOCS)
    assert isinstance(report, Samples)
    assert [(each.metric, each.median, each.samples) for each in report.launches[0].readings] == [("decode", 12.5, 3)]
    assert plugins.read(b"{}") is None
    assert [[score("how long?", each) for each in answers] for score in plugins.scorers()] == [[1.0, 0.0]]
    assert plugins.redact("on gpu-07.lab.example") == "on [machine]"


@pytest.mark.usefixtures("example")
def test_a_plugins_verb_is_obeyed_from_who_may_give_it_and_explained(town: Town) -> None:
    number = town.world.open_issue("[Bug] crash on load", body="version 1")
    town.settle()
    for text, by in (("/area loaders", "maintainer"), ("/area kernels", "eve"), ("/help area", "eve")):
        town.world.advance(seconds=5)
        town.world.comment(number, text, by=by)
        town.settle()

    assert town.world.labels(number) == {"bug", "area: loaders"}
    refusal, explained = town.world.bot_comments(number)[-2:]
    assert "people with the triage role or higher" in refusal
    assert "`/area loaders|kernels`** Says which part of the model this is about." in explained


@pytest.mark.usefixtures("example")
def test_a_plugin_labels_an_issue_and_speaks_in_the_one_comment(town: Town) -> None:
    number = town.world.open_issue("[Bug] crash on load")
    town.settle()

    (comment,) = town.world.bot_comments(number)
    assert town.world.labels(number) == {"bug", "needs-version"}
    assert comment.index("This is a bug report.") < comment.index("Which version was it? Please add it.")


@pytest.mark.usefixtures("example")
def test_it_speaks_chinese_where_the_issue_does_and_falls_silent_when_it_is_answered(town: Town) -> None:
    number = town.world.open_issue("【缺陷】加载时崩溃", body="加载权重时报错。")
    town.settle()
    (asked,) = town.world.bot_comments(number)
    town.world.advance(seconds=5)
    town.world.edit_issue(number, body="加载权重时报错。版本 1.2")
    town.settle()

    (comment,) = town.world.bot_comments(number)
    assert "请补充所用的版本。" in asked
    assert "请补充所用的版本。" not in comment
    assert town.world.labels(number) == {"bug"}


@pytest.mark.usefixtures("example")
def test_it_adds_who_is_on_duty_to_reeves_own_words(town: Town) -> None:
    number = town.world.open_issue("it does not work", body="version 1")
    town.settle()

    assert "> On duty this week: the loaders team." in town.world.bot_comments(number)[0]


@pytest.mark.usefixtures("example")
def test_why_names_a_plugins_rule(town: Town) -> None:
    number = town.world.open_issue("[Bug] crash on load")
    town.settle()
    town.world.advance(seconds=5)
    town.world.comment(number, "/why", by="eve")
    town.settle()

    assert "`plugin:example: not-told`" in town.world.bot_comments(number)[-1]
