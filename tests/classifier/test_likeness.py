"""Issues that read alike are found, whatever stands around them; others are not."""

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.classifier.likeness import LEAST, MOST, WORDS, alike, sketch

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


def test_chinese_issues_about_other_things_are_not_alike() -> None:
    asked = sketch("多卡推理时显存分配失败", "启动时就报错，一张卡没有问题。")

    assert alike(asked, OTHERS) == ()


def test_a_common_template_makes_no_two_issues_alike() -> None:
    filled = {number: sketch(f"word{number} thing{number}", TEMPLATE.format(f"text {number}")) for number in range(40)}
    asked = sketch("quite another matter altogether", TEMPLATE.format("of which nobody has heard"))

    assert alike(asked, filled) == ()


def test_what_differs_from_report_to_report_makes_no_difference() -> None:
    log = "Traceback of {}\n```\nRuntimeError: illegal access at {} in {}engine.py, line {}\n```"
    one = sketch("Worker dies with illegal access", log.format("v0.4.1", "0x7f3a9c", "/home/ada/venv/lib/", 20481))
    other = sketch("Worker dies with illegal access", log.format("v0.5.0.post2", "0x55d01e", "C:\\py\\lib\\", 77312))

    assert one == other


def test_the_same_error_message_counts_wherever_it_stands() -> None:
    message = "AssertionError: tensor parallel group is already initialized"
    asked = sketch("Second engine in one process", f"It stops.\n\n{message}\n")
    others = {
        1: sketch("Starting two engines fails", f"I start it twice.\n```\n{message}\n```"),
        2: sketch("Starting two engines fails", "I start it twice."),
    }

    with_it, without = (alike(asked, {number: each}, least=0)[0].likeness for number, each in others.items())
    assert with_it > 1.5 * without


def test_a_word_of_the_title_counts_for_more_than_one_below() -> None:
    asked = sketch("Speculative decoding hangs", "After some minutes.")
    others = {
        1: sketch("Speculative decoding stalls", "It waits."),
        2: sketch("It waits", "Speculative decoding stalls"),
    }

    assert [each.number for each in alike(asked, others, least=0)] == [1, 2]


def test_what_stands_before_a_colon_in_a_title_is_read_too() -> None:
    known = {1: sketch("KeyError when loading a GPTQ checkpoint", "")}

    assert [each.number for each in alike(sketch("Loading a GPTQ checkpoint: KeyError", ""), known)] == [1]


@pytest.mark.parametrize("title", ["Typo in the docs", "It does not work", "文档有错字"])
def test_words_that_every_issue_may_have_are_not_enough(title: str) -> None:
    others = {number: sketch(f"{title} of module{number}", f"see page{number}") for number in range(60)}

    assert alike(sketch(title, ""), others) == ()


def test_a_sketch_of_an_earlier_format_and_a_broken_one_are_passed_over() -> None:
    title, body = "Loading a GPTQ checkpoint fails with a KeyError", "gate_up_proj.weight is missing"
    earlier = array("H", [2, 17, 4711, 17, 99, 4711]).tobytes()
    known = {1: earlier, 2: b"", 3: b"\x02", 4: sketch(title, body)}

    assert [each.number for each in alike(sketch(title, body), known)] == [4]
    assert alike(earlier, known) == ()


def test_a_sketch_stays_small_whatever_was_pasted() -> None:
    words = " ".join(f"word{number}x" for number in range(5000))

    assert len(sketch(words[:250], f"{words}\n```\n{words}\n```\nerror: {words}")) <= 2 + 3 * WORDS


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
