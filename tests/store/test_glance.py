"""What a trip reads at once is what the memory would have told piece by piece."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, event

from bot.model.forge import Fetched, Receipt
from bot.model.past import Learnt
from bot.model.subjects import Actor, Repository, Subject
from bot.model.timeline import Happening, Regime, What
from bot.store.database import Database
from bot.store.timeline import keep_notice
from tests.store.given import MINUTE, MODEL, NOW, SEVEN, comment, decided, labels

HOME = Repository(1, "acme/.github", 77, "main", "acme")
SOMEBODY = Actor(5, "somebody", is_bot=False)


def happened(name: str, at: timedelta) -> Happening:
    return Happening(id=name, what=What.COMMENTED, at=NOW + at, actor=SOMEBODY, comment_id=3)


def lived(database: Database) -> None:
    """Let everything be remembered that there is to remember of an issue."""
    database.memory.keep_repository(HOME)
    decided(database, "a", labels("bug"), comment("hello"))
    writer = database.outbox.claim_writer(NOW)
    assert writer is not None
    for receipt in (Receipt(), Receipt(remote_id=5)):
        pending = database.outbox.begin(writer, NOW)
        assert pending is not None
        database.outbox.confirm(pending, receipt, now=NOW + MINUTE)
    decided(database, "b", labels("docs"))
    decided(database, "c", labels("more"))
    database.memory.keep_policy_file(MODEL, Fetched("version: 1\n", "etag"), now=NOW)
    database.memory.keep_policy_file(HOME, Fetched("version: 1 # home\n", "other"), now=NOW)
    database.memory.keep_issue_types(MODEL, ("Bug", "Task"), now=NOW)
    happenings = (happened("late", MINUTE), happened("b", timedelta()), happened("a", timedelta()))
    database.memory.keep_past(SEVEN, Learnt(happenings, ("one", "two"), NOW, Regime(NOW, "{}")))
    database.memory.keep_past(SEVEN, Learnt(regime=Regime(NOW - MINUTE, '{"older":1}')))
    with database.engine.begin() as connection:
        keep_notice(connection, SEVEN, "sla-2", NOW)
        keep_notice(connection, SEVEN, "sla-1", NOW - timedelta(days=3))
        keep_notice(connection, Subject(MODEL.id, 8), "sla-1", NOW)


@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.parametrize("repository", [MODEL, HOME, Repository(MODEL.id, "acme/renamed", 78, "main", "acme")])
def test_a_trip_knows_what_the_memory_knows(database: Database, repository: Repository, *, is_known: bool) -> None:
    if is_known:
        lived(database)
    memory, subject = database.memory, Subject(repository.id, 7)

    trip = database.trip(repository, subject, NOW)

    assert trip.memory(subject) == memory.memory(subject)
    assert trip.past(subject, NOW) == memory.past(subject, NOW)
    assert trip.policy_file(repository) == memory.policy_file(repository)
    assert trip.issue_types(repository) == memory.issue_types(repository)
    home = trip.organization_home(repository)
    assert home == memory.organization_home(repository)
    if home is not None:
        assert trip.policy_file(home) == memory.policy_file(home)


def test_what_a_trip_writes_it_reads_anew(database: Database) -> None:
    lived(database)
    memory, trip = database.memory, database.trip(MODEL, SEVEN, NOW)
    renamed = Repository(MODEL.id, "acme/renamed", 77, "main", "acme")

    trip.keep_seen(SEVEN, NOW + MINUTE)
    trip.keep_past(SEVEN, Learnt((happened("news", MINUTE),)))
    trip.keep_issue_types(MODEL, ("Epic",), now=NOW)
    trip.doubt_policy_file(MODEL)
    trip.keep_repository(renamed)

    assert trip.memory(SEVEN).seen_at == NOW + MINUTE
    assert "news" in {each.id for each in trip.past(SEVEN, NOW).timeline.happenings}
    assert trip.issue_types(MODEL) == (("Epic",), NOW)
    assert trip.policy_file(MODEL) == (Fetched("version: 1\n", "etag"), None)
    assert memory.repository(MODEL.id) == renamed


def test_to_know_an_issue_takes_two_statements(engine: Engine) -> None:
    database = Database(engine)
    lived(database)
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        trip = database.trip(MODEL, SEVEN, NOW)
        trip.keep_repository(MODEL)
        assert trip.memory(SEVEN).label == "bug"
        trip.keep_seen(SEVEN, NOW)
    finally:
        event.remove(engine, "before_cursor_execute", note)

    assert len([each for each in asked if each.startswith("SELECT")]) == 2
    assert [each for each in asked if not each.startswith(("SELECT", "BEGIN"))] == []
