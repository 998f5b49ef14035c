"""A linear model over blocks of features: its vectors, its log odds, and its file.

Each block of an issue is weighed by term frequency and rarity and brought to length 1, so that a long body outvotes no
title. Weights are kept in one byte each. The file is a compressed list of names, rarities and weights with a header in
JSON; reading one runs no code.
"""

import hashlib
import json
import math
import zlib
from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.classifier.features import SIGN, Features

MAGIC = b"REEVE-LINEAR-1\n"

#: A rarity is kept in steps of this size.
RARITY_STEP = 0.05

#: A word that fewer issues use is not learnt.
ENOUGH = 3

#: In steps of its byte, what a feature must weigh for one class at least.
LEAST_WEIGHT = 2

#: How many bytes stand for an issue among those that were learnt from.
FINGERPRINT = 3

#: No file of Reeve's own unpacks to more.
MAX_UNPACKED = 8_000_000


class NotAModel(ValueError):
    """The bytes are no model of this version."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The features that are learnt, sorted, and how rare each is: 1 for one that every issue has, and more."""

    index: Mapping[str, int]
    rarities: tuple[float, ...]

    @classmethod
    def of(
        cls, issues: Sequence[Features], *, enough: int = ENOUGH, sources: Sequence[str] = (), enough_sources: int = 1
    ) -> "Vocabulary":
        """Choose from these issues' features those of enough issues and, where their sources are given, of enough."""
        counts = Counter(name for issue in issues for names in issue.values() for name in set(names))
        names = sorted(name for name, times in counts.items() if times >= enough)
        if sources:
            among = _sources(issues, sources, enough_sources)
            names = [name for name in names if len(among[name]) >= enough_sources]
        rarities = (1.0 if name[0] == SIGN else math.log((1 + len(issues)) / (1 + counts[name])) + 1 for name in names)
        return cls({name: position for position, name in enumerate(names)}, tuple(rarities))

    def row(self, issue: Features, emphasis: Mapping[str, float]) -> list[tuple[int, float]]:
        """Return an issue's vector: each block of length 1, times the emphasis on it."""
        return [
            (position, value * emphasis[block])
            for block, names in issue.items()
            if block in emphasis
            for position, value in unit(self._values(names))
        ]

    def _values(self, names: Sequence[str]) -> list[tuple[int, float]]:
        known = Counter(self.index[name] for name in names if name in self.index)
        return [(at, (1 + math.log(times)) * self.rarities[at]) for at, times in known.items()]


@dataclass(frozen=True, slots=True)
class Fitted:
    """The weights of one model by class and feature, its emphasis already in them, and its biases."""

    weights: list[list[float]]
    bias: list[float]

    def mean_with(self, other: "Fitted", share: float = 0.5) -> "Fitted":
        """Return the model whose log odds are the weighted mean of both; `share` is what the other one counts."""

        def mean(one: Sequence[float], two: Sequence[float]) -> list[float]:
            return [a * (1 - share) + b * share for a, b in zip(one, two, strict=True)]

        weights = [mean(one, two) for one, two in zip(self.weights, other.weights, strict=True)]
        return Fitted(weights, mean(self.bias, other.bias))


