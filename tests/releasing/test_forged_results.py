"""What a run hands over is believed only where it was made for this very release, and is new."""

import re
from dataclasses import replace

import msgspec
import pytest

from bot.reports import tensor_parallel
from bot.reports.handed import Refused, SuiteRead
from bot.reports.tensor_parallel import Document
from bot.sandbox.ci import zipped
from bot.unpack.opener import Opener
from tests.policies.release.documents import side
from tests.releasing.yard import BASE, HEAD, LATER, Yard


def refused(yard: Yard) -> str:
    """Return by which name what came was refused, once nothing goes out though everybody approves."""
    yard.approve("ada", "ben")
    assert yard.check.conclusion == "action_required"
    assert "v1.3.0" not in yard.github.tagged
    named = re.search(r"was refused: `([a-z-]+)`", yard.issue.body)
    return named[1] if named else ""


@pytest.fixture
def begun(yard: Yard) -> Yard:
    """A release whose suite is running."""
    yard.say("/release minor")
    return yard


@pytest.mark.parametrize(
    ("changes", "flaw"),
    [
        ({"nonce": "nonce99999999"}, "forged-nonce"),
        ({"sides": {"base": side(BASE), "head": side(LATER)}}, "stale-commits"),
        ({"sides": {"base": side(LATER), "head": side(HEAD)}}, "stale-commits"),
        ({"sides": {"head": side(HEAD)}}, "stale-commits"),
        ({"run_id": "1"}, "foreign-run"),
        ({"profile": "smoke"}, "another-profile"),
    ],
)
def test_a_document_that_was_made_for_something_else_is_refused_by_name(
    begun: Yard, changes: dict[str, object], flaw: str
) -> None:
    begun.finish(begun.result(**changes))

    assert refused(begun) == flaw


@pytest.mark.parametrize(
    ("run", "flaw"),
    [
        ({"path": ".github/workflows/ci.yml"}, "foreign-run"),
        ({"event": "push"}, "foreign-run"),
        ({"head_ref": "feature"}, "foreign-run"),
        ({"head_repository_id": 8}, "foreign-run"),
        ({"attempt": 2}, "run-again"),
    ],
)
def test_a_run_of_something_else_or_a_second_attempt_is_refused(begun: Yard, run: dict[str, object], flaw: str) -> None:
    begun.finish(begun.result(), **run)  # type: ignore[arg-type]

    assert refused(begun) == flaw


def test_a_result_that_was_accepted_before_is_refused_also_under_a_new_nonce(begun: Yard) -> None:
    first = begun.result()
    begun.finish(first)
    begun.github.refs["main"] = LATER
    begun.look()
    again = msgspec.structs.replace(
        begun.result(), cases=first.cases, duration=first.duration, sides=first.sides, digest=""
    )
    begun.finish(again)

    assert refused(begun) == "replayed"


def test_an_artifact_whose_bytes_are_not_those_of_its_digest_is_refused(begun: Yard) -> None:
    begun.finish()  # nothing yet: a run that failed is begun anew
    made = begun.result()
    begun.finish(made, conclusion="success")
    assert begun.check.conclusion == "success"
    begun.github.refs["main"] = LATER
    begun.look()
    run_id = max(begun.github.runs)
    artifact = replace(begun.github.handed[run_id - 1][0][0], id=9, digest=f"sha256:{'0' * 64}")
    named = replace(artifact, name=f"reeve-tensor-parallel.{begun.last['nonce']}")
    begun.github.handed[run_id] = [(named, zipped({"tensor-parallel.json": tensor_parallel.encode(begun.result())}))]
    begun.finish()

    assert refused(begun) == "digest-differs"


def test_an_artifact_for_another_nonce_is_not_looked_into(begun: Yard) -> None:
    begun.finish(begun.result(), name="reeve-tensor-parallel.nonce99999999")

    assert refused(begun) == "another-name"


@pytest.mark.parametrize(
    ("content", "flaw"),
    [(b"{}", "unreadable"), (b"not json", "unreadable"), (b'{"verdict": "pass"}', "unreadable")],
)
def test_what_is_no_document_is_refused(begun: Yard, content: bytes, flaw: str) -> None:
    begun.finish(content)

    assert refused(begun) == flaw


def test_a_changed_number_under_the_old_digest_is_unreadable(begun: Yard) -> None:
    made = begun.result()
    text = tensor_parallel.encode(made).replace(b'"duration": 61.0', b'"duration": 62.0')
    begun.finish(text)

    assert refused(begun) == "unreadable"


def test_after_a_refusal_a_maintainer_asks_for_another_run(begun: Yard) -> None:
    begun.finish(begun.result(nonce="nonce99999999"))
    said = begun.say("/release minor")
    assert "run once more" in said
    begun.finish(begun.result())

    assert begun.check.conclusion == "success"


def test_the_limited_child_reads_a_document_and_refuses_a_bomb(yard: Yard) -> None:
    yard.say("/release minor")
    made: Document = yard.result()
    sealed = zipped({"tensor-parallel.json": tensor_parallel.encode(made)})
    read = Opener().suite(sealed)
    bomb = Opener().suite(zipped({"tensor-parallel.json": b" " * 20_000_000}))

    assert isinstance(read, SuiteRead)
    assert read.document.nonce == made.nonce
    assert isinstance(bomb, Refused)
    assert bomb.flaw == "archive-bomb"
