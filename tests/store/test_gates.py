"""What the gates remember: heads, merge groups, runs, and what was read of them; and when they are to be judged."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select, update

from bot.model.decisions import Decision, Override
from bot.model.events import GatesDue, InstallationChanged
from bot.model.facts import Memory, PullRequest
from bot.model.gates import Judged
from bot.model.outcomes import Outcome
from bot.model.runs import MergeGroup, Run
from bot.model.subjects import Lane, Repository, Subject
from bot.store import gates
from bot.store.database import Database
from bot.store.gate_tables import GATE_TABLES, heads
from bot.store.synthetic import GATES_EVENT
from bot.store.tables import timers

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MODEL = Repository(1296269, "acme/model", 77, "main", "acme")
SEVEN = Subject(MODEL.id, 7)
A, B = "a" * 40, "b" * 40

PULL = PullRequest(
    subject=SEVEN,
    title="Add",
    body="text",
    author=None,
    labels=frozenset({"x"}),
    head_sha=A,
    head_ref="feature",
    head_repository_id=5,
    base_sha=B,
    base_ref="main",
    is_open=True,
    is_draft=False,
    is_merged=False,
    created_at=NOW,
    updated_at=NOW,
)
RUN = Run(9, 1, ".github/workflows/reeve-coverage.yml", "pull_request", A, "feature", 5, "success", NOW, "https://x")
GROUP = MergeGroup(B, "gh-readonly-queue/main/pr-7-x", A, "main", 7)


def decision(**more: object) -> Decision:
    """Return a decision on pull request 7."""
    return Decision(MODEL, SEVEN, (), (), Memory(), "config", "facts", **more)  # type: ignore[arg-type]


def recorded(database: Database, made: Decision) -> None:
    """Ask for the gates and record a decision on them."""
    database.memory.keep_repository(MODEL)
    database.gates.ask(GatesDue(MODEL, SEVEN), f"{made}", NOW)
    claim = database.inbox.claim(NOW)
    assert claim is not None
    assert database.record(claim, claim.seqs, made, now=NOW)


def test_what_is_asked_comes_back_as_a_delivery_of_the_pull_request_once_for_each_cause(database: Database) -> None:
    due = GatesDue(MODEL, SEVEN, PULL, group_sha=B, is_anew=True)

    assert [database.gates.ask(due, cause, NOW) for cause in ("run 9", "run 9", "run 10")] == [True, False, True]

    claim = database.inbox.claim(NOW)
    assert claim is not None
    assert [(each.event, each.subject) for each in claim.deliveries] == [(GATES_EVENT, SEVEN.key)] * 2
    assert gates.due(MODEL, SEVEN, claim.deliveries[0].body) == due
    assert gates.due(MODEL, SEVEN, b"{}") == GatesDue(MODEL, SEVEN)
    assert Lane.PULL_REQUEST < Lane.SWEEP


def test_a_head_is_found_by_its_commit_while_the_pull_request_is_open(database: Database) -> None:
    other = replace(PULL, subject=Subject(MODEL.id, 8), head_repository_id=None)
    closed = replace(PULL, subject=Subject(MODEL.id, 9), is_open=False)
    for pull in (PULL, other, closed):
        assert database.gates.keep_head(pull)

    found = database.gates.heads_at(MODEL.id, A)

    assert [(each.number, each.repository_id, each.ref, each.base_ref) for each in found] == [
        (7, 5, "feature", "main"),
        (8, None, "feature", "main"),
    ]
    assert database.gates.heads_at(MODEL.id, B) == []
    assert database.gates.head(Subject(MODEL.id, 10)) is None


def test_an_older_state_moves_no_head_back(database: Database) -> None:
    database.gates.keep_head(replace(PULL, head_sha=B, updated_at=NOW + HOUR))

    assert not database.gates.keep_head(PULL)
    head = database.gates.head(SEVEN)
    assert head is not None
    assert head.sha == B


def test_how_the_gates_came_out_is_kept_with_the_decision_and_wakes_again(database: Database) -> None:
    judged = Judged(A, {"coverage": Outcome.FAIL}, change="c", digest="d", rounds=2, has_spoken=True)
    database.gates.keep_head(PULL)

    recorded(database, decision(judged=judged, gates_at=NOW + HOUR))

    head = database.gates.head(SEVEN)
    assert head is not None
    assert head.judged == judged
    database.gates.keep_head(replace(PULL, updated_at=NOW + HOUR))
    assert database.gates.heads_at(MODEL.id, A)[0].judged == judged
    assert database.timers.tick(NOW) == 0
    assert database.timers.tick(NOW + HOUR) == 1
    claim = database.inbox.claim(NOW + HOUR)
    assert claim is not None
    assert [each.event for each in claim.deliveries] == [GATES_EVENT]


def test_another_decision_leaves_the_gates_as_they_are(database: Database) -> None:
    database.gates.keep_head(PULL)
    recorded(database, decision(judged=Judged(A), gates_at=NOW + HOUR))

    recorded(database, decision(rank=1))

    head = database.gates.head(SEVEN)
    assert head is not None
    assert head.judged == Judged(A)
    with database.engine.connect() as connection:
        assert connection.execute(select(timers.c.kind)).scalars().all() == ["gates"]


def test_judged_anew_without_anything_to_wait_for_the_timer_is_gone(database: Database) -> None:
    database.gates.keep_head(PULL)
    recorded(database, decision(judged=Judged(A), gates_at=NOW + HOUR))
    recorded(database, decision(judged=Judged(A, digest="d")))

    assert database.timers.tick(NOW + HOUR) == 0


def test_runs_are_kept_by_run_and_attempt_and_one_that_is_over_does_not_begin_again(database: Database) -> None:
    begun, again = replace(RUN, conclusion=None), replace(RUN, attempt=2, conclusion=None)
    for run in (begun, RUN, begun, again, replace(RUN, id=8), replace(RUN, id=7, head_sha=B)):
        database.gates.keep_run(MODEL.id, run, NOW)

    assert database.gates.runs(MODEL.id, A) == [again, RUN, replace(RUN, id=8)]


def test_what_was_read_is_kept_by_attempt_and_artifact_until_it_is_asked_for_anew(database: Database) -> None:
    database.gates.keep_run(MODEL.id, RUN, NOW)
    for content in (b"first", b"second"):
        database.gates.keep_evidence(MODEL.id, RUN, artifact_id=3, name="coverage", content=content, now=NOW)
    database.gates.keep_comparison(MODEL.id, A, "key", b"diff", now=NOW)

    assert database.gates.evidence(MODEL.id, RUN) == {3: ("coverage", b"second")}
    assert database.gates.evidence(MODEL.id, replace(RUN, attempt=2)) == {}
    assert database.gates.comparison(MODEL.id, A, "key") == b"diff"
    database.gates.forget_read(MODEL.id, A)
    assert database.gates.evidence(MODEL.id, RUN) == {}
    assert database.gates.comparison(MODEL.id, A, "key") is None


def test_a_merge_group_is_known_by_its_commit_until_it_is_given_up(database: Database) -> None:
    database.gates.keep_group(MODEL.id, GROUP, NOW)

    kept = replace(GROUP, at=NOW)
    assert database.gates.group(MODEL.id, B) == kept
    assert database.gates.groups_of(SEVEN) == [kept]
    database.gates.drop_group(MODEL.id, B)
    assert database.gates.group(MODEL.id, B) is None


def test_what_people_answer_for_is_found_by_the_commit_the_newest_first(database: Database) -> None:
    first = Override(SEVEN, "coverage", A, "generated code", date(2030, 1, 31), "ada")
    second = Override(SEVEN, "ack", A, "seen", None, "grace")
    recorded(database, decision(overrides=(first, Override(SEVEN, "coverage", B, "older", None, "ada"))))
    recorded(database, decision(overrides=(second,)))

    assert database.gates.overrides(SEVEN, A) == [second, first]


def test_everything_goes_with_the_repository_and_what_is_old_goes_by_itself(database: Database) -> None:
    def fill() -> None:
        database.memory.keep_repository(MODEL)
        database.gates.keep_head(PULL)
        database.gates.keep_run(MODEL.id, RUN, NOW)
        database.gates.keep_group(MODEL.id, GROUP, NOW)
        database.gates.keep_evidence(MODEL.id, RUN, artifact_id=3, name="coverage", content=b"x", now=NOW)
        database.gates.keep_comparison(MODEL.id, A, "key", b"diff", now=NOW)

    def filled() -> set[str]:
        with database.engine.connect() as connection:
            return {table.name for table in GATE_TABLES if connection.execute(select(table)).first()}

    fill()
    assert filled() == {table.name for table in GATE_TABLES}
    database.timers.purge(NOW + timedelta(days=31))
    assert filled() == {"heads"}
    fill()
    database.memory.keep_installation(InstallationChanged("removed", 77, removed=(MODEL.id,)), now=NOW)
    assert filled() == set()


def test_a_head_without_a_judgement_reads_as_none(database: Database) -> None:
    database.gates.keep_head(PULL)
    with database.engine.begin() as connection:
        connection.execute(update(heads).values(judged=None))

    head = database.gates.head(SEVEN)
    assert head is not None
    assert head.judged is None
