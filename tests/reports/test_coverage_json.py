"""coverage.py's JSON: every way in which it can contradict itself is refused, by the kind of flaw."""

import json
from typing import Any

import pytest

from bot.reports import coverage_json
from bot.reports.json_stream import MAX_VALUE
from bot.reports.measured import MAX_LINE, BadReport, Count, CoverageReport, FileCoverage, Flaw, unpack
from tests.reports.coverage_samples import DATA, SMALL, Measured, as_json


def read(report: bytes | str, *, branches: bool = True) -> CoverageReport:
    """Parse a report that is in one piece."""
    return coverage_json.parse([report.encode() if isinstance(report, str) else report], branches=branches)


def flaw(report: bytes | str) -> Flaw:
    """Return why a report is refused."""
    with pytest.raises(BadReport) as refused:
        read(report)
    return refused.value.flaw


def changed(*path: str, to: Any) -> str:
    """Return the small report with one value replaced; the sums are left as they were."""
    report = json.loads(as_json(SMALL))
    inner = report
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = to
    return json.dumps(report)


A = ("files", "bot/a.py")


@pytest.mark.parametrize(
    ("report", "why"),
    [
        (changed("totals", "percent_covered", to=1e999), Flaw.OUT_OF_RANGE),
        (changed("totals", "percent_covered", to=float("nan")), Flaw.OUT_OF_RANGE),
        (changed("totals", "percent_covered", to=100.5), Flaw.OUT_OF_RANGE),
        (changed("totals", "percent_covered", to=-1), Flaw.OUT_OF_RANGE),
        (changed("totals", "percent_covered", to="85"), Flaw.MALFORMED),
        (changed("totals", "percent_covered", to=True), Flaw.MALFORMED),
        (changed("totals", "percent_covered", to=None), Flaw.MALFORMED),
        (changed("totals", "percent_covered", to=99.0), Flaw.CONTRADICTION),
        (changed("totals", "percent_statements_covered", to=99.0), Flaw.CONTRADICTION),
        (changed("totals", "percent_branches_covered", to=99.0), Flaw.CONTRADICTION),
        (changed("totals", "covered_lines", to=5), Flaw.CONTRADICTION),
        (changed("totals", "missing_lines", to=-1), Flaw.OUT_OF_RANGE),
        (changed("totals", to={"covered_lines": 3, "num_statements": 3, "missing_lines": 0}), Flaw.CONTRADICTION),
        (changed("totals", to=[]), Flaw.MALFORMED),
        (changed("meta", "format", to=4), Flaw.UNKNOWN_FORMAT),
        (changed("meta", to=7), Flaw.MALFORMED),
        (changed(*A, to={}), Flaw.MALFORMED),
        (changed(*A, "executed_lines", to=[1]), Flaw.CONTRADICTION),
        (changed(*A, "executed_lines", to=[1, 1]), Flaw.DUPLICATE),
        (changed(*A, "executed_lines", to=[1, 2]), Flaw.DUPLICATE),
        (changed(*A, "executed_lines", to=[1, -5]), Flaw.MALFORMED),
        (changed(*A, "executed_lines", to=[1, True]), Flaw.MALFORMED),
        (changed(*A, "executed_lines", to=[1, MAX_LINE + 1]), Flaw.OUT_OF_RANGE),
        (changed(*A, "missing_lines", to=[]), Flaw.CONTRADICTION),
        (changed(*A, "missing_lines", to=[0]), Flaw.OUT_OF_RANGE),
        (changed(*A, "excluded_lines", to=[2]), Flaw.DUPLICATE),
        (changed(*A, "excluded_lines", to=[9, 9]), Flaw.DUPLICATE),
        (changed(*A, "missing_branches", to=[]), Flaw.CONTRADICTION),
        (changed(*A, "executed_branches", to=[[5, MAX_LINE * 2]]), Flaw.OUT_OF_RANGE),
        (changed(*A, "summary", "num_branches", to=-2), Flaw.OUT_OF_RANGE),
        (changed("files", "../a.py", to={}), Flaw.OUTSIDE),
        (changed("files", "/etc/passwd", to={}), Flaw.OUTSIDE),
        (changed("files", "C:\\a.py", to={}), Flaw.OUTSIDE),
        (changed("files", "a/../../b.py", to={}), Flaw.OUTSIDE),
        (changed("files", "", to={}), Flaw.MALFORMED),
        (changed("files", "a\nb.py", to={}), Flaw.MALFORMED),
    ],
)
def test_a_report_that_cannot_be_is_refused(report: str, why: Flaw) -> None:
    assert flaw(report) == why


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"meta": {', '"files": {}, "meta": {'),
        ('"bot/b.py": {', '"bot/a.py": {'),
        ('"bot/b.py": {', '"./bot//a.py": {'),
        ('"missing_lines": [2], "exc', '"missing_lines": [2], "missing_lines": [2], "exc'),
        ('"excluded_lines": [], "exe', '"excluded\\u005flines": [], "exe'),
        ('"summary": {', '"summary": {"covered_lines": 1, '),
    ],
)
def test_what_is_said_twice_is_refused_for_readers_differ_in_what_they_keep(old: str, new: str) -> None:
    report = as_json(SMALL).decode()

    assert old in report
    assert flaw(report.replace(old, new, 1)) == Flaw.DUPLICATE


