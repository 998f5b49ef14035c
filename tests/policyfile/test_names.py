"""Names in a policy file are looked up where they are, and only those that are there."""

import pytest

from bot.config import FILE, Config, strict
from bot.config.names import Name, Thing
from bot.policyfile import Ground, Named, Registrar
from tests.road import MODEL, Island

RULE = "triage: {{rules: [{{title: a, label: {0}}}]}}"


def found(island: Island, text: str, ground: Ground | None = None) -> list[tuple[str, str, bool]]:
    """Return what is found wrong: the code, the setting, and whether it is fatal."""
    missing = Registrar(island, MODEL).missing(text, ground or Ground())
    return [(each.mistake.code, each.mistake.key, each.is_fatal) for each in missing]


def first(island: Island, text: str) -> Named:
    """Return the first that is wrong."""
    return Registrar(island, MODEL).missing(text, Ground())[0]


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("rfc", []),
        ("RFC", []),
        ("bug", []),
        ("needs-triage", []),
        ("rcf", [("no-label-near", "triage.rules[0].label", False)]),
        ("zebra", [("no-label", "triage.rules[0].label", False)]),
    ],
)
def test_a_label_that_is_not_there_is_a_warning(label: str, expected: list[tuple[str, str, bool]]) -> None:
    assert found(Island(known_labels=frozenset({"rfc", "other"})), RULE.format(label)) == expected


def test_the_labels_that_reeve_makes_are_no_mistake_under_their_own_names_either() -> None:
    island = Island()

    assert found(island, "labels: {bug: defect}\n" + RULE.format("Defect")) == []
    assert island.calls == []


def test_all_labels_are_asked_for_once() -> None:
    island = Island()
    rules = ", ".join(f"{{title: a, label: l{number}}}" for number in range(3))

    assert len(found(island, f"triage: {{rules: [{rules}]}}")) == 3
    assert island.calls == ["labels"]


@pytest.mark.parametrize(
    ("teams", "name", "expected"),
    [
        (frozenset({"acme/a"}), "acme/a", []),
        (frozenset({"acme/a"}), "acme/b", [("no-team", "sla.team", True)]),
        (None, "acme/a", [("team-unknown", "sla.team", False)]),
        (frozenset(), "ada", []),
    ],
)
def test_a_team_that_is_not_there_is_fatal_and_a_person_is_not_looked_up(
    teams: frozenset[str] | None, name: str, expected: list[tuple[str, str, bool]]
) -> None:
    assert found(Island(teams=teams), f"sla: {{team: {name}}}") == expected


def test_a_name_is_told_at_its_place_in_the_file() -> None:
    mistake = first(Island(), "version: 1\nsla:\n  team: acme/nobody\n").mistake

    assert (mistake.line, mistake.column, mistake.data) == (3, 9, {"team": '"acme/nobody"'})


def test_a_file_with_mistakes_is_not_asked_about() -> None:
    island = Island()

    assert found(island, "slo: {}\nsla: {team: acme/nobody}") == []
    assert island.calls == []


def test_of_an_organisations_file_only_teams_are_looked_up() -> None:
    island = Island()

    text = "sla: {team: acme/nobody}\n" + RULE.format("rfc")
    assert found(island, text, Ground(is_home=True)) == [("no-team", "sla.team", True)]
    assert island.calls == ["team acme/nobody"]


def test_what_the_organisation_names_is_its_own_business() -> None:
    assert found(Island(), "version: 1", Ground("sla: {team: acme/nobody}")) == []


@pytest.mark.parametrize(("workflows", "is_missing"), [(frozenset({"x.yml"}), False), (frozenset(), True)])
def test_a_workflow_that_is_not_there_is_fatal(workflows: frozenset[str], *, is_missing: bool) -> None:
    expected = [("no-workflow", "release.workflow", True)] if is_missing else []

    assert found(Island(workflows=workflows), "release: {workflow: x.yml}") == expected


@pytest.mark.parametrize(
    ("environments", "expected"),
    [
        (frozenset({"GPU"}), []),
        (frozenset(), [("no-environment", True)]),
        (None, [("environment-unknown", False)]),
    ],
)
def test_an_environment_that_is_not_there_is_fatal(
    environments: frozenset[str] | None, expected: list[tuple[str, bool]]
) -> None:
    document = strict.read("safety: {environment: gpu}", file=FILE)
    named = Name(Thing.ENVIRONMENT, "gpu", ("safety", "environment"))

    missing = Registrar(Island(known_environments=environments), MODEL)._missing(named, Config(), document)

    assert [(each.mistake.code, each.is_fatal) for each in missing] == expected