@dataclass(frozen=True, slots=True)
class Linear:
    """For each known feature its rarity and, for each class, its weight; `scales` turn a block's bytes into numbers."""

    classes: tuple[str, ...]
    index: Mapping[str, int]
    rarities: bytes
    weights: tuple["array[int]", ...]
    scales: Mapping[str, float]
    bias: tuple[float, ...]
    about: Mapping[str, object]
    seen: bytes = b""

    @property
    def temperature(self) -> float:
        """What log odds are divided by, so that probabilities are true."""
        value = self.about.get("temperature", 1.0)
        return float(value) if isinstance(value, int | float) else 1.0

    def calibrated(self, features: Features) -> list[float]:
        """Return log odds that are true as they are: divided by the temperature."""
        return [each / self.temperature for each in self.log_odds(features)]

    def has_learnt_from(self, title: str, body: str) -> bool:
        """Say whether an issue was among those that the model was made from; wrongly so once in a thousand times."""
        wanted = _fingerprint(title, body)
        places = range(len(self.seen) // FINGERPRINT)
        at = bisect_left(places, wanted, key=lambda place: self.seen[place * FINGERPRINT :][:FINGERPRINT])
        return self.seen[at * FINGERPRINT :][:FINGERPRINT] == wanted

    def vector(self, features: Features) -> dict[str, list[tuple[int, float]]]:
        """Return the known features of each block with their values; the squares of a block's values add up to 1."""
        return {block: unit(self._values(names)) for block, names in features.items()}

    def log_odds(self, features: Features) -> list[float]:
        """Return one number per class: their differences are log odds."""
        totals = list(self.bias)
        for block, entries in self.vector(features).items():
            scale = self.scales.get(block, 0.0)
            for kind, weights in enumerate(self.weights):
                totals[kind] += scale * sum(weights[index] * value for index, value in entries)
        return totals

    def contributions(self, features: Features, kind: int) -> dict[str, float]:
        """Return how far each feature speaks for a class against the mean of the others."""
        found: dict[str, float] = {}
        for block, names in features.items():
            known = list(dict.fromkeys(name for name in names if name in self.index))
            scale = self.scales.get(block, 0.0)
            for name, (index, value) in zip(known, unit(self._values(names)), strict=True):
                found[name] = scale * value * self._margin(index, kind)
        return found

    def to_bytes(self) -> bytes:
        """Return the file."""
        names = sorted(self.index, key=self.index.__getitem__)
        header = {"classes": self.classes, "bias": self.bias, "scales": self.scales, "about": self.about}
        parts = (
            json.dumps(header, ensure_ascii=False, sort_keys=True).encode(),
            "\n".join(names).encode(),
            self.seen,
            self.rarities,
            *(weights.tobytes() for weights in self.weights),
        )
        sizes = json.dumps([len(part) for part in parts]).encode() + b"\n"
        return MAGIC + zlib.compress(sizes + b"".join(parts), 9)

    @classmethod
    def from_bytes(cls, file: bytes) -> "Linear":
        """Read a file back; raise `NotAModel` where it is none."""
        try:
            return _read(file)
        except (zlib.error, ValueError, KeyError, TypeError) as error:
            raise NotAModel(f"not a model of this version: {error}") from error

    def _values(self, names: Sequence[str]) -> list[tuple[int, float]]:
        known = Counter(name for name in names if name in self.index)
        return [
            (position, (1 + math.log(times)) * self.rarities[position] * RARITY_STEP)
            for name, times in known.items()
            for position in (self.index[name],)
        ]

    def _margin(self, index: int, kind: int) -> float:
        others = [weights[index] for number, weights in enumerate(self.weights) if number != kind]
        return self.weights[kind][index] - sum(others) / len(others)


def _sources(issues: Sequence[Features], sources: Sequence[str], most: int) -> Mapping[str, set[str]]:
    """Return the sources of each feature, no more than `most`."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for issue, source in zip(issues, sources, strict=True):
        for names in issue.values():
            for name in names:
                if len(found[name]) < most:
                    found[name].add(source)
    return found


def unit(entries: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """Bring a vector to length 1."""
    length = math.sqrt(sum(value * value for _, value in entries)) or 1.0
    return [(index, value / length) for index, value in entries]


def quantised(
    vocabulary: Vocabulary, fitted: Fitted, *, classes: Sequence[str], about: Mapping[str, object], seen: bytes = b""
) -> Linear:
    """Return the model with each weight in one byte, and without the features that hardly weigh anything."""
    names = list(vocabulary.index)
    scales: dict[str, float] = dict.fromkeys((name[0] for name in names), 1e-9)
    for each in fitted.weights:
        for name, weight in zip(names, each, strict=True):
            scales[name[0]] = max(scales[name[0]], abs(weight) / 127)
    bytewise = [
        [round(weight / scales[name[0]]) for name, weight in zip(names, each, strict=True)] for each in fitted.weights
    ]
    kept = [at for at, each in enumerate(zip(*bytewise, strict=True)) if max(map(abs, each)) >= LEAST_WEIGHT]
    return Linear(
        classes=tuple(classes),
        index={names[at]: position for position, at in enumerate(kept)},
        rarities=bytes(min(255, max(1, round(vocabulary.rarities[at] / RARITY_STEP))) for at in kept),
        weights=tuple(array("b", (each[at] for at in kept)) for each in bytewise),
        scales=scales,
        bias=tuple(fitted.bias),
        about=about,
        seen=seen,
    )


def fingerprints(issues: Iterable[tuple[str, str]]) -> bytes:
    """Return what tells later whether an issue was among these: no text, three bytes for each, sorted."""
    return b"".join(sorted({_fingerprint(title, body) for title, body in issues}))


def _fingerprint(title: str, body: str) -> bytes:
    return hashlib.blake2b(f"{title}\n{body}".encode(errors="replace"), digest_size=FINGERPRINT).digest()


def _read(file: bytes) -> Linear:
    if not file.startswith(MAGIC):
        raise NotAModel("not a model of this version")
    unpacked = zlib.decompressobj().decompress(file[len(MAGIC) :], MAX_UNPACKED)
    sizes, _, rest = unpacked.partition(b"\n")
    parts: list[bytes] = []
    for size in json.loads(sizes):
        parts.append(rest[:size])
        rest = rest[size:]
    header, names, seen, rarities, *weights = parts
    known = names.decode().split("\n") if names else []
    about = json.loads(header)
    is_whole = len(weights) == len(about["classes"]) == len(about["bias"])
    if not is_whole or any(len(each) != len(known) for each in (rarities, *weights)):
        raise NotAModel("its parts do not fit each other")
    return Linear(
        classes=tuple(about["classes"]),
        index=dict(zip(known, range(len(known)), strict=True)),
        rarities=rarities,
        weights=tuple(array("b", each) for each in weights),
        scales=about["scales"],
        bias=tuple(about["bias"]),
        about=about["about"],
        seen=seen,
    )
