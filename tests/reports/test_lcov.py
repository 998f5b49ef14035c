"""LCOV: records one by one, checksums kept, sums compared, and nothing that is no record let in."""

import base64
import hashlib

import pytest

from bot.reports import lcov
from bot.reports.measured import BadReport, Count, CoverageReport, Flaw, unpack
from bot.reports.statements import digest
from tests.reports.coverage_samples import DATA, SMALL, as_lcov

PLAIN = as_lcov(SMALL).decode()


def read(report: str | bytes, *, branches: bool = True) -> CoverageReport:
    """Parse a report that is in one piece."""
    return lcov.parse([report.encode() if isinstance(report, str) else report], branches=branches)


def flaw(report: str | bytes, *, branches: bool = True) -> Flaw:
    """Return why a report is refused."""
    with pytest.raises(BadReport) as refused:
        read(report, branches=branches)
    return refused.value.flaw


def replaced(old: str, new: str) -> str:
    """Return the small report with one piece replaced."""
    assert old in PLAIN
    return PLAIN.replace(old, new, 1)


def checksum(line: str) -> str:
    """Return the MD5 of a line as LCOV has it."""
    return base64.b64encode(hashlib.md5(line.encode(), usedforsecurity=False).digest()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("report", "why"),
    [
        (replaced("DA:1,1", "DA:1,-1"), Flaw.OUT_OF_RANGE),
        (replaced("DA:1,1", "DA:1,1.5"), Flaw.OUT_OF_RANGE),
        (replaced("DA:1,1", "DA:1,NaN"), Flaw.OUT_OF_RANGE),
        (replaced("DA:1,1", "DA:0,1"), Flaw.OUT_OF_RANGE),
        (replaced("DA:1,1", "DA:9999999,1"), Flaw.OUT_OF_RANGE),
        (replaced("DA:1,1", "DA:5,1"), Flaw.DUPLICATE),
        (replaced("DA:1,1", "DA:2,1"), Flaw.DUPLICATE),
        (replaced("DA:1,1", "DA:1,1,short"), Flaw.OUT_OF_RANGE),
        (replaced("DA:1,1", "DB:1,1"), Flaw.MALFORMED),
        (replaced("LF:3", "LF:4"), Flaw.CONTRADICTION),
        (replaced("LH:2", "LH:3"), Flaw.CONTRADICTION),
        (replaced("LH:2", "LH:1"), Flaw.CONTRADICTION),
        (replaced("LH:2", "LH:two"), Flaw.OUT_OF_RANGE),
        (replaced("BRF:2", "BRF:3"), Flaw.CONTRADICTION),
        (replaced("BRH:1", "BRH:2"), Flaw.CONTRADICTION),
        (replaced("SF:bot/b.py", "SF:bot/a.py"), Flaw.DUPLICATE),
        (replaced("SF:bot/b.py", "SF:/bot/b.py"), Flaw.OUTSIDE),
        (replaced("SF:bot/b.py", "SF:../b.py"), Flaw.OUTSIDE),
        (replaced("SF:bot/b.py", "SF:"), Flaw.MALFORMED),
        (replaced("SF:bot/b.py", "hello"), Flaw.MALFORMED),
        (PLAIN.removesuffix("end_of_record\n"), Flaw.MALFORMED),
        (PLAIN + "DA:1,1\n", Flaw.MALFORMED),
        (replaced("SF:bot/b.py", "SF:\udcff").encode("utf-8", "surrogateescape"), Flaw.MALFORMED),
    ],
)
def test_a_report_that_cannot_be_is_refused(report: str | bytes, why: Flaw) -> None:
    assert flaw(report) == why


@pytest.mark.parametrize(
    "report",
    [
        PLAIN.replace("\n", "\r\n"),
        PLAIN.removesuffix("\n"),
        "# made by hand\n" + PLAIN,
        PLAIN.replace("SF:", "TN:unit\nSF:"),
        PLAIN + "\nTN:\n",
        replaced("DA:1,1", "DA:1,01"),
        replaced("LF:3\nLH:2\n", ""),
    ],
)
def test_another_way_to_write_the_same_is_read_alike(report: str) -> None:
    assert read(report).files == read(PLAIN).files


def test_two_tests_of_one_file_are_united() -> None:
    one = "TN:one\nSF:a.py\nDA:1,1\nDA:2,0\nBRDA:1,0,a,1\nBRDA:1,0,b,0\nend_of_record\n"
    other = "TN:two\nSF:a.py\nDA:1,0\nDA:2,3\nBRDA:1,0,a,-\nBRDA:1,0,b,7\nend_of_record\n"

    (file,) = read(one + other).files

    assert file.count == Count(2, 2)
    assert unpack(file.branches)[1].missing == frozenset()


def test_a_file_comes_once_in_a_test() -> None:
    record = "TN:one\nSF:a.py\nDA:1,1\nend_of_record\n"

    assert flaw(record + record) == Flaw.DUPLICATE
    assert flaw(record + record.removeprefix("TN:one\n")) == Flaw.DUPLICATE


def test_checksums_are_kept_if_every_line_has_one() -> None:
    lines = ["x = 1", "y = 2"]
    whole = f"SF:a.py\nDA:1,1,{checksum(lines[0])}\nDA:2,0,{checksum(lines[1])}==\nend_of_record\n"
    half = f"SF:a.py\nDA:1,1,{checksum(lines[0])}\nDA:2,0\nend_of_record\n"

    assert read(whole).files[0].checksums == digest("\n".join(lines))
    assert read(half).files[0].checksums == b""


def test_the_checksums_that_coverage_writes_are_those_of_the_source() -> None:
    source = (DATA / "cart.py.txt").read_text(encoding="utf-8")
    cart = next(file for file in read((DATA / "7.6.1.lcov").read_bytes(), branches=False).files if "cart" in file.path)

    digests = digest(source)
    wanted = b"".join(digests[16 * (line - 1) : 16 * line] for line in sorted(cart.statements()))
    assert cart.checksums == wanted


def test_lines_that_old_versions_list_beyond_the_statements_do_not_count() -> None:
    cart = read((DATA / "7.6.1.lcov").read_bytes(), branches=False).files[1]

    assert (cart.surplus, cart.count) == (2, Count(14, 21))


def test_the_branches_of_old_versions_contradict_their_sum_and_are_refused() -> None:
    assert flaw((DATA / "7.6.1.lcov").read_bytes()) == Flaw.CONTRADICTION


def test_a_record_that_does_not_end_is_given_up() -> None:
    with pytest.raises(BadReport) as refused:
        lcov.parse((b"x" * 65536 for _ in range(lcov.MAX_RECORD // 65536 + 2)), branches=False)
    assert refused.value.flaw == Flaw.TOO_LARGE
