"""What is counted: line by line, against the source where it is known, and under the right path."""

from collections.abc import Mapping

import pytest

from bot.model.coverage import CoverageRules
from bot.policies.coverage import CoverageEvidence, Part, Statements, wanted
from bot.policies.coverage.contradictions import Odd, contradictions
from bot.policies.coverage.figures import Figures, measure
from bot.policies.coverage.placing import placed
from bot.reports import coverage, statements
from bot.reports.diff import Change, FileDiff
from bot.reports.measured import Count, FileCoverage
from tests.policies.coverage.given import diff, evidence, file, numbers, old, part, source
from tests.reports.coverage_samples import DATA

RULES = CoverageRules()


def figures(files: list[FileCoverage], changed: list[FileDiff], sources: Mapping[str, Statements] = {}) -> Figures:
    """Measure one report."""
    return measure(evidence([part(*files)], changed, sources), RULES)


def real(name: str) -> Part:
    """Return a report that coverage.py wrote."""
    return Part(name, coverage.parse([(DATA / name).read_bytes()], name=name))


SHOP = {f"shop/{name}.py": statements.read((DATA / f"{name}.py.txt").read_bytes()) for name in ("cart", "labels")}


@pytest.mark.parametrize(
    ("covered", "missed", "excluded", "known", "patch", "uncovered"),
    [
        ("1-3", "4", "", None, Count(3, 4), (4,)),
        ("1-3", "4", "", "1-4", Count(3, 4), (4,)),
        ("1-3", "", "", "1-4", Count(3, 4), (4,)),
        ("1-3", "", "4", "1-4", Count(3, 3), ()),
        ("1", "", "", "1-6", Count(1, 6), (2, 3, 4, 5, 6)),
        ("8", "9", "", None, Count(0, 0), ()),
    ],
)
def test_each_new_line_is_judged_by_the_report_and_by_the_source(
    covered: str, missed: str, excluded: str, known: str | None, patch: Count, uncovered: tuple[int, ...]
) -> None:
    sources = {} if known is None else {"bot/a.py": source(known, code=frozenset(range(1, 20)))}

    found = figures([file("bot/a.py", covered, missed, excluded)], [diff("bot/a.py", "1-6")], sources)

    assert found.patch == patch
    assert found.uncovered.get("bot/a.py", ()) == uncovered


def test_statements_that_the_report_excludes_are_newly_excluded() -> None:
    found = figures([file("bot/a.py", "1", "", "2 3 9")], [diff("bot/a.py", "1-3")], {"bot/a.py": source("1 2")})

    assert found.newly_excluded == {"bot/a.py": (2,)}
    assert figures([file("bot/a.py", "1", "", "2 3 9")], [diff("bot/a.py", "1-3")]).newly_excluded == {
        "bot/a.py": (2, 3)
    }


def test_docstrings_that_an_old_version_lists_as_executed_are_no_changed_lines() -> None:
    given = evidence([real("7.6.1.json")], [diff("shop/cart.py", "1-42")], SHOP)

    found = measure(given, RULES)

    # Lines 1 and 10 are docstrings; 5 and 6 a TYPE_CHECKING block that the old version did count.
    assert found.patch == Count(14, 21)
    assert contradictions(found.files, SHOP) == ()


@pytest.mark.parametrize("name", ["7.3.2.json", "7.4.4.json", "7.6.1.json", "7.6.1.xml", "7.6.1.lcov"])
def test_reports_of_old_versions_do_not_contradict_the_source(name: str) -> None:
    found = measure(evidence([real(name)], [], SHOP), RULES)

    assert found.project == Count(18, 27)
    assert contradictions(found.files, SHOP) == ()


def test_a_new_source_file_in_no_report_is_told_by_its_text_where_nothing_else_is_known() -> None:
    text = "import x\n\n# note\n// note\nx.run()\n"

    found = figures([old(100)], [diff("bot/a.py", "1-5", text=text)])

    assert (found.uncovered, found.by_text) == ({"bot/a.py": (1, 5)}, ("bot/a.py",))


