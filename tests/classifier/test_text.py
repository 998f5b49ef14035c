"""An issue is taken apart: what a person wrote, what a template brought along, and what is code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.classifier.features import extract
from bot.classifier.text import BODY_WORDS, read, words

FORM = """\
<!-- Thanks for reporting! -->
### Describe the bug

A clear and concise description of what the bug is.

It **hangs** at step 7, see https://example.com/log

### Expected behavior

_No response_

- [x] I have searched

> quoted

```python
raise ValueError("no")
```
"""


def test_of_a_form_only_what_a_person_wrote_is_prose() -> None:
    found = read("[Bug]: it hangs", FORM)
    assert found.tags == ("bug",)
    assert found.title == "it hangs"
    assert found.headings == ("describe the bug", "expected behavior")
    assert found.prose.split() == ["it", "**hangs**", "at", "step", "7,", "see", "urlx"]
    assert "ValueError" in found.code
    assert {"code", "link", "boxes"} <= found.marks


@pytest.mark.parametrize(
    ("title", "tags", "rest"),
    [
        ("【功能请求】支持流式输出", ("功能请求",), "支持流式输出"),
        ("[Bug][GPU] crash", ("bug", "gpu"), "crash"),
        ("feat(api)!: streams", ("feat",), "streams"),
        ("docs：链接失效", ("docs",), "链接失效"),
        ("crash on load", (), "crash on load"),
        ("[BUG] <title>", ("bug", "title"), ""),
        ("Please provide a way out", (), "please provide a way out"),
        ("", (), ""),
    ],
)
def test_a_title_is_told_apart_from_its_tags(title: str, tags: tuple[str, ...], rest: str) -> None:
    found = read(title, "")
    assert (found.tags, found.title) == (tags, rest)


@pytest.mark.parametrize(
    ("body", "answers"),
    [
        ("### Issue type\n\nFeature Request\n\n### Version\n\n1.0", ("feature request",)),
        ("Type: <b>Bug</b>\n\nIt hangs.", ("bug",)),
        ("**Do you want to request a *feature* or report a *bug*?**\nA feature", ("a feature",)),
        ("- [ ] Bug report\n- [x] Question", ("question",)),
        ("- [X] I searched the documentation with the integrated search of this site.", ()),
        ("### 问题类型\n\n缺陷", ("缺陷",)),
        ("The type of the column is lost when I save it and nothing tells me so.", ()),
        ("", ()),
    ],
)
def test_what_was_chosen_where_a_form_asks_for_the_kind_is_its_answer(body: str, answers: tuple[str, ...]) -> None:
    assert read("x", body).answers == answers


def test_an_answer_that_names_a_kind_is_a_sign() -> None:
    assert "s=:question" in extract(read("x", "- [ ] Bug report\n- [x] Question"))["s"]


def test_numbers_are_alike_and_chinese_comes_in_runs() -> None:
    assert list(words("CUDA 12.1 报错了 why?")) == ["cuda", "0", "0", "报错了", "why", "?"]


def test_no_more_than_the_beginning_of_a_long_body_is_read() -> None:
    assert len(read("", "word " * 5000).prose_words) == BODY_WORDS


def test_a_fence_or_comment_that_is_never_closed_reaches_to_the_end() -> None:
    assert read("", "seen\n```\ncode").prose.split() == ["seen"]
    assert read("", "seen <!-- hidden").prose.split() == ["seen"]


def test_signs_are_told_with_where_they_stand() -> None:
    found = extract(
        read("[Bug] crash after upgrading", "程序报错 " + "x" * 300 + " traceback\n\n```\nValueError: x\n```")
    )
    assert {"s[:bug", "s^:bug.crash", "st:bug.crash", "st:bug.regression", "sh:bug.error"} <= set(found["s"])
    assert {"sb:bug.trace", "sc:bug.exception"} <= set(found["s"])


def test_a_form_is_a_sign_and_two_of_its_questions_are_another() -> None:
    found = extract(read("x", FORM))
    assert {"s#:bug", "s##:bug"} <= set(found["s"])
    assert "s##:bug" not in extract(read("x", "### Describe the bug\n\nx"))["s"]


def test_chinese_is_read_in_runs_of_up_to_three_characters() -> None:
    assert set(extract(read("不生效", ""))["t"]) == {"t不", "t不生", "t不生效", "t生", "t生效", "t效"}


@given(st.text(max_size=300), st.text(max_size=1000))
def test_no_text_cannot_be_read(title: str, body: str) -> None:
    assert set(extract(read(title, body))) == {"t", "b", "f", "s"}


@pytest.mark.parametrize("piece", ["![", "<img ", "# ", "**a", "```", "<!--", "> ", "\n", "[", " ", "- [ ] ", "不"])
def test_a_body_made_to_be_slow_is_read_like_any_other(piece: str) -> None:
    assert read(piece * 100, piece * 20_000).headings is not None


def test_half_a_pair_of_surrogates_does_no_harm() -> None:
    found = read("crash \ud800 on load", "it \udfff crashes")

    assert found.title_words == ("crash", "?", "on", "load")
    assert extract(found)["t"]
