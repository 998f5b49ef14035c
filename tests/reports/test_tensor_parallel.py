"""A result of the suite is read whole or refused with the place that is wrong."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policies.release.suite import Expectation, Outcome, conclude
from bot.reports.tensor_parallel import Document, Unreadable, digest, encode, json_schema, parse
from tests.policies.release.documents import case, document


def test_what_was_written_is_read_again_with_its_digest() -> None:
    read = parse(encode(document()))

    assert read.digest == digest(document())
    assert msgspec.structs.replace(read, digest="") == document()
    assert encode(read) == encode(document())


def changed(**fields: Any) -> bytes:
    return json.dumps(json.loads(encode(document())) | {"digest": ""} | fields).encode()


BAD: list[tuple[str, bytes, str]] = [
    ("nothing", b"", "truncated"),
    ("no JSON", b"<xml>", "malformed"),
    ("another type", b"[]", "Expected `object`"),
    ("an unknown field", changed(verdict="pass"), "verdict"),
    ("another schema", changed(schema_version=2), "schema_version is 2; this reads 1"),
    ("another digest", changed(digest="0" * 64), "the digest does not fit"),
    ("no head", changed(sides={}), "there is no head"),
    ("a case twice", encode(document(case(), case())), "mlp/tiny/float32/2/step is there twice"),
    ("a peak of nothing", changed(ceilings=[{"name": "copy", "unit": "GB/s", "start": 0, "end": 1}]), "ceilings"),
    ("no ranks", encode(document(case(world=0))), "must be positive"),
    ("a launch twice", encode(document(case(launches=case().launches * 2))), "a launch is there twice"),
    ("a wrong case with a time", encode(document(case(status="incorrect"))), "has no timing"),
    ("a text in place of a number", changed(duration="long"), "$.duration"),
    ("not a number", encode(document()).replace(b"60.0", b"NaN"), "malformed"),
]


@pytest.mark.parametrize(("name", "data", "reason"), BAD, ids=[each[0] for each in BAD])
def test_a_bad_result_is_refused_and_says_where(name: str, data: bytes, reason: str) -> None:  # noqa: ARG001
    with pytest.raises(Unreadable) as refused:
        parse(data)

    assert reason in str(refused.value)


@pytest.mark.parametrize("samples", [(0.0,), (-1.0,), ()])
def test_a_launch_without_times_is_refused(samples: tuple[float, ...]) -> None:
    (launch, *rest) = case().launches
    bad = case(launches=(msgspec.structs.replace(launch, samples=samples), *rest))

    with pytest.raises(Unreadable, match="sample"):
        parse(encode(document(bad)))


def test_too_large_a_file_is_refused_unread() -> None:
    with pytest.raises(Unreadable, match="larger than"):
        parse(b" " * (16 * 1024 * 1024 + 1))


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_nothing_but_unreadable_is_ever_raised(data: bytes) -> None:
    with pytest.raises(Unreadable):
        parse(data)


def test_the_schema_names_every_field() -> None:
    text = json.dumps(json_schema())

    assert all(f'"{name}"' in text for name in Document.__struct_fields__)


def test_the_schema_in_the_documentation_is_the_one_that_is_read() -> None:
    stored = Path(__file__).parents[2] / "docs" / "schemas" / "tensor-parallel.json"

    assert json.loads(stored.read_text()) == json.loads(json.dumps(json_schema()))


def test_the_result_in_the_documentation_is_whole_and_passes() -> None:
    stored = Path(__file__).parents[2] / "docs" / "results" / "smoke-cpu.json"

    read = parse(stored.read_bytes())

    commit = read.sides["head"].commit
    assert conclude(read, Expectation(commit, commit, read.nonce, "smoke")).outcome is Outcome.PASS
