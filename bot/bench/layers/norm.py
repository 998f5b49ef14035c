"""Root-mean-square norm, as Llama and Qwen use it (Zhang & Sennrich 2019, arXiv 1910.07467)."""

import torch
from torch import Tensor, nn

from bot.bench.comm import Group
from bot.bench.layers.gradients import mark_partial


class RMSNorm(nn.Module):
    """x / rms(x) * weight over the last dimension; the mean is taken in at least float32.

    Under sequence parallelism each rank norms its own tokens, so that the weight's gradient is partial.
    """

    def __init__(
        self, group: Group, full: Tensor, *, epsilon: float = 1e-5, is_sequence_parallel: bool = False
    ) -> None:
        """Keep the whole weight [H] on every rank."""
        super().__init__()
        self.epsilon = epsilon
        self.weight = nn.Parameter(full.clone())
        if is_sequence_parallel and group.size > 1:
            mark_partial(self.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Return the normed tokens, in the input's dtype."""
        wide = x if x.dtype == torch.float64 else x.float()
        scale = torch.rsqrt(wide.square().mean(-1, keepdim=True) + self.epsilon)
        return (wide * scale).to(x.dtype) * self.weight
