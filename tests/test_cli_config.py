"""`reeve config`: what is wrong with a policy file, before it is pushed."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner

from bot.cli import app

run = CliRunner().invoke


def written(folder: Path, text: str) -> str:
    """Write a policy file and return where."""
    file = folder / "reeve.yml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_a_good_file_has_no_mistakes(tmp_path: Path) -> None:
    result = run(app, ["config", "check", written(tmp_path, "version: 1\nsla: {bug: 24h}\n")])

    assert result.exit_code == 0
    assert "no mistakes" in result.output


def test_every_mistake_is_told_at_once_with_its_place_and_the_nearest_name(tmp_path: Path) -> None:
    file = written(tmp_path, "version: 1\nsla:\n  feture: 72h\n  bug: never\ncoverage: {minimum: 180}\n")

    result = run(app, ["config", "check", file])

    lines = result.output.splitlines()
    assert result.exit_code == 1
    assert [line.removeprefix(file).split(":")[1:3] for line in lines] == [["3", "3"], ["4", "8"], ["5", "21"]]
    assert "feature" in lines[0]


def test_mistakes_come_as_json_too(tmp_path: Path) -> None:
    result = run(app, ["config", "check", written(tmp_path, "sla: {bug: 1}\n"), "--json"])

    (mistake,) = json.loads(result.output)["mistakes"]
    assert (mistake["line"], mistake["key"]) == (1, "sla.bug")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = run(app, ["config", "check", str(tmp_path / "none.yml")])

    assert "none.yml cannot be read" in str(result.exception)


@pytest.mark.parametrize(
    ("text", "is_valid"),
    [("version: 1\nsla: {bug: 24h}\n", True), ("slaa: {}\n", False), ("sla: {bug: 24}\n", False)],
)
def test_the_schema_for_editors_agrees_with_the_check(tmp_path: Path, text: str, *, is_valid: bool) -> None:
    schema = json.loads(run(app, ["config", "schema"]).output)

    assert jsonschema.Draft202012Validator(schema).is_valid(yaml.safe_load(text)) is is_valid
    assert (run(app, ["config", "check", written(tmp_path, text)]).exit_code == 0) is is_valid


def test_explain_tells_which_layer_set_each_value(tmp_path: Path) -> None:
    shared = tmp_path / "org.yml"
    shared.write_text("sla: {bug: 12h}\nlabels: {bug: defect}\nlocked: [sla.bug]\n", encoding="utf-8")
    file = written(tmp_path, "sla: {bug: 48h, docs: 90m}\n")

    result = run(app, ["config", "explain", "--organization", str(shared), file])

    assert result.exit_code == 0
    lines = [line.split(maxsplit=1) for line in result.output.splitlines()]
    assert ["locked", 'sla.bug: "12h"'] in lines
    assert ["repository", 'sla.docs: "90m"'] in lines
    assert ["organization", 'labels.bug: "defect"'] in lines
    assert ["default", "coverage.minimum: 80"] in lines
    assert "sla.bug: is locked by the organization" in result.output


def test_explain_as_json_holds_the_same(tmp_path: Path) -> None:
    result = run(app, ["config", "explain", written(tmp_path, "sla: {bug: 48h}\n"), "--json"])

    found = json.loads(result.output)
    assert {"key": "sla.bug", "value": "48h", "layer": "repository"} in found["settings"]
    assert found["ignored"] == []


def test_explain_names_the_mistakes_of_either_file(tmp_path: Path) -> None:
    shared = tmp_path / "org.yml"
    shared.write_text("locked: [sla.bugs]\n", encoding="utf-8")

    result = run(app, ["config", "explain", "--organization", str(shared), written(tmp_path, "")])

    assert result.exit_code == 1
    assert 'did you mean "sla.bug"?' in result.output
