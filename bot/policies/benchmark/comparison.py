"""Samples of two builds -> what they say of each metric, or why they cannot be compared, field by field."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.config.benchmark import Benchmark
from bot.config.benchmark import Metric as Setting
from bot.model.samples import Direction, Launch, Metric, Samples, Side
from bot.policies.benchmark import conditions
from bot.policies.benchmark.conditions import ANY, Caution, Expected, Fault, Found, Mismatch
from bot.policies.benchmark.rule import FLOOR, Call, Ground, Judgement, Question, judge_all

_MISSING = Judgement(Call.INVALID, Ground.MISSING, 0)


@dataclass(frozen=True, slots=True)
class MetricVerdict:
    """What is said of one metric. Only those that are required hold anything up."""

    metric: Metric
    margin: float
    is_required: bool
    judgement: Judgement

    @property
    def is_slower(self) -> bool:
        """Whether the estimate alone is worse than the margin; it takes more than that to call it a regression."""
        ratio = self.judgement.ratio
        worse = ratio if ratio is None or self.metric.better is not Direction.HIGHER else 1 / ratio
        return worse is not None and worse > 1 + self.margin


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a report says. Where there are faults or mismatches nothing was judged."""

    metrics: tuple[MetricVerdict, ...]
    faults: tuple[Found, ...] = ()
    mismatches: tuple[Mismatch, ...] = ()
    cautions: tuple[Caution, ...] = ()
    base: str = ""
    head: str = ""
    floor: float = FLOOR

    @property
    def call(self) -> Call:
        """The verdict on all of it: a regression is one however unclear the rest is; a pass needs every metric."""
        if self.faults:
            return Call.INVALID
        if self.mismatches:
            return Call.NOT_COMPARABLE
        calls = {each.judgement.call for each in self.metrics if each.is_required}
        worst = (Call.REGRESS, Call.INVALID, Call.NOT_COMPARABLE, Call.INCONCLUSIVE)
        return next((call for call in worst if call in calls), Call.PASS)

    @property
    def more(self) -> int | None:
        """How many pairs to have for another look; None where more would not help."""
        wanted = [each.judgement.more for each in self.metrics if each.is_required and each.judgement.more]
        return max(wanted) if self.call is Call.INCONCLUSIVE and wanted else None


Pair = tuple[Launch, Launch]
Medians = Mapping[str, float]


def compare(samples: Samples, rules: Benchmark, expected: Expected = ANY) -> Comparison:
    """Judge every metric that counts, if the report can be believed and both sides were measured alike."""
    launches = [conditions.sided(each, expected) for each in samples.launches]
    metrics = _counting(samples.metrics, rules)
    faults = (*conditions.faults(samples, launches, expected), *_contradictions(metrics, rules))
    pairs = _pairs(launches) if {each.fault for each in faults} <= {Fault.NO_SAMPLES} else []
    faults = (*faults, *_copies(pairs), *_repeats(pairs))
    mismatches = () if samples.is_one_run else conditions.mismatches(launches)
    verdicts = _judged(metrics, pairs, rules) if pairs else _unjudged(metrics, rules)
    if faults or mismatches:
        verdicts = tuple(_only_shown(each, is_invalid=bool(faults)) for each in verdicts)
    cautions = () if faults else tuple(conditions.cautions(launches))
    base, head = (conditions.commit(launches, side) for side in Side)
    return Comparison(verdicts, faults, mismatches, cautions, base, head, float(rules.floor) / 100)


def medians(samples: Samples, rules: Benchmark) -> dict[Metric, tuple[list[float], list[float]]]:
    """Return the medians of base and head by metric, of a report that can be judged; empty where there is none."""
    found = compare(samples, rules)
    if found.faults or found.mismatches:
        return {}
    read = [(_by_metric(base), _by_metric(head)) for base, head in _pairs(samples.launches)]
    both = {each.metric: _medians(each.metric.name, read) for each in found.metrics}
    return {metric: values for metric, values in both.items() if values is not None}


def _counting(metrics: Sequence[Metric], rules: Benchmark) -> dict[str, tuple[Metric, bool]]:
    """Return the metrics to be judged, each with whether it is required; of those listed none may be missing."""
    if not rules.metrics:
        return {each.name: (each, True) for each in metrics if each.is_primary}
    named = [(each, rules.of(each.name)) for each in metrics]
    found = {each.name: (_stated(each, setting), setting.required) for each, setting in named if setting}
    for setting in rules.metrics:
        if setting.required and not any(named_by is setting for _, named_by in named):
            absent = Metric(setting.name, setting.unit or "", Direction(setting.better))
            found.setdefault(setting.name, (absent, True))
    return found


def _stated(metric: Metric, setting: Setting) -> Metric:
    """Take the direction and unit from the policy file where the report states none."""
    return replace(metric, better=metric.better or Direction(setting.better), unit=metric.unit or setting.unit or "")


