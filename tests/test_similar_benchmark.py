"""What `python -m benchmarks similar` counts: what was read as right is right, and what nobody read is wrong."""

import json
from pathlib import Path

import pytest

from benchmarks.similar import GROUPS, HELD_OUT, PAIRS, Verdict, benchmark, issues, precision, search, verdicts

TITLE = "Speculative decoding hangs after a preempted request"
BODY = "The scheduler never wakes up again; `spec_decode.worker` waits for a token."
GROUP = "held out, without facebook/react"


def corpus(path: Path) -> Path:
    """Write three issues about the same matter and one about another, as the data folder has them."""
    texts = [
        (TITLE, BODY),
        (TITLE, BODY + "\u2028Again."),
        ("Support LoRA adapters", "In the chat endpoint."),
        (TITLE, BODY),
    ]
    rows = [
        {"id": f"{number}", "repo": HELD_OUT[1], "title": title, "body": body, "created_at": f"2026-01-0{number + 1}"}
        for number, (title, body) in enumerate(texts)
    ]
    lines = [json.dumps(row, ensure_ascii=False) for row in reversed(rows)]
    (path / "issues.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path / "issues.jsonl"


def test_each_issue_is_held_against_the_older_ones_and_what_nobody_read_counts_as_wrong(tmp_path: Path) -> None:
    searched = search(issues([corpus(tmp_path)]))

    assert {each.pair for each in searched.named} == {("1", "0"), ("3", "0"), ("3", "1")}
    read = {("1", "0"): Verdict(is_same=True, stands_for=1), ("3", "0"): Verdict(is_same=False, stands_for=1)}
    assert precision(searched, read, GROUP, 0.5)[0] == 1 / 3
    assert precision(searched, read, GROUP, 1.1) == (0.0, 0.0, 1.0)


def test_the_pairs_that_were_read_are_ids_and_verdicts_and_no_text() -> None:
    lines = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]

    assert {key for line in lines for key in line} == {"newer", "older", "same", "stands_for"}
    assert all(len(line["newer"]) == len(line["older"]) == 12 for line in lines)
    assert len(verdicts(PAIRS)) == len(lines)
    assert set(GROUPS["development"]).isdisjoint(HELD_OUT)


def test_without_the_data_nothing_is_measured_and_nothing_kept(tmp_path: Path) -> None:
    assert benchmark(["--data", str(tmp_path / "absent.jsonl")]) == 0


def test_what_would_be_named_elsewhere_is_printed_to_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        {"title": TITLE, "body": BODY},
        {"title": "Support LoRA adapters", "body": ""},
        {"title": TITLE, "body": ""},
    ]
    (tmp_path / "own.jsonl").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")

    assert benchmark(["--list", str(tmp_path / "own.jsonl")]) == 0
    first, last = capsys.readouterr().out.splitlines()
    assert first.split("\t")[2:] == [TITLE, TITLE]
    assert last == "1 named among 3 issues"
