"""Which HTML elements are open at a point of a comment: a command inside one may be folded away or invisible.

GitHub renders raw HTML as a browser does, so the rules of interest are those of the HTML standard (section 13.2.6.4.7,
"in body"). They are followed only where they are simple. Whatever is not plainly nested is `is_doubtful`, from there
to the end of the comment.
"""

import re
from collections.abc import Iterator


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_VOID = _words("area base br col embed hr img input link meta source track wbr")
#: Whose end tag closes all that is open inside, as the standard says.
_CLOSES_ALL = _words(
    "address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer header"
    " hgroup main menu nav ol pre search section summary ul"
)
#: Inside these an end tag for something outside is ignored, or everything is read in another way.
_BARRIERS = _words(
    "applet caption html marquee object table tbody td template tfoot th thead tr select svg math button"
    " iframe noembed noframes noscript plaintext script style textarea title xmp"
)
_ATTRIBUTE = r"""[ \t\n]++[A-Za-z_:][\w:.-]*+(?>[ \t\n]*+=[ \t\n]*+(?>[^ \t\n"'=<>`]++|'[^']*+'|"[^"]*+"))?"""
#: A tag as CommonMark and the HTML standard both read it: section 6.6 of the former.
TAG = re.compile(rf"<(?>(/)([A-Za-z][A-Za-z0-9-]*+)|([A-Za-z][A-Za-z0-9-]*+)(?>{_ATTRIBUTE})*+)[ \t\n]*+/?>", re.ASCII)
_TEXT_AFTER = re.compile(r"[^A-Za-z/!?]|$")


class Enclosure:
    """The elements open so far, innermost last."""

    def __init__(self) -> None:
        """Start outside everything."""
        self._open: list[str] = []
        self.is_doubtful = False

    @property
    def is_outside(self) -> bool:
        """Say whether this point is plainly inside no element at all."""
        return not self._open and not self.is_doubtful

    def enter(self, tag: str) -> None:
        """Go into an element."""
        if tag not in _VOID:
            self._open.append(tag)

    def leave(self, tag: str) -> None:
        """Go out of an element; an end tag without a start is ignored."""
        if tag not in self._open:
            return
        at = len(self._open) - 1 - self._open[::-1].index(tag)
        inside = self._open[at + 1 :]
        if inside and (tag not in _CLOSES_ALL or not _BARRIERS.isdisjoint(inside)):
            self.is_doubtful = True
        del self._open[at:]

    def read(self, html: str) -> None:
        """Follow the tags of a piece of HTML."""
        for tag, is_end in self._tags(html):
            if is_end:
                self.leave(tag)
            else:
                self.enter(tag)

    def _tags(self, html: str) -> Iterator[tuple[str, bool]]:
        position = html.find("<")
        while position >= 0:
            tag = TAG.match(html, position)
            if tag:
                yield (tag[2] or tag[3]).lower(), bool(tag[1])
            end = tag.end() if tag else self._after_other(html, position)
            position = html.find("<", end)

    def _after_other(self, html: str, position: int) -> int:
        """Return where a comment or a lone `<` ends; what a browser might read in another way ends everything."""
        if _TEXT_AFTER.match(html, position + 1):
            return position + 1
        is_comment = html.startswith("<!--", position)
        end = html.find("-->", position + 2) if is_comment else html.find(">", position)
        is_plain = html[position + 1] in "!?" and end >= 0 and "--!>" not in html[position:end]
        if not is_plain:
            self.is_doubtful = True
            return len(html)
        return end + 1
