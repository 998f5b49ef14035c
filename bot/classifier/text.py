"""What of an issue is worth reading: the title behind its tags, what a person wrote, the headings, what is code.

Text that a template brought along and nobody filled in is taken out: it says which form was used and no more.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

#: GitHub's own limit on a title; of a body, what comes after says nothing new about its kind.
MAX_TITLE, MAX_BODY = 256, 20_000

#: What an answer that names a kind may be long, in characters and words.
ANSWER, ANSWER_WORDS = 40, 5

#: So many words of the title and of the body are read.
TITLE_WORDS, BODY_WORDS = 60, 300

HAN = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[a-z][a-z']*|[0-9]+|[?!]|[\u3400-\u9fff]+")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_CODE = re.compile(r"(`{3,}|~{3,})(.*?)(?:\1|\Z)", re.DOTALL)
_IMAGE = re.compile(r"!\[[^\]\n]{0,200}\]\([^)\n]{0,500}\)|<img[^>]{0,500}>")
_URL = re.compile(r"https?://[^\s)>\]]+")
_HEADING = re.compile(r"^ {0,3}(?:#{1,6}[ \t]+(.+)|\*\*([^*\n]+)\*\*:?[ \t]*)$", re.MULTILINE)
_BOX = re.compile(r"^[ \t]*[-*+] \[[ xX]\].*$", re.MULTILINE)
# A field that asks which kind of issue this is, with its answer: on the same line, or on the next one that has a word.
_ASKED = re.compile(
    r"""^[ \t#*>|-]{0,8}
    (?:what\ (?:type|kind)\ of\ [^\n?:]{1,30}
      |(?:issue|bug|report|ticket|request)?[ ]?(?:type|kind|category)(?:\ of\ (?:issue|report|ticket|request))?
      |[^\n?:]{0,40}\*?feature\*?\ [^\n?:]{0,30}\bor\b[^\n?:]{0,20}\*?bug\*?
      |[^\n?:：]{0,12}(?:类型|类别|分类)[^\n?:：]{0,20})
    [ \t]*(?:\([^)\n]{0,40}\)|（[^）\n]{0,40}）)?[ \t]*(?:[?:：？]|\*\*|$)[ \t*:：]*
    ([^\n]*)(?:\n\s*([^\n]*))?""",
    re.VERBOSE | re.MULTILINE | re.IGNORECASE,
)
_CHOSEN = re.compile(r"^[ \t]*(?:[-*+]|\d\.) \[[xX*✓]\][ \t]*(\S.*)$", re.MULTILINE)
_MARKUP = re.compile(r"</?\w{1,6}>|[*_`#]")
_QUOTE = re.compile(r"^ {0,3}>.*$", re.MULTILINE)
_NOT_A_WORD = re.compile(r"[^\w\s\u3400-\u9fff]")
_SPACES = re.compile(r"\s+")
# What GitHub's and other well-known templates say to their reader, by how a line begins; and fields left empty.
_INSTRUCTION = re.compile(
    r"""(?:[-*+>]|\d\.)?\ {0,4}(?:
        a\ clear\ and\ concise\ description|if\ applicable,\ add|add\ any\ other\ context
      | steps\ to\ reproduce\ the\ behavior|ex(?:ample|\.)\ i'm\ always\ frustrated
      | go\ to\ '\.\.\.'|click\ on\ '\.*'|scroll\ down\ to\ '\.*'|see\ error$
      | please\ (?:complete\ the|describe\ the|fill|paste|make\ sure|search|read|tell\ us)\b
      | thanks?\ (?:you\ )?for\ (?:taking|reporting|your|submitting)|before\ (?:submitting|creating|opening|you)\b
      | describe\ (?:the|any)\ (?:other|alternative)|make\ sure\ you|we\ (?:will|can)\ only\b
      | 请在此|请在这里|请填写|请描述|在提交|提交前|请确保|请勾选|请仔细
    )""",
    re.VERBOSE,
)
_EMPTY = frozenset(
    {"_no response_", "no response", "n/a", "na", "none", "_未填写_", "未填写", "_无_", "无", "...", "<title>"}
)
_TAG = re.compile(
    r"\W*[\[(<【〔「『（《]\s*([^\[\](){}<>【】〔〕「」『』（）《》]{1,40})[\])>】〕」』）》][^\w\[(<【〔「『（《]*"
)
_LEAD = re.compile(r"\W*([^\W\d_][\w /,&|-]{0,30}?)\s*(?:\([\w ,/-]{1,30}\))?!?\s*[:：]\s*")


@dataclass(frozen=True, slots=True)
class Text:
    """An issue, taken apart. Tags, headings and words are in small letters; `code` is what stood in fences.

    `answers` are what was chosen where a form asks for the kind: `bug` of "Issue type: Bug" or "- [x] bug report".
    """

    tags: tuple[str, ...]
    title: str
    prose: str
    headings: tuple[str, ...]
    answers: tuple[str, ...]
    code: str
    marks: frozenset[str]
    title_words: tuple[str, ...]
    prose_words: tuple[str, ...]


def read(title: str, body: str) -> Text:
    """Take an issue apart."""
    title, body = sound(title[:MAX_TITLE]), sound(body[:MAX_BODY])
    tags, rest = _tags(title)
    plain = _COMMENT.sub(" ", body.replace("\r\n", "\n"))
    fences = [match[2] for match in _CODE.finditer(plain)]
    plain = _CODE.sub("\n", plain)
    marks = _marks(title, plain, fences)
    headings = tuple(filter(None, (_bare(match[1] or match[2]) for match in _HEADING.finditer(plain))))
    prose = _prose(plain).lower()
    rest = "" if rest.strip().lower() in _EMPTY else rest.lower()
    return Text(
        tags,
        rest,
        prose,
        headings,
        tuple(_answers(plain)),
        "\n".join(fences),
        marks,
        tuple(_words(rest, TITLE_WORDS)),
        tuple(_words(prose, BODY_WORDS)),
    )


def sound(text: str) -> str:
    """Return a text that can be written as UTF-8: half a surrogate pair, which JSON can hold, is a question mark."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def words(text: str) -> Iterator[str]:
    """Yield words in small letters; a number is 0, and Chinese comes in runs of characters."""
    for match in _WORD.finditer(text.lower()):
        yield "0" if match[0][0].isdigit() else match[0]


