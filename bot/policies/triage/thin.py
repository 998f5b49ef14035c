"""Whether an issue says too little to act on, and what is missing: asked for once, by a label and in the comment."""

import re
from typing import Literal

from bot.classifier import text
from bot.classifier.text import HAN
from bot.config import Config
from bot.model.facts import Facts
from bot.model.kinds import Kind
from bot.policies.triage.finding import Finding
from bot.policies.triage.vocabulary import same

Missing = Literal["what", "steps", "version", "why", "where"]

#: What is needed of each kind; of an issue without one, what helps to tell.
NEEDED: dict[Kind | None, tuple[Missing, ...]] = {
    Kind.BUG: ("what", "steps", "version"),
    Kind.FEATURE: ("what", "why"),
    Kind.DOCS: ("where", "what"),
    None: ("what", "steps", "version"),
}

#: So few telling words besides the title's are no report, unless there is a step, a version, a log or a picture.
FEW = 2

#: A form has been used where there are so many headings.
FORM = 2

# Words that report that something is wrong, and not what.
_VAGUE = frozenset(
    [
        "a",
        "add",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "broken",
        "bug",
        "can",
        "cant",
        "can't",
        "cannot",
        "did",
        "do",
        "does",
        "doesn't",
        "dont",
        "don't",
        "error",
        "feature",
        "for",
        "from",
        "get",
        "have",
        "help",
        "hello",
        "hi",
        "how",
        "i",
        "i'm",
        "in",
        "is",
        "isn't",
        "issue",
        "it",
        "it's",
        "its",
        "just",
        "me",
        "my",
        "need",
        "no",
        "not",
        "of",
        "on",
        "or",
        "please",
        "plz",
        "problem",
        "question",
        "report",
        "request",
        "so",
        "solve",
        "some",
        "something",
        "stuff",
        "test",
        "thank",
        "thanks",
        "that",
        "the",
        "there",
        "this",
        "to",
        "urgent",
        "use",
        "was",
        "what",
        "when",
        "why",
        "with",
        "won't",
        "run",
        "running",
        "work",
        "worked",
        "working",
        "works",
        "wrong",
        "you",
        "your",
        "fails",
        "failed",
        "fail",
        "broke",
    ]
)
_VAGUE_CHINESE = re.compile(
    "希望|建议|支持|增加|添加|功能|文档|有误|不对|失败|时候|有没有人|为什么|怎么办|怎么回事|用不了|不能用|不好使|不工作|没反应|有问题|出问题|出错了?|报错了?|错误|问题|求助|帮忙|帮我|看看|看下|一下|大佬"
    "|急|在线等|谢谢|请问|这个|那个|无法|使用|运行|不行|坏了|怎么|为啥|的|了|吗|呢|啊|吧|我|你|不|是|有|就|都|也|又|好|能|会|用"
)
_STEPS = re.compile(
    r"^\s*\d[.)、]|\b(?:when|after|if|while|during|once|by|steps?|on|with|using)\b \w"
    r"|[\u3400-\u9fff]{4}[时后]|步骤|点击|(?:执行|运行)\W?[\w.`/-]*[a-z]",
    re.MULTILINE,
)
_VERSION = re.compile(r"\bv?\d+\.\d+|\bversions?\b \S*\d|\b(?:main|master|nightly|latest)\b|版本", re.IGNORECASE)
_RUN = re.compile(r"[\u3400-\u9fff]+")


def missing(facts: Facts, finding: Finding, config: Config) -> tuple[Missing, ...]:
    """Return what to ask the author for; nothing where the issue says enough, or where a person has sorted it."""
    if not config.triage.ask_for_more or finding.is_by_person or finding.rule.startswith("question"):
        return ()
    if not _is_thin(facts.issue.title, facts.issue.body):
        return ()
    is_first_look = facts.memory.label is None
    is_asked = any(same(config.labels.needs_info, label) for label in facts.issue.labels)
    return NEEDED[finding.kind or finding.suggestion] if is_first_look or is_asked else ()


def is_to_ask(facts: Facts, asked: tuple[Missing, ...], config: Config) -> bool:
    """Say whether the label that asks is still to be set."""
    return bool(asked) and not any(same(config.labels.needs_info, label) for label in facts.issue.labels)


def _is_thin(title: str, body: str) -> bool:
    read = text.read(title, body)
    if read.code.strip() or read.marks & {"image", "link"}:
        return False
    if not read.prose.strip():
        return len(read.headings) >= FORM or not _telling(read.title)
    if read.prose.strip() == read.title.strip():
        return not _telling(read.title)
    told = len(_telling(read.title) | _telling(read.prose))
    has_steps = told > 1 and _STEPS.search(f"{read.title}\n{read.prose}")
    if has_steps or _VERSION.search(read.prose):
        return False
    few = 0 if len(read.headings) >= FORM else FEW  # short answers to a form's questions are answers
    return told <= few


def _telling(words: str) -> set[str]:
    """Return the words that tell something; of Chinese, each pair of characters that is left."""
    english = {word for word in text.words(words) if not HAN.match(word) and word not in _VAGUE and word not in "?!"}
    rest = _RUN.findall(_VAGUE_CHINESE.sub(" ", words))
    return english | {run[at : at + 2] for run in rest for at in range(0, len(run), 2)}
