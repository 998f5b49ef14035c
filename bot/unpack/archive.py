"""One file out of a zip, in pieces, never written to disk and never believed: every size is counted while inflating.

Read by hand rather than with `zipfile`, which trusts the declared number of entries, and whose messages name no reason.
Layout: APPNOTE.TXT 6.3.10, sections 4.3 and 4.4.
"""

import stat
import struct
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.model.errors import ReeveError

MAX_IN = 5 * 1024 * 1024
MAX_OUT = 50 * 1024 * 1024
MAX_ENTRIES = 200
MAX_RATIO = 100
MAX_NAME = 1_024

_END = struct.Struct("<4s4H2LH")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_LONGEST_COMMENT = 65_535
_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _IS_UTF_8 = 0x1, 0x800
_PIECE = 64 * 1024


class Flaw(StrEnum):
    """Why an archive is refused."""

    TOO_LARGE = "archive-too-large"
    TOO_MANY = "archive-too-many-entries"
    BOMB = "archive-bomb"
    BROKEN = "archive-broken"
    BAD_NAME = "archive-bad-name"
    NO_FILE = "archive-no-plain-file"
    TWICE = "archive-twice"
    MISSING = "archive-missing"


class BadArchive(ReeveError):
    """An archive that is not opened: what kind of flaw it has, and where exactly."""

    def __init__(self, flaw: Flaw, detail: str) -> None:
        """Keep both; the detail may hold a name from the archive, shortened."""
        super().__init__(f"{flaw}: {detail}")
        self.flaw = flaw
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, as the archive's own list declares it."""

    name: str
    method: int
    checksum: int
    packed: int
    size: int
    at: int


def opened(archive: bytes, names: Collection[str]) -> Iterator[bytes]:
    """Give the one file of an archive that has one of these names, piece by piece; raise `BadArchive`.

    The whole list is judged before the first byte is inflated: one bad entry makes the whole archive bad. That a file
    ends as it was declared is known only with its last piece.
    """
    entries = listed(archive)
    found = [each for each in entries if each.name in names]
    if len(found) != 1:
        wanted = " or ".join(sorted(names))
        raise BadArchive(Flaw.MISSING, f"it holds {len(found) or 'no'} file named {wanted}")
    yield from _inflated(archive, found[0])


def listed(archive: bytes) -> list[Entry]:
    """Return the entries that are files; raise `BadArchive` for a list that cannot be believed."""
    if len(archive) > MAX_IN:
        raise BadArchive(Flaw.TOO_LARGE, f"it has {len(archive)} bytes, more than {MAX_IN}")
    count, start, end = _ends(archive)
    entries, at = [], start
    for _ in range(count):
        entry, at = _central(archive, at, end)
        entries.append(entry)
    if at != end:
        raise _broken("its list has another length than it says")
    _check_together(entries, start)
    return [each for each in entries if not each.name.endswith("/")]


def _ends(archive: bytes) -> tuple[int, int, int]:
    """Return how many entries there are, and where their list begins and ends."""
    at = archive.rfind(b"PK\5\6", max(0, len(archive) - _END.size - _LONGEST_COMMENT))
    if at < 0 or at + _END.size > len(archive):
        raise _broken("it is no zip, or its end is missing")
    _, disk, first_disk, here, count, size, start, comment = _END.unpack_from(archive, at)
    if at + _END.size + comment != len(archive) or disk or first_disk or here != count:
        raise _broken("its end is not that of one whole zip")
    if count > MAX_ENTRIES:
        raise BadArchive(Flaw.TOO_MANY, f"it has {count} entries, more than {MAX_ENTRIES}")
    if start + size != at:  # also where the true numbers stand in a zip64 record, which so small an archive never needs
        raise _broken("its list is not where it says")
    return count, start, at


def _central(archive: bytes, at: int, end: int) -> tuple[Entry, int]:
    if at + _CENTRAL.size > end:
        raise _broken("its list is cut short")
    fields = _CENTRAL.unpack_from(archive, at)
    magic, _, _, flags, method, _, _, checksum, packed, size, name_size, extra, comment, _, _, mode, offset = fields
    name_at = at + _CENTRAL.size
    following = name_at + name_size + extra + comment
    if magic != b"PK\1\2" or following > end:
        raise _broken("its list holds something else")
    name = _name(archive[name_at : name_at + name_size], is_utf_8=bool(flags & _IS_UTF_8))
    if flags & _ENCRYPTED or method not in {_STORED, _DEFLATED}:
        raise BadArchive(Flaw.NO_FILE, f"{_shown(name)} is encrypted, or packed in another way than by deflating")
    if stat.S_IFMT(mode >> 16) not in {0, stat.S_IFREG, stat.S_IFDIR} or (name.endswith("/") and size):
        raise BadArchive(Flaw.NO_FILE, f"{_shown(name)} is a link, or something else that is no plain file")
    return Entry(name, method, checksum, packed, size, offset), following


