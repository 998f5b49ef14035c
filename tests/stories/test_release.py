"""From a command to a published release, beside a whole GitHub; and what never goes out."""

import sys
from dataclasses import replace

import pytest

from bot.bench.cases import PROFILES
from bot.reports.tensor_parallel import Document
from tests.policies.release.documents import QUIET, QUIET_TOO, case, launches
from tests.stories.conftest import Town
from tests.stories.pulls import on
from tests.stories.releases import (
    finish,
    green,
    prepared,
    release,
    release_issue,
    result,
    run,
    say,
    tip,
    told,
)

SLOWER = case(launches=launches(QUIET, tuple(each * 1.12 for each in QUIET_TOO)))
WRONG = case(status="incorrect", reason="y: 0.3, limit 2e-07", launches=(), correctness=())

only_embedded = pytest.mark.parametrize("environment", ["embedded"], indirect=True)


def measured(town: Town) -> Document:
    """Run the suite for real, on this machine's CPUs: every case, on two ranks, in the shape that is the quickest."""
    pytest.importorskip("torch", reason="the extra `bench` is not installed: make extra")
    from bot.bench import suite  # noqa: PLC0415  PyTorch only where it is

    begun = run(town)
    quick = replace(PROFILES["smoke"], shapes=("tiny",), worlds=(2,), tokens=16, pairs=2, samples=1)
    builds = [suite.Build(sys.executable, "reeve", begun.inputs[side]) for side in ("candidate", "base")]
    return suite.run(
        quick,
        head=builds[0],
        base=builds[1],
        nonce=begun.inputs["nonce"],
        run_id=str(begun.id),
        progress=lambda *_: None,
    )


@only_embedded
def test_from_release_minor_to_a_published_release_with_a_real_run_of_the_suite(town: Town) -> None:
    number = prepared(town, policy="version: 1\nrelease: {profile: smoke}\n")
    candidate = tip(town)

    assert "`v1.3.0` is on its way" in say(town, number, "/release minor")
    assert run(town).inputs["candidate"] == candidate
    assert run(town).inputs["base"] == town.world.tags()["v1.2.0"]
    finish(town, measured(town))
    assert on(town, candidate, "reeve / release").conclusion == "success", told(town)
    say(town, number, "/release approve", by="ada")
    assert "v1.3.0" not in town.world.tags()
    say(town, number, "/release approve", by="ben")

    assert town.world.tags()["v1.3.0"] == candidate
    assert release(town).tag == "v1.3.0"
    assert "faster decode" in release(town).body
    assert "| `mlp/tiny/float32/2/step` |" in release(town).body
    assert release_issue(town).state == "closed"
    assert len(town.world.dispatches()) == 1


def test_a_release_goes_out_in_both_shapes_and_its_issue_tells_the_way(town: Town) -> None:
    number = prepared(town)
    say(town, number, "/release minor")
    issue = release_issue(town)
    assert "suite is running" in told(town)
    finish(town, result(town))
    assert "2 more maintainers have to approve" in told(town)
    say(town, issue.number, "/release approve", by="ada")
    say(town, issue.number, "/release approve", by="ben")

    assert [each.tag for each in town.world.releases()] == ["v1.2.0", "v1.3.0"]
    assert town.world.labels(issue.number) == set()
    assert all("counts" in each for each in town.world.bot_comments(issue.number))
    assert release_issue(town).number == issue.number
    assert release_issue(town).state == "closed"


@only_embedded
@pytest.mark.parametrize(("made", "word"), [(SLOWER, "regress"), (WRONG, "incorrect")], ids=["slower", "wrong"])
def test_a_planted_fault_is_blocked(town: Town, made: object, word: str) -> None:
    number = prepared(town)
    say(town, number, "/release minor")
    finish(town, result(town, made))  # type: ignore[arg-type]
    for person in ("ada", "ben"):
        say(town, number, "/release approve", by=person)

    assert on(town, tip(town), "reeve / release").conclusion == "failure"
    assert f"`{word}` `mlp/tiny/float32/2/step`" in told(town)
    assert list(town.world.tags()) == ["v1.2.0"]


@only_embedded
def test_forged_stale_replayed_and_foreign_results_are_refused_by_name(town: Town) -> None:
    number = prepared(town)
    say(town, number, "/release minor")
    accepted = result(town)
    for made, flaw in (
        ({"nonce": "0" * 32}, "forged-nonce"),
        ({"sides": {**accepted.sides, "head": accepted.sides["base"]}}, "stale-commits"),
        ({"run_id": "4711"}, "foreign-run"),
    ):
        finish(town, result(town, **made))
        assert f"was refused: `{flaw}`" in told(town)
        say(town, number, "/release minor")
    finish(town, accepted := result(town))
    town.world.push_file("model.py", "x = 2\n")
    green(town)
    town.settle()
    finish(town, result(town, cases=accepted.cases, duration=accepted.duration, sides=accepted.sides))

    assert "was refused: `replayed`" in told(town)
    assert list(town.world.tags()) == ["v1.2.0"]


