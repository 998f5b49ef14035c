"""What the gates have opened: artifacts and sources, each in a process that may die of them."""

from collections.abc import Mapping

from bot import statements
from bot.reports.handed import Answer
from bot.reports.source import Statements
from bot.statements import Source
from bot.unpack import parent
from bot.unpack.tasks import ReadBenchmark, ReadCoverage, ReadSuite


class Opener:
    """Opens what strangers wrote; satisfies `bot.gating.Opener` and `bot.releasing.Opener`."""

    def open(self, archive: bytes, *, gate: str, name: str, branches: bool) -> Answer:
        """Return what an artifact holds for a gate, or why it is refused."""
        is_coverage = gate == "coverage"
        return parent.ask(ReadCoverage(archive, name, branches) if is_coverage else ReadBenchmark(archive, name))

    def suite(self, archive: bytes) -> Answer:
        """Return the document of the tensor-parallel suite that an artifact holds, or why it is refused."""
        return parent.ask(ReadSuite(archive))

    def statements(self, sources: Mapping[str, Source]) -> dict[str, Statements]:
        """Return which lines of each source can be executed."""
        return statements.read(sources) if sources else {}
