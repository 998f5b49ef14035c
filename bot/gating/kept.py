"""What was read of a head, in the form in which it is kept: small, and read again without trust in its age."""

import zlib
from collections.abc import Mapping

import msgspec
from msgspec import Struct

from bot.model.changes import ChangedPath, Comparison, Step
from bot.reports.diff import FileDiff
from bot.reports.handed import Answer
from bot.reports.source import Statements

_ANSWERS: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)


class Compared(Struct, frozen=True):
    """What a head changes as one commit tested it: git's word on it, read, and what its sources hold.

    `bent` are changed settings by which figures could be bent, of those that hold other settings too.
    """

    base_sha: str
    sha: str
    changed: tuple[ChangedPath, ...]
    diff: tuple[FileDiff, ...]
    bent: frozenset[str]
    tree: frozenset[str]
    steps: tuple[Step, ...]
    change: str
    statements: dict[str, Statements] = {}
    has_digests: bool = False


def packed(answer: Answer) -> bytes:
    """Return what was read of an artifact, to be kept."""
    return zlib.compress(msgspec.msgpack.encode(answer), 6)


def unpacked(content: bytes) -> Answer:
    """Return what was kept of an artifact."""
    return _ANSWERS.decode(zlib.decompress(content))


def packed_comparison(compared: Compared) -> bytes:
    """Return what git said, to be kept."""
    return zlib.compress(msgspec.msgpack.encode(compared), 6)


def unpacked_comparison(content: bytes) -> Compared:
    """Return what git said."""
    return msgspec.msgpack.decode(zlib.decompress(content), type=Compared)


def compared(found: Comparison, diff: tuple[FileDiff, ...], bent: frozenset[str]) -> Compared:
    """Return a comparison in the form in which it is kept; the sources are not, only what they hold."""
    return Compared(found.base_sha, found.sha, found.changed, diff, bent, found.listing, found.steps, found.identity)


def with_statements(found: Compared, statements: Mapping[str, Statements], *, has_digests: bool) -> Compared:
    """Return a comparison that knows more sources."""
    return msgspec.structs.replace(
        found, statements={**found.statements, **statements}, has_digests=has_digests or found.has_digests
    )
