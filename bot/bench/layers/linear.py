"""Column- and row-parallel linear layers: y = x Wᵀ + b with W split over the ranks.

Column: rank r holds rows of W [O/N, H] and gives features [T, O/N]; backward sums dx over the ranks during dW.
Row: rank r holds columns of W [O, H/N], takes features [T, H/N] and gives the sum over the ranks [T, O], plus b once.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from bot.bench.comm import Group, gather_features, gather_sequence, own, scatter_sum, sum_out
from bot.bench.layers.gradients import mark_partial


class _ColumnProduct(torch.autograd.Function):
    """x Wᵀ whose backward adds dx over the ranks while it computes dW.

    The overlap is Megatron-LM's: on GPUs it needs the collective's kernel to be queued first.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, group: Group) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.group = group
        return x @ weight.t()

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, Tensor | None, None]:
        x, weight = ctx.saved_tensors
        (dy,) = grads
        needs_x, needs_weight, _ = ctx.needs_input_grad
        dx = dy @ weight if needs_x else None
        wait = ctx.group.start_all_reduce(dx) if dx is not None else _nothing
        dw = dy.t() @ x if needs_weight else None
        wait()
        return own(dx) if dx is not None else None, dw, None


def _nothing() -> None:
    """Wait for nothing."""


class ColumnLinear(nn.Module):
    """A linear layer whose outputs are split: [T, H] to [T, O/N], or to [T, O] with `gathers`.

    `full` is W [O, H] and `bias` b [O]. With `parts` > 1 the outputs are that many equal blocks (gate and up, say), and
    a rank holds its slice of each. With `is_sequence_parallel` the input is this rank's tokens [T/N, H].
    """

    def __init__(
        self,
        group: Group,
        full: Tensor,
        bias: Tensor | None = None,
        *,
        parts: int = 1,
        gathers: bool = False,
        is_sequence_parallel: bool = False,
    ) -> None:
        """Keep this rank's rows of the full weight."""
        super().__init__()
        self.group, self.gathers, self.is_sequence_parallel = group, gathers, is_sequence_parallel
        self.weight = nn.Parameter(rows_of(group, full, parts))
        self.bias = None if bias is None else nn.Parameter(rows_of(group, bias, parts))

    def forward(self, x: Tensor) -> Tensor:
        """Return this rank's features of every token."""
        if self.group.size == 1:
            return functional.linear(x, self.weight, self.bias)
        if self.is_sequence_parallel:
            y = gather_sequence(x, self.group) @ self.weight.t()
        else:
            y = _ColumnProduct.apply(x, self.weight, self.group)
        y = y if self.bias is None else y + self.bias
        return gather_features(y, self.group) if self.gathers else y


class RowLinear(nn.Module):
    """A linear layer whose inputs are split: [T, H/N] to [T, O], the same on every rank.

    `full` is W [O, H]. The bias is added once, after the sum. With `is_sequence_parallel` the result is this rank's
    tokens [T/N, O], and the bias then has seen only those: its gradient is partial until it is summed over the ranks.
    """

    def __init__(
        self, group: Group, full: Tensor, bias: Tensor | None = None, *, is_sequence_parallel: bool = False
    ) -> None:
        """Keep this rank's columns of the full weight, and the whole bias."""
        super().__init__()
        self.group, self.is_sequence_parallel = group, is_sequence_parallel
        self.weight = nn.Parameter(group.slice(full, 1).clone())
        self.bias = None if bias is None else nn.Parameter(bias.clone())
        if self.bias is not None and is_sequence_parallel:
            mark_partial(self.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Return the sum of what every rank makes of its features."""
        if self.group.size == 1:
            return functional.linear(x, self.weight, self.bias)
        product = x @ self.weight.t()
        y = scatter_sum(product, self.group) if self.is_sequence_parallel else sum_out(product, self.group)
        return y if self.bias is None else y + self.bias


def rows_of(group: Group, full: Tensor, parts: int = 1) -> Tensor:
    """Return this rank's rows of each of the `parts` equal blocks of a full weight."""
    if full.shape[0] % (parts * group.size):
        raise ValueError(f"{full.shape[0]} outputs do not divide into {parts} parts over {group.size} ranks")
    return torch.cat([group.slice(block) for block in full.chunk(parts)])
