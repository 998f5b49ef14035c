"""Some examples in other clothes: a tag in front, or poured into a form, so that a model knows what those are worth.

The issues at hand come from repositories with few tags and forms; elsewhere nearly every issue has one. One in ten of
the tags is wrong, as in life, and a question mostly comes as something else.
"""

import zlib
from collections.abc import Sequence
from dataclasses import replace

from bot.classifier.corpus import Example, Label

#: One of so many examples gets a tag, another one a form.
EVERY = 4

#: What GitHub puts into a field of a form that was left empty.
EMPTY = "_No response_"

_TAGS: dict[Label, tuple[str, ...]] = {
    "bug": ("[Bug]: {}", "[BUG] {}", "bug: {}", "【Bug】{}", "[Bug] {}", "Bug: {}"),
    "feature": (
        "[Feature]: {}",
        "[Feature Request] {}",
        "feat: {}",
        "【功能请求】{}",
        "[Feature] {}",
        "Feature request: {}",
    ),
    "docs": ("[Doc]: {}", "[Docs] {}", "docs: {}", "【文档】{}", "DOC: {}", "[Documentation] {}"),
    "question": ("[Usage]: {}", "[Question] {}", "Question: {}", "【提问】{}", "[Help] {}", "[Question]: {}"),
}
# A form is its headings: the text stands under the one with the colon, what comes after "=" is what was chosen there,
# and the others are left as they came.
_FORMS: dict[Label, tuple[tuple[str, ...], ...]] = {
    "bug": (
        ("Your current environment", "🐛 Describe the bug:"),
        ("Describe the bug:", "Steps to reproduce", "Expected behavior"),
        ("当前行为 | Current Behavior:", "期望行为 | Expected Behavior", "复现方法 | Steps To Reproduce"),
        ("Describe the bug:", "Steps/Code to Reproduce", "Expected Results", "Actual Results", "Versions"),
        ("System Info", "Reproduction:", "Expected behavior"),
        ("Issue type=Bug", "Version", "Current behavior:", "Relevant log output"),
        ("Checked other resources=- [X] I searched the documentation.", "Example Code", "Description:", "System Info"),
        ("What kind of issue is this?=- [x] Bug report\n- [ ] Feature request\n- [ ] Question", "Details:"),
        ("Self Checks=- [X] I have searched for existing issues.", "Steps to reproduce:", "✔️ Expected", "❌ Actual"),
        ("bug描述 Describe the Bug:", "其他补充信息 Additional Supplementary Information"),
        ("问题类型=缺陷", "版本", "问题描述:", "日志"),
        ("Prerequisite", "Environment", "Reproduces the problem - error message:"),
    ),
    "feature": (
        ("🚀 The feature, motivation and pitch:", "Alternatives", "Additional context"),
        ("Describe the workflow you want to enable:", "Describe your proposed solution", "Additional context"),
        ("Feature request:", "Motivation", "Your contribution"),
        ("Is your feature request related to a problem? Please describe.:", "Describe the solution you'd like"),
        ("功能描述 | Feature Description:", "解决方案 | Solution"),
        ("Issue type=Feature Request", "Version", "Current behavior:", "Relevant log output"),
        ("What kind of issue is this?=- [ ] Bug report\n- [x] Feature request\n- [ ] Question", "Details:"),
        ("Checked=- [X] I searched existing ideas.", "Feature request:", "Motivation", "Proposal (If applicable)"),
        ("The model to consider.:", "The closest model already supported.", "What's your difficulty of supporting it?"),
        ("Motivation.:", "Proposed Change.", "Feedback Period.", "CC List."),
        ("需求描述 Feature Description:", "替代实现 Alternatives"),
        ("起始日期 | Start Date", "摘要 | Summary:", "基本示例 | Basic Example", "缺陷 | Drawbacks"),
        ("问题类型=功能建议", "版本", "描述:"),
    ),
    "docs": (
        ("📚 The doc issue:", "Suggest a potential alternative/fix"),
        ("Describe the issue linked to the documentation:", "Suggest a potential alternative/fix"),
        ("Documentation link", "Describe the documentation issue:"),
        ("页面或章节", "文档问题:"),
        ("Issue with current documentation:", "Idea or request for content"),
        ("Issue type=Documentation", "Version", "Current behavior:"),
        ("Checklist=- [X] I added a very descriptive title.", "Issue with current documentation:", "Idea or request"),
        ("URL(s) with the issue", "Description of issue (what needs changing):"),
        ("文档链接&描述 Document Links & Description:", "请提出你的建议 Please give your suggestion"),
        ("问题类型=文档", "描述:"),
    ),
    "question": (
        ("Your current environment", "How would you like to use it:"),
        ("起始日期 | Start Date", "问题描述 | Your question:"),
        ("请提出你的问题 | Please ask your question:",),
        ("Question:", "Additional context"),
        ("Describe your question:",),
        ("Issue type=Support", "Version", "Current behavior:", "Relevant log output"),
        ("What kind of issue is this?=- [ ] Bug report\n- [ ] Feature request\n- [x] Question", "Details:"),
        ("Your current environment", "How you are installing it:"),
        ("Checked other resources=- [X] I searched the documentation.", "Example Code", "Description:", "System Info"),
        ("问题类型=咨询", "版本", "描述:"),
    ),
}
_ALL: tuple[Label, ...] = ("bug", "feature", "docs", "question")


def disguised(example: Example) -> Example:
    """Return the example, in other clothes if its turn has come; which ones depends on its text alone."""
    number = zlib.crc32(f"{example.title}\n{example.body[:200]}".encode(errors="replace"))
    turn, number = number % EVERY, number // EVERY
    if turn > 1 or example.title.lstrip().startswith(("[", "【")) or "#" in example.body[:300]:
        return example
    label = _worn(example.label, number % 20)
    choice = number // 20
    if turn == 0:
        return replace(example, title=_TAGS[label][choice % len(_TAGS[label])].format(example.title))
    return replace(example, body=_poured(example.body, _FORMS[label][choice % len(_FORMS[label])]))


def _worn(label: Label, chance: int) -> Label:
    """Return whose clothes it wears: 18 in 20 their own, but of questions 12, and 6 those of a bug."""
    if label == "question" and 12 <= chance < 18:
        return "bug"
    return label if chance < 18 else _ALL[chance % len(_ALL)]


def _poured(body: str, form: Sequence[str]) -> str:
    return "\n\n".join(_field(each, body) for each in form)


def _field(field: str, body: str) -> str:
    heading, is_chosen, answer = field.partition("=")
    if is_chosen:
        return f"### {heading}\n\n{answer}"
    return f"### {heading.removesuffix(':')}\n\n{body if heading.endswith(':') else EMPTY}"
