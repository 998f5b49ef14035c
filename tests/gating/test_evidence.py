"""What counts as evidence for a head: the right workflow, the right head, the newest attempt, the right name."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.gating import kept
from bot.gating.gathering import Evidence, newest, since
from bot.gating.kept import Compared
from bot.gating.parts import Gate, Label, label
from bot.model.changes import ChangedPath, Comparison, Step
from bot.model.gates import Head
from bot.model.runs import Run
from bot.reports.diff import Change, FileDiff
from bot.reports.handed import CoverageRead, Refused
from bot.reports.measured import CoverageReport, FileCoverage
from bot.reports.source import Statements

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SHA = "a" * 40
HEAD = Head(7, 5, "feature", SHA, "main")
RUN = Run(9, 1, ".github/workflows/reeve-coverage.yml", "pull_request", SHA, "feature", 5, "success", NOW)


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ([], None),
        ([RUN], RUN),
        ([RUN, replace(RUN, attempt=2, conclusion=None)], replace(RUN, attempt=2, conclusion=None)),
        ([RUN, replace(RUN, id=8)], RUN),
        ([replace(RUN, path=".github/workflows/mine.yml")], None),
        ([replace(RUN, path=".github/workflows/reeve-benchmark.yml")], None),
        (
            [replace(RUN, path=".github/workflows/reeve-coverage.yaml")],
            replace(RUN, path=".github/workflows/reeve-coverage.yaml"),
        ),
        ([replace(RUN, event="workflow_dispatch")], None),
        ([replace(RUN, event="push")], None),
        ([replace(RUN, head_sha="b" * 40)], None),
        ([replace(RUN, head_repository_id=6)], None),
        ([replace(RUN, head_repository_id=None)], None),
        ([RUN, replace(RUN, id=10, head_ref="other")], RUN),
        ([replace(RUN, head_ref="other")], replace(RUN, head_ref="other")),
    ],
)
def test_the_run_that_counts_is_the_newest_of_the_gates_own_workflow_on_this_head(
    runs: list[Run], expected: Run | None
) -> None:
    assert newest(runs, Gate.COVERAGE, HEAD, event="pull_request") == expected


def test_a_head_whose_fork_is_gone_is_matched_by_runs_of_a_fork_that_is_gone() -> None:
    gone = replace(RUN, head_repository_id=None)

    assert newest([gone], Gate.COVERAGE, replace(HEAD, repository_id=None), event="pull_request") == gone


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (f"reeve-coverage.{SHA}", Label(Gate.COVERAGE, "all", SHA)),
        (f"reeve-coverage.unit.{SHA}", Label(Gate.COVERAGE, "unit", SHA)),
        (f"reeve-benchmark.tp-8_h200.{SHA}{'a' * 24}", Label(Gate.BENCHMARK, "tp-8_h200", f"{SHA}{'a' * 24}")),
        ("reeve-coverage", None),
        (f"reeve-coverage.unit.{SHA[:39]}", None),
        (f"reeve-coverage.a b.{SHA}", None),
        (f"reeve-coverage.unit.{SHA.upper()}", None),
        (f"reeve-release.unit.{SHA}", None),
        (f"x-reeve-coverage.unit.{SHA}", None),
        (f"reeve-coverage.unit.{SHA}\n", None),
    ],
)
def test_an_artifact_says_by_its_name_what_it_is_and_nothing_else_is_one(name: str, expected: Label | None) -> None:
    assert label(name) == expected


@pytest.mark.parametrize(
    ("conclusion", "is_over", "has_ended_well"),
    [
        (None, False, False),
        ("success", True, True),
        ("failure", True, False),
        ("cancelled", True, False),
        ("skipped", True, False),
        ("action_required", False, False),
        ("unknown", True, False),
    ],
)
def test_only_a_run_that_ended_well_can_prove_anything(
    conclusion: str | None,
    is_over: bool,  # noqa: FBT001
    has_ended_well: bool,  # noqa: FBT001
) -> None:
    found = Evidence(replace(RUN, conclusion=conclusion))

    assert (found.is_over, found.has_ended_well) == (is_over, has_ended_well)
    assert not Evidence().is_over


def test_evidence_is_waited_for_since_the_push_or_the_newest_attempt() -> None:
    hour = timedelta(hours=1)
    pushes = [("b" * 40, NOW - 3 * hour), (SHA, NOW - 2 * hour)]

    assert since(pushes, SHA, Evidence(), NOW) == NOW - 2 * hour
    assert since(pushes, SHA, Evidence(replace(RUN, started_at=NOW - hour)), NOW) == NOW - hour
    assert since(pushes, "c" * 40, Evidence(), NOW) == NOW


def test_what_was_read_is_kept_and_comes_back_as_it_was() -> None:
    report = CoverageReport("LCOV", (FileCoverage("a.py", b"\x00\x03\x01", checksums=b"0" * 32),), sources=("/w",))

    for answer in (CoverageRead(report), Refused("archive-bomb", "x")):
        assert kept.unpacked(kept.packed(answer)) == answer


def test_a_comparison_is_kept_and_comes_back_as_it_was() -> None:
    found = Comparison(
        "b" * 40,
        SHA,
        "c" * 40,
        (ChangedPath("a.py", None, "d" * 40),),
        listing=frozenset({"a.py"}),
        steps=(Step((SHA,), "e"),),
    )
    diff = (FileDiff("模 型.py", "a.py", Change.RENAMED, ((1, 2),), b"x\n\xff\n"),)
    made = kept.compared(found, diff, frozenset({"tox.ini"}))
    more = kept.with_statements(made, {"a.py": Statements(frozenset({1, 2}), digests=b"\x00\xff")}, has_digests=True)

    assert kept.unpacked_comparison(kept.packed_comparison(more)) == more
    assert isinstance(more, Compared)
    assert (more.change, more.has_digests, made.has_digests) == (found.identity, True, False)
