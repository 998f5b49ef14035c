"""A second model, learnt from a repository's own labelled issues, and how it speaks together with the one that ships.

Both are weighed as probabilities, a geometric mean. They err in different places, so that together they may be surer of
what they agree on than either is.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from bot.classifier.corpus import LABELS
from bot.classifier.features import Features, grams
from bot.classifier.linear import Linear, NotAModel
from bot.classifier.text import MAX_BODY, sound, words
from bot.model.scores import Thresholds

#: The blocks that only such a model has: the body word for word, templates and code included, and pieces of the title.
RAW, PIECES = "r", "c"

#: How much each block counts.
EMPHASIS = {"t": 1.0, "b": 1.0, "f": 1.0, "s": 1.0, RAW: 2.0, PIECES: 1.0}

#: So many words of the body are read.
RAW_WORDS = 400

#: How sure each may be, and both together: what log odds are divided by before anything was measured.
ALONE, TOGETHER = 0.75, 1.65

#: What stands for a class that the repository has hardly ever used: its odds against the likeliest one.
NEVER = -3.0

_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Own:
    """A repository's own model, its temperature for the two together, and the thresholds that hold there."""

    model: Linear
    temperature: float
    thresholds: Thresholds

    def to_bytes(self) -> bytes:
        """Return the model with its temperature and thresholds, as it is kept."""
        held = {"temperature": self.temperature, "thresholds": asdict(self.thresholds)}
        return replace(self.model, about={**self.model.about, **held}).to_bytes()

    @classmethod
    def from_bytes(cls, file: bytes) -> "Own":
        """Read it back; raise `NotAModel` where it is none."""
        model = Linear.from_bytes(file)
        thresholds = model.about.get("thresholds")
        if not isinstance(thresholds, dict):
            raise NotAModel("it has no thresholds")
        return cls(model, model.temperature, Thresholds(**thresholds))

    def joined(self, shipped: Sequence[float], title: str, body: str, known: Features) -> list[float]:
        """Return the log odds of both models together, in the order of `LABELS`; those of the other one are true."""
        own = self._odds(title, body, known)
        return [(one + two) / TOGETHER for one, two in zip(shipped, own, strict=True)]

    def alone(self, title: str, body: str, known: Features) -> list[float]:
        """Return the log odds of the repository's own model, in the order of `LABELS`."""
        return [each / ALONE for each in self._odds(title, body, known)]

    def _odds(self, title: str, body: str, known: Features) -> list[float]:
        odds = dict(zip(self.model.classes, self.model.log_odds(extended(title, body, known)), strict=True))
        never = max(odds.values()) + NEVER
        return [odds.get(label, never) for label in LABELS]


def extended(title: str, body: str, known: Features) -> dict[str, tuple[str, ...]]:
    """Return the features and those of the blocks that only a repository's own model has."""
    raw = (word for _, word in zip(range(RAW_WORDS), words(body[:MAX_BODY]), strict=False))
    return {**known, RAW: tuple(grams(raw, RAW, longest=2)), PIECES: tuple(_pieces(title))}


def _pieces(title: str) -> list[str]:
    spaced = f" {_SPACES.sub(' ', sound(title).lower())} "
    return [f"{PIECES}{spaced[start : start + size]}" for size in (3, 4, 5) for start in range(len(spaced) - size + 1)]
