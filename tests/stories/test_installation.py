"""The life of an installation: welcomed, governed, renamed, suspended, taken away; and what is left behind."""

import pytest
from sqlalchemy import select

from bot import sweep
from bot.config import Config, parse
from bot.store import audit
from bot.store.bodies import unpack
from bot.store.engine import reading
from bot.store.tables import inbox
from bot.sweep import state
from bot.welcome import GATES
from tests.stories.conftest import Town

POLICY = {".github/reeve.yml": "version: 1\n"}
WELCOME = "reeve/welcome"


@pytest.fixture
def newcomer(town: Town) -> Town:
    """A town with a second repository, which has no policy file and to which the App was just added."""
    town.world.create_repository("acme/newcomer", files={"README.md": "# A model\n"})
    town.world.install("acme/newcomer")
    town.settle()
    return town


def welcomes(town: Town, repository: str = "acme/newcomer") -> list[int]:
    return [each.number for each in town.world.pulls(repository=repository)]


def test_a_repository_without_a_policy_file_is_proposed_one(newcomer: Town) -> None:
    (number,) = welcomes(newcomer)

    assert newcomer.world.issue(number, repository="acme/newcomer").title == "Switch on Reeve"
    files = newcomer.world.pull_files(number, repository="acme/newcomer")
    assert set(files) == {".github/reeve.yml", *(f".github/workflows/{name}" for name in GATES)}
    assert parse(files[".github/reeve.yml"] or "") == Config()


def test_before_the_proposal_is_merged_reeve_stays_passive_and_afterwards_it_governs(newcomer: Town) -> None:
    early = newcomer.world.open_issue("[Bug] early", repository="acme/newcomer")
    newcomer.settle()
    assert newcomer.world.labels(early, repository="acme/newcomer") == set()

    newcomer.world.merge(welcomes(newcomer)[0], repository="acme/newcomer")
    newcomer.advance(minutes=1)
    late = newcomer.world.open_issue("[Bug] late", repository="acme/newcomer")
    newcomer.advance(minutes=1)

    assert newcomer.world.labels(late, repository="acme/newcomer") == {"bug"}


def test_a_proposal_that_was_closed_is_not_made_again(newcomer: Town) -> None:
    (number,) = welcomes(newcomer)
    newcomer.world.close_issue(number, repository="acme/newcomer")
    newcomer.settle()

    newcomer.world.remove_from_installation("acme/newcomer")
    newcomer.settle()
    newcomer.world.advance(days=9)
    newcomer.world.install("acme/newcomer")
    newcomer.settle()

    assert welcomes(newcomer) == [number]


def test_a_repository_with_a_chinese_readme_is_welcomed_in_chinese(town: Town) -> None:
    readme = "# 模型\n\n这是一个用于翻译的语言模型，可以在本地运行。\n"
    town.world.create_repository("acme/moxing", files={"README.md": readme})
    town.world.install("acme/moxing")
    town.settle()

    (number,) = welcomes(town, "acme/moxing")

    assert town.world.issue(number, repository="acme/moxing").title == "启用 Reeve"
    files = town.world.pull_files(number, repository="acme/moxing")
    assert "所有设置都是可选的" in (files[".github/reeve.yml"] or "")
    assert "只从本文件的运行中读取" in (files[".github/workflows/reeve-coverage.yml"] or "")


def test_where_workflows_may_not_be_proposed_the_policy_file_is_proposed_without_them(town: Town) -> None:
    del town.world.installation().permissions["workflows"]
    town.world.create_repository("acme/newcomer", files={"README.md": "# A model\n"})
    town.world.install("acme/newcomer")
    town.settle()

    (number,) = welcomes(town)

    assert list(town.world.pull_files(number, repository="acme/newcomer")) == [".github/reeve.yml"]


def test_an_installation_on_many_repositories_welcomes_each_of_them_once(town: Town) -> None:
    names = [f"other/model-{n}" for n in range(3)]
    for name in names:
        town.world.create_repository(name, private=True)
        town.world.push_file("README.md", "# A model\n", repository=name)
    town.world.faults.webhooks.double()
    town.world.install(*names)
    town.settle()

    assert [len(welcomes(town, name)) for name in names] == [1, 1, 1]


def test_a_governed_repository_is_not_welcomed_but_has_the_labels_it_needs(town: Town) -> None:
    assert town.world.pulls() == []
    labels = town.world.repository().labels
    assert {"needs-triage", "hold", "needs-info"} <= set(labels)
    assert labels["needs-triage"].description == "A maintainer has to say what kind of issue this is"
    assert labels["bug"].description == "Something isn't working"  # GitHub's own, which was there before


def test_a_label_that_the_policy_file_names_anew_is_made_before_it_is_needed(town: Town) -> None:
    town.world.push_file(".github/reeve.yml", "labels: {bug: defect}\n")
    town.settle()

    assert town.world.repository().labels["defect"].description == "Something does not work"


def test_a_new_label_is_made_also_where_the_push_was_never_heard_of(town: Town) -> None:
    town.world.faults.webhooks.lose(None)
    town.world.push_file(".github/reeve.yml", "labels: {docs: manual}\n")
    town.settle()
    town.world.faults.webhooks.clear()
    town.world.advance(minutes=16)
    town.world.open_issue("[Bug] later")
    town.settle()

    town.advance(minutes=1)

    assert "manual" in town.world.repository().labels


def test_a_repository_under_a_new_name_is_governed_as_before(town: Town) -> None:
    town.world.rename_repository("better-model")
    number = town.world.open_issue("[Bug] after the move")
    town.settle()

    assert town.world.labels(number) == {"bug"}


