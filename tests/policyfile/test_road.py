"""The policy file on the road: what is read, when, and what comes together in one trip."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot import pipeline
from bot.model.decisions import Decision
from bot.model.effects import CheckRun, KeepIssue
from bot.model.errors import GitHubDown, Gone, Refused, Unreadable
from bot.model.events import CommentGiven, ConfigChanged, Event, LookAgain, PullRequestChanged
from bot.model.facts import Comment
from bot.model.forge import Fetched
from bot.model.roles import Role
from bot.model.subjects import Repository, Subject
from bot.policyfile import Reader
from bot.render import Words
from tests.policyfile.test_decision import PULL
from tests.road import ADA, MINUTE, MODEL, NOW, SEVEN, Island, PlainWords, Walk, changed, issue

HOME = replace(MODEL, id=9, full_name="acme/.github")
GOOD, BAD = "version: 1\n", "version: 99\n"
HEAD, NEXT = "a" * 40, "c" * 40
OPENED = PullRequestChanged("opened", MODEL, PULL, ADA)
PUSHED = PullRequestChanged("synchronize", MODEL, replace(PULL, head_sha=NEXT, updated_at=NOW + MINUTE), ADA)


def walked(walk: Walk, *events: Event) -> Decision | None:
    """Handle these events, record what was decided and return it."""
    decision = pipeline.handle(events, walk.road, walk.at).decision
    if decision is not None:
        walk.notebook.record(decision)
    return decision


def checks(decision: Decision | None) -> list[CheckRun]:
    """Return the checks that a decision wants."""
    return [each for each in decision.effects if isinstance(each, CheckRun)] if decision else []


def test_a_head_is_read_once_and_only_its_decision_says_that_it_was() -> None:
    walk = Walk(Island(proposed={HEAD: BAD}))

    lost = pipeline.handle([OPENED], walk.road, NOW).decision  # the worker dies before it is written down
    again = walked(walk, OPENED)
    walk.asked()

    assert lost == again
    assert walked(walk, OPENED) is None
    assert walk.asked() == []


def test_of_two_heads_the_newer_one_is_checked_whatever_their_order() -> None:
    walk = Walk(Island(proposed={HEAD: BAD, NEXT: "version: 1\nlanguage: en\n"}))

    (check,) = checks(walked(walk, PUSHED, OPENED))

    assert (check.head_sha, check.conclusion) == (NEXT, "success")


def test_github_away_while_the_head_is_read_leaves_it_unread() -> None:
    walk = Walk(Island(proposed={HEAD: BAD}))
    walked(walk, changed())
    walk.island.troubles = [GitHubDown("502")]

    with pytest.raises(GitHubDown):
        walked(walk, OPENED)

    assert checks(walked(walk, OPENED))


def test_a_command_and_a_push_in_one_trip_are_both_answered() -> None:
    walk = Walk(Island(proposed={HEAD: BAD}, roles={"ada": Role.WRITE}, pulls={7: PULL}))
    comment = Comment(5, "/label +x", ADA, NOW + MINUTE, NOW + MINUTE)
    walk.island.said[5] = comment
    said = CommentGiven("created", MODEL, issue(), comment, ADA, is_pull_request=True)

    decision = walked(walk, OPENED, said)

    assert decision is not None
    assert {effect.kind for effect in decision.effects} >= {"check_run", "react", "set_labels"}
    assert [each.comment_id for each in decision.comments] == [5]
    assert walked(walk, OPENED) is None


def test_a_pull_request_that_is_closed_is_not_read() -> None:
    walk = Walk()

    assert walked(walk, PullRequestChanged("closed", MODEL, replace(PULL, is_open=False), ADA)) is None
    assert walk.asked() == []


def test_a_bad_file_found_on_the_way_is_told_on_a_trip_of_its_own() -> None:
    walk = Walk(Island(policy=BAD))
    walk.go(changed())
    assert walk.notebook.looks == [MODEL]

    decision = walked(walk, LookAgain(MODEL, Subject(MODEL.id, 0)))

    assert decision is not None
    assert [each.is_open for each in decision.effects if isinstance(each, KeepIssue)] == [True]
    assert walked(walk, ConfigChanged(MODEL)) is None


def test_a_policy_file_that_is_a_folder_is_a_bad_file_and_not_the_end_of_the_road() -> None:
    walk = Walk()
    walk.decide(changed())
    walk.island.troubles = [Unreadable(".github/reeve.yml is a directory, not a file", why="folder")]

    decision = walked(walk, ConfigChanged(MODEL))

    assert decision is not None
    assert [each.is_open for each in decision.effects if isinstance(each, KeepIssue)] == [True]
    assert walk.go(changed(issue("y", at=NOW + MINUTE))) == "decided"
    assert SEVEN in walk.notebook.memories


# -- where a change begins -------------------------------------------------------------------------------------------


def test_a_file_that_only_the_base_branch_has_changed_is_not_the_pull_requests() -> None:
    older = "version: 1\nlanguage: en\n"
    walk = Walk(Island(proposed={HEAD: older, "fork": older}, forks={HEAD: "fork"}))

    assert walked(walk, OPENED) is None
    assert walked(walk, OPENED) is None
    assert [call for call in walk.asked() if call.startswith(("merge", "file at"))] == [
        "file at aaaa",
        "merge base of main and aaaa",
        "file at fork",
    ]


def test_histories_with_nothing_in_common_are_a_change() -> None:
    walk = Walk(Island(proposed={HEAD: BAD}, forks={HEAD: None}))

    assert [each.conclusion for each in checks(walked(walk, OPENED))] == ["failure"]


def test_a_folder_in_the_place_of_the_file_fails_the_check() -> None:
    walk = Walk(Island(proposed={HEAD: None, "tip": GOOD}, troubles=[Unreadable("a folder", why="folder")]))

    (check,) = checks(walked(walk, OPENED))
    assert (check.conclusion, [each.start_line for each in check.annotations]) == ("failure", [1])


def test_a_pull_request_that_gets_another_base_is_checked_anew() -> None:
    other = PullRequestChanged("edited", MODEL, replace(PULL, base_ref="old", updated_at=NOW + MINUTE), ADA)
    walk = Walk(Island(proposed={HEAD: GOOD}, branches={"old": "version: 1\nlanguage: en\n"}))

    assert walked(walk, OPENED) is None
    assert [each.conclusion for each in checks(walked(walk, other))] == ["success"]


# -- which policy holds ----------------------------------------------------------------------------------------------


def reader(walk: Walk, repository: Repository = MODEL) -> Reader:
    """Return what reads policy files on this walk."""
    return Reader(walk.island, walk.notebook, PlainWords(), repository, walk.at)


def bug(walk: Walk, branch: str | None = None) -> int | None:
    """Return how many hours a bug may wait under the policy in force; None where Reeve is passive."""
    config = reader(walk).in_force(branch)
    return None if config is None else int(config.sla.bug.total_seconds()) // 3600


@pytest.mark.parametrize(
    ("own", "main", "hours"),
    [
        ("sla: {bug: 7h}", "sla: {bug: 2h}", 7),
        (None, "sla: {bug: 2h}", 2),
        ("slo: {}", "sla: {bug: 2h}", 2),
        ("sla: {bug: 7h}", None, None),
    ],
)
def test_what_is_to_be_merged_goes_by_the_branch_it_is_merged_into(
    own: str | None, main: str | None, hours: int | None
) -> None:
    assert bug(Walk(Island(policy=main, branches={"old": own})), "old") == hours


def test_a_branchs_file_is_read_once_in_a_quarter_of_an_hour_and_then_with_its_etag() -> None:
    walk = Walk(Island(branches={"old": "sla: {bug: 7h}"}))
    bug(walk, "old")
    walk.asked()

    assert bug(walk, "old") == 7
    assert walk.asked() == []
    walk.at += 20 * MINUTE
    assert bug(walk, "old") == 7
    assert walk.asked() == ["file 'version: 1\\n'", "file on old 'sla: {bug: 7h}'"]


def test_what_is_merged_into_a_branch_holds_there_at_once() -> None:
    walk = Walk(Island(branches={"old": "sla: {bug: 7h}"}))
    bug(walk, "old")
    walk.island.branches["old"] = "sla: {bug: 8h}"

    merged = replace(PULL, base_ref="old", is_open=False, is_merged=True)
    walked(walk, PullRequestChanged("closed", MODEL, merged, ADA))

    assert bug(walk, "old") == 8


def test_the_default_branch_is_the_same_by_its_name() -> None:
    walk = Walk(Island(policy="sla: {bug: 2h}"))

    assert bug(walk, "main") == bug(walk) == 2
    assert walk.asked() == ["file None"]


def test_an_organisations_file_lies_beneath_and_is_read_like_the_repositorys() -> None:
    walk = Walk(Island(shared="sla: {bug: 3h}\nlocked: [sla.bug]", policy="sla: {bug: 9h}"))
    walk.notebook.keep_repository(HOME)

    assert bug(walk) == 3
    assert walk.asked() == ["shared file None", "file None"]
    assert bug(walk) == 3
    assert walk.asked() == []


def test_a_changed_organisations_file_has_everybody_look() -> None:
    walk = Walk(Island(shared="sla: {bug: 3h}"))
    for each in (HOME, MODEL):
        walk.notebook.keep_repository(each)
    bug(walk)
    walk.notebook.looks.clear()
    walk.island.shared = "sla: {bug: 4h}"

    walked(walk, ConfigChanged(HOME))

    assert walk.notebook.looks == [MODEL]
    assert bug(walk) == 4


@pytest.mark.parametrize("trouble", [Gone("404"), Refused("no token")])
def test_an_organisations_file_out_of_reach_is_no_layer_until_the_next_look(trouble: Exception) -> None:
    walk = Walk(Island(shared="sla: {bug: 3h}", troubles=[trouble]))
    walk.notebook.keep_repository(HOME)

    assert bug(walk) == 24
    walk.asked()
    assert bug(walk) == 24
    assert walk.asked() == []
    walk.at += 20 * MINUTE
    assert bug(walk) == 3


def test_github_away_while_the_organisations_file_is_read_is_no_answer() -> None:
    walk = Walk(Island(shared="sla: {bug: 3h}", troubles=[GitHubDown("502")]))
    walk.notebook.keep_repository(HOME)

    with pytest.raises(GitHubDown):
        bug(walk)


def test_a_file_that_is_no_longer_good_leaves_reeve_passive() -> None:
    walk = Walk()
    walk.notebook.keep_policy_file(MODEL, Fetched("once_a_setting: 1", "x"), now=NOW)

    assert bug(walk) is None


def test_a_shadow_that_is_over_is_gone_from_the_policy_in_force() -> None:
    walk = Walk(Island(policy="coverage: {shadow_until: 2026-11-24}"))

    before = reader(walk).in_force()
    walk.at += timedelta(days=1)
    after = reader(walk).in_force()

    assert before is not None
    assert after is not None
    assert (before.coverage.shadow_until, after.coverage.shadow_until) == ("2026-11-24", None)


# -- what is told of the file in force -------------------------------------------------------------------------------


def told(walk: Walk) -> list[tuple[bool, str]]:
    """Look at the repository and return what becomes of the issue about its file: whether it is open, and its text."""
    decision = walked(walk, LookAgain(MODEL, Subject(MODEL.id, 0)))
    effects = decision.effects if decision else ()
    return [(each.is_open, each.body) for each in effects if isinstance(each, KeepIssue)]


def test_a_file_in_force_with_a_name_that_stands_for_nothing_is_told_until_it_is_there() -> None:
    walk = Walk(Island(policy="sla: {team: acme/nobody}"))

    assert told(walk) == [(True, "names: 1")]
    assert told(walk) == []
    walk.island.teams = frozenset({"acme/nobody"})
    assert told(walk) == [(False, "")]


def test_a_section_that_gives_way_is_told_before_names_are_looked_up() -> None:
    walk = Walk(Island(policy="labels: {feature: defect}\nsla: {team: acme/nobody}"))
    told(walk)
    walk.notebook.keep_repository(HOME)
    walk.island.shared = "labels: {bug: defect}"
    walk.asked()

    assert told(walk) == [(True, "layered: 1")]
    assert [call for call in walk.asked() if call.startswith("team")] == []


def test_the_issue_is_written_in_the_language_that_the_repository_speaks() -> None:
    walk = Walk(Island(policy=BAD))
    spoken = Reader(walk.island, walk.notebook, Words(), MODEL, NOW, lambda: "zh-CN")

    decision = spoken.report()

    assert decision is not None
    (effect,) = decision.effects
    assert isinstance(effect, KeepIssue)
    assert effect.title == "请更正 .github/reeve.yml：1 处错误"
