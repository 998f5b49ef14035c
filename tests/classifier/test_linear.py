"""A model's file: what is written is read back, and what is no model is refused."""

import zlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.classifier.features import Features
from bot.classifier.linear import (
    LEAST_WEIGHT,
    MAGIC,
    Fitted,
    Linear,
    NotAModel,
    Vocabulary,
    fingerprints,
    quantised,
    unit,
)

CLASSES = ("bug", "feature")
ISSUES: list[Features] = [
    {"t": ("tcrash", "tcrash"), "s": ("st:bug.crash",)},
    {"t": ("tcrash", "tadd")},
    {"t": ("tadd",), "s": ()},
]


def model() -> Linear:
    vocabulary = Vocabulary.of(ISSUES, enough=1)
    weights = [[-1.0, 0.9, 2.0], [1.0, -0.9, -2.0]]
    seen = fingerprints([("crash", "on load"), ("add", "")])
    return quantised(vocabulary, Fitted(weights, [0.1, -0.1]), classes=CLASSES, about={"issues": 3}, seen=seen)


def test_what_is_written_is_read_back() -> None:
    assert Linear.from_bytes(model().to_bytes()) == Linear.from_bytes(Linear.from_bytes(model().to_bytes()).to_bytes())
    assert Linear.from_bytes(model().to_bytes()).index == model().index


def test_a_block_has_the_length_of_one_however_much_is_in_it() -> None:
    for entries in model().vector({"t": ("tcrash", "tadd", "tadd", "tunknown")}).values():
        assert sum(value * value for _, value in entries) == pytest.approx(1.0)


def test_the_log_odds_are_the_biases_where_nothing_is_known() -> None:
    assert model().log_odds({"t": ("tunknown",), "z": ("zanything",)}) == [0.1, -0.1]


def test_the_contributions_of_two_classes_add_up_to_the_difference_of_their_log_odds() -> None:
    features = {"t": ("tcrash", "tadd"), "s": ("st:bug.crash",)}
    one, other = model().log_odds(features)
    assert sum(model().contributions(features, 0).values()) + 0.2 == pytest.approx(one - other)


def test_an_issue_that_was_learnt_from_is_known_again() -> None:
    assert model().has_learnt_from("crash", "on load")
    assert not model().has_learnt_from("crash", "on unload")
    assert not quantised(Vocabulary({}, ()), Fitted([[]], [0.0]), classes="b", about={}).has_learnt_from("", "")


def test_a_feature_that_hardly_weighs_anything_is_left_out() -> None:
    vocabulary = Vocabulary({"ta": 0, "tb": 1}, (1.0, 1.0))
    found = quantised(vocabulary, Fitted([[127.0, LEAST_WEIGHT - 1]], [0.0]), classes=("bug",), about={})
    assert list(found.index) == ["ta"]


def test_words_of_too_few_issues_are_not_learnt_and_signs_are_not_weighed_by_rarity() -> None:
    found = Vocabulary.of(ISSUES, enough=2)
    assert list(found.index) == ["tadd", "tcrash"]
    assert dict(zip(*(Vocabulary.of(ISSUES, enough=1).index, Vocabulary.of(ISSUES, enough=1).rarities), strict=True))[
        "st:bug.crash"
    ] == pytest.approx(1.0)


def test_words_of_too_few_sources_are_not_learnt() -> None:
    found = Vocabulary.of(ISSUES, enough=1, sources=["a", "a", "b"], enough_sources=2)
    assert list(found.index) == ["tadd"]


def test_log_odds_are_true_once_divided_by_the_temperature() -> None:
    warm = replace(model(), about={"temperature": 2.0})
    assert warm.calibrated({"t": ("tcrash",)}) == [each / 2 for each in model().log_odds({"t": ("tcrash",)})]


def test_a_row_holds_only_the_blocks_that_are_emphasised() -> None:
    vocabulary = Vocabulary.of(ISSUES, enough=1)
    assert [index for index, _ in vocabulary.row(ISSUES[0], {"s": 2.0})] == [vocabulary.index["st:bug.crash"]]


@pytest.mark.parametrize("about", [{}, {"temperature": "hot"}])
def test_without_a_temperature_log_odds_are_left_as_they_are(about: dict[str, object]) -> None:
    assert quantised(Vocabulary({}, ()), Fitted([[]], [0.0]), classes=("bug",), about=about).temperature == 1.0


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_be_refused(junk: bytes) -> None:
    for file in (junk, MAGIC + junk, MAGIC + zlib.compress(junk)):
        with pytest.raises(NotAModel):
            Linear.from_bytes(file)


def test_parts_that_do_not_fit_each_other_are_refused() -> None:
    unpacked = zlib.decompress(model().to_bytes()[len(MAGIC) :])
    with pytest.raises(NotAModel):
        Linear.from_bytes(MAGIC + zlib.compress(unpacked[:-1]))


def test_nothing_has_the_length_of_nothing() -> None:
    assert unit([]) == []
