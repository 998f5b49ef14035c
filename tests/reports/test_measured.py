"""The small form of a report: packed, united, counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reports.measured import (
    COVERED,
    EXCLUDED,
    MAX_LINES,
    MISSED,
    BadReport,
    Branches,
    Count,
    FileCoverage,
    Flaw,
    gathered,
    joined,
    pack,
    repository_path,
    states,
    unpack,
)

_lines = st.sets(st.integers(1, 5000), max_size=60)
_branches = st.builds(
    Branches,
    line=st.integers(1, 99),
    total=st.integers(0, 9),
    taken=st.integers(0, 9),
    missing=st.none() | st.frozensets(st.integers(-(2**31), 2**31 - 1), max_size=4),
)


def file(covered: str = "", missed: str = "", excluded: str = "", **more: object) -> FileCoverage:
    """Return a file by its line numbers."""
    lines = states(*([int(word) for word in words.split()] for words in (covered, missed, excluded)), path="a.py")
    return FileCoverage("a.py", lines, **more)  # type: ignore[arg-type]


@given(_lines, _lines, st.randoms())
def test_lines_come_as_numbers_or_digits_in_any_order(covered: set[int], missed: set[int], chance: object) -> None:
    numbers = sorted(covered), sorted(missed - covered)
    shuffled = [sorted(each, key=lambda _: chance.random()) for each in numbers]  # type: ignore[attr-defined]

    packed = states(*numbers, path="a")

    assert states(*shuffled, path="a") == packed
    digits = [[b"%d" % n for n in each] for each in shuffled]
    assert states(digits[0], digits[1], path="a") == packed
    assert [n for n, state in enumerate(packed) if state == COVERED] == numbers[0]
    assert [n for n, state in enumerate(packed) if state == MISSED] == numbers[1]


@given(_lines, _lines, _lines, _lines)
def test_what_one_of_two_reports_reached_is_covered(a: set[int], b: set[int], c: set[int], d: set[int]) -> None:
    one = FileCoverage("a.py", states(sorted(a), sorted(b - a), path="a"))
    other = FileCoverage("a.py", states(sorted(c), sorted(d - c), path="a"))

    both = joined(one, other)

    assert both.count == Count(len(a | c), len(a | b | c | d))
    assert joined(other, one).lines == both.lines
    assert both.statements() == a | b | c | d


def test_excluded_by_one_report_and_counted_by_the_other_is_counted() -> None:
    both = joined(file("1", excluded="2 3"), file("1", "2"))

    assert both.count == Count(1, 2)
    assert both.lines[3] == EXCLUDED


def test_a_surplus_is_counted_once() -> None:
    assert joined(file("1 2 3", surplus=1), file("1 2 3", surplus=1)).count == Count(2, 2)


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (Branches(1, 2, 1, frozenset({5})), Branches(1, 2, 1, frozenset({6})), Branches(1, 2, 2, frozenset())),
        (Branches(1, 2, 1, frozenset({5})), Branches(1, 2, 1, frozenset({5})), Branches(1, 2, 1, frozenset({5}))),
        (Branches(1, 2, 1, None), Branches(1, 2, 1, frozenset({6})), Branches(1, 2, 1, None)),
        (Branches(1, 2, 0, None), Branches(1, 3, 2, None), Branches(1, 3, 2, None)),
    ],
)
def test_branches_are_united_by_where_they_lead_or_else_by_the_larger_number(
    one: Branches, other: Branches, both: Branches
) -> None:
    alone = Branches(9, 2, 1, frozenset({3}))

    found = joined(file("1", branches=pack([one])), file("1", branches=pack([other, alone])))

    assert unpack(found.branches) == {1: both, 9: alone}


def test_checksums_outlive_only_if_they_agree() -> None:
    assert joined(file("1", checksums=b"a" * 16), file("1", checksums=b"a" * 16)).checksums == b"a" * 16
    assert joined(file("1", checksums=b"a" * 16), file("1", checksums=b"b" * 16)).checksums == b""


@given(st.lists(_branches, unique_by=lambda each: each.line))
def test_branches_are_unpacked_as_they_were_packed(branches: list[Branches]) -> None:
    assert unpack(pack(branches)) == {each.line: each for each in branches}


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a.py", "a.py"),
        ("./a//b.py", "a/b.py"),
        ("a\\b.py", "a/b.py"),
        ("mod with space/modül.py", "mod with space/modül.py"),
        ("..a/b..py", "..a/b..py"),
        (".hidden/x.py", ".hidden/x.py"),
    ],
)
def test_a_path_is_as_git_writes_it(text: str, path: str) -> None:
    assert repository_path(text) == path


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("/etc/passwd", Flaw.OUTSIDE),
        ("\\\\host\\share", Flaw.OUTSIDE),
        ("c:/x", Flaw.OUTSIDE),
        ("a/../../b", Flaw.OUTSIDE),
        ("..", Flaw.OUTSIDE),
        ("a/./..", Flaw.OUTSIDE),
        (".", Flaw.MALFORMED),
        ("a\x00b", Flaw.MALFORMED),
        ("a\nb", Flaw.MALFORMED),
        ("a\ud800", Flaw.MALFORMED),
        ("a" * 5000, Flaw.MALFORMED),
    ],
)
def test_a_path_that_is_not_of_the_repository_is_refused(text: str, flaw: Flaw) -> None:
    with pytest.raises(BadReport) as refused:
        repository_path(text)
    assert refused.value.flaw == flaw


def test_the_lines_of_all_files_together_are_limited() -> None:
    huge = bytes(MAX_LINES // 4)

    with pytest.raises(BadReport) as refused:
        gathered(FileCoverage(f"{n}.py", huge) for n in range(5))
    assert refused.value.flaw == Flaw.TOO_LARGE


def test_a_detail_is_kept_short() -> None:
    assert len(BadReport(Flaw.MALFORMED, "x" * 999).detail) == 200
