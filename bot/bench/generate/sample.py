"""The first stage: candidates sampled from a model whose vocabulary is split over the ranks."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from bot.bench.cases import TOP_K
from bot.bench.comm import Group
from bot.bench.decode import TEMPERATURE, sample, top_k

#: Logits [B, V/N] of the next token for token ids [B, T].
NextLogits = Callable[[Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class Sampled:
    """Token ids [B, steps] and the natural logarithm of each one's probability among the k best [B, steps]."""

    tokens: Tensor
    log_probabilities: Tensor


@dataclass(frozen=True, slots=True)
class Draw:
    """How to sample: how many candidates of how many tokens, from which seed, and the token that ends one."""

    count: int
    steps: int
    seed: int
    end: int | None = None
    k: int = TOP_K
    temperature: float = TEMPERATURE


def candidates(prompt: Tensor, next_logits: NextLogits, group: Group, draw: Draw) -> Sampled:
    """Continue a prompt [T]; after its end a candidate repeats that token at no cost.

    Every rank draws with the same seed, so that all of them see the same tokens.
    """
    generator = torch.Generator().manual_seed(draw.seed)
    tokens, logs = prompt.repeat(draw.count, 1), list[Tensor]()
    is_done = torch.zeros(draw.count, dtype=torch.bool, device=prompt.device)
    for _ in range(draw.steps):
        drawn, log = _next(next_logits(tokens), group, generator, draw)
        if draw.end is not None:
            drawn, log = drawn.masked_fill(is_done, draw.end), log.masked_fill(is_done, 0.0)
            is_done = is_done | (drawn == draw.end)
        tokens, logs = torch.cat((tokens, drawn.unsqueeze(-1)), -1), [*logs, log]
        if bool(is_done.all()):
            break
    return Sampled(tokens[:, len(prompt) :], torch.stack(logs, -1))


def _next(logits: Tensor, group: Group, generator: torch.Generator, draw: Draw) -> tuple[Tensor, Tensor]:
    """Return one drawn token of each candidate [B], and the logarithm of its probability [B]."""
    best = top_k(logits, group, draw.k)
    drawn = sample(best, generator, draw.temperature)
    log = (best.logits.double() / draw.temperature).log_softmax(-1)
    return drawn, log.masked_fill(best.tokens != drawn.unsqueeze(-1), -torch.inf).amax(-1)
