"""The figures are those that one gets by counting on one's fingers."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.classifier.corpus import LABELS, Label
from bot.classifier.evaluate import Judged, calibration_error, coverage_at, curve, macro_f1, report


def judged(truth: Label, guess: Label, confidence: float, source: str = "") -> Judged:
    rest = (1 - confidence) / 3
    return Judged(truth, tuple(confidence if label == guess else rest for label in LABELS), source)


def lot(seed: int = 1) -> Random:
    return Random(seed)  # noqa: S311  repeatable, and no secret


FOUR = [
    judged("bug", "bug", 0.9, "a"),
    judged("bug", "feature", 0.5, "a"),
    judged("feature", "feature", 0.8, "b"),
    judged("docs", "docs", 0.7, "b"),
]


def test_macro_f1_is_the_mean_over_the_classes_that_occur() -> None:
    assert macro_f1(FOUR) == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)


def test_a_class_that_is_never_guessed_has_an_f1_of_nothing() -> None:
    assert macro_f1([judged("bug", "docs", 0.6)]) == 0


def test_coverage_is_the_most_that_can_be_labelled_at_the_wanted_precision() -> None:
    assert coverage_at(FOUR, 0.9) == (0.75, 0.7)
    assert coverage_at(FOUR, 0.7) == (1.0, 0.5)
    assert coverage_at([judged("bug", "docs", 0.9)], 0.9) == (0.0, None)


def test_issues_of_equal_confidence_are_labelled_together_or_not_at_all() -> None:
    assert coverage_at([judged("bug", "bug", 0.8), judged("bug", "docs", 0.8)], 0.9) == (0.0, None)


def test_the_calibration_error_is_the_gap_between_confidence_and_accuracy() -> None:
    assert calibration_error([judged("bug", "bug", 0.85), judged("bug", "docs", 0.85)]) == pytest.approx(0.35)
    assert calibration_error([judged("bug", "bug", 1.0)]) == pytest.approx(0.0)


def test_the_curve_says_what_each_threshold_would_label() -> None:
    steps = {step.threshold: (step.coverage, step.precision) for step in curve(FOUR)}
    assert steps[0.0] == (1.0, 0.75)
    assert steps[0.75] == (0.5, 1.0)
    assert steps[0.95] == (0.0, 1.0)


def test_a_report_has_every_figure_with_its_interval() -> None:
    found = report(FOUR, lot(1), resamples=50)
    assert found.issues == 4
    assert list(found.classes) == ["bug", "feature", "docs"]
    assert (found.classes["bug"].precision, found.classes["bug"].recall) == (1.0, 0.5)
    assert found.accuracy.low <= found.accuracy.value == 0.75 <= found.accuracy.high
    assert found.sources == {"a": pytest.approx(2 / 3), "b": 1.0}
    assert found.mean_of_sources is not None


def test_the_same_seed_gives_the_same_report() -> None:
    assert report(FOUR, lot(7), resamples=20) == report(FOUR, lot(7), resamples=20)


def test_without_resamples_the_interval_is_the_figure_itself() -> None:
    found = report(FOUR[:1], lot(1), resamples=0)
    assert found.mean_of_sources is None
    assert (found.macro_f1.low, found.macro_f1.high) == (found.macro_f1.value,) * 2


def test_there_is_nothing_to_say_of_nothing() -> None:
    with pytest.raises(ValueError, match="no issues"):
        report([], lot(1))


@given(st.lists(st.builds(judged, st.sampled_from(LABELS), st.sampled_from(LABELS), st.floats(0.3, 1)), min_size=1))
def test_every_figure_lies_between_nothing_and_all(issues: list[Judged]) -> None:
    assert 0 <= macro_f1(issues) <= 1
    assert 0 <= calibration_error(issues) <= 1
    assert 0 <= coverage_at(issues)[0] <= 1
