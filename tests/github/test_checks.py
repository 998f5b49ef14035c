"""Check runs against the sandbox: one that counts, with all its annotations, however often tried."""

from dataclasses import replace

import pytest

from bot.model.effects import Annotation, Button, CheckRun
from bot.model.errors import Refused
from bot.model.forge import Attempt, Receipt
from bot.sandbox.state import CheckRun as Run
from tests.github.desk import AGAIN, FIRST, Desk


def notes(count: int, *, first: int = 1) -> tuple[Annotation, ...]:
    return tuple(Annotation("README.md", n, n, f"line {n}", "warning") for n in range(first, first + count))


def check_of(desk: Desk, *, fork: bool = False) -> CheckRun:
    number = desk.world.open_pull_request("Add", head="feature", files={"a.txt": "a"}, fork=fork)
    head = desk.world.pull(number).head_sha
    return CheckRun(desk.subject(number), head, "reeve/config", "failure", "1 mistake", "line 3")


def runs(desk: Desk, effect: CheckRun) -> list[Run]:
    return desk.world.checks(effect.head_sha)


def test_a_check_is_one_request_and_tells_its_pull_request(desk: Desk) -> None:
    effect = check_of(desk, fork=True)

    receipt = desk.apply(effect)

    (run,) = runs(desk, effect)
    assert (receipt, desk.asked()) == (Receipt(run.id), ["POST /repos/acme/model/check-runs"])
    assert (run.status, run.conclusion, run.title, run.summary) == ("completed", "failure", "1 mistake", "line 3")
    assert run.external_id == effect.target
    assert run.external_id.startswith(f"{effect.subject.key}/")
    desk.check_exchanges()


def test_a_check_in_progress_is_finished_in_place(desk: Desk) -> None:
    effect = check_of(desk)
    begun = desk.apply(replace(effect, conclusion=None, title="Running"))
    assert runs(desk, effect)[0].status == "in_progress"

    assert desk.apply(effect, Attempt(begun.remote_id)) == begun
    assert desk.apply(effect, Attempt(begun.remote_id)) == Receipt(begun.remote_id, was_needed=False)
    assert [run.conclusion for run in runs(desk, effect)] == ["failure"]
    desk.check_exchanges()


def test_a_finished_check_that_runs_again_is_a_new_one(desk: Desk) -> None:
    effect = check_of(desk)
    first = desk.apply(effect)

    second = desk.apply(replace(effect, conclusion=None), Attempt(first.remote_id))

    assert second.remote_id != first.remote_id
    assert [run.conclusion for run in runs(desk, effect)] == ["failure", None]


@pytest.mark.parametrize(("count", "writes"), [(50, 1), (51, 2), (120, 3)])
def test_annotations_come_in_batches_and_each_once(desk: Desk, count: int, writes: int) -> None:
    effect = replace(check_of(desk), annotations=notes(count))

    receipt = desk.apply(effect)
    assert len(desk.asked()) == writes
    assert desk.apply(effect, Attempt(receipt.remote_id)).was_needed is False

    (run,) = runs(desk, effect)
    assert [each["message"] for each in run.annotations] == [f"line {n}" for n in range(1, count + 1)]
    desk.check_exchanges()


@pytest.mark.parametrize("fault", ["fail", "refuse", "drop_answers", "fail_after_write"])
@pytest.mark.parametrize("times", [1, 3, 9])
def test_a_check_is_there_once_with_all_its_annotations_whatever_goes_wrong(desk: Desk, fault: str, times: int) -> None:
    effect = replace(check_of(desk), annotations=notes(120))
    getattr(desk.world.faults, fault)(times=times, probability=0.7, path="/repos/*")

    receipt = desk.insist(effect)

    (run,) = runs(desk, effect)
    assert (run.id, run.conclusion, len(run.annotations)) == (receipt.remote_id, "failure", 120)
    assert len({each["message"] for each in run.annotations}) == 120


def test_more_annotations_are_added_and_stale_ones_need_a_new_check(desk: Desk) -> None:
    effect = replace(check_of(desk), annotations=notes(2))
    first = desk.apply(effect)
    more = desk.apply(replace(effect, annotations=notes(3)), Attempt(first.remote_id))
    other = desk.apply(replace(effect, annotations=notes(1)), Attempt(more.remote_id))
    none = desk.apply(replace(effect, annotations=(), conclusion="success"), Attempt(other.remote_id))

    assert first == more != other != none
    assert [len(run.annotations) for run in runs(desk, effect)] == [3, 1, 0]
    desk.check_exchanges()


def test_of_several_checks_the_newest_counts(desk: Desk) -> None:
    effect = replace(check_of(desk), annotations=notes(1))
    first = desk.apply(effect)
    second = desk.apply(replace(effect, annotations=()), Attempt(first.remote_id))

    assert desk.apply(replace(effect, annotations=()), AGAIN) == Receipt(second.remote_id, was_needed=False)


def test_two_pull_requests_with_the_same_commit_have_a_check_each(desk: Desk) -> None:
    effect = check_of(desk)
    other = replace(effect, subject=desk.subject(99))

    receipts = {desk.apply(each, AGAIN).remote_id for each in (effect, other)}

    assert len(receipts) == 2


def test_a_check_that_is_gone_is_made_anew(desk: Desk) -> None:
    effect = check_of(desk)

    assert desk.apply(effect, Attempt(1)).was_needed
    assert len(runs(desk, effect)) == 1


def test_words_too_long_for_github_are_cut_between_characters(desk: Desk) -> None:
    long = Annotation("a.txt", 1, 2, "注" * 65_535)
    effect = replace(check_of(desk), title="题" * 300, summary="文" * 65_535, annotations=(long,))

    receipt = desk.apply(effect)
    assert desk.apply(effect, Attempt(receipt.remote_id)).was_needed is False

    (run,) = runs(desk, effect)
    assert (run.title, run.summary) == ("题" * 85, "文" * 21_845)
    assert run.annotations[0]["message"] == "注" * 21_845


def test_a_commit_that_is_not_there_is_refused(desk: Desk) -> None:
    with pytest.raises(Refused, match="No commit found"):
        desk.apply(replace(check_of(desk), head_sha="0" * 40), FIRST)


def test_checks_need_no_more_than_their_own_permission(desk: Desk) -> None:
    desk.world.installation().permissions = {"checks": "write", "metadata": "read"}
    effect = check_of(desk)

    receipt = desk.apply(replace(effect, annotations=notes(1)))

    assert desk.apply(replace(effect, annotations=notes(2)), AGAIN) == receipt


def test_a_check_that_is_asked_for_anew_is_made_anew_once_for_each_round(desk: Desk) -> None:
    effect = check_of(desk)
    first = desk.apply(effect)

    anew = replace(effect, round=1)
    second = desk.apply(anew, Attempt(first.remote_id))

    assert [run.id for run in runs(desk, effect)] == [first.remote_id, second.remote_id]
    assert desk.apply(anew, Attempt(second.remote_id)) == Receipt(second.remote_id, was_needed=False)
    assert desk.apply(anew, AGAIN) == Receipt(second.remote_id, was_needed=False)
    desk.check_exchanges()


def test_a_check_shows_its_buttons(desk: Desk) -> None:
    effect = check_of(desk)

    desk.apply(replace(effect, buttons=(Button("Look again", "Judge this commit again", "retest"),)))

    (run,) = runs(desk, effect)
    assert run.actions == [{"label": "Look again", "description": "Judge this commit again", "identifier": "retest"}]
