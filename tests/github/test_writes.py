"""Reactions, assignees, labels, issues and pull requests against the sandbox: true once, however often tried."""

from dataclasses import replace

import pytest

from bot.github.effects import issue_marker
from bot.github.effects.text import MAX_BODY
from bot.model.effects import Assign, EnsureLabels, File, KeepIssue, LabelSpec, OpenPull, React
from bot.model.errors import Gone, RateLimited, Refused
from bot.model.forge import Attempt, Receipt
from tests.github.desk import AGAIN, Desk

FAULTS = ["fail", "refuse", "drop_answers", "fail_after_write"]
POLICY, CALLER = ".github/reeve.yml", ".github/workflows/reeve.yml"


@pytest.fixture(params=FAULTS)
def stormy(request: pytest.FixtureRequest, desk: Desk) -> Desk:
    """Let half of the requests go wrong for a while."""
    getattr(desk.world.faults, request.param)(times=8, probability=0.5, path="/repos/*")
    return desk


# -- reactions ----------------------------------------------------------------------------------------------------


def test_a_reaction_is_one_request_and_the_second_one_says_already_so(desk: Desk) -> None:
    number = desk.world.open_issue("Crash")
    effect = React(desk.subject(number), desk.world.comment(number, "/why", by="ada"), "eyes")

    first, second = desk.apply(effect), desk.apply(effect, AGAIN)

    assert (first.was_needed, second.was_needed, first.remote_id) == (True, False, second.remote_id)
    assert desk.world.reactions(number, comment=effect.comment_id) == [("reeve[bot]", "eyes")]
    assert len(desk.asked()) == 2
    desk.check_exchanges()


def test_a_comment_that_is_gone_takes_no_reaction(desk: Desk) -> None:
    number = desk.world.open_issue("Crash")

    with pytest.raises(Gone):
        desk.apply(React(desk.subject(number), 1, "eyes"))


# -- assignees ----------------------------------------------------------------------------------------------------


def test_people_are_assigned_and_taken_off(desk: Desk) -> None:
    number = desk.world.open_issue("Crash")
    desk.world.assign(number, "bob")
    effect = Assign(desk.subject(number), add=("maintainer", "nobody-known"), remove=("bob", "eve"))

    for attempt in (Attempt(), AGAIN):
        assert desk.apply(effect, attempt).was_needed

    assert [each.login for each in desk.world.issue(number).assignees] == ["maintainer"]
    assert desk.apply(Assign(desk.subject(number))) == Receipt(was_needed=False)
    desk.check_exchanges()


# -- the labels of the repository ---------------------------------------------------------------------------------

LABELS = (
    LabelSpec("Bug", "ff0000", "ours"),
    LabelSpec("needs-triage", "fbca04", "x" * 300),
    LabelSpec("NEEDS-triage", "fbca04", "the same to GitHub"),
    LabelSpec("sla: breached", "b60205", "Too late"),
)


def test_missing_labels_are_made_and_those_there_stay_as_they_are(desk: Desk) -> None:
    effect = EnsureLabels(desk.subject(0), LABELS)

    first, second = desk.apply(effect), desk.apply(effect)

    made = desk.world.repository().labels
    assert (first.was_needed, second.was_needed) == (True, False)
    assert (made["bug"].name, made["bug"].color) == ("bug", "d73a4a")
    assert made["needs-triage"].description in {"the same to GitHub", "x" * 100}
    assert [each.partition(" ")[0] for each in desk.asked()] == ["GET", "POST", "POST", "GET"]
    desk.check_exchanges()


def test_a_label_behind_two_hundred_others_is_found(desk: Desk) -> None:
    many = tuple(LabelSpec(f"label {n}", "ededed", "") for n in range(70))
    desk.apply(EnsureLabels(desk.subject(0), many))
    desk.world.advance(minutes=2)
    desk.apply(EnsureLabels(desk.subject(0), tuple(replace(label, name=f"x {label.name}") for label in many)))
    desk.asked()

    assert desk.apply(EnsureLabels(desk.subject(0), (LabelSpec("x label 69", "ededed", ""),))).was_needed is False
    assert len(desk.asked()) == 2


def test_labels_are_there_once_whatever_goes_wrong(stormy: Desk) -> None:
    stormy.insist(EnsureLabels(stormy.subject(0), LABELS))

    assert {"needs-triage", "sla: breached"} <= set(stormy.world.repository().labels)


def test_a_label_that_github_does_not_take_is_refused(desk: Desk) -> None:
    with pytest.raises(Refused, match="color"):
        desk.apply(EnsureLabels(desk.subject(0), (LabelSpec("x", "red", ""),)))


