"""What the example thinks of issues, reads in reports, and likes in answers."""

import re
from dataclasses import dataclass

from bot.model.samples import Direction, Launch, Metric, Reading, Samples
from bot.model.scores import Scores
from bot.plugins import Candidate
from bot.reports.measured import BadReport, Flaw

_HEAD = b"acme-bench 1\n"
_UNIT = re.compile(r"\d\s*(?:ms|us|MiB|GiB|%|tokens/s)\b")


@dataclass(frozen=True)
class Typos:
    """A classifier that is sure of one thing, and else has no more of an opinion than a die."""

    name: str = "typos"

    def classify(self, title: str, body: str) -> Scores:  # noqa: ARG002  what it does not look at
        """Return how likely each kind is."""
        if "typo" in title.casefold():
            return Scores(bug=0.01, feature=0.01, docs=0.97, question=0.01, reasons=("typo",))
        return Scores(0.25, 0.25, 0.25, 0.25)


@dataclass(frozen=True)
class OurBenchmark:
    """A parser of a format of lines such as `decode ms 12.5 12.7 12.4`, one metric each, all of one launch."""

    name: str = "acme-bench"

    def recognises(self, data: bytes) -> bool:
        """Say whether it begins as our benchmark's reports do."""
        return data.startswith(_HEAD)

    def parse(self, data: bytes) -> Samples:
        """Return the medians of its metrics; of all of them less is better."""
        lines = [line.split() for line in data.removeprefix(_HEAD).decode("ascii", "replace").splitlines()]
        metrics = tuple(Metric(name, unit, Direction.LOWER) for name, unit, *_ in lines)
        readings = tuple(_reading(name, values) for name, _, *values in lines)
        return Samples(self.name, metrics, (Launch(side=None, readings=readings),))


@dataclass(frozen=True)
class SaysItsUnits:
    """A scorer: a number without its unit helps nobody."""

    name: str = "units"
    weight: float = 0.1

    def __call__(self, prompt: str, candidate: Candidate) -> float:  # noqa: ARG002  what it does not look at
        """Return 1 for an answer with a unit in it."""
        return float(_UNIT.search(candidate.text) is not None)


def _reading(metric: str, values: list[str]) -> Reading:
    try:
        numbers = sorted(float(value) for value in values)
    except ValueError:
        raise BadReport(Flaw.MALFORMED, f"{metric} has a value that is no number") from None
    if not numbers:
        raise BadReport(Flaw.EMPTY, f"{metric} has no values")
    return Reading(metric, numbers[len(numbers) // 2], len(numbers))
