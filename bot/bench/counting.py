"""Counts what a step really does: operations, collectives, dispatched calls, bytes kept for the backward pass.

None of it is measured in time, so that none of it has noise: two runs of the same code give the same numbers, on any
machine and, with a dry group, for any size.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode, sdpa_flop_count

from bot.bench.closed_forms import Setting
from bot.bench.comm import Group
from bot.bench.engine import Built, Engine
from bot.bench.layers.gradients import MainGradients
from bot.bench.pieces import Piece
from bot.bench.weights import sizes_of

#: PyTorch's attention kernels, by the middle of their operators' names; not every version has each of them.
KERNELS = (
    "flash_attention",
    "flash_attention_for_cpu",
    "efficient_attention",
    "cudnn_attention",
    "fused_attention_overrideable",
)


@dataclass(frozen=True, slots=True)
class Counts:
    """What one rank did in one step."""

    flops: int
    collectives: dict[str, tuple[int, int]]
    operations: int
    saved_bytes: int


class _Dispatches(TorchDispatchMode):
    """Counts the operations that reach a device."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += 1
        return func(*args, **(kwargs or {}))


def counted(work: Callable[[], object], group: Group) -> Counts:
    """Run a step once and count; the group's tally starts at zero."""
    group.tally.clear()
    kept = _Kept()
    with _flop_counter() as flops, _Dispatches() as dispatches, kept.hooks():
        work()
    return Counts(flops.get_total_flops(), group.tally.snapshot(), dispatches.count, kept.bytes)


def dry_step(setting: Setting, engine: Engine, dtype: torch.dtype) -> Counts:
    """Count a step of any size without computing it: rank 0 of a dry group, on the device `meta`."""
    group = Group(0, setting.world, is_dry=True)
    sizes = sizes_of(setting.piece, setting.shape)
    weights = {name: torch.empty(size, dtype=dtype, device="meta") for name, size in sizes.items()}
    split = setting.is_sequence_parallel
    built = engine.build(setting.piece, group, setting.shape, weights, is_sequence_parallel=split)
    sums = MainGradients(built.parameters.values(), group)

    def work() -> None:
        for _ in range(setting.micro_batches):
            _micro_batch(setting, built, dtype)
        sums.finish()

    return counted(work, group)


def _micro_batch(setting: Setting, built: Built, dtype: torch.dtype) -> None:
    targets = torch.empty(setting.tokens, dtype=torch.long, device="meta")
    if setting.piece is Piece.EMBEDDING:
        y = built.run(targets)
    else:
        x = torch.empty(_input_size(setting), dtype=dtype, device="meta", requires_grad=True)
        y = built.run(x, targets) if setting.piece is Piece.LOSS else built.run(x)
    y.backward(torch.empty_like(y))


def _input_size(setting: Setting) -> tuple[int, int]:
    shape, tokens, world = setting.shape, setting.tokens, setting.world
    if setting.piece is Piece.ROW:
        return (tokens, shape.ffn // world)
    is_split = setting.is_sequence_parallel and setting.piece is not Piece.LOSS
    return (tokens // world if is_split else tokens, shape.hidden)


class _Kept:
    """Adds up the bytes that the forward pass keeps for the backward pass; parameters are kept anyway."""

    def __init__(self) -> None:
        self.bytes = 0
        self._alive: WeakValueDictionary[int, Tensor] = WeakValueDictionary()  # an id is given again after a death

    def hooks(self) -> torch.autograd.graph.saved_tensors_hooks:
        """Return the context in which saved tensors are counted, each of them once."""
        return torch.autograd.graph.saved_tensors_hooks(self._pack, lambda tensor: tensor)

    def _pack(self, tensor: Tensor) -> Tensor:
        if (
            not isinstance(tensor, torch.nn.Parameter)
            and not _is_view_of_parameter(tensor)
            and id(tensor) not in self._alive
        ):
            self._alive[id(tensor)] = tensor
            self.bytes += tensor.numel() * tensor.element_size()
        return tensor


def _is_view_of_parameter(tensor: Tensor) -> bool:
    return isinstance(tensor._base, torch.nn.Parameter)  # noqa: SLF001  torch has no public word for it


def _flop_counter() -> FlopCounterMode:
    """Return PyTorch's counter, in which attention costs the same whichever kernel computes it.

    By itself it does not know the CPU's kernel, and counts what other kernels compute a second time.
    """
    names = [f"_scaled_dot_product_{kernel}" for kernel in KERNELS]
    forward = {_operator(name): _attention_forward for name in names}
    backward = {_operator(f"{name}_backward"): _attention_backward for name in names}
    return FlopCounterMode(display=False, custom_mapping={key: f for key, f in (forward | backward).items() if key})


def _operator(name: str) -> Any:
    return getattr(torch.ops.aten, name, None)


def _attention_forward(query: Any, key: Any, value: Any, *_: Any, **__: Any) -> int:
    return sdpa_flop_count(query, key, value)


def _attention_backward(_: Any, query: Any, key: Any, value: Any, *__: Any, **___: Any) -> int:
    return 2 * sdpa_flop_count(query, key, value)
