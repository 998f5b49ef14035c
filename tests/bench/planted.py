"""Faults planted into the layers, each a small change as people make them, and the check that should see it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from bot.bench import comm, decode
from bot.bench.cases import TOP_K
from bot.bench.comm import Group
from bot.bench.correctness import Probe
from bot.bench.layers import attention, gradients, linear, mlp, norm, vocabulary
from bot.bench.pieces import Piece
from bot.bench.shapes import SHAPES

TINY, FEW_HEADS = SHAPES["tiny"], replace(SHAPES["tiny"], name="two kv heads", kv_heads=2)


@dataclass(frozen=True)
class Fault:
    """One planted fault: `change` makes the wrong thing out of the right one. `probe` None means a decoding check."""

    name: str
    owner: Any
    attribute: str
    change: Callable[[Any], Any]
    probe: Probe | None
    is_seen_alone: bool = False
    least_world: int = 2

    def planted(self) -> AbstractContextManager[pytest.MonkeyPatch]:
        """Return a context in which the fault is there."""
        return _planted(self)


class _planted(AbstractContextManager[pytest.MonkeyPatch]):  # noqa: N801  used like a function
    def __init__(self, fault: Fault) -> None:
        self.fault, self.patch = fault, pytest.MonkeyPatch()

    def __enter__(self) -> pytest.MonkeyPatch:
        owner, attribute = self.fault.owner, self.fault.attribute
        right = vars(owner)[attribute] if isinstance(owner, type) else getattr(owner, attribute)
        right = right.__func__ if isinstance(right, staticmethod) else right
        wrong = self.fault.change(right)
        is_static = isinstance(owner, type) and isinstance(vars(owner)[attribute], staticmethod)
        self.patch.setattr(owner, attribute, staticmethod(wrong) if is_static else wrong)
        return self.patch

    def __exit__(self, *_: object) -> None:
        self.patch.undo()


def probe(piece: Piece, **changes: Any) -> Probe:
    """Return a check in float64 over two micro-batches."""
    found = Probe(piece, TINY, tokens=16, dtype=torch.float64, micro_batches=2)
    return replace(found, **changes)


COLUMN, ROW, MLP = probe(Piece.COLUMN), probe(Piece.ROW), probe(Piece.MLP)
ATTENTION, EMBEDDING, LOSS = probe(Piece.ATTENTION), probe(Piece.EMBEDDING), probe(Piece.LOSS)
LAYER_SP = probe(Piece.LAYER, is_sequence_parallel=True)
ROW_SP = probe(Piece.ROW, is_sequence_parallel=True)
MLP_SP = probe(Piece.MLP, is_sequence_parallel=True)
MANY = probe(Piece.ATTENTION, shape=replace(TINY, name="many heads", heads=16, kv_heads=8))
SHARED_HEADS = probe(Piece.ATTENTION, shape=FEW_HEADS)


def _identity(_: Any) -> Any:
    return lambda x, *_args, **_named: x


def _averaged(right: Any) -> Any:
    return lambda x, group: right(x, group) / group.size


def _on_others(change: Callable[[Tensor, Group], Tensor]) -> Callable[[Any], Any]:
    """Change a tensor-giving function's result on every rank but the first."""

    def plant(right: Any) -> Any:
        def wrong(group: Group, *args: Any, **named: Any) -> Tensor:
            found = right(group, *args, **named)
            return change(found, group) if group.rank else found

        return wrong

    return plant


def _from_the_other_end(right: Any) -> Any:
    def wrong(group: Group, full: Tensor, parts: int = 1) -> Tensor:
        return right(Group(group.size - 1 - group.rank, group.size), full, parts)

    return wrong


def _columns_from_the_other_end(right: Any) -> Any:
    def wrong(self: linear.RowLinear, group: Group, full: Tensor, bias: Tensor | None = None, **named: Any) -> None:
        right(self, group, torch.cat(full.chunk(group.size, 1)[::-1], 1), bias, **named)

    return wrong


def _not_activated_elsewhere(right: Any) -> Any:
    def wrong(self: mlp.MLP, x: Tensor) -> Tensor:
        if self.down.group.rank == 0:
            return right(self, x)
        gate, up = self.gate_up(x).chunk(2, -1)
        return self.down(gate * up)

    return wrong


def _tokens_from_the_other_end(right: Any) -> Any:
    return lambda ctx, x, group: torch.cat(right(ctx, x, group).chunk(group.size)[::-1])


