"""What people do about the gates: forks, one head in two pull requests, buttons, commands, a merge queue."""

from collections.abc import Iterator

import pytest

from bot.sandbox.world import World
from tests.stories.conftest import Town
from tests.stories.pulls import (
    COVERAGE,
    ONLY_COVERAGE,
    SOURCE,
    TESTS,
    Lines,
    artifact,
    check,
    comment,
    conclusions,
    covered,
    marks,
    on,
    opened,
    reached,
    report,
)

POLICY = ".github/reeve.yml"
FILES = {
    POLICY: ONLY_COVERAGE,
    "model/old.py": "old = 1\n",
    "tests/test_old.py": "def test_old():\n    pass\n",
    "pyproject.toml": '[project]\nname = "model"\n\n[tool.coverage.run]\nbranch = false\n',
}
GOOD = {"model/new.py": SOURCE, "tests/test_new.py": TESTS}
OVERRIDE = '/override coverage reason="generated code"'


@pytest.fixture
def world() -> Iterator[World]:
    """A sandbox with a repository that asks for coverage only, nothing installed yet."""
    with World.start(seed=7) as world:
        world.create_repository("acme/model", files=FILES)
        yield world


# -- forks, and heads that are shared --------------------------------------------------------------------------------


def test_a_pull_request_from_a_fork_is_blocked_and_turns_green_like_any_other(town: Town) -> None:
    number = opened(town, fork=True)

    covered(town, number, reached(18))
    assert marks(check(town, number, "reeve / coverage")) == [("model/new.py", 19, 25)]
    town.world.push_to(number, {"tests/test_new.py": TESTS})
    town.settle()
    covered(town, number)

    assert check(town, number).conclusion == "success"


def test_a_run_that_waits_for_a_maintainers_leave_is_waited_for(town: Town) -> None:
    number = opened(town, files=GOOD, fork=True)

    town.world.run_workflow(number, COVERAGE, {}, conclusion="action_required")
    town.settle()

    assert check(town, number).status == "in_progress"


def test_a_run_in_somebody_elses_repository_is_no_evidence_for_the_same_commit(town: Town) -> None:
    number = opened(town, files=GOOD, fork=True)
    run = town.world.start_workflow(number, COVERAGE)
    run.head = type(run.head)(run.head.sha, run.head.branch, town.world.repository())

    town.world.finish_workflow(run, artifact(town, number, reached(25)))
    town.settle()

    assert check(town, number).status == "in_progress"


def test_two_pull_requests_with_one_head_show_the_worst_of_both_until_one_is_closed(town: Town) -> None:
    town.world.push_file(POLICY, "version: 1\nbenchmark: {evidence: measured}\n", branch="stable")
    one = opened(town, files=GOOD)
    two = town.world.open_pull_request("The same for stable", head="feature", files=None, base="stable")
    town.settle()
    assert town.world.pull(one).head_sha == town.world.pull(two).head_sha

    covered(town, one)

    whole, gate = check(town, one), check(town, one, "reeve / benchmark")
    assert (whole.conclusion, gate.conclusion) == ("action_required", "action_required")
    assert check(town, one, "reeve / coverage").conclusion == "success"
    assert comment(town, two).startswith("### Blocked by performance data")
    town.world.close_issue(two)
    town.settle()
    assert set(conclusions(town, one).values()) == {"success"}


# -- buttons and commands --------------------------------------------------------------------------------------------


def test_each_rerun_button_has_the_gates_judged_anew_and_shows_a_new_check(town: Town) -> None:
    number = opened(town, files=GOOD)
    town.world.faults.webhooks.lose(None, event="workflow_run")
    town.world.run_workflow(number, COVERAGE, artifact(town, number, reached(25)))
    town.settle()
    first = check(town, number)
    assert first.status == "in_progress"

    town.world.rerequest_check(first.id)
    town.settle()

    second = check(town, number)
    assert (second.conclusion, second.id != first.id) == ("success", True)
    town.world.advance(minutes=1)
    town.world.rerequest_suite(second.head_sha)
    town.settle()
    third = check(town, number)
    assert (third.conclusion, third.id != second.id) == ("success", True)
    town.world.advance(minutes=1)
    town.world.press_button(third.id, "retest")
    town.settle()
    assert check(town, number).id != third.id


def test_the_author_has_a_head_judged_anew_by_a_comment(town: Town) -> None:
    number = opened(town, files=GOOD)
    town.world.faults.webhooks.lose(None, event="workflow_run")
    town.world.run_workflow(number, COVERAGE, artifact(town, number, reached(25)))
    town.settle()

    written = town.world.comment(number, "/retest", by="ada")
    town.settle()

    assert check(town, number).conclusion == "success"
    assert ("reeve[bot]", "+1") in town.world.reactions(number, comment=written)


