"""Asking a child process: what it may take, and what is to be said when it took more."""

import signal
import subprocess
import sys
import threading
from contextlib import suppress

import msgspec

from bot.reports.handed import Answer, Refused
from bot.unpack.tasks import CRASH, TIME, Task

#: For how long a child may live. Its CPU time ends sooner; this is for a machine that is busy.
PATIENCE_SECONDS = 15

MAX_ANSWER = 128 * 1024 * 1024

#: What comes from outside is read by the interpreter alone: no directory of ours, no variable, no user's packages.
_COMMAND = (sys.executable, "-I", "-m", "bot.unpack.child")

_ANSWERS: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)


def ask(task: Task, *, patience: float = PATIENCE_SECONDS) -> Answer:
    """Have a task done in a process of its own; whatever becomes of that process, there is an answer."""
    with subprocess.Popen(  # noqa: S603  no word of it is from outside
        _COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, cwd="/"
    ) as child:
        timer = threading.Timer(patience, child.kill)
        timer.start()
        try:
            said = _talk(child, msgspec.msgpack.encode(task))
        finally:
            timer.cancel()
            child.kill()
    return _answer(said, child.returncode)


def _talk(child: "subprocess.Popen[bytes]", asked: bytes) -> bytes:
    """Say everything, then hear everything: the child answers nothing before it has heard it all."""
    if child.stdin is None or child.stdout is None:
        return b""
    with suppress(BrokenPipeError):
        child.stdin.write(asked)
        child.stdin.close()
    said = child.stdout.read(MAX_ANSWER)
    child.wait()
    return said


def _answer(said: bytes, status: int) -> Answer:
    if status == 0:
        with suppress(msgspec.DecodeError):
            return _ANSWERS.decode(said)
    is_late = status in {-signal.SIGKILL, -signal.SIGXCPU}
    return Refused(TIME if is_late else CRASH, f"the process that read it ended with {status}")
