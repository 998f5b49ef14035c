"""An organisation keeps what holds for all its repositories in one file: read, remembered, and laid under theirs."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.policyfile import CHECK
from bot.sandbox.state import CheckRun, Issue
from tests.stories.conftest import Town

FILE, HOME = ".github/reeve.yml", "acme/.github"
MODEL, TWIN = "acme/model", "acme/twin"
LOCKING = "version: 1\nsla: {bug: 2h, docs: 5h}\nlocked: [sla.bug]\n"
OWN = "version: 1\nsla: {bug: 48h, docs: 7h}\n"


@pytest.fixture
def house(town: Town) -> Town:
    """A town whose organisation has a file of its own, which the App reaches."""
    town.world.create_repository(HOME, files={FILE: LOCKING})
    town.world.install(HOME)
    town.settle()
    return town


def pushed(town: Town, text: str | None, *, to: str = HOME) -> None:
    """Push a policy file to a default branch and let everything follow, with the next tick too."""
    town.world.advance(seconds=5)
    town.world.push_file(FILE, text, repository=to)
    town.settle()
    town.advance(minutes=1)


def comment(town: Town, title: str = "[Bug] x", *, repository: str = MODEL) -> str:
    """Open an issue and return what Reeve says of it."""
    number = town.world.open_issue(title, repository=repository)
    town.settle()
    return town.world.bot_comments(number, repository=repository)[0]


def reports(town: Town, repository: str) -> list[Issue]:
    """Return the issues that Reeve itself opened."""
    issues = town.world.repository(repository).issues.values()
    return [each for each in issues if each.pull is None and each.author.login == town.world.bot_login]


def check(town: Town, text: str, *, repository: str = MODEL, title: str = "Change the rules") -> CheckRun:
    """Propose a policy file and return the check of it."""
    number = town.world.open_pull_request(title, head="rules", files={FILE: text}, repository=repository)
    town.settle()
    head = town.world.pull(number, repository=repository).head_sha
    (run,) = (run for run in town.world.checks(head, repository=repository) if run.name == CHECK)
    return run


def test_the_organisations_settings_hold_where_the_repository_says_nothing(house: Town) -> None:
    assert "2 hours after" in comment(house)


def test_what_is_locked_holds_against_the_repository_and_the_rest_gives_way(house: Town) -> None:
    pushed(house, OWN, to=MODEL)

    assert "2 hours after" in comment(house)
    assert "7 hours after" in comment(house, "[Docs] y")


def test_an_opened_issue_costs_no_read_in_an_organisation_too(house: Town) -> None:
    comment(house)

    calls = house.calls(lambda: house.world.open_issue("[Bug] again", repository=MODEL))

    assert [call for call in calls if call.startswith("GET")] == []


def test_the_file_is_asked_for_with_its_etag_after_a_quarter_of_an_hour(house: Town) -> None:
    comment(house)
    house.world.advance(minutes=20)
    before = len(house.world.requests)

    comment(house)

    reads = [r for r in house.world.requests[before:] if r.path == f"/repos/{HOME}/contents/{FILE}"]
    assert [r.status for r in reads] == [304]


def test_a_push_to_the_organisations_file_holds_in_every_repository_at_once(house: Town) -> None:
    house.world.create_repository(TWIN, files={FILE: "version: 1\n"})
    house.world.install(TWIN)
    house.settle()
    assert "2 hours after" in comment(house, repository=TWIN)

    pushed(house, LOCKING.replace("2h", "3h"))

    assert "3 hours after" in comment(house)
    assert "3 hours after" in comment(house, repository=TWIN)


def test_labels_that_the_organisation_renames_are_made_in_every_repository(house: Town) -> None:
    pushed(house, LOCKING + "labels: {bug: defect}\n")

    assert "defect" in house.world.repository(MODEL).labels
    assert "`defect`" in comment(house)


def test_a_change_is_found_without_its_push_too(house: Town) -> None:
    house.world.faults.webhooks.lose(event="push")
    pushed(house, LOCKING.replace("2h", "3h"))
    house.world.advance(minutes=20)

    assert "3 hours after" in comment(house)


def test_a_bad_file_keeps_the_last_good_one_and_is_told_where_it_lies(house: Town) -> None:
    pushed(house, "version: 1\nsla: {bug: 3h}\nlocked: [sla.bugs]\n")

    assert "2 hours after" in comment(house)
    assert reports(house, MODEL) == []
    (issue,) = reports(house, HOME)
    assert "locks &quot;sla.bugs&quot;, which is not a setting; did you mean &quot;sla.bug&quot;?" in (issue.body or "")

    pushed(house, LOCKING)
    assert [each.state for each in reports(house, HOME)] == ["closed"]


def test_what_a_repository_sets_in_vain_is_a_warning_in_its_pull_request(house: Town) -> None:
    run = check(house, OWN)

    assert (run.conclusion, run.title) == ("success", "Look at 1 warning; the policy file is valid")
    assert [(each["start_line"], each["annotation_level"], each["message"]) for each in run.annotations] == [
        (2, "warning", ".github/reeve.yml:2:12: sla.bug: is locked by the organization; this value is ignored")
    ]


def test_what_is_set_in_vain_is_told_in_chinese_too(house: Town) -> None:
    run = check(house, OWN, title="修改规则，缩短响应时间")

    assert run.title == "请查看 1 条提醒；策略文件有效"
    assert run.annotations[0]["message"].endswith("已被组织锁定，此处的值不起作用")


def test_a_pull_request_to_the_organisations_file_is_checked_as_such(house: Town) -> None:
    assert check(house, LOCKING.replace("2h", "1h"), repository=HOME).conclusion == "success"


def test_a_section_that_contradicts_the_organisations_gives_way_and_is_told(house: Town) -> None:
    pushed(house, "version: 1\nlabels: {feature: defect}\nsla: {docs: 7h}\n", to=MODEL)
    assert "defect" in house.world.repository(MODEL).labels

    pushed(house, LOCKING + "labels: {bug: defect}\n")

    assert "`defect`" in comment(house)
    assert "7 hours after" in comment(house, "[Docs] y")
    (issue,) = reports(house, MODEL)
    assert issue.title == "Correct .github/reeve.yml: it contradicts the organization's file"

    pushed(house, LOCKING)
    assert [each.state for each in reports(house, MODEL)] == ["closed"]


def test_a_repository_without_a_file_stays_passive_under_an_organisations(house: Town) -> None:
    house.world.create_repository(TWIN, files={"README.md": "A model."})
    house.world.install(TWIN)
    house.settle()
    number = house.world.open_issue("[Bug] x", repository=TWIN)
    house.settle()

    assert house.world.bot_comments(number, repository=TWIN) == []


# -- out of reach ----------------------------------------------------------------------------------------------------


def test_an_organisation_without_a_file_of_its_own_is_not_asked_again(town: Town) -> None:
    comment(town)
    town.world.advance(hours=3)

    comment(town)

    assert [r.path for r in town.world.requests if HOME in r.path] == []


def test_a_file_that_the_app_does_not_reach_is_no_layer_and_is_not_asked_for(town: Town) -> None:
    town.world.create_repository(HOME, files={FILE: LOCKING}, private=True)
    town.world.advance(hours=1)

    assert "24 hours after" in comment(town)
    assert [r.path for r in town.world.requests if HOME in r.path] == []


def test_a_file_out_of_reach_without_a_word_is_given_up_and_asked_for_once_in_a_while(house: Town) -> None:
    comment(house)
    house.world.faults.webhooks.lose(event="installation_repositories")
    house.world.remove_from_installation(HOME)
    house.world.revoke_tokens()
    house.world.advance(minutes=20)
    comment(house)
    before = len(house.world.requests)

    assert "24 hours after" in comment(house)
    assert [r.path for r in house.world.requests[before:] if "contents" in r.path] == []


def test_an_organisation_that_takes_its_file_away_leaves_the_repositories_their_own(house: Town) -> None:
    pushed(house, None)

    assert "24 hours after" in comment(house)


def test_a_repository_taken_from_the_installation_takes_its_layer_with_it(house: Town) -> None:
    comment(house)
    house.world.remove_from_installation(HOME)
    house.settle()

    assert "24 hours after" in comment(house)


def test_the_file_of_a_person_is_no_layer(town: Town) -> None:
    town.world.create_repository("ada/model", organization=False, files={FILE: "version: 1\n"})
    town.world.create_repository("ada/.github", organization=False, files={FILE: "version: 1\nsla: {bug: 2h}\n"})
    town.world.install("ada/model", "ada/.github")
    town.settle()

    assert "24 hours after" in comment(town, repository="ada/model")


def test_explain_lays_a_file_on_what_github_has_of_the_organisation(
    house: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in house.world.environment().items():
        monkeypatch.setenv(name, value)
    file = tmp_path / "reeve.yml"
    file.write_text(OWN, encoding="utf-8")

    found = CliRunner().invoke(app, ["config", "explain", str(file), "--repo", MODEL])

    assert found.exit_code == 0
    assert 'locked        sla.bug: "2h"' in found.output
    assert "sla.bug: is locked by the organization; this value is ignored" in found.output
