"""The example plugin, installed as a package, beside a whole Reeve in both shapes."""

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from bot import wiring
from bot.config import Config
from bot.model.facts import Facts
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
    monkeypatch.delitem(sys.modules, "reeve_example", raising=False)
    (entry,) = metadata.entry_points(group=GROUP)
    return entry


def test_the_example_is_found_by_its_entry_point(example: metadata.EntryPoint) -> None:
    verdicts = [policy(Facts(MODEL, issue()), Config(), NOW) for policy in wiring.load([example]).policies()]

    told = [(each.policy, each.rule) for each in verdicts]
    assert (told[0], told[-1]) == (("triage", "title-prefix"), ("plugin:example", "not-told"))


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
