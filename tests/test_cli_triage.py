"""`reeve triage` and what belongs to it: a backlog is sorted line by line, measured, fitted, and a model is made."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.cli.triage import read_examples

BUG = {"id": 1, "title": "Segfault on import", "body": "Traceback (most recent call last): it crashes on 3.12"}
WISH = {"id": "b", "title": "希望支持流式输出", "body": "目前只能等全部生成完，建议增加流式接口。", "labels": []}
MARKED = {"id": 3, "title": "zorp", "body": None, "labels": [{"name": "documentation"}], "author_association": "NONE"}
VAGUE = {"id": 4, "title": "zorp"}


def reeve(*arguments: str, given: str | bytes = "") -> Result:
    """Run the command as a user would."""
    return CliRunner().invoke(app, arguments, input=given)


def lines(*rows: Any) -> str:
    """Return JSON lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def labelled(file: Path, count: int, *, repo: str = "acme/model") -> Path:
    """Write a file of labelled issues: here a `lorry` is what is wrong, and a `barge` what is wanted."""
    rows = []
    for turn in range(count):
        word, label = (("lorry", "bug"), ("barge", "feature"))[turn % 2]
        rows.append({"repo": repo, "title": f"{word} in yard {turn}", "body": f"The {word} again.", "label": label})
    file.write_text(lines(*rows), encoding="utf-8")
    return file


def test_each_line_has_its_kind_its_confidence_its_language_and_the_words_that_decided() -> None:
    result = reeve("triage", "--json", given=lines(BUG, WISH, MARKED, VAGUE))

    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert [(each["id"], each["kind"], each["language"]) for each in found] == [
        (1, "bug", "en"),
        ("b", "feature", "zh-CN"),
        (3, "docs", "en"),
        (4, None, "en"),
    ]
    assert "segfault" in found[0]["reasons"]
    assert "希望" in found[1]["reasons"]
    assert found[2]["confidence"] == 1
    assert all(0 <= each["confidence"] <= 1 for each in found)


def test_a_bad_line_is_named_and_the_others_are_sorted_all_the_same() -> None:
    given = (
        lines(BUG).encode()
        + b"not json\n\n"
        + lines({"id": 2}).encode()
        + b'{"title": "\xff"}\n'
        + lines(WISH).encode()
    )
    result = reeve("triage", "--json", given=given)

    assert result.exit_code == 1
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == [1, "b"]
    told = result.stderr.splitlines()
    assert [line.split(":")[0] for line in told] == ["line 2", "line 4", "line 5"]
    assert "title" in told[1]


@pytest.mark.parametrize("given", [f"[{json.dumps(BUG)}]", '"Segfault on import"', "7"])
def test_what_is_no_object_is_told_how_to_become_one(given: str) -> None:
    result = reeve("triage", "--json", given=given)

    assert result.exit_code != 0
    assert "line 1: is no JSON object" in result.stderr
    assert "jq -c" in result.stderr


def test_without_json_a_line_is_for_people() -> None:
    result = reeve("triage", given=lines(BUG, VAGUE))

    bug, vague = result.stdout.splitlines()
    assert bug.startswith("1  bug")
    assert "because: segfault" in bug
    assert vague.startswith("4  ask")


def test_a_policy_file_holds_there_as_it_does_in_the_service(tmp_path: Path) -> None:
    file = tmp_path / "reeve.yml"
    file.write_text("version: 1\ntriage: {classifier: suggest}\n", encoding="utf-8")

    found = json.loads(reeve("triage", "--json", "--config", str(file), given=lines(BUG)).stdout)

    assert (found["kind"], found["guess"], found["rule"]) == (None, "bug", "suggestion")


def test_eval_prints_what_was_measured(tmp_path: Path) -> None:
    file = labelled(tmp_path / "issues.jsonl", 40)

    found = json.loads(reeve("triage", "eval", str(file), "--json").stdout)

    assert found["issues"] == 40
    assert set(found["classes"]) == {"bug", "feature"}
    assert found["macro_f1"]["low"] <= found["macro_f1"]["value"] <= found["macro_f1"]["high"]
    assert {"coverage_at_wanted_precision", "calibration_error", "curve"} <= set(found)


def test_eval_after_a_fit_is_better_where_the_house_has_words_of_its_own(tmp_path: Path) -> None:
    file, history = labelled(tmp_path / "issues.jsonl", 20), labelled(tmp_path / "history.jsonl", 120)

    alone = json.loads(reeve("triage", "eval", str(file), "--json").stdout)
    result = reeve("triage", "eval", str(file), "--fit", str(history), "--json")

    assert "it is used" in result.stderr
    assert json.loads(result.stdout)["macro_f1"]["value"] > alone["macro_f1"]["value"]
    assert json.loads(result.stdout)["macro_f1"]["value"] > 0.9


def test_fit_to_a_file_tells_how_well_it_would_do(tmp_path: Path) -> None:
    result = reeve("triage", "fit", str(labelled(tmp_path / "history.jsonl", 120)), "--json")

    found = json.loads(result.stdout)
    assert (found["repository"], found["issues"], found["is_used"], found["mode"]) == ("acme/model", 120, True, "label")
    assert found["macro_f1"] > 0.9 > found["macro_f1_without"]


def test_fewer_than_fifty_labelled_issues_are_too_few(tmp_path: Path) -> None:
    file = str(labelled(tmp_path / "history.jsonl", 49))

    assert "too few to fit to" in reeve("triage", "fit", file).stdout
    assert json.loads(reeve("triage", "fit", file, "--json").stdout)["mode"] == "suggest"


@pytest.mark.parametrize("command", [("triage", "eval"), ("triage", "fit")])
def test_a_line_without_a_known_label_is_named_with_its_file(command: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "issues.jsonl"
    file.write_text(lines({"title": "x", "label": "bug"}, {"title": "y", "label": "chore"}), encoding="utf-8")

    result = reeve(*command, str(file))

    assert result.exit_code != 0
    assert f"{file}: line 2: label must be one of bug" in str(result.exception)


def test_a_model_is_made_from_labelled_issues_and_reads_back(tmp_path: Path) -> None:
    out = tmp_path / "model.bin"

    result = reeve("train", str(labelled(tmp_path / "history.jsonl", 30)), "--out", str(out))

    assert result.exit_code == 0
    assert f"{out}: {out.stat().st_size} bytes" in result.stdout


def test_what_a_second_reading_found_counts_and_what_is_unclear_is_left_out(tmp_path: Path) -> None:
    data, again = tmp_path / "data.jsonl", tmp_path / "again.jsonl"
    rows = [{"id": name, "title": f"title {name}", "label": "bug"} for name in "abc"]
    data.write_text(lines(*rows), encoding="utf-8")
    again.write_text(lines({"id": "a", "label": "documentation"}, {"id": "b", "label": "unclear"}), encoding="utf-8")

    found = read_examples([data], again)

    assert [(each.title, each.label, each.before) for each in found] == [
        ("title a", "docs", "bug"),
        ("title c", "bug", None),
    ]


def test_a_bad_line_of_a_second_reading_is_named_with_its_file(tmp_path: Path) -> None:
    data, again = labelled(tmp_path / "data.jsonl", 30), tmp_path / "again.jsonl"
    again.write_text(lines({"id": "a", "label": "chore"}), encoding="utf-8")

    result = reeve("train", str(data), "--reread", str(again), "--out", str(tmp_path / "model.bin"))

    assert result.exit_code != 0
    assert f"{again}: line 1: label" in str(result.exception)
