"""What is measured: an engine builds pieces of a model, split over the ranks, from the full weights.

A governed repository measures its own engine by writing a class with this protocol and naming it on the command line;
`ours` and PyTorch's own DTensor are built in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor, nn

from bot.bench.comm import Group
from bot.bench.pieces import CannotRun, Piece
from bot.bench.reference import Weights
from bot.bench.shapes import Shape


class Unsupported(CannotRun):
    """The engine does not have this piece, or not in this mode; the case is then skipped with these words."""


@dataclass(frozen=True, slots=True)
class Built:
    """A piece on this rank.

    `run` takes the piece's inputs and gives its output. `parameters` are this rank's, by the name of the full weight
    that they are a part of. `whole` puts every rank's gradients together to those of the full weights; it may
    communicate and is not measured.
    """

    run: Callable[..., Tensor]
    parameters: Mapping[str, nn.Parameter]
    whole: Callable[[Mapping[str, Tensor]], Mapping[str, Tensor]]


class Engine(Protocol):
    """Builds the pieces of a tensor-parallel model."""

    @property
    def name(self) -> str:
        """The engine's name in results."""
        ...

    def build(
        self, piece: Piece, group: Group, shape: Shape, weights: Weights, *, is_sequence_parallel: bool = False
    ) -> Built:
        """Return this rank's part of a piece; raise `Unsupported` for one that there is not.

        With T tokens, H hidden features and N ranks: `column` maps [T, H] to [T, O/N]; `row` [T, H/N] to [T, O]; `mlp`,
        `attention` and `layer` [T, H] to [T, H], or [T/N, H] to [T/N, H] under sequence parallelism; `embedding` token
        ids [T] to [T, H]; `loss` maps [T, H] and target ids [T] to each token's loss [T].
        """
        ...
