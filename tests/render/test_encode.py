"""Text from outside shows as itself and does nothing."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.model.verdicts import Message
from bot.render import LANGUAGES, Words
from bot.render.encode import MAX_TEXT, code, plain
from tests.render.samples import MESSAGES, poisoned

WORDS = Words()
MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
JOINER = "\u200d"

# What GitHub looks for in the text once it is rendered.
ACTIVE = re.compile(
    r"@[a-z0-9]|(?<![\w])#\d|\bgh-\d|https?://|ftp://|\bwww\.|[\w.+-]+@[\w-]|(?<![0-9a-z])[0-9a-f]{7,40}(?![0-9a-z])",
    re.IGNORECASE,
)

HOSTILE = [
    "@everyone", "hi @acme/admins", "a@b.com", "#123", "acme/model#1", "GH-12", "[x](http://a.b)", "![x](http://a.b)",
    "<img src=x onerror=y>", "<!-- reeve:status -->", "</details>", "http://a.b", "www.a.b", "**b**", "__b__", "~~b~~",
    "`code`", "``", "`", "```\nfence\n```", "# heading", "- item", "+ item", "* item", "1. item", "12) item", "> quote",
    "---", "===", ":--", "| a | b |\n| - | - |", "a\n\nb", "a\n---\nb", "[x]: http://a.b", "[^1]", "&lt;b&gt;", "&amp;",
    "\\", "\\[x](y)", "$x$", "javascript:alert(1)", "<http://a.b>", "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef",
    "\u202eabc", "\u200b@x", "@\u200bx", "a\u2028# b", "\ud800", "\x00", "    code", "\t# x", "{{ x }}", "x" * 5000,
    "mailto:a@b.c", "＠everyone", "`@x` @y", "a`b @c", "</p><h1>x", "=\n=", "_a_", "1) x", "^x^", "~x~", "\\`@x`",
]  # fmt: skip


def tokens(text: str) -> Iterator[Token]:
    """Yield all tokens of a text as CommonMark, the inline ones included."""
    for token in MARKDOWN.parse(text):
        yield token
        yield from token.children or ()


def spoken(text: str) -> str:
    """Return what is shown outside code spans, where GitHub looks for mentions and references."""
    return "\n".join(token.content for token in tokens(text) if token.type == "text")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_prose_is_one_paragraph_of_text(text: str) -> None:
    kinds = {token.type for token in tokens(plain(text))}
    assert kinds <= {"paragraph_open", "inline", "text", "text_special", "paragraph_close"}
    assert not ACTIVE.search(spoken(plain(text)))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_code_is_one_code_span(text: str) -> None:
    found = list(tokens(f"a {code(text)} b"))
    assert [token.type for token in found] == [
        "paragraph_open", "inline", "text", "code_inline", "text", "paragraph_close",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Crash on load", "Crash on load"),
        ("a\nb\t c", "a b c"),
        ("1.5", "1.5"),
        ("1. x", "1\\. x"),
        ("7.", "7\\."),
        ("Hi! (f)", "Hi! (f)"),
        ("加载失败", "加载失败"),
        ("a_b*c", "a\\_b\\*c"),
        ("<b>&", "&lt;b&gt;&amp;"),
        ("@you", f"@{JOINER}you"),
        ("#1", f"\\#{JOINER}1"),
        ("see http://a.b", f"see http:{JOINER}//a.b"),
        ("www.a.b", f"www{JOINER}.a.b"),
        ("GH-1", f"GH-{JOINER}1"),
        ("- x", "\\- x"),
        ("2) x", "2\\) x"),
        ("\u202ea\u200bb\x07", "ab"),
        ("x" * 400, "x" * (MAX_TEXT - 1) + "…"),
    ],
)
def test_prose_is_escaped_no_more_than_needed(text: str, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("bug", "`bug`"),
        ("a`b", "``a`b``"),
        ("`a`", "`` `a` ``"),
        ("a``b`c", "```a``b`c```"),
        ("a\nb", "`a b`"),
        ("", "`\u00a0`"),
        ("@x <b>", "`@x <b>`"),
    ],
)
def test_code_has_a_fence_longer_than_any_in_it(text: str, shown: str) -> None:
    assert code(text) == shown


def structure(text: str) -> list[tuple[str, str]]:
    """Return the kinds of all tokens that are more than text."""
    return [(token.type, token.tag) for token in tokens(text) if not token.type.startswith("text")]


FRAGMENTS = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=12), max_size=6).map("".join)


@given(FRAGMENTS.filter(plain), st.sampled_from(sorted(MESSAGES)), st.sampled_from(LANGUAGES))
def test_no_text_changes_the_structure_of_a_comment(text: str, name: str, language: str) -> None:
    harmless = WORDS.comment([poisoned(MESSAGES[name], "words")], language)
    hostile = WORDS.comment([poisoned(MESSAGES[name], text)], language)
    assert structure(hostile) == structure(harmless)
    assert not ACTIVE.search(spoken(hostile))


@given(FRAGMENTS)
def test_no_text_becomes_anything_but_text(text: str) -> None:
    kinds = {token.type for token in tokens(f"{plain(text)} and {code(text)}")}
    assert kinds <= {"paragraph_open", "inline", "text", "text_special", "code_inline", "paragraph_close"}


def test_a_hostile_message_names_no_one() -> None:
    message = poisoned(Message("triage/unclear", MESSAGES["unclear-question"].data), "@everyone")
    assert "@everyone" not in WORDS.comment([message], "en").replace("`@everyone`", "")
