"""People change the policy file, in pull requests and on the default branch: what Reeve says of it and does."""

import pytest

from bot.policyfile import CHECK
from bot.sandbox.state import CheckRun, Issue
from tests.stories.conftest import Town

FILE = ".github/reeve.yml"
GOOD, BROKEN = "version: 1\nsla: {bug: 1h}\n", "version: 1\nsla:\n  bugs: 1h\n  docs: soon\n"


def checks(town: Town, number: int) -> list[CheckRun]:
    """Return the checks of the policy file on a pull request's head."""
    return [run for run in town.world.checks(town.world.pull(number).head_sha) if run.name == CHECK]


def proposed(town: Town, text: str | None, *, title: str = "Change the rules", fork: bool = False) -> int:
    """Let somebody propose a policy file and everything follow."""
    number = town.world.open_pull_request(title, head="rules", files={FILE: text, "a.py": "1"}, fork=fork)
    town.settle()
    return number


def reports(town: Town) -> list[Issue]:
    """Return the issues that Reeve itself opened."""
    issues = town.world.repository().issues.values()
    return [each for each in issues if each.pull is None and each.author.login == town.world.bot_login]


def pushed(town: Town, text: str | None) -> None:
    """Push the file to the default branch and let everything follow."""
    town.world.advance(seconds=5)
    town.world.push_file(FILE, text)
    town.settle()


# -- in a pull request -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fork", [False, True])
def test_a_pull_request_that_breaks_the_policy_file_fails_with_each_mistake_on_its_line(
    town: Town,
    fork: bool,  # noqa: FBT001
) -> None:
    (run,) = checks(town, proposed(town, BROKEN, fork=fork))

    assert (run.conclusion, run.title) == ("failure", "Correct 2 mistakes in the policy file")
    assert [(each["path"], each["start_line"], each["annotation_level"]) for each in run.annotations] == [
        (FILE, 3, "failure"),
        (FILE, 4, "failure"),
    ]
    assert "`4:9` `sla.docs` must be a duration" in (run.summary or "")


def test_a_pull_request_with_a_good_policy_file_passes_and_its_rules_wait_for_the_merge(town: Town) -> None:
    number = proposed(town, GOOD)
    bug = town.world.open_issue("[Bug] x")
    town.settle()

    (run,) = checks(town, number)
    assert (run.conclusion, run.title) == ("success", "Nothing to do: the policy file is valid")
    assert "24 hours" in town.world.bot_comments(bug)[0]


def test_the_check_speaks_the_language_of_the_pull_request(town: Town) -> None:
    (run,) = checks(town, proposed(town, BROKEN, title="修改规则，缩短响应时间"))

    assert run.title == "请更正策略文件中的 2 处错误"


def test_a_pull_request_that_leaves_the_file_alone_has_no_check_and_is_read_once(town: Town) -> None:
    number = town.world.open_pull_request("Fix", head="fix", files={"a.py": "1"})
    town.settle()

    assert checks(town, number) == []
    assert town.calls(lambda: town.world.edit_issue(number, title="Fix it")) == []


def test_the_same_head_again_costs_no_call_and_a_push_a_new_check(town: Town) -> None:
    number = proposed(town, BROKEN)
    first = town.world.pull(number).head_sha

    assert town.calls(lambda: town.world.edit_issue(number, title="Change the rules again")) == []
    town.world.push_to(number, {FILE: GOOD})
    town.settle()

    assert [run.conclusion for run in checks(town, number)] == ["success"]
    assert [run.conclusion for run in town.world.checks(first) if run.name == CHECK] == ["failure"]


def test_a_pull_request_that_takes_the_file_away_is_told_what_that_means(town: Town) -> None:
    (run,) = checks(town, proposed(town, None))

    assert (run.conclusion, run.title) == ("success", "Merge only to switch Reeve off")


def test_a_pull_request_to_another_branch_is_compared_with_that_branch(town: Town) -> None:
    town.world.push_file(FILE, GOOD, branch="old")
    same = town.world.open_pull_request("Fix", head="fix", files={FILE: GOOD, "a.py": "1"}, base="old")
    other = town.world.open_pull_request("Rules", head="rules", files={FILE: BROKEN}, base="old")
    town.settle()

    assert checks(town, same) == []
    assert [run.conclusion for run in checks(town, other)] == ["failure"]


def test_a_pull_request_that_is_only_older_than_a_change_of_the_file_has_no_check(town: Town) -> None:
    number = town.world.open_pull_request("Fix", head="fix", files={"a.py": "1"})
    town.settle()
    pushed(town, GOOD)

    calls = town.calls(lambda: town.world.push_to(number, {"a.py": "2"}))

    assert checks(town, number) == []
    assert [call for call in calls if "/compare/" in call] == [
        f"GET /repos/acme/model/compare/main...{town.world.pull(number).head_sha}"
    ]


def test_a_pull_request_that_undoes_a_change_of_the_file_is_checked(town: Town) -> None:
    pushed(town, GOOD)
    (run,) = checks(town, proposed(town, "version: 1\n"))

    assert run.conclusion == "success"


NAMES = """\
version: 1
triage:
  rules:
    - {title: "^rfc", label: rcf}
    - {title: "^crash", label: bug}
sla:
  team: acme/maintainers
  maintainers: acme/nobody
"""


