"""What was read of a file that a workflow handed over: a report, samples, or why nothing can be used."""

from msgspec import Struct

from bot.model.samples import Samples
from bot.reports.measured import CoverageReport
from bot.reports.tensor_parallel import Document


class CoverageRead(Struct, frozen=True, tag="coverage"):
    """A coverage report that agrees with itself."""

    report: CoverageReport


class BenchmarkRead(Struct, frozen=True, tag="benchmark"):
    """Benchmark samples."""

    samples: Samples


class SuiteRead(Struct, frozen=True, tag="suite"):
    """A result of the tensor-parallel suite: raw numbers, without a verdict."""

    document: Document


class Refused(Struct, frozen=True, tag="refused"):
    """Why nothing was read: the kind of flaw as a word, and where exactly, which may quote what a stranger wrote."""

    flaw: str
    detail: str


Answer = CoverageRead | BenchmarkRead | SuiteRead | Refused
