"""PyTorch's own tensor parallelism (DTensor) as an engine: the second opinion, and the speed that ours has to match."""

from collections.abc import Callable, Mapping

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.device_mesh import DeviceMesh, init_device_mesh
from torch.distributed.tensor import DTensor as Sharded
from torch.distributed.tensor.parallel import ColwiseParallel, RowwiseParallel, parallelize_module
from torch.nn import functional

from bot.bench.comm import Group
from bot.bench.engine import Built, Unsupported
from bot.bench.pieces import Piece
from bot.bench.reference import Weights
from bot.bench.shapes import Shape


class _Mlp(nn.Module):
    """The plain SwiGLU block that is parallelised."""

    def __init__(self, gate: nn.Linear, up: nn.Linear, down: nn.Linear) -> None:
        super().__init__()
        self.gate, self.up, self.down = gate, up, down

    def forward(self, x: Tensor) -> Tensor:
        return self.down(functional.silu(self.gate(x)) * self.up(x))


class DTensor:
    """Column, row and feed-forward pieces by `parallelize_module`, without sequence parallelism."""

    name = "dtensor"

    def build(
        self, piece: Piece, group: Group, shape: Shape, weights: Weights, *, is_sequence_parallel: bool = False
    ) -> Built:
        """Return this rank's part of a piece; raise `Unsupported` for one that there is not."""
        if is_sequence_parallel or piece not in _BUILDERS:
            raise Unsupported(f"the engine dtensor has no {piece}{' with sequence parallelism' * is_sequence_parallel}")
        return _BUILDERS[piece](_mesh(group, weights), weights, shape)


def _mesh(group: Group, weights: Weights) -> DeviceMesh | None:
    """Return the ranks as a mesh; one rank needs none."""
    if group.size == 1 or not dist.is_initialized():
        return None
    device = next(iter(weights.values())).device.type
    return init_device_mesh(device, (group.size,))


def _linear(weight: Tensor, bias: Tensor | None = None) -> nn.Linear:
    layer = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None, device="meta")
    layer.weight = nn.Parameter(weight.clone())
    if bias is not None:
        layer.bias = nn.Parameter(bias.clone())
    return layer


def _column(mesh: DeviceMesh | None, weights: Weights, _: Shape) -> Built:
    layer = _linear(weights["weight"], weights["bias"])
    return _built(_parallel(layer, mesh, ColwiseParallel()), {"weight": "weight", "bias": "bias"})


def _row(mesh: DeviceMesh | None, weights: Weights, _: Shape) -> Built:
    layer = _linear(weights["weight"], weights["bias"])
    return _built(_parallel(layer, mesh, RowwiseParallel()), {"weight": "weight", "bias": "bias"})


def _mlp(mesh: DeviceMesh | None, weights: Weights, _: Shape) -> Built:
    gate, up = weights["gate_up"].chunk(2)
    block = _Mlp(_linear(gate), _linear(up), _linear(weights["down"]))
    plan = {"gate": ColwiseParallel(), "up": ColwiseParallel(), "down": RowwiseParallel()}
    names = {"gate": "gate.weight", "up": "up.weight", "down": "down.weight"}
    return _built(_parallel(block, mesh, plan), names, joined=_gate_up)


_BUILDERS: Mapping[Piece, Callable[[DeviceMesh | None, Weights, Shape], Built]] = {
    Piece.COLUMN: _column,
    Piece.ROW: _row,
    Piece.MLP: _mlp,
}


def _parallel(module: nn.Module, mesh: DeviceMesh | None, plan: object) -> nn.Module:
    return module if mesh is None else parallelize_module(module, mesh, plan)


def _built(
    module: nn.Module, names: Mapping[str, str], joined: Callable[[dict[str, Tensor]], dict[str, Tensor]] = dict
) -> Built:
    parameters = dict(module.named_parameters())

    def run(x: Tensor) -> Tensor:
        y = module(x)
        if hasattr(y, "trigger_wait"):  # else the collective would still be under way when the clock stops
            y.trigger_wait()
        return y

    def whole(gradients: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        return joined({name: _full(value) for name, value in gradients.items()})

    return Built(run, {name: parameters[path] for name, path in names.items()}, whole)


def _full(gradient: Tensor) -> Tensor:
    return gradient.full_tensor() if isinstance(gradient, Sharded) else gradient


def _gate_up(gradients: dict[str, Tensor]) -> dict[str, Tensor]:
    gate, up = gradients.pop("gate"), gradients.pop("up")
    return gradients | {"gate_up": torch.cat((gate, up))}
