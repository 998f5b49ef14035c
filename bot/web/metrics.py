"""The figures in Prometheus' words, gathered when asked for."""

import logging
from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.web.figures import Figures
from bot.web.tally import Histogram, Tally

log = logging.getLogger(__name__)


def registry(figures: Figures, tally: Tally) -> CollectorRegistry:
    """Return a registry of Reeve's own, so that nothing else in the process shows in it."""
    own = CollectorRegistry()
    own.register(_Collector(figures, tally))
    return own


class _Collector(Collector):
    def __init__(self, figures: Figures, tally: Tally) -> None:
        self._figures = figures
        self._tally = tally

    def collect(self) -> Iterator[Metric]:
        """Gather the door's own counts, then the store's if it answers."""
        yield _answers(self._tally)
        yield _histogram("reeve_ack_seconds", "From a delivery's arrival to its answer.", self._tally.latency)
        yield _histogram("reeve_commit_batch_size", "Deliveries in one commit.", self._tally.batches)
        try:
            stored = list(_stored(self._figures))
        except Exception:  # a web request ends here: without the store the door's own counts still matter
            log.exception("the store gave no figures")
            stored = []
        yield GaugeMetricFamily("reeve_store_up", "1 when the store gave its figures.", value=float(bool(stored)))
        yield from stored


def _answers(tally: Tally) -> Metric:
    family = CounterMetricFamily("reeve_webhook_answers", "Answers to GitHub by status.", labels=["status"])
    for status, count in sorted(tally.answers.items()):
        family.add_metric([str(status)], count)
    return family


def _histogram(name: str, documentation: str, histogram: Histogram) -> Metric:
    family = HistogramMetricFamily(name, documentation)
    family.add_metric([], histogram.cumulated(), histogram.sum)
    return family


def _stored(figures: Figures) -> Iterator[Metric]:
    yield _gauge("reeve_deliveries", "Deliveries by state.", "state", figures.deliveries_by_state())
    yield _gauge("reeve_queue_age_seconds", "Age of the oldest waiting delivery.", "lane", figures.queue_age_seconds())
    age = figures.timer_age_seconds()
    yield GaugeMetricFamily("reeve_timer_age_seconds", "Age of the oldest timer that nobody ticked for.", value=age)
    yield _gauge("reeve_effects", "Effects by state.", "state", figures.effects_by_state())
    yield _gauge("reeve_api_budget_left", "API calls left this hour.", "installation", figures.budget_left())
    yield GaugeMetricFamily("reeve_events_lost", "Accepted deliveries that vanished.", value=figures.lost())


def _gauge(name: str, documentation: str, label: str, values: Mapping[str, float] | Mapping[int, int]) -> Metric:
    family = GaugeMetricFamily(name, documentation, labels=[label])
    for key, value in values.items():
        family.add_metric([str(key)], value)
    return family
