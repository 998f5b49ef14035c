"""What a model is worth on issues of repositories that it has not seen, measured while it is made.

Cold: every source is judged by a model that was made without it. Adapted: of each source with labelled issues enough,
a part is judged by a model made without that part, together with one that was fitted to the rest of the source.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from random import Random

from bot.classifier import features, text
from bot.classifier.corpus import LABELS, Example
from bot.classifier.evaluate import Judged
from bot.classifier.fitting import learn
from bot.classifier.learn import softmax
from bot.classifier.linear import Linear
from bot.classifier.training import Reading, train
from bot.model.scores import Thresholds

#: In so many parts the sources, or the issues of a source, are taken out in turn.
PARTS = 5

#: So many Chinese characters make an issue one in Chinese.
CHINESE = 10

#: Log odds of an issue, not yet divided by a temperature.
Odds = list[float]
Report = Callable[[str], None]


def cold(examples: Sequence[Example], report: Report, reading: Reading) -> list[tuple[Example, Odds]]:
    """Return each example with what a model says that has seen nothing of its source."""
    return [
        (each, model.log_odds(features.extract(text.read(each.title, each.body))))
        for held, model in _without(examples, _sources_in_turn(examples), report, reading)
        for each in held
    ]


def adapted(
    examples: Sequence[Example],
    sources: Sequence[str],
    random: Random,
    report: Report,
    reading: Reading,
    temperature: float,
) -> list[tuple[Example, Odds]]:
    """Return each example of these sources with what is said after fitting to four fifths of its source.

    The temperature is that of a model that has not seen a source.
    """
    found: list[tuple[Example, Odds]] = []
    for held, model in _without(examples, _issues_in_turn(examples, sources, random), report, reading):
        for source in sources:
            rest = [each for each in examples if each.source == source and each not in held]
            own = learn(rest, 1.0, Thresholds())
            for each in held:
                if each.source == source:
                    known = features.extract(text.read(each.title, each.body))
                    shipped = [value / temperature for value in model.log_odds(known)]
                    found.append((each, own.joined(shipped, each.title, each.body, known)))
    return found


def judged(odds: Sequence[tuple[Example, Odds]], temperature: float) -> list[Judged]:
    """Return the probabilities at this temperature beside the truths."""
    return [
        Judged(each.label, tuple(softmax([value / temperature for value in values])), each.source)
        for each, values in odds
    ]


def temperature(odds: Sequence[tuple[Example, Odds]]) -> float:
    """Return the temperature at which the truths are likeliest, each source counting alike."""
    sizes = Counter(each.source for each, _ in odds)

    def surprise(candidate: float) -> float:
        return -sum(
            math.log(max(one.probabilities[LABELS.index(one.truth)], 1e-9)) / sizes[one.source]
            for one in judged(odds, candidate)
        )

    return min((10 ** (step / 40) for step in range(-16, 25)), key=surprise)


def is_real_chinese(example: Example) -> bool:
    """Say whether an example is an issue in Chinese that somebody really filed."""
    return "written-" not in example.source and len(text.HAN.findall(example.title + example.body)) >= CHINESE


def _without(
    examples: Sequence[Example], turns: Iterator[set[Example]], report: Report, reading: Reading
) -> Iterator[tuple[set[Example], Linear]]:
    for number, held in enumerate(turns, start=1):
        report(f"part {number} of {PARTS}: {len(held)} issues are held back")
        yield held, train([each for each in examples if each not in held], about={}, reading=reading)


def _sources_in_turn(examples: Sequence[Example]) -> Iterator[set[Example]]:
    """Yield parts of whole sources, of about the same size."""
    sizes = Counter(each.source for each in examples)
    parts: list[set[str]] = [set() for _ in range(PARTS)]
    for source, _ in sizes.most_common():
        min(parts, key=lambda part: sum(sizes[each] for each in part)).add(source)
    for part in parts:
        if held := {each for each in examples if each.source in part}:
            yield held


def _issues_in_turn(examples: Sequence[Example], sources: Sequence[str], random: Random) -> Iterator[set[Example]]:
    """Yield parts that hold the same share of each class of each source."""
    groups: dict[tuple[str, str], list[Example]] = {}
    for each in examples:
        if each.source in sources:
            groups.setdefault((each.source, each.label), []).append(each)
    shuffled = [random.sample(group, len(group)) for group in groups.values()]
    for number in range(PARTS):
        yield {each for group in shuffled for each in group[number::PARTS]}
