"""Every setting as the page and the editors are told of it: nothing missing, and nothing that is not so."""

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from bot.cli import app
from bot.config import Config, parse
from bot.config.layers import repository_layer, settle
from bot.config.reference import BEGIN, END, Setting, json_schema, reference, rewritten, settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "configuration.md"
ALL: dict[str, Setting] = {each.key: each for _, _, found in settings() for each in found}


def test_the_page_says_what_the_models_say() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert rewritten(page) == page, "run: reeve config reference --write docs/configuration.md"


def test_every_setting_says_what_it_is() -> None:
    silent = [each.key for each in ALL.values() if each.description == each.key.rpartition(".")[2]]

    assert silent == []
    assert len(ALL) > 60


def test_every_setting_that_a_file_may_hold_is_there() -> None:
    laid = settle(None, repository_layer("", file="reeve.yml"))

    assert laid.origins.keys() - ALL.keys() == set()


@pytest.mark.parametrize("name", [name for name, field in Config.model_fields.items() if field.default is not None])
def test_the_defaults_in_the_page_are_those_of_the_reader(name: str) -> None:
    """Write each default into a file: the file means what no file means."""
    own = {
        key.removeprefix(f"{name}."): each.default
        for key, each in ALL.items()
        if key.startswith(f"{name}.") and key.count(".") == 1 and each.default not in {None, "null"}
    }
    quoted = {key: value if value and value[0] in "[0123456789tf" else json.dumps(value) for key, value in own.items()}
    lines = "".join(f"  {key}: {value}\n" for key, value in quoted.items())

    assert parse(f"{name}:\n{lines}" if own else f"{name}: {ALL[name].default if name in ALL else '{}'}") == Config()


def test_the_schema_carries_descriptions_and_defaults_as_a_file_has_them() -> None:
    sla = json_schema()["$defs"]["Sla"]["properties"]

    assert sla["bug"]["default"] == "24h"
    assert sla["bug"]["description"] == ALL["sla.bug"].description
    assert json_schema()["$defs"]["Coverage"]["properties"]["minimum"]["default"] == 80


def test_the_defaults_in_the_schema_are_good_by_the_schema() -> None:
    schema = json_schema()
    sections = {name: each for name, each in schema["$defs"].items() if each["type"] == "object"}
    for name, definition in sections.items():
        validator = Draft202012Validator({"$defs": schema["$defs"], "$ref": f"#/$defs/{name}"})
        defaults = {key: each["default"] for key, each in definition["properties"].items() if "default" in each}
        wrong = [error.json_path for error in validator.iter_errors(defaults) if error.validator != "required"]
        assert wrong == [], name


@pytest.mark.parametrize(
    ("key", "kind", "default"),
    [
        ("version", "`1`", "1"),
        ("language", "`auto`, `en` or `zh-CN`", "auto"),
        ("triage.rules", "list, at most 50: settings", "[]"),
        ("triage.rules[].title", "regular expression, at most 100 characters", None),
        ("sla.bug", "such as `90m`, `24h`, `3d`", "24h"),
        ("sla.calendar", "settings", "null"),
        ("sla.enabled", "`true` or `false`", "true"),
        ("sla.at_risk", "whole number from 1 to 99", "75"),
        ("sla.calendar.region", "text", "null"),
        ("coverage.minimum", "number from 0 to 100", "80"),
        ("coverage.shadow_until", "day, such as `2027-01-31`", "null"),
    ],
)
def test_what_a_setting_takes_is_said_in_words(key: str, kind: str, default: str | None) -> None:
    assert (ALL[key].kind, ALL[key].default) == (kind, default)


def test_the_settings_are_written_between_two_lines_of_a_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# Before\n{BEGIN}\nobsolete\n{END}\nafter\n", encoding="utf-8")

    result = CliRunner().invoke(app, ["config", "reference", "--write", str(page)])

    assert result.exit_code == 0
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# Before\n{BEGIN}\n\n| Key |")
    assert text.endswith(f"{END}\nafter\n")
    assert "obsolete" not in text


def test_a_page_without_a_place_for_them_is_refused() -> None:
    with pytest.raises(LookupError, match="needs the lines"):
        rewritten("# A page\n")


def test_the_command_prints_them() -> None:
    assert CliRunner().invoke(app, ["config", "reference"]).output == reference() + "\n"


def test_every_table_is_one() -> None:
    rows = [line for line in reference().splitlines() if line.startswith("|")]

    assert {row.replace("\\|", "").count("|") for row in rows} == {5}
    assert yaml.safe_load(ALL["triage.rules"].default or "") == []
