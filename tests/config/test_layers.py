"""Defaults, an organisation's file and a repository's: what holds, who set it, and what was said in vain."""

from datetime import timedelta

import pytest

from bot.config import Config, ConfigError, parse
from bot.config.layers import Effective, Origin, layer, organization_layer, repository_layer
from tests.config.test_config import WORDS, told


def laid(repository: str, organization: str | None = None) -> Effective:
    """Lay one text over the other."""
    shared = None if organization is None else organization_layer(organization, file="org.yml")
    return layer(shared, repository_layer(repository, file="repo.yml"))


def refused(organization: str) -> list[str]:
    """Return what is said about an organisation's file that must be refused."""
    with pytest.raises(ConfigError) as caught:
        organization_layer(organization, file="org.yml")
    return told(caught.value)


@pytest.mark.parametrize("text", ["", "version: 1", "sla: {bug: 1h}\nlabels: {docs: d}\n", "coverage: {minimum: 79.5}"])
def test_without_an_organisation_the_repositorys_file_means_what_it_always_means(text: str) -> None:
    assert laid(text).config == parse(text)
    assert laid(text, "").config == parse(text)


@pytest.mark.parametrize(
    ("repository", "organization", "bug", "origin"),
    [
        ("", "", 24, Origin.DEFAULT),
        ("", "sla: {bug: 12h}", 12, Origin.ORGANIZATION),
        ("sla: {bug: 48h}", "", 48, Origin.REPOSITORY),
        ("sla: {bug: 48h}", "sla: {bug: 12h}", 48, Origin.REPOSITORY),
        ("sla: {bug: 48h}", "sla: {bug: 12h}\nlocked: [sla.bug]", 12, Origin.LOCKED),
        ("sla: {bug: 48h}", "sla: {bug: 12h}\nlocked: [sla]", 12, Origin.LOCKED),
        ("sla: {bug: 48h}", "locked: [sla.bug]", 24, Origin.LOCKED),
        ("sla: {bug: 48h}", "sla: {bug: 12h}\nlocked: [sla.docs]", 48, Origin.REPOSITORY),
        ("", "sla: {bug: 12h}\nlocked: [sla.bug]", 12, Origin.LOCKED),
    ],
)
def test_the_nearest_layer_decides_unless_the_key_is_locked(
    repository: str, organization: str, bug: int, origin: Origin
) -> None:
    found = laid(repository, organization)

    assert (found.config.sla.bug, found.origins["sla.bug"]) == (timedelta(hours=bug), origin)


def test_what_a_repository_says_of_a_locked_key_is_named_with_its_place() -> None:
    found = laid("sla:\n  bug: 48h\n", "locked: [sla.bug]")

    assert [each.place + WORDS.mistake(each, "en") for each in found.ignored] == [
        "repo.yml:2:8: sla.bug: is locked by the organization; this value is ignored"
    ]


def test_to_repeat_a_locked_value_is_no_mistake() -> None:
    assert laid("sla: {bug: 12h}", "sla: {bug: 12h}\nlocked: [sla.bug]").ignored == ()


def test_a_list_is_replaced_as_a_whole() -> None:
    rule = "triage: {{rules: [{{title: {0}, label: bug}}]}}"

    found = laid(rule.format("mine"), rule.format("shared"))

    assert [each.title for each in found.config.triage.rules] == ["mine"]


def test_two_good_files_that_contradict_each_other_are_refused_at_the_repositorys_place() -> None:
    with pytest.raises(ConfigError) as caught:
        laid("\nlabels: {feature: defect}", "labels: {bug: defect}")

    (line,) = told(caught.value)
    assert line.startswith("repo.yml:2:9: labels: must name 8 different labels")
    assert line.endswith("together with the organization's file")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "locked: [sla.bugs]",
            'org.yml:1:10: locked[0]: locks "sla.bugs", which is not a setting; did you mean "sla.bug"?',
        ),
        ("locked: [version]", 'org.yml:1:10: locked[0]: locks "version", which is not a setting'),
        ("locked: sla.bug", "org.yml:1:9: locked: must be a list"),
        ("locked: [1]", "org.yml:1:10: locked[0]: must be text; put it in quotes"),
        ("sla: {bug: soon}", "org.yml:1:12: sla.bug: must be a duration with its unit, such as 90m, 24h or 3d"),
    ],
)
def test_a_mistake_in_the_organisations_file_is_named_with_its_place(text: str, said: str) -> None:
    assert refused(text) == [said]


def test_a_repository_cannot_lock_anything() -> None:
    with pytest.raises(ConfigError, match="locked: unknown"):
        repository_layer("locked: [sla]", file="repo.yml")


def test_every_setting_has_one_layer_and_one_value() -> None:
    found = laid("")

    assert found.origins.keys() == found.values().keys()
    assert {key.partition(".")[0] for key in found.origins} | {"benchmark", "release", "safety", "commands"} >= set(
        Config.model_fields
    )


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("sla: {bug: 90m}", "sla.bug", "90m"),
        ("sla: {bug: 3d}", "sla.bug", "72h"),
        ("coverage: {minimum: 79.5}", "coverage.minimum", 79.5),
        ("coverage: {minimum: 80.0}", "coverage.minimum", 80),
        ("triage: {rules: [{title: x, label: y}]}", "triage.rules", [{"title": "x", "label": "y"}]),
        ("language: zh-CN", "language", "zh-CN"),
    ],
)
def test_a_value_is_shown_as_a_file_would_have_it(text: str, key: str, value: object) -> None:
    assert laid(text).values()[key] == value
