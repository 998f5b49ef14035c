"""Full weights and inputs, drawn in float64 from one seed: the same model whatever the number of ranks."""

import zlib

import torch
from torch import Tensor

from bot.bench.pieces import Piece
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
    return {name: _weight(name, size, seed) for name, size in sizes_of(piece, shape).items()}


def sizes_of(piece: Piece, shape: Shape) -> dict[str, tuple[int, ...]]:
    """Return the size of each full weight of a piece."""
    match piece:
        case Piece.COLUMN:
            return {"weight": (shape.ffn, shape.hidden), "bias": (shape.ffn,)}
        case Piece.ROW:
            return {"weight": (shape.hidden, shape.ffn), "bias": (shape.hidden,)}
        case Piece.MLP:
            return {"gate_up": (2 * shape.ffn, shape.hidden), "down": (shape.hidden, shape.ffn)}
        case Piece.ATTENTION:
            return _attention(shape)
        case Piece.LAYER:
            norms = {"norm1": (shape.hidden,), "norm2": (shape.hidden,)}
            return norms | _attention(shape) | sizes_of(Piece.MLP, shape)
        case Piece.EMBEDDING | Piece.LOSS:
            return {"table": (shape.vocab, shape.hidden)}


def _attention(shape: Shape) -> dict[str, tuple[int, ...]]:
    return {
        "query": (shape.attention_width, shape.hidden),
        "key_value": (2 * shape.kv_heads * shape.head_dim, shape.hidden),
        "out": (shape.hidden, shape.attention_width),
    }


def _weight(name: str, size: tuple[int, ...], seed: int) -> Tensor:
    if name.startswith("norm"):
        return draw(*size, name=name, seed=seed, scale=0.1, offset=1.0)
    return draw(*size, name=name, seed=seed, scale=size[1] ** -0.5 if len(size) > 1 else 1.0)
