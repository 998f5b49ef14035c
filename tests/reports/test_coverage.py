"""Every format says the same of the same measurement, however its bytes arrive, and nothing else is believed."""

import json
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reports import json_stream
from bot.reports.coverage import MAX_BYTES, BadReport, CoverageReport, Flaw, parse
from bot.reports.measured import COVERED, MISSED, Count, unpack
from tests.github.samples import shared_data
from tests.reports.coverage_samples import DATA, SMALL, Model, as_json, as_lcov, as_xml, models

WRITERS: list[Callable[[Model], bytes]] = [as_json, as_xml, as_lcov]
REPORTS = [write(SMALL) for write in WRITERS]
REAL = sorted(path.name for path in DATA.glob("7.*"))


def read(report: bytes, *, branches: bool = True) -> CoverageReport:
    """Parse a report that is in one piece."""
    return parse([report], name="report", branches=branches)


def flaw(report: bytes) -> Flaw:
    """Return why a report is refused."""
    with pytest.raises(BadReport) as refused:
        read(report)
    return refused.value.flaw


@given(models, st.sampled_from(WRITERS))
def test_a_report_says_what_was_measured(model: Model, write: Callable[[Model], bytes]) -> None:
    found = read(write(model))

    assert {file.path for file in found.files} == set(model)
    for file in found.files:
        wanted = model[file.path]
        assert [n for n, state in enumerate(file.lines) if state == COVERED] == wanted.covered
        assert [n for n, state in enumerate(file.lines) if state == MISSED] == wanted.missed
        branches = {line: (each.total, each.taken) for line, each in unpack(file.branches).items()}
        assert branches == {line: (len(ways), sum(ways.values())) for line, ways in wanted.branches.items()}


@given(models)
def test_the_formats_agree_also_on_which_branches_are_missing(model: Model) -> None:
    missing = [
        {
            (file.path, line): len(each.missing or ())
            for file in read(write(model)).files
            for line, each in unpack(file.branches).items()
        }
        for write in WRITERS
    ]

    assert missing[0] == missing[1] == missing[2]


@given(st.sampled_from(REPORTS), st.lists(st.integers(0, 3000), max_size=8))
def test_it_does_not_matter_where_the_pieces_end(report: bytes, cuts: list[int]) -> None:
    places = [0, *sorted(min(cut, len(report)) for cut in cuts), len(report)]

    assert parse([report[a:b] for a, b in pairwise(places)], name="r", branches=True) == read(report)


@pytest.mark.parametrize("report", REPORTS, ids=["json", "xml", "lcov"])
def test_a_report_may_come_byte_by_byte(report: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "_REFILL", 1)  # else so small a report is gathered first

    assert parse((bytes([each]) for each in report), name="r", branches=True) == read(report)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_refused_and_nothing_worse(report: bytes) -> None:
    with pytest.raises(BadReport):
        read(report)


@given(st.sampled_from(REPORTS), st.data())
def test_a_damaged_report_is_refused_or_read_and_nothing_worse(report: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(report) - 1))
    length = data.draw(st.integers(0, 20))
    damaged = report[:at] + data.draw(st.binary(max_size=6)) + report[at + length :]

    try:
        count = read(damaged).count
    except BadReport:
        return
    assert 0 <= count.covered <= count.total


@given(st.sampled_from(REPORTS), st.data())
def test_a_report_that_was_cut_short_is_refused(report: bytes, data: st.DataObject) -> None:
    end = data.draw(st.integers(0, len(report.rstrip()) - 1))

    # After a whole record nothing of LCOV is missing; the format has no end.
    if not report[:end].strip().endswith(b"end_of_record"):
        assert flaw(report[:end])


@given(models, st.sampled_from(WRITERS))
def test_a_report_can_be_passed_on_as_it_is(model: Model, write: Callable[[Model], bytes]) -> None:
    found = read(write(model))

    assert msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=CoverageReport) == found


def test_without_branches_there_are_none() -> None:
    for report in REPORTS:
        found = read(report, branches=False)
        assert not found.has_branches
        assert not any(file.branches for file in found.files)


@pytest.mark.parametrize("name", REAL)
def test_what_coverage_wrote_is_read_alike_in_every_format_and_version(name: str) -> None:
    found = parse([(DATA / name).read_bytes()], name=name)

    counts = {file.path: file.count for file in found.files}
    assert counts == {
        "shop/__init__.py": Count(0, 0),
        "shop/cart.py": Count(14, 21),
        "shop/labels.py": Count(4, 6),
    }
    assert found.unlisted == Count()


def test_the_formats_are_told_by_their_content() -> None:
    assert [read(report).format for report in REPORTS] == ["coverage.py JSON 3", "Cobertura", "LCOV"]
    assert read(b"\xef\xbb\xbf" + REPORTS[0]).format == "coverage.py JSON 3"
    assert read(b" \n\n" + REPORTS[1].partition(b"\n")[2]).format == "Cobertura"


@pytest.mark.parametrize("report", [b"", b" \n ", b'{"meta": {"format": 3}, "files": {}, "totals": ', b"\xef\xbb\xbf"])
def test_nothing_is_not_a_report(report: bytes) -> None:
    assert flaw(report) in {Flaw.EMPTY, Flaw.MALFORMED}


def test_a_report_larger_than_the_limit_is_refused_in_time_that_grows_with_it() -> None:
    blank = b" " * (1 << 20)

    with pytest.raises(BadReport) as refused:
        parse((blank for _ in range((MAX_BYTES >> 20) + 1)), name="r")
    assert refused.value.flaw == Flaw.TOO_LARGE


def test_what_measures_nothing_is_not_a_whole_coverage() -> None:
    for write in WRITERS:
        assert flaw(write({})) == Flaw.EMPTY


def test_a_foreign_format_is_named() -> None:
    assert flaw(b"mode: set\ngithub.com/x/y.go:1.1,2.2 1 1\n") == Flaw.UNKNOWN_FORMAT
    assert flaw(b"<report name='jacoco'/>") == Flaw.UNKNOWN_FORMAT
    assert flaw(b'<coverage generated="1" clover="4"><project timestamp="1"/></coverage>') == Flaw.UNKNOWN_FORMAT


def _artifacts() -> Iterator[tuple[Path, dict[str, Any]]]:
    folder = shared_data("security") / "artifacts"
    for line in (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        if not case["file"].endswith(".zip") and not case["file"].startswith("bench-"):
            yield folder / case["file"], case


def test_every_hostile_report_is_refused_and_every_other_one_read() -> None:
    refused, wanted = set(), set()
    for path, case in _artifacts():
        wanted |= {path.name} if case["verdict"] == "reject" else set()
        try:
            count = read(path.read_bytes(), branches=False).count
        except BadReport:
            refused.add(path.name)
        else:
            assert "percent" not in case or 100 * count.covered / count.total == case["percent"]

    assert refused == wanted
    assert len(refused) > 15


def test_what_is_blocked_in_the_corpus_is_below_the_minimum_to_the_last_digit() -> None:
    blocked = [read(path.read_bytes()).count for path, case in _artifacts() if case["verdict"] == "block"]

    assert blocked
    assert all(100 * count.covered < 80 * count.total for count in blocked)