def _words(text: str, most: int) -> Iterator[str]:
    for _, word in zip(range(most), words(text), strict=False):
        yield word


def _tags(title: str) -> tuple[tuple[str, ...], str]:
    """Split a title into the tags that it begins with and the rest."""
    tags: list[str] = []
    position = 0
    while len(tags) < 4 and (match := _TAG.match(title, position)):
        tags.append(match[1].strip().lower())
        position = match.end()
    if match := _LEAD.match(title, position):
        tags.append(match[1].strip().lower())
        position = match.end()
    return tuple(tags), title[position:]


def _marks(title: str, plain: str, fences: list[str]) -> frozenset[str]:
    seen = {
        "code": bool(fences),
        "codes": len(fences) > 1,
        "image": bool(_IMAGE.search(plain)),
        "link": bool(_URL.search(plain)),
        "boxes": bool(_BOX.search(plain)),
        "title?": "?" in title or "？" in title,
        "body?": "?" in plain or "？" in plain,
    }
    return frozenset(name for name, is_there in seen.items() if is_there)


def _answers(plain: str) -> Iterator[str]:
    given = [match[1].strip() or match[2] or "" for match in _ASKED.finditer(plain)]
    for answer in (*given, *(match[1] for match in _CHOSEN.finditer(plain))):
        said = _MARKUP.sub("", answer).strip().lower()
        if said and len(said) <= ANSWER and len(said.split()) <= ANSWER_WORDS:
            yield said


def _bare(heading: str) -> str:
    return _SPACES.sub(" ", _NOT_A_WORD.sub(" ", heading.lower())).strip()[:40]


def _prose(plain: str) -> str:
    for pattern in (_HEADING, _BOX, _QUOTE):
        plain = pattern.sub("\n", plain)
    written = "\n".join(line for line in plain.split("\n") if not _is_template(line.strip().lower()))
    return _URL.sub(" urlx ", _IMAGE.sub(" imgx ", written))


def _is_template(line: str) -> bool:
    """Say whether a line came with a template: what it tells its reader, or a field that was left empty."""
    return line in _EMPTY or bool(_INSTRUCTION.match(line))
