"""The language of the author, told from what the author wrote."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import Config
from bot.policies import language
from tests.limits import at_most
from tests.policies.given import facts

TRACEBACK = 'Traceback (most recent call last):\n  File "/opt/app/main.py", line 3\nRuntimeError: CUDA out of memory\n'


@pytest.mark.parametrize(
    ("title", "body", "expected"),
    [
        ("Crash on load", "", "en"),
        ("加载时崩溃", "", "zh-CN"),
        ("載入時崩潰", "", "zh-CN"),
        ("模型 load 的时候 crash", "", "zh-CN"),
        ("加载 model 失败", "", "zh-CN"),
        ("请问 vLLM 怎么 support Qwen3 的 tensor parallel 推理", "", "zh-CN"),
        ("推理报错 RuntimeError CUDA error device side assert triggered", "", "zh-CN"),
        ("Tokenizer breaks on 你好", "", "en"),
        ("The tokenizer splits 你好世界 in a wrong way", "", "en"),
        ("Question about 千问", "The model 千问 does not load with the newest release of the library.", "en"),
        ("バグ報告: モデルが読み込めません", "", "en"),
        ("日本語の説明が間違っています", "", "en"),
        ("모델 로드 실패", "", "en"),
        ("", "", "en"),
        ("OOM", "", "en"),
        ("OOM", "显存不够，24G 也跑不起来", "zh-CN"),
        ("[BUG] <title>", "### 当前行为 | Current Behavior\n\n推理时卡住\n\n### Environment\n\n_No response_", "zh-CN"),
        ("Crash", "### 复现步骤\n\nLoad the model and run it\n\n### 预期行为\n\nIt does not crash", "en"),
        ("Crash", "<!-- 请认真填写以下内容，感谢配合 -->\nIt crashes when loading", "en"),
        ("Crash", "- [x] 我已经搜索过已有的 issues\n\nIt crashes when loading", "en"),
        ("Crash", "> 之前有人说已经修复了\n\nIt still crashes when loading", "en"),
        ("Crash", "```\n错误：显存不足，无法分配内存\n```\nIt prints the above and exits", "en"),
        ("Crash", "The message `错误：显存不足，无法分配内存` is printed", "en"),
        ("启动失败", f"如下\n\n{TRACEBACK}", "zh-CN"),
        ("启动失败", "见 https://example.com/a/very/long/path/that/is/english/only/and/long/enough", "zh-CN"),
        ("启动失败", "在 /usr/local/lib/python3.11/site-packages/some/long/path/of/words 下面", "zh-CN"),
        ("启动失败", "2026-11-23 10:00:00 INFO server started on port and is ready\n[10:00:01] loading\n", "zh-CN"),
    ],
)  # fmt: skip
def test_the_language_is_the_authors_own(title: str, body: str, expected: str) -> None:
    assert language.detect(title, body) == expected


@pytest.mark.parametrize(("setting", "expected"), [("auto", "zh-CN"), ("en", "en"), ("zh-CN", "zh-CN")])
def test_the_repository_may_prescribe_a_language(setting: str, expected: str) -> None:
    config = Config.model_validate({"language": setting})
    assert language.choose(config, facts("加载时崩溃").issue) == expected


@pytest.mark.parametrize("unit", ["x", "/", "`", "<!--", "```\n", "**", "## ", "[x](", "> ", "=", "中", "a/b/", "at x"])
def test_a_long_body_takes_no_long_time(unit: str) -> None:
    body = unit * (65_536 // len(unit))
    with at_most(20):  # the usual is below 0.05 s
        assert language.detect("x", body) == ("zh-CN" if unit == "中" else "en")


@given(st.text(max_size=100), st.text(max_size=300))
def test_any_text_has_one_of_the_two_languages(title: str, body: str) -> None:
    assert language.detect(title, body) in {"en", "zh-CN"}
