"""How the model that ships is made: two linear models over the same features, one of them over signs alone, in one.

The signs carry over to repositories that were never seen; the words know more where the vocabulary is shared. The
product of both probabilities, a geometric mean, is again a linear model.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.classifier import features, text
from bot.classifier.corpus import LABELS, Example
from bot.classifier.disguise import disguised
from bot.classifier.features import SIGN, Features
from bot.classifier.learn import Matrix, Problem, minimise
from bot.classifier.linear import Fitted, Linear, Vocabulary, fingerprints, quantised

#: A source of n issues counts as n to this power: large ones count for more, but not for all.
DAMPING = 0.25

#: A word that fewer issues use, or issues of fewer sources, is not learnt: it would say little elsewhere.
ENOUGH, ENOUGH_SOURCES = 6, 3

STRENGTH_OF_WORDS, STRENGTH_OF_SIGNS = 1.5, 1.0

#: How much each block counts beside the form, of which there is little.
EMPHASIS = {"t": 1.5, "b": 1.5, "f": 1.0, SIGN: 1.5}

#: What the model over signs alone counts beside the other one.
SHARE_OF_SIGNS = 0.35

#: What part of a label is not believed: maintainers do not all mean the same by a word, or were wrong.
DOUBT = 0.2

STEPS = 60


@dataclass(frozen=True, slots=True)
class Task:
    """What a model is to learn: issues by their features, the class of each, and how much each counts."""

    vocabulary: Vocabulary
    issues: Sequence[Features]
    targets: Sequence[int]
    classes: int
    importance: Sequence[float]
    doubt: float = 0.0


class Reading:
    """Reads examples as a model learns them, each once, however often it is asked."""

    def __init__(self) -> None:
        """Know none yet."""
        self._known: dict[Example, Features] = {}

    def features(self, example: Example) -> Features:
        """Return the features of an example, in other clothes if its turn has come."""
        if example not in self._known:
            worn = disguised(example)
            self._known[example] = features.extract(text.read(worn.title, worn.body))
        return self._known[example]


def train(examples: Iterable[Example], *, about: Mapping[str, object], reading: Reading | None = None) -> Linear:
    """Return the model that is learnt from these examples."""
    known = list(examples)
    issues = list(map((reading or Reading()).features, known))
    vocabulary = Vocabulary.of(
        issues, enough=ENOUGH, sources=[each.source for each in known], enough_sources=ENOUGH_SOURCES
    )
    targets = [LABELS.index(each.label) for each in known]
    task = Task(vocabulary, issues, targets, len(LABELS), _importance(known), DOUBT)
    joint = fit(task, EMPHASIS, STRENGTH_OF_WORDS)
    signs = fit(task, {SIGN: 1.0}, STRENGTH_OF_SIGNS)
    seen = fingerprints((each.title, each.body) for each in known)
    return quantised(vocabulary, joint.mean_with(signs, SHARE_OF_SIGNS), classes=LABELS, about=about, seen=seen)


def fit(task: Task, emphasis: Mapping[str, float], strength: float, *, steps: int = STEPS) -> Fitted:
    """Learn the weights of one model over the blocks that are emphasised."""
    vocabulary = task.vocabulary
    rows, width = [vocabulary.row(issue, emphasis) for issue in task.issues], len(vocabulary.index)
    problem = Problem(Matrix.of(rows, width), task.targets, task.classes, task.importance, strength, task.doubt)
    parts = problem.weights(minimise(problem, steps=steps))
    factors = [emphasis.get(name[0], 0.0) for name in vocabulary.index]
    weights = [[weight * factor for weight, factor in zip(part, factors, strict=True)] for part, _ in parts]
    return Fitted(weights, [bias for _, bias in parts])


def _importance(known: Sequence[Example]) -> list[float]:
    """Return how much each example counts: sources damped, then classes made equal, 1 on average."""
    sizes = Counter(each.source for each in known)
    damped = [sizes[each.source] ** (DAMPING - 1) for each in known]
    totals: dict[str, float] = dict.fromkeys(LABELS, 0.0)
    for each, weight in zip(known, damped, strict=True):
        totals[each.label] += weight
    balanced = [weight / totals[each.label] for each, weight in zip(known, damped, strict=True)]
    mean = sum(balanced) / len(balanced)
    return [weight / mean for weight in balanced]
