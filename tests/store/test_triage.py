"""What triage remembers: what was learnt of each repository, and which issues read alike; on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.classifier.corpus import Example
from bot.classifier.fitting import Fit, learn
from bot.model.events import InstallationChanged
from bot.model.facts import Issue
from bot.model.scores import Thresholds
from bot.model.subjects import Repository, Subject
from bot.store.database import Database
from bot.store.tables import repositories
from bot.store.triage import AGAIN_AFTER, EVERY, KEPT, RECENT
from bot.store.triage_tables import TRIAGE_TABLES
from tests.policies.given import facts

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MODEL = Repository(1296269, "acme/model", 77, "main", "acme")
OTHER = Repository(1296270, "acme/other", 77, "main", "acme")
KEY_ERROR = "KeyError when loading a GPTQ checkpoint"
AGAIN = "Loading a GPTQ checkpoint: KeyError"


def issue(number: int, title: str, *, body: str = "gate_up_proj.weight is missing.", is_open: bool = True) -> Issue:
    """Return an issue of the repository, last changed now."""
    found = facts(title, body=body).issue
    return replace(found, subject=Subject(MODEL.id, number), is_open=is_open, updated_at=NOW)


def fit(*, mode: str = "label") -> Fit:
    """Return what might be learnt."""
    history = [Example(f"lorry {n}", "", "bug" if n % 2 else "feature", "a") for n in range(20)]
    own = learn(history, 1.1, Thresholds(0.8, 0.6))
    return Fit(own if mode == "label" else None, "label" if mode == "label" else "suggest", 20, 4, 0.5, 0.6)


@pytest.fixture
def installed(database: Database) -> Database:
    """The database with two repositories, each with a policy file."""
    database.memory.keep_installation(InstallationChanged("created", 77, added=(MODEL, OTHER)), now=NOW)
    with database.engine.begin() as connection:
        connection.execute(update(repositories).values(config_text="version: 1\n"))
    return database


def test_what_was_learnt_comes_back_as_it_was(installed: Database) -> None:
    assert installed.triage.fitted(MODEL) is None

    installed.triage.keep_fit(MODEL, fit(), now=NOW)

    found = Database(installed.engine).triage.fitted(MODEL)
    assert found is not None
    assert found.own is not None
    assert (found.own.thresholds, found.own.temperature, found.mode) == (Thresholds(0.8, 0.6), 1.1, "label")
    assert installed.triage.fitted(OTHER) is None


def test_what_is_learnt_anew_takes_the_place_of_the_old_at_once(installed: Database) -> None:
    installed.triage.keep_fit(MODEL, fit(), now=NOW)
    assert installed.triage.fitted(MODEL) is installed.triage.fitted(MODEL)

    Database(installed.engine).triage.keep_fit(MODEL, fit(mode="suggest"), now=NOW + EVERY)

    found = installed.triage.fitted(MODEL)
    assert found is not None
    assert (found.own, found.mode) == (None, "suggest")


def test_only_a_few_models_are_held_in_memory(installed: Database) -> None:
    many = [replace(MODEL, id=number) for number in range(1, KEPT + 3)]
    for each in many:
        installed.triage.keep_fit(each, fit(mode="suggest"), now=NOW)

    assert all(installed.triage.fitted(each) for each in many)
    assert len(installed.triage._models) == KEPT


def test_each_repository_has_its_turn_once_a_week_and_a_failed_one_soon_again(installed: Database) -> None:
    assert [installed.triage.claim_fit(NOW) for _ in range(3)] == [MODEL, OTHER, None]

    installed.triage.keep_fit(MODEL, fit(), now=NOW)

    assert installed.triage.claim_fit(NOW + AGAIN_AFTER) == OTHER
    assert installed.triage.claim_fit(NOW + AGAIN_AFTER) is None
    assert installed.triage.claim_fit(NOW + EVERY) in {MODEL, OTHER}


def test_a_repository_without_a_policy_file_or_of_a_suspended_installation_is_not_read(installed: Database) -> None:
    with installed.engine.begin() as connection:
        is_model = repositories.c.id == MODEL.id
        connection.execute(update(repositories).where(is_model).values(config_text=None))
    assert [installed.triage.claim_fit(NOW) for _ in range(2)] == [OTHER, None]

    installed.memory.keep_installation(InstallationChanged("suspend", 77), now=NOW)
    assert installed.triage.claim_fit(NOW + EVERY) is None


def test_an_issue_that_reads_like_an_earlier_one_is_told_so_and_always_the_same(installed: Database) -> None:
    assert installed.triage.similar(MODEL, issue(1, KEY_ERROR)) == ()

    (found,) = installed.triage.similar(MODEL, issue(2, AGAIN))
    assert found.number == 1
    assert 55 <= found.likeness <= 100

    installed.triage.similar(MODEL, issue(3, KEY_ERROR))
    assert installed.triage.similar(MODEL, issue(2, AGAIN)) == (found,)
    assert installed.triage.similar(MODEL, issue(1, KEY_ERROR)) == ()


def test_an_edited_text_is_looked_up_anew(installed: Database) -> None:
    installed.triage.similar(MODEL, issue(1, KEY_ERROR))
    assert installed.triage.similar(MODEL, issue(2, "Support streaming in the chat endpoint", body="")) == ()

    assert [each.number for each in installed.triage.similar(MODEL, issue(2, AGAIN))] == [1]


def test_an_issue_closed_long_ago_is_no_duplicate_any_more(installed: Database) -> None:
    installed.triage.similar(MODEL, issue(1, KEY_ERROR, is_open=False))

    recent = replace(issue(2, AGAIN), updated_at=NOW + RECENT)
    late = replace(issue(3, AGAIN + " again"), updated_at=NOW + RECENT + timedelta(days=1))

    assert [each.number for each in installed.triage.similar(MODEL, recent)] == [1]
    assert 1 not in [each.number for each in installed.triage.similar(MODEL, late)]


def test_what_was_there_before_reeve_is_known_and_what_reeve_met_stays(installed: Database) -> None:
    installed.triage.similar(MODEL, issue(1, "Support streaming in the chat endpoint", body=""))

    installed.triage.keep_sketches(MODEL, [issue(1, KEY_ERROR), issue(2, KEY_ERROR)])

    assert [each.number for each in installed.triage.similar(MODEL, issue(3, AGAIN))] == [2]


def test_everything_of_a_repository_that_left_is_forgotten(installed: Database) -> None:
    installed.triage.keep_fit(MODEL, fit(), now=NOW)
    installed.triage.similar(MODEL, issue(1, KEY_ERROR))

    installed.memory.keep_installation(InstallationChanged("removed", 77, removed=(MODEL.id,)), now=NOW)

    with installed.engine.connect() as connection:
        assert [connection.execute(select(table.c.repository_id)).all() for table in TRIAGE_TABLES] == [[], []]


def test_no_word_of_an_issue_is_kept(installed: Database) -> None:
    installed.triage.similar(MODEL, issue(1, KEY_ERROR))

    with installed.engine.connect() as connection:
        (row,) = connection.execute(select(TRIAGE_TABLES[1])).all()
    assert b"GPTQ" not in row.sketch
    assert b"gptq" not in row.sketch
