"""Bold print is printed bold: CommonMark closes it in no place where a sign stands before it and a letter after."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from bot import resources

STORED = Path(__file__).parents[1] / "data" / "rendered"
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_RISKY = re.compile(r"(?:\| (?:moment|codes?|choice) \}\}|[）。」`])\*\*[\u3400-\u9fff\w]")
COMMENTS = sorted(path.relative_to(STORED).as_posix() for path in STORED.rglob("*.md"))


def left_over(text: str) -> Iterator[str]:
    """Yield each piece of plain text in which an asterisk is to be seen that was meant to make it bold."""
    for token in MARKDOWN.parse(text):
        for each in token.children or []:
            if each.type == "text" and "**" in each.content:
                yield each.content


@pytest.mark.parametrize("name", COMMENTS)
def test_no_asterisks_are_to_be_seen_in_a_comment(name: str) -> None:
    assert list(left_over((STORED / name).read_text(encoding="utf-8"))) == []


def test_in_chinese_no_letter_follows_bold_print_that_ends_with_a_sign() -> None:
    """A moment ends with a bracket, code with a backtick."""
    assert list(left_over("应在 **06:00（UTC）**之前")) != []
    assert list(left_over("应在 **06:00（UTC）**，")) == []
    templates = sorted((resources.templates() / "zh-CN").rglob("*.md*"))
    risky = [path.name for path in templates if _RISKY.search(path.read_text(encoding="utf-8"))]
    assert risky == []
