"""What Reeve remembers of repositories, installations and its own marks."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import delete

from bot.model.decisions import Answered
from bot.model.events import InstallationChanged
from bot.model.facts import Comment, Memory
from bot.model.forge import Fetched, Receipt
from bot.model.subjects import Actor, Identity, Subject
from bot.store import migrate
from bot.store.database import Database
from bot.store.tables import State, metadata, outbox
from tests.store.given import MINUTE, MODEL, NOW, SECOND, SEVEN, comment, decided, decision, delivered, effects, labels


def test_a_subject_never_seen_has_an_empty_memory(database: Database) -> None:
    assert database.memory.memory(SEVEN) == Memory()


def test_after_a_decision_the_memory_says_what_was_set_and_that_github_has_not_confirmed_it(database: Database) -> None:
    decided(database, "a", labels("bug"))

    memory = database.memory.memory(SEVEN)

    assert (memory.label, memory.is_applied, memory.seen_at) == ("bug", False, NOW)
    assert memory.pending == (labels("bug"),)


def test_after_github_confirmed_the_memory_says_so(database: Database) -> None:
    decided(database, "a", labels("bug"))
    writer = database.outbox.claim_writer(NOW)
    assert writer is not None
    pending = database.outbox.begin(writer, NOW)
    assert pending is not None

    database.outbox.confirm(pending, Receipt(), now=NOW)

    assert database.memory.memory(SEVEN).is_applied


def test_the_fence_moves_forward(database: Database) -> None:
    decided(database, "a")

    database.memory.keep_seen(SEVEN, NOW + MINUTE)

    assert database.memory.memory(SEVEN).seen_at == NOW + MINUTE


def test_a_repository_is_known_by_its_id_under_its_newest_name(database: Database) -> None:
    database.memory.keep_repository(MODEL)
    database.memory.keep_repository(MODEL)
    renamed = replace(MODEL, full_name="acme/better-model")
    database.memory.keep_repository(renamed)

    assert database.memory.repository(MODEL.id) == renamed
    assert database.memory.repository(1) is None


def test_a_policy_file_never_read_is_unknown(database: Database) -> None:
    assert database.memory.policy_file(MODEL) == (None, None)

    database.memory.keep_repository(MODEL)

    assert database.memory.policy_file(MODEL) == (None, None)


def test_a_policy_file_is_kept_with_its_etag_until_it_is_doubted(database: Database) -> None:
    database.memory.keep_repository(MODEL)
    file = Fetched("version: 1\n", '"abc"')
    database.memory.keep_policy_file(MODEL, file, now=NOW)
    assert database.memory.policy_file(MODEL) == (file, NOW)

    database.memory.doubt_policy_file(MODEL)
    assert database.memory.policy_file(MODEL) == (file, None)

    database.memory.keep_policy_file(MODEL, None, now=NOW + MINUTE)
    assert database.memory.policy_file(MODEL) == (file, NOW + MINUTE)


def test_that_another_installation_read_the_policy_file_is_no_proof(database: Database) -> None:
    file = Fetched("version: 1\n", '"etag"')
    database.memory.keep_repository(MODEL)
    database.memory.keep_policy_file(MODEL, file, now=NOW)

    assert database.memory.policy_file(replace(MODEL, installation_id=78)) == (file, None)


def test_that_there_is_no_policy_file_is_remembered_too(database: Database) -> None:
    database.memory.keep_repository(MODEL)
    database.memory.keep_policy_file(MODEL, Fetched(None, None), now=NOW)

    assert database.memory.policy_file(MODEL) == (None, NOW)


def test_issue_types_are_remembered_with_the_time_they_were_read(database: Database) -> None:
    database.memory.keep_repository(MODEL)
    assert database.memory.issue_types(MODEL) == ((), None)

    database.memory.keep_issue_types(MODEL, ("Bug", "Feature"), now=NOW)

    assert database.memory.issue_types(MODEL) == (("Bug", "Feature"), NOW)


def test_a_suspended_installation_rests_and_goes_on_where_it_was(database: Database) -> None:
    decided(database, "a", labels("bug"))
    delivered(database.engine, "b")

    database.memory.keep_installation(InstallationChanged("suspend", 77), now=NOW)
    assert database.inbox.claim(NOW) is None
    assert database.outbox.claim_writer(NOW) is None

    database.memory.keep_installation(InstallationChanged("unsuspend", 77), now=NOW)
    assert database.inbox.claim(NOW) is not None
    assert database.outbox.claim_writer(NOW) is not None


def test_a_removed_installation_leaves_only_the_audit_log(database: Database) -> None:
    decided(database, "a", labels("bug"), comment("hello"))

    database.memory.keep_installation(InstallationChanged("deleted", 77), now=NOW)

    assert database.memory.repository(MODEL.id) is None
    assert database.memory.memory(SEVEN) == Memory()
    assert effects(database.engine) == []


def test_repositories_come_and_go(database: Database) -> None:
    other = replace(MODEL, id=5, full_name="acme/other")
    database.memory.keep_installation(InstallationChanged("added", 77, added=(MODEL, other)), now=NOW)
    database.memory.keep_installation(InstallationChanged("removed", 77, removed=(5,)), now=NOW)

    assert database.memory.repository(MODEL.id) == MODEL
    assert database.memory.repository(5) is None


def test_who_reeve_is_survives_a_restart(database: Database) -> None:
    assert database.identity() is None
    me = Identity(app_id=12, login="reeve[bot]", user_id=99)
    database.keep_identity(me)
    database.keep_identity(me)

    assert Database(database.engine).identity() == me


def test_the_api_budget_is_remembered(database: Database) -> None:
    decided(database, "a", labels("bug"))

    assert database.outbox.claim_writer(NOW, budget_left=lambda _: 4999) is not None

    assert database.figures.budget_left() == {77: 4999}


def test_figures_count_what_is_there(database: Database) -> None:
    decided(database, "a", labels("bug"))
    delivered(database.engine, "b", subject="1#1", at=NOW - MINUTE)

    assert database.figures.deliveries_by_state()["decided"] == 1
    assert database.figures.deliveries_by_state()["pending"] == 1
    assert database.figures.effects_by_state()["pending"] == 1
    assert database.figures.queue_age_seconds(NOW)["issue"] == 60.0
    assert database.figures.queue_age_seconds(NOW)["command"] == 0.0
    assert database.figures.is_writable()


def test_nothing_is_lost_unless_a_decided_delivery_has_nothing_left_under_way(database: Database) -> None:
    decided(database, "a", labels("bug"))
    assert database.figures.lost(NOW + timedelta(hours=1)) == 0

    with database.engine.begin() as connection:
        connection.execute(delete(outbox))

    assert database.figures.lost(NOW + timedelta(hours=1)) == 1


def test_what_was_still_to_be_done_for_a_removed_repository_is_not_lost_but_over(database: Database) -> None:
    decided(database, "a", labels("bug"))

    database.memory.keep_installation(InstallationChanged("deleted", 77), now=NOW)

    assert database.figures.lost(NOW + timedelta(hours=1)) == 0


def test_dead_letters_are_listed_with_their_reason(database: Database) -> None:
    delivered(database.engine, "a")
    claim = database.inbox.claim(NOW)
    assert claim is not None
    database.inbox.bury(claim, claim.seqs, "malformed: not JSON", now=NOW)

    (row,) = database.figures.deliveries((State.DEAD,), limit=10)

    assert (row.delivery, row.state, row.reason, row.attempts) == ("a", "dead", "malformed: not JSON", 1)


def test_migrating_twice_changes_nothing(database: Database) -> None:
    migrate.upgrade(database.engine)

    assert migrate.is_current(database.engine)


def test_the_migrations_build_exactly_the_tables_of_the_code(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, metadata) == []


def test_a_decision_can_say_when_to_look_again(database: Database) -> None:
    delivered(database.engine, "a")
    claim = database.inbox.claim(NOW)
    assert claim is not None

    assert database.record(claim, claim.seqs, decision(wake_at=NOW + MINUTE), now=NOW)

    assert database.timers.tick(NOW + MINUTE) == 1


def test_another_issues_memory_is_another(database: Database) -> None:
    decided(database, "a", labels("bug"))

    assert database.memory.memory(Subject(MODEL.id, 8)) == Memory()


def heard(database: Database, comment: Comment, *touched: str, subject: Subject = SEVEN) -> None:
    """Judge a comment's commands."""
    delivered(database.engine, f"comment-{comment.id}", subject=subject.key)
    claim = database.inbox.claim(NOW)
    assert claim is not None
    assert comment.author is not None
    answer = Answered(comment.id, comment.author.id, comment.created_at, frozenset(touched))
    judged = replace(decision(subject=subject, repository=replace(MODEL, id=subject.repository_id)), comments=(answer,))
    assert database.record(claim, claim.seqs, judged, now=NOW)


