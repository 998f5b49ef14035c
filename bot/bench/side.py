"""One side of a comparison: a process that waits for orders, forks the ranks of each launch, and answers in JSON lines.

Base and head are two such processes, each in its own Python environment; whoever orders takes turns between them. The
engine is loaded once, a launch is a fresh set of ranks.
"""

import gc
import importlib
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Literal

import msgspec
import torch

from bot.bench.cases import CASES, Case
from bot.bench.checks import Outcome, Place, check_cases
from bot.bench.comm import Group
from bot.bench.counting import counted
from bot.bench.engine import Engine
from bot.bench.environment import environment
from bot.bench.launch import RankFailed, run
from bot.bench.pieces import CannotRun
from bot.bench.shapes import SHAPES
from bot.bench.steps import SPLIT, Bench, Step, prepare
from bot.reports.tensor_parallel import Counts, Environment, Error

#: Steps before the first that is timed.
WARM_UP = 3


class Order(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a side is asked for: `check` and `count` before anything is timed, then `launch` by `launch`."""

    what: Literal["environment", "check", "count", "launch"]
    cases: tuple[str, ...] = ()
    shape: str = "small"
    dtype: str = "float32"
    world: int = 1
    tokens: int = 64
    samples: int = 5
    device: str = "cpu"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a case gave, or why it gave nothing: `skipped` where it cannot be run, `failed` where it broke.

    `alone` are samples of the unsplit step, which all ranks did at once in the same launch.
    """

    case: str
    errors: tuple[Error, ...] = ()
    counts: Counts | None = None
    samples: tuple[float, ...] = ()
    alone: tuple[float, ...] = ()
    peak_memory: int | None = None
    skipped: str = ""
    failed: str = ""


def load(name: str) -> Engine:
    """Return the engine `module:Class`, made without arguments; `reeve` and `dtensor` are built in."""
    built_in = {"reeve": "bot.bench.ours:Ours", "dtensor": "bot.bench.dtensor:DTensor"}
    module, _, attribute = built_in.get(name, name).partition(":")
    found: Callable[[], Engine] = getattr(importlib.import_module(module), attribute)
    return found()


def serve(engine_name: str) -> None:
    """Answer orders from standard input, one JSON line each, until it ends."""
    torch.set_num_threads(1)
    engine = load(engine_name)
    for line in sys.stdin.buffer:
        order = msgspec.json.decode(line, type=Order)
        sys.stdout.buffer.write(msgspec.json.encode(obey(order, engine)) + b"\n")
        sys.stdout.buffer.flush()


def obey(order: Order, engine: Engine) -> Environment | list[Answer]:
    """Do what one order asks for."""
    if order.what == "environment":
        return environment()
    if order.what == "check":
        return _checked(order, engine)
    return _on_ranks(order, engine)


def _checked(order: Order, engine: Engine) -> list[Answer]:
    place = Place(order.shape, order.dtype, order.world, order.device)
    outcomes = check_cases([CASES[name] for name in order.cases], place, engine)
    return [_answer(name, outcome) for name, outcome in outcomes.items()]


def _answer(name: str, outcome: Outcome) -> Answer:
    match outcome:
        case CannotRun():
            return Answer(case=name, skipped=str(outcome))
        case RankFailed():
            return Answer(case=name, failed=str(outcome))
        case errors:
            return Answer(case=name, errors=errors)


def _on_ranks(order: Order, engine: Engine) -> list[Answer]:
    """Run all cases of an order in one launch; a sample is the slowest rank's."""
    try:
        ranks = run(partial(_rank, order, engine), order.world, backend=_backend(order))
    except RankFailed as failure:
        return [Answer(case=name, failed=str(failure)) for name in order.cases]
    return [_together(answers) for answers in zip(*ranks, strict=True)]


def _backend(order: Order) -> str:
    return "nccl" if order.device.startswith("cuda") else "gloo"


def _together(answers: tuple[Answer, ...]) -> Answer:
    peaks = [answer.peak_memory for answer in answers if answer.peak_memory is not None]
    return msgspec.structs.replace(
        answers[0],
        samples=_slowest(answer.samples for answer in answers),
        alone=_slowest(answer.alone for answer in answers),
        peak_memory=max(peaks, default=None),
    )


def _slowest(ranks: Iterable[tuple[float, ...]]) -> tuple[float, ...]:
    return tuple(max(each) for each in zip(*ranks, strict=True))


def _rank(order: Order, engine: Engine, group: Group) -> list[Answer]:
    """Be one rank: every case in turn, from its first step to its last."""
    bench = Bench(group, engine, SHAPES[order.shape], getattr(torch, order.dtype), order.device, order.tokens)
    torch.manual_seed(group.rank)
    with _old_objects_left_alone():
        return [_one(CASES[name], order, bench) for name in order.cases]


@contextmanager
def _old_objects_left_alone() -> Iterator[None]:
    """Keep the garbage collector away from what is there already.

    PyTorch is some 290,000 objects: to look them through before every case takes longer than the cases themselves,
    and in a forked rank it copies the memory that they lie in.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _one(case: Case, order: Order, bench: Bench) -> Answer:
    try:
        step = prepare(case, bench)
    except CannotRun as reason:
        return Answer(case=case.name, skipped=str(reason))
    if order.what == "count":
        step()
        found = counted(step, bench.group)
        return Answer(
            case=case.name, counts=Counts(**{name: getattr(found, name) for name in Counts.__struct_fields__})
        )
    return _timed(case, step, order, bench)


def _timed(case: Case, step: Step, order: Order, bench: Bench) -> Answer:
    """Time a case, and after it, where it is split, the same work unsplit on every rank at once."""
    is_cuda = order.device.startswith("cuda")
    if is_cuda:
        torch.cuda.reset_peak_memory_stats()
    samples = _samples(step, order, bench.group, warm_up=WARM_UP)
    peak = torch.cuda.max_memory_allocated() if is_cuda else None
    alone: tuple[float, ...] = ()
    if order.world > 1 and case.work in SPLIT:
        alone = _samples(prepare(case, replace(bench, group=Group())), order, bench.group, warm_up=1)
    return Answer(case=case.name, samples=samples, alone=alone, peak_memory=peak)


def _samples(step: Step, order: Order, group: Group, *, warm_up: int) -> tuple[float, ...]:
    """Warm up, then time each step in milliseconds from a point that all ranks have reached."""
    wait = torch.cuda.synchronize if order.device.startswith("cuda") else _nothing
    barrier = torch.zeros(1, device=order.device)
    for _ in range(warm_up):
        step()
    samples = []
    gc.collect()
    gc.disable()
    for _ in range(order.samples):
        group.all_reduce(barrier)
        wait()
        began = time.perf_counter()
        step()
        wait()
        samples.append((time.perf_counter() - began) * 1000)
    gc.enable()
    return tuple(samples)


def _nothing() -> None:
    """Wait for nothing."""


if __name__ == "__main__":
    serve(sys.argv[1])
