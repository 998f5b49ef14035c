"""The code of a repository as an installation may read it: git's address for it, and a token for nothing else."""

from collections.abc import Collection
from urllib.parse import urlsplit

from bot.github.client import Client
from bot.github.git import Clone, compare
from bot.github.git import texts as read_texts
from bot.github.tokens import Scope
from bot.model.changes import Comparison, Interest, Puzzle, Unclear, Wish
from bot.model.subjects import Repository

_API_HOST, _API_PATH = "api.", "/api/v3"


def compared(client: Client, repository: Repository, wish: Wish, interest: Interest) -> Comparison | Unclear:
    """Return what a wish changes; a token that git is refused with is tried anew once, for it may have died early."""
    found = _compared(client, repository, wish, interest)
    if isinstance(found, Unclear) and found.puzzle is Puzzle.NO_ACCESS:
        client.forget_token(repository, Scope.CODE)
        return _compared(client, repository, wish, interest)
    return found


def _compared(client: Client, repository: Repository, wish: Wish, interest: Interest) -> Comparison | Unclear:
    with Clone.at(address(client.base_url, repository), client.token(repository, Scope.CODE)) as clone:
        return compare(clone, wish, interest)


def texts(client: Client, repository: Repository, commit: str, paths: Collection[str]) -> dict[str, bytes]:
    """Return these files as they are in a commit; raise `TooLarge`, `Gone` or `Refused` where they cannot be had."""
    with Clone.at(address(client.base_url, repository), client.token(repository, Scope.CODE)) as clone:
        return read_texts(clone, commit, paths)


def address(api: str, repository: Repository) -> str:
    """Return git's address of a repository: beside the API on GitHub's own host, before its path on an Enterprise's."""
    parts = urlsplit(api)
    host = parts.netloc.removeprefix(_API_HOST)
    path = parts.path.rstrip("/").removesuffix(_API_PATH)
    return f"{parts.scheme}://{host}{path}/{repository.full_name}.git"
