"""Which issue form a body came from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policies.triage import forms

BUG_FORM = """\
### Is there an existing issue for this?

- [X] I have searched the existing issues

### Describe the bug

It crashes.

### Steps to reproduce

1. Load

### Expected behavior

_No response_
"""
CHINESE_BUG_FORM = "### 复现步骤\n\n1. 加载模型\n\n### 预期行为\n\n不崩溃\n\n### 实际行为\n\n崩溃\n"
TWO_LANGUAGES = "### 当前行为 | Current Behavior\n\n报错\n\n### 期望行为 | Expected Behavior\n\n_No response_\n"
FEATURE_FORM = (
    "### Is your feature request related to a problem? Please describe.\n\nyes\n\n"
    "### Describe the solution you'd like\n\nstreams\n\n### Describe alternatives you’ve considered\n\n_No response_\n"
)
VLLM_FEATURE_FORM = "### 🚀 The feature, motivation and pitch\n\nstreams\n\n### Alternatives\n\n_No response_\n"
CHINESE_FEATURE_FORM = "### 功能描述\n\n流式\n\n### 使用场景\n\n聊天\n\n### 替代方案\n\n无\n"
DOCS_FORM = "### Page or section\n\nInstall\n\n### What is wrong?\n\nold\n\n### Suggested change\n\nnew\n"
VLLM_DOCS_FORM = "### 📚 The doc issue\n\nold\n\n### Suggest a potential alternative/fix\n\n_No response_\n"
CHINESE_DOCS_FORM = "### 页面或章节\n\n安装\n\n### 文档问题\n\n过时\n\n### 修改建议\n\n更新\n"
MARKDOWN_TEMPLATE = (
    "**Describe the bug**\nIt crashes.\n\n**To Reproduce**\n1. Load\n\n**Expected behavior:**\nNo crash\n"
)
DECORATED = "## 1. Steps to Reproduce *\n\nx\n\n## 2. Actual results (required):\n\ny\n"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (BUG_FORM, "bug"),
        (BUG_FORM.replace("\n", "\r\n"), "bug"),
        (CHINESE_BUG_FORM, "bug"),
        (TWO_LANGUAGES, "bug"),
        (MARKDOWN_TEMPLATE, "bug"),
        (DECORATED, "bug"),
        (FEATURE_FORM, "feature"),
        (VLLM_FEATURE_FORM, "feature"),
        (CHINESE_FEATURE_FORM, "feature"),
        (DOCS_FORM, "docs"),
        (VLLM_DOCS_FORM, "docs"),
        (CHINESE_DOCS_FORM, "docs"),
        (BUG_FORM + "\n### Proposed solution\n\ncatch it\n", "bug"),
    ],
)
def test_a_form_is_recognised_by_its_headings(body: str, kind: str) -> None:
    found = forms.recognise(body)
    assert found is not None
    assert found[0] == kind


@pytest.mark.parametrize(
    "body",
    [
        "",
        "It crashes.",
        "### Describe the bug\n\nIt crashes.",
        "### Environment\n\nLinux\n\n### Additional context\n\nnone\n\n### Version\n\n1",
        "### Steps to reproduce\n\nx\n\n### To reproduce\n\nthe same question twice",
        f"<!--\n{BUG_FORM}\n-->",
        f"<!-- never closed\n{BUG_FORM}",
        f"```markdown\n{BUG_FORM}\n```",
        f"~~~~\n```\n{BUG_FORM}\n~~~~",
        "Steps to reproduce\nExpected behavior\nActual behavior",
        CHINESE_BUG_FORM.partition("### 实际行为")[0] + VLLM_FEATURE_FORM,
        "### " + "x" * 200 + "\n\n### Steps to reproduce\n",
    ],
    ids=range(12),
)
def test_what_is_no_form_or_two_forms_decides_nothing(body: str) -> None:
    assert forms.recognise(body) is None


def test_the_headings_that_decided_are_given_as_they_were_written() -> None:
    found = forms.recognise(VLLM_FEATURE_FORM)
    assert found is not None
    assert found[1] == ("🚀 The feature, motivation and pitch", "Alternatives")


@given(st.text(max_size=300) | st.text(alphabet="#* \n`~<!->复现步骤|/", max_size=300))
def test_any_body_is_read_without_fail(body: str) -> None:
    assert forms.recognise(body) is None or body
