"""What of a comment is a command, and what never is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policies.commands import VERBS, Command, TooMany, Unknown, parse
from bot.policies.commands.grammar import MAX_BODY, MAX_COMMANDS
from tests.limits import at_most


def run(body: str) -> list[tuple[str, ...]]:
    """Return the commands of a comment as lists of words."""
    parsed = parse(body)
    assert isinstance(parsed, tuple)
    return [(each.verb, *each.arguments) for each in parsed if isinstance(each, Command)]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("/why", ("why",)),
        ("@reeve why", ("why",)),
        ("@Reeve\tWHY", ("why",)),
        ("   /why", ("why",)),
        ("/WHY  \t", ("why",)),
        ("/label  +a \t -b", ("label", "+a", "-b")),
        ('/label +"good first issue"', ("label", "+good first issue")),
        ('/override coverage reason="two words" x', ("override", "coverage", "reason=two words", "x")),
        ('/override reason=""', ("override", "reason=")),
        ('/override reason="open', ("override", 'reason="open')),
        ('/override reason="a"b', ("override", 'reason="a"b')),
        ("/bench tp=8", ("benchmark", "tp=8")),
        ("/bench ?", ("help", "benchmark")),
        ("/label `+a`", ("label", "`+a`")),
        ("/hold <b>x</b>", ("hold", "<b>x</b>")),
    ],
)
def test_a_line_is_read_as_words(body: str, words: tuple[str, ...]) -> None:
    assert run(body) == [words]


@pytest.mark.parametrize(
    "body",
    [
        "Thanks!\n/why",
        "Thanks!  \n/why",
        "Thanks!\\\n/why",
        "Thanks!\r\n/why\r\n",
        "> quoted\n\n/why",
        "- item\n\n/why",
        "```\ncode\n```\n/why",
        "`code` and **bold**\n/why",
        "**bold\nlines**\n/why",
        "<!-- note -->\n\n/why",
        "text <!-- note -->\n/why",
        "text<br>\n/why",
        "<details><summary>log</summary>\n\ntext\n\n</details>\n\n/why",
        "<details>\n<p>log\n</details>\n\n/why",
        "<div>a < b</div>\n\n/why",
        "text <b>bold</b>\n/why",
        "text <b\n/why\n>",
        "> <details>\n\n/why",
        "> # quoted\n/why",
        "text </i>\n/why",
        "text <!x\n/why",
        "[^1]: note\n\n    more\n\n/why",
        "[a]: /url\n/why",
        "# Heading\n/why",
        "| a |\n|---|\n| b |\n\n/why",
        "/why\n\n/tmp/a is a path",
        "/usr/bin/python fails\n\n/why",
        "@reeve\n/why",
    ],
)
def test_a_command_stands_on_a_line_of_its_own_anywhere_in_plain_sight(body: str) -> None:
    assert run(body) == [("why",)]


HIDDEN = [
    "```\n{}\n```", "~~~sh\n{}\n~~~", "```\n{}", "> {}", "> a\n{}", "- {}", "- a\n{}", "1. {}", "1. a\n\n   {}",
    "* a\n  {}",
    "    {}", "\t{}", "a\n\n    {}", "a\n    {}", "`{}`", "`a\n{}\nb`", "a `b\n{}`", "<!-- {} -->", "<!--\n{}\n-->",
    "a <!--\n{}\n-->", "<details>\n\n{}\n\n</details>", "a <details>\n\n{}\n\n</details>", "<details>\n\n{}",
    "<details><summary>a</summary>\n\n- b\n\n{}\n\n</details>", "<details>\n\n| a |\n|---|\n| </details> |\n\n{}",
    "<details><table></details>\n\n{}", "<b><details></b>\n\n{}", "<div>\n{}\n</div>", "<p>\n{}\n</p>",
    "<span>\n{}\n</span>", "a <span>\n{}\n</span>", "a <span title='\n{}\n'>", "<!-- --> <!--\n\n{}\n\n-->",
    "a <!-- x -- <details> -->\n\n{}", "a <!--> <details> -->\n\n{}", "<!-- a --!> <details> -->\n\n{}",
    "a <? <b> ?>\n{}",
    "a <!X <details>\n\n{}", '<div a="<\n\n{}', "<div></ x>\n\n{}", "<div><?\n\n{}", "<pre>\n{}\n</pre>",
    "<script>\n{}\n</script>", "<style>\n\n{}\n\n</style>",
    "# {}", "{}\n===", "{}\n---", "| {} |\n|---|", "|a|\n|---|\n{}", "[{}](http://a.example)", "[a\n{}\nb](/c)",
    "![a\n{}\nb](/c)", "[a](/b '\n{}\n')", "[a]: /b '\n{}\n'", "[^1]: {}", "[^1]: a\n{}", "a\n[^1]: b\n{}",
    "[^1]: a\n\n    b\n{}", "**{}**", "**a\n{}\nb**", "~~a\n{}\nb~~", "\\{}", "a {}", "a\r{}", "\u00a0{}",
    "\u200b{}", "\u3000{}",
    "\ufeff{}", "\u202e{}", "a\u2028{}", "a\x0b{}", "a\x85{}", "&#8203;{}", "\u00a0\n<!--\n{}\n-->",
    "<!-- a -->\r<!--\n{}\n-->",
    "\u00a0\na <!--\n{}\n-->\nb",
]  # fmt: skip


@pytest.mark.parametrize("wrapper", HIDDEN)
@pytest.mark.parametrize("command", ["/release cut v1.2.0", "@reeve release cut v1.2.0"])
def test_what_is_wrapped_or_hidden_is_never_a_command(wrapper: str, command: str) -> None:
    assert parse(wrapper.replace("{}", command)) == ()


@pytest.mark.parametrize(
    "body", ["", "/", "@reeve", "@reeve ", "@reeves why", "@reeve[bot] why", "／why", "\\/why", "&#47;why"]
)
def test_what_only_resembles_a_command_is_nothing(body: str) -> None:
    assert parse(body) == ()


def test_a_lone_carriage_return_ends_a_command_and_begins_none() -> None:
    assert run("/why\r/hold\n/label +a") == [("why",), ("label", "+a")]


def test_a_command_knows_its_line() -> None:
    assert parse("Hello\n\n/why\r\n/hold") == (Command("why", (), 3), Command("hold", (), 4))


@pytest.mark.parametrize(
    ("body", "verb", "suggestion", "is_for_reeve"),
    [
        ("/deploy", "deploy", None, False),
        ("/relese cut", "relese", None, False),
        ("//why", "/why", None, False),
        ("/release;id", "release;id", None, False),
        ("@reeve relese cut", "relese", "release", True),
        ("@reeve bensh", "bensh", "benchmark", True),
        ("@reeve /why", "/why", "why", True),
        ("@reeve 你好", "你好", None, True),
        ("@reeve \u200b", "\u200b", None, True),
        ("/rele\u0430se cut v1", "rele\u0430se", "release", True),
        ("/release\u00a0cut v1", "release\u00a0cut", "release", True),
        ("/rel\u200bease cut v1", "rel\u200bease", "release", True),
        ("/ｗｈｙ", "ｗｈｙ", "why", True),
        ("/\u212aind bug", "\u212aind", "kind", True),
        ("/分类 缺陷", "分类", None, False),
        ("@reeve " + "x" * 100, "x" * 40, None, True),
    ],
)
def test_an_unknown_verb_is_for_reeve_if_it_is_spoken_to_or_imitated(
    body: str, verb: str, suggestion: str | None, *, is_for_reeve: bool
) -> None:
    assert parse(body) == (Unknown(verb, suggestion, 1, is_for_reeve),)


def test_other_bots_verbs_are_passed_over_beside_our_own() -> None:
    assert parse("/deploy\n/why\n/lgtm") == (Command("why", (), 2),)


def test_five_commands_count_and_six_are_none() -> None:
    assert len(run("/why\n" * MAX_COMMANDS)) == MAX_COMMANDS
    assert parse("/why\n" * (MAX_COMMANDS + 1)) == TooMany(MAX_COMMANDS + 1)
    assert parse("@reeve wy\n" * (MAX_COMMANDS + 1)) == TooMany(MAX_COMMANDS + 1)


def test_any_number_of_other_bots_verbs_is_no_flood() -> None:
    assert parse("/lgtm\n" * 100) == (Unknown("lgtm", None, 1, is_for_reeve=False),)
    assert run("/lgtm\n" * 100 + "/why") == [("why",)]


def test_a_text_longer_than_any_comment_holds_no_command() -> None:
    assert run("/why\n" + "x" * (MAX_BODY - 5)) == [("why",)]
    assert parse("/why\n" + "x" * (MAX_BODY - 4)) == ()


@pytest.mark.parametrize(
    "unit",
    [
        "[", "![", "![*", "`", "`a``b", "*a **a ", "_a ", "<", "<a ", "a <!--", "\n**\n> <!--", "a <!--a--->",
        "a <?", "a <![CDATA[",
        "a <!X", "<a b='", "<a b=c ", "<div>\n\n", "<details>\n", "</a>", "> ", "- ", "- - ", "1. ", "\n", "\r",
        "\t", "a\n", "/x\n",
        "/why\n", "@reeve x\n", "|a|\n|-|\n", "[a]:\n", "[a]: b '\n", "[^1]: a\n", "[^1]: a\n\n", "~~a ", "\\",
        "\\\n", "&", "&#",
        '[a](b "', "=\n", '/why x"', 'x="', "@reeve \u0430", "<!---->\n", "a\n\n",
    ],
)  # fmt: skip
def test_hostile_text_takes_no_longer_than_plain_text(unit: str) -> None:
    body = ("/label " + unit * MAX_BODY)[:MAX_BODY]
    with at_most(60):
        assert isinstance(parse(body), tuple | TooMany)


TEXTS = st.text() | st.lists(
    st.sampled_from(
        ["/why", "@reeve ", "/label +a", "\n", "\n\n", "\r", " ", "    ", "> ", "- ", "```", "`", "<!--", "-->"]
    )
    | st.sampled_from(
        ["<details>", "</details>", "<b>", "[^1]: ", "|a|\n|-|\n", "**", "\\", '"', "\u200b", "\u00a0", "x="]
    ),
    max_size=30,
).map("".join)


@given(TEXTS)
def test_every_text_is_read_the_same_way_each_time(body: str) -> None:
    parsed = parse(body)
    assert parsed == parse(body)
    assert isinstance(parsed, TooMany) or len(parsed) <= MAX_COMMANDS


@given(TEXTS)
def test_every_command_is_a_verb_of_ours_typed_as_such_on_its_line(body: str) -> None:
    parsed = parse(body)
    for each in parsed if isinstance(parsed, tuple) else ():
        line = body.replace("\r\n", "\n").replace("\r", "\n").split("\n")[each.line - 1].lstrip(" ")
        assert line.startswith(("/", "@"))
        if isinstance(each, Command):
            assert each.verb in {verb.name for verb in VERBS}
            assert line.split()[0].isascii()


LINES = st.lists(st.sampled_from(["/why", "/hold", "@reeve why", "text", "", "/label +a", "# a", "- b"]), max_size=6)


@given(LINES)
def test_nothing_in_a_quote_is_a_command(lines: list[str]) -> None:
    assert parse("\n".join(f"> {line}" for line in lines)) == ()


@given(LINES, st.sampled_from(["```", "~~~~"]))
def test_nothing_in_a_fence_is_a_command(lines: list[str], fence: str) -> None:
    assert parse("\n".join([fence, *lines, fence])) == ()


@given(LINES, st.sampled_from(["details", "div", "span", "table", "blockquote", "x-y"]))
def test_nothing_in_an_html_element_is_a_command(lines: list[str], tag: str) -> None:
    assert parse("\n".join([f"<{tag}>", "", *lines, "", f"</{tag}>"])) == ()


@given(LINES)
def test_nothing_in_a_list_item_is_a_command(lines: list[str]) -> None:
    assert parse("\n".join(["- item", *(f"  {line}" for line in lines)])) == ()


@given(st.sampled_from([verb.name for verb in VERBS]), st.data(), st.characters(min_codepoint=128))
def test_one_sign_that_is_not_ascii_makes_a_verb_another(name: str, data: st.DataObject, sign: str) -> None:
    at = data.draw(st.integers(0, len(name)))
    for typed in (name[:at] + sign + name[at:], name[:at] + sign + name[at + 1 :]):
        assert run(f"/{typed}") == []
