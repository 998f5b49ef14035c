"""What a policy file names and is compared with, asked of the sandbox over real HTTP."""

from collections.abc import Iterator

import pytest

from bot.model.errors import Gone
from bot.model.forge import Newest
from tests.github.desk import Desk, open_desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    with open_desk(prefix="", files={"a.py": "1\n"}) as opened:
        yield opened


def test_all_labels_are_named_however_many_pages_they_fill(desk: Desk) -> None:
    for number in range(120):
        desk.world.add_label(desk.world.open_issue("x"), f"label {number}")

    found = desk.forge.labels(desk.repository)

    assert found >= {"bug", "label 0", "label 119"}


def test_a_team_is_there_or_not_or_not_to_be_seen(desk: Desk) -> None:
    desk.world.create_team("acme/maintainers")
    assert desk.forge.has_team(desk.repository, "acme", "maintainers") is True
    assert desk.forge.has_team(desk.repository, "acme", "nobody") is False

    desk.world.installation().permissions.pop("members")
    desk.world.revoke_tokens()
    assert desk.forge.has_team(desk.repository, "acme", "maintainers") is None


def test_environments_are_named_or_not_to_be_seen(desk: Desk) -> None:
    desk.world.create_environment("gpu approval")
    assert desk.forge.environments(desk.repository) == frozenset({"gpu approval"})

    desk.world.installation().permissions.pop("actions")
    desk.world.revoke_tokens()
    assert desk.forge.environments(desk.repository) is None


def test_the_apps_that_an_environment_asks_are_named_or_not_to_be_seen(desk: Desk) -> None:
    desk.world.create_environment("gpu/live #1", protectors=(5, 7))
    desk.world.create_environment("free")
    assert desk.forge.protectors(desk.repository, "gpu/live #1") == frozenset({5, 7})
    assert desk.forge.protectors(desk.repository, "free") == frozenset()
    assert desk.forge.protectors(desk.repository, "nowhere") is None

    desk.world.installation().permissions.pop("actions")
    desk.world.revoke_tokens()
    assert desk.forge.protectors(desk.repository, "free") is None


def test_two_ends_have_a_merge_base_or_nothing_in_common(desk: Desk) -> None:
    fork = desk.world.repository().branches["main"]
    number = desk.world.open_pull_request("x", head="topic/a b", files={"a.py": "2\n"}, fork=True)
    desk.world.push_file("b.py", "3\n")

    assert desk.forge.merge_base(desk.repository, "main", desk.world.pull(number).head_sha) == fork
    assert desk.forge.merge_base(desk.repository, "main", "f" * 40) is None


def test_the_newest_of_both_kinds_are_named_with_what_they_are(desk: Desk) -> None:
    desk.world.open_issue("one")
    desk.world.open_pull_request("two", head="two", files={"a.py": "2\n"})
    desk.world.open_issue("three")

    assert desk.forge.newest(desk.repository, 2) == (
        Newest(3, "three", is_pull_request=False),
        Newest(2, "two", is_pull_request=True),
    )


def test_a_repository_and_its_organisations_home_are_found_by_name(desk: Desk) -> None:
    assert desk.github.repository("acme/model") == desk.repository
    assert desk.github.home_of(desk.repository) is None

    desk.world.create_repository("acme/.github")
    desk.world.install("acme/.github")
    home = desk.github.home_of(desk.repository)
    assert home is not None
    assert (home.full_name, home.installation_id) == ("acme/.github", desk.repository.installation_id)

    with pytest.raises(Gone):
        desk.github.repository("acme/nothing")
