"""A release from a command to the end: what it needs, what holds it up, and that it goes out once."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from bot.config import parse
from bot.model.effects import CreateTag
from bot.model.kinds import Kind
from bot.model.releases import CheckState
from bot.model.roles import Role
from bot.model.subjects import Subject
from bot.model.timeline import Stage as ClockStage
from bot.model.timeline import Standing, Target
from bot.model.trains import Stage
from bot.policies.release.suite import Outcome
from bot.store import clocks
from bot.store.release_tables import RELEASE_TABLES
from bot.store.releases import forget
from bot.store.tables import applied
from tests.policies.release.documents import QUIET, QUIET_TOO, case, launches
from tests.releasing.yard import BASE, HEAD, LATER, MODEL, Yard, at, merged, pull

SLOWER = launches(QUIET, tuple(each * 1.12 for each in QUIET_TOO))
NOISY = launches(QUIET, (10.0, 14.0, 8.0, 12.0, 9.0, 11.0))


def concluded(yard: Yard) -> str | None:
    """Return how the check on the candidate concluded."""
    return yard.check.conclusion


def begun(yard: Yard) -> Yard:
    """Let a maintainer begin the minor release that is due."""
    yard.say("/release minor")
    return yard


def test_a_release_goes_from_a_command_over_the_suite_and_two_approvals_to_tag_release_and_a_closed_issue(
    yard: Yard,
) -> None:
    yard.github.merged = [merged(4, "feat: faster decode"), merged(5, "Crash", "bug"), merged(6, "docs: how to")]

    said = yard.say("/release minor")
    assert "`v1.3.0` is on its way" in said
    assert yard.last == {
        "candidate": HEAD, "base": BASE, "nonce": "nonce00000000", "profile": "release", "pairs": "", "tp": "",
    }  # fmt: skip
    assert concluded(yard) is None
    yard.finish(yard.result())
    assert concluded(yard) == "success"
    assert "2 more maintainers have to approve" in yard.issue.body
    yard.approve("ada", "ben")

    assert yard.github.tagged["v1.3.0"] == HEAD
    (release,) = yard.published
    body = release.body
    assert body.index("## Features") < body.index("## Fixes") < body.index("## Documentation")
    assert "faster decode (#4, `eve`)" in body
    assert "| `mlp/tiny/float32/2/step` |" in body
    assert "`ada`, `ben`" in body
    assert yard.issue.is_open is False
    assert yard.train.stage is Stage.PUBLISHED
    assert len([each for each in yard.effects if isinstance(each, CreateTag)]) == 1


def test_issue_check_and_notes_speak_the_language_of_the_repository(yard: Yard) -> None:
    yard.language = "zh-CN"
    yard.github.merged = [merged(4, "feat: 更快的解码")]
    begun(yard)
    assert yard.issue.title == "发布 v1.3.0"
    yard.finish(yard.result())
    assert "还需要 2 位维护者批准" in yard.issue.body
    assert yard.check.title == "测试通过（与 v1.2.0 对比）"
    yard.approve("ada", "ben")

    assert "## 新功能" in yard.published[0].body
    assert "更快的解码（#4，`eve`）" in yard.published[0].body


@pytest.mark.parametrize(
    ("made", "outcome", "conclusion"),
    [
        (case(launches=SLOWER), Outcome.REGRESS, "failure"),
        (case(status="incorrect", reason="y is wrong", launches=(), correctness=()), Outcome.INCORRECT, "failure"),
        (case(status="unstable", reason="clock moved", launches=()), Outcome.NOT_COMPARABLE, "action_required"),
    ],
    ids=["slower", "wrong", "unstable"],
)
def test_what_is_slower_wrong_or_cannot_be_compared_never_goes_out(
    yard: Yard, made: object, outcome: Outcome, conclusion: str
) -> None:
    begun(yard)
    yard.finish(yard.result(made))  # type: ignore[arg-type]
    yard.approve("ada", "ben")

    assert f"`{outcome}`" in yard.issue.body
    assert "held up" in yard.issue.body
    assert concluded(yard) == conclusion
    assert "v1.3.0" not in yard.github.tagged


def test_what_is_not_clear_is_extended_once_and_then_blocks(yard: Yard) -> None:
    begun(yard)
    yard.finish(yard.result(case(launches=NOISY)))
    assert yard.last["pairs"] == "20"
    assert yard.last["nonce"] == "nonce00000001"
    yard.finish(yard.result(case(launches=NOISY)))

    assert len(yard.dispatched) == 2
    assert concluded(yard) == "action_required"
    assert "after an extension too" in yard.issue.body


def test_a_run_that_failed_is_run_once_more_and_is_never_called_slow(yard: Yard) -> None:
    begun(yard)
    yard.finish(conclusion="failure")
    assert len(yard.dispatched) == 2
    assert concluded(yard) is None
    yard.finish(conclusion="failure")

    assert len(yard.dispatched) == 2
    assert concluded(yard) == "action_required"
    assert "The suite did not run, twice" in yard.issue.body
    assert "slower" not in yard.issue.body


def test_a_result_in_which_a_case_did_not_run_is_run_once_more(yard: Yard) -> None:
    begun(yard)
    yard.finish(yard.result(case(status="error", reason="out of memory", launches=())))
    yard.finish(yard.result())

    assert len(yard.dispatched) == 2
    assert concluded(yard) == "success"


def test_a_result_that_leaves_cases_out_proves_nothing(yard: Yard) -> None:
    begun(yard)
    for _ in range(2):
        made = yard.result()
        yard.finish(yard.result(cases=made.cases[:3]))

    assert concluded(yard) == "action_required"
    assert "missing" in yard.issue.body


def test_the_suite_runs_where_the_policy_file_says(yard: Yard) -> None:
    yard.config = parse("version: 1\nrelease: {runner: [self-hosted, h100, ephemeral]}\n")

    begun(yard)

    assert json.loads(yard.last["runner"]) == ["self-hosted", "h100", "ephemeral"]


def test_a_runner_that_never_answers_blocks_when_patience_is_over(yard: Yard) -> None:
    begun(yard)
    yard.now += timedelta(hours=5, minutes=59)
    yard.look()
    assert concluded(yard) is None
    yard.now += timedelta(minutes=2)
    yard.look()

    assert concluded(yard) == "timed_out"
    assert "runners have not answered" in yard.issue.body
    yard.say("/release minor")
    assert len(yard.dispatched) == 2


def test_a_run_that_github_never_told_of_is_found_by_its_nonce(yard: Yard) -> None:
    begun(yard)
    with yard.database.engine.begin() as connection:
        connection.execute(delete(applied))
    yard.finish(yard.result())

    assert concluded(yard) == "success"


def test_a_push_voids_evidence_and_approvals_and_says_so(yard: Yard) -> None:
    begun(yard)
    yard.finish(yard.result())
    yard.approve("ada")
    yard.github.refs["main"] = LATER
    yard.look()

    assert "The candidate moved." in yard.issue.body
    assert HEAD[:12] in yard.issue.body
    assert yard.last["candidate"] == LATER
    yard.finish(yard.result())
    yard.approve("ben")
    assert "v1.3.0" not in yard.github.tagged
    yard.approve("ada")
    assert yard.github.tagged["v1.3.0"] == LATER


def test_a_candidate_that_went_away_and_came_back_starts_anew(yard: Yard) -> None:
    begun(yard)
    yard.finish(yard.result())
    for sha in (LATER, HEAD):
        yard.github.refs["main"] = sha
        yard.look()
    yard.approve("ada", "ben")

    assert "v1.3.0" not in yard.github.tagged
    assert len(yard.dispatched) == 3


def test_an_approval_of_what_moved_just_now_is_not_counted(yard: Yard) -> None:
    begun(yard)
    yard.finish(yard.result())
    yard.github.refs["main"] = LATER
    said = yard.say("/release approve")

    assert "not counted" in said
    assert yard.train.words == ()


def test_each_person_counts_once_and_who_lost_the_right_counts_no_more(yard: Yard) -> None:
    begun(yard)
    yard.finish(yard.result())
    yard.approve("ada", "ada")
    assert "1 more maintainer has" in yard.issue.body
    yard.github.roles["ada"] = Role.READ
    yard.approve("ben")

    assert "v1.3.0" not in yard.github.tagged
    assert "1 more maintainer has" in yard.issue.body


def test_two_trains_at_once_the_second_is_refused_and_told_which_goes_first(yard: Yard) -> None:
    begun(yard)
    said = yard.say("/release patch", by="ben")

    assert "`v1.2.1` was not begun: `v1.3.0` is under way" in said
    assert yard.signs[-1] == "-1"
    assert len(yard.dispatched) == 1


def test_what_was_cancelled_is_closed_and_another_can_begin(yard: Yard) -> None:
    begun(yard)
    yard.say("/release cancel")
    assert yard.issue.is_open is False
    assert concluded(yard) == "cancelled"

    assert "`v1.2.1` is on its way" in yard.say("/release patch")


def test_to_cancel_and_begin_again_is_no_way_around_a_bad_result(yard: Yard) -> None:
    begun(yard)
    yard.finish(yard.result(case(launches=SLOWER)))
    yard.say("/release cancel")
    yard.say("/release minor")

    assert len(yard.dispatched) == 1
    assert concluded(yard) == "failure"


def test_before_its_day_a_release_waits_and_a_number_named_outright_does_not(yard: Yard) -> None:
    yard.github.released["v1.2.0"] = at("2026-11-20")
    yard.say("/release minor")
    assert yard.dispatched == []
    assert "1 December 2026" in yard.issue.body
    yard.say("/release cut v1.3.0")

    assert len(yard.dispatched) == 1


def test_a_release_waits_for_its_day_and_then_goes_on_by_itself(yard: Yard) -> None:
    yard.github.released["v1.2.0"] = at("2026-11-20")
    yard.say("/release minor")
    yard.now = at("2026-12-01")
    yard.look()

    assert len(yard.dispatched) == 1


def test_everything_in_the_way_is_named_with_its_number(yard: Yard) -> None:
    yard.github.blockers = [31]
    yard.github.merged = [merged(40, "New kernel API", "architecture")]
    yard.github.states = [CheckState("ci", 1, is_green=False), CheckState("docs", 1, is_green=None)]
    yard.say("/release minor")

    body = yard.issue.body
    assert yard.dispatched == []
    assert "#31 is a release blocker" in body
    assert "#40 changes the architecture" in body
    assert "`ci` failed" in body
    assert "`docs` has no conclusion yet" in body


def test_a_bug_of_the_milestone_that_is_past_its_deadline_is_in_the_way(yard: Yard) -> None:
    yard.github.milestone = [12, 13]
    late = Standing(
        Target.FIRST_ANSWER, yard.now, Kind.BUG, ClockStage.BREACHED, timedelta(hours=24), timedelta(hours=30)
    )
    with yard.database.engine.begin() as connection:
        clocks.keep(connection, Subject(MODEL.id, 12), [late])
    yard.say("/release minor")

    assert "#12 is a bug of this milestone" in yard.issue.body
    assert "#13" not in yard.issue.body


def test_a_maintainer_answers_for_a_case_of_this_commit_only(yard: Yard) -> None:
    begun(yard)
    yard.finish(yard.result(case(launches=SLOWER)))
    yard.say('/override mlp/tiny/float32/2/step reason="known, fixed next"')
    assert concluded(yard) == "success"
    assert "known, fixed next" in yard.issue.body
    yard.github.refs["main"] = LATER
    yard.look()
    yard.finish(yard.result(case(launches=SLOWER)))

    assert concluded(yard) == "failure"


def test_an_override_ends_with_its_day(yard: Yard) -> None:
    begun(yard)
    yard.finish(yard.result(case(launches=SLOWER)))
    yard.say('/override mlp/tiny/float32/2/step reason="known" until=2026-11-24')
    assert concluded(yard) == "success"
    yard.now = at("2026-11-25")
    yard.look()

    assert concluded(yard) == "failure"


def test_a_case_that_holds_nothing_up_cannot_be_overridden(yard: Yard) -> None:
    begun(yard)
    yard.finish(yard.result())

    assert "no case that holds" in yard.say('/override mlp/tiny/float32/2/step reason="just in case"')


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/release cut v2.5.0", "These numbers are: v1.2.1, v1.3.0, v2.0.0"),
        ("/release minor nowhere", "`nowhere` leads to no commit"),
        ("/release approve", "No release is under way here"),
        ("/release cancel", "No release is under way here"),
        ("/release patch old", "`old` is what went out as `v1.2.0`"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(yard: Yard, text: str, said: str) -> None:
    yard.github.refs["old"] = BASE
    answer = yard.say(text)

    assert yard.dispatched == []
    assert said in answer


@pytest.fixture
def new(yard: Yard) -> Yard:
    """Return a repository of which nothing ever went out."""
    yard.github.tagged.clear()
    yard.github.released.clear()
    yard.version = "v0.1.0"
    return yard


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_first_release_is_measured_against_itself_and_says_so(new: Yard, language: str) -> None:
    new.language = language
    new.say("/release minor")
    assert (new.last["candidate"], new.last["base"]) == (HEAD, HEAD)

    new.finish(new.result())
    new.approve("ada", "ben")

    (out,) = new.published
    said = {"en": "no earlier release", "zh-CN": "没有更早的版本"}[language]
    assert new.github.tagged == {"v0.1.0": HEAD}
    assert all(said in text for text in (out.body, new.issue.body, new.check.title + new.check.summary))
    assert "``" not in out.body + new.issue.body


@pytest.mark.parametrize(
    ("text", "version"), [("/release patch", "v0.0.1"), ("/release major", "v1.0.0"), ("/release cut v0.1.0", "v0.1.0")]
)
def test_the_first_release_has_the_number_of_its_step(new: Yard, text: str, version: str) -> None:
    new.say(text)

    assert f"Release {version}" in new.issue.title


def test_a_wrong_result_holds_the_first_release_up_like_any_other(new: Yard) -> None:
    new.say("/release minor")
    new.finish(new.result(case(status="incorrect", reason="y is wrong", launches=(), correctness=())))
    new.approve("ada", "ben")

    assert (concluded(new), new.published) == ("failure", [])


def test_a_push_moves_both_sides_of_the_first_release(new: Yard) -> None:
    new.say("/release minor")
    new.finish(new.result())
    new.github.refs["main"] = LATER
    new.look()

    assert (new.last["candidate"], new.last["base"]) == (LATER, LATER)


def test_a_release_that_went_out_meanwhile_is_what_the_next_is_compared_with(new: Yard) -> None:
    """Somebody tags v0.0.1 by hand while v0.1.0 is under way: now there is something to compare with."""
    new.say("/release minor")
    new.finish(new.result())
    new.approve("ada")
    new.github.tagged["v0.0.1"] = BASE
    new.look()

    assert new.last["base"] == BASE
    assert not new.train.words


def test_a_repository_without_a_release_is_told_so(new: Yard) -> None:
    assert "nothing went out yet" in new.say("/release status")


def test_a_crash_between_tag_and_release_repeats_nothing_and_leaves_nothing_out(yard: Yard) -> None:
    begun(yard)
    yard.finish(yard.result())
    yard.approve("ada")
    yard.github.tagged["v1.3.0"] = HEAD  # the tag was made, and nobody heard of it
    yard.github.refs["main"] = LATER  # and work went on
    yard.look()

    assert len(yard.published) == 1
    assert yard.published[0].tag == "v1.3.0"
    assert yard.train.stage is Stage.PUBLISHED
    assert not [each for each in yard.effects if isinstance(each, CreateTag)]


def test_more_changes_than_can_be_looked_through_hold_up_all_but_a_major_release(yard: Yard) -> None:
    yard.github.is_huge = True
    yard.say("/release minor")
    assert "more changes since `v1.2.0` than Reeve looks through" in yard.issue.body
    assert yard.dispatched == []
    yard.say("/release cancel")
    yard.say("/release cut v2.0.0")
    yard.finish(yard.result())
    for each in ("ada", "ben"):
        yard.say("/release approve", by=each)

    assert "More was merged" in yard.published[0].body


def test_what_is_tagged_already_cannot_be_cancelled(yard: Yard) -> None:
    begun(yard)
    yard.finish(yard.result())
    yard.github.tagged["v1.3.0"] = HEAD

    assert "is tagged already" in yard.say("/release cancel")
    assert len(yard.published) == 1


def test_the_suite_on_a_pull_request_is_no_ci(yard: Yard) -> None:
    yard.github.states.append(CheckState("reeve / tensor-parallel", 1, is_green=False))
    begun(yard)

    assert len(yard.dispatched) == 1


def test_a_tag_that_stands_elsewhere_is_never_moved(yard: Yard) -> None:
    begun(yard)
    yard.finish(yard.result())
    yard.github.tagged["v1.3.0"] = LATER
    yard.approve("ada", "ben")

    assert "Reeve never moves a tag" in yard.issue.body
    assert yard.published == []


def test_when_a_train_is_due_its_issue_opens_by_itself_and_nothing_is_started(yard: Yard) -> None:
    yard.look()

    assert yard.issue.title == "Release v1.3.0 is due"
    assert "`/release minor`" in yard.issue.body
    assert yard.dispatched == []
    yard.say("/release minor")
    assert len(yard.dispatched) == 1
    assert yard.issue.title == "Release v1.3.0"


def test_nothing_is_suggested_before_the_day(yard: Yard) -> None:
    yard.github.released["v1.2.0"] = at("2026-11-20")
    yard.look()

    assert yard.effects == []
    assert "No release is under way" in yard.say("/release plan")


def test_a_second_look_at_the_same_decides_nothing(yard: Yard) -> None:
    begun(yard)
    yard.look()
    before = len(yard.decisions)
    yard.look()

    assert len(yard.decisions) == before


def test_in_shadow_everything_is_reported_and_nothing_goes_out(yard: Yard) -> None:
    yard.config = parse("version: 1\nrelease: {shadow_until: 2099-01-01}\n")
    begun(yard)
    yard.finish(yard.result())
    yard.approve("ada", "ben")

    assert "in shadow" in yard.issue.body
    assert yard.ask_to_deploy(LATER) == ["approved"]
    assert "v1.3.0" not in yard.github.tagged


def test_a_branch_that_is_gone_holds_its_release_up(yard: Yard) -> None:
    yard.github.refs["stable"] = HEAD
    yard.say("/release patch stable")
    del yard.github.refs["stable"]
    yard.look()
    body = yard.issue.body

    assert "`stable` leads to no commit any more" in body


def test_what_is_known_of_releases_is_forgotten_with_the_repository(yard: Yard) -> None:
    begun(yard)
    yard.finish(yard.result())
    yard.ask_to_deploy(HEAD)
    yard.github.pulls[9] = pull()
    yard.say("/benchmark", number=9, head=HEAD)

    def filled() -> set[str]:
        with yard.database.engine.connect() as connection:
            return {table.name for table in RELEASE_TABLES if connection.execute(select(table)).first()}

    assert filled() == {table.name for table in RELEASE_TABLES}
    with yard.database.engine.begin() as connection:
        forget(connection, MODEL.id)
    assert filled() == set()
