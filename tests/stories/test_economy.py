"""API calls are the scarcest resource: what an event may cost, counted on the sandbox's own log."""

import pytest

from tests.stories.conftest import Town


@pytest.fixture
def steady(town: Town) -> Town:
    """A town where Reeve has its token and knows the policy file: the steady state."""
    town.world.open_issue("[Bug] the first one")
    town.settle()
    town.world.advance(seconds=10)
    return town


def test_an_opened_issue_costs_no_read_and_two_writes(steady: Town) -> None:
    calls = steady.calls(lambda: steady.world.open_issue("[Bug] crash on load"))

    assert calls == ["POST /repos/acme/model/issues/2/labels", "POST /repos/acme/model/issues/2/comments"]


def test_labels_and_the_native_type_go_in_one_request(town: Town) -> None:
    town.world.create_repository("types/model", issue_types=("Bug",), files={".github/reeve.yml": "version: 1\n"})
    town.world.install("types/model")
    town.world.open_issue("[Bug] the first one", repository="types/model")
    town.settle()

    calls = town.calls(lambda: town.world.open_issue("[Bug] crash on load", repository="types/model"))

    assert calls == ["PATCH /repos/types/model/issues/2", "POST /repos/types/model/issues/2/comments"]


def test_an_event_that_changes_nothing_costs_nothing(steady: Town) -> None:
    calls = steady.calls(lambda: steady.world.comment(1, "me too", by="bob"))

    assert calls == []


def test_a_changed_decision_edits_the_one_comment(steady: Town) -> None:
    def correct() -> None:
        steady.world.remove_label(1, "bug")
        steady.world.advance(seconds=2)
        steady.world.add_label(1, "enhancement")

    calls = steady.calls(correct)

    # The label is gone: a person's doing, or an old snapshot? That one question is worth a read.
    assert [call for call in calls if call.startswith("GET")] == ["GET /repos/acme/model/issues/1"]
    assert len({call for call in calls if call.startswith("PATCH")}) == 1


def test_an_unchanged_policy_file_is_asked_for_with_its_etag(steady: Town) -> None:
    steady.world.advance(minutes=20)
    before = len(steady.world.requests)
    steady.world.open_issue("[Bug] later")
    steady.settle()

    reads = [r for r in steady.world.requests[before:] if r.method == "GET" and "/contents/" in r.path]

    assert [r.status for r in reads] == [304]


def test_every_request_names_the_api_version_and_reeve(steady: Town) -> None:
    assert {r.api_version for r in steady.world.requests} == {"2022-11-28"}
    assert all(r.user_agent.startswith("reeve/") for r in steady.world.requests)