def test_a_maintainer_answers_for_a_gate_until_the_next_push(town: Town) -> None:
    number = opened(town)
    covered(town, number, reached(18))

    town.world.comment(number, OVERRIDE, by="maintainer")
    town.settle()

    gate = check(town, number, "reeve / coverage")
    assert (gate.conclusion, check(town, number).conclusion) == ("success", "success")
    assert gate.title == "A maintainer answers for coverage"
    assert "generated code" in (gate.summary or "")
    assert "`maintainer` answers for this gate" in comment(town, number)
    town.world.push_to(number, {"model/more.py": "more = 1\n"})
    town.settle()
    covered(town, number, reached(18))
    assert check(town, number).conclusion == "failure"


def test_an_outsider_answers_for_nothing(town: Town) -> None:
    number = opened(town)
    covered(town, number, reached(18))

    town.world.comment(number, OVERRIDE, by="mallory")
    town.settle()

    assert check(town, number).conclusion == "failure"


def test_an_override_ends_with_its_day(town: Town) -> None:
    number = opened(town)
    covered(town, number, reached(18))
    today = town.world.now.date().isoformat()

    town.world.comment(number, f"{OVERRIDE} until={today}", by="maintainer")
    town.settle()
    assert check(town, number).conclusion == "success"
    town.advance(days=1, minutes=1)

    assert check(town, number).conclusion == "failure"


# -- protected paths -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "path"),
    [
        *(("embedded", path) for path in (".github/workflows/ci.yml", POLICY, ".coveragerc", "benchmarks/run.py")),
        ("scaled out", "tests/conftest.py"),  # which path it is makes no difference to the shape
    ],
    indirect=["environment"],
)
def test_a_change_that_could_bend_the_figures_needs_a_maintainer_who_has_seen_this_commit(
    town: Town, path: str
) -> None:
    number = opened(town, files={**GOOD, path: f"{ONLY_COVERAGE}language: en\n" if path == POLICY else "a = 1\n"})
    lines: dict[str, Lines] = {
        "model/new.py": (range(1, 26), []),
        "model/old.py": ([1], []),
        "benchmarks/run.py": ([1], []),
    }
    kept = {each: found for each, found in lines.items() if each != "benchmarks/run.py" or path == each}
    covered(town, number, report(kept))
    assert check(town, number).conclusion == ("success" if path == "benchmarks/run.py" else "action_required")

    town.world.comment(number, "/ack", by="mallory")
    town.settle()
    assert check(town, number).conclusion == ("success" if path == "benchmarks/run.py" else "action_required")
    town.world.comment(number, "/ack", by="maintainer")
    town.settle()

    assert check(town, number).conclusion == "success"
    town.world.push_to(number, {"model/old.py": "old = 2\n"})
    town.settle()
    covered(town, number, report(kept))
    assert check(town, number).conclusion == ("success" if path == "benchmarks/run.py" else "action_required")


def test_a_new_dependency_in_a_file_with_settings_of_measuring_needs_nobody(town: Town) -> None:
    harmless = FILES["pyproject.toml"].replace('name = "model"', 'name = "model"\ndependencies = ["numpy"]')
    number = opened(town, files={**GOOD, "pyproject.toml": harmless})
    covered(town, number)
    assert check(town, number).conclusion == "success"

    bent = FILES["pyproject.toml"] + 'omit = ["model/new.py"]\n'
    town.world.push_to(number, {"pyproject.toml": bent})
    town.settle()
    covered(town, number)
    assert check(town, number).conclusion == "action_required"


# -- what is seen at the same time -----------------------------------------------------------------------------------


def test_a_verdict_for_a_head_that_has_moved_is_not_written(town: Town) -> None:
    number = opened(town, files=GOOD)
    old = town.world.pull(number).head_sha
    town.world.faults.webhooks.lose(None, event="pull_request")
    handed = artifact(town, number, reached(25))
    run = town.world.start_workflow(number, COVERAGE)
    town.world.push_to(number, {"model/new.py": SOURCE + "more = 1\n"})

    town.world.finish_workflow(run, handed)
    town.settle()

    assert on(town, old).conclusion != "success"