@pytest.mark.parametrize(
    "report",
    [
        '{"meta": {"format": 3}, "files": {}}',
        '{"meta": {"format": 3} "files": {}}',
        '{"meta": {"format": 3}, }',
        '{"meta": {"format": 3',
        '{"meta": }',
        "{meta: 1}",
        '{"a": 17',
        '{"a": "b"',
        '{"a": "b',
        '{"a',
        '{"\ud800": 1}'.encode("utf-8", "surrogatepass"),
        as_json(SMALL) + b"{}",
        as_json(SMALL)[:-1] + b", 7",
    ],
)
def test_a_report_that_is_no_json_is_refused(report: bytes | str) -> None:
    assert flaw(report) == Flaw.MALFORMED


def test_unknown_members_are_passed_over_whatever_they_are() -> None:
    report = as_json(SMALL).decode()
    more = '{"a": [{"b]": "\\"}"}], "c": "x\\\\", "d": -1.5e3, "e": [["]"], {}], "f": null, '

    assert read(more + report[1:]) == read(report)


def test_nesting_that_no_report_has_is_refused_without_a_crash() -> None:
    assert flaw(changed(*A, "contexts", to=1).replace('"contexts": 1', '"contexts": ' + "[" * 50_000)) == Flaw.MALFORMED


def test_a_value_that_does_not_end_is_given_up() -> None:
    def endless() -> Any:
        yield b'{"meta": {"a": "'
        for _ in range(MAX_VALUE // 65536 + 200):
            yield b"x" * 65536

    with pytest.raises(BadReport) as refused:
        coverage_json.parse(endless(), branches=False)
    assert refused.value.flaw == Flaw.TOO_LARGE


def test_a_white_desert_is_crossed_in_constant_memory() -> None:
    spaces = (b" " * 65536 for _ in range(400))
    report = as_json(SMALL)

    def pieces() -> Any:
        yield report[:1]
        yield from spaces
        yield report[1:]

    assert coverage_json.parse(pieces(), branches=True) == read(report)


def test_totals_may_count_more_than_the_files_list_but_not_otherwise() -> None:
    more = {"covered_lines": 14, "num_statements": 20, "missing_lines": 6}

    assert read(changed("totals", to=more)).unlisted == Count(10, 15)
    assert read(changed("totals", to=more)).count == Count(14, 20)
    fewer_missed = {"covered_lines": 20, "num_statements": 20, "missing_lines": 0}
    assert flaw(changed("totals", to=fewer_missed)) == Flaw.CONTRADICTION


def test_lines_that_old_versions_list_beyond_the_statements_do_not_count() -> None:
    for name, format_ in (("7.3.2.json", 1), ("7.4.4.json", 2), ("7.6.1.json", 3)):
        found = read((DATA / name).read_bytes())
        cart = next(file for file in found.files if file.path == "shop/cart.py")
        assert found.format == f"coverage.py JSON {format_}"
        assert (cart.surplus, cart.count) == (2, Count(14, 21))
        assert unpack(cart.branches)[40].missing == frozenset({41, 42})


def test_line_0_of_an_empty_module_is_no_line() -> None:
    report = json.loads(as_json({"a.py": Measured({}), "b.py": Measured({1: 1})}))
    report["files"]["a.py"]["executed_lines"] = [0]

    assert read(json.dumps(report)).files[0] == FileCoverage("a.py", b"\0")


def test_windows_paths_are_read_as_git_writes_them() -> None:
    assert read(as_json({"bot\\a.py": Measured({1: 1})})).files[0].path == "bot/a.py"


def test_branches_are_kept_only_where_they_were_measured() -> None:
    meta = {"format": 3, "branch_coverage": False}

    assert read(as_json(SMALL)).has_branches
    assert not read(as_json(SMALL, meta=meta)).has_branches
    assert not read(as_json(SMALL), branches=False).has_branches
