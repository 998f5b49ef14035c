"""Cobertura: the short cut by pattern says what expat says, entities are refused, and sums must hold."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reports import cobertura
from bot.reports.measured import BadReport, Count, CoverageReport, Flaw, unpack
from tests.reports.coverage_samples import DATA, SMALL, as_xml

PLAIN = as_xml(SMALL).decode()


def read(report: str | bytes, *, branches: bool = True) -> CoverageReport:
    """Parse a report that is in one piece."""
    return cobertura.parse([report.encode() if isinstance(report, str) else report], branches=branches)


def flaw(report: str | bytes) -> Flaw:
    """Return why a report is refused."""
    with pytest.raises(BadReport) as refused:
        read(report)
    return refused.value.flaw


def replaced(old: str, new: str) -> str:
    """Return the small report with one piece replaced."""
    assert old in PLAIN
    return PLAIN.replace(old, new, 1)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('<line number="1" hits="1"/>', '<line hits="1" number="1"/>'),
        ('<line number="1" hits="1"/>', "<line number='1' hits='1'></line>"),
        ('<line number="1" hits="1"/>', '<line number="1" hits="1"><conditions/></line>'),
        ('<line number="1" hits="1"/>', '<!-- </lines> --><line number="1" hits="1"/>'),
        ('<line number="1" hits="1"/>', '<line number="&#49;" hits="1"/>'),
        ('<line number="1" hits="1"/>', '<line number="1" hits="007"/>'),
        ("<sources>", "<?page <lines> ?><sources>"),
        ("<sources>", "<sources><source><![CDATA[<lines>]]></source>"),
        ('<?xml version="1.0" ?>', '<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE coverage SYSTEM "x.dtd">'),
        ("<methods>", "<methods ><lines></lines>"),
    ],
)
def test_another_way_to_write_the_same_is_read_alike(old: str, new: str) -> None:
    assert read(replaced(old, new)).files == read(PLAIN).files


@given(st.data())
def test_the_short_cut_says_what_expat_says(data: st.DataObject) -> None:
    """A comment with a declaration in it, at the begin, turns the short cut off."""
    at = data.draw(st.sampled_from([0, *(n for n, sign in enumerate(PLAIN) if sign == "<" and n > 30)]))
    end = data.draw(st.integers(at, min(at + 60, len(PLAIN))))
    damaged = PLAIN[:at] + data.draw(st.sampled_from(["", "<lines>", "</lines>", "<!--", "-->", "]]>"])) + PLAIN[end:]
    slow = damaged.replace("?>\n", '?>\n<!DOCTYPE coverage SYSTEM "x">', 1)

    assert _outcome(damaged) == _outcome(slow)


def _outcome(report: str) -> object:
    try:
        return read(report)
    except BadReport as refused:
        return refused.flaw


@pytest.mark.parametrize(
    ("report", "why"),
    [
        (replaced("<coverage ", '<!DOCTYPE c [<!ENTITY a "b">]><coverage '), Flaw.ENTITIES),
        (replaced("<coverage ", '<!DOCTYPE c [<!ATTLIST line hits CDATA "1">]><coverage '), Flaw.ENTITIES),
        (replaced("<coverage ", '<!DOCTYPE c [<!ENTITY % a SYSTEM "file:///x"> %a;]><coverage '), Flaw.ENTITIES),
        (replaced("<sources>", "<sources>&nothing;"), Flaw.MALFORMED),
        (
            replaced("<coverage ", '<!DOCTYPE c SYSTEM "x"><coverage ').replace("<sources>", "<sources>&nothing;"),
            Flaw.ENTITIES,
        ),
        (replaced('<?xml version="1.0" ?>', '<?xml version="1.0" encoding="latin-1"?>'), Flaw.MALFORMED),
        (replaced('line-rate="0.8"', 'line-rate="80"'), Flaw.OUT_OF_RANGE),
        (replaced('line-rate="0.8"', 'line-rate="NaN"'), Flaw.OUT_OF_RANGE),
        (replaced('line-rate="0.8"', 'line-rate="-0.8"'), Flaw.OUT_OF_RANGE),
        (replaced('line-rate="0.8"', 'line-rate="0.9"'), Flaw.CONTRADICTION),
        (replaced('lines-covered="4"', 'lines-covered="5" x="4"'), Flaw.CONTRADICTION),
        (replaced('valid="5" lines-covered="4" line-rate="0.8"', 'valid="4" lines-covered="3"'), Flaw.CONTRADICTION),
        (replaced('lines-covered="4"', 'lines-covered="6"'), Flaw.OUT_OF_RANGE),
        (replaced('lines-covered="4"', 'lines-covered="-4"'), Flaw.OUT_OF_RANGE),
        (replaced('lines-valid="5"', 'lines-valid="1e3"'), Flaw.OUT_OF_RANGE),
        (replaced("branch-rate='0'", "branch-rate='1.5'"), Flaw.OUT_OF_RANGE),
        (replaced('number="2" hits="0"', 'number="1" hits="0"'), Flaw.DUPLICATE),
        (replaced('number="2" hits="0"', 'number="2" hits="-1"'), Flaw.OUT_OF_RANGE),
        (replaced('number="2" hits="0"', 'number="2"'), Flaw.MALFORMED),
        (replaced('number="2" hits="0"', 'number="2" hits="0" hits="1"'), Flaw.MALFORMED),
        (replaced('number="2" hits="0"', 'number="0" hits="0"'), Flaw.OUT_OF_RANGE),
        (replaced('number="2" hits="0"', 'number="9999999" hits="0"'), Flaw.OUT_OF_RANGE),
        (replaced("50% (1/2)", "150% (3/2)"), Flaw.OUT_OF_RANGE),
        (replaced("50% (1/2)", "half"), Flaw.OUT_OF_RANGE),
        (replaced('filename="bot/a.py"', 'filename="/bot/a.py"'), Flaw.OUTSIDE),
        (replaced('filename="bot/a.py"', 'filename="bot/../../a.py"'), Flaw.OUTSIDE),
        (replaced('filename="bot/a.py"', ""), Flaw.MALFORMED),
        (replaced("</coverage>", ""), Flaw.MALFORMED),
        (replaced("</coverage>", "</coverage><coverage/>"), Flaw.MALFORMED),
        (replaced("<classes>", "<classes>" + "<a>" * 40), Flaw.MALFORMED),
        (replaced("<coverage ", "<cover "), Flaw.UNKNOWN_FORMAT),
    ],
)
def test_a_report_that_cannot_be_is_refused(report: str, why: Flaw) -> None:
    assert flaw(report) == why


def test_classes_of_one_file_are_united() -> None:
    found = read(replaced('filename="bot/b.py"', 'filename="bot/a.py"'))

    assert [(file.path, file.count) for file in found.files] == [("bot/a.py", Count(4, 5))]
    assert unpack(found.files[0].branches).keys() == {5}


def test_classes_of_one_file_must_not_disagree_about_a_line() -> None:
    twice = replaced('filename="bot/b.py"', 'filename="bot/a.py"').replace('number="3" hits="1"', 'number="2" hits="1"')

    assert flaw(twice) == Flaw.CONTRADICTION


def test_the_root_may_count_more_than_the_classes_list() -> None:
    found = read(replaced('lines-valid="5" lines-covered="4" line-rate="0.8"', 'lines-valid="100" lines-covered="85"'))

    assert (found.unlisted, found.count) == (Count(81, 95), Count(85, 100))


def test_a_root_without_counts_is_taken_as_the_sum() -> None:
    assert read(replaced('lines-valid="5" lines-covered="4" ', "")).unlisted == Count()


def test_the_source_folders_are_kept() -> None:
    assert read((DATA / "7.6.1.xml").read_bytes()).sources == ("/home/runner/work/shop/shop",)
    assert len(read(as_xml(SMALL, source="x" * 5000)).sources) <= 1


def test_which_branches_are_missing_is_known_only_if_each_is_named() -> None:
    named = unpack(read(PLAIN).files[0].branches)[5]
    unnamed = unpack(read(replaced(' missing-branches="exit"', "")).files[0].branches)[5]
    odd = unpack(read(replaced(' missing-branches="exit"', ' missing-branches="7, 8"')).files[0].branches)[5]

    assert (named.missing, unnamed.missing, odd.missing) == (frozenset({-1}), None, None)


def test_utf_16_is_read_by_expat_alone() -> None:
    assert read(PLAIN.replace('<?xml version="1.0" ?>', "").strip().encode("utf-16")).files == read(PLAIN).files


def test_a_block_larger_than_what_is_held_back_is_read_element_by_element() -> None:
    lines = "".join(f'<line number="{n}" hits="{n % 2}"/>\n' for n in range(1, 150_001))
    whole = f'<class filename="a.py"><lines>{lines}</lines></class>'
    report = f"<coverage><packages><package><classes>{whole}</classes></package></packages></coverage>".encode()

    found = cobertura.parse(
        (report[a:b] for a, b in pairwise([*range(0, len(report), 65536), len(report)])), branches=False
    )

    assert len(report) > 4 * 1024 * 1024
    assert found.count == Count(75_000, 150_000)
