"""Issues too thin to act on are asked about, in both languages; others never are. The shared data says how often."""

import json
import os
from pathlib import Path

import pytest

from bot.config import parse
from bot.policies import triage
from tests.policies.given import NOW, change, decide, facts

_BESIDE = Path(__file__).resolve().parents[3] / "shared" / "data"
DATA = Path(os.environ.get("REEVE_SHARED_DATA", _BESIDE)) / "triage"

FORM = "### Describe the bug\n\n{}\n\n### Steps to reproduce\n\n_No response_\n\n### Version\n\n_No response_\n"
CHINESE_FORM = "### 问题描述\n\n_No response_\n\n### 复现步骤\n\n_No response_\n\n### 版本\n\n无\n"
TEMPLATE = """\
**Describe the bug**
A clear and concise description of what the bug is.

**To Reproduce**
Steps to reproduce the behavior:
1. Go to '...'
2. Click on '....'

**Expected behavior**
A clear and concise description of what you expected to happen.
"""

THIN = [
    ("help", ""),
    ("It does not work", "It does not work"),
    ("Not working", "please fix"),
    ("bug", "there is a bug"),
    ("error", "I get an error"),
    ("Error when running", "error when running"),
    ("Broken", "it is broken since yesterday"),
    ("urgent!!", "nothing works, please help asap"),
    ("Feature request", "please add it"),
    ("loading fails", "loading the model fails"),
    ("[Bug]: ", FORM.format("_No response_")),
    ("[BUG] crash", TEMPLATE),
    ("报错", ""),
    ("报错了", "怎么办"),
    ("用不了", "用不了，求助"),
    ("无法运行", "运行报错"),
    ("训练报错", "训练的时候报错了"),
    ("有问题", "有问题，大佬帮忙看看"),
    ("[Feature] 希望支持", ""),
    ("文档有误", "文档有误"),
    ("[Bug]: 推理报错", CHINESE_FORM),
]
ENOUGH = [
    ("Segfault on import on Python 3.12", ""),
    ("crash on load", "It crashes when the weights are loaded."),
    ("Support RTL layout", "I hope to support RTL"),
    ("Typo in README", "s/teh/the/"),
    ("load_dataset fails", "```\nKeyError\n```"),
    ("It does not work", "![screenshot](https://example.com/a.png)"),
    ("error", "version 1.2.3"),
    ("imshow is slow", FORM.format("imshow is slow")),
    ("多卡推理时显存不断增长", "每处理一次请求就增加 200MB"),
    ("README 链接失效", "https://example.com"),
    ("怎么让模型只输出 JSON", "试过提示词，不稳定"),
]


def asked(title: str, body: str) -> bool:
    """Say whether the author is asked for more."""
    effect = change(decide(facts(title, body=body)))
    return effect is not None and "needs-info" in effect.add


@pytest.mark.parametrize(("title", "body"), THIN)
def test_an_issue_that_says_nothing_to_act_on_gets_needs_info(title: str, body: str) -> None:
    assert asked(title, body)


@pytest.mark.parametrize(("title", "body"), ENOUGH)
def test_an_issue_that_says_something_is_not_asked_for_more(title: str, body: str) -> None:
    assert not asked(title, body)


def test_the_comment_says_what_is_missing_of_this_kind() -> None:
    verdict = decide(facts("[Bug]: ", body=FORM.format("_No response_")))

    assert verdict.message is not None
    assert verdict.message.data["missing"] == ("what", "steps", "version")


def test_nothing_is_asked_of_an_issue_that_a_person_sorted_or_where_the_policy_says_no() -> None:
    assert not any("needs-info" in each.add for each in [change(decide(facts("help", labels=["bug"])))] if each)

    config = parse("version: 1\ntriage: {ask_for_more: false}\n")
    (effect,) = triage.decide(facts("help"), config, NOW).effects
    assert "needs-info" not in getattr(effect, "add", ())


@pytest.mark.skipif(not DATA.is_dir(), reason=f"no data at {DATA}: set REEVE_SHARED_DATA")
def test_of_issues_that_people_worked_with_hardly_one_in_a_thousand_is_asked_for_more() -> None:
    lines = (DATA / "nlbse24_train.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    thin = [row["title"] for row in rows if asked(row["title"], row["body"] or "")]

    assert len(thin) <= len(rows) * 0.004, thin
