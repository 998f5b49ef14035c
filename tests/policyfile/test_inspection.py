"""A policy file as it lies there now, looked at outside of the road."""

from dataclasses import replace

import pytest

from bot.model.errors import Gone, Refused, Unreadable
from bot.policyfile import Ground, inspection
from tests.road import MODEL, Island

HOME = replace(MODEL, id=9, full_name="acme/.github")


def test_what_is_wrong_and_what_stands_for_nothing_are_found_together() -> None:
    island = Island(policy="sla: {team: acme/nobody, bug: 9h}")

    found = inspection.inspect(island, MODEL, Ground("sla: {bug: 2h}\nlocked: [sla.bug]"))

    assert found is not None
    assert [each.code for each in found.mistakes] == ["no-team"]
    assert [each.code for each in found.warnings] == ["locked"]


def test_no_file_has_nothing_wrong() -> None:
    assert inspection.inspect(Island(policy=None), MODEL, Ground()) is None


def test_a_folder_in_its_place_is_a_mistake() -> None:
    found = inspection.inspect(Island(troubles=[Unreadable("x", why="folder")]), MODEL, Ground())

    assert found is not None
    assert [each.code for each in found.mistakes] == ["unreadable-folder"]


@pytest.mark.parametrize(
    ("shared", "trouble", "expected"),
    [
        ("sla: {bug: 2h}", None, "sla: {bug: 2h}"),
        ("slo: {}", None, None),
        (None, None, None),
        ("sla: {bug: 2h}", Gone("404"), None),
        ("sla: {bug: 2h}", Refused("no token"), None),
    ],
)
def test_only_a_good_file_within_reach_lies_beneath(
    shared: str | None, trouble: Exception | None, expected: str | None
) -> None:
    island = Island(shared=shared, troubles=[trouble] if trouble else [])

    assert inspection.ground(island, MODEL, HOME) == Ground(expected)


def test_nothing_lies_beneath_the_organisations_own_file_nor_where_there_is_none() -> None:
    assert inspection.ground(Island(), HOME, HOME) == Ground(is_home=True)
    assert inspection.ground(Island(), MODEL, None) == Ground()
