"""The words by which repositories name the three kinds: in labels, issue types, title prefixes and form headings."""

import re

from bot.config import Config
from bot.model.kinds import Kind

#: One-to-one, so that what was found can be quoted as it was written: full-width forms and all sorts of brackets.
_NARROW = str.maketrans(
    {
        **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
        **dict.fromkeys("【〔〖「『", "["),
        **dict.fromkeys("】〕〗」』", "]"),
        **dict.fromkeys("\u3000\u00a0\u200b\u200c\u200d\ufeff", " "),
        "’": "'",
        "︰": ":",
    }
)
_NAMESPACE = re.compile(r"(?:kind|type|category|类型|類型|种类|種類)\s*[:/]\s*|(?:kind|type)-")
_SEPARATORS = re.compile(r"[\s_-]+")

_BUG = "bug|bugs|bug report|bug 反馈|bug反馈|bug 报告|bug报告|缺陷|缺陷报告|错误|错误报告|故障|报错|錯誤|錯誤報告|報錯"
_FEATURE = (
    "feature|features|feat|feature request|feature requests|feature proposal|enhancement|enhancements"
    "|功能|新功能|功能请求|功能需求|功能建议|功能增强|增强|需求|建议|特性|新特性|特性请求"
    "|功能請求|功能建議|功能增強|增強|建議|特性請求"
)
_DOCS = "docs|doc|documentation|document|文档|文档问题|文档改进|文档错误|文檔|文檔問題|文檔改進|文檔錯誤"
_KINDS: dict[str, Kind] = {
    word: kind
    for kind, words in ((Kind.BUG, _BUG), (Kind.FEATURE, _FEATURE), (Kind.DOCS, _DOCS))
    for word in words.split("|")
}
_QUESTION = (
    "question|questions|help|help wanted|usage|support|discussion|how to|提问|求助|疑问|咨询|请教|讨论"
    "|提問|疑問|諮詢|請教|討論"
)
_QUESTIONS = frozenset(_QUESTION.split("|"))


def narrow(text: str) -> str:
    """Return the text with full-width letters, brackets and colons as plain ones, character for character."""
    return text.translate(_NARROW)


def plain(word: str) -> str:
    """Return a word or phrase without the differences that do not matter: case, width, hyphens, extra spaces."""
    return _SEPARATORS.sub(" ", narrow(word)).strip().casefold()


def kind_of_word(word: str) -> Kind | None:
    """Return the kind that a word says outright: `Feature Request`, `缺陷`."""
    return _KINDS.get(plain(word))


def is_question(word: str) -> bool:
    """Say whether a word marks a question, which is none of the three kinds."""
    return plain(word) in _QUESTIONS


def kind_of_name(name: str) -> Kind | None:
    """Return the kind that a label or issue type stands for by common usage: `kind/bug`, `type: feature`."""
    return kind_of_word(_NAMESPACE.sub("", narrow(name).strip().casefold(), count=1)) if name else None


def kind_of_label(label: str, config: Config) -> Kind | None:
    """Return the kind of a label: the repository's own names first, then common ones."""
    if same(label, config.labels.needs_triage):
        return None
    own = (kind for kind in Kind if same(label, config.labels.of(kind)))
    return next(own, None) or kind_of_name(label)


def same(one: str | None, other: str | None) -> bool:
    """Say whether two names are one label or type to GitHub, which ignores the case of letters."""
    return one is not None and other is not None and one.casefold() == other.casefold()
