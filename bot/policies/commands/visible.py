"""Which lines of a comment stand there in plain sight: in a paragraph of their own, outside any wrapping.

Parsed as CommonMark with GitHub's tables, strikethrough and footnotes. Four rules of the parser are our own: a line
break says where it is in the source, a footnote hides what belongs to it, inline HTML is found in linear time, and a
text made to have its quotes read again and again is given up.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from bot.policies.commands.enclosure import TAG, Enclosure

_NEWLINE = re.compile(r"(\r\n|\n|\r)")
_FOOTNOTE = re.compile(r"\[\^[^\]\s]+\]:")
#: How a construct of inline HTML that is no tag starts and ends, the longest start first.
_OTHER_HTML = (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"), ("<!", ">"))


#: How often a line after a quote may be tried as belonging to it. The parser comes back to the same lines where a block
#: in the quote ends early, in quadratic time: only hostile texts get here.
_MAX_TRIALS = 5_000


class _Hostile(Exception):
    """The text costs more to parse than any comment that a person writes."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it was typed, and its number, counted from 1."""

    number: int
    text: str


def lines(body: str) -> Iterator[Line]:
    """Yield the lines that everybody sees as text; one that begins after a lone carriage return is not one."""
    pieces = _NEWLINE.split(body)
    source, ends = pieces[::2], pieces[1::2]
    for number, text in _paragraph_lines(_tokens(body)):
        is_whole = number == 0 or ends[number - 1] != "\r"
        # The parser trims paragraphs of more than spaces; where that shifts the lines, nothing is certain.
        if is_whole and source[number].strip() == text.strip():
            yield Line(number + 1, source[number])


def _tokens(body: str) -> Sequence[Token]:
    try:
        return _MARKDOWN.parse(body)
    except _Hostile:
        return ()


def _paragraph_lines(tokens: Sequence[Token]) -> Iterator[tuple[int, str]]:
    enclosure = Enclosure()
    before = ""
    for token in tokens:
        if token.type == "inline":
            is_top = before == "paragraph_open" and token.level == 1
            for number, text in _visible(token, enclosure):
                if is_top:
                    yield number, text
        elif token.type == "html_block":
            enclosure.read(token.content)
        elif token.tag in {"blockquote", "ol", "ul", "li", "table", "tr", "td", "th"}:
            (enclosure.enter if token.nesting > 0 else enclosure.leave)(token.tag)
        before = token.type


def _visible(token: Token, enclosure: Enclosure) -> Iterator[tuple[int, str]]:
    """Yield those lines of a paragraph that begin outside emphasis, links, code and HTML."""
    first = token.map[0] if token.map else 0
    rows = token.content.split("\n")
    if enclosure.is_outside:
        yield first, rows[0]
    depth = 0
    for child in token.children or ():
        depth += child.nesting
        if child.type == "html_inline":
            enclosure.read(child.content)
            enclosure.is_doubtful |= _is_disputed(child.content)
        elif child.type == "softbreak" and depth == 0 and enclosure.is_outside:
            yield first + child.meta["row"], rows[child.meta["row"]]


def _is_disputed(html: str) -> bool:
    """Say whether this is HTML by CommonMark 0.31 but perhaps not by 0.29, which GitHub follows."""
    if html.startswith("<!--"):
        inner = html[4:-3]
        return "--" in inner or inner.startswith((">", "->")) or inner.endswith("-")
    return html.startswith(("<!", "<?"))


def _line_break(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  the parser's own signature
    """Read the end of a line, hard or soft, and note the number of the row that begins there."""
    end = state.pos + state.src.startswith("\\\n", state.pos)
    if not state.src.startswith("\n", end):
        return False
    if not silent:
        state.push("softbreak", "br", 0).meta = {"row": _row_starts(state.src)[end + 1]}
    state.pos = end + 1
    return True


@lru_cache(maxsize=2)
def _row_starts(source: str) -> dict[int, int]:
    return {match.end(): row for row, match in enumerate(re.finditer("\n", source), start=1)}


def _inline_html(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  the parser's own signature
    """Read a tag, comment, instruction, declaration or CDATA section."""
    end = _html_end(state.src, state.pos) if state.src[state.pos] == "<" else 0
    if end and not silent:
        state.push("html_inline", "", 0).content = state.src[state.pos : end]
    state.pos = end or state.pos
    return bool(end)


def _html_end(source: str, position: int) -> int:
    """Return where the construct ends, or 0; each closing mark is searched for once where there is none."""
    for start, close in _OTHER_HTML:
        if source.startswith(start, position):
            is_there = _last(source, close) >= position + 2
            return source.index(close, position + 2) + len(close) if is_there else 0
    tag = TAG.match(source, position)
    return tag.end() if tag else 0


@lru_cache(maxsize=8)
def _last(source: str, mark: str) -> int:
    return source.rfind(mark)


def _footnote(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001  the parser's own signature
    """Pass over a footnote: up to the first line that follows an empty one and is not indented."""
    if state.is_code_block(start) or not _FOOTNOTE.match(state.src, state.bMarks[start] + state.tShift[start]):
        return False
    if not silent:
        state.line = next((row for row in range(start + 1, end) if _begins_afresh(state, row)), end)
    return True


def _begins_afresh(state: StateBlock, row: int) -> bool:
    return state.isEmpty(row - 1) and not state.isEmpty(row) and state.tShift[row] == 0


def _count_trial(state: StateBlock, *_: object) -> bool:
    """Match nothing; count how often the parser asks whether a line ends a quote."""
    trials = state.env["trials"] = state.env.get("trials", 0) + 1
    if trials > _MAX_TRIALS:
        raise _Hostile
    return False


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    parser.inline.ruler.at("newline", _line_break)
    parser.inline.ruler.at("html_inline", _inline_html)
    parser.block.ruler.before("reference", "footnote", _footnote, {"alt": ["paragraph", "reference", "blockquote"]})
    parser.block.ruler.push("trial", _count_trial, {"alt": ["blockquote"]})
    return parser


_MARKDOWN = _parser()
