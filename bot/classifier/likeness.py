"""Which issues read alike: the cosine of their words, rare ones and those of the title counting for more.

An issue is kept as a sketch: each word of its title, of the beginning of the text, of error messages and of code as a
number of 16 bits with a weight, in no order. What differs from one report of the same thing to the next, such as
addresses, versions, times and folders, is left out. Words that many issues of a repository have count for little, and
an issue that says next to nothing is like no other. `python -m benchmarks similar` measures it; see `docs/triage.md`.
"""

import math
import re
import zlib
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bot.classifier import text
from bot.classifier.text import HAN

#: So many characters are looked at: of the prose, of the code, and of the body for error messages.
PROSE, CODE, LOG = 600, 800, 8_000

#: So many issues are named at most, none less alike than this; see `docs/triage.md` for what was measured.
MOST, LEAST = 3, 0.52

#: Rarity is reckoned as if there were so many more issues: among a few, what two share would count as common.
BELIEVED = 200

#: The weight of a word that both have grows with its rarity to this power.
GROWTH = 1.5

#: Added to the squared length of each issue, about that of two rare words of a title: a few words are not enough.
SUBSTANCE = 250.0

#: So many words of an issue are kept at most, those of the greatest weight.
WORDS = 400

#: Begins a sketch of this format; those of earlier ones begin with a small number and are passed over.
FORMAT = 0xFF02

_MARK = array("H", [FORMAT]).tobytes()
_BYTES = 3

# Weights in quarters of a word in the text. A tag is `[Bug]` or `build:` before the title, a name is `keep-alive` or
# `gate_up_proj` as a whole.
_TITLE, _TITLE_NAME, _TAG, _TEXT, _TEXT_NAME, _CODE = 16, 12, 8, 4, 3, 2
_SQUARED = _TEXT * _TEXT

_LEAST_RARE = 0.05
_RUN, _LONGEST_NUMBER = 2, 4
_LONGEST_LINE, _MESSAGE_WORDS, _LEAST_MESSAGE = 400, 14, 4
_WORD = re.compile(r"[a-z0-9_]+|[\u3400-\u9fff]+")
_NAME = re.compile(r"[a-z0-9_]+(?:[-.:]+[a-z0-9_]+)*")
_JOINT = re.compile(r"[a-z0-9][-.:_]+[a-z0-9]")
_ERROR = re.compile(
    r"\b(?:\w*[Ee]rror|ERROR|\w*Exception|panicked at|failed at|[Aa]ssertion|warn(?:ing)?|fatal)\b.{3,200}"
    r"|(?:错误|报错|异常).{2,80}"
)
_NO_LETTER = re.compile(r"[^a-z_\u3400-\u9fff]+")
_CHANGING = re.compile(
    r"""0x[0-9a-f]+ | \b[0-9a-f]{7,40}\b                             # addresses and commits
      | \b\d{4}-\d\d-\d\d(?:[t\ ][\d:.]+)? | \b\d\d:\d\d(?::\d\d)?\b  # dates and times
      | \bv?\d+(?:\.\d+)+[\w.+-]*                                    # versions
      | (?:\b[a-z]:)?(?:[\\/][\w.@+-]+){2,}[\\/] | \b(?:[\w.@+-]+/){2,}  # folders""",
    re.VERBOSE,
)
_ENDINGS, _STEM = ("ing", "ies", "ed", "es", "s"), 3
_PLACEHOLDERS = frozenset({"urlx", "imgx"})


@dataclass(frozen=True, slots=True)
class Alike:
    """Another issue by its number, and how much it is alike, from 0 to 1."""

    number: int
    likeness: float


