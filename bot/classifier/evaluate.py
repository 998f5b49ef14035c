"""How good a classifier is: F1 by class, what it may label at which precision, and whether its probabilities are true.

Every figure comes with a 95 % interval from a bootstrap over the issues: the percentiles of what resamples give.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from statistics import fmean

from bot.classifier.corpus import LABELS, Label

RESAMPLES = 1000

#: Thresholds of the abstention curve.
THRESHOLDS = (0.0, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)

#: The precision at which coverage is reported.
WANTED = 0.90

BINS = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """An issue whose kind is known, and the probabilities that it got, in the order of `LABELS`."""

    truth: Label
    probabilities: tuple[float, ...]
    source: str = ""

    @property
    def guess(self) -> Label:
        """The likeliest class."""
        return LABELS[max(range(len(LABELS)), key=self.probabilities.__getitem__)]

    @property
    def confidence(self) -> float:
        """How likely the likeliest class is."""
        return max(self.probabilities)

    @property
    def is_right(self) -> bool:
        """Whether the likeliest class is the true one."""
        return self.guess == self.truth


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured number with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Step:
    """What labelling from this confidence on would do: the part of issues labelled, and how many of those rightly."""

    threshold: float
    coverage: float
    precision: float


@dataclass(frozen=True, slots=True)
class ByClass:
    """Precision, recall and F1 of one class."""

    precision: float
    recall: float
    f1: Figure
    issues: int


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is measured on one set of issues."""

    issues: int
    classes: Mapping[Label, ByClass]
    macro_f1: Figure
    accuracy: Figure
    coverage_at_wanted_precision: Figure
    threshold_for_wanted_precision: float | None
    calibration_error: Figure
    curve: tuple[Step, ...]
    sources: Mapping[str, float] = field(default_factory=dict)
    mean_of_sources: Figure | None = None


def report(judged: Sequence[Judged], random: Random, *, resamples: int = RESAMPLES) -> Report:
    """Measure; raise `ValueError` where there is nothing to measure on."""
    if not judged:
        raise ValueError("no issues to measure on")
    samples = [random.choices(judged, k=len(judged)) for _ in range(resamples)]
    present = [label for label in LABELS if any(each.truth == label for each in judged)]

    def measure(figure: Callable[[Sequence[Judged]], float]) -> Figure:
        return _figure(figure(judged), [figure(sample) for sample in samples])

    sources = _sources(judged)
    return Report(
        issues=len(judged),
        classes={label: _by_class(judged, label, samples) for label in present},
        macro_f1=measure(lambda issues: macro_f1(issues, present)),
        accuracy=measure(lambda issues: fmean(each.is_right for each in issues)),
        coverage_at_wanted_precision=measure(lambda issues: coverage_at(issues)[0]),
        threshold_for_wanted_precision=coverage_at(judged)[1],
        calibration_error=measure(calibration_error),
        curve=curve(judged),
        sources={name: macro_f1(issues) for name, issues in sources.items()},
        mean_of_sources=_mean_of_sources(sources, random, resamples) if len(sources) > 1 else None,
    )


def macro_f1(judged: Sequence[Judged], classes: Sequence[Label] = ()) -> float:
    """Return the mean F1 of these classes, by default of all that occur."""
    wanted = classes or [label for label in LABELS if any(each.truth == label for each in judged)]
    pairs = Counter((each.truth, each.guess) for each in judged)
    return fmean(_f1(pairs, label)[2] for label in wanted)


def calibration_error(judged: Sequence[Judged]) -> float:
    """Return the expected calibration error: mean distance of confidence and accuracy over ten bins of confidence."""
    bins: list[list[Judged]] = [[] for _ in range(BINS)]
    for each in judged:
        bins[min(int(each.confidence * BINS), BINS - 1)].append(each)
    gaps = (abs(sum(e.confidence for e in group) - sum(e.is_right for e in group)) for group in bins if group)
    return sum(gaps) / len(judged)


def coverage_at(judged: Sequence[Judged], wanted: float = WANTED) -> tuple[float, float | None]:
    """Return the largest part of issues that can be labelled at this precision, most confident first, and from where.

    Issues of equal confidence are labelled together or not at all.
    """
    right, best, threshold = 0, 0, None
    ranked = sorted(judged, key=lambda each: -each.confidence)
    for number, each in enumerate(ranked, start=1):
        right += each.is_right
        is_last = number == len(ranked) or ranked[number].confidence < each.confidence
        if is_last and right >= wanted * number:
            best, threshold = number, each.confidence
    return best / len(judged), threshold


def curve(judged: Sequence[Judged]) -> tuple[Step, ...]:
    """Return what is labelled, and how rightly, from each threshold on."""
    steps = []
    for threshold in THRESHOLDS:
        labelled = [each for each in judged if each.confidence >= threshold]
        precision = fmean(each.is_right for each in labelled) if labelled else 1.0
        steps.append(Step(threshold, len(labelled) / len(judged), precision))
    return tuple(steps)


def _by_class(judged: Sequence[Judged], label: Label, samples: Sequence[Sequence[Judged]]) -> ByClass:
    def f1(issues: Sequence[Judged]) -> tuple[float, float, float]:
        return _f1(Counter((each.truth, each.guess) for each in issues), label)

    precision, recall, value = f1(judged)
    figure = _figure(value, [f1(sample)[2] for sample in samples])
    return ByClass(precision, recall, figure, sum(each.truth == label for each in judged))


def _f1(pairs: Mapping[tuple[Label, Label], int], label: Label) -> tuple[float, float, float]:
    hits = pairs.get((label, label), 0)
    told = sum(times for (_, guess), times in pairs.items() if guess == label)
    true = sum(times for (truth, _), times in pairs.items() if truth == label)
    precision, recall = hits / told if told else 0.0, hits / true if true else 0.0
    return precision, recall, 2 * hits / (told + true) if told + true else 0.0


def _sources(judged: Sequence[Judged]) -> dict[str, list[Judged]]:
    found: dict[str, list[Judged]] = {}
    for each in judged:
        found.setdefault(each.source, []).append(each)
    return dict(sorted(found.items()))


def _mean_of_sources(sources: Mapping[str, Sequence[Judged]], random: Random, resamples: int) -> Figure:
    """Return the mean of the sources' macro F1, each resampled by itself."""
    values = [
        fmean(macro_f1(random.choices(issues, k=len(issues))) for issues in sources.values()) for _ in range(resamples)
    ]
    return _figure(fmean(map(macro_f1, sources.values())), values)


def _figure(value: float, resampled: Sequence[float]) -> Figure:
    ranked = sorted(resampled)
    low, high = (ranked[int(part * (len(ranked) - 1))] for part in (0.025, 0.975)) if ranked else (value, value)
    return Figure(value, low, high)
