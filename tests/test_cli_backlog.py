"""What people hand to `reeve triage` and its commands: files of other systems, hostile titles, nothing at all."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.settings import SettingsError

BUG = {"id": 1, "title": "Segfault on import", "body": "Traceback (most recent call last): it crashes on 3.12"}
HOSTILE = "red \x1b[31m \x1b]0;title\x07 crash\n2  docs     1.00  forged\u202e"


def line(**row: object) -> bytes:
    """Return an issue as a line of JSON."""
    return json.dumps(row, ensure_ascii=False).encode() + b"\n"


def test_a_file_that_begins_with_a_byte_order_mark_is_read() -> None:
    found = CliRunner().invoke(app, ("triage", "--json"), input=b"\xef\xbb\xbf" + line(**BUG) + line(**BUG))
    assert (found.exit_code, [json.loads(each)["kind"] for each in found.stdout.splitlines()]) == (0, ["bug"] * 2)


@pytest.mark.parametrize("encoding", ["gbk", "utf-16"])
def test_a_line_in_another_encoding_is_named_as_that(encoding: str) -> None:
    found = CliRunner().invoke(app, ("triage", "--json"), input='{"title": "加载时崩溃"}'.encode(encoding))
    assert (found.exit_code, found.stderr) == (1, "line 1: is not text in UTF-8\n")


def test_a_title_stays_on_its_line_and_cannot_steer_the_terminal() -> None:
    found = CliRunner().invoke(app, ("triage",), input=line(id="\x1b[1m7\n", title=HOSTILE), color=True)
    assert len(found.stdout.splitlines()) == 1
    assert all(each.isprintable() for each in found.stdout.rstrip("\n"))


def test_the_id_0_is_an_id() -> None:
    assert CliRunner().invoke(app, ("triage",), input=line(id=0, title="x")).stdout.startswith("0  ")


@pytest.mark.parametrize("command", [("triage", "fit"), ("triage", "eval")])
def test_the_name_of_a_repository_cannot_steer_the_terminal(command: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "issues.jsonl"
    rows = (
        line(title=f"crash {turn}", label=("bug", "docs")[turn % 2], repo=f"{HOSTILE}{turn % 3}") for turn in range(9)
    )
    file.write_bytes(b"".join(rows))
    found = CliRunner().invoke(app, (*command, str(file)), color=True)
    assert found.exit_code == 0
    assert "\x1b" not in found.output
    assert not any(each.startswith("2  docs") for each in found.output.splitlines())


@pytest.mark.parametrize("command", [("triage", "eval"), ("triage", "fit"), ("train", "--out", "model.bin")])
def test_a_file_without_issues_is_refused(command: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "issues.jsonl"
    file.write_bytes(b"\n\n")
    found = CliRunner().invoke(app, (*command, str(file)))
    assert isinstance(found.exception, SettingsError)
    assert str(found.exception) == f"{file}: no labelled issue in it"


@pytest.mark.parametrize("out", ["", "missing/model.bin"])
def test_a_place_where_no_model_can_be_written_is_refused_before_anything_is_learnt(out: str, tmp_path: Path) -> None:
    found = CliRunner().invoke(app, ("train", "none.jsonl", "--out", str(tmp_path / out)))
    assert isinstance(found.exception, SettingsError)
    assert str(found.exception).startswith(f"{tmp_path / out} cannot be written")


def test_a_mistake_of_the_policy_file_is_told_in_words(tmp_path: Path) -> None:
    file = tmp_path / "reeve.yml"
    file.write_text("version: 1\nsla: {bug: soon}\n", encoding="utf-8")
    found = CliRunner().invoke(app, ("triage", "--config", str(file)), input=line(**BUG))
    assert str(found.exception) == f"{file}:2:12: sla.bug: must be a duration with its unit, such as 90m, 24h or 3d"


def test_issues_with_a_label_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "issues.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + line(title="crash", label="bug"))
    found = CliRunner().invoke(app, ("triage", "fit", str(file)))
    assert found.stdout.startswith("written-en: 1 labelled issue is too few to fit to")
