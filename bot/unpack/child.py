"""The child process: reads one task, does it under its limits, answers, and ends. It knows no token and no database."""

import resource
import sys

import msgspec

from bot.reports.handed import Answer, BenchmarkRead, CoverageRead, Refused, SuiteRead
from bot.reports.measured import BadReport
from bot.reports.tensor_parallel import Unreadable
from bot.unpack.archive import MAX_OUT, BadArchive, opened
from bot.unpack.tasks import (
    BENCHMARKS,
    MEMORY,
    REPORTS,
    SUITE,
    UNREADABLE,
    ReadBenchmark,
    ReadCoverage,
    ReadSuite,
    Task,
)

MAX_MEMORY = 256 * 1024 * 1024
MAX_CPU_SECONDS = 8

_NOTHING = (0, 0)


def limit() -> None:
    """Let this process compute, and nothing else: no file grows, no process starts, no core is written."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, _NOTHING)
    resource.setrlimit(resource.RLIMIT_CORE, _NOTHING)
    resource.setrlimit(resource.RLIMIT_NPROC, _NOTHING)


def do(task: Task) -> Answer:
    """Return what a task comes to; whatever is wrong with what strangers wrote is an answer too."""
    try:
        return _read(task)
    except (BadArchive, BadReport) as refused:
        return Refused(refused.flaw, refused.detail)
    except Unreadable as refused:
        return Refused(UNREADABLE, str(refused)[:300])
    except (MemoryError, RecursionError):
        return Refused(MEMORY, "")


def _read(task: Task) -> Answer:
    """Load only what this task needs: starting is most of the time that a small report takes."""
    match task:
        case ReadCoverage():
            from bot.reports import coverage  # noqa: PLC0415

            pieces = opened(task.archive, REPORTS)
            return CoverageRead(coverage.parse(pieces, name=task.name, branches=task.branches))
        case ReadBenchmark():
            from bot.reports import samples  # noqa: PLC0415

            return BenchmarkRead(samples.parse(b"".join(opened(task.archive, BENCHMARKS)), name=task.name))
        case ReadSuite():
            from bot.reports import tensor_parallel  # noqa: PLC0415

            return SuiteRead(tensor_parallel.parse(b"".join(opened(task.archive, SUITE))))


def main() -> None:
    """Do the task on the standard input and answer on the standard output."""
    limit()
    task = msgspec.msgpack.decode(sys.stdin.buffer.read(2 * MAX_OUT), type=Task)
    sys.stdout.buffer.write(msgspec.msgpack.encode(do(task)))


if __name__ == "__main__":
    main()
