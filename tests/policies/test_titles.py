"""What titles say about themselves, as people write them in English and Chinese."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.kinds import Kind
from bot.policies.triage import titles

BUG, FEATURE, DOCS = {Kind.BUG}, {Kind.FEATURE}, {Kind.DOCS}


@pytest.mark.parametrize(
    ("title", "kinds", "evidence"),
    [
        ("[Bug] Crash on load", BUG, "[Bug]"),
        ("[BUG]: Crash on load", BUG, "[BUG]"),
        ("bug: crash", BUG, "bug:"),
        ("Bug： crash", BUG, "Bug："),
        ("BUG : crash", BUG, "BUG :"),
        ("Ｂｕｇ：崩溃", BUG, "Ｂｕｇ："),
        ("［Bug］崩溃", BUG, "［Bug］"),
        ("【Bug】崩溃", BUG, "【Bug】"),
        ("【bug】：崩溃", BUG, "【bug】"),
        ("〔缺陷〕崩溃", BUG, "〔缺陷〕"),
        ("「故障」崩溃", BUG, "「故障」"),
        ("【错误】崩溃", BUG, "【错误】"),
        ("【錯誤】崩潰", BUG, "【錯誤】"),
        ("【报错】崩溃", BUG, "【报错】"),
        ("报错：启动失败", BUG, "报错："),
        ("(bug) crash", BUG, "(bug)"),
        ("[ bug ] crash", BUG, "[ bug ]"),
        ("  [Bug] crash", BUG, "[Bug]"),
        ("[Bug Report] crash", BUG, "[Bug Report]"),
        ("🐛 Bug: crash", BUG, "Bug:"),
        ("🐛[Bug] crash", BUG, "[Bug]"),
        ("[Core][Bug] crash", BUG, "[Bug]"),
        ("[Bug][Core] crash", BUG, "[Bug]"),
        ("[v0.4] bug: crash", BUG, "bug:"),
        ("bug(loader): crash", BUG, "bug(loader):"),
        ("[Feature] Streams", FEATURE, "[Feature]"),
        ("[Feature Request] Streams", FEATURE, "[Feature Request]"),
        ("[feature-request] Streams", FEATURE, "[feature-request]"),
        ("[FEATURE_REQUEST]: Streams", FEATURE, "[FEATURE_REQUEST]"),
        ("Feature request: Streams", FEATURE, "Feature request:"),
        ("feat: streams", FEATURE, "feat:"),
        ("feat(api)!: streams", FEATURE, "feat(api)!:"),
        ("enhancement: streams", FEATURE, "enhancement:"),
        ("【功能】流式", FEATURE, "【功能】"),
        ("【功能请求】流式", FEATURE, "【功能请求】"),
        ("【功能請求】串流", FEATURE, "【功能請求】"),
        ("【新功能】流式", FEATURE, "【新功能】"),
        ("[需求] 流式", FEATURE, "[需求]"),
        ("建议：支持流式", FEATURE, "建议："),
        ("建議：支援串流", FEATURE, "建議："),
        ("docs: typo", DOCS, "docs:"),
        ("doc: typo", DOCS, "doc:"),
        ("[Docs] typo", DOCS, "[Docs]"),
        ("[Documentation] typo", DOCS, "[Documentation]"),
        ("【文档】错字", DOCS, "【文档】"),
        ("【文檔】錯字", DOCS, "【文檔】"),
        ("[Bug][Feature] both", BUG | FEATURE, "[Bug] [Feature]"),
        ("[Bug] docs: both", BUG | DOCS, "[Bug] docs:"),
        ("[bug/feature] both", BUG | FEATURE, "[bug/feature]"),
        ("[Bug][BUG] twice the same", BUG, "[Bug] [BUG]"),
        ("Bug in the loader", set(), ""),
        ("A bug: crash", set(), ""),
        ("[Bug?] maybe", set(), ""),
        ("[Bug crash", set(), ""),
        ("Fix [bug] later", set(), ""),
        ("Crash: on load", set(), ""),
        ("fix: crash", set(), ""),
        ("[Performance] slow", set(), ""),
        ("[RFC] streams", set(), ""),
        ("error: cannot load", set(), ""),
        ("https://example.com is down", set(), ""),
        ("debug: more output", set(), ""),
        ("文档问答功能崩溃", set(), ""),
        ("", set(), ""),
    ],
)
def test_a_prefix_says_the_kind_outright_or_nothing(title: str, kinds: set[Kind], evidence: str) -> None:
    prefix = titles.read(title)
    assert (set(prefix.kinds), prefix.evidence, prefix.is_question) == (kinds, evidence, False)


@pytest.mark.parametrize(
    "title",
    [
        "[Question] why",
        "question: why",
        "【提问】为什么",
        "【提問】為什麼",
        "【疑问】",
        "[Help] x",
        "求助：x",
        "[Usage]: x",
    ],
)
def test_a_question_is_none_of_the_three_kinds(title: str) -> None:
    prefix = titles.read(title)
    assert prefix.is_question
    assert not prefix.kinds


def test_a_bug_that_asks_for_help_is_both() -> None:
    prefix = titles.read("[Bug/Help] crash")
    assert prefix.is_question
    assert prefix.kinds == {"bug"}


@given(st.text(alphabet="[]【】(): 　bugfeat文档\u200b\ud800!/", max_size=60) | st.text(max_size=300))
def test_any_title_is_read_without_fail(title: str) -> None:
    assert titles.read(title).evidence.strip() == titles.read(title).evidence
