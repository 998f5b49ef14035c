"""The words that decided, as they stand in the issue: what is shown to people after "because"."""

from collections.abc import Iterator, Mapping

from bot.classifier.features import signs
from bot.classifier.signs import SIGNS
from bot.classifier.text import HAN, Text

#: So many words are shown, none longer than this.
MOST, LONGEST = 4, 40

#: What speaks for a class by less than this is not worth telling.
LEAST = 0.04

#: Signs whose words say nothing to a reader: "not", "when", "my".
_PALE = frozenset(
    {"bug.not", "bug.when", "bug.throws", "bug.problem", "question.me", "question.thanks", "feature.lack"}
)

_COMMON = frozenset(
    [
        "about",
        "after",
        "again",
        "also",
        "been",
        "before",
        "being",
        "cannot",
        "could",
        "does",
        "doesn",
        "each",
        "from",
        "have",
        "having",
        "here",
        "into",
        "just",
        "know",
        "like",
        "make",
        "more",
        "most",
        "much",
        "need",
        "only",
        "other",
        "over",
        "same",
        "should",
        "some",
        "such",
        "than",
        "that",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "through",
        "urlx",
        "imgx",
        "using",
        "used",
        "very",
        "want",
        "were",
        "what",
        "when",
        "where",
        "which",
        "while",
        "will",
        "with",
        "would",
        "your",
    ]
)


def reasons(text: Text, contributions: Mapping[str, float]) -> tuple[str, ...]:
    """Return what spoke loudest for the class, each word once, the strongest first."""
    shown: list[str] = []
    for name, weight in sorted(contributions.items(), key=lambda item: -item[1]):
        if weight < LEAST or len(shown) == MOST:
            break
        for word in _shown(name, text):
            if _is_word(word) and not any(word in each or each in word for each in shown):
                shown.append(word)
    return tuple(shown)


def _is_word(word: str) -> bool:
    return len(word) <= LONGEST and any(map(str.isalnum, word))


def _shown(name: str, text: Text) -> Iterator[str]:
    """Yield how a feature reads in the issue, if it can be shown at all."""
    match name[0]:
        case "s":
            yield from _sign(name, text)
        case "f" if name.startswith(("f[", "f#")):
            yield name[2:].removesuffix("]")
        case "t" | "b" if _tells(name[1:]):
            yield name[1:]
        case _:
            return


def _tells(words: str) -> bool:
    telling = [word for word in words.split() if len(word) > 3 and word not in _COMMON]
    return bool(telling) and len(telling) == len(words.split()) and not HAN.search(words)


def _sign(name: str, text: Text) -> Iterator[str]:
    place, _, sign = name[1:].partition(":")
    if sign in _PALE or sign not in SIGNS:
        return
    where = {"t": text.title, "^": text.title, "c": text.code.lower()}.get(place, text.prose)
    if found := signs().first(sign, where).strip():
        yield found