def test_names_that_stand_for_nothing_are_told_on_their_lines(town: Town) -> None:
    town.world.create_team("acme/maintainers")
    town.world.push_file("README.md", "A model.")

    (run,) = checks(town, proposed(town, NAMES))

    assert (run.conclusion, run.title) == ("failure", "Correct 1 name in the policy file")
    assert [(each["start_line"], each["annotation_level"]) for each in run.annotations] == [
        (8, "failure"),
        (4, "warning"),
    ]
    assert "`sla.maintainers` names the team &quot;acme/nobody&quot;, which is not there" in (run.summary or "")


def test_only_what_is_named_is_asked_for_and_only_once_a_head(town: Town) -> None:
    town.world.create_team("acme/maintainers")
    number = town.world.open_pull_request("Rules", head="rules", files={FILE: NAMES})
    calls = town.calls(lambda: None)

    asked = [call.removeprefix("GET ") for call in calls if "/teams/" in call or "/labels" in call]
    assert sorted(asked) == ["/orgs/acme/teams/maintainers", "/orgs/acme/teams/nobody", "/repos/acme/model/labels"]
    assert town.calls(lambda: town.world.edit_issue(number, title="Rules again")) == []


def test_what_the_app_may_not_see_is_a_warning(town: Town) -> None:
    town.world.installation().permissions.pop("members")

    (run,) = checks(town, proposed(town, "version: 1\nsla: {team: acme/nobody}\n"))

    assert (run.conclusion, [each["annotation_level"] for each in run.annotations]) == ("success", ["warning"])
    assert "Members: read" in (run.summary or "")


def test_a_file_too_large_to_be_read_fails_too(town: Town) -> None:
    (run,) = checks(town, proposed(town, "# " + "x" * 1_000_001))

    assert (run.conclusion, len(run.annotations)) == ("failure", 1)
    assert "larger than 1 MB" in (run.summary or "")


def test_where_there_is_no_file_yet_the_pull_request_that_adds_it_is_checked(town: Town) -> None:
    pushed(town, None)
    (run,) = checks(town, proposed(town, GOOD))

    assert (run.conclusion, run.title) == ("success", "Merge to switch Reeve on")


# -- on the default branch -------------------------------------------------------------------------------------------


def test_a_bad_file_opens_one_issue_that_is_kept_up_to_date_and_closed(town: Town) -> None:
    pushed(town, BROKEN)
    (issue,) = reports(town)
    assert issue.title == "Correct .github/reeve.yml: 2 mistakes"
    assert "`3:3` `sla.bugs` is not a setting; did you mean" in (issue.body or "")

    pushed(town, "sla: {bug: 1}\n")
    (issue,) = reports(town)
    assert (issue.title, issue.state) == ("Correct .github/reeve.yml: 1 mistake", "open")

    pushed(town, GOOD)
    (issue,) = reports(town)
    assert issue.state == "closed"
    assert town.effects().keys() == {"done"}


def test_the_last_good_policy_stays_in_force_meanwhile(town: Town) -> None:
    pushed(town, GOOD)
    pushed(town, BROKEN)
    number = town.world.open_issue("[Bug] x")
    town.settle()

    assert "1 hour after" in town.world.bot_comments(number)[0]


def test_a_bad_file_is_found_without_its_push_too(town: Town) -> None:
    town.world.faults.webhooks.lose(event="push")
    pushed(town, BROKEN)
    town.world.advance(minutes=20)
    town.world.open_issue("[Bug] x")
    town.settle()

    town.advance(minutes=1)

    assert [issue.state for issue in reports(town)] == ["open"]


def test_the_same_bad_file_is_told_once_and_not_checked_in_every_pull_request(town: Town) -> None:
    pushed(town, BROKEN)
    number = town.world.open_pull_request("Fix", head="fix", files={"a.py": "1"})
    town.settle()
    pushed(town, BROKEN + "\n")
    pushed(town, BROKEN)

    assert len(reports(town)) == 1
    assert checks(town, number) == []


def test_a_file_in_force_that_names_what_is_not_there_has_an_issue_until_it_does_not(town: Town) -> None:
    pushed(town, "version: 1\nsla: {team: acme/nobody, bug: 1h}\n")
    number = town.world.open_issue("[Bug] x")
    town.settle()
    (issue,) = reports(town)

    assert issue.title == "Correct .github/reeve.yml: 1 name that stands for nothing"
    assert "1 hour after" in town.world.bot_comments(number)[0]  # in force all the same

    pushed(town, GOOD)
    assert [each.state for each in reports(town)] == ["closed"]


def test_the_issue_speaks_the_language_of_the_repository(town: Town) -> None:
    town.world.push_file("README.md", "# 模型\n这是一个用于推理的开源模型仓库，欢迎提交问题和建议。\n")
    pushed(town, BROKEN)
    (issue,) = reports(town)

    assert issue.title == "请更正 .github/reeve.yml：2 处错误"
    assert "必须是带单位的时长" in (issue.body or "")
    assert "must be" not in (issue.body or "")


def test_annotations_are_in_the_language_that_the_file_prescribes(town: Town) -> None:
    pushed(town, "version: 1\nlanguage: zh-CN\n")
    (run,) = checks(town, proposed(town, BROKEN, title="Change the rules"))

    assert [each["message"] for each in run.annotations] == [
        '.github/reeve.yml:3:3: sla.bugs: 不是已有的设置；是否想写 "bug"？',
        ".github/reeve.yml:4:9: sla.docs: 必须是带单位的时长，例如 90m、24h 或 3d",
    ]


def test_reeve_does_not_triage_its_own_issue(town: Town) -> None:
    pushed(town, BROKEN)
    (issue,) = reports(town)
    town.world.comment(issue.number, "On it.", by="maintainer")
    town.settle()

    assert town.world.labels(issue.number) == set()
    assert town.world.bot_comments(issue.number) == []
