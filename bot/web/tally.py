"""What the door counts about itself. A count costs a fraction of a microsecond: it is made on every delivery."""

from bisect import bisect_left

#: Upper bounds of the acknowledgement times (seconds): GitHub gives up after 10 s.
LATENCY_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

#: Upper bounds of the sizes of a group commit.
BATCH_BOUNDS = (1, 2, 4, 8, 16, 32, 64, 128)


class Histogram:
    """Counts of observations by upper bound; the last count is of those above every bound."""

    def __init__(self, bounds: tuple[float, ...]) -> None:
        """Start empty."""
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def observe(self, value: float) -> None:
        """Count one observation."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.sum += value

    def cumulated(self) -> list[tuple[str, float]]:
        """Return (upper bound, observations up to it), as Prometheus wants it."""
        total = 0
        buckets: list[tuple[str, float]] = []
        for bound, count in zip((*map(str, self.bounds), "+Inf"), self.counts, strict=True):
            total += count
            buckets.append((bound, total))
        return buckets


class Tally:
    """Answers by status, how long they took, and how many deliveries a commit carried."""

    def __init__(self) -> None:
        """Start at nought."""
        self.answers: dict[int, int] = {}
        self.latency = Histogram(LATENCY_BOUNDS)
        self.batches = Histogram(BATCH_BOUNDS)

    def answered(self, status: int, seconds: float) -> None:
        """Count an answer to GitHub."""
        self.answers[status] = self.answers.get(status, 0) + 1
        self.latency.observe(seconds)
