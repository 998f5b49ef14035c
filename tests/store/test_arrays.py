"""Arrays as PostgreSQL takes them: what is put in is what the server reads."""

import struct

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from bot.store.arrays import blobs, integers, texts

WHOLE = st.integers(-(1 << 63), (1 << 63) - 1)
TEXT = st.text(st.characters(categories=("L", "N", "P", "S", "Z")), max_size=20)
SETTINGS = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(engine: Engine, kind: str, array: bytes) -> list[object]:
    """Return what the server makes of it."""
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        result = driver.pgconn.exec_params(f"SELECT unnest($1::{kind}[])".encode(), [array], None, [1], 1)
        return [result.get_value(row, 0) for row in range(result.ntuples)]


@SETTINGS
@given(st.lists(WHOLE, min_size=1, max_size=5))
def test_numbers_arrive_as_they_are(postgres_engine: Engine, values: list[int]) -> None:
    assert read(postgres_engine, "bigint", integers(values)) == [struct.pack("!q", value) for value in values]


@SETTINGS
@given(st.lists(TEXT, min_size=1, max_size=5))
def test_texts_arrive_as_they_are(postgres_engine: Engine, values: list[str]) -> None:
    assert read(postgres_engine, "text", texts(values)) == [value.encode() for value in values]


@SETTINGS
@given(st.lists(st.binary(max_size=40), min_size=1, max_size=5))
def test_bytes_arrive_as_they_are(postgres_engine: Engine, values: list[bytes]) -> None:
    assert read(postgres_engine, "bytea", blobs(values)) == values


def test_a_number_beyond_64_bits_is_an_error_and_not_another_number() -> None:
    with pytest.raises(struct.error):
        integers([1 << 63])
