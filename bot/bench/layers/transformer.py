"""A whole layer of a Llama-like transformer: norm, attention, norm, feed-forward, each with a residual."""

from dataclasses import dataclass

from torch import Tensor, nn

from bot.bench.comm import Group
from bot.bench.layers.attention import Attention, Cache
from bot.bench.layers.mlp import MLP
from bot.bench.layers.norm import RMSNorm
from bot.bench.shapes import Shape


@dataclass(frozen=True, slots=True)
class LayerWeights:
    """The full weights of one layer, before any rank takes its part."""

    norm1: Tensor
    query: Tensor
    key_value: Tensor
    out: Tensor
    norm2: Tensor
    gate_up: Tensor
    down: Tensor


class TransformerLayer(nn.Module):
    """[T, H] to [T, H] with two all-reduces forward and two backward.

    Under sequence parallelism it is [T/N, H] to [T/N, H] with as many gathers and scatters each way.
    """

    def __init__(
        self, group: Group, shape: Shape, weights: LayerWeights, *, is_sequence_parallel: bool = False
    ) -> None:
        """Keep this rank's part of every weight."""
        super().__init__()
        self.norm1 = RMSNorm(group, weights.norm1, is_sequence_parallel=is_sequence_parallel)
        self.attention = Attention(
            group,
            shape,
            query=weights.query,
            key_value=weights.key_value,
            out=weights.out,
            is_sequence_parallel=is_sequence_parallel,
        )
        self.norm2 = RMSNorm(group, weights.norm2, is_sequence_parallel=is_sequence_parallel)
        self.mlp = MLP(group, weights.gate_up, weights.down, is_sequence_parallel=is_sequence_parallel)

    def forward(self, x: Tensor) -> Tensor:
        """Return the tokens after this layer."""
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))

    def decode(self, x: Tensor, cache: Cache) -> Tensor:
        """Return the newest token of each sequence, [B, H], after this layer."""
        x = x + self.attention.decode(self.norm1(x), cache)
        return x + self.mlp(self.norm2(x))
