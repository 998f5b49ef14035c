"""Learning from a repository's own history: enough of it, measured on its newest part, and used only where better."""

import pytest

from bot import resources
from bot.classifier.builtin import BuiltIn
from bot.classifier.corpus import Example, Label
from bot.classifier.fitting import ENOUGH, learn, learn_from
from bot.classifier.linear import Linear, NotAModel
from bot.classifier.own import Own
from bot.model.scores import Thresholds

SHIPPED = BuiltIn(Linear.from_bytes(resources.weights()))

WORDS: dict[Label, str] = {"bug": "lorry", "feature": "barge"}


def history(count: int) -> list[Example]:
    """Return issues of a house in which a `lorry` is what is wrong and a `barge` what is wanted."""
    found = []
    for turn in range(count):
        label: Label = ("bug", "feature")[turn % 2]
        word = WORDS[label]
        found.append(Example(f"{word} {turn} in the yard", f"The {word} again.", label, "a", f"2026-01-{turn:03}"))
    return found


def test_what_is_better_on_the_newest_part_is_used() -> None:
    fit = learn_from(history(120), SHIPPED)

    assert fit.own is not None
    assert fit.shipped is not None
    assert fit.together is not None
    assert fit.together > fit.shipped
    assert (fit.mode, fit.issues, fit.measured_on) == ("label", 120, 24)


def test_thresholds_are_those_that_kept_the_precision() -> None:
    fit = learn_from(history(120), SHIPPED)

    assert fit.own is not None
    assert fit.own.thresholds.bug < Thresholds().bug
    assert fit.own.thresholds.suggest == Thresholds().suggest


def test_what_is_no_better_is_not_used() -> None:
    clear = [
        Example(
            f"Segfault in module {n}" if n % 2 else f"Please support format {n}", "", ("feature", "bug")[n % 2], "a"
        )
        for n in range(60)
    ]

    assert learn_from(clear, SHIPPED).own is None


@pytest.mark.parametrize("count", [0, 1, ENOUGH - 1])
def test_too_little_is_not_learnt_from_and_words_only_suggest(count: int) -> None:
    fit = learn_from(history(count), SHIPPED)

    assert (fit.own, fit.mode, fit.issues) == (None, "suggest", count)


def test_one_class_alone_teaches_nothing() -> None:
    assert learn_from([each for each in history(200) if each.label == "bug"], SHIPPED).own is None


def test_the_newest_part_is_the_newest_whatever_the_order() -> None:
    forwards, backwards = learn_from(history(120), SHIPPED), learn_from(history(120)[::-1], SHIPPED)

    assert (forwards.together, forwards.shipped) == (backwards.together, backwards.shipped)


def test_a_fitted_model_reads_back_as_it_was() -> None:
    own = learn(history(60), 1.25, Thresholds(0.8, 0.6))
    back = Own.from_bytes(own.to_bytes())

    assert (back.temperature, back.thresholds) == (1.25, Thresholds(0.8, 0.6))
    fitted, again = BuiltIn(SHIPPED.model, own), BuiltIn(SHIPPED.model, back)
    assert again.probabilities("lorry 7", "") == fitted.probabilities("lorry 7", "")


@pytest.mark.parametrize("file", [b"", b"zorp", resources.weights()])
def test_what_is_no_fitted_model_is_refused(file: bytes) -> None:
    with pytest.raises(NotAModel):
        Own.from_bytes(file)
