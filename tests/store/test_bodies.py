"""Bodies of deliveries: kept small, given back exactly, and readable however they were packed."""

import json

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from bot.store.bodies import packer, unpack
from tests.github.samples import recorded

pack = packer()


@given(st.binary(max_size=3_000))
def test_a_body_comes_back_exactly_as_it_was(body: bytes) -> None:
    assert unpack(pack(body)) == body


def test_a_body_that_was_packed_without_the_dictionary_is_still_read() -> None:
    assert unpack(zstandard.ZstdCompressor(level=-3).compress(b'{"action":"opened"}')) == b'{"action":"opened"}'


def test_a_packed_body_names_its_dictionary() -> None:
    # Rows outlive versions: who changes the dictionary keeps this one for them, under this number.
    assert zstandard.get_frame_parameters(pack(b"{}")).dict_id == 475_985_351


def test_a_body_of_another_dictionary_is_refused_and_not_misread() -> None:
    other = zstandard.train_dictionary(1_024, [b'{"number":%d,"text":"%d"}' % (n, n * n) for n in range(2_000)])
    packed = zstandard.ZstdCompressor(dict_data=other).compress(b'{"number":7,"text":"49"}')

    with pytest.raises(zstandard.ZstdError, match="Dictionary mismatch"):
        unpack(packed)


def test_deliveries_of_github_shrink_at_least_eightfold() -> None:
    texts = [json.loads(body) for event, body in recorded() if event == "issues"]
    bodies = [
        json.dumps(text, separators=(",", ":"), ensure_ascii=False).encode() for text in texts
    ]  # as they are sent

    assert sum(len(pack(body)) for body in bodies) * 8 < sum(map(len, bodies))
