"""The policy file on the road: what is read, when, and what comes together in one trip."""

from dataclasses import replace

import pytest

from bot import pipeline
from bot.model.decisions import Decision
from bot.model.effects import CheckRun, KeepIssue
from bot.model.errors import GitHubDown, Unreadable
from bot.model.events import CommentGiven, ConfigChanged, Event, LookAgain, PullRequestChanged
from bot.model.facts import Comment
from bot.model.roles import Role
from bot.model.subjects import Subject
from tests.policyfile.test_decision import PULL
from tests.road import ADA, MINUTE, MODEL, NOW, SEVEN, Island, Walk, changed, issue

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
