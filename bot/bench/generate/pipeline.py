"""All three stages in one call."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.bench.generate.rank import REWARD, Aspect, Ranked, rank
from bot.bench.generate.repair import repair
from bot.bench.generate.scorers import Candidate

#: Stage one: a prompt and how many candidates are wanted.
Propose = Callable[[str, int], Sequence[Candidate]]


@dataclass(frozen=True, slots=True)
class Generated:
    """The repaired text of the best candidate, and how all of them were ranked."""

    text: str
    ranking: tuple[Ranked, ...]


class NoCandidates(Exception):
    """The first stage proposed nothing."""


def generate(prompt: str, propose: Propose, *, count: int = 8, reward: Mapping[str, Aspect] = REWARD) -> Generated:
    """Propose candidates, rank them, and repair the best; raise `NoCandidates` where there is none."""
    candidates = propose(prompt, count)
    if not candidates:
        raise NoCandidates("the model proposed no candidate")
    ranking = rank(prompt, candidates, reward)
    return Generated(repair(ranking[0].candidate.text), tuple(ranking))