def _name(raw: bytes, *, is_utf_8: bool) -> str:
    """Return the name of an entry; refuse one that leads out of the archive, or looks so to anybody."""
    try:
        name = raw.decode("utf-8" if is_utf_8 else "ascii")
    except UnicodeDecodeError:
        raise BadArchive(Flaw.BAD_NAME, "a name is not UTF-8") from None
    steps = name.removesuffix("/").split("/")
    is_odd = not name.isprintable() or "\\" in name or ":" in name or len(raw) > MAX_NAME
    if is_odd or any(step in {"", ".", ".."} for step in steps):
        raise BadArchive(Flaw.BAD_NAME, f"{_shown(name)} leads out of the archive, or is no plain name")
    return name


def _check_together(entries: list[Entry], end: int) -> None:
    """Refuse what no honest archive has: a name twice, parts that overlap, sizes that only a bomb declares."""
    if len({each.name.casefold() for each in entries}) != len(entries):
        raise BadArchive(Flaw.TWICE, "two entries have the same name")
    if sum(each.packed for each in entries) > end:
        raise _broken("its entries overlap")
    if sum(each.size for each in entries) > MAX_OUT:
        raise BadArchive(Flaw.BOMB, f"it would be more than {MAX_OUT} bytes when opened")
    if any(each.size > MAX_RATIO * max(each.packed, 1) for each in entries):
        raise BadArchive(Flaw.BOMB, f"it is packed more than {MAX_RATIO} to 1")


def _inflated(archive: bytes, entry: Entry) -> Iterator[bytes]:
    """Give the entry's bytes; what was declared must come out true to the byte."""
    start = _data_at(archive, entry)
    packed = memoryview(archive)[start : start + entry.packed]
    if len(packed) != entry.packed:
        raise _broken(f"{_shown(entry.name)} is cut short")
    pieces = _plain(packed) if entry.method == _STORED else _deflated(packed, entry)
    size, checksum = 0, 0
    for piece in pieces:
        size, checksum = size + len(piece), zlib.crc32(piece, checksum)
        if size > entry.size:
            raise BadArchive(Flaw.BOMB, f"{_shown(entry.name)} is larger than it says")
        yield piece
    if (size, checksum) != (entry.size, entry.checksum):
        raise _broken(f"{_shown(entry.name)} is not what its size and checksum say")


def _data_at(archive: bytes, entry: Entry) -> int:
    """Return where the entry's bytes begin; its own header must tell the same as the list."""
    if entry.at + _LOCAL.size > len(archive):
        raise _broken(f"{_shown(entry.name)} is not where it says")
    magic, _, _, method, _, _, _, _, _, name_size, extra = _LOCAL.unpack_from(archive, entry.at)
    name_at = entry.at + _LOCAL.size
    name = archive[name_at : name_at + name_size]
    if magic != b"PK\3\4" or method != entry.method or name != entry.name.encode():
        raise _broken(f"{_shown(entry.name)} is not where it says")
    return int(name_at + name_size + extra)


def _plain(packed: memoryview) -> Iterator[bytes]:
    for at in range(0, len(packed), _PIECE):
        yield bytes(packed[at : at + _PIECE])


def _deflated(packed: memoryview, entry: Entry) -> Iterator[bytes]:
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for waiting in _plain(packed):
            yield from _inflating(inflate, waiting)
        while not inflate.eof and (rest := inflate.decompress(b"", _PIECE)):
            yield rest
    except zlib.error:
        raise _broken(f"{_shown(entry.name)} cannot be inflated") from None
    if not inflate.eof or inflate.unused_data:
        raise _broken(f"{_shown(entry.name)} ends too early, or goes on after its end")


def _inflating(inflate: "zlib._Decompress", waiting: bytes) -> Iterator[bytes]:
    """Give what comes out of one piece, itself in pieces: a thousandfold does not fit into memory."""
    while waiting:
        yield inflate.decompress(waiting, _PIECE)
        waiting = inflate.unconsumed_tail


def _broken(detail: str) -> BadArchive:
    return BadArchive(Flaw.BROKEN, detail)


def _shown(name: str) -> str:
    """Return a name for a message: short, on one line."""
    return repr(name if len(name) <= 80 else name[:80])
