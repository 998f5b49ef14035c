"""The loop's side of the inbox: deliveries that arrive together are committed together, before any is answered."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from bot.model.errors import Full
from bot.model.states import State
from bot.store.ingest import Admission, Arrival

_Waiter = tuple[Arrival, asyncio.Future[Admission]]
_Written = asyncio.Future[list[Admission]]


class GroupCommit:
    """The loop's side: while one batch is being written, the next gathers. A lone delivery waits for nobody."""

    def __init__(
        self,
        admit: Callable[[Sequence[Arrival]], list[Admission]],
        *,
        on_commit: Callable[[int], None] = lambda _count: None,
        on_batch: Callable[[int], None] = lambda _size: None,
        most: int = 2_000,
        most_bytes: int = 64 << 20,
        batch: int = 128,
    ) -> None:
        """Write with `admit`, on one thread; tell `on_commit` how many new deliveries wait to be worked on."""
        self._admit = admit
        self._on_commit = on_commit
        self._on_batch = on_batch
        self._most, self._most_bytes, self._batch = most, most_bytes, batch
        self._pending: list[_Waiter] = []
        self._held = 0
        self._is_writing = False
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="ingest")

    def submit(self, arrival: Arrival) -> "asyncio.Future[Admission]":
        """Take the arrival in, or raise `Full`; what is returned is done once it is committed, or says `StoreDown`.

        A future and not a coroutine: whoever waits needs no task of its own.
        """
        size = len(arrival.packed)
        if len(self._pending) >= self._most or self._held + size > self._most_bytes:
            raise Full("too many deliveries wait to be stored")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Admission] = loop.create_future()
        self._pending.append((arrival, answer))
        self._held += size
        if not self._is_writing:
            self._is_writing = True
            loop.call_soon(self._write, loop)  # a moment later: what this turn of the loop still reads comes along
        return answer

    def close(self) -> None:
        """Let the batch that is being written finish."""
        self._writer.shutdown()

    def _write(self, loop: asyncio.AbstractEventLoop) -> None:
        batch, self._pending = self._pending[: self._batch], self._pending[self._batch :]
        written = loop.run_in_executor(self._writer, self._admit, [arrival for arrival, _ in batch])
        written.add_done_callback(lambda done: self._finish(loop, batch, done))

    def _finish(self, loop: asyncio.AbstractEventLoop, batch: list[_Waiter], done: _Written) -> None:
        self._held -= sum(len(arrival.packed) for arrival, _ in batch)
        if self._pending:
            self._write(loop)
        else:
            self._is_writing = False
        self._on_batch(len(batch))
        if (error := done.exception()) is not None:
            _fail(batch, error)
        elif fresh := _tell(batch, done.result()):
            self._on_commit(fresh)


def _fail(batch: list[_Waiter], error: BaseException) -> None:
    for _, answer in batch:
        if not answer.done():
            answer.set_exception(error)


def _tell(batch: list[_Waiter], admissions: list[Admission]) -> int:
    """Answer every waiter that is still there; return how many rows now wait to be worked on."""
    fresh = 0
    for (arrival, answer), admission in zip(batch, admissions, strict=True):
        if not answer.done():
            answer.set_result(admission)
        if admission is Admission.ACCEPTED:
            fresh += arrival.state is State.PENDING
        elif admission is Admission.REARMED:
            fresh += 1
    return fresh
