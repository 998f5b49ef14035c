"""coverage.py's static parser: it agrees with what ran, and survives whatever it is given."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reports import coverage, statements
from bot.reports.statements import read
from tests.reports.coverage_samples import DATA


@pytest.mark.parametrize("name", ["cart", "labels"])
def test_the_statements_are_those_that_coverage_reports(name: str) -> None:
    """The reports are of an older version, which excludes less by default: its `TYPE_CHECKING` block is a statement."""
    source = (DATA / f"{name}.py.txt").read_bytes()
    report = coverage.parse([(DATA / "7.6.1.xml").read_bytes()], name="x")
    reported = next(file.statements() for file in report.files if file.path == f"shop/{name}.py")

    found = read(source)

    assert found.statements == reported - found.excluded
    assert reported <= found.code


def test_a_source_is_read_in_its_own_encoding() -> None:
    assert read("# coding: latin-1\nx = 'é'\n".encode("latin-1")).statements == {2}
    assert read("\ufeffx = 1\n".encode()).statements == {1}
    assert read(b"x = 1\r\ny = 2\r\n").statements == {1, 2}
    assert read(b"x = 1\ry = 2").statements == {1, 2}


def test_lines_without_code_are_told_apart() -> None:
    found = read(b'"""Doc."""\n\n# note\nx = (\n    1,\n\n)\n')

    assert found.statements == {4}
    assert found.code == {1, 4, 5, 7}


@pytest.mark.parametrize(
    ("source", "added", "newly"),
    [
        (b"def f():  # pragma: no cover\n    return 1\n", {1}, {1, 2}),
        (b"def f():  # pragma: no cover\n    return 1\n", {2}, set()),
        (b"def f():  # pragma: no cover\n    return 1\n", set(), set()),
        (b"x = (1,\n  2)  # pragma: no cover\n", {2}, {1}),
        (b"# pragma: no cover\nx = 1\n", {1}, set()),
        (b"x = 1  # pragma:no cover\ny = 2\n", {1, 2}, {1}),
    ],
)
def test_what_new_pragmas_take_out_of_the_count_is_counted_whole(
    source: bytes, added: set[int], newly: set[int]
) -> None:
    found = read(source, added=added)

    assert found.newly_excluded == newly
    assert not found.statements & found.newly_excluded


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (b"def f(:\n", "invalid syntax"),
        (b"print 'x'\n", "Missing parentheses"),
        (b"x = 1\0", "null bytes"),
        (b"# coding: klingon\n", "encoding"),
        (b"\n\n\nx = '\xff'\n", "utf-8"),
        (b"(" * 300, "nested"),
        (b"-" * 300_000 + b"1", "nested too deeply"),
        (b"x = 1\n" * 400_000, "larger than 2 MiB"),
        (b"if x:\n\ty\n        z\n", "inconsistent"),
        (b"'''", "unterminated"),
    ],
    ids=["syntax", "python-2", "null", "coding", "bytes", "brackets", "minuses", "large", "tabs", "open"],
)
def test_a_source_that_cannot_be_parsed_says_why(source: bytes, problem: str) -> None:
    found = read(source)

    assert problem in found.problem
    assert not found.statements


@given(st.binary(max_size=60) | st.text(st.sampled_from("xyz=:()[]#'\"\\\n\t defif1,"), max_size=40).map(str.encode))
def test_no_source_raises(source: bytes) -> None:
    found = read(source, added={1, 2}, with_digests=True)

    assert found.statements <= found.code
    assert len(found.digests) % 16 == 0


def test_the_checksum_of_a_line_with_a_form_feed_is_coverage_pys() -> None:
    """It reads a form feed as a space: by https://github.com/nedbat/coveragepy, `get_python_source`."""
    line = hashlib.md5(b"    pass ", usedforsecurity=False).digest()

    assert read(b"def f():\n    pass\x0c\n    return 1\n", with_digests=True).digests[16:32] == line


def test_our_own_sources_are_parsed_and_make_no_noise(recwarn: pytest.WarningsRecorder) -> None:
    found = read(Path(statements.__file__).read_bytes())

    assert len(found.statements) > 30
    assert read(b"x = '\\d'\n").statements == {1}
    assert not recwarn.list
