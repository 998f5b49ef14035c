"""What goes with releases: runs that want to deploy, slow drifts, and the suite on a pull request."""

from datetime import timedelta

import pytest

from bot.model.effects import CheckRun, StickyComment
from tests.policies.release.documents import QUIET, QUIET_TOO, case, launches
from tests.releasing.yard import BASE, HEAD, LATER, MODEL, NOW, Yard, pull

SLOWER = launches(QUIET, tuple(each * 1.12 for each in QUIET_TOO))


def test_a_deployment_waits_until_its_commit_passed_and_was_approved(yard: Yard) -> None:
    yard.say("/release minor")
    assert yard.ask_to_deploy(HEAD) == []
    yard.finish(yard.result())
    assert yard.deployed == []
    yard.approve("ada", "ben")

    assert yard.deployed == ["approved"]
    assert yard.ask_to_deploy(HEAD, run_id=78) == ["approved", "approved"]


@pytest.mark.parametrize("sha", [BASE, LATER])
def test_a_commit_that_is_no_candidate_is_not_deployed(yard: Yard, sha: str) -> None:
    yard.say("/release minor")

    assert yard.ask_to_deploy(sha) == ["rejected"]


def test_a_candidate_that_failed_is_not_deployed(yard: Yard) -> None:
    yard.say("/release minor")
    yard.ask_to_deploy(HEAD)
    yard.finish(yard.result(case(launches=SLOWER)))

    assert yard.deployed == ["rejected"]


def test_a_candidate_that_moved_is_not_deployed(yard: Yard) -> None:
    yard.say("/release minor")
    yard.finish(yard.result())
    yard.approve("ada")
    yard.github.refs["main"] = LATER
    yard.look()

    assert yard.ask_to_deploy(HEAD) == ["rejected"]


def released(yard: Yard, factor: float) -> None:
    """Let the next release go out; its times are so many times those of the beginning."""
    yard.say("/release patch")
    base = tuple(each * factor for each in QUIET)
    head = tuple(each * factor for each in QUIET_TOO)
    yard.finish(yard.result(case(launches=launches(base, head))))


def test_a_slow_drift_over_releases_is_reported_and_blocks_nothing(yard: Yard) -> None:
    yard.github.released["v1.2.0"] = NOW
    for number, factor in enumerate((1.0, 1.03, 1.06, 1.1), start=1):
        yard.github.refs["main"] = f"{number:040x}"
        released(yard, factor)
        if number < 4:
            for each in ("ada", "ben"):
                yard.say("/release approve", by=each)

    assert "A slow drift" in yard.issue.body
    assert "times `v1.2.1`" in yard.issue.body
    assert yard.check.conclusion == "success"


def benched(yard: Yard) -> tuple[CheckRun, list[StickyComment]]:
    """Return the last check of the suite on a pull request, and what was said there."""
    checks = [e for e in yard.effects if isinstance(e, CheckRun) and e.name == "reeve / tensor-parallel"]
    said = [e for e in yard.effects if isinstance(e, StickyComment) and e.key == "tensor-parallel"]
    return checks[-1], said


@pytest.fixture
def quiet(yard: Yard) -> Yard:
    """A yard in which no release is due, with an open pull request."""
    yard.github.released["v1.2.0"] = NOW
    yard.github.pulls[9] = pull()
    return yard


def test_the_suite_runs_on_a_pull_request_and_its_result_is_told_there(quiet: Yard) -> None:
    quiet.say("/benchmark pr tp=1 vs=v1.2.0", number=9, head=HEAD)
    assert quiet.last["profile"] == "pr"
    assert (quiet.last["tp"], quiet.last["base"]) == ("1", BASE)
    assert benched(quiet)[0].conclusion is None
    quiet.finish(quiet.result())

    check, (comment,) = benched(quiet)
    assert check.conclusion == "success"
    assert "Tensor-parallel suite: passed" in comment.body
    assert "| `mlp/tiny/float32/2/step` |" in comment.body


def test_a_slower_pull_request_is_told_so(quiet: Yard) -> None:
    quiet.say("/benchmark", number=9, head=HEAD)
    quiet.finish(quiet.result(case(launches=SLOWER)))

    check, (comment,) = benched(quiet)
    assert check.conclusion == "failure"
    assert "slower or more costly" in comment.body


def test_a_head_that_moved_is_not_measured(quiet: Yard) -> None:
    said = quiet.say("/benchmark", number=9, head=LATER)

    assert quiet.dispatched == []
    assert "the head is" in said


def test_a_run_on_a_pull_request_that_never_answers_is_told_as_that(quiet: Yard) -> None:
    quiet.github.is_mute = True
    quiet.say("/benchmark", number=9, head=HEAD)
    quiet.now += timedelta(hours=7)
    quiet.look()

    check, (comment,) = benched(quiet)
    assert check.conclusion == "action_required"
    assert "`no-answer`" in comment.body


def test_a_run_on_a_pull_request_can_be_given_up(quiet: Yard) -> None:
    quiet.say("/benchmark", number=9, head=HEAD)

    assert "no longer waited for" in quiet.say("/benchmark cancel", number=9, head=HEAD)
    assert quiet.database.releases.benches(MODEL.id) == []
