"""Which checks a branch requires, and from whom."""

import pytest

from bot.github.forge import GitHub
from bot.model.errors import Gone
from bot.model.forge import RequiredCheck
from bot.model.subjects import Repository
from tests.github.desk import Desk
from tests.github.little_server import LittleServer, Reply

RULES, BRANCH = "GET /repos/acme/model/rules/branches/main", "GET /repos/acme/model/branches/main"


def test_rulesets_and_branch_protection_both_count(desk: Desk) -> None:
    desk.world.require_check(app_id=desk.world.app_id)
    desk.world.require_check("build")
    desk.world.require_check("reeve / coverage", app_id=7, by_ruleset=False)
    desk.world.require_check("lint", by_ruleset=False)
    desk.world.require_check("elsewhere", branch="next")

    assert desk.forge.required_checks(desk.repository) == (
        RequiredCheck("reeve", desk.world.app_id),
        RequiredCheck("build", None),
        RequiredCheck("reeve / coverage", 7),
        RequiredCheck("lint", None),
    )
    desk.check_exchanges()


def test_a_branch_without_rules_requires_nothing(desk: Desk) -> None:
    assert desk.forge.required_checks(desk.repository) == ()
    desk.check_exchanges()


def test_rules_of_other_kinds_are_passed_over_and_anybody_is_nobody(
    github: GitHub, server: LittleServer, repository: Repository
) -> None:
    rules = [
        {"type": "deletion"},
        {"type": "pull_request", "parameters": {"required_approving_review_count": 2}},
        {
            "type": "required_status_checks",
            "parameters": {"required_status_checks": [{"context": "a"}, {"context": "b", "integration_id": 5}]},
        },
    ]
    old = {"contexts": ["c", "d"], "checks": [{"context": "c", "app_id": -1}]}
    server.will_say(RULES, Reply(200, rules))
    server.will_say(BRANCH, Reply(200, {"name": "main", "protection": {"required_status_checks": old}}))

    found = github.installation(77).required_checks(repository)

    assert [(each.context, each.app_id) for each in found] == [("a", None), ("b", 5), ("c", None), ("d", None)]


def test_a_repository_without_its_default_branch_requires_nothing(
    github: GitHub, server: LittleServer, repository: Repository
) -> None:
    server.will_say(RULES, Reply(200, []))
    server.will_say(BRANCH, Reply(404, {"message": "Branch not found"}))

    assert github.installation(77).required_checks(repository) == ()


def test_a_repository_that_is_gone_is_told_so(github: GitHub, server: LittleServer, repository: Repository) -> None:
    server.will_say(RULES, Reply(404, {"message": "Not Found"}))

    with pytest.raises(Gone):
        github.installation(77).required_checks(repository)