def _first_shard_everywhere(right: Any) -> Any:
    return lambda group, full, parts=1: right(Group(0, group.size), full, parts)


def _one_part(right: Any) -> Any:
    return lambda group, full, parts=1: right(group, full, 1)  # noqa: ARG005  the fault


def _bias_before_the_sum(_: Any) -> Any:
    def wrong(self: linear.RowLinear, x: Tensor) -> Tensor:
        product = x @ self.weight.t() + self.bias
        return comm.sum_out(product, self.group)

    return wrong


def _bias_shared_out(_: Any) -> Any:
    def wrong(self: linear.RowLinear, x: Tensor) -> Tensor:
        return comm.sum_out(x @ self.weight.t(), self.group) + (0 if self.bias is None else self.bias / self.group.size)

    return wrong


def _bias_on_the_first_rank_only(_: Any) -> Any:
    def wrong(self: linear.ColumnLinear, x: Tensor) -> Tensor:
        y = linear._ColumnProduct.apply(x, self.weight, self.group)
        return y if self.group.rank else y + self.bias

    return wrong


def _dx_stays_local(_: Any) -> Any:
    def wrong(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, None]:
        x, weight = ctx.saved_tensors
        return grads[0] @ weight, grads[0].t() @ x, None

    return wrong


def _dx_is_averaged(_: Any) -> Any:
    def wrong(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, None]:
        x, weight = ctx.saved_tensors
        return ctx.group.all_reduce(grads[0] @ weight) / ctx.group.size, grads[0].t() @ x, None

    return wrong


def _gradient_of_own_tokens(_: Any) -> Any:
    return lambda ctx, *grads: (ctx.group.slice(grads[0]).clone(), None)


def _gradient_of_tokens_not_gathered(_: Any) -> Any:
    return lambda ctx, *grads: (grads[0].repeat(ctx.group.size, 1), None)


def _own_tokens_without_sum(_: Any) -> Any:
    def wrong(ctx: Any, x: Tensor, group: Group) -> Tensor:
        ctx.group = group
        return group.slice(x).clone()

    return wrong


def _ranks_out_of_order(right: Any) -> Any:
    def wrong(self: Group, tensor: Tensor) -> Tensor:
        return torch.cat(right(self, tensor).chunk(self.size)[::-1])

    return wrong


def _overwritten(_: Any) -> Any:
    def wrong(self: gradients.MainGradients, parameter: nn.Parameter) -> None:
        self.sums[parameter] = parameter.grad.clone()
        parameter.grad = None

    return wrong


def _summed_twice(right: Any) -> Any:
    def wrong(self: gradients.MainGradients) -> None:
        right(self)
        right(self)

    return wrong


def _no_maximum(right: Any) -> Any:
    def wrong(self: Group, tensor: Tensor, *, maximum: bool = False) -> Tensor:
        return tensor if maximum else right(self, tensor)

    return wrong


def _only_first_sum(right: Any) -> Any:
    """Add up the logit at the target but not the sum of all weights, which comes second."""
    seen: list[int] = []

    def wrong(self: Group, tensor: Tensor, *, maximum: bool = False) -> Tensor:
        if maximum:
            seen.clear()
        else:
            seen.append(1)
        return tensor if len(seen) > 1 else right(self, tensor, maximum=maximum)

    return wrong


def _ids_off_by_one(right: Any) -> Any:
    def wrong(self: nn.Module, tokens: Tensor) -> Tensor:
        return right(self, tokens if self.group.rank == 0 else (tokens - 1).clamp(min=0))

    return wrong


def _targets_off_by_one(right: Any) -> Any:
    def wrong(ctx: Any, logits: Tensor, targets: Tensor, group: Group) -> Tensor:
        return right(ctx, logits, targets if group.rank == 0 else (targets - 1).clamp(min=0), group)

    return wrong


def _nobody_elsewhere(_: Any) -> Any:
    def wrong(self: vocabulary.VocabularyEmbedding, tokens: Tensor) -> Tensor:
        return comm.sum_out(nn.functional.embedding(tokens % self.rows, self.weight), self.group)

    return wrong


