"""Bodies of deliveries as they are kept: compressed, and exactly what was signed.

GitHub's deliveries are alike: keys and addresses. A dictionary of those, `bodies.dict`, nearly halves what is kept.
Every packed body names its dictionary, so those that were packed without one are still read.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import zstandard

#: With the dictionary it takes no longer than the fast levels below it, and bodies shrink eightfold.
LEVEL = 1


def packer() -> Callable[[bytes], bytes]:
    """Return a function that packs bodies. It holds a state of its own: one thread at a time may call it."""
    return zstandard.ZstdCompressor(level=LEVEL, dict_data=_dictionary()).compress


def unpack(packed: bytes) -> bytes:
    """Return the body that was packed, with the dictionary or without one."""
    return zstandard.ZstdDecompressor(dict_data=_dictionary()).decompress(packed)


@cache
def _dictionary() -> zstandard.ZstdCompressionDict:
    dictionary = zstandard.ZstdCompressionDict(Path(__file__).with_name("bodies.dict").read_bytes())
    dictionary.precompute_compress(level=LEVEL)
    return dictionary
