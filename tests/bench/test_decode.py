"""Decoding one token at a time gives what the whole sequence gives, on any number of ranks."""

from functools import partial

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from bot.bench import decode
from bot.bench.comm import Group
from bot.bench.launch import run
from bot.bench.layers.attention import Cache
from bot.bench.layers.transformer import LayerWeights, TransformerLayer
from bot.bench.pieces import Piece
from bot.bench.shapes import SHAPES
from bot.bench.weights import draw, weights_of

SHAPE = SHAPES["tiny"]


def _layer(group: Group) -> TransformerLayer:
    return TransformerLayer(group, SHAPE, LayerWeights(**weights_of(Piece.LAYER, SHAPE, seed=1)))


def _one_by_one(x: Tensor, group: Group) -> Tensor:
    room = torch.empty(2, len(x), SHAPE.kv_heads_of_rank(group.size), SHAPE.head_dim, dtype=x.dtype)
    layer, cache = _layer(group), Cache(room, room.clone())
    with torch.no_grad():
        return torch.stack([layer.decode(token.repeat(2, 1), cache) for token in x], dim=1)


@pytest.mark.parametrize("world", [1, 2, 4])
def test_a_cache_gives_what_the_whole_sequence_gives(world: int) -> None:
    x = draw(6, SHAPE.hidden, name="x", seed=2)
    whole = _layer(Group())(x)

    for sequences in run(partial(_one_by_one, x), world):
        for found in sequences:
            assert torch.allclose(found, whole, atol=1e-12)


@given(st.integers(0, 2**31), st.integers(1, 40))
@settings(deadline=None, max_examples=30)
def test_the_best_are_those_of_a_full_sort(seed: int, k: int) -> None:
    logits = draw(3, 64, name="logits", seed=seed)

    found = decode.top_k(logits, Group(), k)

    assert torch.equal(found.logits, logits.sort(-1, descending=True).values[:, :k])
    assert torch.equal(logits.gather(-1, found.tokens), found.logits)


def test_equal_logits_come_in_order_of_their_ids() -> None:
    found = decode.top_k(torch.tensor([[1.0, 3.0, 3.0, 2.0, 3.0]]), Group(), 4)

    assert found.tokens.tolist() == [[1, 2, 4, 3]]


def test_draws_follow_the_softmax_at_temperature() -> None:
    logits = torch.tensor([[2.0, 1.0, 0.0]]).repeat(20_000, 1)

    drawn = decode.sample(decode.top_k(logits, Group(), 3), torch.Generator().manual_seed(1), 0.7)

    shares = drawn.bincount(minlength=3) / len(drawn)
    assert torch.allclose(shares.double(), (logits[0].double() / 0.7).softmax(-1), atol=0.015)


def _exchanged(group: Group) -> dict[str, tuple[int, int]]:
    logits = group.slice(draw(5, 128, name="logits", seed=3).float(), -1)
    decode.top_k(logits, group)
    return group.tally.snapshot()


@pytest.mark.parametrize("world", [2, 4])
def test_a_rank_sends_eight_bytes_for_each_of_its_best(world: int) -> None:
    for tally in run(_exchanged, world):
        assert tally == {"all_gather": (1, 5 * world * 30 * 8)}
