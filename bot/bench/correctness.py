"""Whether a split piece computes what the unsplit one does: output, input gradient and every weight's gradient.

The limit is not a hand-picked tolerance. In the same dtype the unsplit piece has an error of its own against float64;
the split one may have twice that, and no more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from bot.bench import reference
from bot.bench.comm import Group
from bot.bench.engine import Built, Engine
from bot.bench.layers.gradients import MainGradients
from bot.bench.pieces import Piece
from bot.bench.reference import Weights
from bot.bench.shapes import Shape
from bot.bench.weights import draw, ids, weights_of

#: Added to every limit, for what is exact in the unsplit piece.
FLOOR = 1e-12


@dataclass(frozen=True, slots=True)
class Probe:
    """One check: which piece of which shape, on how many tokens, in which dtype, over how many micro-batches."""

    piece: Piece
    shape: Shape
    tokens: int
    dtype: torch.dtype
    is_sequence_parallel: bool = False
    micro_batches: int = 1
    seed: int = 0
    device: str = "cpu"


@dataclass(frozen=True, slots=True)
class Error:
    """How far one quantity is off, relative to the float64 reference, and how far it may be."""

    quantity: str
    error: float
    limit: float

    @property
    def is_correct(self) -> bool:
        """Whether it is within the limit; what is not a number is not."""
        return self.error <= self.limit


def expected(probe: Probe) -> dict[str, Tensor]:
    """Return what the reference computes, unsplit and in float64."""
    return _plain(probe, torch.float64)


def unsplit_error(probe: Probe, exact: Mapping[str, Tensor]) -> dict[str, float]:
    """Return how far the unsplit reference in the probe's own dtype is off, by quantity."""
    found = _plain(probe, probe.dtype)
    return {name: distance(found[name], exact[name]) for name in exact}


def measured(probe: Probe, engine: Engine, group: Group) -> dict[str, Tensor]:
    """Return what the engine computes on these ranks: `y`, `dx` and each weight's gradient, whole on every rank."""
    weights = _weights(probe, probe.dtype)
    built = engine.build(probe.piece, group, probe.shape, weights, is_sequence_parallel=probe.is_sequence_parallel)
    sums = MainGradients(built.parameters.values(), group)
    steps = [_step(probe, built, group, number) for number in range(probe.micro_batches)]
    sums.finish()
    gradients = built.whole({name: sums[each] for name, each in built.parameters.items()})
    sums.detach()
    found = _collected(steps) | {f"d{name}": value for name, value in gradients.items()}
    return {name: value.cpu() for name, value in found.items()}


def compare(probe: Probe, ranks: Sequence[Mapping[str, Tensor]]) -> list[Error]:
    """Return the error of every quantity, the worst rank's; where ranks disagree about a result it is infinite."""
    exact = expected(probe)
    own = unsplit_error(probe, exact)
    return [
        Error(name, _worst([rank.get(name) for rank in ranks], exact[name]), 2 * own[name] + FLOOR) for name in exact
    ]


def distance(found: Tensor, exact: Tensor) -> float:
    """Return the Frobenius norm of the difference over that of the exact value; infinite for another shape or a NaN."""
    if found.shape != exact.shape or not found.isfinite().all():
        return float("inf")
    return float((found.to(exact) - exact).norm() / exact.norm())


def _worst(by_rank: Sequence[Tensor | None], exact: Tensor) -> float:
    first = by_rank[0]
    if any(each is None or first is None or not torch.equal(each, first) for each in by_rank):
        return float("inf")
    return max(distance(each, exact) for each in by_rank if each is not None)


def _collected(steps: Sequence[tuple[Tensor, Tensor | None]]) -> dict[str, Tensor]:
    dxs = [dx for _, dx in steps if dx is not None]
    return {"y": torch.cat([y for y, _ in steps])} | ({"dx": torch.cat(dxs)} if dxs else {})


def _step(probe: Probe, built: Built, group: Group, number: int) -> tuple[Tensor, Tensor | None]:
    """Run one micro-batch forward and backward and return its whole output and input gradient."""
    x, targets, dy = _inputs(probe, number)
    local = _enter(probe, x, group).clone()
    if local.is_floating_point():
        local.requires_grad_()
    y = built.run(local, targets) if probe.piece is Piece.LOSS else built.run(local)
    y.backward(_upstream(probe, dy, group))
    return _leave(probe, y.detach(), group), None if local.grad is None else _gathered_input(probe, local.grad, group)


