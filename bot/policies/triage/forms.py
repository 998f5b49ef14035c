"""Which issue form was filled in, told by its headings: one may occur anywhere, several of a kind are a form."""

import re

from bot.model.kinds import Kind
from bot.policies import markdown
from bot.policies.triage.vocabulary import plain

#: How many different questions of one kind's forms must be there.
ENOUGH = 2

# One entry for each question that the forms of a kind ask, in all its wordings.
_QUESTIONS: dict[Kind, tuple[str, ...]] = {
    Kind.BUG: (
        (
            "describe the bug|bug description|description of the bug|describe the error|what is the bug"
            "|bug 描述|bug描述|缺陷描述|错误描述|描述bug|描述 bug|问题现象|故障现象|故障描述|错误现象|錯誤描述"
            "|問題現象"
        ),
        (
            "steps to reproduce|steps to reproduce the bug|steps to reproduce the issue"
            "|steps to reproduce the behavior|steps to reproduce the problem|reproduction steps|reproduction"
            "|to reproduce|how to reproduce|repro steps|repro|minimal reproducible example|minimal reproduction"
            "|reproduction link|sample code to reproduce the bug|code to reproduce|复现步骤|重现步骤|如何复现"
            "|如何重现|复现方法|复现方式|复现过程|复现|复现代码|可复现的代码|最小复现|最小复现代码"
            "|最小可复现示例|稳定复现步骤|復現步驟|重現步驟|如何重現"
        ),
        (
            "expected behavior|expected behaviour|expected result|expected results|expected|what is expected"
            "|what did you expect|what did you expect to happen|期望行为|预期行为|期望结果|预期结果|期望表现"
            "|期待表现|预期表现|期望行為|預期行為|預期結果|期望結果"
        ),
        (
            "actual behavior|actual behaviour|actual result|actual results|actual|current behavior"
            "|current behaviour|what is actually happening|what actually happened|what happened|实际行为"
            "|实际结果|实际表现|当前行为|目前行为|當前行為|實際行為|實際結果"
        ),
    ),
    Kind.FEATURE: (
        (
            "feature description|describe the feature|feature request|feature|the feature, motivation and pitch"
            "|description of the feature|功能描述|功能说明|需求描述|需求说明|特性描述|特性描述与动机"
            "|功能請求描述|功能說明|需求說明"
        ),
        (
            "is your feature request related to a problem|what problem does this feature solve"
            "|what problem would this feature solve|problem statement|是否与某个问题相关|该功能解决了什么问题"
            "|这个功能解决什么问题|你的功能请求是否与某个问题相关|功能请求是否与问题有关"
        ),
        (
            "motivation|use case|use cases|motivation and use case|动机|使用场景|应用场景|需求背景|需求场景"
            "|動機|使用場景|應用場景"
        ),
        (
            "describe the solution you'd like|the solution you'd like|proposed solution|desired solution"
            "|proposed feature|proposed api|proposal|what does the proposed api look like|期望方案|期望的方案"
            "|你想要的方案|你期望的方案|建议的方案|建议的解决方案|期望的解决方案|解决方案|描述你想要的解决方案"
            "|解決方案|建議的解決方案"
        ),
        (
            "describe alternatives you've considered|describe any alternatives you've considered"
            "|alternatives you've considered|alternatives considered|alternatives|替代方案|备选方案"
            "|其他可选方案|你考虑过的替代方案|已考虑的替代方案|替代方案說明|備選方案"
        ),
    ),
    Kind.DOCS: (
        (
            "page or section|page|which page|documentation page|documentation link|link to documentation"
            "|link to the documentation|link to the doc|doc link|url(s) with the issue"
            "|location of the documentation|where is the problem|页面或章节|页面或小节|哪个页面|哪一页|文档页面"
            "|文档链接|文档地址|文档位置|頁面或章節|文檔鏈接|文檔頁面"
        ),
        (
            "the doc issue|the documentation issue|documentation issue|describe the documentation issue"
            "|describe the issue linked to the documentation|issue with current documentation"
            "|issue with the current documentation|what is wrong with the documentation"
            "|what's wrong with the documentation|what is wrong|what is missing or wrong|文档问题|文档问题描述"
            "|文档存在的问题|文档有什么问题|哪里有误|文檔問題|文檔問題描述"
        ),
        (
            "suggest a potential alternative/fix|suggested correction|suggested change|suggested changes"
            "|suggested fix|suggested improvement|suggested wording|idea or request for content"
            "|how should it be improved|改进建议|修改建议|建议修改|建议的修改|建议改为|如何改进|改進建議"
            "|修改建議"
        ),
    ),
}
_EDGE = re.compile(r"^[\W\d_]+|[\W_]+$")
_ASIDE = re.compile(
    r"\s*(?:\((?:required|optional|必填|选填|可选|必選|選填)\)|please describe|\(please complete[^)]*\))\W*$",
    re.IGNORECASE,
)
_BETWEEN_LANGUAGES = re.compile(r"\s*[|/]\s*")
# Wording -> the kind of its form and which of the form's questions it is.
_TABLE: dict[str, tuple[Kind, int]] = {
    wording: (kind, number)
    for kind, questions in _QUESTIONS.items()
    for number, wordings in enumerate(questions)
    for wording in wordings.split("|")
}


def recognise(body: str) -> tuple[Kind, tuple[str, ...]] | None:
    """Return the kind of the form and the headings that gave it away; None when no form stands out."""
    found: dict[Kind, dict[int, str]] = {kind: {} for kind in Kind}
    for heading in markdown.headings(body):
        for kind, question in _meanings(heading):
            found[kind].setdefault(question, heading)
    best, second = sorted(Kind, key=lambda kind: len(found[kind]), reverse=True)[:2]
    if len(found[best]) < ENOUGH or len(found[best]) == len(found[second]):
        return None
    return best, tuple(found[best].values())


def _meanings(heading: str) -> list[tuple[Kind, int]]:
    """Look a heading up as a whole, then in its parts: forms in two languages write `复现 / Reproduction`."""
    wordings = (heading, *_BETWEEN_LANGUAGES.split(heading)) if len(heading) <= 120 else ()
    return [_TABLE[bare] for bare in map(_bare, wordings) if bare in _TABLE]


def _bare(wording: str) -> str:
    """Drop what decorates a heading: numbers, emoji, asterisks, `(optional)`, a question mark."""
    return _EDGE.sub("", _ASIDE.sub("", _EDGE.sub("", plain(wording), count=1))).rstrip()
