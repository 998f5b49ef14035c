"""Candidates are sampled alike on every rank."""

import torch
from torch import Tensor

from bot.bench.comm import Group
from bot.bench.generate.sample import Draw, Sampled, candidates
from bot.bench.launch import run
from bot.bench.weights import draw

TABLE = draw(64, 64, name="bigram", seed=1)


def sampled(group: Group, end: int | None = None) -> Sampled:
    table = group.slice(TABLE, 1)

    def next_logits(tokens: Tensor) -> Tensor:
        return table[tokens[:, -1]]

    return candidates(torch.tensor([3, 5]), next_logits, group, Draw(count=4, steps=6, seed=9, end=end))


def test_two_and_four_ranks_draw_what_one_rank_draws() -> None:
    alone = sampled(Group())

    for world in (2, 4):
        for each in run(sampled, world):
            assert torch.equal(each.tokens, alone.tokens)
            assert torch.allclose(each.log_probabilities, alone.log_probabilities)


def test_only_the_thirty_best_are_ever_drawn_and_their_probabilities_add_up() -> None:
    alone = sampled(Group())
    best = TABLE[5].topk(30).indices

    assert all(int(token) in best.tolist() for token in alone.tokens[:, 0])
    assert (alone.log_probabilities <= 0).all()
    assert alone.tokens.shape == (4, 6)


def test_a_finished_candidate_says_nothing_more() -> None:
    end = int(sampled(Group()).tokens[0, 1])
    tokens = sampled(Group(), end=end).tokens

    (first,) = tokens[0:1].tolist()
    assert first[1:] == [end] * (len(first) - 1)
