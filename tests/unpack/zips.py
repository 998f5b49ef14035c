"""Zips as an honest program makes them, and with one thing about them forged."""

import io
import struct
import zipfile
from collections.abc import Mapping

CENTRAL, LOCAL, END = b"PK\1\2", b"PK\3\4", b"PK\5\6"


def zipped(files: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return an honest zip."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def forged(archive: bytes, *, record: bytes, offset: int, layout: str, value: int) -> bytes:
    """Return the archive with one field of its (last) record of this kind replaced."""
    at = archive.rfind(record) + offset
    return archive[:at] + struct.pack(layout, value) + archive[at + struct.calcsize(layout) :]
