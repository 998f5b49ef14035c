"""Are cases right? Checked before anything is timed, on the ranks and in the dtype that will be timed.

All cases of a place share one launch: on GPUs to start ranks takes longer than to check a case.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from bot.bench.cases import Case, Work
from bot.bench.comm import Group
from bot.bench.correctness import FLOOR, Probe, compare, distance, measured
from bot.bench.decode import TEMPERATURE, sample, top_k
from bot.bench.engine import Engine
from bot.bench.launch import RankFailed, run
from bot.bench.pieces import CannotRun
from bot.bench.rerank import rewards
from bot.bench.shapes import SHAPES, Shape, check
from bot.bench.steps import SPLIT
from bot.bench.weights import draw, ids
from bot.reports.tensor_parallel import Error

#: Tokens of a check: enough for every rank to have some, few enough for float64.
TOKENS = 32

Found = Mapping[str, Tensor]
Outcome = tuple[Error, ...] | CannotRun | RankFailed


@dataclass(frozen=True, slots=True)
class Place:
    """Where cases are checked: a shape by its name, a dtype, so many ranks, and a device."""

    shape: str
    dtype: str
    world: int
    device: str = "cpu"

    @property
    def model(self) -> Shape:
        """The shape."""
        return SHAPES[self.shape]

    @property
    def kind(self) -> torch.dtype:
        """The dtype."""
        found: torch.dtype = getattr(torch, self.dtype)
        return found

    @property
    def backend(self) -> str:
        """What carries the collectives."""
        return "nccl" if self.device.startswith("cuda") else "gloo"


def check_cases(cases: Sequence[Case], place: Place, engine: Engine) -> dict[str, Outcome]:
    """Return the error of every quantity of each case, or why there is none.

    Where a launch of all of them fails, each has one of its own, so that the one at fault is known.
    """
    try:
        ranks = run(partial(_all, cases, place, engine), place.world, backend=place.backend, parts=len(cases))
    except RankFailed as failure:
        if len(cases) == 1:
            return {cases[0].name: failure}
        return {name: each for case in cases for name, each in check_cases([case], place, engine).items()}
    return {case.name: _outcome(case, place, [rank[case.name] for rank in ranks]) for case in cases}


def check_case(case: Case, place: Place, engine: Engine) -> tuple[Error, ...]:
    """Return the error of every quantity of a case; raise `CannotRun` or `RankFailed`."""
    outcome = check_cases([case], place, engine)[case.name]
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _all(cases: Sequence[Case], place: Place, engine: Engine, group: Group) -> dict[str, Found | CannotRun]:
    """Be one rank: every case in turn. What cannot be run cannot be run on any rank."""
    found: dict[str, Found | CannotRun] = {}
    for case in cases:
        try:
            found[case.name] = _on_rank(case, place, engine, group)
        except CannotRun as reason:
            found[case.name] = reason
    return found


def _on_rank(case: Case, place: Place, engine: Engine, group: Group) -> Found:
    """Return what this rank computes, for a case or for what one rank alone computes in its place."""
    if case.work in SPLIT:
        check(place.model, group.size)
    match case.work:
        case Work.STEP | Work.TRAIN:
            return measured(_probe(case, place), engine, group)
        case Work.GEMM:
            a, b = _factors(place)
            return {"y": (a @ b).cpu()}
        case Work.COPY:
            rows = torch.arange(4 * TOKENS, device=place.device)
            return {"y": torch.empty_like(rows).copy_(rows).cpu()}
        case Work.COLLECTIVE:
            return _collective(case.collective, place.device, group)
        case Work.DECODE_GREEDY | Work.DECODE_TOP_K:
            return _decoded(place.model, place.kind, place.device, group)
        case Work.RERANK:
            return _rewards(place.model, place.kind, place.device, group)


def _outcome(case: Case, place: Place, ranks: Sequence[Found | CannotRun]) -> Outcome:
    reason = next((each for each in ranks if isinstance(each, CannotRun)), None)
    return reason or _judged(case, place, [each for each in ranks if not isinstance(each, CannotRun)])


def _judged(case: Case, place: Place, found: Sequence[Found]) -> tuple[Error, ...]:
    """Compare what the ranks found with what is right."""
    match case.work:
        case Work.STEP | Work.TRAIN:
            errors = compare(_probe(case, place), found)
            return tuple(_error(each.quantity, each.error, each.limit) for each in errors)
        case Work.GEMM:
            return _product(place, found)
        case Work.RERANK:
            return _reranked(place, found)
        case Work.COPY:
            return _exact({"y": torch.arange(4 * TOKENS)}, found)
        case Work.COLLECTIVE:
            return _exact(_collective(case.collective, place.device, Group()), found)
        case Work.DECODE_GREEDY | Work.DECODE_TOP_K:
            return _exact(_decoded(place.model, place.kind, place.device, Group()), found)


def _probe(case: Case, place: Place) -> Probe:
    split, steps = case.is_sequence_parallel, case.micro_batches
    return Probe(case.piece, place.model, TOKENS, place.kind, split, steps, device=place.device)


def _error(quantity: str, error: float, limit: float) -> Error:
    return Error(quantity=quantity, error=error if error < float("inf") else None, limit=limit)


def _exact(right: Found, ranks: Sequence[Found]) -> tuple[Error, ...]:
    """Compare bit by bit."""
    return tuple(
        _error(name, 0.0 if all(torch.equal(rank[name], right[name]) for rank in ranks) else float("inf"), 0.0)
        for name in right
    )


def _factors(place: Place) -> tuple[Tensor, Tensor]:
    a, b = (draw(4 * TOKENS, 4 * TOKENS, name=name, seed=1).to(place.device, place.kind) for name in "ab")
    return a, b


def _product(place: Place, ranks: Sequence[Found]) -> tuple[Error, ...]:
    """Compare a product with that in float64; the limit is twice the error of the product transposed."""
    a, b = _factors(place)
    exact = (a.double() @ b.double()).cpu()
    alone = distance((b.t().contiguous() @ a.t().contiguous()).t().cpu(), exact)
    return (_error("y", max(distance(rank["y"], exact) for rank in ranks), 2 * alone + FLOOR),)


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


def _reranked(place: Place, ranks: Sequence[Found]) -> tuple[Error, ...]:
    """Compare rewards with those in float64; the limit is twice the error that one rank alone has in this dtype."""
    exact = _rewards(place.model, torch.float64, place.device, Group())["reward"]
    alone = distance(_rewards(place.model, place.kind, place.device, Group())["reward"], exact)
    return (_error("reward", max(distance(rank["reward"], exact) for rank in ranks), 2 * alone + FLOOR),)


def _rewards(shape: Shape, dtype: torch.dtype, device: str, group: Group) -> Found:
    table = draw(shape.vocab, shape.hidden, name="table", seed=1, scale=shape.hidden**-0.5).to(device, dtype)
    prompt = ids(TOKENS, shape.vocab, name="prompt", seed=1).to(device)
    candidates = ids(4 * TOKENS, shape.vocab, name="candidates", seed=1).to(device).view(4, TOKENS)
    given = torch.ones(4, 2, device=device)
    return {"reward": rewards(prompt, candidates, group.slice(table).clone(), given, group).cpu()}
