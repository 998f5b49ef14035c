"""Pull requests held to performance data: asked for, claimed, measured, and blocked with the estimate if slower."""

import json
import random
from collections.abc import Iterator

import pytest

from bot.sandbox.ci import WorkflowRun
from bot.sandbox.world import World
from tests.stories.conftest import Town
from tests.stories.pulls import BENCHMARK, ONLY_BENCHMARK, check, comment, conclusions, on, opened, report

POLICY = ".github/reeve.yml"
FILES = {POLICY: ONLY_BENCHMARK, "model/old.py": "old = 1\n", "README.md": "# A model\n"}
CLAIM = """It is faster now.

| metric | unit | before | after | hardware | command | commit |
| --- | --- | ---: | ---: | --- | --- | --- |
| output throughput | tok/s | 100 | 120 | 8 x H200 | `bench serve` | `{commit}` |
"""
BENCH = "reeve / benchmark"


@pytest.fixture
def world() -> Iterator[World]:
    """A sandbox with a repository that asks for performance data only, nothing installed yet."""
    with World.start(seed=7) as world:
        world.create_repository("acme/model", files=FILES)
        yield world


def samples(*, base: str, head: str, slower: float = 1.0, pairs: int = 6, machine: str = "h200-1") -> bytes:
    """Return launches of base and head, taking turns, in Reeve's own format: latencies with two percent of noise."""
    dice = random.Random(3)  # noqa: S311  noise, not a secret
    launches = []
    for pair in range(pairs):
        sides = [("base", 1.0), ("head", slower)]
        for side, factor in sides if pair % 2 == 0 else sides[::-1]:
            values = [round(10 * factor * dice.gauss(1, 0.005), 4) for _ in range(5)]
            launches.append({"side": side, "samples": {"latency": values}})
    built = {"dirty": False}
    return json.dumps(
        {
            "schema": "reeve.samples/1",
            "base": built | {"commit": base, "environment": {"machine": "h200-1"}},
            "head": built | {"commit": head, "environment": {"machine": machine}},
            "metrics": {"latency": {"unit": "ms", "better": "lower"}},
            "launches": launches,
        }
    ).encode()


def measured(town: Town, number: int, *, path: str = BENCHMARK, of: str = "", **more: object) -> WorkflowRun:
    """Let the benchmark workflow run on a pull request, and everything follow."""
    merge = town.world.merge_ref(number) or ""
    base = town.world.repository().commits[merge].parents[0]
    content = samples(base=base, head=of or merge, **more)  # type: ignore[arg-type]
    run = town.world.run_workflow(number, path, {f"reeve-benchmark.{merge}": {"benchmark.json": content}})
    town.settle()
    return run


def claimed(town: Town, number: int) -> None:
    """Let the author put a table into the description, and everything follow."""
    body = CLAIM.format(commit=town.world.pull(number).head_sha)
    town.world.edit_issue(number, body=body)
    town.settle()


@pytest.mark.parametrize("fork", [False, True])
def test_without_data_it_is_blocked_with_instructions_then_claimed_then_measured(
    town: Town,
    fork: bool,  # noqa: FBT001
) -> None:
    number = opened(town, fork=fork)
    assert check(town, number).conclusion == "action_required"
    assert check(town, number, BENCH).title == "Performance data is missing"
    assert "| metric | unit | before | after | hardware | command | commit |" in comment(town, number)

    claimed(town, number)
    assert check(town, number).conclusion == "success"
    assert "claimed" in (check(town, number, BENCH).summary or "").lower()

    measured(town, number)
    assert check(town, number).conclusion == "success"
    assert "measured" in (check(town, number, BENCH).summary or "").lower()
    assert len(town.world.bot_comments(number)) == 1


def test_a_regression_is_blocked_with_its_estimate_and_interval(town: Town) -> None:
    number = opened(town)

    measured(town, number, slower=1.10)

    blocked = check(town, number, BENCH)
    assert (blocked.conclusion, check(town, number).conclusion) == ("failure", "failure")
    shown = f"{blocked.title} {blocked.summary}"
    assert "+10." in shown or "+9." in shown
    assert "latency" in shown
    assert "regress" in shown.lower() or "slower" in shown.lower()


@pytest.mark.parametrize("environment", ["embedded"], indirect=True)
def test_in_shadow_missing_data_and_a_regression_are_only_reported(town: Town) -> None:
    town.world.push_file(POLICY, ONLY_BENCHMARK + "benchmark: {shadow_until: 2099-01-01}\n")
    town.settle()
    number = opened(town)
    missing, before = check(town, number, "reeve / benchmark").title or "", conclusions(town, number)

    measured(town, number, slower=1.2)

    slower, after = check(town, number, "reeve / benchmark").title, conclusions(town, number)
    assert {*before.values(), *after.values()} == {"success"}
    assert missing.startswith("Only a report until 1 January 2099 · ")
    assert slower == "Only a report until 1 January 2099 · Slower: 1 of 1 metric regresses"


