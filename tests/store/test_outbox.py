"""The outbox applies every effect once, one writer per installation, and knows what may have got through."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, event

from bot.model.decisions import PendingEffect
from bot.model.effects import AnswerDeployment, CreateTag, Dispatch, Effect, PublishRelease
from bot.model.forge import Receipt
from bot.model.subjects import Subject
from bot.store.database import Database
from bot.store.pace import Pace
from bot.store.synthetic import SWEEP_EVENT, deliver
from bot.store.tables import State
from bot.store.taking import FEW_IN_A_MINUTE, LEASE, Writer
from bot.store.wishes import digest
from tests.store.given import MINUTE, MODEL, NOW, SECOND, comment, decided, decision, delivered, effects, labels, states

AT_ONCE = Pace(urgent=lambda _, now: now, patient=lambda _, now: now)


def writer_of(database: Database, **when: timedelta) -> Writer:
    writer = database.outbox.claim_writer(NOW + when.get("after", timedelta()))
    assert writer is not None
    return writer


def begun(database: Database, writer: Writer, **when: timedelta) -> PendingEffect:
    pending = database.outbox.begin(writer, NOW + when.get("after", timedelta()))
    assert pending is not None
    return pending


def test_with_nothing_to_write_there_is_no_writer(database: Database) -> None:
    assert database.outbox.claim_writer(NOW) is None
    assert not database.outbox.is_waiting(NOW)


def test_labels_are_written_before_comments(database: Database) -> None:
    decided(database, "a", comment("hello"), labels("bug"))
    writer = writer_of(database)

    first = begun(database, writer)
    database.outbox.confirm(first, Receipt(), now=NOW)
    second = begun(database, writer)

    assert [first.effect.kind, second.effect.kind] == ["set_labels", "sticky_comment"]
    assert first.repository == MODEL


def test_an_installation_has_one_writer_at_a_time(database: Database) -> None:
    decided(database, "a", labels("bug"))
    writer = writer_of(database)

    assert database.outbox.claim_writer(NOW) is None
    database.outbox.release_writer(writer)

    assert database.outbox.claim_writer(NOW) is not None


def test_a_writer_that_stood_still_too_long_is_replaced_and_may_write_no_more(database: Database) -> None:
    decided(database, "a", labels("bug"))
    slow = writer_of(database)
    writer_of(database, after=LEASE + SECOND)

    assert database.outbox.begin(slow, NOW + LEASE + SECOND) is None


def test_a_delivery_is_done_only_when_its_last_effect_is_confirmed(database: Database) -> None:
    decided(database, "a", labels("bug"), comment("hello"))
    writer = writer_of(database)

    database.outbox.confirm(begun(database, writer), Receipt(), now=NOW)
    assert states(database.engine) == {"a": State.DECIDED}

    database.outbox.confirm(begun(database, writer), Receipt(remote_id=1), now=NOW)
    assert states(database.engine) == {"a": State.DONE}


def test_a_decision_without_effects_is_done_at_once(database: Database) -> None:
    decided(database, "a")

    assert states(database.engine) == {"a": State.DONE}


def test_an_effect_that_a_dead_writer_had_begun_may_have_happened(database: Database) -> None:
    decided(database, "a", comment("hello"))
    assert begun(database, writer_of(database)).attempts == 0

    later = writer_of(database, after=LEASE + SECOND)

    assert begun(database, later, after=LEASE + SECOND).attempts == 1


def test_an_effect_that_github_turned_away_unexecuted_was_not_tried(database: Database) -> None:
    decided(database, "a", comment("hello"))
    writer = writer_of(database)
    pending = begun(database, writer)

    database.outbox.postpone(pending, "rate limit", not_before=NOW + MINUTE, may_have_happened=False)

    assert database.outbox.begin(writer, NOW + 59 * SECOND) is None
    database.outbox.release_writer(writer)
    again = writer_of(database, after=MINUTE)
    assert begun(database, again, after=MINUTE).attempts == 0


def test_an_unchanged_comment_is_not_written_again(database: Database) -> None:
    decided(database, "a", comment("hello"))
    writer = writer_of(database)
    database.outbox.confirm(begun(database, writer), Receipt(remote_id=5), now=NOW)

    decided(database, "b", comment("hello"))

    assert effects(database.engine) == [("comment/status", State.DONE)]
    assert states(database.engine)["b"] == State.DONE


@pytest.mark.parametrize(
    "effect",
    [
        CreateTag(Subject(MODEL.id, 0), "v1.1.0", "a" * 40),
        PublishRelease(Subject(MODEL.id, 0), "v1.1.0", "title", "body"),
        AnswerDeployment(Subject(MODEL.id, 0), 5, "pypi", "approved", "passed"),
    ],
    ids=lambda effect: effect.kind,
)
def test_what_github_was_seen_to_lack_is_done_once_more(database: Database, effect: Effect) -> None:
    decided(database, "a", effect)
    database.outbox.confirm(begun(database, writer_of(database)), Receipt(remote_id=7), now=NOW)

    decided(database, "b", effect)

    assert [state for _, state in effects(database.engine)] == [State.DONE, State.PENDING]


def test_a_workflow_is_started_once_for_a_nonce(database: Database) -> None:
    effect = Dispatch(Subject(MODEL.id, 0), "gpu.yml", "main", "n0nce")
    decided(database, "a", effect)
    database.outbox.confirm(begun(database, writer_of(database)), Receipt(remote_id=7), now=NOW)

    decided(database, "b", effect)

    assert [state for _, state in effects(database.engine)] == [State.DONE]


def test_a_changed_comment_is_written_over_the_one_before(database: Database) -> None:
    decided(database, "a", comment("hello"))
    writer = writer_of(database)
    database.outbox.confirm(begun(database, writer), Receipt(remote_id=5), now=NOW)

    decided(database, "b", comment("goodbye"))

    assert begun(database, writer).remote_id == 5


def test_a_newer_comment_replaces_one_that_was_never_sent_and_carries_its_deliveries(database: Database) -> None:
    decided(database, "a", labels("bug"), comment("old"))
    decided(database, "b", comment("new"))
    writer = writer_of(database)

    written = []
    while (pending := database.outbox.begin(writer, NOW)) is not None:
        written.append(pending.effect)
        database.outbox.confirm(pending, Receipt(remote_id=1), now=NOW)

    assert written == [labels("bug"), comment("new")]
    assert states(database.engine) == {"a": State.DONE, "b": State.DONE}


def test_a_comment_that_replaces_one_which_may_have_got_through_is_looked_up_first(database: Database) -> None:
    decided(database, "a", comment("old"))
    writer = writer_of(database)
    database.outbox.postpone(begun(database, writer), "no answer", not_before=NOW, may_have_happened=True)

    decided(database, "b", comment("new"))

    pending = begun(database, writer)
    assert (pending.effect, pending.attempts) == (comment("new"), 1)


def test_a_newer_comment_waits_for_the_one_that_is_being_sent(database: Database) -> None:
    decided(database, "a", comment("old"))
    writer = writer_of(database)
    sending = begun(database, writer)
    decided(database, "b", comment("new"))

    assert database.outbox.begin(writer, NOW) is None
    database.outbox.confirm(sending, Receipt(remote_id=1), now=NOW)

    assert begun(database, writer_of(database)).effect == comment("new")


def test_a_refused_effect_ends_its_delivery_as_a_dead_letter(database: Database) -> None:
    decided(database, "a", labels("bug"), comment("hello"))
    writer = writer_of(database)

    database.outbox.bury(begun(database, writer), "refused", now=NOW)
    database.outbox.confirm(begun(database, writer), Receipt(remote_id=1), now=NOW)

    assert states(database.engine) == {"a": State.DEAD}


def test_writes_of_the_last_hour_are_remembered_for_pacing(database: Database) -> None:
    decided(database, "a", labels("bug"))
    begun(database, writer_of(database))

    assert database.outbox.recent_writes(77, now=NOW + MINUTE) == [NOW]
    assert database.outbox.recent_writes(77, now=NOW + 61 * MINUTE) == []


def test_an_effect_that_was_only_put_off_counts_as_no_write(database: Database) -> None:
    decided(database, "a", labels("bug"))
    pending = begun(database, writer_of(database))

    database.outbox.postpone(pending, "the next turn", not_before=NOW, may_have_happened=False)

    assert database.outbox.recent_writes(77, now=NOW) == []


def test_a_writer_without_budget_rests_and_gives_the_installation_back(database: Database) -> None:
    for number in range(FEW_IN_A_MINUTE + 1):
        decided(database, f"d{number}", comment(f"text {number}"))
        writer = writer_of(database)
        database.outbox.confirm(begun(database, writer), Receipt(remote_id=1), now=NOW)
        database.outbox.release_writer(writer)
    decided(database, "last", labels("bug"))
    asked: list[int] = []

    def pace(recent: Sequence[datetime], now: datetime) -> datetime:
        asked.append(len(recent))
        return now + MINUTE

    assert database.outbox.begin(writer_of(database), NOW, pace=Pace(pace, pace)) is None

    assert asked == [FEW_IN_A_MINUTE + 1]
    assert database.outbox.claim_writer(NOW + 59 * SECOND) is None
    assert database.outbox.claim_writer(NOW + MINUTE) is not None


def backlog(database: Database, number: int, *effects: Effect) -> None:
    """Decide something that only a sweep found."""
    key, issue = f"sweep:{number}", Subject(MODEL.id, number)
    with database.engine.begin() as connection:
        deliver(connection, key, event=SWEEP_EVENT, subject=issue.key, installation_id=77, now=NOW)
    claim = database.inbox.claim(NOW)
    assert claim is not None
    assert database.record(claim, claim.seqs, decision(*effects, subject=issue), now=NOW)


def test_what_a_sweep_found_goes_out_behind_what_people_wait_for(database: Database) -> None:
    database.memory.keep_repository(MODEL)
    backlog(database, 8, labels("bug", subject=Subject(MODEL.id, 8)))
    decided(database, "a", comment("hello"))

    assert begun(database, writer_of(database)).effect == comment("hello")


def test_a_change_that_somebody_waits_for_takes_the_earlier_ones_of_its_issue_along(database: Database) -> None:
    database.memory.keep_repository(MODEL)
    backlog(database, 7, labels("found"))
    backlog(database, 8, labels("other", subject=Subject(MODEL.id, 8)))
    decided(database, "a", labels("asked-for"))
    writer = writer_of(database)
    written: list[Effect] = []
    for _ in range(3):
        pending = begun(database, writer)
        written.append(pending.effect)
        database.outbox.confirm(pending, Receipt(), now=NOW)

    assert written == [labels("found"), labels("asked-for"), labels("other", subject=Subject(MODEL.id, 8))]


def test_where_what_nobody_waits_for_has_to_rest_the_rest_goes_on(database: Database) -> None:
    database.memory.keep_repository(MODEL)
    for number in range(FEW_IN_A_MINUTE):
        decided(database, f"d{number}", comment(f"text {number}"))
        writer = writer_of(database)
        database.outbox.confirm(begun(database, writer), Receipt(remote_id=1), now=NOW)
        database.outbox.release_writer(writer)
    backlog(database, 8, labels("bug", subject=Subject(MODEL.id, 8)))
    pace = Pace(urgent=lambda _, now: now, patient=lambda _, now: now + MINUTE)

    assert database.outbox.begin(writer_of(database), NOW, pace=pace) is None
    assert database.outbox.claim_writer(NOW + 59 * SECOND) is None
    assert not database.outbox.is_waiting(NOW + 59 * SECOND)

    decided(database, "a", labels("asked-for"))
    claimed = database.outbox.claim_and_begin(NOW + SECOND, pace=pace)
    assert claimed is not None
    writer, (pending,) = claimed
    assert pending.effect == labels("asked-for")
    assert database.outbox.go_on(writer, [(pending, Receipt())], NOW + SECOND, pace=pace) == ()
    assert database.outbox.claim_writer(NOW + 2 * MINUTE) is not None


def test_far_from_any_limit_nobody_asks_how_to_pace(database: Database) -> None:
    decided(database, "a", labels("bug"))

    def never(recent: Sequence[datetime], now: datetime) -> datetime:
        raise AssertionError((recent, now))

    assert database.outbox.begin(writer_of(database), NOW, pace=Pace(never, never)) is not None


def taken(database: Database, pace: Pace = AT_ONCE) -> tuple[Writer, tuple[PendingEffect, ...]]:
    """Take what a writer takes at a time."""
    claimed = database.outbox.claim_and_begin(NOW, pace=pace)
    assert claimed is not None
    return claimed


def test_effects_that_are_far_from_any_limit_are_taken_together_and_confirmed_together(database: Database) -> None:
    decided(database, "a", comment("hello"), labels("bug"))

    writer, both = taken(database)

    assert [each.effect for each in both] == [labels("bug"), comment("hello")]
    ended = [(both[0], Receipt()), (both[1], Receipt(remote_id=5, was_needed=False))]
    assert database.outbox.go_on(writer, ended, NOW, pace=AT_ONCE) == ()
    assert states(database.engine) == {"a": State.DONE}
    assert effects(database.engine) == [("comment/status", State.DONE), ("labels", State.DONE)]
    assert database.outbox.claim_and_begin(NOW, pace=AT_ONCE) is None


def test_the_next_effects_are_taken_as_the_last_ones_are_confirmed(database: Database) -> None:
    decided(database, "a", labels("bug"))
    writer, (first,) = taken(database)
    decided(database, "b", comment("hello"))

    (second,) = database.outbox.go_on(writer, [(first, Receipt())], NOW, pace=AT_ONCE)

    assert second.effect == comment("hello")
    assert states(database.engine) == {"a": State.DONE, "b": State.DECIDED}


def test_of_effects_taken_together_one_may_die_and_the_others_are_done(database: Database) -> None:
    decided(database, "a", labels("bug"), comment("hello"))
    writer, (refused, written) = taken(database)

    database.outbox.stop(writer, [(refused, "refused"), (written, Receipt(remote_id=5))], NOW)

    assert effects(database.engine) == [("labels", State.DEAD), ("comment/status", State.DONE)]
    assert states(database.engine) == {"a": State.DEAD}


def test_what_was_taken_along_and_not_tried_waits_as_before(database: Database) -> None:
    decided(database, "a", labels("bug"), comment("hello"))
    writer, (first, second) = taken(database)

    database.outbox.stop(writer, [(first, Receipt())], NOW, untried=[second])

    _, (again,) = taken(database)
    assert again == second
    assert again.attempts == 0


def test_after_a_writer_died_each_of_what_it_had_taken_may_have_happened_and_is_taken_alone(database: Database) -> None:
    decided(database, "a", labels("bug"), comment("hello"))
    taken(database)

    writer = writer_of(database, after=LEASE + SECOND)
    claimed = database.outbox.go_on(writer, [], NOW + LEASE + SECOND, pace=AT_ONCE)

    assert [(each.effect, each.attempts) for each in claimed] == [(labels("bug"), 1)]


def test_no_more_are_taken_together_than_the_budget_allows(database: Database) -> None:
    for number in range(FEW_IN_A_MINUTE):
        decided(database, f"d{number}", comment(f"text {number}"))
        writer = writer_of(database)
        database.outbox.confirm(begun(database, writer), Receipt(remote_id=1), now=NOW)
        database.outbox.release_writer(writer)
    decided(database, "a", labels("bug"), comment("hello"))

    def one_more(recent: Sequence[datetime], now: datetime) -> datetime:
        return now if len(recent) <= FEW_IN_A_MINUTE else now + MINUTE

    _, together = taken(database, Pace(one_more, one_more))

    assert [each.effect for each in together] == [labels("bug")]


def test_a_wish_that_is_dropped_while_it_is_being_chosen_is_not_written(database: Database) -> None:
    decided(database, "a", labels("bug"), comment("hello"))

    @event.listens_for(database.engine, "after_cursor_execute")
    def drop(connection: Connection, cursor: object, statement: str, *_: object) -> None:  # noqa: ARG001
        if statement.startswith("SELECT outbox.id"):
            connection.exec_driver_sql("UPDATE outbox SET state = 4 WHERE kind = 'set_labels'")

    try:
        _, together = taken(database)
    finally:
        event.remove(database.engine, "after_cursor_execute", drop)

    assert [each.effect for each in together] == [comment("hello")]


def test_a_turn_that_found_nothing_more_leaves_the_installation_to_others(database: Database) -> None:
    decided(database, "a", labels("bug"))
    writer = writer_of(database)
    database.outbox.confirm(begun(database, writer), Receipt(), now=NOW)
    assert database.outbox.begin(writer, NOW) is None

    decided(database, "b", labels("docs"))

    assert database.outbox.claim_writer(NOW) is not None


def test_while_github_asked_for_a_pause_nothing_is_begun(database: Database) -> None:
    decided(database, "a", labels("bug"))
    writer = writer_of(database)

    database.memory.pause(77, NOW + MINUTE)

    assert database.outbox.begin(writer, NOW) is None


def test_what_an_effect_knew_does_not_change_what_it_wants() -> None:
    one = replace(labels("bug"), current=("x",))
    other = replace(comment("hello"), may_exist=True)

    assert digest(one) == digest(labels("bug"))
    assert digest(other) == digest(comment("hello"))
    assert digest(comment("hello")) != digest(comment("hallo"))


def test_a_decision_under_a_lost_lease_records_nothing(database: Database) -> None:
    delivered(database.engine, "a")
    slow = database.inbox.claim(NOW)
    assert slow is not None
    assert database.inbox.claim(NOW + LEASE + SECOND) is not None

    assert not database.record(slow, slow.seqs, decision(labels("bug")), now=NOW + MINUTE)

    assert effects(database.engine) == []
    assert database.memory.memory(Subject(1296269, 7)).label is None
