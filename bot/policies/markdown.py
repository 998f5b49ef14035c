"""What a person wrote in an issue, without code, quotes, hidden comments and unfilled template text."""

import re
from collections.abc import Iterator

#: GitHub stores no longer body; what comes after is not looked at.
MAX_BODY = 65_536

_COMMENT_OPEN, _COMMENT_CLOSE = "<!--", "-->"
_FENCE = re.compile(r" {0,3}(?:> ?)?(`{3,}|~{3,})")
_ATX_HEADING = re.compile(r" {0,3}#{1,6}[ \t]+(\S.*)")
_BOLD_HEADING = re.compile(r" {0,3}\*\*([^*]+)\*\*[ \t]*[::]?[ \t]*")
_UNFILLED = frozenset({"_no response_", "no response", "n/a", "none", "_未填写_", "_无_"})
_CHECKBOX = re.compile(r"\s*[-*+] \[[ xX]\]")


def lines(body: str) -> Iterator[str]:
    """Yield the lines outside code blocks and HTML comments."""
    fence = ""
    for line in _without_comments(body[:MAX_BODY]).splitlines():
        mark = _FENCE.match(line)
        if not fence and mark:
            fence = mark[1]
        elif not fence:
            yield line
        elif mark and mark[1].startswith(fence) and not line[mark.end() :].strip():
            fence = ""


def headings(body: str) -> Iterator[str]:
    """Yield the text of each heading: `### Steps to reproduce`, or a line that is bold as a whole."""
    for line in lines(body):
        if text := _heading(line):
            yield text


def prose(body: str) -> Iterator[str]:
    """Yield the lines that a person wrote: no headings, quotes, check lists or fields left empty."""
    for line in lines(body):
        is_template = _heading(line) or _CHECKBOX.match(line) or line.strip().casefold() in _UNFILLED
        if not is_template and not line.lstrip().startswith(">"):
            yield line


def _heading(line: str) -> str:
    match = _ATX_HEADING.match(line) or _BOLD_HEADING.fullmatch(line)
    return match[1].strip().rstrip("#").strip() if match else ""


def _without_comments(text: str) -> str:
    """Cut HTML comments out; one that is never closed reaches to the end, as on GitHub."""
    kept = []
    position = 0
    while (start := text.find(_COMMENT_OPEN, position)) >= 0:
        kept.append(text[position:start])
        end = text.find(_COMMENT_CLOSE, start + len(_COMMENT_OPEN))
        position = end + len(_COMMENT_CLOSE) if end >= 0 else len(text)
    return "".join(kept) + text[position:]
