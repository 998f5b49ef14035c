"""The audit log is a chain: whatever is changed, dropped, moved or added is found and located."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import Engine, delete, update

from bot.store import audit
from bot.store.audit import GENESIS, Entry, verify
from bot.store.database import Database
from bot.store.tables import audit as table
from tests.store.given import NOW, comment, decided, labels


@pytest.fixture
def log(database: Database) -> list[Entry]:
    """Give the log of five decisions."""
    for number in range(5):
        decided(database, f"d{number}", labels("bug"), comment(f"text {number}"))
    return list(audit.entries(database.engine))


def test_an_untouched_log_holds(log: list[Entry]) -> None:
    checked = verify(log)

    assert checked.fault is None
    assert (checked.entries, checked.head) == (5, log[-1].hash)


def test_an_empty_log_holds() -> None:
    assert verify([]).head == GENESIS


def test_a_decision_is_written_down_with_event_config_facts_rule_and_outcome(log: list[Entry]) -> None:
    entry = json.loads(log[0].entry)

    assert entry["deliveries"] == ["d0"]
    assert entry["config"] == "c" * 64
    assert entry["facts"] == "f" * 64
    assert entry["verdicts"] == [{"outcome": "pass", "policy": "triage", "rule": "prefix"}]
    assert len(entry["effects"]) == 2


def test_the_chained_part_carries_no_names_and_no_words(log: list[Entry]) -> None:
    assert "acme" not in log[0].entry
    assert "text" not in log[0].entry


@pytest.mark.parametrize("place", range(5))
def test_every_single_changed_character_is_found_where_it_is(log: list[Entry], place: int) -> None:
    text = log[place].entry
    for position in range(0, len(text), 7):
        changed = text[:position] + chr(ord(text[position]) ^ 1) + text[position + 1 :]
        forged = [*log[:place], replace(log[place], entry=changed), *log[place + 1 :]]

        assert f"entry {place + 1} was changed" in str(verify(forged).fault)


def test_a_changed_hash_is_found(log: list[Entry]) -> None:
    forged = [replace(log[0], hash="0" * 64), *log[1:]]

    assert "entry 1 was changed" in str(verify(forged).fault)


def test_a_dropped_entry_is_found(log: list[Entry]) -> None:
    assert verify([*log[:2], *log[3:]]).fault == "entry 3 is missing (found 4)"


def test_two_swapped_entries_are_found(log: list[Entry]) -> None:
    assert "entry 2 is missing" in str(verify([log[0], log[2], log[1]]).fault)


def test_an_entry_under_a_false_number_is_found(log: list[Entry]) -> None:
    text = audit.canonical({**json.loads(log[0].entry), "seq": 9})
    forged = Entry(1, text, None, audit.chain(GENESIS, text))

    assert verify([forged]).fault == "entry 1 was moved: it says it is 9"


def test_a_changed_detail_is_found(log: list[Entry]) -> None:
    forged = [replace(log[0], detail='{"repository":"other/model"}'), *log[1:]]

    assert verify(forged).fault == "entry 1: its detail was changed"


def test_a_detail_may_be_forgotten_and_the_chain_still_holds(database: Database, log: list[Entry]) -> None:
    with database.engine.begin() as connection:
        connection.execute(update(table).values(detail=None))

    assert log[0].detail is not None
    assert verify(audit.entries(database.engine)) == verify(log)


def test_a_rolled_back_log_no_longer_has_the_head_that_was_noted(database: Database, log: list[Entry]) -> None:
    with database.engine.begin() as connection:
        connection.execute(delete(table).where(table.c.seq > 3))

    assert verify(audit.entries(database.engine)).head != log[-1].hash
    assert audit.count(database.engine) == 3


def test_an_entry_without_detail_is_chained_too(engine: Engine) -> None:
    with engine.begin() as connection:
        assert audit.append(connection, "note", now=NOW, facts={"by": "operator"}, detail={}) == 1

    assert verify(audit.entries(engine)).fault is None


def test_a_long_log_is_read_page_by_page(engine: Engine) -> None:
    with engine.begin() as connection:
        for _ in range(1005):
            audit.append(connection, "note", now=NOW, facts={}, detail={})

    assert verify(audit.entries(engine)).entries == 1005