def _every_rank_hits(_: Any) -> Any:
    def wrong(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        probabilities, column, _ = ctx.saved_tensors
        hit = torch.ones_like(probabilities[:, :1])
        return probabilities.scatter_add(-1, column, -hit) * grads[0].unsqueeze(-1), None, None

    return wrong


def _queries_turned_by_rank(right: Any) -> Any:
    def wrong(self: attention.Attention, x: Tensor) -> Tensor:
        patch, turn, offsets = pytest.MonkeyPatch(), self.rotary.turn, iter((self.group.rank, 0))
        with patch.context() as context:
            context.setattr(self.rotary, "turn", lambda each, start=0: turn(each, start + next(offsets)))
            return right(self, x)

    return wrong


def _not_causal(_: Any) -> Any:
    def wrong(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        repeats = query.shape[1] // key.shape[1]
        q, k, v = (each.transpose(0, 1) for each in (query, key, value))
        k, v = k.repeat_interleave(repeats, 0), v.repeat_interleave(repeats, 0)
        return nn.functional.scaled_dot_product_attention(q, k, v).transpose(0, 1)

    return wrong


def _groups_interleaved(right: Any) -> Any:
    """Pair query heads with key-value heads in turn instead of in blocks."""

    def wrong(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        repeats = query.shape[1] // key.shape[1]
        return right(query, key.repeat(1, repeats, 1), value.repeat(1, repeats, 1))

    return wrong


def _local_best(_: Any) -> Any:
    def wrong(logits: Tensor, group: Group, k: int = TOP_K) -> decode.TopK:
        values, columns = decode.best(logits, k)
        return decode.TopK(values, columns + group.rank * logits.shape[-1])

    return wrong


def _ids_without_offset(_: Any) -> Any:
    def wrong(logits: Tensor, group: Group, k: int = TOP_K) -> decode.TopK:
        values, columns = decode.best(logits, k)
        packed = group.all_gather(decode._packed(values, columns).unsqueeze(0))
        everywhere, tokens = decode._unpacked(packed, values.dtype)
        chosen, at = decode.best(everywhere, k)
        return decode.TopK(chosen, tokens.gather(-1, at))

    return wrong


def _shares_of_the_best(right: Any) -> Any:
    """Take k/N from every rank instead of the k best of all."""

    def wrong(logits: Tensor, group: Group, k: int = TOP_K) -> decode.TopK:
        values, columns = decode.best(logits, -(-k // group.size))
        packed = group.all_gather(decode._packed(values, columns + group.rank * logits.shape[-1]).unsqueeze(0))
        everywhere, tokens = decode._unpacked(packed, values.dtype)
        return (
            decode.TopK(*(each[:, :k] for each in (everywhere, tokens))) if group.size > 1 else right(logits, group, k)
        )

    return wrong


def _private_seed(right: Any) -> Any:
    def wrong(found: decode.TopK, generator: torch.Generator, temperature: float = decode.TEMPERATURE) -> Tensor:
        rank = torch.distributed.get_rank() if torch.distributed.is_initialized() else 0
        return right(found, torch.Generator().manual_seed(generator.initial_seed() + rank), temperature)

    return wrong


def _warmer_elsewhere(right: Any) -> Any:
    def wrong(found: decode.TopK, generator: torch.Generator, temperature: float = decode.TEMPERATURE) -> Tensor:
        rank = torch.distributed.get_rank() if torch.distributed.is_initialized() else 0
        return right(found, generator, temperature * (1 + 9 * (rank > 0)))

    return wrong


def _zeroed(found: Tensor, group: Group) -> Tensor:
    return torch.zeros_like(found) if group.rank == group.size - 1 else found


FAULTS = (
    Fault("a row-parallel layer without its all-reduce", linear, "sum_out", _identity, ROW),
    Fault("a row-parallel layer that averages", linear, "sum_out", _averaged, ROW),
    Fault("a row-parallel bias added on every rank", linear.RowLinear, "forward", _bias_before_the_sum, ROW),
    Fault("a row-parallel bias divided by the ranks", linear.RowLinear, "forward", _bias_shared_out, ROW),
    Fault(
        "a column-parallel bias on the first rank only",
        linear.ColumnLinear,
        "forward",
        _bias_on_the_first_rank_only,
        COLUMN,
    ),
    Fault(
        "a column-parallel input gradient that stays local", linear._ColumnProduct, "backward", _dx_stays_local, COLUMN
    ),
    Fault(
        "a column-parallel input gradient that is averaged", linear._ColumnProduct, "backward", _dx_is_averaged, COLUMN
    ),
    Fault("column shards in the wrong rank order", linear, "rows_of", _from_the_other_end, COLUMN),
    Fault("the same stale shard on every rank", linear, "rows_of", _first_shard_everywhere, COLUMN),
    Fault("the last rank's shard zeroed", linear, "rows_of", _on_others(_zeroed), COLUMN),
    Fault("gate and up sliced as one block", linear, "rows_of", _one_part, MLP),
    Fault(
        "every slice in reversed rank order where the input is not",
        linear.RowLinear,
        "__init__",
        _columns_from_the_other_end,
        ROW,
    ),
    Fault(
        "a feed-forward block whose gate is not activated elsewhere", mlp.MLP, "forward", _not_activated_elsewhere, MLP
    ),
    Fault(
        "tokens gathered without summing their gradients",
        comm._GatherSequence,
        "backward",
        _gradient_of_own_tokens,
        MLP_SP,
    ),
    Fault("tokens kept without adding up the ranks", comm._ScatterSum, "forward", _own_tokens_without_sum, MLP_SP),
    Fault(
        "scattered tokens whose gradients are not gathered",
        comm._ScatterSum,
        "backward",
        _gradient_of_tokens_not_gathered,
        MLP_SP,
    ),
    Fault("tokens gathered out of rank order", comm._GatherSequence, "forward", _tokens_from_the_other_end, LAYER_SP),
    Fault("a norm's gradient not summed over the ranks", norm, "mark_partial", _identity, LAYER_SP),
    Fault("a row-parallel bias gradient not summed over the ranks", linear, "mark_partial", _identity, ROW_SP),
    Fault("partial gradients summed twice", gradients.MainGradients, "finish", _summed_twice, LAYER_SP),
    Fault("partial gradients never summed", gradients.MainGradients, "finish", _identity, LAYER_SP),
    Fault(
        "gradients overwritten instead of accumulated",
        gradients.MainGradients,
        "_add",
        _overwritten,
        MLP,
        is_seen_alone=True,
    ),
    Fault("an embedding without its all-reduce", vocabulary, "sum_out", _identity, EMBEDDING),
    Fault(
        "an embedding that answers for other ranks' tokens",
        vocabulary.VocabularyEmbedding,
        "forward",
        _nobody_elsewhere,
        EMBEDDING,
    ),
    Fault(
        "an embedding off by one on later ranks", vocabulary.VocabularyEmbedding, "forward", _ids_off_by_one, EMBEDDING
    ),
    Fault("a loss whose maximum is not shared", comm.Group, "all_reduce", _no_maximum, LOSS),
    Fault("a loss whose total is of one rank", comm.Group, "all_reduce", _only_first_sum, LOSS),
    Fault(
        "a loss whose targets are off by one on later ranks",
        vocabulary._CrossEntropy,
        "forward",
        _targets_off_by_one,
        LOSS,
    ),
    Fault(
        "a loss gradient in which every rank holds the target",
        vocabulary._CrossEntropy,
        "backward",
        _every_rank_hits,
        LOSS,
    ),
    Fault("logits whose input gradient stays local", vocabulary, "copy_in", _identity, LOSS),
    Fault("attention whose input gradient stays local", attention, "copy_in", _identity, ATTENTION),
    Fault(
        "queries whose positions depend on the rank",
        attention.Attention,
        "forward",
        _queries_turned_by_rank,
        ATTENTION,
    ),
    Fault("attention that sees the future", attention, "attend", _not_causal, ATTENTION, is_seen_alone=True),
    Fault(
        "query heads paired with the wrong group",
        attention,
        "attend",
        _groups_interleaved,
        MANY,
        is_seen_alone=True,
    ),
    Fault(
        "shared key-value heads whose gradients are not summed",
        attention,
        "mark_partial",
        _identity,
        SHARED_HEADS,
        least_world=4,
    ),
    Fault("a gathered result in the wrong rank order", comm.Group, "all_gather", _ranks_out_of_order, LAYER_SP),
    Fault("top-k from the local shard only", decode, "top_k", _local_best, None),
    Fault("top-k ids without the rank's offset", decode, "top_k", _ids_without_offset, None),
    Fault("an equal share of the top-k from every rank", decode, "top_k", _shares_of_the_best, None),
    Fault("a private sampling seed on every rank", decode, "sample", _private_seed, None),
    Fault("another temperature on later ranks", decode, "sample", _warmer_elsewhere, None),
)
