"""Ranks are started together, and one that fails is heard of."""

import os
import signal
from datetime import timedelta

import pytest
import torch

from bot.bench.comm import Group
from bot.bench.launch import RankFailed, run


def test_results_come_home_in_rank_order() -> None:
    assert run(lambda group: (group.rank, group.size), 4) == [(0, 4), (1, 4), (2, 4), (3, 4)]


def _fails_on_one(group: Group) -> int:
    if group.rank == 1:
        raise ValueError("no such tensor")
    return group.rank


def test_a_rank_that_raises_is_named_with_its_traceback() -> None:
    with pytest.raises(RankFailed, match=r"rank 1:(.|\n)*no such tensor"):
        run(_fails_on_one, 2)


def _dies(group: Group) -> int:
    if group.rank == 1:
        os._exit(3)
    return group.rank


def test_a_rank_that_dies_is_named() -> None:
    with pytest.raises(RankFailed, match="rank 1 died without a word"):
        run(_dies, 2)


def _mismatched(group: Group) -> None:
    if group.rank == 0:
        group.all_reduce(torch.ones(1))
    else:
        signal.pause()  # it never comes, and never ends by itself


def test_a_collective_that_not_all_enter_ends_and_is_no_result() -> None:
    with pytest.raises(RankFailed):
        run(_mismatched, 2, patience=timedelta(seconds=2))


def test_a_rank_that_ends_at_once_takes_no_other_with_it() -> None:
    """One in fifteen launches failed so, for a rank still connecting found the other gone."""
    assert [run(lambda group: group.rank, 4) for _ in range(12)] == [[0, 1, 2, 3]] * 12
