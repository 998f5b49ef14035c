"""From news to the gates that it may change: found by the commit, never by what GitHub says of its pull requests."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.gating import heed, tell
from bot.model.decisions import Answered, Decision, Override
from bot.model.events import (
    ChecksWanted,
    ConfigChanged,
    Event,
    GatesDue,
    Ignored,
    MergeGroupChanged,
    PullRequestChanged,
    RunChanged,
)
from bot.model.facts import Memory
from bot.model.outcomes import Outcome
from bot.model.runs import MergeGroup
from bot.model.subjects import Subject
from bot.model.verdicts import Verdict
from bot.store import gates
from bot.store.database import Database
from tests.store.test_gates import MODEL, NOW, PULL, RUN

EIGHT = replace(PULL, subject=Subject(MODEL.id, 8))
GROUP = MergeGroup("d" * 40, "gh-readonly-queue/main/pr-8-x", "b" * 40, "main", 8)


def told(database: Database, *events: Event, at: datetime = NOW) -> str | None:
    """Pass news on."""
    return tell(events, database.gates, at)


def asked(database: Database) -> list[GatesDue]:
    """Return which gates are due, and take them from the inbox."""
    found: list[GatesDue] = []
    while (claim := database.inbox.claim(NOW + timedelta(days=1))) is not None:
        found += [gates.due(MODEL, Subject.parse(each.subject), each.body) for each in claim.deliveries]
        database.inbox.ignore(claim, claim.seqs, "seen", now=NOW)
    return sorted(found, key=lambda due: (due.subject.number, due.group_sha or ""))


def changed(pull: object = PULL, action: str = "opened") -> PullRequestChanged:
    """Return the event that carries this pull request."""
    return PullRequestChanged(action, MODEL, pull, None)  # type: ignore[arg-type]


def test_a_pull_request_that_changed_is_judged_once_with_its_snapshot(database: Database) -> None:
    assert told(database, changed(), changed()) is None

    assert asked(database) == [GatesDue(MODEL, PULL.subject, PULL)]


def test_an_older_snapshot_is_not_judged(database: Database) -> None:
    told(database, changed(replace(PULL, updated_at=NOW + timedelta(hours=1))))
    asked(database)

    told(database, changed(action="edited"))

    assert asked(database) == []


def test_a_run_is_passed_on_to_every_pull_request_with_its_head_and_to_no_other(database: Database) -> None:
    elsewhere = replace(PULL, subject=Subject(MODEL.id, 9), head_repository_id=6)
    older = replace(PULL, subject=Subject(MODEL.id, 10), head_sha="b" * 40)
    told(database, *map(changed, (PULL, EIGHT, elsewhere, older)))
    asked(database)

    assert told(database, RunChanged(MODEL, RUN), RunChanged(MODEL, RUN)) == "passed on to 2 pull requests"
    assert [due.subject.number for due in asked(database)] == [7, 8]
    assert database.gates.runs(MODEL.id, RUN.head_sha) == [RUN]


def test_a_run_of_another_workflow_is_nothing_to_the_gates(database: Database) -> None:
    told(database, changed())
    asked(database)

    told(database, RunChanged(MODEL, replace(RUN, path=".github/workflows/ci.yml")))

    assert asked(database) == []
    assert database.gates.runs(MODEL.id, RUN.head_sha) == []


def test_a_button_has_everything_with_that_head_judged_anew_once_though_told_twice(database: Database) -> None:
    told(database, changed(), changed(EIGHT))
    asked(database)
    pressed = ChecksWanted(MODEL, PULL.head_sha, "", None)

    told(database, pressed)
    told(database, pressed, at=NOW + timedelta(seconds=1))

    assert asked(database) == [GatesDue(MODEL, each, is_anew=True) for each in (PULL.subject, EIGHT.subject)]
    told(database, pressed, at=NOW + timedelta(minutes=1))
    assert len(asked(database)) == 2


def test_a_merge_group_is_judged_and_found_again_by_its_commit_until_it_is_given_up(database: Database) -> None:
    told(database, MergeGroupChanged("checks_requested", MODEL, GROUP))
    run = replace(RUN, head_sha=GROUP.head_sha, event="merge_group")
    told(database, RunChanged(MODEL, run), ChecksWanted(MODEL, GROUP.head_sha, "", None))

    assert [(due.subject.number, due.group_sha, due.is_anew) for due in asked(database)] == [
        (8, GROUP.head_sha, False),
        (8, GROUP.head_sha, False),
        (8, GROUP.head_sha, True),
    ]
    told(database, MergeGroupChanged("destroyed", MODEL, GROUP))
    told(database, RunChanged(MODEL, replace(run, attempt=2)))
    assert asked(database) == []


def test_those_that_shared_a_head_are_judged_again_when_one_is_closed(database: Database) -> None:
    told(database, changed(), changed(EIGHT))
    asked(database)

    told(database, changed(replace(PULL, is_open=False, updated_at=NOW + timedelta(hours=1)), "closed"))

    assert [due.subject.number for due in asked(database)] == [8]


def test_a_changed_policy_has_every_open_pull_request_judged_again(database: Database) -> None:
    told(database, changed(), changed(EIGHT), changed(replace(PULL, subject=Subject(MODEL.id, 9), is_open=False)))
    asked(database)

    told(database, ConfigChanged(MODEL))

    assert [due.subject.number for due in asked(database)] == [7, 8]


def test_gates_that_are_due_with_something_else_get_a_trip_of_their_own(database: Database) -> None:
    due = GatesDue(MODEL, PULL.subject, is_anew=True)

    told(database, due)
    assert asked(database) == []
    told(database, due, Ignored("nothing"))
    assert asked(database) == [due]


@pytest.mark.parametrize(
    ("rule", "overrides", "expected"),
    [
        ("retest", (), [GatesDue(MODEL, PULL.subject, is_anew=True)]),
        (
            "override",
            (Override(PULL.subject, "coverage", "a" * 40, "x", None, "ada"),),
            [GatesDue(MODEL, PULL.subject)],
        ),
        ("label", (), []),
    ],
)
def test_what_people_say_to_a_gate_is_heeded(
    database: Database, rule: str, overrides: tuple[Override, ...], expected: list[GatesDue]
) -> None:
    comments = (Answered(3, 1, datetime(2026, 1, 1, tzinfo=UTC)),)
    verdicts = (Verdict("commands", rule, Outcome.PASS),)
    decision = Decision(MODEL, PULL.subject, verdicts, (), Memory(), "c", "f", comments=comments, overrides=overrides)

    heed(decision, database.gates, NOW)
    heed(replace(decision, comments=()), database.gates, NOW)
    heed(None, database.gates, NOW)

    assert asked(database) == expected
