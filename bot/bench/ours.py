"""Reeve's own layers as an engine."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from bot.bench.comm import Group
from bot.bench.engine import Built
from bot.bench.layers.attention import Attention
from bot.bench.layers.linear import ColumnLinear, RowLinear
from bot.bench.layers.mlp import MLP
from bot.bench.layers.transformer import LayerWeights, TransformerLayer
from bot.bench.layers.vocabulary import VocabularyEmbedding, VocabularyHead, cross_entropy
from bot.bench.pieces import Piece
from bot.bench.reference import Weights
from bot.bench.shapes import Shape

Gather = Callable[[Tensor], Tensor]


class Ours:
    """The engine made of `bot.bench.layers`."""

    name = "reeve"

    def build(  # noqa: PLR0911  one return per piece
        self, piece: Piece, group: Group, shape: Shape, weights: Weights, *, is_sequence_parallel: bool = False
    ) -> Built:
        """Return this rank's part of a piece; every one is supported, with and without sequence parallelism."""
        sp = is_sequence_parallel
        match piece:
            case Piece.COLUMN:
                column = ColumnLinear(group, weights["weight"], weights.get("bias"), is_sequence_parallel=sp)
                return _built(column, {"weight": _rows(group), "bias": _rows(group)})
            case Piece.ROW:
                row = RowLinear(group, weights["weight"], weights.get("bias"), is_sequence_parallel=sp)
                return _built(row, {"weight": _columns(group), "bias": _same})
            case Piece.MLP:
                mlp = MLP(group, weights["gate_up"], weights["down"], is_sequence_parallel=sp)
                return _built(mlp, _mlp(group))
            case Piece.ATTENTION:
                parts = {name: weights[name] for name in ("query", "key_value", "out")}
                attention = Attention(group, shape, **parts, is_sequence_parallel=sp)
                return _built(attention, _attention(group, shape), joined=_key_value)
            case Piece.LAYER:
                layer = TransformerLayer(group, shape, LayerWeights(**weights), is_sequence_parallel=sp)
                return _built(layer, _layer(group, shape), joined=_key_value)
            case Piece.EMBEDDING:
                return _built(VocabularyEmbedding(group, weights["table"]), {"table": _rows(group)})
            case Piece.LOSS:
                head = VocabularyHead(group, weights["table"])
                return _built(
                    head, {"table": _rows(group)}, run=lambda x, targets: cross_entropy(head(x), targets, group)
                )


def _built(
    module: nn.Module,
    gathers: Mapping[str, Gather],
    *,
    run: Callable[..., Tensor] | None = None,
    joined: Callable[[dict[str, Tensor]], dict[str, Tensor]] = dict,
) -> Built:
    parameters = {_weight_name(name): value for name, value in module.named_parameters()}
    if set(gathers) == {"table"}:
        parameters = {"table": parameters["weight"]}

    def whole(gradients: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        return joined({name: gathers[name](value) for name, value in gradients.items()})

    return Built(run or module, parameters, whole)


def _weight_name(name: str) -> str:
    """Return the full weight's name for a parameter's: `mlp.gate_up.weight` is `gate_up`, `norm1.weight` is `norm1`."""
    *path, last = name.split(".")
    return path[-1] if path and last == "weight" else last


def _same(gradient: Tensor) -> Tensor:
    return gradient


def _quiet(group: Group) -> Group:
    """Return the same ranks with a count of their own: putting results together is not part of what is measured."""
    return Group(group.rank, group.size, group.handle)


def _rows(group: Group, parts: int = 1) -> Gather:
    def gather(gradient: Tensor) -> Tensor:
        by_rank = [each.chunk(parts) for each in _quiet(group).all_gather(gradient).chunk(group.size)]
        return torch.cat([blocks[part] for part in range(parts) for blocks in by_rank])

    return gather


def _columns(group: Group) -> Gather:
    def gather(gradient: Tensor) -> Tensor:
        return torch.cat(_quiet(group).all_gather(gradient).chunk(group.size), dim=1)

    return gather


def _key_values(group: Group, shape: Shape) -> Gather:
    def gather(gradient: Tensor) -> Tensor:
        by_rank = _quiet(group).all_gather(gradient).chunk(group.size)
        return torch.cat(by_rank[:: shape.kv_copies(group.size)])

    return gather


def _mlp(group: Group) -> dict[str, Gather]:
    return {"gate_up": _rows(group, 2), "down": _columns(group)}


def _attention(group: Group, shape: Shape) -> dict[str, Gather]:
    heads = _key_values(group, shape)
    return {"query": _rows(group), "key": heads, "value": heads, "out": _columns(group)}


def _layer(group: Group, shape: Shape) -> dict[str, Gather]:
    return {"norm1": _same, "norm2": _same} | _attention(group, shape) | _mlp(group)


def _key_value(gradients: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return keys above values as one, as the full weight has them."""
    key, value = gradients.pop("key"), gradients.pop("value")
    return gradients | {"key_value": torch.cat((key, value))}
