"""Starts ranks as processes on this machine and brings home what each of them returns.

Forking with a file as the meeting point takes tenths of a second; `torchrun` takes seconds. On GPUs the ranks are
spawned, because CUDA does not survive a fork.
"""

import faulthandler
import multiprocessing
import pickle
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, TypeVar

import torch
import torch.distributed as dist

from bot.bench.comm import Group
from bot.bench.pieces import CannotRun

Result = TypeVar("Result")

#: A collective that not all ranks enter never ends; after this long each rank says where it stands.
PATIENCE = timedelta(seconds=120)


class RankFailed(Exception):
    """A rank raised, died or never finished; the text is its traceback, or where it stood."""


@contextmanager
def joined(rank: int, size: int, meeting: Path, *, backend: str, patience: timedelta = PATIENCE) -> Iterator[Group]:
    """Join the other ranks at a file, until all are there; on leaving, wait for nobody."""
    dist.init_process_group(backend, init_method=f"file://{meeting}", rank=rank, world_size=size, timeout=patience)
    try:
        if backend == "gloo":
            dist.barrier()  # one that left before another had connected would take that one's connection with it
        yield Group.current()
    finally:
        dist.destroy_process_group()


def run(
    work: Callable[[Group], Result],
    size: int,
    *,
    backend: str = "gloo",
    patience: timedelta = PATIENCE,
    parts: int = 1,
) -> list[Result]:
    """Run `work` on `size` ranks at once and return their results in rank order.

    No collective may take longer than `patience`, and the whole no longer than that for each of its `parts`. Raises
    `RankFailed` if a rank fails, and `CannotRun` as a rank raised it.
    """
    if size == 1 and backend == "gloo":
        return [_alone(work)]
    context = multiprocessing.get_context("fork" if backend == "gloo" else "spawn")
    with tempfile.TemporaryDirectory() as folder:
        meeting = Path(folder) / "meeting"
        ends: list[Connection] = []
        processes = []
        for rank in range(size):
            here, there = context.Pipe(duplex=False)
            arguments = (work, rank, size, meeting, backend, patience, parts, there)
            process = context.Process(target=_rank, args=arguments, daemon=True)  # type: ignore[attr-defined]
            process.start()
            there.close()
            ends.append(here)
            processes.append(process)
        try:
            return _collect(ends, patience * parts)
        finally:
            for process in processes:
                process.kill()
                process.join()


def _alone(work: Callable[[Group], Result]) -> Result:
    """Work in this process, for one rank needs nobody."""
    try:
        return work(Group())
    except CannotRun:
        raise
    except Exception as error:  # whatever it was, it is told as any rank's failure
        raise RankFailed(f"rank 0:\n{traceback.format_exc()}") from error


def _collect(ends: list[Connection], patience: timedelta) -> list[Any]:
    results: dict[int, Any] = {}
    waiting = dict(enumerate(ends))
    while waiting:
        ready = wait(list(waiting.values()), timeout=patience.total_seconds() + 10)
        if not ready:
            raise RankFailed(f"ranks {sorted(waiting)} never finished")
        for rank in [rank for rank, end in waiting.items() if end in ready]:
            results[rank] = _received(waiting.pop(rank), rank)
    return [results[rank] for rank in sorted(results)]


def _received(end: Connection, rank: int) -> Any:
    try:
        is_good, value = pickle.loads(end.recv_bytes())  # noqa: S301  our own child
    except EOFError:
        raise RankFailed(f"rank {rank} died without a word") from None
    if isinstance(value, CannotRun):
        raise value
    if not is_good:
        raise RankFailed(f"rank {rank}:\n{value}")
    return value


def _send(end: Connection, *, is_good: bool, value: Any) -> None:
    """Send by plain pickle: PyTorch's own way leaves tensors behind in a process that is about to end."""
    end.send_bytes(pickle.dumps((is_good, value)))


def _rank(  # noqa: PLR0913, PLR0917  all that a process is started with
    work: Callable[[Group], Any],
    rank: int,
    size: int,
    meeting: Path,
    backend: str,
    patience: timedelta,
    parts: int,
    end: Connection,
) -> None:
    """Be one rank: join, work, send the result home."""
    faulthandler.dump_traceback_later((patience * parts).total_seconds(), file=sys.stderr)
    torch.set_num_threads(1)
    if backend == "nccl":
        torch.cuda.set_device(rank)
    try:
        with joined(rank, size, meeting, backend=backend, patience=patience) as group:
            _send(end, is_good=True, value=work(group))
    except CannotRun as reason:
        _send(end, is_good=False, value=reason)
    except Exception:  # noqa: BLE001  whatever it was, the parent tells it
        _send(end, is_good=False, value=traceback.format_exc())
    finally:
        end.close()