@pytest.mark.parametrize(
    "changed",
    [
        diff("tests/test_a.py", "1-5"),
        diff("README.md", "1-5"),
        diff("bot/a.py", "1-5", is_file=False),
        diff("bot/a.py", change=Change.RENAMED, old_path="bot/b.py"),
        diff("bot/a.pyi", "1-5"),
    ],
)
def test_what_tests_need_not_reach_is_not_counted(changed: FileDiff) -> None:
    assert figures([old(100)], [changed]).patch == Count(0, 0)


def test_a_file_that_a_report_mentions_counts_whatever_it_is() -> None:
    assert figures([file("src/a.cpp", "1", "2")], [diff("src/a.cpp", "1-3")]).patch == Count(1, 2)
    assert figures([file("tests/test_a.py", "1", "2")], [diff("tests/test_a.py", "1-3")]).patch == Count(1, 2)


def test_a_source_that_cannot_be_parsed_is_named_and_the_report_stands() -> None:
    found = figures(
        [file("bot/a.py", "1", "2")], [diff("bot/a.py", "1-3")], {"bot/a.py": source("", problem="new syntax")}
    )

    assert (found.patch, found.unparsed) == (Count(1, 2), ("bot/a.py",))


def test_new_lines_that_no_python_would_run_are_uncovered_whatever_the_report_says_of_the_file() -> None:
    changed = diff("bot/a.py", "1-3", text="one = 1\n\0\nthree = 3\n")

    found = figures([file("bot/a.py", "1 3")], [changed], {"bot/a.py": source("", problem="null bytes")})

    assert (found.patch, found.by_text) == (Count(0, 3), ("bot/a.py",))


@pytest.mark.parametrize(
    ("uncovered", "covered", "added", "ranges"),
    [
        ("5 6 7", "", "5-7", ((5, 7),)),
        ("5 7", "", "5-7", ((5, 7),)),
        ("5 7", "6", "5-7", ((5, 5), (7, 7))),
        ("5 7", "", "5 7", ((5, 5), (7, 7))),
        ("5 9 20", "", "1-30", ((5, 20),)),
        ("5", "", "1-30", ((5, 5),)),
    ],
)
def test_uncovered_lines_are_joined_over_new_lines_that_are_no_statements(
    uncovered: str, covered: str, added: str, ranges: tuple[tuple[int, int], ...]
) -> None:
    assert figures([file("bot/a.py", covered, uncovered)], [diff("bot/a.py", added)]).ranges == {"bot/a.py": ranges}


@pytest.mark.parametrize(
    ("given", "known", "odd"),
    [
        (file("bot/a.py", "1-3"), source("1-3"), []),
        (file("bot/a.py", "1-3"), source("1-2", code=frozenset({1, 2, 3})), []),
        (file("bot/a.py", "1-9"), source("1-4", code=frozenset(range(1, 20))), [(5, Odd.NO_STATEMENT, 5)]),
        (file("bot/a.py", "1-9"), source("1-4", excluded="5-9"), []),
        (file("bot/a.py", "1-9", surplus=5), source("1-4", code=frozenset(range(1, 20))), []),
        (file("bot/a.py", "1-60"), source("1-54", code=frozenset(range(1, 70))), []),
        (file("bot/a.py", "1-60"), source("1-53", code=frozenset(range(1, 70))), [(54, Odd.NO_STATEMENT, 7)]),
        (file("bot/a.py", "1-3", "7"), source("1-3"), [(7, Odd.NO_CODE, 1)]),
        (file("bot/a.py", "1-3", "7"), source("", problem="?"), []),
        (file("bot/b.py", "1-3"), source("1"), []),
        (file("bot/a.py", "1", "2", checksums=b"a" * 16 + b"b" * 16), source("1 2", digests=b"a" * 16 + b"b" * 16), []),
        (
            file("bot/a.py", "1", "2", checksums=b"a" * 16 + b"b" * 16),
            source("1 2", digests=b"a" * 32),
            [(2, Odd.OTHER_TEXT, 1)],
        ),
        (file("bot/a.py", "1", "2", checksums=b"a" * 32), source("1 2", digests=b"a" * 16), [(2, Odd.OTHER_TEXT, 1)]),
    ],
)
def test_what_cannot_be_of_the_source_is_found(
    given: FileCoverage, known: Statements, odd: list[tuple[int, Odd, int]]
) -> None:
    found = contradictions({given.path: given}, {"bot/a.py": known})

    assert [(each.line, each.odd, each.count) for each in found] == odd


