"""Arrays in the binary form in which PostgreSQL takes them: a batch of rows is one array for each column.

The driver's own way of putting them together costs a row six times as much; it decides type by type and value by value.
The form is that of `array_recv`: dimensions, whether there are nulls, the type's number, length and first index, then
each value after its length in bytes.
"""

import struct
from collections.abc import Sequence

#: PostgreSQL's numbers of the types.
_BYTEA, _BIGINT, _TEXT = 17, 20, 25


def integers(values: Sequence[int]) -> bytes:
    """Return a `bigint[]`; raise `struct.error` for a number beyond 64 bits."""
    sized = [part for value in values for part in (8, value)]
    return struct.pack(f"!5i{'iq' * len(values)}", 1, 0, _BIGINT, len(values), 1, *sized)


def texts(values: Sequence[str]) -> bytes:
    """Return a `text[]`."""
    return _strings(_TEXT, [value.encode() for value in values])


def blobs(values: Sequence[bytes]) -> bytes:
    """Return a `bytea[]`."""
    return _strings(_BYTEA, values)


def _strings(kind: int, values: Sequence[bytes]) -> bytes:
    head = struct.pack("!5i", 1, 0, kind, len(values), 1)
    return b"".join([head, *(part for value in values for part in (len(value).to_bytes(4), value))])
