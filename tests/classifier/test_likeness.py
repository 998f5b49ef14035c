"""Issues that read alike are found, whatever stands around them; others are not."""

from hypothesis import given
from hypothesis import strategies as st

from bot.classifier.likeness import LEAST, MOST, alike, sketch

TEMPLATE = "### Describe the bug\n\n{}\n\n### Environment\n\nPlease search the tracker before you open anything here.\n"
OTHERS = {
    number: sketch(title, TEMPLATE.format(body))
    for number, (title, body) in enumerate(
        [
            ("Loading a GPTQ checkpoint fails with a KeyError", "KeyError: 'model.layers.0.mlp.gate_up_proj.weight'"),
            ("Support streaming in the chat endpoint", "Tokens should be sent as they are generated."),
            ("The quickstart names a file that is gone", "examples/offline.py is not there any more."),
            ("多卡推理时显存不断增长", "每处理一次请求，显存就增加约 200MB，直到进程被杀掉。"),
            ("Prometheus metrics lose their labels after a restart", "The model label is missing."),
        ]
    )
}


def test_the_same_thing_in_other_words_is_found() -> None:
    asked = sketch("KeyError on loading a GPTQ checkpoint", "It says gate_up_proj.weight is missing.\nKeyError")

    assert [each.number for each in alike(asked, OTHERS)] == [0]


def test_chinese_issues_are_compared_by_their_characters() -> None:
    asked = sketch("多卡推理时显存不断增长直到被杀", "处理请求时显存就增加，最后进程被杀掉。")

    assert [each.number for each in alike(asked, OTHERS)] == [3]


def test_a_common_template_makes_no_two_issues_alike() -> None:
    filled = {number: sketch(f"word{number} thing{number}", TEMPLATE.format(f"text {number}")) for number in range(40)}
    asked = sketch("quite another matter altogether", TEMPLATE.format("of which nobody has heard"))

    assert alike(asked, filled) == ()


def test_what_says_next_to_nothing_is_like_nothing() -> None:
    assert alike(sketch("help", ""), {1: sketch("help", "")}) == ()


def test_no_more_than_three_are_named_the_likest_first() -> None:
    same = {number: sketch("Support streaming in the chat endpoint", "x " * number) for number in range(1, 9)}
    found = alike(sketch("Support streaming in the chat endpoint", ""), same)

    assert len(found) == MOST
    assert [each.likeness for each in found] == sorted((each.likeness for each in found), reverse=True)


@given(st.text(), st.text(), st.lists(st.text(), max_size=4))
def test_any_texts_can_be_compared_and_likeness_is_a_part_of_one(title: str, body: str, others: list[str]) -> None:
    found = alike(sketch(title, body), {number: sketch(each, body) for number, each in enumerate(others)})

    assert all(LEAST <= each.likeness <= 1.000001 for each in found)