@only_embedded
def test_a_push_between_approval_and_release_voids_both(town: Town) -> None:
    number = prepared(town)
    say(town, number, "/release minor")
    finish(town, result(town))
    say(town, number, "/release approve", by="ada")
    before = tip(town)
    town.world.push_file("model.py", "x = 2\n")
    green(town)
    town.settle()
    say(town, number, "/release approve", by="ben")

    assert list(town.world.tags()) == ["v1.2.0"]
    assert "The candidate moved." in told(town)
    assert before[:12] in told(town)
    assert run(town).inputs["candidate"] == tip(town)


@only_embedded
def test_an_outsider_is_refused_and_told_who_may(town: Town) -> None:
    number = prepared(town)
    town.world.advance(seconds=5)
    town.world.comment(number, "/release minor", by="eve")
    town.settle()

    assert "people with the maintain role or higher" in town.world.bot_comments(number)[-1]
    assert town.world.dispatches() == []


@only_embedded
def test_a_second_train_is_refused_while_the_first_is_under_way(town: Town) -> None:
    number = prepared(town)
    say(town, number, "/release minor")
    said = say(town, number, "/release patch", by="ben")

    assert "`v1.3.0` is under way" in said
    assert len(town.world.dispatches()) == 1


@only_embedded
def test_a_runner_that_never_answers_blocks_the_release(town: Town) -> None:
    number = prepared(town)
    say(town, number, "/release minor")
    town.advance(hours=7)

    assert on(town, tip(town), "reeve / release").conclusion == "timed_out"
    assert "runners have not answered" in told(town)


@only_embedded
def test_a_crash_between_tag_and_release_repeats_nothing(town: Town) -> None:
    number = prepared(town)
    say(town, number, "/release minor")
    finish(town, result(town))
    say(town, number, "/release approve", by="ada")
    town.world.faults.fail(method="POST", path="*/releases")
    say(town, number, "/release approve", by="ben")
    assert "v1.3.0" in town.world.tags()
    assert len(town.world.releases()) == 1
    town.close()
    town.open()
    town.advance(minutes=20)

    assert [each.tag for each in town.world.releases()] == ["v1.2.0", "v1.3.0"]
    assert release_issue(town).state == "closed"


@only_embedded
def test_a_tag_that_github_refuses_is_told_and_tried_again_later_and_not_at_once(town: Town) -> None:
    number = prepared(town)
    say(town, number, "/release minor")
    finish(town, result(town))
    say(town, number, "/release approve", by="ada")
    town.world.faults.fail(None, status=422, method="POST", path="*/git/refs")
    say(town, number, "/release approve", by="ben")
    tries = [each for each in town.world.requests if each.method == "POST" and each.path.endswith("/git/refs")]
    assert len(tries) == 1
    assert "GitHub refused the last step" in told(town)
    town.world.faults.clear()
    town.advance(minutes=11)

    assert town.world.tags()["v1.3.0"] == tip(town)
    assert release(town).tag == "v1.3.0"


@only_embedded
def test_the_environment_that_publishes_is_opened_for_what_passed_and_for_nothing_else(town: Town) -> None:
    number = prepared(town)
    candidate = tip(town)
    town.world.ask_to_deploy("pypi", sha=town.world.tags()["v1.2.0"])
    town.settle()
    say(town, number, "/release minor")
    town.world.ask_to_deploy("pypi", sha=candidate)
    town.settle()
    finish(town, result(town))
    assert [each.state for each in town.world.deployment_answers()] == ["rejected"]
    for person in ("ada", "ben"):
        say(town, number, "/release approve", by=person)

    assert [each.state for each in town.world.deployment_answers()] == ["rejected", "approved"]


@only_embedded
def test_a_release_speaks_chinese_where_the_repository_does(town: Town) -> None:
    number = prepared(town, policy="version: 1\nlanguage: zh-CN\n")
    assert "的发布已开始" in say(town, number, "/release minor")
    finish(town, result(town))
    for person in ("ada", "ben"):
        say(town, number, "/release approve", by=person)

    assert release_issue(town).title == "发布 v1.3.0"
    assert "## 新功能" in release(town).body


@only_embedded
def test_the_suite_runs_on_a_pull_request(town: Town) -> None:
    prepared(town, day=1)
    number = town.world.open_pull_request("fix: a", head="fix", files={"model.py": "x = 3\n"})
    town.settle()
    say(town, number, "/bench smoke tp=2")
    finish(town, result(town))

    head = town.world.pull(number).head_sha
    assert run(town).inputs["tp"] == "2"
    assert on(town, head, "reeve / tensor-parallel").conclusion == "success"
    assert any("Tensor-parallel suite: passed" in each for each in town.world.bot_comments(number))
