"""Text from outside -> Markdown that shows it and does nothing else: no mention, link, image, HTML or reference.

GitHub looks for mentions and references in the rendered text, so that escaping them is not enough: an invisible joiner
breaks them. Inside a code span it looks for none.
"""

import re
import unicodedata

#: The longest piece of text from outside that is shown.
MAX_TEXT = 300
_JOINER = "\u200d"

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
_ESCAPED = {sign: "\\" + sign for sign in "\\`*_[]#|~$"}
_SIGNS = str.maketrans(_ENTITIES | _ESCAPED)
# What GitHub turns into links by itself: mentions and mail, #1 and GH-1, addresses, and commits by their hex digits.
_REFERENCE = re.compile(
    r"(?<=[#@])|(?<=:)(?=//)|(?<=\bgh-)|(?<=\bwww)(?=\.)|(?<=[0-9a-f]{6})(?=[0-9a-f])",
    re.IGNORECASE,
)
_LINE_START = re.compile(r"^(?=[-+=:])|^\d+(?=[.)](?:\s|$))")
_ADDRESSEE = re.compile(r"[A-Za-z0-9](?:-?[A-Za-z0-9]){0,38}(?:/[A-Za-z0-9][A-Za-z0-9._-]{0,99})?")
_BACKTICKS = re.compile("`+")
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~-]{1,100}){0,12}/?")


class Markdown(str):
    """Markdown of our own making. Any other string that reaches a template is escaped."""

    __slots__ = ()


def plain(text: str) -> Markdown:
    """Return the text as a piece of prose: one line, shortened, nothing in it with a meaning."""
    broken = _REFERENCE.sub(_JOINER, _tidy(text)).translate(_SIGNS)
    return Markdown(_LINE_START.sub(lambda match: match[0] + "\\", broken))


def mention(name: str) -> Markdown:
    """Return a mention that calls a person or a team of the policy file; anything else is only shown."""
    return Markdown(f"@{name}") if _ADDRESSEE.fullmatch(name) else code(name)


def address(url: str) -> Markdown:
    """Return the address of a page of GitHub's as the target of a link; anything else leads nowhere."""
    return Markdown(url if _ADDRESS.fullmatch(url) else "#")


def code(text: str) -> Markdown:
    """Return the text as a code span whose fence is longer than any run of backticks in it."""
    shown = _tidy(text) or "\u00a0"
    fence = "`" * (max(map(len, _BACKTICKS.findall(shown)), default=0) + 1)
    pad = " " if shown[0] == "`" or shown[-1] == "`" else ""
    return Markdown(f"{fence}{pad}{shown}{pad}{fence}")


def _tidy(text: str) -> str:
    """Put the text on one line, drop what cannot be seen, and shorten it."""
    visible = "".join(each for each in text[: MAX_TEXT * 4] if each.isspace() or _is_visible(each))
    line = " ".join(visible.split())
    return line if len(line) <= MAX_TEXT else line[: MAX_TEXT - 1].rstrip() + "…"


def _is_visible(each: str) -> bool:
    """Refuse control, format (bidi, zero width), surrogate, private and unassigned characters."""
    return not unicodedata.category(each).startswith("C")
