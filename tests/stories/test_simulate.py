"""Before a policy file is merged, it is tried on what was: `reeve simulate` against a GitHub that keeps state."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from tests.stories.conftest import Town

FILE = ".github/reeve.yml"
TALK = "version: 1\ntriage: {rules: [{title: '^\\[Talk\\]', label: enhancement}]}\n"


@pytest.fixture
def desk(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    """A town with issues that Reeve has judged, and the App's credentials in the environment."""
    for name, value in town.world.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("REEVE_DATA_DIR", str(tmp_path / "nothing"))
    for title in ("[Bug] crash on load", "[Talk] how to do it?", "[Docs] typo"):
        town.world.open_issue(title)
    town.settle()
    return town


def run(text: str, folder: Path, *options: str, repo: str = "acme/model") -> Result:
    """Try a policy file on a repository."""
    file = folder / "new.yml"
    file.write_text(text, encoding="utf-8")
    return CliRunner().invoke(app, ["simulate", str(file), "--repo", repo, *options], catch_exceptions=False)


def simulated(text: str, folder: Path, *options: str, repo: str = "acme/model") -> dict[str, Any]:
    """Try a policy file and return what came of it."""
    result = run(text, folder, "--json", *options, repo=repo)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.output)
    return found


def of(found: dict[str, Any], policy: str) -> dict[int, tuple[Any, Any]]:
    """Return what one policy makes of each that differs: before and after."""
    return {
        each["number"]: (change["before"], change["after"])
        for each in found["differences"]
        for change in each["changes"]
        if change["policy"] == policy
    }


def test_the_issue_that_a_new_rule_fits_is_judged_differently_and_no_other(desk: Town, tmp_path: Path) -> None:
    assert desk.world.labels(2) == {"needs-triage"}

    found = simulated(TALK, tmp_path)

    ((number, (before, after)),) = of(found, "triage").items()
    assert number == 2
    assert (before["rule"], before["add"]) == ("question-by-words", ["needs-triage"])
    assert (after["rule"], after["outcome"], after["add"]) == ("configured-rule", "pass", ["enhancement", "needs-info"])
    assert (found["judged"], [each["title"] for each in found["differences"]]) == (3, ["[Talk] how to do it?"])


def test_the_file_in_force_changes_nothing(desk: Town, tmp_path: Path) -> None:  # noqa: ARG001
    assert simulated("version: 1\n", tmp_path)["differences"] == []


def test_a_label_of_a_person_counts_and_one_of_reeves_own_does_not(desk: Town, tmp_path: Path) -> None:
    desk.world.add_label(2, "bug")
    desk.settle()

    assert of(simulated(TALK, tmp_path), "triage") == {}


def test_nothing_is_written(desk: Town, tmp_path: Path) -> None:
    before = len(desk.world.requests)

    simulated(TALK, tmp_path)

    verbs = {f"{r.method} {r.path}" for r in desk.world.requests[before:] if r.method != "GET"}
    assert all(each.endswith("/access_tokens") for each in verbs)
    assert desk.world.labels(2) == {"needs-triage"}


def test_another_deadline_is_a_difference(desk: Town, tmp_path: Path) -> None:  # noqa: ARG001
    found = simulated("version: 1\nsla: {bug: 48h}\n", tmp_path)

    ((number, (before, after)),) = of(found, "sla").items()
    assert number == 1
    assert before["due"] < after["due"]


def test_closed_issues_are_judged_as_if_they_were_open(desk: Town, tmp_path: Path) -> None:
    desk.world.close_issue(2)
    desk.settle()

    assert list(of(simulated(TALK, tmp_path), "triage")) == [2]


def test_a_section_in_shadow_shows_what_it_would_report(desk: Town, tmp_path: Path) -> None:  # noqa: ARG001
    found = simulated("version: 1\ntriage: {shadow_until: 2099-01-31}\n", tmp_path)

    before, after = of(found, "triage")[1]
    assert (before["outcome"], before["is_shadow"]) == ("pass", False)
    assert (after["outcome"], after["is_shadow"], after["add"]) == ("pass", True, ["bug"])


def test_the_gates_of_a_pull_request_are_judged_too_even_of_a_merged_one(desk: Town, tmp_path: Path) -> None:
    number = desk.world.open_pull_request("Faster kernel", head="fast", files={"kernel.cu": "// fast\n"})
    desk.settle()
    desk.world.merge(number)
    desk.settle()

    found = simulated("version: 1\nbenchmark: {evidence: none}\n", tmp_path)

    before, after = of(found, "benchmark")[number]
    assert (before["rule"], before["checks"]) == ("no-data", ["reeve / benchmark: action_required"])
    assert (after["rule"], after["checks"]) == ("off", ["reeve / benchmark: success"])
    assert [each["kind"] for each in found["differences"]] == ["pull_request"]


def test_what_github_will_not_show_is_named_and_the_others_are_judged(desk: Town, tmp_path: Path) -> None:
    desk.world.faults.fail(None, status=403, path="/repos/acme/model/issues/3")

    found = simulated(TALK, tmp_path)

    assert (found["judged"], [each["number"] for each in found["skipped"]]) == (2, [3])
    assert list(of(found, "triage")) == [2]


def test_only_so_many_of_the_newest_are_judged(desk: Town, tmp_path: Path) -> None:  # noqa: ARG001
    assert simulated(TALK, tmp_path, "--last", "1")["judged"] == 1
    assert simulated(TALK, tmp_path, "--last", "2")["judged"] == 2


def test_where_reeve_was_passive_everything_is_new(desk: Town, tmp_path: Path) -> None:
    desk.world.push_file(FILE, None)
    desk.settle()

    found = simulated("version: 1\n", tmp_path)

    assert {before for before, _ in of(found, "triage").values()} == {None}
    assert len(found["differences"]) == 3


def test_the_organisations_file_lies_beneath_and_what_is_vain_is_told(desk: Town, tmp_path: Path) -> None:
    home = "version: 1\nsla: {bug: 2h}\nlocked: [sla.bug]\n"
    desk.world.create_repository("acme/.github", files={FILE: home})
    desk.world.install("acme/.github")
    desk.settle()

    found = simulated("version: 1\nsla: {bug: 48h}\n", tmp_path)

    assert found["differences"] == []
    assert found["ignored"] == [".github/reeve.yml:2:12: sla.bug: is locked by the organization; this value is ignored"]


def test_it_is_told_in_lines_too(desk: Town, tmp_path: Path) -> None:  # noqa: ARG001
    lines = run(TALK, tmp_path).output.splitlines()

    assert run("version: 1\n", tmp_path).output == "0 of 3 would have been judged differently\n"
    assert lines[0] == "1 of 3 would have been judged differently"
    was, will = "unknown: question-by-words, +needs-triage", "pass: configured-rule, +enhancement"
    assert lines[1].startswith(f"#2 triage: {was} -> {will}")
    assert lines[1].endswith("([Talk] how to do it?)")


def test_a_file_with_mistakes_is_not_tried(desk: Town, tmp_path: Path) -> None:
    before = len(desk.world.requests)

    result = run("slo: {}\n", tmp_path)

    assert result.exit_code == 1
    assert 'slo: is not a setting; did you mean "sla"?' in result.output
    assert not any("/issues" in r.path for r in desk.world.requests[before:])


def test_a_repository_without_the_app_is_named(desk: Town, tmp_path: Path) -> None:
    desk.world.create_repository("other/model")

    with pytest.raises(Exception, match="other/model"):
        run(TALK, tmp_path, repo="other/model")
