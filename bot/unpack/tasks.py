"""What a child process can be asked: plain structures. What it answers stands in `bot.reports.handed`."""

from msgspec import Struct

#: What a workflow may call the one file that an artifact holds. The format is told by the content.
REPORTS = ("coverage.json", "coverage.xml", "coverage.lcov", "lcov.info", "cobertura.xml")
BENCHMARKS = ("benchmark.json",)
SUITE = ("tensor-parallel.json",)

#: The child's own refusals: it took too long, wanted too much memory, or died.
TIME, MEMORY, CRASH = "limit-time", "limit-memory", "limit-crash"

#: What is no result of the suite.
UNREADABLE = "unreadable"


class ReadCoverage(Struct, frozen=True, tag="coverage"):
    """Open an artifact and read the coverage report in it; `name` is what people call it."""

    archive: bytes
    name: str
    branches: bool = False


class ReadBenchmark(Struct, frozen=True, tag="benchmark"):
    """Open an artifact and read the benchmark samples in it."""

    archive: bytes
    name: str


class ReadSuite(Struct, frozen=True, tag="suite"):
    """Open an artifact and read the result of the tensor-parallel suite in it."""

    archive: bytes


Task = ReadCoverage | ReadBenchmark | ReadSuite
