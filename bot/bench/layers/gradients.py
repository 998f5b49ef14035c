"""Gradient accumulation over micro-batches, in float32 whatever the weights are in.

Tensor parallelism adds no collective to a sharded weight's gradient: each rank's is complete. Weights that every rank
holds but that see only a part of the tokens or heads (norms and row biases under sequence parallelism, shared key-value
heads) have partial gradients: those are summed over the ranks once, after the last micro-batch.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from bot.bench.comm import Group


@dataclass(frozen=True, slots=True)
class Place:
    """Where a rank's rows stand among `rows` rows, several ranks holding the same ones."""

    first: int
    rows: int


def mark_partial(parameter: nn.Parameter, place: Place | None = None) -> None:
    """Note that this parameter's gradient must be summed over the ranks; without a place every rank holds all of it."""
    parameter.partial = place or Place(0, parameter.shape[0])


def wide_dtype(dtype: torch.dtype) -> torch.dtype:
    """Return what gradients of this dtype are added up in: float32, or float64 where the weights have that."""
    return torch.float64 if dtype == torch.float64 else torch.float32


class MainGradients:
    """A wide sum of gradients beside every parameter, filled by each backward pass.

    `gradients[p]` is the sum so far. A parameter's own `.grad` is freed as soon as it has been added.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], group: Group) -> None:
        """Begin at zero, and have every backward pass add to it from now on."""
        self.group = group
        self.sums: dict[nn.Parameter, Tensor] = {}
        self._hooks = [each.register_post_accumulate_grad_hook(self._add) for each in parameters]

    def __getitem__(self, parameter: nn.Parameter) -> Tensor:
        """Return what has been added up for this parameter."""
        return self.sums[parameter]

    def finish(self) -> None:
        """Sum the partial gradients over the ranks, in one collective, after the last micro-batch."""
        partial = [each for each in self.sums if hasattr(each, "partial")]
        if not partial or self.group.size == 1:
            return
        whole = [_placed(self.sums[each], each.partial) for each in partial]
        flat = self.group.all_reduce(torch.cat([each.flatten() for each in whole]))
        for parameter, total in zip(partial, _unflatten(flat, whole), strict=True):
            place: Place = parameter.partial
            self.sums[parameter] = total[place.first : place.first + parameter.shape[0]]

    def clear(self) -> None:
        """Begin at zero again."""
        self.sums.clear()

    def detach(self) -> None:
        """Leave the parameters as they were found."""
        for hook in self._hooks:
            hook.remove()

    def _add(self, parameter: nn.Parameter) -> None:
        assert parameter.grad is not None  # the hook runs after it was set
        if parameter in self.sums:
            self.sums[parameter].add_(parameter.grad)
        else:
            self.sums[parameter] = parameter.grad.to(wide_dtype(parameter.dtype), copy=True)
        parameter.grad = None


def _placed(gradient: Tensor, place: Place) -> Tensor:
    whole = gradient.new_zeros((place.rows, *gradient.shape[1:]))
    whole[place.first : place.first + gradient.shape[0]] = gradient
    return whole


def _unflatten(flat: Tensor, like: Iterable[Tensor]) -> list[Tensor]:
    shapes = [each.shape for each in like]
    parts = flat.split([shape.numel() for shape in shapes])
    return [part.view(shape) for part, shape in zip(parts, shapes, strict=True)]
