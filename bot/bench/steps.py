"""One timed step of every kind of case, made ready on one rank."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from bot.bench.cases import CANDIDATE, CONTEXT, COPY_BYTES, GEMM_SIZE, Case, Work
from bot.bench.comm import Group
from bot.bench.decode import greedy, sample, top_k
from bot.bench.engine import Built, Engine, Unsupported
from bot.bench.layers.attention import Cache
from bot.bench.layers.gradients import MainGradients, wide_dtype
from bot.bench.layers.transformer import LayerWeights, TransformerLayer
from bot.bench.pieces import Piece
from bot.bench.rerank import rewards
from bot.bench.shapes import Shape, check
from bot.bench.weights import sizes_of

Step = Callable[[], object]

#: What is split over the ranks, so that one rank alone can do it too.
SPLIT = frozenset(Work) - {Work.GEMM, Work.COPY, Work.COLLECTIVE}


@dataclass(frozen=True, slots=True)
class Bench:
    """Where a case is made ready: the ranks, the engine, the shape, the dtype, the device and how many tokens.

    On the device `meta`, with a dry group, a case of any size is counted; `stands_for` then says whose sizes it has.
    """

    group: Group
    engine: Engine
    shape: Shape
    dtype: torch.dtype
    device: str
    tokens: int
    stands_for: str = ""

    @property
    def kind(self) -> str:
        """What sort of device it is: `cpu` or `cuda`."""
        return self.stands_for or self.device.partition(":")[0]

    def numbers(self, *size: int) -> Tensor:
        """Return normal numbers; never zeros, which GPUs multiply faster."""
        return torch.randn(size, dtype=self.dtype, device=self.device)

    def ids(self, *size: int) -> Tensor:
        """Return token ids, the same on every rank."""
        generator = torch.Generator().manual_seed(1)
        return torch.randint(self.shape.vocab, size, generator=generator).to(self.device)

    def weights(self, piece: Piece) -> dict[str, Tensor]:
        """Return full weights of about the size that trained ones have."""
        sizes = sizes_of(piece, self.shape)
        return {
            name: self.numbers(*size) * (size[-1] ** -0.5 if len(size) > 1 else 1.0) for name, size in sizes.items()
        }


def prepare(case: Case, bench: Bench) -> Step:  # noqa: PLR0911  one return per kind of work
    """Return the step to be timed; raise `Unsupported` or `Indivisible` where it cannot be run."""
    if case.work in SPLIT:
        check(bench.shape, bench.group.size)
    match case.work:
        case Work.GEMM:
            return _gemm(bench)
        case Work.COPY:
            return _copy(bench)
        case Work.STEP:
            return _micro_batch(case, bench, _build(case, bench))
        case Work.TRAIN:
            return _train(case, bench)
        case Work.COLLECTIVE:
            return _collective(case, bench)
        case Work.DECODE_GREEDY | Work.DECODE_TOP_K:
            return _decode(case, bench)
        case Work.RERANK:
            return _rerank(case, bench)


def _gemm(bench: Bench) -> Step:
    """Return one product of square matrices, every rank its own: 2n^3 operations and no collective."""
    size = GEMM_SIZE[bench.kind]
    a, b = bench.numbers(size, size), bench.numbers(size, size)
    out = torch.empty_like(a)
    return lambda: torch.mm(a, b, out=out)


def _copy(bench: Bench) -> Step:
    """Return one copy within memory."""
    source = torch.ones(COPY_BYTES[bench.kind], dtype=torch.uint8, device=bench.device)
    target = torch.empty_like(source)
    return lambda: target.copy_(source)


def _build(case: Case, bench: Bench) -> Built:
    weights = bench.weights(case.piece)
    split = case.is_sequence_parallel
    return bench.engine.build(case.piece, bench.group, bench.shape, weights, is_sequence_parallel=split)


def _micro_batch(case: Case, bench: Bench, built: Built) -> Step:
    """Return one forward and backward pass that leaves the gradients behind."""
    targets = bench.ids(bench.tokens)
    if case.piece is Piece.EMBEDDING:
        return lambda: _backward(built.run(targets), built)
    width = bench.shape.ffn // bench.group.size if case.piece is Piece.ROW else bench.shape.hidden
    tokens = bench.tokens // bench.group.size if case.is_sequence_parallel else bench.tokens
    x = bench.numbers(tokens, width).requires_grad_()

    def step() -> None:
        x.grad = None
        _backward(built.run(x, targets) if case.piece is Piece.LOSS else built.run(x), built)

    return step


def _backward(y: Tensor, built: Built) -> None:
    y.backward(torch.ones_like(y))
    for parameter in built.parameters.values():
        parameter.grad = None


def _train(case: Case, bench: Bench) -> Step:
    """Return one optimiser step: wide gradients of all micro-batches, partial ones summed once, AdamW."""
    built = _build(case, bench)
    parameters = list(built.parameters.values())
    sums = MainGradients(parameters, bench.group)
    masters = [each.detach().to(wide_dtype(bench.dtype), copy=True).requires_grad_() for each in parameters]
    optimizer = torch.optim.AdamW(masters, lr=1e-4)
    x = bench.numbers(bench.tokens, bench.shape.hidden)

    def step() -> None:
        for _ in range(case.micro_batches):
            y = built.run(x)
            y.backward(torch.full_like(y, 1 / case.micro_batches))
        sums.finish()
        for master, parameter in zip(masters, parameters, strict=True):
            master.grad = sums[parameter]
        optimizer.step()
        sums.clear()
        with torch.no_grad():
            for master, parameter in zip(masters, parameters, strict=True):
                parameter.copy_(master)

    return step


def _collective(case: Case, bench: Bench) -> Step:
    group = bench.group
    if group.size == 1:
        raise Unsupported("one rank has nobody to talk to")
    numbers = (case.tokens or 0) // bench.dtype.itemsize
    whole = bench.numbers(numbers)
    match case.collective:
        case "all_reduce":
            return lambda: group.all_reduce(whole)
        case "all_gather":
            part = group.slice(whole).clone()
            return lambda: group.all_gather(part)
        case "reduce_scatter":
            return lambda: group.reduce_scatter(whole)
        case other:
            raise ValueError(f"no such collective: {other}")


def _decode(case: Case, bench: Bench) -> Step:
    """Return one decoding step of a batch: a layer over its cache, the vocabulary head, and the choice of a token."""
    shape, group, batch = bench.shape, bench.group, case.tokens or 1
    layer = TransformerLayer(group, shape, LayerWeights(**bench.weights(Piece.LAYER)))
    table = group.slice(bench.weights(Piece.LOSS)["table"]).clone()
    context = CONTEXT[bench.kind]
    room = (batch, context + 1, shape.kv_heads_of_rank(group.size), shape.head_dim)
    cache = Cache(bench.numbers(*room), bench.numbers(*room), context)
    x, generator = bench.numbers(batch, shape.hidden), torch.Generator().manual_seed(1)

    @torch.no_grad()
    def step() -> Tensor:
        cache.length = context
        logits = layer.decode(x, cache) @ table.t()
        if case.work is Work.DECODE_GREEDY:
            return greedy(logits, group)
        return sample(top_k(logits, group), generator)

    return step


def _rerank(case: Case, bench: Bench) -> Step:
    table = bench.group.slice(bench.weights(Piece.LOSS)["table"]).clone()
    length = CANDIDATE[bench.kind]
    prompt, candidates = bench.ids(length), bench.ids(case.tokens or 1, length)
    aspects = torch.ones(case.tokens or 1, 2, device=bench.device)
    return lambda: rewards(prompt, candidates, table, aspects, bench.group)