def test_parts_that_are_missing_are_waited_for_and_the_last_one_turns_it_green(town: Town) -> None:
    town.world.push_file(POLICY, ONLY_COVERAGE + "coverage: {parts: [unit, gpu]}\n")
    town.settle()
    number = opened(town, files=GOOD)

    run = town.world.start_workflow(number, COVERAGE)
    town.world.finish_workflow(run, artifact(town, number, reached(12)))
    town.settle()
    assert check(town, number, "reeve / coverage").title == "Only 1 of 2 parts of the coverage report arrived"
    town.world.rerun_workflow(run)
    town.settle()
    assert check(town, number).status == "in_progress"
    town.world.finish_workflow(run, artifact(town, number, reached(25), part="gpu"))
    town.settle()

    assert check(town, number).conclusion == "success"


def test_a_conflict_is_told_and_its_end_too(town: Town) -> None:
    number = opened(town, files={"model/old.py": "old = 2\n"})
    town.world.push_file("model/old.py", "old = 3\n")
    town.world.push_to(number, {"model/old.py": "old = 4\n"})
    town.settle()

    assert check(town, number, "reeve / coverage").title == "Resolve the conflicts with the base branch"
    assert check(town, number).conclusion == "action_required"


def test_in_shadow_the_gate_only_reports(town: Town) -> None:
    town.world.push_file(POLICY, ONLY_COVERAGE + "coverage: {shadow_until: 2099-01-01}\n")
    town.settle()
    number = opened(town)

    covered(town, number, reached(18))

    assert conclusions(town, number) == {
        "reeve": "success",
        "reeve / coverage": "success",
        "reeve / benchmark": "success",
    }
    assert "1 January 2099" in (check(town, number, "reeve / coverage").title or "")


def test_the_checks_and_the_comment_speak_chinese_to_a_chinese_author(town: Town) -> None:
    number = opened(town, title="增加一个新的模块，用于并行计算", body="请看一下这个改动。")

    covered(town, number, reached(18))

    assert "未通过：覆盖率" in (check(town, number).title or "")
    assert comment(town, number).startswith("### 未通过：覆盖率")


def test_a_repository_without_a_policy_file_has_no_gates(town: Town) -> None:
    town.world.create_repository("acme/other", files={"a.py": "a = 1\n"})
    town.world.install("acme/other")
    town.settle()

    number = town.world.open_pull_request("Add", head="add", files={"b.py": "b = 1\n"}, repository="acme/other")
    town.settle()

    assert town.world.checks(town.world.pull(number, repository="acme/other").head_sha, repository="acme/other") == []


# -- a merge queue ---------------------------------------------------------------------------------------------------


def test_a_batch_of_a_merge_queue_is_judged_on_its_own_commits(town: Town) -> None:
    one = opened(town, files=GOOD)
    two = opened(town, files={"model/two.py": "two = 2\n", "tests/test_two.py": TESTS}, head="two", fork=True)
    covered(town, one)
    covered(town, two, report({"model/two.py": ([1], []), "model/old.py": ([1], [])}))
    first = town.world.queue(one)
    second = town.world.queue(two, after=first)
    town.settle()
    assert [on(town, group.head_sha).status for group in (first, second)] == ["in_progress", "in_progress"]

    both: dict[str, Lines] = {"model/new.py": (range(1, 26), []), "model/old.py": ([1], []), "model/two.py": ([1], [])}
    town.world.run_workflow_of_group(first, COVERAGE, group_artifact(first.head_sha, reached(25)))
    town.world.run_workflow_of_group(second, COVERAGE, group_artifact(second.head_sha, report(both)))
    town.settle()

    assert [on(town, group.head_sha).conclusion for group in (first, second)] == ["success", "success"]
    assert town.world.bot_comments(one) == []


def test_a_group_whose_tests_reach_less_than_is_needed_is_blocked(town: Town) -> None:
    number = opened(town, files=GOOD)
    covered(town, number)
    group = town.world.queue(number)

    town.world.run_workflow_of_group(group, COVERAGE, group_artifact(group.head_sha, reached(18)))
    town.settle()

    assert on(town, group.head_sha).conclusion == "failure"
    assert marks(on(town, group.head_sha, "reeve / coverage")) == [("model/new.py", 19, 25)]


def test_a_group_that_is_given_up_is_judged_no_more(town: Town) -> None:
    number = opened(town, files=GOOD)
    covered(town, number)
    group = town.world.queue(number)
    town.settle()
    town.world.leave_queue(group)
    town.settle()

    assert [call for call in town.calls(lambda: town.advance(hours=3)) if "check-runs" in call] == []


def group_artifact(sha: str, content: bytes) -> dict[str, dict[str, bytes]]:
    """Return what the coverage workflow hands over for a commit of the merge queue."""
    return {f"reeve-coverage.unit.{sha}": {"coverage.json": content}}
