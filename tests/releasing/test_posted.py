"""A result that a runner posts: taken for what is waited for, once, and only from where it can come."""

from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest

from bot.model.claims import Claims
from bot.model.errors import Refused
from bot.model.trains import Fate
from bot.releasing.posted import Known, Post
from bot.reports import tensor_parallel
from bot.reports.tensor_parallel import Document
from bot.store.posted import PostedStore
from tests.policies.release.documents import side
from tests.releasing.yard import LATER, MODEL, Yard

FILE = "acme/model/.github/workflows/reeve-tensor-parallel.yml@refs/heads/main"
BODY = f"acme/reeve/.github/workflows/measure-tensor-parallel.yml@{'d' * 40}"


def token(yard: Yard) -> Claims:
    """Return what a token of the run that was started says."""
    return Claims(
        "1", MODEL.id, "acme/model", max(yard.github.runs), 1, "workflow_dispatch", "refs/heads/main", FILE, BODY,
        "github-hosted",
    )  # fmt: skip


def post(yard: Yard, made: Document | bytes, claims: Claims | None = None) -> None:
    """Post a result, with a token that says this."""
    claims = claims or token(yard)
    body = made if isinstance(made, bytes) else tensor_parallel.encode(made)
    Post(lambda _: claims, PostedStore(yard.database.engine), lambda: yard.now).take("token", body)


@pytest.fixture
def waiting(yard: Yard) -> Yard:
    """A repository that Reeve governs, where a release waits for its result."""
    yard.database.memory.keep_repository(MODEL)
    yard.say("/release minor")
    return yard


def test_what_the_run_posted_itself_counts_like_its_artifact_and_comes_before_it(waiting: Yard) -> None:
    post(waiting, waiting.result())
    waiting.finish(b"what was handed over is not even read")

    attempt = waiting.train.latest
    assert attempt is not None
    assert (attempt.fate, attempt.flaw) == (Fate.TAKEN, "")


def test_a_posted_result_counts_only_when_its_run_has_ended_well(waiting: Yard) -> None:
    post(waiting, waiting.result())
    waiting.look()
    before = waiting.train.latest
    waiting.finish(conclusion="cancelled")

    assert before is not None
    assert before.fate is Fate.WAITING
    assert [each.fate for each in waiting.train.attempts if each.nonce == before.nonce] == [Fate.FAILED]


def test_a_second_result_of_a_run_is_not_taken_whatever_it_says(waiting: Yard) -> None:
    post(waiting, waiting.result())

    with pytest.raises(Known):
        post(waiting, waiting.result(duration=1.0), replace(token(waiting), id="2"))


def test_a_token_is_good_for_one_result(waiting: Yard) -> None:
    first = token(waiting)
    post(waiting, waiting.result())
    waiting.finish(conclusion="failure")
    again = waiting.result()

    assert again.run_id != str(first.run_id)
    with pytest.raises(Known):
        post(waiting, again, replace(first, run_id=int(again.run_id)))


CLAIMS: list[tuple[str, dict[str, object], str]] = [
    ("a repository that is not governed", {"repository_id": 8}, "not governed"),
    ("a pull request's run", {"event": "pull_request"}, "dispatch"),
    ("a run with the rights of the base", {"event": "pull_request_target"}, "dispatch"),
    ("another branch", {"ref": "refs/heads/evil"}, "default branch"),
    ("a workflow of another branch", {"workflow_ref": FILE.replace("main", "evil")}, "one of the default branch"),
    ("a branch named like a ref", {"workflow_ref": FILE + "@refs/heads/evil"}, "one of the default branch"),
    ("a workflow of another repository", {"workflow_ref": FILE.replace("acme/", "evil/")}, "one of the default branch"),
    ("another job's workflow", {"job_workflow_ref": FILE}, "not one that hands over"),
    ("a run again", {"run_attempt": 2}, "run again"),
    ("the machine that ran the candidate", {"runner": "self-hosted"}, "where the candidate's code may run"),
    ("another run", {"run_id": 4999}, "the run is not what was asked for"),
]


@pytest.mark.parametrize(("change", "reason"), [each[1:] for each in CLAIMS], ids=[each[0] for each in CLAIMS])
def test_a_token_of_something_else_hands_nothing_over(
    waiting: Yard,
    change: dict[str, object],
    reason: str,
) -> None:
    with pytest.raises(Refused, match=reason):
        post(waiting, waiting.result(), replace(token(waiting), **change))  # type: ignore[arg-type]


Change = Callable[[Document], Document | bytes]


def changed(**fields: object) -> Change:
    """Return what changes fields of a document."""
    return lambda made: msgspec.structs.replace(made, **fields)


def about(**others: str) -> Change:
    """Return what puts other commits into a document."""
    sides = {name: side(commit) for name, commit in others.items()}
    return lambda made: msgspec.structs.replace(made, sides=made.sides | sides)


DOCUMENTS: list[tuple[str, Change, str]] = [
    ("a nonce that nobody waits for", changed(nonce="nonce99999999"), "nobody waits"),
    ("another candidate", about(head=LATER), "the candidate"),
    ("another base", about(base=LATER), "the base"),
    ("no base", lambda made: msgspec.structs.replace(made, sides={"head": made.sides["head"]}), "the base"),
    ("another profile", changed(profile="smoke"), "the profile"),
    ("another run's", changed(run_id="1"), "the run"),
    ("no document", lambda _: b"{}", "no result of the suite"),
    ("far too much", lambda _: b" " * (4 * 1024 * 1024 + 1), "too large"),
]


@pytest.mark.parametrize(("change", "reason"), [each[1:] for each in DOCUMENTS], ids=[each[0] for each in DOCUMENTS])
def test_a_document_that_was_not_asked_for_is_not_kept(
    waiting: Yard,
    change: Change,
    reason: str,
) -> None:
    with pytest.raises(Refused, match=reason):
        post(waiting, change(waiting.result()))
    assert waiting.database.releases.posted(MODEL.id, max(waiting.github.runs), waiting.last["nonce"]) is None


def test_when_the_release_is_given_up_nobody_waits_any_more(waiting: Yard) -> None:
    made = waiting.result()
    waiting.say("/release cancel")

    with pytest.raises(Refused, match="nobody waits"):
        post(waiting, made)
