"""The reward puts the better candidate first, and says why."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.bench.generate import scorers
from bot.bench.generate.pipeline import NoCandidates, generate
from bot.bench.generate.rank import REWARD, Aspect, BadScore, rank
from bot.bench.generate.scorers import Candidate, entities_of

PROMPT = "When was Llama 3 released and how many GPUs did training on H100 take?"


def test_the_weights_are_the_articles_and_add_up_to_one() -> None:
    assert {name: aspect.weight for name, aspect in REWARD.items()} == {
        "relevance": 0.4,
        "coverage": 0.3,
        "fluency": 0.2,
        "safety": 0.1,
    }
    assert math.fsum(aspect.weight for aspect in REWARD.values()) == pytest.approx(1)


def test_an_answer_beats_an_evasion_a_repetition_and_a_leak() -> None:
    key = "sk-" + "a1" * 12
    good = "Llama 3 was released in April 2024; training on H100 took 24,000 GPUs."
    ranking = rank(
        PROMPT,
        [
            Candidate("I cannot say."),
            Candidate("GPUs GPUs GPUs GPUs GPUs GPUs GPUs GPUs GPUs"),
            Candidate(f"{good} {key}"),
            Candidate(good),
        ],
    )

    assert ranking[0].candidate.text == good
    assert ranking[0].place == 3
    assert ranking[1].scores["safety"] == 0


def test_an_answer_in_chinese_is_ranked_alike() -> None:
    prompt = "《流浪地球》是 ２０１９ 年上映的吗？"
    ranking = rank(prompt, [Candidate("不知道。"), Candidate("是的，《流浪地球》于2019年上映。")])

    assert ranking[0].place == 1
    assert ranking[0].scores["coverage"] == 1


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        (PROMPT, ("Llama", "3", "GPUs", "H100")),
        ("《三体》和２０２３ 年５月", ("三体", "2023年5月")),
        ('Set `top_k` to "30" at 12.5%', ("top_k", "30", "12.5%")),
        ("nothing to mention here", ()),
    ],
)
def test_entities_are_names_numbers_dates_and_quoted_terms(text: str, entities: tuple[str, ...]) -> None:
    assert entities_of(text) == entities


def test_fluency_is_the_inverse_of_perplexity_where_probabilities_are_known() -> None:
    assert scorers.fluency("", Candidate("x", [math.log(0.5), math.log(0.125)])) == pytest.approx(0.25)
    assert scorers.fluency("", Candidate("x", [-math.inf])) == 0
    assert scorers.fluency("", Candidate("x", [math.nan])) == 0


def test_without_probabilities_repetition_is_what_reads_badly() -> None:
    assert scorers.fluency("", Candidate("the cat sat on the mat")) == 1
    assert scorers.fluency("", Candidate("no no no no no no")) == pytest.approx(0.25)
    assert scorers.fluency("", Candidate("ok")) == 1
    assert scorers.fluency("", Candidate("")) == 0


@given(st.text(max_size=60), st.text(max_size=60))
def test_every_score_of_any_text_is_between_0_and_1(prompt: str, text: str) -> None:
    (ranked,) = rank(prompt, [Candidate(text)])

    assert all(0 <= score <= 1 for score in ranked.scores.values())
    assert 0 <= ranked.reward <= 1


def test_a_scorer_out_of_bounds_is_named() -> None:
    with pytest.raises(BadScore, match="mine gave 7"):
        rank("", [Candidate("x")], {"mine": Aspect(lambda prompt, candidate: 7.0, 1.0)})  # noqa: ARG005


def test_the_best_candidate_is_repaired() -> None:
    found = generate("何时？", lambda prompt, count: [Candidate("２０２３ 年")] * count, count=2)  # noqa: ARG005

    assert found.text == "2023年"
    assert [each.place for each in found.ranking] == [0, 1]


def test_no_candidate_is_an_error_and_not_an_empty_answer() -> None:
    with pytest.raises(NoCandidates):
        generate("何时？", lambda prompt, count: [])  # noqa: ARG005
