"""The collectives of one tensor-parallel group: each is counted, and each knows its gradient.

The pairs are those of Megatron-LM (Shoeybi et al. 2019, arXiv 1909.08053, section 3; Korthikanti et al. 2022,
arXiv 2205.05198, for sequence parallelism). A group of one rank communicates nothing and counts nothing.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

# PyTorch 2.13 gave these new names and warns about the old ones; 2.11 knows only the old.
_ALL_GATHER = getattr(dist, "all_gather_single", None) or dist.all_gather_into_tensor
_REDUCE_SCATTER = getattr(dist, "reduce_scatter_single", None) or dist.reduce_scatter_tensor


@dataclass(slots=True)
class Tally:
    """How often each collective ran and how many bytes it was given.

    Bytes are those of the whole array, as nccl-tests counts them: an all-gather's result, a reduce-scatter's input.
    """

    calls: Counter[str] = field(default_factory=Counter)
    bytes: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str, size: int) -> None:
        """Count one collective of `size` bytes."""
        self.calls[kind] += 1
        self.bytes[kind] += size

    def clear(self) -> None:
        """Start again from nothing."""
        self.calls.clear()
        self.bytes.clear()

    def snapshot(self) -> dict[str, tuple[int, int]]:
        """Return calls and bytes by kind, as the closed forms state them."""
        return {kind: (calls, self.bytes[kind]) for kind, calls in sorted(self.calls.items())}


@dataclass(slots=True)
class Group:
    """The ranks that hold one model together. `handle` None is the default process group, or none for one rank.

    A dry group counts its collectives and moves nothing: with tensors on the device `meta` a model of any size and any
    number of ranks is counted in milliseconds.
    """

    rank: int = 0
    size: int = 1
    handle: Any = None
    tally: Tally = field(default_factory=Tally)
    is_dry: bool = False

    @classmethod
    def current(cls) -> "Group":
        """Return the group of all ranks of this process's job; a group of one where nothing was initialised."""
        if not dist.is_initialized():
            return cls()
        return cls(rank=dist.get_rank(), size=dist.get_world_size())

    def all_reduce(self, tensor: Tensor, *, maximum: bool = False) -> Tensor:
        """Add up (or take the largest of) every rank's tensor, in place."""
        self.start_all_reduce(tensor, maximum=maximum)()
        return tensor

    def start_all_reduce(self, tensor: Tensor, *, maximum: bool = False) -> Callable[[], object]:
        """Begin adding up in place and return what waits for the end."""
        if self.size == 1:
            return _nothing
        self.tally.add("all_reduce", _bytes(tensor))
        if self.is_dry:
            return _nothing
        op = dist.ReduceOp.MAX if maximum else dist.ReduceOp.SUM
        work = dist.all_reduce(tensor, op=op, group=self.handle, async_op=True)
        return work.wait

    def all_gather(self, tensor: Tensor) -> Tensor:
        """Put every rank's [n, ...] together along the first dimension, in rank order: [n * size, ...]."""
        if self.size == 1:
            return tensor
        whole = tensor.new_empty((tensor.shape[0] * self.size, *tensor.shape[1:]))
        self.tally.add("all_gather", _bytes(whole))
        if not self.is_dry:
            _ALL_GATHER(whole, tensor.contiguous(), group=self.handle)
        return whole

    def reduce_scatter(self, tensor: Tensor) -> Tensor:
        """Add up every rank's [n * size, ...] and return this rank's [n, ...] of the sum."""
        if self.size == 1:
            return tensor
        if tensor.shape[0] % self.size:
            raise ValueError(f"{tensor.shape[0]} rows do not divide over {self.size} ranks")
        part = tensor.new_empty((tensor.shape[0] // self.size, *tensor.shape[1:]))
        self.tally.add("reduce_scatter", _bytes(tensor))
        if not self.is_dry:
            _REDUCE_SCATTER(part, tensor.contiguous(), group=self.handle)
        return part

    def slice(self, tensor: Tensor, dim: int = 0) -> Tensor:
        """Return this rank's even part of a tensor that every rank holds."""
        if tensor.shape[dim] % self.size:
            raise ValueError(f"dimension {dim} of {tuple(tensor.shape)} does not divide over {self.size} ranks")
        return tensor.chunk(self.size, dim)[self.rank]


def _nothing() -> None:
    """Wait for nothing."""


def _bytes(tensor: Tensor) -> int:
    return tensor.numel() * tensor.element_size()


def own(tensor: Tensor) -> Tensor:
    """Return a tensor object that nobody else holds, over the same memory: what a backward pass is to give back.

    The collective's thread lets go of its own a moment after the end is told, and autograd copies a gradient that
    somebody else holds: now and then there would be one operation more.
    """
    return tensor.view_as(tensor)


class _CopyIn(torch.autograd.Function):
    """Identity forward, all-reduce backward: the `f` of the Megatron paper."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, group: Group) -> Tensor:
        ctx.group = group
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        return own(ctx.group.all_reduce(grads[0].clone(memory_format=torch.contiguous_format))), None


class _SumOut(torch.autograd.Function):
    """All-reduce forward, identity backward: the `g` of the Megatron paper."""

    @staticmethod
    def forward(_ctx: Any, x: Tensor, group: Group) -> Tensor:
        return group.all_reduce(x.clone(memory_format=torch.contiguous_format))

    @staticmethod
    def backward(_ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        return grads[0], None


class _GatherSequence(torch.autograd.Function):
    """All-gather of tokens forward, reduce-scatter backward."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, group: Group) -> Tensor:
        ctx.group = group
        return group.all_gather(x)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        return own(ctx.group.reduce_scatter(grads[0])), None


class _ScatterSum(torch.autograd.Function):
    """Reduce-scatter of tokens forward, all-gather backward."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, group: Group) -> Tensor:
        ctx.group = group
        return group.reduce_scatter(x)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        return ctx.group.all_gather(grads[0]), None


class _GatherFeatures(torch.autograd.Function):
    """All-gather of the last dimension forward, own slice backward: for a result that every rank then uses alike."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, group: Group) -> Tensor:
        ctx.group = group
        return torch.cat(group.all_gather(x).chunk(group.size, 0), dim=-1)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        return ctx.group.slice(grads[0], -1).contiguous(), None


def copy_in(x: Tensor, group: Group) -> Tensor:
    """Give every rank the same input; its gradient is the sum of what the ranks send back."""
    return x if group.size == 1 else _CopyIn.apply(x, group)


def sum_out(x: Tensor, group: Group) -> Tensor:
    """Add up what every rank computed; the gradient goes to each of them unchanged."""
    return x if group.size == 1 else _SumOut.apply(x, group)


def gather_sequence(x: Tensor, group: Group) -> Tensor:
    """Put the ranks' tokens [T/N, H] together to [T, H]; gradients are summed and scattered."""
    return x if group.size == 1 else _GatherSequence.apply(x, group)


def scatter_sum(x: Tensor, group: Group) -> Tensor:
    """Add up the ranks' [T, H] and keep this rank's tokens [T/N, H]; gradients are gathered."""
    return x if group.size == 1 else _ScatterSum.apply(x, group)


def gather_features(x: Tensor, group: Group) -> Tensor:
    """Put the ranks' features [T, O/N] together to [T, O]."""
    return x if group.size == 1 else _GatherFeatures.apply(x, group)
