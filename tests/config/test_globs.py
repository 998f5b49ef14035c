"""Patterns for paths: what they mean, what is refused, and that none takes long."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import globs
from bot.config.mistakes import Unusable
from tests.limits import at_most


@pytest.mark.parametrize(
    ("pattern", "path", "is_meant"),
    [
        ("*.py", "model.py", True),
        ("*.py", "src/deep/model.py", True),
        ("*.py", "model.pyc", False),
        ("README", "docs/README", True),
        ("README", "README/x", False),
        ("src/*.py", "src/model.py", True),
        ("src/*.py", "src/deep/model.py", False),
        ("src/*.py", "other/src/model.py", False),
        ("src/**", "src/deep/er/model.py", True),
        ("src/**", "src", True),
        ("src/", "src/deep/model.py", True),
        ("src/", "srcs/model.py", False),
        ("**/kernels/**", "kernels/a.cu", True),
        ("**/kernels/**", "x/y/kernels/z/a.cu", True),
        ("**/kernels/**", "x/kernel/a.cu", False),
        ("**/*.cu", "a.cu", True),
        ("**/*.cu", "a/b.cu", True),
        ("a/**/b/*.py", "a/b/c.py", True),
        ("a/**/b/*.py", "a/x/y/b/c.py", True),
        ("a/**/b/*.py", "a/x/y/c.py", False),
        ("v?.txt", "v1.txt", True),
        ("v?.txt", "v12.txt", False),
        ("src/[1].py", "src/[1].py", True),
        ("文档/*.md", "文档/说明.md", True),
        ("a b/*", "a b/c d", True),
    ],
)
def test_a_pattern_means_these_paths(pattern: str, path: str, *, is_meant: bool) -> None:
    assert globs.check(pattern) == pattern
    assert globs.matches(pattern, path) is is_meant


@pytest.mark.parametrize(
    "pattern",
    ["", " a", "a ", "/a", "a//b", "../a", "a/./b", "a\\b", "a\nb", "x" * 201, "/".join("a" * 21), "\u202e", "/"],
)
def test_what_is_no_pattern_for_paths_is_refused(pattern: str) -> None:
    with pytest.raises(Unusable) as caught:
        globs.check(pattern)
    assert caught.value.code == "glob"


def test_the_first_pattern_that_means_a_path_is_named() -> None:
    assert globs.first(("docs/**", "*.py", "**"), "src/a.py") == "*.py"
    assert globs.first(("docs/**",), "src/a.py") is None


@given(st.text("ab*?", max_size=8), st.text("ab*?", max_size=8))
def test_wildcards_are_what_regular_expressions_make_of_them(pattern: str, text: str) -> None:
    translated = "".join({"*": ".*", "?": "."}.get(each, re.escape(each)) for each in pattern)
    assert globs.wildcard(pattern, text) is bool(re.fullmatch(translated, text))


_steps = st.sampled_from(["a", "b", "*", "a*"])
_pattern = st.lists(st.one_of(_steps, st.just("**")), min_size=2, max_size=5)


@given(_pattern, st.lists(st.sampled_from(["a", "b", "ab"]), min_size=1, max_size=5))
def test_paths_are_matched_as_regular_expressions_would(steps: list[str], path: list[str]) -> None:
    translated = "".join(
        "(?:[^/]+/)*" if each == "**" else each.replace("*", "[^/]*").replace("b", "b") + "/" for each in steps
    )
    found = globs.matches("/".join(steps), "/".join(path))
    assert found is bool(re.fullmatch(translated, "/".join(path) + "/"))


def test_no_pattern_takes_long() -> None:
    with at_most(20):
        assert not globs.wildcard("*a" * 100 + "b", "a" * 4_000)
        assert not globs.matches("/".join(["**"] * 19 + ["b"]), "/".join("a" * 2_000))
