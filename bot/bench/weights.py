"""Full weights and inputs, drawn in float64 from one seed: the same model whatever the number of ranks."""

import zlib

import torch
from torch import Tensor

from bot.bench.engine import Piece
from bot.bench.reference import Weights
from bot.bench.shapes import Shape


def draw(*size: int, name: str, seed: int, scale: float = 1.0, offset: float = 0.0) -> Tensor:
    """Return normal numbers that depend on the name and the seed alone; never zeros, which GPUs multiply faster."""
    generator = torch.Generator().manual_seed(seed ^ zlib.crc32(name.encode()))
    return torch.randn(*size, generator=generator, dtype=torch.float64) * scale + offset


def ids(count: int, below: int, *, name: str, seed: int) -> Tensor:
    """Return token ids [count] below the vocabulary's size."""
    generator = torch.Generator().manual_seed(seed ^ zlib.crc32(name.encode()))
    return torch.randint(below, (count,), generator=generator)


def weights_of(piece: Piece, shape: Shape, *, seed: int) -> Weights:
    """Return the full weights of a piece by name; products keep the size of their inputs about the same."""
    match piece:
        case Piece.COLUMN:
            return _linear(shape.ffn, shape.hidden, seed)
        case Piece.ROW:
            return _linear(shape.hidden, shape.ffn, seed)
        case Piece.MLP:
            return _mlp(shape, seed)
        case Piece.ATTENTION:
            return _attention(shape, seed)
        case Piece.LAYER:
            return _norms(shape, seed) | _attention(shape, seed) | _mlp(shape, seed)
        case Piece.EMBEDDING | Piece.LOSS:
            return {"table": _matrix(shape.vocab, shape.hidden, "table", seed)}


def _matrix(rows: int, columns: int, name: str, seed: int) -> Tensor:
    return draw(rows, columns, name=name, seed=seed, scale=columns**-0.5)


def _linear(outputs: int, inputs: int, seed: int) -> Weights:
    return {"weight": _matrix(outputs, inputs, "weight", seed), "bias": draw(outputs, name="bias", seed=seed)}


def _mlp(shape: Shape, seed: int) -> Weights:
    return {
        "gate_up": _matrix(2 * shape.ffn, shape.hidden, "gate_up", seed),
        "down": _matrix(shape.hidden, shape.ffn, "down", seed),
    }


def _attention(shape: Shape, seed: int) -> Weights:
    return {
        "query": _matrix(shape.attention_width, shape.hidden, "query", seed),
        "key_value": _matrix(2 * shape.kv_heads * shape.head_dim, shape.hidden, "key_value", seed),
        "out": _matrix(shape.hidden, shape.attention_width, "out", seed),
    }


def _norms(shape: Shape, seed: int) -> Weights:
    return {name: draw(shape.hidden, name=name, seed=seed, scale=0.1, offset=1.0) for name in ("norm1", "norm2")}
