"""The SwiGLU feed-forward block (Shazeer 2020, arXiv 2002.05202): down(silu(gate(x)) * up(x))."""

from torch import Tensor, nn
from torch.nn import functional

from bot.bench.comm import Group
from bot.bench.layers.linear import ColumnLinear, RowLinear


class MLP(nn.Module):
    """Gate and up are one column-parallel product, down is row-parallel: one all-reduce forward, one backward."""

    def __init__(self, group: Group, gate_up: Tensor, down: Tensor, *, is_sequence_parallel: bool = False) -> None:
        """Take the full weights: gate above up [2F, H], and down [H, F]."""
        super().__init__()
        self.gate_up = ColumnLinear(group, gate_up, parts=2, is_sequence_parallel=is_sequence_parallel)
        self.down = RowLinear(group, down, is_sequence_parallel=is_sequence_parallel)

    def forward(self, x: Tensor) -> Tensor:
        """Return [T, H] for [T, H]; of this rank's tokens only under sequence parallelism."""
        gate, up = self.gate_up(x).chunk(2, dim=-1)
        return self.down(functional.silu(gate) * up)