# -- the one issue ------------------------------------------------------------------------------------------------


def keep(desk: Desk, body: str = "line 3 is wrong", *, is_open: bool = True) -> KeepIssue:
    return KeepIssue(desk.subject(0), "config", "The policy file has a mistake", body, is_open=is_open)


def ours(desk: Desk) -> list[tuple[str, str]]:
    issues = desk.world.repository().issues.values()
    return [(each.state, (each.body or "").partition("\n")[0]) for each in issues if each.by_app]


def test_one_issue_is_opened_kept_up_to_date_and_closed(desk: Desk) -> None:
    opened = desk.apply(keep(desk))
    known = Attempt(opened.remote_id)

    assert desk.apply(keep(desk), known) == Receipt(opened.remote_id, was_needed=False)
    assert desk.apply(keep(desk, "line 5 is wrong"), known) == opened
    assert ours(desk) == [("open", "line 5 is wrong")]
    assert desk.apply(keep(desk, is_open=False), known) == opened
    assert desk.apply(keep(desk, is_open=False), known) == Receipt(opened.remote_id, was_needed=False)
    assert ours(desk) == [("closed", "line 5 is wrong")]
    assert opened.remote_id is not None
    assert desk.world.issue(opened.remote_id).state_reason == "completed"
    desk.check_exchanges()


def test_what_people_closed_or_deleted_is_not_opened_again_but_anew(desk: Desk) -> None:
    first = desk.apply(keep(desk)).remote_id
    assert first is not None
    desk.world.close_issue(first)
    second = desk.apply(keep(desk, "still wrong"), Attempt(first)).remote_id
    assert second is not None
    desk.world.delete_issue(second)
    third = desk.apply(keep(desk, "still wrong"), Attempt(second)).remote_id

    assert len({first, second, third}) == 3
    assert ours(desk) == [("closed", "line 3 is wrong"), ("open", "still wrong")]


def test_an_issue_is_there_once_whatever_goes_wrong(stormy: Desk) -> None:
    stormy.insist(keep(stormy))
    stormy.insist(keep(stormy, "line 5 is wrong"))

    assert ours(stormy) == [("open", "line 5 is wrong")]


def test_an_issue_whose_number_was_forgotten_is_found_and_closed(desk: Desk) -> None:
    desk.apply(keep(desk))

    assert desk.apply(keep(desk, is_open=False)).was_needed
    assert desk.apply(keep(desk, is_open=False)) == Receipt(was_needed=False)
    assert ours(desk) == [("closed", "line 3 is wrong")]


def test_doubled_issues_become_one(desk: Desk) -> None:
    world = desk.world
    body = f"old\n\n{issue_marker('config')}"
    numbers = [world.open_issue("Mistake", body=body, author="reeve[bot]") for _ in range(3)]

    assert desk.apply(keep(desk)).remote_id == numbers[0]
    assert ours(desk) == [("open", "line 3 is wrong"), ("closed", "old"), ("closed", "old")]


def test_an_issue_that_only_looks_like_ours_is_left_alone(desk: Desk) -> None:
    number = desk.world.open_issue("Mistake", body=f"mine\n\n{issue_marker('config')}", author="ada")
    desk.apply(replace(keep(desk), key="other"))

    assert desk.apply(keep(desk)).remote_id not in {number, None}
    assert len(ours(desk)) == 2
    assert desk.world.issue(number).body == f"mine\n\n{issue_marker('config')}"


def test_a_text_too_long_for_github_keeps_its_marker(desk: Desk) -> None:
    number = desk.apply(replace(keep(desk, "x" * 99_999), title="t" * 999)).remote_id

    assert number is not None
    body = desk.world.issue(number).body
    assert body is not None
    assert (len(body), body.endswith(issue_marker("config"))) == (MAX_BODY, True)
    assert len(desk.world.issue(number).title) == 256


# -- the pull request ---------------------------------------------------------------------------------------------


def welcome(desk: Desk, **files: str) -> OpenPull:
    wanted = tuple(File(path, text) for path, text in (files or {POLICY: "version: 1\n", CALLER: "on: push\n"}).items())
    return OpenPull(desk.subject(0), "reeve/welcome", "Welcome", "Merge me", wanted)


