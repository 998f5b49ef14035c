"""Which issues read alike: the cosine of their pieces, rare ones counting for more.

An issue is kept as a sketch: which pieces of four letters, or of two Chinese characters, its title has, and the title,
the beginning of the text and the last line of the log together, each as a number of 16 bits. No text can be read out of
one. Titles count as much as all of it together; what many issues of a repository share, such as a template, is nothing.
"""

import math
import re
import zlib
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.classifier import text
from bot.classifier.text import HAN

#: So many characters of the prose are looked at, and of the last line of the log.
PROSE, LOG = 600, 200

#: So many issues are named at most, none less alike than this; see `docs/triage.md` for what was measured.
MOST, LEAST = 3, 0.55

#: What has fewer pieces is alike by chance.
ENOUGH, ENOUGH_OF_A_TITLE = 12, 4

#: Pieces that more than this part of the issues have say nothing, where there are enough issues to tell.
COMMON, ENOUGH_ISSUES = 0.1, 30

#: Rarity is reckoned as if there were so many more issues: among a few, what two share would count as common.
BELIEVED = 50

#: So many issues whose titles share the most are compared in full.
COMPARED = 40

#: How common pieces are is counted in so many issues at most, spread over all.
COUNTED = 200

_LATIN, _HAN = 4, 2
_WORD = re.compile(r"[a-z0-9_]+|[\u3400-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Alike:
    """Another issue by its number, and how much it is alike, from 0 to 1."""

    number: int
    likeness: float


@dataclass(frozen=True, slots=True)
class _Sketch:
    title: frozenset[int]
    whole: frozenset[int]

    @classmethod
    def of(cls, sketched: bytes) -> "_Sketch":
        return cls(frozenset(_title(sketched)), frozenset(_whole(sketched)))

    @property
    def says_enough(self) -> bool:
        return len(self.whole) >= ENOUGH and len(self.title) >= ENOUGH_OF_A_TITLE


def sketch(title: str, body: str) -> bytes:
    """Return the sketch of an issue."""
    read = text.read(title, body)
    lines = [line for line in read.code.lower().split("\n") if line.strip()]
    titles = _numbers(read.title)
    whole = titles | _numbers(f"{read.prose[:PROSE]}\n{lines[-1][:LOG] if lines else ''}")
    return array("H", [len(titles), *sorted(titles), *sorted(whole)]).tobytes()


def alike(one: bytes, others: Mapping[int, bytes], *, most: int = MOST, least: float = LEAST) -> tuple[Alike, ...]:
    """Return the likest of the others, by their numbers; the more alike first, then the older one."""
    rarity = _Rarity.among(list(others.values()))
    own = rarity.telling(_Sketch.of(one))
    if not own.says_enough:
        return ()
    found = []
    for number in _nearest(own.title, others):
        other = rarity.telling(_Sketch.of(others[number]))
        likeness = (rarity.cosine(own.title, other.title) + rarity.cosine(own.whole, other.whole)) / 2
        if other.says_enough and likeness >= least:
            found.append(Alike(number, likeness))
    return tuple(sorted(found, key=lambda each: (-each.likeness, each.number))[:most])


@dataclass(frozen=True, slots=True)
class _Rarity:
    """How often each piece was counted, among how many issues of how many."""

    counts: Mapping[int, int]
    counted: int
    issues: int

    @classmethod
    def among(cls, sketches: Sequence[bytes]) -> "_Rarity":
        counts: Counter[int] = Counter()
        some = sketches[:: max(1, -(-len(sketches) // COUNTED))]
        for each in some:
            counts.update(_whole(each))
        return cls(counts, len(some), len(sketches))

    def telling(self, sketch: _Sketch) -> _Sketch:
        """Return the sketch without what many issues share."""
        if self.counted < ENOUGH_ISSUES:
            return sketch
        limit = COMMON * self.counted
        return _Sketch(
            *(frozenset(p for p in part if self._times(p) <= limit) for part in (sketch.title, sketch.whole))
        )

    def cosine(self, one: frozenset[int], other: frozenset[int]) -> float:
        shared = self._weight(one & other)
        return shared / math.sqrt(self._weight(one) * self._weight(other)) if shared else 0.0

    def _times(self, piece: int) -> int:
        return self.counts.get(piece, 0)

    def _weight(self, pieces: frozenset[int]) -> float:
        scale = self.issues / self.counted if self.counted else 1.0
        total = self.issues + BELIEVED
        return sum((math.log(total / (1 + self._times(piece) * scale)) + 0.1) ** 2 for piece in pieces)


def _nearest(title: frozenset[int], others: Mapping[int, bytes]) -> list[int]:
    """Return the issues whose titles share the most with this one."""
    scores = {}
    for number, each in others.items():
        theirs = _title(each)
        if shared := len(title.intersection(theirs)):
            scores[number] = shared / math.sqrt(len(theirs))
    return sorted(scores, key=lambda number: (-scores[number], number))[:COMPARED]


def _title(sketched: bytes) -> "array[int]":
    head = array("H", sketched[:2])
    return array("H", sketched[2 : 2 + 2 * head[0]]) if head else head


def _whole(sketched: bytes) -> "array[int]":
    head = array("H", sketched[:2])
    return array("H", sketched[2 + 2 * head[0] :]) if head else head


def _numbers(seen: str) -> set[int]:
    return {zlib.crc32(piece.encode()) & 0xFFFF for piece in _pieces(seen)}


def _pieces(seen: str) -> Iterator[str]:
    for match in _WORD.finditer(seen.lower()):
        yield from _cut(match[0], _HAN) if HAN.match(match[0]) else _cut(f" {match[0]} ", _LATIN)


def _cut(run: str, size: int) -> Sequence[str]:
    return [run[at : at + size] for at in range(max(len(run) - size + 1, 1))]
