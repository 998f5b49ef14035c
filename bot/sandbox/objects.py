"""Git's own objects: what a commit, its trees and its files are called by git, and the bytes that those names are of.

Source: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal["blob", "tree", "commit", "tag"]

_FILE, _FOLDER = b"100644", b"40000"


@dataclass(frozen=True, slots=True)
class GitObject:
    """One object: its kind and its content."""

    kind: Kind
    content: bytes

    @property
    def raw(self) -> bytes:
        """The bytes that git hashes and stores."""
        return b"%s %d\0" % (self.kind.encode(), len(self.content)) + self.content

    @property
    def sha(self) -> str:
        """Git's name for the object."""
        return hashlib.sha1(self.raw, usedforsecurity=False).hexdigest()


def tree_sha(files: Mapping[str, bytes]) -> str:
    """Return git's own name for a folder with these files."""
    return list(tree_objects(files))[-1].sha


def tree_objects(files: Mapping[str, bytes]) -> Iterator[GitObject]:
    """Give the files and folders of a tree, what is inside first and the whole last."""
    entries: list[tuple[bytes, bytes, str]] = []
    for name, inside in sorted(_by_name(files).items()):
        made = [GitObject("blob", inside)] if isinstance(inside, bytes) else list(tree_objects(inside))
        yield from made
        mode = _FILE if isinstance(inside, bytes) else _FOLDER
        entries.append((name.encode(), mode, made[-1].sha))
    entries.sort(key=lambda entry: entry[0] + (b"/" if entry[1] == _FOLDER else b""))
    yield GitObject("tree", b"".join(b"%s %s\0%s" % (mode, name, bytes.fromhex(sha)) for name, mode, sha in entries))


def commit_object(*, tree: str, parents: tuple[str, ...], who: str, at: datetime, message: str) -> GitObject:
    """Return a commit; `who` is a login."""
    person = f"{who} <{who}@example.org> {int(at.timestamp())} +0000"
    lines = [f"tree {tree}", *(f"parent {each}" for each in parents), f"author {person}", f"committer {person}"]
    return GitObject("commit", ("\n".join(lines) + f"\n\n{message}\n").encode())


def _by_name(files: Mapping[str, bytes]) -> dict[str, bytes | dict[str, bytes]]:
    """Return what lies directly in a folder: contents of files, and the files of each folder."""
    found: dict[str, bytes | dict[str, bytes]] = {}
    for path, content in files.items():
        name, _, rest = path.partition("/")
        inside = found.setdefault(name, {} if rest else content)
        if rest and isinstance(inside, dict):
            inside[rest] = content
    return found
