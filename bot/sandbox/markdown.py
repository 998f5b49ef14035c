"""Comments as GitHub would show them: CommonMark with hard breaks, and of HTML only the folded details."""

import re

from markdown_it import MarkdownIt

_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_FOLD = re.compile(r"&lt;(/?(?:details|summary))&gt;(?:<br />)?")


def to_html(text: str) -> str:
    """Return safe HTML: markup of the text's own is escaped, only `details` and `summary` come through, bare."""
    shown = _markdown.render(_COMMENT.sub("", text))
    # A fold's tags arrive as escaped text inside paragraphs; as tags they must not stand inside one.
    folded = _FOLD.sub(r"<\1>", str(shown))
    return re.sub(r"<p>(</?details>(?:\s*<summary>.*?</summary>)?)\s*</p>", r"\1", folded, flags=re.DOTALL)
