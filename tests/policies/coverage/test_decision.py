"""The coverage gate, rule by rule: what passes, what fails, what waits, and that nothing unknown is green."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.coverage import CoverageRules
from bot.model.outcomes import Outcome
from bot.model.trust import Trust
from bot.policies.coverage import Commits, Part, Reason
from bot.policies.coverage.decision import reaches
from bot.reports.diff import Change, FileDiff
from bot.reports.measured import Count
from tests.policies.coverage.given import (
    BASE,
    HEAD,
    MERGE,
    NOW,
    branch,
    decide,
    deleted,
    diff,
    evidence,
    file,
    old,
    part,
    source,
)

TEST = diff("tests/test_a.py", "1-3")


def test_covered_lines_in_a_covered_project_pass() -> None:
    found = decide(evidence([part(old(85), file("bot/a.py", "1-4", "5"))], [diff("bot/a.py", "1-5"), TEST]))

    assert (found.outcome, found.reason) == (Outcome.PASS, Reason.COVERED)
    assert (found.figures.patch, found.figures.project) == (Count(4, 5), Count(89, 105))


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ([diff("bot/a.py", "1-5"), TEST], Reason.CHANGED_LINES),
        ([diff("bot/a.py", "1-5")], Reason.NO_TESTS),
        ([diff("bot/a.py", "1-5"), deleted("tests/test_a.py")], Reason.NO_TESTS),
    ],
)
def test_changed_lines_below_the_minimum_fail(changed: list[FileDiff], reason: Reason) -> None:
    found = decide(evidence([part(old(100), file("bot/a.py", "1-3", "4 5"))], changed))

    assert (found.outcome, found.reason) == (Outcome.FAIL, reason)
    assert found.figures.uncovered == {"bot/a.py": (4, 5)}


def test_a_project_below_the_minimum_fails_though_the_changed_lines_are_fine() -> None:
    found = decide(evidence([part(old(79), file("bot/a.py", "1"))], [diff("bot/a.py", "1"), TEST]))

    assert (found.reason, found.figures.project) == (Reason.PROJECT, Count(80, 101))


@pytest.mark.parametrize(
    ("covered", "total", "minimum", "is_enough"),
    [
        (80, 100, "80", True),
        (79, 100, "80", False),
        (19_999, 25_000, "80", False),  # 79.996 %
        (15_999, 20_000, "80", False),  # 79.995 %, shown as 80 by coverage.py
        (799_999_999_999, 1_000_000_000_000, "80", False),
        (800_000_000_000, 1_000_000_000_000, "80", True),
        (795, 1000, "79.5", True),
        (794_999, 1_000_000, "79.5", False),
        (1, 3, "33.333333333333333", True),
        (1, 3, "33.333333333333334", False),
        (0, 5, "0", True),
        (5, 5, "100", True),
        (4, 5, "100", False),
        (0, 0, "80", True),
    ],
)
def test_figures_are_compared_exactly(covered: int, total: int, minimum: str, *, is_enough: bool) -> None:
    assert reaches(Count(covered, total), CoverageRules(minimum=Decimal(minimum))) is is_enough


DOCS = [diff("README.md", "1-9"), deleted("bot/gone.py"), diff("bot/a.py", "3 4")]
COMMENTS = {"bot/a.py": source("1 2 5")}


def test_where_nothing_executable_changed_no_report_is_needed() -> None:
    found = decide(evidence([], DOCS, COMMENTS))

    assert (found.outcome, found.reason) == (Outcome.PASS, Reason.NOTHING_EXECUTABLE)


def test_where_nothing_executable_changed_an_old_debt_blocks_nobody() -> None:
    assert decide(evidence([part(old(10))], DOCS, COMMENTS)).reason == Reason.NOTHING_EXECUTABLE


@pytest.mark.parametrize(
    ("changed", "sources"),
    [
        ([diff("bot/a.py", "3-5")], COMMENTS),
        ([diff("bot/a.py", "3 4")], {}),
        ([diff("bot/a.py", "3 4")], {"bot/a.py": source("", problem="invalid syntax")}),
        ([diff("bot/a.py", "3 4")], {"bot/a.py": source("1 2", newly="3")}),
        ([diff("docs/a.md", "1"), diff("tests/test_a.py", "1")], {}),
        ([deleted("tests/test_a.py")], {}),
        ([diff("bot/test_a.py", old_path="tests/x.py", change=Change.RENAMED)], {}),
        ([diff("bot/moved.py", old_path="tests/x.py", change=Change.RENAMED)], {}),
        ([], {}),
    ],
)
def test_what_may_matter_needs_a_report(changed: list[FileDiff], sources: dict[str, object]) -> None:
    found = decide(evidence([], changed, sources))  # type: ignore[arg-type]

    assert (found.outcome, found.reason) == (Outcome.ACTION_REQUIRED, Reason.NO_REPORT)


@pytest.mark.parametrize(
    ("path", "text", "is_odd"),
    [
        ("bot/a.py", "# one\rx = 1\n", True),
        ("bot/a.py", "# one\r\r\n", True),
        ("bot/a.py", "# one\r\n", False),
        ("bot/a.py", "# one\n", False),
        ("docs/a.txt", "# one\rx = 1\n", False),
    ],
)
def test_code_after_a_bare_carriage_return_does_not_pass_for_a_comment(path: str, text: str, *, is_odd: bool) -> None:
    found = decide(evidence([], [diff(path, "1", text=text)], {path: source("2")}))

    assert found.reason is (Reason.LINE_ENDS if is_odd else Reason.NOTHING_EXECUTABLE)


def test_a_change_of_tests_alone_is_held_to_the_project() -> None:
    assert decide(evidence([part(old(79))], [deleted("tests/test_a.py")])).reason == Reason.PROJECT
    good = decide(evidence([part(old(80))], [TEST]))
    assert (good.outcome, good.reason) == (Outcome.PASS, Reason.NOTHING_EXECUTABLE)


def test_without_a_report_the_gate_waits_and_then_asks_for_action() -> None:
    given = evidence([], [diff("bot/a.py", "1")], is_ci_finished=False, since=NOW)

    waiting = decide(given)
    late = decide(given, NOW + timedelta(hours=2))
    ended = decide(replace(given, is_ci_finished=True))

    assert (waiting.outcome, waiting.wake_at) == (Outcome.PENDING, NOW + timedelta(hours=2))
    assert (late.outcome, late.reason, late.wake_at) == (Outcome.ACTION_REQUIRED, Reason.NO_REPORT, None)
    assert ended.reason == Reason.NO_REPORT


def test_three_of_five_parts_are_pending_and_after_the_deadline_somebody_has_to_act() -> None:
    names = ("a", "b", "c", "d", "e")
    given = evidence(
        [part(old(100), name=name) for name in names[:3]],
        [TEST],
        is_ci_finished=False,
        since=NOW - timedelta(minutes=59),
    )
    rules: dict[str, Any] = {"parts": names, "deadline": timedelta(hours=1)}

    waiting = decide(given, **rules)
    late = decide(given, NOW + timedelta(minutes=1), **rules)

    assert (waiting.reason, waiting.arrived, waiting.missing) == (Reason.WAITING, names[:3], names[3:])
    assert late.reason == Reason.PARTS_MISSING


def test_a_part_that_nobody_asked_for_counts_for_nothing() -> None:
    given = evidence([part(old(100), name="forged"), part(old(70), name="unit")], [TEST])

    assert decide(given, parts=("unit",)).reason == Reason.PROJECT


def test_parts_are_united() -> None:
    one, other = file("bot/a.py", "1-5", "6-10"), file("bot/a.py", "6-8", "1-5 9 10")

    found = decide(evidence([part(one, name="a"), part(other, name="b")], [diff("bot/a.py", "1-10"), TEST]))

    assert (found.reason, found.figures.patch) == (Reason.COVERED, Count(8, 10))


def test_one_unreadable_part_spoils_all() -> None:
    broken = Part("gpu", None, problem="totals: NaN is no number", flaw="out-of-range")

    found = decide(evidence([part(old(100)), broken], [TEST]))

    assert (found.outcome, found.reason) == (Outcome.ACTION_REQUIRED, Reason.UNREADABLE)
    assert [(each.part, each.flaw) for each in found.refused] == [("gpu", "out-of-range")]


@pytest.mark.parametrize(
    ("commits", "sha", "is_good"),
    [
        (Commits(HEAD, BASE, HEAD), HEAD, True),
        (Commits(HEAD, BASE, MERGE, (BASE, HEAD)), MERGE, True),
        (Commits(HEAD, BASE, MERGE, (HEAD, BASE)), MERGE, False),
        (Commits(HEAD, BASE, MERGE, ("9" * 40, HEAD)), MERGE, False),
        (Commits(HEAD, BASE, MERGE, (BASE,)), MERGE, False),
        (Commits(HEAD, BASE, MERGE), MERGE, False),
        (Commits(HEAD, BASE, HEAD), MERGE, False),
        (Commits(HEAD, BASE, HEAD), "", False),
    ],
)
def test_a_report_for_another_commit_counts_for_nothing(commits: Commits, sha: str, *, is_good: bool) -> None:
    found = decide(evidence([part(old(100), sha=sha)], [TEST], commits=commits))

    assert found.reason == (Reason.NOTHING_EXECUTABLE if is_good else Reason.OTHER_COMMIT)


def test_a_changed_statement_that_no_report_mentions_is_uncovered() -> None:
    left_out = decide(evidence([part(old(100))], [diff("bot/new.py", "1-5"), TEST], {"bot/new.py": source("1 3 5")}))
    hidden = decide(
        evidence([part(old(100), file("bot/a.py", "1"))], [diff("bot/a.py", "1-5"), TEST], {"bot/a.py": source("1-5")})
    )

    assert (left_out.reason, left_out.figures.uncovered) == (Reason.CHANGED_LINES, {"bot/new.py": (1, 3, 5)})
    assert (hidden.reason, hidden.figures.uncovered) == (Reason.CHANGED_LINES, {"bot/a.py": (2, 3, 4, 5)})


def test_a_source_file_that_no_report_mentions_is_counted() -> None:
    tree = frozenset({"bot/old.py", "bot/left.py", "tests/test_a.py", "docs/conf.py", "README.md", "bot/data.json"})
    sources = {"bot/left.py": source("1-40")}

    found = decide(evidence([part(old(100))], [TEST], sources, tree=tree), ignore=("docs/",))

    assert (found.reason, found.figures.project) == (Reason.PROJECT, Count(100, 140))
    assert found.figures.left_out == {"bot/left.py": 40}


def test_files_that_no_report_mentions_stand_in_the_same_order_in_every_process() -> None:
    paths = [f"bot/left{number:02}.py" for number in range(20)]
    sources = {path: source("1-4") for path in paths}

    found = decide(evidence([part(old(100))], [TEST], sources, tree=frozenset(paths)))

    assert list(found.figures.left_out) == paths


def test_a_forged_report_of_one_class_is_not_green() -> None:
    tree = frozenset({"bot/old.py", "bot/a.py"})
    forged = part(file("bot/a.py", "1"))
    sources = {"bot/a.py": source("1-9"), "bot/old.py": source("1-100")}

    found = decide(evidence([forged], [diff("bot/a.py", "2-4"), TEST], sources, tree=tree))

    assert found.outcome == Outcome.FAIL
    assert (found.figures.project, found.figures.patch) == (Count(1, 101), Count(0, 3))


def test_what_cannot_be_counted_is_not_green() -> None:
    tree = frozenset({"bot/old.py", "bot/left.py"})

    found = decide(evidence([part(old(100))], [TEST], tree=tree))

    assert (found.outcome, found.reason) == (Outcome.ACTION_REQUIRED, Reason.UNCOUNTED)
    assert found.figures.uncounted == ("bot/left.py",)


def test_files_that_the_tree_does_not_have_are_not_counted() -> None:
    padding = file("generated.py", "1-900")
    tree = frozenset({"bot/old.py"})

    padded = decide(evidence([part(old(70), padding)], [TEST], tree=tree))
    alone = decide(evidence([part(padding)], [TEST], tree=tree))

    assert (padded.reason, padded.figures.project) == (Reason.PROJECT, Count(70, 100))
    assert padded.figures.foreign == ("generated.py",)
    assert alone.reason == Reason.FOREIGN


def test_a_tree_without_any_statement_is_not_whole() -> None:
    found = decide(
        evidence([part(file("bot/__init__.py"), file("x.py", "1"))], [TEST], tree=frozenset({"bot/__init__.py"}))
    )

    assert found.reason == Reason.FOREIGN


def test_statements_that_are_listed_nowhere_count_only_where_the_tree_is_not_known() -> None:
    report = part(old(80), unlisted=Count(900, 900))

    assert decide(evidence([report], [TEST])).figures.project == Count(980, 1000)
    assert decide(evidence([report], [TEST], tree=frozenset({"bot/old.py"}))).reason == Reason.UNLISTED


def test_a_report_that_contradicts_the_source_is_refused() -> None:
    found = decide(
        evidence([part(file("bot/a.py", "1-9"))], [diff("bot/a.py", "1"), TEST], {"bot/a.py": source("1-4")})
    )

    assert (found.outcome, found.reason) == (Outcome.ACTION_REQUIRED, Reason.CONTRADICTION)
    assert [(each.path, each.line, each.count) for each in found.contradictions] == [("bot/a.py", 5, 5)]


def test_newly_excluded_statements_are_counted_and_many_need_a_person() -> None:
    given = evidence(
        [part(old(100), file("bot/a.py", "1"))], [diff("bot/a.py", "1-2"), TEST], {"bot/a.py": source("1", newly="2-7")}
    )

    assert decide(given, max_excluded=6).reason == Reason.COVERED
    assert decide(given, max_excluded=5).reason == Reason.EXCLUDED
    assert decide(replace(given, acknowledged=True), max_excluded=5).reason == Reason.COVERED


PROTECTED = diff("pyproject.toml", "3")


@pytest.mark.parametrize("trust", [Trust.REPORTED, Trust.RECOMPUTED, Trust.TRUSTED])
def test_a_change_to_a_protected_path_needs_a_maintainers_word(trust: Trust) -> None:
    given = evidence([part(old(100))], [PROTECTED], trust=trust)

    found = decide(given)

    assert (found.outcome, found.reason) == (Outcome.ACTION_REQUIRED, Reason.PROTECTED)
    assert found.protected == ("pyproject.toml",)
    assert decide(replace(given, acknowledged=True)).outcome == Outcome.PASS


def test_on_a_persons_own_machine_a_protected_path_is_only_named() -> None:
    found = decide(evidence([part(old(100))], [PROTECTED, TEST]))

    assert (found.outcome, found.protected) == (Outcome.PASS, ("pyproject.toml",))


def test_a_protected_file_that_was_moved_away_is_protected_too() -> None:
    moved = diff("bot/x.py", old_path="conftest.py", change=Change.RENAMED)

    assert decide(evidence([part(old(100))], [moved], trust=Trust.REPORTED)).protected == ("conftest.py",)


def test_too_little_is_told_before_a_maintainer_is_asked() -> None:
    found = decide(evidence([part(old(70))], [PROTECTED, TEST], trust=Trust.REPORTED))

    assert found.reason == Reason.PROJECT


@pytest.mark.parametrize(
    ("rule", "covered", "base", "reason"),
    [
        ("ratchet", 72, Count(72, 100), Reason.NOTHING_EXECUTABLE),
        ("ratchet", 72, Count(144, 200), Reason.NOTHING_EXECUTABLE),
        ("ratchet", 72, Count(7201, 10000), Reason.RATCHET),
        ("ratchet", 95, None, Reason.NO_BASE),
        ("both", 95, Count(96, 100), Reason.RATCHET),
        ("both", 72, Count(70, 100), Reason.PROJECT),
        ("both", 95, Count(95, 100), Reason.NOTHING_EXECUTABLE),
        ("minimum", 80, Count(99, 100), Reason.NOTHING_EXECUTABLE),
    ],
)
def test_the_ratchet_compares_with_the_merge_base(rule: str, covered: int, base: Count | None, reason: Reason) -> None:
    assert decide(evidence([part(old(covered))], [TEST], base=base), project=rule).reason == reason


def test_branch_mode_counts_a_statement_only_when_every_branch_was_taken() -> None:
    half = part(file("bot/a.py", "1-10", branches=branch(3, 1)), has_branches=True)
    given = evidence([half], [diff("bot/a.py", "1-3"), TEST])

    found = decide(given, branch=True)

    assert (found.figures.patch, found.figures.project) == (Count(2, 3), Count(9, 10))
    assert found.figures.uncovered == {"bot/a.py": (3,)}
    assert decide(given).figures.patch == Count(3, 3)


def test_branch_mode_needs_branches() -> None:
    assert decide(evidence([part(old(100))], [TEST]), branch=True).reason == Reason.NO_BRANCHES


def test_what_is_ignored_counts_nowhere() -> None:
    given = evidence(
        [part(old(85), file("docs/conf.py", "", "1-50"))], [diff("docs/conf.py", "1-50"), diff("bot/old.py", "1"), TEST]
    )

    found = decide(given, ignore=("docs/",))

    assert (found.reason, found.figures.patch, found.figures.project) == (Reason.COVERED, Count(1, 1), Count(85, 100))


_counts = st.tuples(st.integers(0, 30), st.integers(0, 30))


@given(_counts, _counts, st.booleans(), st.booleans())
def test_only_enough_of_both_is_ever_green(
    patch: tuple[int, int],
    project: tuple[int, int],
    has_report: bool,  # noqa: FBT001
    is_finished: bool,  # noqa: FBT001
) -> None:
    changed = file("bot/a.py", f"1-{patch[0]}" if patch[0] else "", f"{patch[0] + 1}-{sum(patch)}" if patch[1] else "")
    parts = [part(changed, old(project[0], sum(project)))] if has_report and sum(patch) + sum(project) else []

    found = decide(
        evidence(parts, [diff("bot/a.py", f"1-{sum(patch) + 1}"), TEST], is_ci_finished=is_finished, since=NOW)
    )

    covered = patch[0] + project[0], sum(patch) + sum(project)
    is_enough = bool(parts) and 5 * patch[0] >= 4 * sum(patch) and 5 * covered[0] >= 4 * covered[1]
    assert (found.outcome is Outcome.PASS) == is_enough


@given(st.integers(0, 40), st.integers(0, 40))
def test_one_more_covered_line_never_turns_green_into_red(covered: int, missed: int) -> None:
    def ask(covered: int) -> bool:
        lines = file("bot/a.py", f"1-{covered}" if covered else "", f"{covered + 1}-80")
        return decide(evidence([part(lines)], [diff("bot/a.py", "1-80"), TEST])).outcome is Outcome.PASS

    assert ask(min(covered + missed, 79)) >= ask(covered)
