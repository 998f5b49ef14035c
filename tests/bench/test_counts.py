"""What a step does equals what the closed forms say, for every case, shape and number of ranks."""

import itertools
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import cast

import pytest
import torch

from bot.bench import closed_forms, steps
from bot.bench.cases import CASES, GEMM_SIZE, SMALL, Case
from bot.bench.closed_forms import Place, Setting
from bot.bench.comm import Group, sum_out
from bot.bench.counting import Counts, counted, dry_step
from bot.bench.decode import top_k
from bot.bench.launch import run
from bot.bench.layers import linear
from bot.bench.layers.gradients import MainGradients
from bot.bench.ours import Ours
from bot.bench.pieces import Piece
from bot.bench.shapes import SHAPES, Indivisible, Shape, check
from bot.bench.side import Answer, Order, obey
from bot.bench.steps import Bench, prepare
from bot.bench.weights import sizes_of

#: Operations, and calls and bytes of each kind of collective.
Costs = tuple[int, dict[str, tuple[int, int]]]

WORLDS = (1, 2, 4, 8)
SPLITTABLE = [
    (shape, world)
    for shape, world in itertools.product(SHAPES.values(), WORLDS)
    if not (shape.name == "qwen2.5-7b" and world == 8)
]


@pytest.mark.parametrize("is_sequence_parallel", [False, True], ids=["", "sequence parallel"])
@pytest.mark.parametrize("piece", Piece)
@pytest.mark.parametrize(("shape", "world"), SPLITTABLE, ids=lambda each: getattr(each, "name", each))
def test_a_step_costs_exactly_what_the_closed_form_says(
    piece: Piece,
    shape: Shape,
    world: int,
    is_sequence_parallel: bool,  # noqa: FBT001  one of the table's columns
) -> None:
    setting = Setting(piece, shape, 64, world, width=2, is_sequence_parallel=is_sequence_parallel, micro_batches=2)
    paper, real = closed_forms.step(setting), dry_step(setting, Ours(), torch.bfloat16)

    assert real.flops == paper.flops
    assert real.collectives == paper.collectives


def test_eight_ranks_cannot_split_28_heads_and_are_told_so() -> None:
    with pytest.raises(Indivisible, match=r"qwen2\.5-7b: 28 heads do not divide over 8 ranks"):
        check(SHAPES["qwen2.5-7b"], 8)


def _real_step(group: Group) -> Counts:
    layer = linear.RowLinear(group, torch.ones(8, 16), torch.ones(8))
    x = torch.ones(4, 16 // group.size, requires_grad=True)
    return counted(lambda: layer(x).sum().backward(), group)


@pytest.mark.parametrize("world", [1, 2, 4])
def test_real_ranks_count_what_a_dry_one_counts(world: int) -> None:
    shape = replace(SHAPES["tiny"], hidden=8, ffn=16)
    paper = closed_forms.step(Setting(Piece.ROW, shape, 4, world, width=4))

    for real in run(_real_step, world):
        assert (real.flops, real.collectives) == (paper.flops, paper.collectives)


@pytest.mark.parametrize(("name", "flops"), [("gemm_peak", 2 * GEMM_SIZE["cpu"] ** 3), ("copy_peak", 0)])
def test_what_shows_the_peaks_costs_what_it_says_and_talks_to_nobody(name: str, flops: int) -> None:
    (answer,) = cast("list[Answer]", obey(Order(what="count", cases=(name,), shape="tiny", world=2), Ours()))

    assert answer.counts is not None
    assert (answer.counts.flops, answer.counts.collectives) == (flops, {})


def _run_on(world: int, cases: Iterable[Case]) -> list[Case]:
    return [case for case in cases if case.least_world <= world]


def _on_paper(cases: Iterable[Case], place: Place) -> dict[str, Costs]:
    """Return operations and collectives of each case."""
    costs = {case.name: closed_forms.of_case(case, place) for case in cases}
    return {name: (each.flops, each.collectives) for name, each in costs.items()}


def _counted(cases: Iterable[Case], bench: Bench) -> dict[str, Costs]:
    found = {case.name: counted(prepare(case, bench), bench.group) for case in cases}
    return {name: (each.flops, each.collectives) for name, each in found.items()}


def _dry(shape: Shape, world: int) -> Bench:
    return Bench(Group(0, world, is_dry=True), Ours(), shape, torch.bfloat16, "meta", 64, stands_for="cuda")


@pytest.mark.parametrize(("shape", "world"), SPLITTABLE, ids=lambda each: getattr(each, "name", each))
def test_every_case_costs_exactly_what_its_closed_form_says(shape: Shape, world: int) -> None:
    cases = _run_on(world, CASES.values())

    assert _counted(cases, _dry(shape, world)) == _on_paper(cases, Place(shape, world, 2, 64, "cuda"))


def _real_cases(dtype: torch.dtype, group: Group) -> dict[str, Costs]:
    bench = Bench(group, Ours(), SHAPES["tiny"], dtype, "cpu", 64)
    return _counted(_run_on(group.size, [CASES[name] for name in SMALL]), bench)


@pytest.mark.parametrize(
    ("world", "dtype"), [(1, torch.float32), (2, torch.float32), (4, torch.float32), (2, torch.float64)]
)
def test_every_case_that_real_ranks_run_costs_that_too(world: int, dtype: torch.dtype) -> None:
    paper = _on_paper(
        _run_on(world, [CASES[name] for name in SMALL]), Place(SHAPES["tiny"], world, dtype.itemsize, 64, "cpu")
    )

    for real in run(partial(_real_cases, dtype), world):
        assert real == paper


def test_decoding_that_sends_all_logits_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "top_k", lambda logits, group: top_k(logits, group, logits.shape[-1]))
    shape, case = SHAPES["llama-3-8b"], CASES["decode_top_k"]

    (real,) = _counted([case], _dry(shape, 4)).values()
    (paper,) = _on_paper([case], Place(shape, 4, 2, 64, "cuda")).values()

    assert (paper[1]["all_gather"], real[1]["all_gather"]) == ((1, 4 * 8 * 30 * 8), (1, 8 * shape.vocab * 8))