def written(id: int, *, at: datetime = NOW, by: int = 1) -> Comment:  # noqa: A002
    """Return a comment."""
    return Comment(id, "/hold", Actor(by, "ada"), at, at)


def test_what_a_person_asked_for_is_counted_across_the_installation_and_no_further(database: Database) -> None:
    there, elsewhere = replace(MODEL, id=2, full_name="acme/other"), replace(MODEL, id=3, installation_id=78)
    for repository in (MODEL, there, elsewhere):
        database.memory.keep_repository(repository)
    heard(database, written(1))
    heard(database, written(2, at=NOW + SECOND), subject=Subject(there.id, 1))
    heard(database, written(3, at=NOW + SECOND), subject=Subject(elsewhere.id, 1))
    heard(database, written(4, at=NOW + SECOND, by=2))
    heard(database, written(5, at=NOW + 3 * SECOND))

    found = database.memory.commands_before(MODEL, written(6, at=NOW + 2 * SECOND), since=NOW)

    assert found == [NOW, NOW + SECOND]
    assert database.memory.commands_before(MODEL, written(6, at=NOW + 2 * SECOND), since=NOW + SECOND) == [NOW + SECOND]
    assert database.memory.commands_before(MODEL, replace(written(6), author=None), since=NOW) == []


def test_what_later_commands_touched_is_known_by_their_time_then_by_their_id(database: Database) -> None:
    database.memory.keep_repository(MODEL)
    heard(database, written(1, at=NOW - SECOND), "label:before")
    heard(database, written(3), "label:a", "label:b")
    heard(database, written(9, at=NOW + SECOND), "kind")
    heard(database, written(8, at=NOW + SECOND), "label:elsewhere", subject=Subject(MODEL.id, 8))

    assert database.memory.touched_after(SEVEN, written(2)) == {"label:a", "label:b", "kind"}
    assert database.memory.touched_after(SEVEN, written(4)) == {"kind"}
    assert database.memory.is_answered(3)
    assert not database.memory.is_answered(2)


