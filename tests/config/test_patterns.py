"""Patterns from a policy file: refused when they cannot be used, linear when they can."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import patterns
from bot.config.mistakes import Unusable
from tests.config.test_config import only_mistake
from tests.limits import at_most


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (r"(a)\1", "pattern reason=backreferences are not supported"),
        ("([", "unclosed character class"),
        ("(?=a)", "look-around, including look-ahead and look-behind, is not supported"),
        ("(?<!a)b", "look-around, including look-ahead and look-behind, is not supported"),
        ("a)(b", "unopened group"),
        ("*", "repetition operator missing expression"),
        ("(a{50}){50}", "pattern-repeats limit=50"),
        ("a{51}", "pattern-repeats limit=50"),
        ("a{2,}b{99}", "pattern-repeats limit=50"),
        ("a{" + "9" * 80 + "}", "pattern-repeats limit=50"),
        ("a" * 101, "pattern-length limit=100"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused_with_the_reason(pattern: str, reason: str) -> None:
    with pytest.raises(Unusable, match=re.escape(reason)):
        patterns.check(pattern)


def test_the_refusal_stands_at_the_pattern_in_the_file() -> None:
    text = "triage:\n  rules:\n    - title: '(a)\\1'\n      label: bug\n"
    expected = "3:14: triage.rules[0].title: is not a pattern that Reeve can use: backreferences are not supported"
    assert only_mistake(text) == expected


@pytest.mark.parametrize(
    ("pattern", "text", "is_found"),
    [
        ("crash", "It CRASHES", True),
        ("^crash", "a crash", False),
        ("(a+)+$", "aaaa", True),
        ("崩溃|闪退", "启动后闪退", True),
        (r"\bOOM\b", "oom on load", True),
        (r"\bOOM\b", "bloom", False),
        ("x{2,3}", "axxb", True),
        (r"a\{,\}", "a{,}", True),
        ("lone", "lone \ud800", True),
    ],
)
def test_a_pattern_is_searched_for_in_any_case(pattern: str, text: str, *, is_found: bool) -> None:
    assert patterns.is_found(patterns.check(pattern), text) is is_found


def test_nothing_after_the_longest_title_is_searched() -> None:
    assert not patterns.is_found("needle", "x" * 256 + "needle")


@pytest.mark.parametrize(
    ("pattern", "is_there"),
    [("(a+)+$", False), ("(a|aa)+$", False), ("(.*a){20}$", False), ("(a?){50}a", True), ("(x+x+)+y", False)],
)
def test_a_pattern_that_stops_other_engines_is_quick(
    pattern: str, monkeypatch: pytest.MonkeyPatch, *, is_there: bool
) -> None:
    monkeypatch.setattr(patterns, "MAX_TEXT", 50_000)
    checked = patterns.check(pattern)
    with at_most(20):  # the usual is below 0.05 s, where others take for ever
        assert patterns.is_found(checked, "a" * 49_999 + "!") is is_there


@given(st.text(max_size=40), st.text(max_size=60))
def test_any_pattern_is_refused_or_usable(pattern: str, text: str) -> None:
    try:
        checked = patterns.check(pattern)
    except Unusable:
        return
    assert patterns.is_found(checked, text) in {True, False}
