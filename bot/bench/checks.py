"""Is a case right? Checked before anything is timed, on the ranks and in the dtype that will be timed."""

from collections.abc import Callable, Mapping
from functools import partial

import torch
from torch import Tensor

from bot.bench.cases import Case, Work
from bot.bench.comm import Group
from bot.bench.correctness import FLOOR, Probe, compare, distance, measured
from bot.bench.decode import TEMPERATURE, sample, top_k
from bot.bench.engine import Engine
from bot.bench.launch import run
from bot.bench.rerank import rewards
from bot.bench.shapes import SHAPES, Shape, check
from bot.bench.steps import SPLIT
from bot.bench.weights import draw, ids
from bot.reports.tensor_parallel import Error

#: Tokens of a check: enough for every rank to have some, few enough for float64.
TOKENS = 32

Found = Mapping[str, Tensor]


def check_case(case: Case, shape: str, dtype: str, world: int, device: str, engine: Engine) -> tuple[Error, ...]:
    """Return the error of every quantity of a case; raise what building it raises."""
    kind, model = getattr(torch, dtype), SHAPES[shape]
    backend = "nccl" if device.startswith("cuda") else "gloo"
    if case.work in SPLIT:
        check(model, world)
    match case.work:
        case Work.GEMM:
            return _product(kind, device, world, backend)
        case Work.COPY:
            return _exact(partial(_copied, device), world, backend)
        case Work.STEP | Work.TRAIN:
            probe = Probe(case.piece, model, TOKENS, kind, case.is_sequence_parallel, case.micro_batches, device=device)
            ranks = run(partial(_piece, probe, engine), world, backend=backend)
            found = compare(probe, ranks)
            return tuple(_error(each.quantity, each.error, each.limit) for each in found)
        case Work.COLLECTIVE:
            return _exact(partial(_collective, case.collective, device), world, backend)
        case Work.DECODE_GREEDY | Work.DECODE_TOP_K:
            return _exact(partial(_decoded, model, kind, device), world, backend)
        case Work.RERANK:
            return _reranked(model, kind, device, world, backend)


def _error(quantity: str, error: float, limit: float) -> Error:
    return Error(quantity=quantity, error=error if error < float("inf") else None, limit=limit)


def _piece(probe: Probe, engine: Engine, group: Group) -> Found:
    return measured(probe, engine, group)


def _exact(work: Callable[[Group], Found], world: int, backend: str) -> tuple[Error, ...]:
    """Compare bit by bit with what one rank alone gives."""
    alone = work(Group())
    ranks = run(work, world, backend=backend)
    return tuple(
        _error(name, 0.0 if all(torch.equal(rank[name], alone[name]) for rank in ranks) else float("inf"), 0.0)
        for name in alone
    )


def _product(dtype: torch.dtype, device: str, world: int, backend: str) -> tuple[Error, ...]:
    """Compare a product on every rank with that in float64; the limit is twice the error of the product transposed."""
    a, b = (draw(4 * TOKENS, 4 * TOKENS, name=name, seed=1).to(device, dtype) for name in "ab")
    exact = (a.double() @ b.double()).cpu()
    alone = distance((b.t().contiguous() @ a.t().contiguous()).t().cpu(), exact)
    worst = max(distance(rank["y"], exact) for rank in run(partial(_multiplied, a, b), world, backend=backend))
    return (_error("y", worst, 2 * alone + FLOOR),)


def _multiplied(a: Tensor, b: Tensor, _: Group) -> Found:
    return {"y": (a @ b).cpu()}


def _copied(device: str, _: Group) -> Found:
    rows = torch.arange(4 * TOKENS, device=device)
    return {"y": torch.empty_like(rows).copy_(rows).cpu()}


def _collective(kind: str, device: str, group: Group) -> Found:
    """Run one collective on whole numbers, so that its sum is exact in any order, and put the result together."""
    total = 8
    rows = torch.arange(total, device=device, dtype=torch.float32)
    if kind == "all_gather":
        return {kind: group.all_gather(group.slice(rows).clone()).cpu()}
    share = rows if group.rank == 0 else torch.zeros_like(rows)
    if kind == "all_reduce":
        return {kind: group.all_reduce(share.clone()).cpu()}
    return {kind: group.all_gather(group.reduce_scatter(share)).cpu()}


def _decoded(shape: Shape, dtype: torch.dtype, device: str, group: Group) -> Found:
    """Return the best logits, greedy tokens and draws over this rank's logits; logits are all different."""
    order = torch.stack([torch.randperm(shape.vocab, generator=torch.Generator().manual_seed(row)) for row in range(4)])
    logits = group.slice(order.to(device, torch.float64) / shape.vocab * 8, -1)
    logits = logits if dtype == torch.float64 else logits.float()
    best = top_k(logits, group)
    drawn = [sample(best, torch.Generator().manual_seed(seed), TEMPERATURE) for seed in range(4)]
    return {
        "top_k": best.tokens.cpu(),
        "greedy": top_k(logits, group, 1).tokens.cpu(),
        "drawn": torch.stack(drawn).cpu(),
    }


def _reranked(shape: Shape, dtype: torch.dtype, device: str, world: int, backend: str) -> tuple[Error, ...]:
    """Compare rewards with those in float64; the limit is twice the error that one rank alone has in this dtype."""
    exact = _rewards(shape, torch.float64, device, Group())["reward"]
    alone = distance(_rewards(shape, dtype, device, Group())["reward"], exact)
    ranks = run(partial(_rewards, shape, dtype, device), world, backend=backend)
    worst = max(distance(rank["reward"], exact) for rank in ranks)
    return (_error("reward", worst, 2 * alone + FLOOR),)


def _rewards(shape: Shape, dtype: torch.dtype, device: str, group: Group) -> Found:
    table = draw(shape.vocab, shape.hidden, name="table", seed=1, scale=shape.hidden**-0.5).to(device, dtype)
    prompt = ids(TOKENS, shape.vocab, name="prompt", seed=1).to(device)
    candidates = ids(4 * TOKENS, shape.vocab, name="candidates", seed=1).to(device).view(4, TOKENS)
    given = torch.ones(4, 2, device=device)
    return {"reward": rewards(prompt, candidates, group.slice(table).clone(), given, group).cpu()}
