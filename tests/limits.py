"""A limit for work that must not take for ever: it is cut off, never measured, and a busy machine changes nothing."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class CutOff(BaseException):
    """The work went on and on. No handler of the code under test may take it for an error of its own."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Cut the work off after so much of this process's own time (CPU seconds; waiting costs nothing)."""

    def cut_off(_signal: int, _frame: FrameType | None) -> None:
        raise CutOff(f"not done after {seconds} CPU seconds")

    before = signal.signal(signal.SIGPROF, cut_off)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
