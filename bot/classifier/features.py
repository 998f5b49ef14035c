"""The features of an issue, in blocks: words of the title, words of the body, its form, and the signs that it shows."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from bot.classifier.finder import Finder
from bot.classifier.signs import HEADINGS, SIGNS, TAGS
from bot.classifier.text import HAN, Text

#: So many characters of the prose are its beginning, and so many are searched for signs at all.
BEGINNING, SEARCHED = 250, 1500

#: A feature's block is its first character.
TITLE, BODY, FORM, SIGN = "t", "b", "f", "s"

Features = Mapping[str, tuple[str, ...]]


def extract(text: Text) -> Features:
    """Return the features by block, each as often as it occurs."""
    title = (*grams(text.title_words, TITLE, longest=3), *(f"t{word}" for tag in text.tags for word in tag.split()))
    return {
        TITLE: title,
        BODY: tuple(grams(text.prose_words, BODY, longest=2)),
        FORM: tuple(_form(text)),
        SIGN: tuple(_signs(text)),
    }


def grams(words: Iterable[str], block: str, *, longest: int) -> Iterator[str]:
    """Yield words and runs of up to `longest` words; of Chinese, runs of up to three characters."""
    before: list[str] = ["^"]
    for word in words:
        if HAN.match(word):
            yield from _characters(word, block)
            before = [word[-1]]
            continue
        yield f"{block}{word}"
        for size in range(1, min(longest, len(before) + 1)):
            yield f"{block}{' '.join(before[-size:])} {word}"
        before = [*before[-2:], word]


def _characters(run: str, block: str) -> Iterator[str]:
    for start in range(len(run)):
        for end in range(start + 1, min(start + 3, len(run)) + 1):
            yield f"{block}{run[start:end]}"


def _form(text: Text) -> Iterator[str]:
    yield from (f"f[{tag}]" for tag in text.tags)
    yield from (f"f#{heading}" for heading in text.headings)
    yield from (f"f*{mark}" for mark in sorted(text.marks))
    if text.tags:
        yield "f*tag"
    if words := text.title_words:
        yield f"f>{words[0][:12]}"
        yield f"f>{' '.join(word[:8] for word in words[:2])}"
        yield f"f<{words[-1][-2:] if HAN.match(words[-1]) else words[-1]}"
    yield f"f*title{min(len(words) // 3, 6)}"
    yield f"f*body{min(len(text.prose_words).bit_length(), 9)}"


def _signs(text: Text) -> Iterator[str]:
    found, start = signs().found(text.title), set(signs().found(text.title[:12]))
    for name in found:
        yield f"st:{name}"
        if name in start:
            yield f"s^:{name}"
    yield from (f"sh:{name}" for name in signs().found(text.prose[:BEGINNING]))
    yield from (f"sb:{name}" for name in signs().found(text.prose[BEGINNING:SEARCHED]))
    yield from (f"sc:{name}" for name in signs().found(text.code[:SEARCHED].lower()) if name in _IN_CODE)
    for name in _tagsigns().found("\n".join(text.tags)):
        yield f"s[:{name}"
    for name in _tagsigns().found("\n".join(text.answers)):
        yield f"s=:{name}"
    yield from _headings(text.headings)


def _headings(headings: Iterable[str]) -> Iterator[str]:
    """Yield what kind of form asks these questions, and whether it asks more than one of them."""
    count: dict[str, int] = {}
    for heading in headings:
        for name in _headingsigns().found(heading):
            count[name] = count.get(name, 0) + 1
    for name, times in count.items():
        yield f"s#:{name}"
        if times > 1:
            yield f"s##:{name}"


_IN_CODE = frozenset({"bug.error", "bug.exception", "bug.trace", "bug.crash", "bug.memory"})


@cache
def signs() -> Finder:
    """Return what finds signs; compiled once."""
    return Finder(SIGNS)


@cache
def _headingsigns() -> Finder:
    return Finder(HEADINGS)


@cache
def _tagsigns() -> Finder:
    return Finder(TAGS)