def test_a_claim_about_an_older_commit_is_not_for_this_one(town: Town) -> None:
    number = opened(town)
    claimed(town, number)
    assert check(town, number).conclusion == "success"

    town.world.push_to(number, {"model/new.py": "new = 2\n"})
    town.settle()

    assert check(town, number).conclusion == "action_required"


def test_where_only_measured_data_counts_a_claim_is_not_enough(town: Town) -> None:
    town.world.push_file(POLICY, ONLY_BENCHMARK + "benchmark: {evidence: measured}\n")
    town.settle()
    number = opened(town)

    claimed(town, number)
    assert check(town, number).conclusion == "action_required"
    measured(town, number)

    assert check(town, number).conclusion == "success"


@pytest.mark.parametrize("files", [{"README.md": "# Hello\n"}, {"tests/test_a.py": "def test_a():\n    pass\n"}])
def test_documents_and_tests_need_no_data_and_the_reason_is_shown(town: Town, files: dict[str, str]) -> None:
    number = opened(town, files=files)

    assert check(town, number, BENCH).conclusion == "success"
    assert check(town, number).conclusion in {"success", None}  # a changed test waits for coverage
    assert town.world.bot_comments(number) == []


def test_a_measurement_that_is_under_way_is_waited_for_and_one_that_failed_is_no_pass(town: Town) -> None:
    number = opened(town)
    claimed(town, number)
    run = town.world.run_workflow(number, BENCHMARK, {}, conclusion="failure")
    town.settle()
    assert check(town, number, BENCH).conclusion == "action_required"

    town.world.rerun_workflow(run)
    town.settle()

    assert (check(town, number, BENCH).status, check(town, number).status) == ("in_progress", "in_progress")


def test_measurements_that_prove_nothing_never_turn_green(town: Town) -> None:
    number = opened(town)

    measured(town, number, of="b" * 40)
    assert check(town, number).conclusion == "action_required"
    measured(town, number, machine="h200-2")
    assert check(town, number).conclusion == "action_required"
    measured(town, number, pairs=2)
    assert check(town, number).conclusion == "action_required"
    measured(town, number, path=".github/workflows/mine.yml")
    assert check(town, number).conclusion == "action_required"
    merge = town.world.merge_ref(number)
    town.world.run_workflow(number, BENCHMARK, {f"reeve-benchmark.{merge}": {"benchmark.json": b'{"a": NaN}'}})
    town.settle()
    assert check(town, number).conclusion == "action_required"
    base = town.world.repository().branches["main"]
    good = samples(base=base, head=merge or "")
    for name, content in ((f"reeve-benchmark.{merge}", report({"model/new.py": ([1], [])})), ("other", good)):
        town.world.run_workflow(number, BENCHMARK, {name: {"benchmark.json": content}})
        town.settle()
        assert check(town, number).conclusion == "action_required"
    town.world.run_workflow(number, BENCHMARK, {f"reeve-benchmark.{base}": {"benchmark.json": good}})
    town.settle()
    assert check(town, number).conclusion == "action_required"


def test_a_changed_harness_needs_a_maintainer_who_has_seen_this_commit(town: Town) -> None:
    number = opened(town, files={"model/new.py": "new = 1\n", "benchmarks/run.py": "run = 1\n"})
    measured(town, number)
    assert check(town, number).conclusion == "action_required"

    town.world.comment(number, "/ack", by="maintainer")
    town.settle()

    assert check(town, number).conclusion == "success"


def test_a_maintainer_answers_for_performance_until_the_next_push(town: Town) -> None:
    number = opened(town)

    town.world.comment(number, '/override benchmark reason="no hot path"', by="maintainer")
    town.settle()
    assert check(town, number).conclusion == "success"
    town.world.push_to(number, {"model/new.py": "new = 2\n"})
    town.settle()

    assert check(town, number).conclusion == "action_required"


def test_a_merge_queue_carries_the_verdicts_over_and_says_from_where(town: Town) -> None:
    one = opened(town)
    two = opened(town, files={"model/two.py": "two = 2\n"}, head="two", fork=True)
    for number in (one, two):
        claimed(town, number)

    group = town.world.queue(one, two)
    town.settle()

    carried = on(town, group.head_sha, BENCH)
    assert (carried.conclusion, carried.title) == ("success", f"Carried over from `#{one}`, `#{two}`")
    assert on(town, group.head_sha).conclusion == "success"


def test_a_pull_request_without_data_passes_in_no_merge_queue(town: Town) -> None:
    one = opened(town)
    two = opened(town, files={"model/two.py": "two = 2\n"}, head="two")
    claimed(town, one)

    group = town.world.queue(one, two)
    town.settle()

    assert on(town, group.head_sha).conclusion == "action_required"
