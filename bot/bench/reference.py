"""The same mathematics without any splitting, written in plain tensor operations: what every layer is checked against.

Nothing here is shared with the layers, so that a mistake in one does not excuse the other.
"""

import math

import torch
from torch import Tensor

from bot.bench.shapes import Shape

Weights = dict[str, Tensor]


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return x Wᵀ + b."""
    y = torch.einsum("th,oh->to", x, weight)
    return y if bias is None else y + bias


def norm(x: Tensor, weight: Tensor, epsilon: float = 1e-5) -> Tensor:
    """Return x divided by its root mean square, times the weight."""
    wide = x.to(torch.promote_types(x.dtype, torch.float32))
    return (wide / torch.sqrt((wide * wide).mean(-1, keepdim=True) + epsilon)).to(x.dtype) * weight


def mlp(x: Tensor, gate_up: Tensor, down: Tensor) -> Tensor:
    """Return down(silu(gate(x)) * up(x))."""
    features = gate_up.shape[0] // 2
    gate, up = linear(x, gate_up[:features]), linear(x, gate_up[features:])
    return linear(gate * torch.sigmoid(gate) * up, down)


def rotate(x: Tensor, theta: float = 500_000.0) -> Tensor:
    """Rotate [T, heads, D]: features i and i + D/2 turn by position * theta^(-2i/D)."""
    half = x.shape[-1] // 2
    frequency = torch.tensor([theta ** (-2 * i / (2 * half)) for i in range(half)], dtype=torch.float64)
    angle = torch.arange(x.shape[0], dtype=torch.float64)[:, None] * frequency
    turn = torch.polar(torch.ones_like(angle), angle)[:, None].to(x.device)
    wide = x.double()
    spun = torch.complex(wide[..., :half], wide[..., half:]) * turn
    return torch.cat((spun.real, spun.imag), -1).to(x.dtype)


def attention(x: Tensor, shape: Shape, *, query: Tensor, key_value: Tensor, out: Tensor) -> Tensor:
    """Return causal grouped-query attention, one head after another."""
    width = shape.kv_heads * shape.head_dim
    q = rotate(linear(x, query).reshape(len(x), shape.heads, shape.head_dim))
    k = rotate(linear(x, key_value[:width]).reshape(len(x), shape.kv_heads, shape.head_dim))
    v = linear(x, key_value[width:]).reshape(len(x), shape.kv_heads, shape.head_dim)
    is_future = torch.ones(len(x), len(x), dtype=torch.bool, device=x.device).triu(1)
    heads = []
    for head in range(shape.heads):
        of = head * shape.kv_heads // shape.heads
        scores = (q[:, head] @ k[:, of].t()) / math.sqrt(shape.head_dim)
        heads.append(scores.masked_fill(is_future, -math.inf).softmax(-1) @ v[:, of])
    return linear(torch.cat(heads, -1), out)


def layer(x: Tensor, shape: Shape, weights: Weights) -> Tensor:
    """Return norm, attention, norm and feed-forward, each with its residual."""
    names = ("query", "key_value", "out")
    x = x + attention(norm(x, weights["norm1"]), shape, **{name: weights[name] for name in names})
    return x + mlp(norm(x, weights["norm2"]), weights["gate_up"], weights["down"])


def cross_entropy(x: Tensor, head: Tensor, targets: Tensor) -> Tensor:
    """Return each token's loss [T] from features [T, H] and the whole head [V, H]."""
    logits = linear(x, head)
    wide = logits.to(torch.promote_types(logits.dtype, torch.float32))
    return torch.logsumexp(wide, -1) - wide[torch.arange(len(x)), targets]