def sketch(title: str, body: str) -> bytes:
    """Return the sketch of an issue: the format, then its words as numbers in their order, then their weights."""
    read = text.read(title, body)
    head, prose = _steady(read.title), _steady(read.prose[: 2 * PROSE])[:PROSE]
    weights: dict[int, int] = {}
    for weight, words in (
        (_TITLE, _words(head)),
        (_TITLE_NAME, _names(head)),
        (_TAG, _words(" ".join(read.tags))),
        (_TEXT, _words(prose)),
        (_TEXT, _messages(body)),
        (_TEXT_NAME, _names(prose)),
        (_CODE, _words(_steady(read.code[: 2 * CODE])[:CODE])),
    ):
        for word in words:
            weights.setdefault(zlib.crc32(text.sound(word).encode()) & 0xFFFF, weight)
    kept = sorted(sorted(weights, key=lambda number: -weights[number])[:WORDS])
    return _MARK + array("H", kept).tobytes() + bytes(weights[number] for number in kept)


def alike(one: bytes, others: Mapping[int, bytes], *, most: int = MOST, least: float = LEAST) -> tuple[Alike, ...]:
    """Return the likest of the others, by their numbers; the more alike first, then the older one."""
    own, read = _weights(one), {number: _weights(each) for number, each in others.items()}
    rarity = _Rarity.among(read.values())
    length = rarity.product(own, own) + SUBSTANCE
    found = []
    for number, other in read.items():
        shared = rarity.product(own, other)
        if shared < least * SUBSTANCE or not shared:
            continue
        likeness = shared / math.sqrt(length * (rarity.product(other, other) + SUBSTANCE))
        if likeness >= least:
            found.append(Alike(number, likeness))
    return tuple(sorted(found, key=lambda each: (-each.likeness, each.number))[:most])


@dataclass(frozen=True, slots=True)
class _Rarity:
    """How many of the issues have each word."""

    counts: Mapping[int, int]
    issues: int
    known: dict[int, float] = field(default_factory=dict)

    @classmethod
    def among(cls, read: Iterable[Mapping[int, int]]) -> "_Rarity":
        counts: Counter[int] = Counter()
        issues = 0
        for issues, each in enumerate(read, 1):  # noqa: B007  the last one is how many there are
            counts.update(each.keys())
        return cls(counts, issues)

    def product(self, one: Mapping[int, int], other: Mapping[int, int]) -> float:
        """Return the scalar product of two issues; each word counts by its two weights and its rarity."""
        return sum(one[word] * other[word] * self._of(word) for word in one.keys() & other.keys()) / _SQUARED

    def _of(self, word: int) -> float:
        if word not in self.known:
            rarity = math.log((self.issues + BELIEVED) / (1 + self.counts.get(word, 0)))
            self.known[word] = max(rarity, _LEAST_RARE) ** GROWTH
        return self.known[word]


def _weights(sketched: bytes) -> dict[int, int]:
    """Return the words of a sketch with their weights; none where it is of another format."""
    words, broken = divmod(len(sketched) - len(_MARK), _BYTES)
    if broken or not sketched.startswith(_MARK):
        return {}
    end = len(_MARK) + 2 * words
    return dict(zip(array("H", sketched[len(_MARK) : end]), sketched[end:], strict=True))


def _steady(seen: str) -> str:
    return _CHANGING.sub(" ", seen.lower())


def _words(seen: str) -> Iterator[str]:
    for match in _WORD.finditer(seen):
        run = match[0]
        if HAN.match(run):
            yield from (run[at : at + _RUN] for at in range(max(len(run) - _RUN + 1, 1)))
        elif not run.isdigit():
            if run not in _PLACEHOLDERS:
                yield _stem(run)
        elif len(run) <= _LONGEST_NUMBER:
            yield f"#{run}"


def _names(seen: str) -> Iterator[str]:
    for match in _NAME.finditer(seen):
        if _JOINT.search(match[0]):
            yield f"`{match[0]}"


def _messages(body: str) -> Iterator[str]:
    """Yield the words of lines that tell of an error, without figures."""
    for line in body[:LOG].split("\n"):
        if match := _ERROR.search(line[:_LONGEST_LINE]):
            words = _NO_LETTER.sub(" ", _steady(match[0])).split()[:_MESSAGE_WORDS]
            if len(words) >= _LEAST_MESSAGE:
                yield from _words(" ".join(words))


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _STEM and len(word) > _STEM + 1:
            return word[: -len(ending)]
    return word
