"""Grouped-query attention with rotary positions, its heads split over the ranks.

Ainslie et al. 2023 (arXiv 2305.13245) for the groups, Su et al. 2021 (arXiv 2104.09864) for the rotation; the halves
are paired as in the published Llama and Qwen weights.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from bot.bench.comm import Group, copy_in, gather_sequence
from bot.bench.layers.gradients import Place, mark_partial
from bot.bench.layers.linear import RowLinear
from bot.bench.shapes import Shape, check


class Rotary:
    """Cosines and sines for every position and pair of features."""

    def __init__(self, head_dim: int, *, theta: float = 500_000.0) -> None:
        """Take the features of one head, an even number."""
        self.frequencies = theta ** (-torch.arange(0, head_dim, 2, dtype=torch.float64) / head_dim)

    def turn(self, x: Tensor, start: int = 0) -> Tensor:
        """Rotate [T, heads, D] by each token's position, counted from `start`."""
        positions = torch.arange(start, start + x.shape[0], dtype=torch.float64)
        angles = torch.outer(positions, self.frequencies)[:, None, :]
        cos, sin = angles.cos().to(x), angles.sin().to(x)
        one, two = x.chunk(2, dim=-1)
        return torch.cat((one * cos - two * sin, two * cos + one * sin), dim=-1)


class Cache:
    """Keys and values of the tokens seen so far: [T, key-value heads of this rank, D] each."""

    def __init__(self) -> None:
        """Start without a token."""
        self.keys: Tensor | None = None
        self.values: Tensor | None = None

    @property
    def length(self) -> int:
        """How many tokens are in it."""
        return 0 if self.keys is None else self.keys.shape[0]

    def extend(self, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Add tokens and return all of them."""
        if self.keys is not None and self.values is not None:
            keys, values = torch.cat((self.keys, keys)), torch.cat((self.values, values))
        self.keys, self.values = keys, values
        return keys, values


class Attention(nn.Module):
    """Causal attention over one sequence [T, H]; query, key and value are column-parallel, the output is row-parallel.

    Where there are fewer key-value heads than ranks, several ranks hold the same head: the gradients of its weights are
    then partial on each of them.
    """

    def __init__(
        self,
        group: Group,
        shape: Shape,
        *,
        query: Tensor,
        key_value: Tensor,
        out: Tensor,
        is_sequence_parallel: bool = False,
    ) -> None:
        """Take the full weights: query [heads*D, H], keys above values [2*kv_heads*D, H], out [H, heads*D]."""
        super().__init__()
        check(shape, group.size)
        self.group, self.shape, self.is_sequence_parallel = group, shape, is_sequence_parallel
        self.query = nn.Parameter(group.slice(query).clone())
        heads = shape.kv_heads_of_rank(group.size) * shape.head_dim
        start = group.rank * shape.kv_heads // group.size * shape.head_dim
        key, value = key_value.chunk(2)
        self.key = nn.Parameter(key[start : start + heads].clone())
        self.value = nn.Parameter(value[start : start + heads].clone())
        if shape.kv_copies(group.size) > 1:
            mark_partial(self.key, Place(start, key.shape[0]))
            mark_partial(self.value, Place(start, value.shape[0]))
        self.out = RowLinear(group, out, is_sequence_parallel=is_sequence_parallel)
        self.rotary = Rotary(shape.head_dim)

    def forward(self, x: Tensor, cache: Cache | None = None) -> Tensor:
        """Return [T, H] for [T, H]; with a cache the tokens continue those in it."""
        h = gather_sequence(x, self.group) if self.is_sequence_parallel else copy_in(x, self.group)
        start = 0 if cache is None else cache.length
        query = self.rotary.turn(self._heads(h, self.query), start)
        key, value = self.rotary.turn(self._heads(h, self.key), start), self._heads(h, self.value)
        if cache is not None:
            key, value = cache.extend(key, value)
        return self.out(attend(query, key, value).flatten(1))

    def _heads(self, x: Tensor, weight: Tensor) -> Tensor:
        return functional.linear(x, weight).unflatten(-1, (-1, self.shape.head_dim))


def attend(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Return causal attention of the newest tokens: query [T, heads, D] over key and value [S, kv heads, D], S >= T."""
    repeats = query.shape[1] // key.shape[1]
    q, k, v = (each.transpose(0, 1).unsqueeze(0) for each in (query, key, value))
    if repeats > 1:
        k, v = k.repeat_interleave(repeats, dim=1), v.repeat_interleave(repeats, dim=1)
    newest, seen = query.shape[0], key.shape[0]
    if newest == seen:
        found = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
    else:
        mask = torch.ones(newest, seen, dtype=torch.bool, device=query.device).tril(seen - newest)
        found = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    return found.squeeze(0).transpose(0, 1)