def test_the_checksums_of_a_real_report_are_those_of_the_source_and_of_no_other() -> None:
    files = {file.path: file for file in placed(evidence([real("7.6.1.lcov")])).values()}
    text = (DATA / "cart.py.txt").read_bytes()
    changed = text.replace(b"discount", b"discounts")

    assert contradictions(files, {"shop/cart.py": statements.read(text, with_digests=True)}) == ()
    (found,) = contradictions(files, {"shop/cart.py": statements.read(changed, with_digests=True)})
    assert (found.odd, found.line, found.count) == (Odd.OTHER_TEXT, 24, 3)


TREE = frozenset({"bot/app.py", "bot/sub/x.py", "bot/sub/y.py", "lib/app.py", "setup.py", "README.md"})


@pytest.mark.parametrize(
    ("paths", "sources", "places"),
    [
        ("bot/app.py setup.py", (), "bot/app.py setup.py"),
        ("app.py sub/x.py", ("/w/model/bot",), "bot/app.py bot/sub/x.py"),
        ("app.py sub/x.py", (), "bot/app.py bot/sub/x.py"),
        ("app.py", (), "app.py"),
        ("app.py", ("/w/lib",), "lib/app.py"),
        ("sub/x.py app.py", ("/w/lib", "/w/bot"), "bot/sub/x.py bot/app.py"),
        ("x.py", (), "bot/sub/x.py"),
        ("x.py y.py z.py", (), "bot/sub/x.py bot/sub/y.py z.py"),
        ("app.py", ("C:\\w\\bot",), "bot/app.py"),
        ("gone.py", ("/w/bot",), "gone.py"),
    ],
)
def test_files_are_placed_where_the_tree_has_them(paths: str, sources: tuple[str, ...], places: str) -> None:
    files = [file(path, "1") for path in paths.split()]

    found = placed(evidence([part(*files, sources=sources)], tree=TREE))

    assert list(found) == places.split()


def test_where_only_the_change_is_known_one_prefix_that_the_report_names_holds_for_all() -> None:
    files = [file(path, "1") for path in ("app.py", "other.py")]
    changed = [diff("bot/app.py", "1")]

    named = placed(evidence([part(*files, sources=("/w/bot",))], changed))
    unnamed = placed(evidence([part(*files)], changed))

    assert list(named) == ["bot/app.py", "bot/other.py"]
    assert list(unnamed) == ["app.py", "other.py"]


def test_two_files_in_one_place_are_united() -> None:
    one = part(file("bot/app.py", "1", "2"), name="a")
    other = part(file("app.py", "2", "1"), name="b", sources=("/w/bot",))

    assert placed(evidence([one, other], tree=TREE))["bot/app.py"].count == Count(2, 2)


def test_the_sources_to_look_into_are_the_changed_ones_and_those_left_out() -> None:
    changed = [
        diff("bot/app.py", "1"),
        diff("bot/link.py", "1", is_file=False),
        diff("bot/moved.py"),
        diff("README.md", "1"),
        diff("tests/test_a.py", "1"),
        diff("src/a.cpp", "1"),
    ]
    given = evidence([part(file("src/a.cpp", "1"), file("tests/test_a.py", "1"))], changed, tree=TREE)

    left_out = ["bot/app.py", "bot/sub/x.py", "bot/sub/y.py", "lib/app.py", "setup.py"]
    assert wanted(given, RULES) == sorted([*left_out, "tests/test_a.py"])
    assert wanted(CoverageEvidence(given.parts, given.diff), RULES) == ["bot/app.py", "tests/test_a.py"]


def test_lines_are_written_as_people_do() -> None:
    assert numbers("1-3 7") == [1, 2, 3, 7]
