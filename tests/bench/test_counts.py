"""What a step does equals what the closed forms say, for every piece, shape and number of ranks."""

import itertools
from dataclasses import replace
from functools import partial
from typing import cast

import pytest
import torch

from bot.bench import closed_forms
from bot.bench.cases import GEMM_SIZE
from bot.bench.closed_forms import Setting
from bot.bench.comm import Group, sum_out
from bot.bench.counting import Counts, counted, dry_step
from bot.bench.launch import run
from bot.bench.layers import linear
from bot.bench.ours import Ours
from bot.bench.pieces import Piece
from bot.bench.shapes import SHAPES, Indivisible, Shape, check
from bot.bench.side import Answer, Order, obey
from bot.bench.weights import sizes_of

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
