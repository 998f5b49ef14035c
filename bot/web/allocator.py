"""The C library's allocator, told to give back at once what large bodies took."""

import ctypes
from contextlib import suppress

#: `M_MMAP_THRESHOLD` of glibc's malloc.h.
_MMAP_THRESHOLD = -3

#: Allocations from this size on (bytes) get pages of their own: those grow without a copy, and are gone when freed.
LARGE = 1 << 20


def keep_large_ones_apart() -> None:
    """Fix the size from which glibc maps memory.

    By itself glibc raises it, up to 32 MiB, to that of the largest body that was freed. From then on bodies grow among
    small things: each growth copies, so that one body is there twice, and what is freed stays with the process.
    Other C libraries have no such setting and need none.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, LARGE)