def _contradictions(metrics: Mapping[str, tuple[Metric, bool]], rules: Benchmark) -> Iterator[Found]:
    """Yield metrics whose direction or unit is not what the policy file says, and those that have no direction."""
    if not any(is_required for _, is_required in metrics.values()):
        yield Found(Fault.NO_METRIC)
    for metric, _ in metrics.values():
        setting = rules.of(metric.name)
        if metric.better is None or (setting and metric.better is not Direction(setting.better)):
            yield Found(Fault.DIRECTION, metric.name)
        if setting and setting.unit and not _same_unit(setting.unit, metric.unit):
            yield Found(Fault.UNIT, metric.name)


_TIMES = frozenset({"ns", "us", "µs", "μs", "ms", "s", "sec", "second", "seconds"})
_RATES = frozenset({"tok/s", "tokens/s", "token/s", "tps", "t/s"})
_BYTES = frozenset({"b", "kb", "mb", "gb", "kib", "mib", "gib", "bytes"})


def _same_unit(one: str, other: str) -> bool:
    """Say whether two units are of one kind: of ratios it does not matter which of them it is."""
    names = {one.casefold(), other.casefold()}
    return len(names) == 1 or any(names <= kind for kind in (_TIMES, _RATES, _BYTES))


def _pairs(launches: Sequence[Launch]) -> list[Pair]:
    """Return base and head of each pair, whichever ran first."""
    couples = zip(launches[::2], launches[1::2], strict=True)
    return [(one, other) if one.side is Side.BASE else (other, one) for one, other in couples]


def _copies(pairs: Sequence[Pair]) -> list[Found]:
    """Find a report in which head has the very numbers of base: then one of them was not measured.

    Numbers that are the same in every launch are no copies: a size in bytes may well be constant.
    """
    is_constant = len({base.readings for base, _ in pairs}) < 2
    is_copied = bool(pairs) and not is_constant and all(base.readings == head.readings for base, head in pairs)
    return [Found(Fault.COPIED)] if is_copied else []


def _repeats(pairs: Sequence[Pair]) -> list[Found]:
    """Find a report whose pairs are some of them over and over again: launches are given twice, not made twice.

    Only where no pair of those is like another: coarse numbers may well come again.
    """
    read = [(base.readings, head.readings) for base, head in pairs]
    for size in range(2, len(read) // 2 + 1):
        block = read[:size]
        if len(set(block)) == size and len(read) % size == 0 and read == block * (len(read) // size):
            return [Found(Fault.REPEATED)]
    return []


def _judged(
    metrics: Mapping[str, tuple[Metric, bool]], pairs: Sequence[Pair], rules: Benchmark
) -> tuple[MetricVerdict, ...]:
    """Judge the metrics that were measured, together; one that is missing in some launch is invalid."""
    read = [(_by_metric(base), _by_metric(head)) for base, head in pairs]
    complete = {name: found for name in metrics if (found := _medians(name, read)) is not None}
    questions = [
        Question(base, head, _direction(metrics[name][0]), _margin(name, rules), float(rules.floor) / 100)
        for name, (base, head) in complete.items()
    ]
    judgements = dict(zip(complete, judge_all(questions), strict=True))
    return tuple(
        MetricVerdict(metric, _margin(name, rules), is_required, judgements.get(name, _MISSING))
        for name, (metric, is_required) in metrics.items()
    )


def _by_metric(launch: Launch) -> dict[str, float]:
    return {each.metric: each.median for each in launch.readings}


def _medians(name: str, pairs: Sequence[tuple[Medians, Medians]]) -> tuple[list[float], list[float]] | None:
    """Return the medians of both sides; pairs that lack the metric on both sides are about something else."""
    if any((name in base) is not (name in head) for base, head in pairs):
        return None
    both = [(base[name], head[name]) for base, head in pairs if name in base]
    return ([base for base, _ in both], [head for _, head in both]) if both else None


def _unjudged(metrics: Mapping[str, tuple[Metric, bool]], rules: Benchmark) -> tuple[MetricVerdict, ...]:
    return tuple(
        MetricVerdict(metric, _margin(name, rules), is_required, _MISSING)
        for name, (metric, is_required) in metrics.items()
    )


def _only_shown(verdict: MetricVerdict, *, is_invalid: bool) -> MetricVerdict:
    """Take back what was said of a metric, and keep its numbers to be shown."""
    call = Call.INVALID if is_invalid else Call.NOT_COMPARABLE
    judgement = replace(verdict.judgement, call=call, ground=Ground.NOT_JUDGED, more=None, is_too_good=False)
    return replace(verdict, judgement=judgement)


def _direction(metric: Metric) -> Direction:
    assert metric.better is not None  # a metric without a direction is a fault, and then there are no pairs
    return metric.better


def _margin(name: str, rules: Benchmark) -> float:
    setting = rules.of(name)
    return float(rules.margin if setting is None or setting.margin is None else setting.margin) / 100