def _inputs(probe: Probe, number: int, dtype: torch.dtype | None = None) -> tuple[Tensor, Tensor, Tensor]:
    """Return a micro-batch: the input (or token ids), the targets, and the gradient of the output."""
    shape, tokens, seed = probe.shape, probe.tokens, probe.seed
    dtype = dtype or probe.dtype
    targets = ids(tokens, shape.vocab, name=f"targets {number}", seed=seed).to(probe.device)
    dy = draw(tokens, *_outputs(probe), name=f"dy {number}", seed=seed, scale=1 / probe.micro_batches)
    dy = dy.to(probe.device, dtype)
    if probe.piece is Piece.EMBEDDING:
        return targets, targets, dy
    width = shape.ffn if probe.piece is Piece.ROW else shape.hidden
    return draw(tokens, width, name=f"x {number}", seed=seed).to(probe.device, dtype), targets, dy


def _outputs(probe: Probe) -> tuple[int, ...]:
    match probe.piece:
        case Piece.COLUMN:
            return (probe.shape.ffn,)
        case Piece.LOSS:
            return ()
        case Piece.ROW | Piece.MLP | Piece.ATTENTION | Piece.LAYER | Piece.EMBEDDING:
            return (probe.shape.hidden,)


def _is_split_by_token(probe: Probe) -> bool:
    return probe.is_sequence_parallel and probe.piece not in {Piece.EMBEDDING, Piece.LOSS}


def _enter(probe: Probe, x: Tensor, group: Group) -> Tensor:
    """Return this rank's part of the input: features for a row-parallel layer, tokens under sequence parallelism."""
    if probe.piece is Piece.ROW:
        return group.slice(x, -1)
    return group.slice(x) if _is_split_by_token(probe) else x


def _upstream(probe: Probe, dy: Tensor, group: Group) -> Tensor:
    """Return this rank's part of the output's gradient."""
    if probe.piece is Piece.COLUMN:
        return group.slice(dy, -1)
    return group.slice(dy) if _is_split_by_token(probe) else dy


def _leave(probe: Probe, y: Tensor, group: Group) -> Tensor:
    """Return the whole output."""
    if probe.piece is Piece.COLUMN:
        return _features(y, group)
    return _quiet(group).all_gather(y) if _is_split_by_token(probe) else y


def _gathered_input(probe: Probe, dx: Tensor, group: Group) -> Tensor:
    """Return the whole gradient of the input."""
    if probe.piece is Piece.ROW:
        return _features(dx, group)
    return _quiet(group).all_gather(dx) if _is_split_by_token(probe) else dx


def _features(part: Tensor, group: Group) -> Tensor:
    return torch.cat(_quiet(group).all_gather(part).chunk(group.size), dim=-1)


def _quiet(group: Group) -> Group:
    """Return the same ranks with a count of their own."""
    return Group(group.rank, group.size, group.handle)


def _plain(probe: Probe, dtype: torch.dtype) -> dict[str, Tensor]:
    """Run the reference over all micro-batches; the gradients add up in at least float32, as the engine's do."""
    weights = {name: each.requires_grad_() for name, each in _weights(probe, dtype).items()}
    sums = MainGradients(weights.values(), Group())
    steps = []
    for number in range(probe.micro_batches):
        x, targets, dy = _inputs(probe, number, dtype)
        x = x.clone().requires_grad_() if x.is_floating_point() else x
        y = _apply(probe, x, targets, weights)
        y.backward(dy)
        steps.append((y.detach(), x.grad))
    found = _collected(steps) | {f"d{name}": sums[each] for name, each in weights.items()}
    return {name: value.cpu() for name, value in found.items()}


def _weights(probe: Probe, dtype: torch.dtype) -> Weights:
    drawn = weights_of(probe.piece, probe.shape, seed=probe.seed)
    return {name: value.to(probe.device, dtype) for name, value in drawn.items()}


def _apply(probe: Probe, x: Tensor, targets: Tensor, weights: Weights) -> Tensor:
    match probe.piece:
        case Piece.COLUMN | Piece.ROW:
            return reference.linear(x, weights["weight"], weights["bias"])
        case Piece.MLP:
            return reference.mlp(x, weights["gate_up"], weights["down"])
        case Piece.ATTENTION:
            return reference.attention(x, probe.shape, **weights)
        case Piece.LAYER:
            return reference.layer(x, probe.shape, weights)
        case Piece.EMBEDDING:
            return weights["table"][x]
        case Piece.LOSS:
            return reference.cross_entropy(x, weights["table"], targets)
