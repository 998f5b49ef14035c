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
        return _rotated(x, torch.outer(positions, self.frequencies)[:, None, :])

    def turn_at(self, x: Tensor, position: int) -> Tensor:
        """Rotate [B, heads, D], the tokens of B sequences at the same position."""
        return _rotated(x, position * self.frequencies)


def _rotated(x: Tensor, angles: Tensor) -> Tensor:
    cos, sin = angles.cos().to(x), angles.sin().to(x)
    one, two = x.chunk(2, dim=-1)
    return torch.cat((one * cos - two * sin, two * cos + one * sin), dim=-1)


class Cache:
    """Keys and values of B sequences so far, in room made beforehand: [B, capacity, kv heads of the rank, D]."""

    def __init__(self, keys: Tensor, values: Tensor, length: int = 0) -> None:
        """Take the room; what is before `length` is already there."""
        self.keys, self.values, self.length = keys, values, length

    def put(self, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Add one token of each sequence, [B, kv heads, D], and return all of them, [B, length, kv heads, D]."""
        self.keys[:, self.length], self.values[:, self.length] = keys, values
        self.length += 1
        return self.keys[:, : self.length], self.values[:, : self.length]


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

    def forward(self, x: Tensor) -> Tensor:
        """Return [T, H] for one sequence [T, H]."""
        h = gather_sequence(x, self.group) if self.is_sequence_parallel else copy_in(x, self.group)
        query, key = self.rotary.turn(self._heads(h, self.query)), self.rotary.turn(self._heads(h, self.key))
        return self.out(attend(query, key, self._heads(h, self.value)).flatten(1))

    def decode(self, x: Tensor, cache: Cache) -> Tensor:
        """Return [B, H] for the newest token [B, H] of each of B sequences, which the cache then holds too."""
        query = self.rotary.turn_at(self._heads(x, self.query), cache.length)
        key = self.rotary.turn_at(self._heads(x, self.key), cache.length)
        keys, values = cache.put(key, self._heads(x, self.value))
        return self.out(attend_newest(query, keys, values).flatten(1))

    def _heads(self, x: Tensor, weight: Tensor) -> Tensor:
        return functional.linear(x, weight).unflatten(-1, (-1, self.shape.head_dim))


def attend(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Return causal attention [T, heads, D]: query [T, heads, D] over key and value [T, kv heads, D]."""
    q, k, v = (each.transpose(0, 1).unsqueeze(0) for each in (query, key, value))
    k, v = _for_every_query_head(q, k, v)
    return functional.scaled_dot_product_attention(q, k, v, is_causal=True).squeeze(0).transpose(0, 1)


def attend_newest(query: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """Return attention [B, heads, D] of one token per sequence, [B, heads, D], over [B, S, kv heads, D]."""
    q, k, v = query.unsqueeze(2), keys.transpose(1, 2), values.transpose(1, 2)
    k, v = _for_every_query_head(q, k, v)
    return functional.scaled_dot_product_attention(q, k, v).squeeze(2)


def _for_every_query_head(query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
    """Repeat each key-value head for the block of query heads that share it; heads are dimension 1."""
    repeats = query.shape[1] // key.shape[1]
    if repeats == 1:
        return key, value
    return key.repeat_interleave(repeats, dim=1), value.repeat_interleave(repeats, dim=1)
