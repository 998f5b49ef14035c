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

#: So many issues that share the most are compared in full.
COMPARED = 60

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
        numbers = array("H")
        numbers.frombytes(sketched)
        titles = numbers[0] if numbers else 0
        return cls(frozenset(numbers[1 : 1 + titles]), frozenset(numbers[1 + titles :]))

    def without(self, common: frozenset[int]) -> "_Sketch":
        return _Sketch(self.title - common, self.whole - common)

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
    own, known = _Sketch.of(one), {number: _Sketch.of(each) for number, each in others.items()}
    counts = Counter(own.whole)
    for each in known.values():
        counts.update(each.whole)
    limit = COMMON * len(known) if len(known) >= ENOUGH_ISSUES else len(known) + 1
    common = frozenset(piece for piece, times in counts.items() if times > max(limit, 2))
    own = own.without(common)
    if not own.says_enough:
        return ()
    issues = len(known) + BELIEVED
    rarity = {piece: math.log(issues / (1 + times)) + 0.1 for piece, times in counts.items()}
    found = []
    for number, each in _nearest(own, known):
        other = each.without(common)
        likeness = (_cosine(own.title, other.title, rarity) + _cosine(own.whole, other.whole, rarity)) / 2
        if other.says_enough and likeness >= least:
            found.append(Alike(number, likeness))
    return tuple(sorted(found, key=lambda each: (-each.likeness, each.number))[:most])


def _nearest(own: _Sketch, known: Mapping[int, _Sketch]) -> list[tuple[int, _Sketch]]:
    def shared(entry: tuple[int, _Sketch]) -> float:
        _, each = entry
        return -len(own.whole & each.whole) / math.sqrt(len(each.whole) + 1)

    return sorted(known.items(), key=shared)[:COMPARED]


def _cosine(one: frozenset[int], other: frozenset[int], rarity: Mapping[int, float]) -> float:
    shared = _weight(one & other, rarity)
    return shared / math.sqrt(_weight(one, rarity) * _weight(other, rarity)) if shared else 0.0


def _weight(pieces: frozenset[int], rarity: Mapping[int, float]) -> float:
    return sum(rarity[piece] ** 2 for piece in pieces)


def _numbers(seen: str) -> set[int]:
    return {zlib.crc32(piece.encode()) & 0xFFFF for piece in _pieces(seen)}


def _pieces(seen: str) -> Iterator[str]:
    for match in _WORD.finditer(seen.lower()):
        yield from _cut(match[0], _HAN) if HAN.match(match[0]) else _cut(f" {match[0]} ", _LATIN)


def _cut(run: str, size: int) -> Sequence[str]:
    return [run[at : at + size] for at in range(max(len(run) - size + 1, 1))]
