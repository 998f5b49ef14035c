"""Learning from a repository's own history: fit, measure on its newest part, and say whether it is worth using."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot.classifier import features, text
from bot.classifier.builtin import BuiltIn
from bot.classifier.corpus import LABELS, Example, Label
from bot.classifier.evaluate import Judged, coverage_at, macro_f1
from bot.classifier.features import Features
from bot.classifier.learn import softmax
from bot.classifier.linear import Vocabulary, quantised
from bot.classifier.own import EMPHASIS, Own, extended
from bot.classifier.training import Task, fit
from bot.model.scores import Thresholds

#: Fewer labelled issues than this teach nothing that can be checked.
ENOUGH = 50

#: The newest issues that are learnt from; older ones say less about today.
MOST = 1000

#: A class with fewer examples is not learnt.
ENOUGH_OF_A_CLASS = 5

#: The newest part that is measured on.
NEWEST = 0.2

#: So many measurements count as much as the belief that probabilities are right as they are.
BELIEF = 100

STRENGTH = 2.0

#: More steps tell a history of some hundred issues no better.
STEPS = 12

#: A threshold is taken from no fewer issues than this.
ENOUGH_TO_TRUST = 10

#: The precision that is wanted of labels, and of the label for bugs.
WANTED, WANTED_OF_BUGS = 0.90, 0.95

Mode = Literal["label", "suggest"]

#: What is true of an issue, and the log odds that it got.
Odds = tuple[Label, list[float]]


@dataclass(frozen=True, slots=True)
class Fit:
    """What was learnt and how good it is; `own` is None where there was too little or it is no better.

    `shipped` and `together` are macro F1 on the newest part; `shipped` is None where the shipped model has learnt from
    those very issues, so that there is nothing to compare with.
    """

    own: Own | None
    mode: Mode
    issues: int
    measured_on: int
    shipped: float | None
    together: float | None


def learn_from(history: Sequence[Example], shipped: BuiltIn) -> Fit:
    """Fit to a history; the newest part only measures first, and is learnt from at last."""
    history = sorted(history, key=lambda each: each.created_at)[-MOST:]
    if len(history) < ENOUGH or len(_classes(history)) < 2:
        return Fit(None, "suggest", len(history), 0, None, None)
    cut = len(history) - max(round(len(history) * NEWEST), 10)
    read = [features.extract(text.read(each.title, each.body)) for each in history]
    older, newest = history[:cut], history[cut:]
    is_seen = sum(shipped.has_learnt_from(each.title, each.body) for each in newest) * 2 > len(newest)
    trial, measure = learn(older, 1.0, Thresholds(), read[:cut]), _alone if is_seen else _together
    odds = [(each.label, measure(trial, shipped, each, known)) for each, known in zip(newest, read[cut:], strict=True)]
    together = macro_f1(_at(odds, 1.0))
    alone = None if is_seen else macro_f1([Judged(e.label, shipped.probabilities(e.title, e.body)) for e in newest])
    if alone is not None and together <= alone:
        return Fit(None, "label", len(history), len(newest), alone, together)
    temperature = _temperature(odds)
    own = learn(history, temperature, _thresholds(_at(odds, temperature)), read)
    return Fit(own, "label", len(history), len(newest), alone, together)


def learn(history: Sequence[Example], temperature: float, thresholds: Thresholds, read: Sequence[Features] = ()) -> Own:
    """Learn a model from all of these issues; `read` are their features, where they are known."""
    classes = _classes(history)
    read = read or [features.extract(text.read(each.title, each.body)) for each in history]
    pairs = [(each, found) for each, found in zip(history, read, strict=True) if each.label in classes]
    known = [each for each, _ in pairs]
    issues = [extended(each.title, each.body, found) for each, found in pairs]
    vocabulary = Vocabulary.of(issues, enough=2)
    sizes = Counter(each.label for each in known)
    task = Task(
        vocabulary,
        issues,
        targets=[classes.index(each.label) for each in known],
        classes=len(classes),
        importance=[len(known) / (len(classes) * sizes[each.label]) for each in known],
    )
    fitted = fit(task, EMPHASIS, STRENGTH, steps=STEPS)
    model = quantised(vocabulary, fitted, classes=classes, about={"issues": len(known)})
    return Own(model, temperature, thresholds)


def _classes(history: Sequence[Example]) -> list[Label]:
    counts = Counter(each.label for each in history)
    return [label for label in LABELS if counts[label] >= ENOUGH_OF_A_CLASS]


def _together(trial: Own, shipped: BuiltIn, issue: Example, known: Features) -> list[float]:
    return trial.joined(shipped.model.calibrated(known), issue.title, issue.body, known)


def _alone(trial: Own, shipped: BuiltIn, issue: Example, known: Features) -> list[float]:  # noqa: ARG001  one of two
    """Return what the repository's own model says by itself: the shipped one knows these issues by heart."""
    return trial.alone(issue.title, issue.body, known)


def _at(odds: Sequence[Odds], temperature: float) -> list[Judged]:
    return [Judged(truth, tuple(softmax([each / temperature for each in values]))) for truth, values in odds]


def _temperature(odds: Sequence[Odds]) -> float:
    """Return the temperature under which the truths are likeliest, drawn towards 1 where few were measured."""
    best = min((10 ** (step / 40) for step in range(-16, 17)), key=lambda each: _surprise(odds, each))
    return math.exp(math.log(best) * len(odds) / (len(odds) + BELIEF))


def _surprise(odds: Sequence[Odds], temperature: float) -> float:
    return -sum(math.log(max(each.probabilities[LABELS.index(each.truth)], 1e-9)) for each in _at(odds, temperature))


def _thresholds(judged: Sequence[Judged]) -> Thresholds:
    """Return the lowest thresholds that kept what is wanted on the newest issues, or the usual ones."""
    usual = Thresholds()
    bugs = [each for each in judged if each.guess == "bug"]
    others = [each for each in judged if each.guess not in {"bug", "question"}]
    return Thresholds(
        bug=max(_lowest(bugs, WANTED_OF_BUGS, usual.bug), usual.suggest),
        other=max(_lowest(others, WANTED, usual.other), usual.suggest),
    )


def _lowest(judged: Sequence[Judged], wanted: float, otherwise: float) -> float:
    """Return the lowest threshold with the wanted precision among enough issues."""
    coverage, threshold = coverage_at(judged, wanted) if judged else (0.0, None)
    return threshold if threshold is not None and coverage * len(judged) >= ENOUGH_TO_TRUST else otherwise