def test_news_of_repositories_that_come_late_do_not_resume_a_suspended_installation(database: Database) -> None:
    database.memory.keep_installation(InstallationChanged("created", 77, added=(MODEL,)), now=NOW)
    database.memory.keep_installation(InstallationChanged("suspend", 77), now=NOW)

    database.memory.keep_installation(InstallationChanged("added", 77, added=(replace(MODEL, id=2),)), now=NOW)

    assert database.sweeps.territories() == []
    database.memory.keep_installation(InstallationChanged("unsuspend", 77), now=NOW)
    assert {each.repository.id for each in database.sweeps.territories()} == {MODEL.id, 2}


def test_a_repository_that_is_another_installations_by_now_is_not_forgotten(database: Database) -> None:
    database.memory.keep_installation(InstallationChanged("created", 77, added=(MODEL,)), now=NOW)
    database.memory.keep_installation(
        InstallationChanged("transferred", 78, added=(replace(MODEL, installation_id=78),)), now=NOW
    )

    database.memory.keep_installation(InstallationChanged("removed", 77, removed=(MODEL.id,)), now=NOW)
    database.memory.keep_installation(InstallationChanged("deleted", 77), now=NOW)

    assert database.memory.repository(MODEL.id) == replace(MODEL, installation_id=78)


def test_what_is_still_to_be_done_moves_with_a_repository_to_its_new_installation(database: Database) -> None:
    decided(database, "a", labels("bug"))
    delivered(database.engine, "b")

    database.memory.keep_installation(
        InstallationChanged("transferred", 78, added=(replace(MODEL, installation_id=78),)), now=NOW
    )

    writer = database.outbox.claim_writer(NOW)
    claim = database.inbox.claim(NOW)
    assert writer is not None
    assert claim is not None
    assert writer.installation_id == 78
    assert {each.installation_id for each in claim.deliveries} == {78}


def test_two_that_have_every_repository_looked_at_get_into_nobodys_way(database: Database) -> None:
    """On PostgreSQL one of them used to fail, for it found the other's row where it had just deleted its own."""
    database.memory.keep_repository(MODEL)
    database.memory.keep_policy_file(MODEL, Fetched("version: 1\n", "1"), now=NOW)
    home = replace(MODEL, id=MODEL.id + 1, full_name="acme/.github")
    both = Barrier(2)

    def look(minutes: int) -> None:
        both.wait(20)
        database.memory.look_everywhere(home, NOW + minutes * MINUTE)

    with ThreadPoolExecutor(2) as pool:
        for _ in range(20):
            list(pool.map(look, (1, 2)))

    assert database.timers.tick(NOW + 3 * MINUTE) == 1
