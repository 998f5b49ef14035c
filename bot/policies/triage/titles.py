"""What a title says about itself before it starts: `[Bug]`, `docs:`, `【功能请求】`, `feat(api)!:`."""

import re
from dataclasses import dataclass

from bot.model.kinds import Kind
from bot.policies.triage.vocabulary import is_question, kind_of_word, narrow

#: A title on GitHub has at most this many characters.
MAX_TITLE = 256

# A sign such as an emoji may come first; then come tags in brackets, then perhaps a word and a colon.
_DECORATION = re.compile(r"[^\w\[({<]*")
_TAG = re.compile(r"[\[({<]([^\[\](){}<>]{1,40})[\])}>]")
_WORD = re.compile(r"([^\W\d][\w /,&|-]{0,30}?)\s*(?:\([\w ,/-]{1,30}\))?\s*!?\s*:")
_ALTERNATIVES = re.compile(r"\s*[/,&|+、]\s*")


@dataclass(frozen=True, slots=True)
class Prefix:
    """The kinds that a title's prefix names, whether it calls itself a question, and the words as written."""

    kinds: frozenset[Kind]
    is_question: bool
    evidence: str


def read(title: str) -> Prefix:
    """Read all tags at the start of a title and the word before its colon; an unknown tag is passed over."""
    original = title[:MAX_TITLE]
    spans = _spans(narrow(original))
    words = [word for inner, _, _ in spans for word in (inner, *_ALTERNATIVES.split(inner))]
    kinds = frozenset(kind for word in words if (kind := kind_of_word(word)))
    telling = [original[start:end].strip() for inner, start, end in spans if _says_something(inner)]
    return Prefix(kinds, any(map(is_question, words)), " ".join(telling))


def _says_something(inner: str) -> bool:
    return any(kind_of_word(word) or is_question(word) for word in (inner, *_ALTERNATIVES.split(inner)))


def _spans(title: str) -> list[tuple[str, int, int]]:
    """Return each tag or leading word with where it starts and ends, its brackets or colon included."""
    spans = []
    position = _after_decoration(title, 0)
    while tag := _TAG.match(title, position):
        spans.append((tag[1].strip(), tag.start(), tag.end()))
        position = _after_decoration(title, tag.end())
    if word := _WORD.match(title, position):
        spans.append((word[1].strip(), word.start(), word.end()))
    return spans


def _after_decoration(title: str, position: int) -> int:
    match = _DECORATION.match(title, position)
    return match.end() if match else position