def test_an_app_that_was_removed_keeps_no_words_and_an_audit_log_that_holds(town: Town) -> None:
    town.world.open_issue("[Bug] CANARY", body="CANARY")
    town.settle()
    repository = town.world.repository()

    town.world.uninstall()
    town.settle()

    assert town.database.memory.repository(repository.id) is None
    with reading(town.database.engine) as connection:
        bodies = connection.execute(select(inbox.c.body).where(inbox.c.subject.like(f"{repository.id}#%"))).scalars()
        assert not [body for body in bodies if b"CANARY" in unpack(body)]
    log = list(audit.entries(town.database.engine))
    assert not [line for line in log if "acme/model" in f"{line.entry}{line.detail}"]
    assert audit.verify(log).fault is None


def test_a_repository_that_changes_hands_is_governed_on_where_the_new_owner_has_the_app(town: Town) -> None:
    number = town.world.open_issue("[Bug] before")
    town.settle()
    town.world.install_everywhere("beta")
    town.world.transfer_repository("beta")
    town.settle()

    town.world.advance(minutes=1)
    town.world.edit_issue(number, title="[Docs] before")
    later = town.world.open_issue("[Bug] after")
    town.settle()

    assert town.world.labels(later) == {"bug"}
    assert town.world.labels(number) == {"bug"}
    assert len(town.world.bot_comments(number)) == 1
    assert town.database.memory.repository(town.world.repository().id).full_name == "beta/model"  # type: ignore[union-attr]


def test_work_that_waited_through_a_transfer_is_done_for_the_new_owner(town: Town) -> None:
    town.world.faults.secondary_limit(1, retry_after=300, path="/repos/*/issues/*")
    number = town.world.open_issue("[Bug] in between")
    town.settle()
    town.world.install_everywhere("beta")
    town.world.faults.webhooks.lose(event="installation_repositories")
    town.world.transfer_repository("beta")
    town.settle()

    town.advance(minutes=6)

    assert town.world.labels(number) == {"bug"}
    assert len(town.world.bot_comments(number)) == 1


def test_a_repository_that_goes_to_an_owner_without_the_app_is_forgotten(town: Town) -> None:
    town.world.open_issue("[Bug] before")
    town.settle()
    town.world.transfer_repository("beta")
    town.settle()

    assert town.database.memory.repository(town.world.repository().id) is None
    assert town.calls(lambda: town.world.open_issue("[Bug] after")) == []


def swept(town: Town) -> None:
    """Let the sweeps have their turn."""
    town.world.faults.webhooks.clear()
    town.world.advance(minutes=16)
    sweep.sweep(town.parts)
    town.settle()


def test_a_repository_that_was_taken_away_unheard_is_forgotten_by_the_sweep(town: Town) -> None:
    town.world.create_repository("acme/other", files=POLICY)
    town.world.install("acme/other")
    town.settle()
    gone = town.world.repository("acme/other")
    town.world.faults.webhooks.lose(None)
    town.world.remove_from_installation("acme/other")

    swept(town)

    assert town.database.memory.repository(gone.id) is None
    assert town.database.memory.repository(town.world.repository("acme/model").id) is not None


def test_an_app_that_was_removed_unheard_leaves_nothing_behind_either(town: Town) -> None:
    town.world.open_issue("[Bug] CANARY", body="CANARY")
    town.settle()
    repository = town.world.repository()
    town.world.faults.webhooks.lose(None)
    town.world.uninstall()

    swept(town)

    assert town.database.memory.repository(repository.id) is None
    with reading(town.database.engine) as connection:
        bodies = connection.execute(select(inbox.c.body).where(inbox.c.subject.like(f"{repository.id}#%"))).scalars()
        assert not [body for body in bodies if b"CANARY" in unpack(body)]
    assert audit.verify(audit.entries(town.database.engine)).fault is None


def test_a_list_that_leaves_out_a_repository_by_mistake_makes_nobody_forget_it(town: Town) -> None:
    town.world.create_repository("acme/other", files=POLICY)
    town.world.install("acme/other")
    town.settle()
    kept = town.world.repository("acme/other").id
    here = town.database.memory.repository(town.world.repository("acme/model").id)
    assert here is not None

    state._learn_reached(town.parts, here.installation_id, (here,), town.world.now)

    assert town.database.memory.repository(kept) is not None


def test_an_installation_that_was_suspended_and_resumed_unheard_rests_and_catches_up(town: Town) -> None:
    town.world.faults.webhooks.lose(None)
    town.world.suspend()
    swept(town)
    number = town.world.open_issue("[Bug] while it rested")
    assert town.calls(lambda: town.advance(minutes=5)) == []

    town.world.faults.webhooks.lose(None)
    town.world.unsuspend()
    swept(town)

    assert town.world.labels(number) == {"bug"}


def test_an_issue_that_moves_to_another_repository_is_looked_after_there(town: Town) -> None:
    town.world.create_repository("acme/other", files=POLICY)
    town.world.install("acme/other")
    opened_at = town.world.now
    number = town.world.open_issue("[Bug] in the wrong place", repository="acme/model")
    town.settle()

    town.world.advance(hours=3)
    moved = town.world.transfer_issue(number, to="acme/other", repository="acme/model")
    town.settle()
    town.advance(hours=30)

    assert town.world.labels(moved, repository="acme/other") >= {"bug"}
    comments = town.world.bot_comments(moved, repository="acme/other")
    assert len(comments) == 1
    assert f"{opened_at.day + 1} November" in comments[0]
    assert not set(town.states()) & {"pending", "leased", "decided", "dead"}