def test_a_pull_request_is_opened_with_its_files_and_never_a_second_time(desk: Desk) -> None:
    receipt = desk.apply(welcome(desk))

    (made,) = desk.world.pulls()
    assert receipt == Receipt(made.number)
    assert desk.world.pull_files(made.number) == {POLICY: "version: 1\n", CALLER: "on: push\n"}
    assert (made.title, made.body, made.by_app) == ("Welcome", "Merge me", True)
    desk.asked()
    assert desk.apply(welcome(desk), Attempt(made.number)) == Receipt(made.number, was_needed=False)
    assert desk.asked() == []
    desk.check_exchanges()


@pytest.mark.parametrize("ending", ["merged", "declined"])
def test_a_pull_request_that_was_answered_is_not_asked_again(desk: Desk, ending: str) -> None:
    number = desk.apply(welcome(desk)).remote_id
    assert number is not None
    if ending == "merged":
        desk.world.merge(number)
    else:
        desk.world.close_issue(number)

    assert desk.apply(welcome(desk)) == Receipt(number, was_needed=False)
    assert len(desk.world.pulls()) == 1


def test_a_pull_request_is_there_once_whatever_goes_wrong(stormy: Desk) -> None:
    stormy.insist(welcome(stormy))

    assert [stormy.world.pull_files(each.number) for each in stormy.world.pulls()] == [
        {POLICY: "version: 1\n", CALLER: "on: push\n"}
    ]


def test_a_declined_pull_request_is_remembered_through_a_rename_and_a_new_default_branch(desk: Desk) -> None:
    number = desk.apply(welcome(desk)).remote_id
    assert number is not None
    desk.world.close_issue(number)
    desk.world.rename_repository("engine")

    assert desk.apply(welcome(desk)) == Receipt(number, was_needed=False)


def test_a_pull_request_goes_to_the_default_branch_that_the_repository_has(desk: Desk) -> None:
    desk.world.push_file("README.md", "# Trunk\n", branch="release/trunk")
    desk.world.repository().default_branch = "release/trunk"

    number = desk.apply(welcome(desk)).remote_id

    assert number is not None
    assert desk.world.pull(number).base_ref == "release/trunk"


def test_a_workflow_that_is_there_stays_as_it_is(desk: Desk) -> None:
    desk.world.push_file(CALLER, "name: mine\n")

    number = desk.apply(welcome(desk, **{POLICY: "version: 1\n", CALLER: "on: push\n"})).remote_id

    assert number is not None
    assert desk.world.pull_files(number) == {POLICY: "version: 1\n"}


def test_what_the_default_branch_has_already_needs_no_pull_request(desk: Desk) -> None:
    assert desk.apply(welcome(desk, **{POLICY: "sla: {}\n"})) == Receipt(was_needed=False)
    assert desk.world.pulls() == []


def test_a_branch_of_the_same_name_in_a_fork_is_not_ours(desk: Desk) -> None:
    desk.world.open_pull_request("Mine", head="reeve/welcome", files={"a": "a"}, fork=True)

    assert desk.apply(welcome(desk)).was_needed
    assert len(desk.world.pulls()) == 2


def test_without_the_permission_for_workflows_the_other_files_are_proposed(desk: Desk) -> None:
    del desk.world.installation().permissions["workflows"]

    number = desk.apply(welcome(desk)).remote_id

    assert number is not None
    assert desk.world.pull_files(number) == {POLICY: "version: 1\n"}


def test_without_the_permission_for_workflows_a_proposal_of_nothing_else_is_refused(desk: Desk) -> None:
    del desk.world.installation().permissions["workflows"]

    with pytest.raises(Refused, match="workflows among them"):
        desk.apply(welcome(desk, **{CALLER: "on: push\n"}))


def test_what_github_does_not_take_as_a_branch_or_pull_request_is_refused(desk: Desk) -> None:
    with pytest.raises(Refused, match="title"):
        desk.apply(replace(welcome(desk), title=""))


def test_another_repository_under_the_old_name_gets_no_pull_request(desk: Desk) -> None:
    desk.world.rename_repository("engine")
    desk.world.install(desk.world.create_repository("acme/model"))

    with pytest.raises((Gone, Refused)):
        desk.apply(welcome(desk))
    assert desk.world.pulls(repository="acme/model") == []


def test_a_limit_in_the_middle_goes_on_later_where_it_stopped(desk: Desk) -> None:
    desk.world.faults.secondary_limit(times=1, path="*/contents/.github/workflows/*")
    with pytest.raises(RateLimited):
        desk.apply(welcome(desk))
    desk.world.advance(minutes=2)

    assert desk.apply(welcome(desk), AGAIN).was_needed
    assert len(desk.world.pulls()) == 1