def test_a_training_step_that_adds_up_every_gradient_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MainGradients, "finish", _sums_all)
    shape, case = SHAPES["llama-3-8b"], CASES["train_8"]

    (real,) = _counted([case], _dry(shape, 2)).values()
    (paper,) = _on_paper([case], Place(shape, 2, 2, 64, "cuda")).values()

    assert paper[1] == {"all_reduce": (8 * 4, 8 * 4 * 64 * shape.hidden * 2)}
    assert real[1]["all_reduce"][0] == paper[1]["all_reduce"][0] + 8  # two norms, query, key, value, out, gate_up, down


def _sums_all(sums: MainGradients) -> None:
    """Add up every gradient, as a copy of a data-parallel loop would."""
    for each in sums.sums.values():
        sums.group.all_reduce(each)


def test_one_more_all_reduce_is_seen_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear, "sum_out", lambda x, group: sum_out(sum_out(x, group), group))
    setting = Setting(Piece.MLP, SHAPES["tiny"], 16, 4, width=4)

    real = dry_step(setting, Ours(), torch.float32)

    assert real.collectives["all_reduce"][0] == closed_forms.step(setting).collectives["all_reduce"][0] + 1


def test_counts_are_the_same_in_every_run() -> None:
    setting = Setting(Piece.LAYER, SHAPES["tiny"], 16, 2, width=4)
    step = partial(dry_step, setting, Ours(), torch.float32)

    assert step() == step()
    assert step().saved_bytes > 0
    assert step().operations > 0


def _many_counts(group: Group) -> set[int]:
    """Count the same real step a hundred times, its gradients added up over the ranks."""
    shape, found = SHAPES["tiny"], set[int]()
    weights = {name: torch.ones(size) for name, size in sizes_of(Piece.ATTENTION, shape).items()}
    built = Ours().build(Piece.ATTENTION, group, shape, weights, is_sequence_parallel=False)

    def step() -> None:
        y = built.run(torch.ones(16, shape.hidden, requires_grad=True))
        y.backward(torch.ones_like(y))

    for _ in range(100):
        found.add(counted(step, group).operations)
    return found


def test_a_collective_that_lets_go_late_adds_no_operation() -> None:
    for found in run(_many_counts, 2):
        assert len(found) == 1


def test_what_eight_micro_batches_keep_is_eight_times_what_one_keeps() -> None:
    """Tensors of one micro-batch are gone when the next begins, and a new one may lie where an old one lay."""
    setting = Setting(Piece.LAYER, SHAPES["tiny"], 16, 2, width=4)

    one, eight = (dry_step(replace(setting, micro_batches=k), Ours(), torch.float32) for k in (1, 8))

    assert eight.saved_bytes == 8 * one.saved_bytes
