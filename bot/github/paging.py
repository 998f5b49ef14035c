"""Lists that come in pages, read to the end."""

from collections.abc import Callable, Iterator

from bot.github.transport import Answer, Request

#: GitHub's most.
PER_PAGE = 100


def pages(send: Callable[[Request], Answer], request: Request) -> Iterator[Answer]:
    """Give one page after the other by GitHub's own links, each asked for when it is wanted."""
    following: Request | None = request
    while following is not None:
        answer = send(following)
        yield answer
        address = _next_page(answer)
        following = Request("GET", address) if address else None


def _next_page(answer: Answer) -> str | None:
    """Return the address of the page after this one, from the `Link` header; None after the last."""
    for link in answer.headers.get("link", "").split(","):
        address, _, relation = link.partition(";")
        if 'rel="next"' in relation:
            return address.strip().strip("<>")
    return None
