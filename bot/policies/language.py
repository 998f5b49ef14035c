"""The author's language, English or Chinese, told from the title and what was written in the body."""

import re
from typing import Literal

from bot.config import Config
from bot.model.facts import Issue
from bot.policies import markdown

Language = Literal["en", "zh-CN"]

# Code, addresses and paths are the same in every language and say nothing about the author.
_INLINE_CODE = re.compile(r"`[^`\n]*`")
_ASCII = re.compile(r"[!-~]+")
_LOG = re.compile(
    r"""\s*(?:Traceback\b | File\s" | at\s\S+[(:] | \w*(?:Error|Exception|Warning)\b\s*:
        | \[?\d{4}-\d\d-\d\d | \[?\d\d:\d\d:\d\d | \(?(?:INFO|DEBUG|WARN|WARNING|ERROR|FATAL|TRACE)\b | [$>#]\s )""",
    re.VERBOSE,
)
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA_OR_HANGUL = re.compile(r"[\u3041-\u309f\u30a1-\u30fa\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]")
_WORD = re.compile(r"[A-Za-z]{2,}")
# Little words tell who speaks where names and terms do not: "fails on 你好" is English, "load 的时候 crash" is not.
_CHINESE_PARTICLE = re.compile("[的了是在不吗嗎么麼我有和就都请請问問没沒这這那会會后後时時为為无無能要把被]")
_ENGLISH_PARTICLE = re.compile(
    r"\b(?:the|an?|is|are|was|on|in|of|to|for|with|when|and|not|from|by|as|it|does|doesn't|cannot|can't)\b",
    re.IGNORECASE,
)


def detect(title: str, body: str) -> Language:
    """Return the language to answer in; Chinese mixed with English terms is Chinese, everything else is English."""
    text = "\n".join([_spoken(title), *(_spoken(line) for line in markdown.prose(body) if not _LOG.match(line))])
    han = len(_HAN.findall(text))
    words = len(_WORD.findall(text))
    is_other = len(_KANA_OR_HANGUL.findall(text)) * 10 > max(han, 10)
    if is_other or han < 2 or han * 5 < words * 2:
        return "en"
    return "zh-CN" if han >= words * 2 or _speaks_chinese(text) else "en"


def choose(config: Config, issue: Issue) -> Language:
    """Return the language that the repository prescribes, or else the author's."""
    return detect(issue.title, issue.body) if config.language == "auto" else config.language


def _spoken(line: str) -> str:
    return _ASCII.sub(_unless_address, _INLINE_CODE.sub(" ", line))


def _unless_address(match: re.Match[str]) -> str:
    """Drop what has two slashes or backslashes: a URL or a path."""
    return " " if match[0].count("/") + match[0].count("\\") > 1 else match[0]


def _speaks_chinese(text: str) -> bool:
    return bool(_CHINESE_PARTICLE.search(text)) or not _ENGLISH_PARTICLE.search(text)
