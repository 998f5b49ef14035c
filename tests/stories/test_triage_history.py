"""Reeve learns from what people labelled before, in the background, and hands out what they corrected since."""

import json
import re

import pytest
from typer.testing import CliRunner

from bot import corrections, learning
from bot.classifier.corpus import examples
from bot.cli import app
from bot.sandbox.world import World
from bot.store import audit
from tests.stories.conftest import Town


@pytest.fixture
def history(world: World) -> None:
    """What people filed before Reeve came: in this house a `lorry` is what is wrong, and a `barge` what is wanted."""
    for turn in range(120):
        word, label = (("lorry", "bug"), ("barge", "enhancement"))[turn % 2]
        body = f"The {word} again, number {turn}."
        world.close_issue(world.open_issue(f"{word} {turn} in the yard", body=body, labels=(label,)))


@pytest.mark.usefixtures("history")
def test_a_history_is_learnt_from_in_the_background_and_used_where_it_is_better(town: Town) -> None:
    assert learning.learn_next(town.parts)
    number = town.world.open_issue("lorry 99 in the yard", body="The lorry again, number 99.")
    town.settle()

    assert town.world.labels(number) == {"bug"}
    assert not learning.learn_next(town.parts), "it has its turn once a week"


def test_with_too_little_history_the_words_only_suggest(town: Town) -> None:
    assert learning.learn_next(town.parts)

    number = town.world.open_issue("Segfault on import", body="```\nTraceback: RuntimeError\n```\nIt crashes on 3.12.")
    town.settle()

    (comment,) = town.world.bot_comments(number)
    assert town.world.labels(number) == {"needs-triage"}
    assert "bug" in comment


def test_a_week_later_a_history_is_learnt_from_anew(town: Town) -> None:
    assert learning.learn_next(town.parts)

    town.advance(days=8)

    assert learning.learn_next(town.parts)


@pytest.mark.usefixtures("history")
def test_reading_a_history_keeps_to_a_few_requests(town: Town) -> None:
    asked = town.calls(lambda: learning.learn_next(town.parts))

    assert len([each for each in asked if re.search(r"/issues$", each)]) == 2


def test_while_github_is_down_nothing_is_learnt_and_it_is_tried_again(town: Town) -> None:
    town.world.faults.fail(None)
    assert learning.learn_next(town.parts)
    town.world.faults.clear()

    assert not learning.learn_next(town.parts)

    town.advance(hours=2)
    assert learning.learn_next(town.parts)


def test_what_a_maintainer_corrected_is_audited_and_handed_out_as_training_data(town: Town) -> None:
    corrected = town.world.open_issue("[Bug] streaming", body="Tokens come all at once.")
    town.world.open_issue("[Bug] crash on load", body="Traceback when the weights are loaded.")
    town.settle()
    town.world.remove_label(corrected, "bug")
    town.world.add_label(corrected, "enhancement")
    town.settle()

    (found,) = corrections.corrections(town.parts)
    town.world.comment(corrected, "/kind docs", by="maintainer")
    town.settle()
    (later,) = corrections.corrections(town.parts)

    assert later.example.label == "docs"
    assert (found.number, found.example.label, found.rule) == (corrected, "feature", "title-prefix")
    assert found.example.title == "[Bug] streaming"
    assert "person-label" in [*audit.entries(town.database.engine)][-1].entry


@pytest.mark.usefixtures("history")
def test_an_operator_fits_a_repository_at_once_and_exports_what_people_said(
    town: Town, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    number = town.world.open_issue("zorp in the yard", body="Zorp, again and again.")
    town.settle()
    town.world.add_label(number, "documentation")
    town.settle()
    for name, value in {**environment, **town.world.environment()}.items():
        monkeypatch.setenv(name, value)

    fitted = CliRunner().invoke(app, ["triage", "fit", "acme/model", "--json"])
    exported = CliRunner().invoke(app, ["triage", "export", "acme/model"])
    unknown = CliRunner().invoke(app, ["triage", "fit", "acme/nowhere"])

    assert json.loads(fitted.stdout)["is_used"]
    row = json.loads(exported.stdout)
    assert (row["id"], row["repo"], row["label"], row["title"]) == (number, "acme/model", "docs", "zorp in the yard")
    assert [each.label for each in examples([exported.stdout])] == ["docs"]
    assert "acme/nowhere is no repository" in str(unknown.exception)
