"""What a policy file is read on: an organisation's beneath it, or none."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.config import Config, ConfigError
from bot.config.layers import Origin
from bot.model.subjects import Repository
from bot.policyfile import Ground, is_home
from tests.road import MODEL

HOME = replace(MODEL, id=9, full_name="acme/.github")


@pytest.mark.parametrize(
    ("repository", "expected"),
    [
        (HOME, True),
        (replace(HOME, full_name="Acme/.GitHub"), True),
        (MODEL, False),
        (replace(HOME, full_name="other/.github"), False),
        (replace(HOME, organization=None), False),
    ],
)
def test_an_organisation_has_one_home(repository: Repository, *, expected: bool) -> None:
    assert is_home(repository) is expected


def test_a_file_is_laid_over_the_organisations() -> None:
    laid = Ground("sla: {bug: 2h, docs: 5h}").lay("sla: {docs: 7h}")

    assert (laid.config.sla.bug, laid.config.sla.docs) == (timedelta(hours=2), timedelta(hours=7))


def test_the_organisations_own_file_may_lock_and_holds_by_itself() -> None:
    laid = Ground(is_home=True).lay("sla: {bug: 2h}\nlocked: [sla.bug]")

    assert laid.config.sla.bug == timedelta(hours=2)
    assert laid.origins["sla.bug"] is Origin.LOCKED


def test_a_repositorys_file_may_not_lock() -> None:
    with pytest.raises(ConfigError):
        Ground().lay("locked: [sla.bug]")


def test_a_section_that_contradicts_gives_way_alone() -> None:
    ground = Ground("labels: {bug: defect}")
    text = "labels: {feature: defect, docs: d}\nsla: {bug: 7h}"

    with pytest.raises(ConfigError):
        ground.lay(text)
    settled = ground.settle(text)

    assert settled is not None
    assert (settled.config.labels.bug, settled.config.labels.docs) == ("defect", "documentation")
    assert settled.config.sla.bug == timedelta(hours=7)
    assert [(each.key, each.is_layered) for each in settled.contradictions] == [("labels", True)]


@pytest.mark.parametrize("text", ["", "sla: {bug: 1h}", "labels: {bug: x}"])
def test_where_nothing_contradicts_what_is_settled_is_what_is_laid(text: str) -> None:
    ground = Ground("sla: {bug: 2h}\nlocked: [sla]")

    assert ground.settle(text) == ground.lay(text)


@pytest.mark.parametrize("ground", [Ground(), Ground(is_home=True)])
def test_a_file_that_was_good_under_other_settings_is_none_today(ground: Ground) -> None:
    assert ground.settle("once_a_setting: 1") is None


def test_an_organisations_file_that_was_good_under_other_settings_is_no_layer_today() -> None:
    assert Ground("once_a_setting: 1").lay("").config == Config()
