"""What a child process can be asked, and what it answers: plain structures, for nothing else comes back from it."""

from msgspec import Struct

from bot.model.samples import Samples
from bot.reports.measured import CoverageReport

#: What a workflow may call the one file that an artifact holds. The format is told by the content.
REPORTS = ("coverage.json", "coverage.xml", "coverage.lcov", "lcov.info", "cobertura.xml")
BENCHMARKS = ("benchmark.json",)

#: The child's own refusals: it took too long, wanted too much memory, or died.
TIME, MEMORY, CRASH = "limit-time", "limit-memory", "limit-crash"


class ReadCoverage(Struct, frozen=True, tag="coverage"):
    """Open an artifact and read the coverage report in it; `name` is what people call it."""

    archive: bytes
    name: str
    branches: bool = False


class ReadBenchmark(Struct, frozen=True, tag="benchmark"):
    """Open an artifact and read the benchmark samples in it."""

    archive: bytes
    name: str


class CoverageRead(Struct, frozen=True, tag="coverage"):
    """A coverage report that agrees with itself."""

    report: CoverageReport


class BenchmarkRead(Struct, frozen=True, tag="benchmark"):
    """Benchmark samples."""

    samples: Samples


class Refused(Struct, frozen=True, tag="refused"):
    """Why nothing was read: the kind of flaw as a word, and where exactly, which may quote what a stranger wrote."""

    flaw: str
    detail: str


Task = ReadCoverage | ReadBenchmark
Answer = CoverageRead | BenchmarkRead | Refused
