"""The vocabulary split over the ranks: embedding, and cross entropy without ever gathering the logits.

Rank r holds rows [r*V/N, (r+1)*V/N) of the table [V, H].
"""

from typing import Any

import torch
from torch import Tensor, nn

from bot.bench.comm import Group, copy_in, sum_out
from bot.bench.shapes import share


class VocabularyEmbedding(nn.Module):
    """Token ids [T] to features [T, H]: each rank looks up its own part of the vocabulary, one all-reduce adds them."""

    def __init__(self, group: Group, full: Tensor) -> None:
        """Take the full table [V, H]; V must divide over the ranks."""
        super().__init__()
        self.group = group
        self.rows = share(full.shape[0], group.size, "vocabulary entries")
        self.weight = nn.Parameter(group.slice(full).clone())

    def forward(self, tokens: Tensor) -> Tensor:
        """Return the features of every token, the same on every rank."""
        local = tokens - self.group.rank * self.rows
        is_elsewhere = (local < 0) | (local >= self.rows)
        found = nn.functional.embedding(local.masked_fill(is_elsewhere, 0), self.weight)
        return sum_out(found.masked_fill(is_elsewhere.unsqueeze(-1), 0), self.group)


class VocabularyHead(nn.Module):
    """Features [T, H] to this rank's logits [T, V/N]."""

    def __init__(self, group: Group, full: Tensor) -> None:
        """Take the full table [V, H]."""
        super().__init__()
        self.group = group
        share(full.shape[0], group.size, "vocabulary entries")
        self.weight = nn.Parameter(group.slice(full).clone())

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits of this rank's part of the vocabulary."""
        return nn.functional.linear(copy_in(x, self.group), self.weight)


class _CrossEntropy(torch.autograd.Function):
    """-log softmax at the target over split logits; three all-reduces of one number per token."""

    @staticmethod
    def forward(ctx: Any, logits: Tensor, targets: Tensor, group: Group) -> Tensor:
        wide = logits if logits.dtype == torch.float64 else logits.float()
        rows = logits.shape[-1]
        largest = group.all_reduce(wide.amax(-1), maximum=True)
        shifted = wide - largest.unsqueeze(-1)
        local = targets - group.rank * rows
        is_elsewhere = (local < 0) | (local >= rows)
        column = local.masked_fill(is_elsewhere, 0).unsqueeze(-1)
        at_target = shifted.gather(-1, column).squeeze(-1).masked_fill(is_elsewhere, 0)
        at_target = group.all_reduce(at_target)
        weights = shifted.exp()
        total = group.all_reduce(weights.sum(-1))
        ctx.save_for_backward(weights / total.unsqueeze(-1), column, is_elsewhere)
        ctx.dtype = logits.dtype
        return total.log() - at_target

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        probabilities, column, is_elsewhere = ctx.saved_tensors
        hit = (~is_elsewhere).to(probabilities).unsqueeze(-1)
        gradient = probabilities.scatter_add(-1, column, -hit)
        return (gradient * grads[0].unsqueeze(-1)).to(ctx.dtype), None, None


def cross_entropy(logits: Tensor, targets: Tensor, group: Group) -> Tensor:
    """Return each token's loss [T] (natural logarithm) from this rank's logits [T, V/N] and the targets [T]."""
    return _CrossEntropy.apply(logits, targets, group)
