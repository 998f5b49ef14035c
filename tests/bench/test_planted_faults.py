"""Every planted fault is caught on two and on four ranks; one rank alone sees hardly any."""

from collections.abc import Mapping
from functools import partial

import pytest
import torch
from torch import Tensor

from bot.bench import correctness, decode
from bot.bench.comm import Group
from bot.bench.correctness import Probe
from bot.bench.launch import RankFailed, run
from bot.bench.ours import Ours
from bot.bench.weights import draw
from tests.bench.planted import FAULTS, Fault


def decoded(group: Group) -> Mapping[str, Tensor]:
    """Decode one step of four sequences over this rank's part of 512 logits."""
    logits = group.slice(draw(4, 512, name="logits", seed=5), -1)
    found = decode.top_k(logits, group)
    drawn = [decode.sample(found, torch.Generator().manual_seed(seed)) for seed in range(5)]
    return {"logits": found.logits, "tokens": found.tokens, "drawn": torch.stack(drawn)}


def is_caught(fault: Fault, world: int) -> bool:
    with fault.planted():
        try:
            if fault.probe is None:
                return not _is_decoded_alike(run(decoded, world))
            ranks = run(partial(_measured, fault.probe), world)
        except RankFailed:
            return True
    return not all(each.is_correct for each in correctness.compare(fault.probe, ranks))


def _measured(probe: Probe, group: Group) -> Mapping[str, Tensor]:
    return correctness.measured(probe, Ours(), group)


def _is_decoded_alike(ranks: list[Mapping[str, Tensor]]) -> bool:
    exact = decoded(Group())
    return all(torch.equal(rank[name], exact[name]) for rank in ranks for name in exact)


@pytest.mark.parametrize("world", [2, 4])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_caught_on_several_ranks(fault: Fault, world: int) -> None:
    if world < fault.least_world:
        pytest.skip(f"it needs {fault.least_world} ranks to be there")

    assert is_caught(fault, world)


def test_one_rank_alone_proves_almost_nothing() -> None:
    seen = {fault.name for fault in FAULTS if is_caught(fault, 1)}

    assert seen == {fault.name for fault in FAULTS if fault.is_seen_alone}
    assert len(seen) < len(FAULTS) / 5


@pytest.mark.parametrize("world", [1, 2, 4])
def test_without_a_fault_every_check_of_them_passes(world: int) -> None:
    probes = {fault.probe for fault in FAULTS if fault.probe is not None}
    for each in probes:
        ranks = run(partial(_measured, each), world)
        assert [error for error in correctness.compare(each, ranks) if not error.is_correct] == []
    assert _is_decoded_alike(run(decoded, world))


def test_there_are_at_least_thirty_planted_faults() -> None:
    assert len({fault.name for fault in FAULTS}) >= 30
