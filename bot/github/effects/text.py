"""Texts as GitHub takes them and hands them back: within its limits, and compared without its habits."""

#: GitHub refuses a comment or an issue with more characters.
MAX_BODY = 65_536


def marked(body: str, marker: str) -> str:
    """Return the text with the hidden line at its end by which it is found again, cut to what GitHub takes."""
    end = f"\n\n{marker}"
    return body[: MAX_BODY - len(end)].rstrip() + end


def normal(body: str | None) -> str:
    """Return the text for a comparison: GitHub may hand it back with other line ends."""
    return (body or "").replace("\r\n", "\n").strip()


def cut(text: str, limit: int) -> str:
    """Return as much of the text as fits into so many bytes of UTF-8, whole characters only."""
    return text.encode()[:limit].decode(errors="ignore")
