"""One decoding step over a vocabulary that is split over the ranks: exact global top-k, and the same token everywhere.

Each rank sends only its own k best logits. The k best of all logits are among them, so that nothing is approximated:
8 bytes times k per sequence and rank travel in place of the logits.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from bot.bench.cases import TOP_K
from bot.bench.comm import Group

TEMPERATURE = 0.7


@dataclass(frozen=True, slots=True)
class TopK:
    """The best logits [B, k] of the whole vocabulary, best first, and their token ids [B, k]."""

    logits: Tensor
    tokens: Tensor


def top_k(logits: Tensor, group: Group, k: int = TOP_K) -> TopK:
    """Return the exact k best of the whole vocabulary from this rank's logits [B, V/N], equal ones by lower id.

    Which of several equal logits is the k-th is the device's choice; the logits are always those of the best.
    """
    rows = logits.shape[-1]
    values, columns = best(logits, min(k, rows))
    if group.size == 1:
        return TopK(values, columns)
    gathered = group.all_gather(_packed(values, columns + group.rank * rows).unsqueeze(0))
    all_values, all_tokens = _unpacked(gathered, values.dtype)
    chosen, at = best(all_values, min(k, rows * group.size))
    return TopK(chosen, all_tokens.gather(-1, at))


def best(values: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Return the k largest of each row and where they stand; equal ones in order of their place, on every device."""
    found, at = values.topk(k, dim=-1)
    order = at.argsort(dim=-1, stable=True)
    found, at = found.gather(-1, order), at.gather(-1, order)
    order = found.argsort(dim=-1, descending=True, stable=True)
    return found.gather(-1, order), at.gather(-1, order)


def sample(found: TopK, generator: torch.Generator, temperature: float = TEMPERATURE) -> Tensor:
    """Draw one token id per row [B] from the k best, by softmax at this temperature.

    The draw inverts the cumulative distribution at one uniform number per row, in float64 on the CPU's generator: ranks
    whose generators have the same seed draw the same token, whatever device they run on.
    """
    probabilities = (found.logits.double() / temperature).softmax(-1)
    uniform = torch.rand(found.tokens.shape[0], 1, generator=generator, dtype=torch.float64).to(probabilities.device)
    at = torch.searchsorted(probabilities.cumsum(-1), uniform).clamp_(max=found.tokens.shape[-1] - 1)
    return found.tokens.gather(-1, at).squeeze(-1)


def greedy(logits: Tensor, group: Group) -> Tensor:
    """Return the most likely token id of each row [B], from this rank's logits [B, V/N]."""
    return top_k(logits, group, 1).tokens.squeeze(-1)


def _packed(values: Tensor, tokens: Tensor) -> Tensor:
    """Put values and ids side by side as bytes [B, k * 8 or 12], so that one collective carries both."""
    wide = values if values.dtype == torch.float64 else values.float()
    return torch.cat((wide.view(torch.uint8), tokens.to(torch.int32).view(torch.uint8)), dim=-1)


def _unpacked(packed: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Take every rank's values and ids apart again: [N, B, bytes] to [B, N * k] each, in rank order."""
    wide = torch.float64 if dtype == torch.float64 else torch.float32
    size = torch.empty((), dtype=wide).element_size()
    split = packed.shape[-1] * size // (size + 4)
    values = packed[..., :split].contiguous().view(wide).to(dtype)
    tokens = packed[..., split:].contiguous().view(torch.int32).long()
    return values.transpose(0, 1).flatten(1), tokens.transpose(0, 1).flatten(1)
