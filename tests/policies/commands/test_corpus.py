"""Every case of the project's corpus of comments, which lies beside the checkout."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from bot.config import Config
from bot.model.effects import React
from bot.model.roles import Role
from bot.model.subjects import Actor
from bot.policies.commands import Command, Head, Situation, decide_comment, ignored, parse
from bot.policies.commands.guard import Admitted, Reason, Refusal, admit
from tests.policies.commands.given import AUTHOR, NOW, PERSON, SHA, situation

_BESIDE = Path(__file__).resolve().parents[3].parent / "shared" / "data"
CORPUS = Path(os.environ.get("REEVE_SHARED_DATA", _BESIDE)) / "security" / "comments.jsonl"

if not CORPUS.is_file():
    pytest.skip(
        "the corpus is not here: it lies beside the checkout, or where REEVE_SHARED_DATA says", allow_module_level=True
    )

CASES: list[dict[str, Any]] = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]


def circumstances(case: dict[str, Any]) -> Situation | None:
    """Return what the case describes; only `issue_comment` events become comments at all."""
    if case["event"] != "issue_comment":
        return None
    by = AUTHOR if case.get("is_author") else PERSON
    head = Head(
        case.get("head_at_comment", SHA), case.get("head_at_action", SHA), bool(case.get("pushed_after_comment"))
    )
    return situation(
        case["body"],
        role=Role[case["permission"].upper()] if case.get("permission") else None,
        by=Actor(by.id, by.login, is_bot=case.get("user_type") == "Bot"),
        action=case["action"],
        is_edited="updated_at" in case,
        head=head if case["is_pr"] else None,
        is_open=case.get("state", "open") == "open",
    )


def judged(given: Situation | None) -> list[Admitted | Refusal]:
    """Return what is admitted and refused, whether the verb is available yet or not."""
    if given is None or ignored(given):
        return []
    parsed = parse(given.comment.body)
    if not isinstance(parsed, tuple):
        return [Refusal(Reason.TOO_MANY)]
    return [
        admit(each, given, NOW) if isinstance(each, Command) else Refusal(Reason.UNKNOWN_COMMAND) for each in parsed
    ]


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_case_of_the_corpus_comes_out_as_it_says(case: dict[str, Any]) -> None:
    results, expect = judged(circumstances(case)), case["expect"]
    ran = [each for each in results if isinstance(each, Admitted)]
    assert set(expect) <= {"run", "run_many", "run_many_max", "refuse", "sha"}
    if "run" in expect:
        assert [list(each.argv) for each in ran] == ([expect["run"]] if expect["run"] else [])
    if "run_many" in expect:
        assert len(ran) == expect["run_many"]
    if "refuse" in expect:
        assert [each.reason.value for each in results if isinstance(each, Refusal)] == [expect["refuse"]]
    if "sha" in expect:
        assert [each.sha for each in ran] == [expect["sha"]]
    assert len(ran) <= expect.get("run_many_max", 5)


IDLE = [case for case in CASES if not case["expect"].get("run") and not case["expect"].get("run_many")]


@pytest.mark.parametrize("case", IDLE, ids=[case["id"] for case in IDLE])
def test_what_the_corpus_says_nothing_comes_of_changes_nothing(case: dict[str, Any]) -> None:
    given = circumstances(case)
    answers = decide_comment(given, Config(), NOW) if given else ()
    for answer in answers:
        assert answer.ran is None
        assert answer.override is None
        assert all(isinstance(each, React) for each in answer.verdict.effects)
    if case["expect"] == {"run": None}:
        assert answers == ()
