"""The second stage: the weighted reward that puts the candidates in order."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.bench.generate import scorers
from bot.bench.generate.scorers import Candidate, Scorer


@dataclass(frozen=True, slots=True)
class Aspect:
    """One scorer and its share of the reward."""

    scorer: Scorer
    weight: float


#: The reward of the article: 0.4 semantic relevance, 0.3 entity coverage, 0.2 fluency, 0.1 safety.
REWARD: Mapping[str, Aspect] = {
    "relevance": Aspect(scorers.relevance, 0.4),
    "coverage": Aspect(scorers.coverage, 0.3),
    "fluency": Aspect(scorers.fluency, 0.2),
    "safety": Aspect(scorers.safety, 0.1),
}


class BadScore(Exception):
    """A scorer gave something that is not between 0 and 1; the text names it."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its reward, what each aspect gave, and where it stood among the candidates."""

    candidate: Candidate
    reward: float
    scores: Mapping[str, float]
    place: int


def rank(prompt: str, candidates: Sequence[Candidate], reward: Mapping[str, Aspect] = REWARD) -> list[Ranked]:
    """Return the candidates from the best to the worst; equal ones stay in their order. Raise `BadScore`."""
    judged = [_judged(prompt, candidate, place, reward) for place, candidate in enumerate(candidates)]
    return sorted(judged, key=lambda each: -each.reward)


def _judged(prompt: str, candidate: Candidate, place: int, reward: Mapping[str, Aspect]) -> Ranked:
    scores = {name: _score(name, aspect.scorer, prompt, candidate) for name, aspect in reward.items()}
    total = math.fsum(reward[name].weight * score for name, score in scores.items())
    return Ranked(candidate, total, scores, place)


def _score(name: str, scorer: Scorer, prompt: str, candidate: Candidate) -> float:
    score = scorer(prompt, candidate)
    if not 0 <= score <= 1 + 1e-9:
        raise BadScore(f"the scorer {name} gave {score}; it has to be between 0 and 1")
    return min(score, 1.0)
