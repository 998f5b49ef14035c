"""The adapter unchanged against the sandbox: what people see in the end, at what price, on good days and bad."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from bot.github.effects import marker
from bot.github.pacing import next_write_at
from bot.github.transport import Request
from bot.model.effects import Effect, SetLabels, StickyComment
from bot.model.errors import GitHubDown, Gone, RateLimited, Refused
from bot.model.forge import Attempt, Fetched, Receipt
from bot.model.subjects import Repository, Subject
from tests.github.desk import AGAIN, FIRST, NOON, Desk, check, open_desk
from tests.sandbox import contract

POLICY = ".github/reeve.yml"


@pytest.fixture(params=["", "/api/v3"], ids=["github.com", "enterprise"])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    with open_desk(prefix=request.param, files={POLICY: "sla: {}\n"}) as opened:
        yield opened


def sticky(desk: Desk, number: int, body: str = "All is well", *, may_exist: bool = False) -> StickyComment:
    return StickyComment(desk.subject(number), body, may_exist=may_exist)


def test_reeve_knows_itself(desk: Desk) -> None:
    me = desk.github.identity()

    assert (me.app_id, me.login, me.user_id) == (desk.world.app_id, "reeve[bot]", 49_699_333)


def test_a_file_is_read_once_and_then_costs_nothing_until_it_changes(desk: Desk) -> None:
    first = desk.forge.file(desk.repository, POLICY, etag=None)
    assert first is not None
    assert first.value == "sla: {}\n"
    budget = desk.github.budget_left(desk.repository.installation_id)

    assert desk.forge.file(desk.repository, POLICY, etag=first.etag) is None
    assert desk.github.budget_left(desk.repository.installation_id) == budget

    desk.world.push_file(POLICY, "sla: {bug: 12h}\n")
    changed = desk.forge.file(desk.repository, POLICY, etag=first.etag)
    assert changed is not None
    assert changed.value == "sla: {bug: 12h}\n"


def test_a_missing_file_is_no_error(desk: Desk) -> None:
    assert desk.forge.file(desk.repository, "no/such.yml", etag=None) == Fetched(None, None)


def test_an_issue_is_read_as_it_stands(desk: Desk) -> None:
    number = desk.world.open_issue("Crash", body=None, labels=["bug"], issue_type="Bug")

    issue = desk.forge.issue(desk.repository, number)

    assert (issue.title, issue.body, set(issue.labels), issue.type) == ("Crash", "", {"bug"}, "Bug")
    assert (issue.subject, issue.is_open, issue.created_at) == (desk.subject(number), True, NOON)


def test_a_deleted_issue_is_gone_for_reads_and_writes(desk: Desk) -> None:
    number = desk.world.open_issue("Crash")
    desk.world.delete_issue(number)

    with pytest.raises(Gone):
        desk.forge.issue(desk.repository, number)
    with pytest.raises(Gone):
        desk.forge.apply(desk.repository, sticky(desk, number), FIRST)


def test_the_organizations_issue_types_are_known(desk: Desk) -> None:
    assert desk.forge.issue_types(desk.repository) == ("Bug", "Feature")


def test_an_opened_issue_costs_two_writes_and_one_token_for_the_hour(desk: Desk) -> None:
    for _ in range(3):
        number = desk.world.open_issue("Crash", labels=["needs-triage"])
        desk.world.add_label(number, "p1")
        labels = SetLabels(desk.subject(number), ("bug",), ("needs-triage",), "Bug", ("needs-triage", "p1"))
        desk.forge.apply(desk.repository, labels, FIRST)
        desk.forge.apply(desk.repository, sticky(desk, number), FIRST)

        assert desk.asked() == [
            f"PATCH /repos/acme/model/issues/{number}",
            f"POST /repos/acme/model/issues/{number}/comments",
        ]
        assert desk.world.labels(number) == {"bug", "p1"}
        assert desk.world.issue_type(number) == "Bug"
        assert desk.world.bot_comments(number) == [f"All is well\n\n{marker('status')}"]
    assert desk.tokens_minted() == 1


def test_a_label_that_nobody_made_yet_is_created(desk: Desk) -> None:
    number = desk.world.open_issue("Crash")

    desk.forge.apply(desk.repository, SetLabels(desk.subject(number), add=("sla: breached",)), FIRST)

    assert desk.world.labels(number) == {"sla: breached"}


def test_labels_set_and_taken_twice_are_the_same(desk: Desk) -> None:
    number = desk.world.open_issue("Crash", labels=["needs / triage"])
    effect = SetLabels(desk.subject(number), add=("bug",), remove=("needs / triage",))

    for attempt in (FIRST, AGAIN):
        desk.forge.apply(desk.repository, effect, attempt)

    assert desk.world.labels(number) == {"bug"}


def test_one_comment_is_edited_in_place(desk: Desk) -> None:
    number = desk.world.open_issue("Crash")
    first = desk.forge.apply(desk.repository, sticky(desk, number, "Late"), FIRST)
    second = desk.forge.apply(desk.repository, sticky(desk, number, "Answered"), Attempt(first.remote_id))

    assert first.remote_id == second.remote_id is not None
    assert desk.world.bot_comments(number) == [f"Answered\n\n{marker('status')}"]


def test_a_comment_that_a_maintainer_deleted_comes_back_once(desk: Desk) -> None:
    number = desk.world.open_issue("Crash")
    first = desk.forge.apply(desk.repository, sticky(desk, number), FIRST)
    assert first.remote_id is not None
    desk.world.delete_comment(number, first.remote_id)

    desk.forge.apply(desk.repository, sticky(desk, number), Attempt(first.remote_id))

    assert len(desk.world.bot_comments(number)) == 1


def test_comments_with_other_keys_live_side_by_side(desk: Desk) -> None:
    number = desk.world.open_issue("Crash")
    for key in ("status", "gate", "status", "gate"):
        effect = StickyComment(desk.subject(number), key, key=key, may_exist=True)
        desk.forge.apply(desk.repository, effect, FIRST)

    assert len(desk.world.bot_comments(number)) == 2


@pytest.mark.parametrize("fault", ["drop_answers", "fail_after_write"])
def test_an_answer_lost_after_the_write_leaves_exactly_one_comment(desk: Desk, fault: str) -> None:
    number = desk.world.open_issue("Crash")
    getattr(desk.world.faults, fault)(times=1)

    with pytest.raises(GitHubDown):
        desk.forge.apply(desk.repository, sticky(desk, number), FIRST)
    receipt = desk.forge.apply(desk.repository, sticky(desk, number), AGAIN)

    assert not receipt.was_needed
    assert len(desk.world.bot_comments(number)) == 1


def test_a_comment_found_behind_two_hundred_others_is_not_written_again(desk: Desk) -> None:
    number = desk.world.open_issue("Crash")
    for n in range(150):
        desk.world.comment(number, f"Me too {n}\n\n{marker('status')}", by="ada")
    desk.forge.apply(desk.repository, sticky(desk, number), FIRST)
    for n in range(70):
        desk.world.comment(number, f"And me {n}", by="bob")

    assert desk.forge.apply(desk.repository, sticky(desk, number), AGAIN).was_needed is False
    assert len(desk.world.bot_comments(number)) == 1


def test_comments_doubled_by_a_fault_become_one_again(desk: Desk) -> None:
    number = desk.world.open_issue("Crash")
    receipts = [desk.forge.apply(desk.repository, sticky(desk, number, "Old"), FIRST) for _ in range(3)]

    kept = desk.forge.apply(desk.repository, sticky(desk, number, "New"), AGAIN)

    assert kept == Receipt(receipts[0].remote_id)
    assert desk.world.bot_comments(number) == [f"New\n\n{marker('status')}"]


@pytest.mark.parametrize("fault", ["fail", "refuse", "drop_answers", "fail_after_write"])
def test_tried_until_it_works_every_effect_is_there_exactly_once(desk: Desk, fault: str) -> None:
    number = desk.world.open_issue("Crash", labels=["needs-triage"])
    effects: list[Effect] = [
        SetLabels(desk.subject(number), ("bug",), ("needs-triage",), "Bug", ("needs-triage",)),
        sticky(desk, number),
    ]
    getattr(desk.world.faults, fault)(times=6, probability=0.5)

    for effect in effects:
        attempt = FIRST
        for _ in range(12):
            try:
                desk.forge.apply(desk.repository, effect, attempt)
                break
            except GitHubDown:
                attempt = AGAIN

    assert desk.world.labels(number) == {"bug"}
    assert desk.world.issue_type(number) == "Bug"
    assert len(desk.world.bot_comments(number)) == 1


def test_a_secondary_limit_is_obeyed_to_the_second_and_nothing_is_sent_meanwhile(desk: Desk) -> None:
    number = desk.world.open_issue("Crash")
    desk.world.faults.secondary_limit(times=1, retry_after=90)

    for _ in range(3):
        with pytest.raises(RateLimited) as raised:
            desk.forge.apply(desk.repository, sticky(desk, number), FIRST)
        assert (raised.value.until, raised.value.scope) == (NOON + timedelta(seconds=90), "secondary")
    assert len(desk.asked()) == 1

    desk.world.advance(seconds=90)
    assert desk.forge.apply(desk.repository, sticky(desk, number), FIRST).was_needed


@pytest.mark.parametrize("status", [403, 429])
def test_an_exhausted_budget_waits_for_its_reset(desk: Desk, status: int) -> None:
    desk.forge.issue_types(desk.repository)
    desk.world.limits.primary, desk.world.limits.primary_status = 1, status

    with pytest.raises(RateLimited) as raised:
        desk.forge.issue_types(desk.repository)

    assert (raised.value.until, raised.value.scope) == (NOON + timedelta(hours=1), "primary")


def test_writes_paced_by_the_sliding_windows_never_meet_the_limit(desk: Desk) -> None:
    number = desk.world.open_issue("Crash")
    sent: list[datetime] = []
    for n in range(100):
        at = next_write_at(sent, desk.world.now)
        desk.world.advance(seconds=(at - desk.world.now).total_seconds())
        desk.forge.apply(desk.repository, SetLabels(desk.subject(number), add=(f"label-{n}",)), FIRST)
        sent.append(at)

    assert desk.world.now - NOON == timedelta(seconds=60)


def test_revoked_tokens_are_replaced_without_a_word(desk: Desk) -> None:
    number = desk.world.open_issue("Crash")
    desk.forge.issue(desk.repository, number)
    desk.world.revoke_tokens()

    desk.forge.apply(desk.repository, sticky(desk, number), FIRST)

    assert len(desk.world.bot_comments(number)) == 1
    assert desk.tokens_minted() == 2


def test_a_token_is_renewed_before_it_ends(desk: Desk) -> None:
    for _ in range(13):
        desk.forge.issue_types(desk.repository)
        desk.world.advance(minutes=10)

    assert desk.tokens_minted() == 3
    assert {each.status for each in desk.world.requests} <= {200, 201}


def test_a_repository_that_the_installation_does_not_own_is_refused_before_anything_is_done(desk: Desk) -> None:
    other = desk.world.create_repository("other/model")
    desk.world.open_issue("Crash", repository=other)
    stranger = Repository(other.id, "other/model", desk.repository.installation_id, organization="other")

    with pytest.raises(Refused, match="no token for repository"):
        desk.forge.apply(stranger, StickyComment(Subject(other.id, 1), "Hello"), FIRST)
    assert desk.asked() == []


def test_a_token_for_one_repository_opens_no_other_of_the_same_owner(desk: Desk) -> None:
    second = desk.world.create_repository("acme/data", private=True)
    desk.world.install(second)
    number = desk.world.open_issue("Crash", repository=second)
    lied_about = Repository(desk.repository.id, "acme/data", desk.repository.installation_id)

    with pytest.raises((Gone, Refused)):
        desk.forge.apply(lied_about, StickyComment(Subject(second.id, number), "Hello"), FIRST)
    assert desk.world.bot_comments(number, repository=second) == []


def test_a_suspended_or_removed_installation_says_so(desk: Desk) -> None:
    desk.world.suspend()
    with pytest.raises(Refused, match="suspended"):
        desk.forge.issue_types(desk.repository)

    desk.world.uninstall()
    with pytest.raises(Gone, match="does not exist"):
        desk.forge.issue_types(desk.repository)


def test_a_renamed_repository_is_still_found_under_its_old_name(desk: Desk) -> None:
    number = desk.world.open_issue("Crash")
    for n in range(120):
        desk.world.comment(number, f"Me too {n}", by="ada")
    desk.world.rename_repository("engine")

    first = desk.forge.apply(desk.repository, sticky(desk, number), FIRST)
    again = desk.forge.apply(desk.repository, sticky(desk, number), AGAIN)

    assert again == Receipt(first.remote_id, was_needed=False)
    assert len(desk.world.bot_comments(number)) == 1


def test_a_transferred_issue_is_gone(desk: Desk) -> None:
    number = desk.world.open_issue("Crash")
    desk.world.create_repository("acme/data")
    desk.world.open_issue("First", repository="acme/data")
    desk.world.transfer_issue(number, to="acme/data", repository="acme/model")

    with pytest.raises(Gone):
        desk.forge.issue(desk.repository, number)


def test_nothing_is_written_to_where_an_issue_was_transferred(desk: Desk) -> None:
    number = desk.world.open_issue("Crash")
    desk.world.create_repository("acme/data")
    desk.world.install("acme/data")
    there = desk.world.transfer_issue(number, to="acme/data", repository="acme/model")

    with pytest.raises((Gone, Refused)):
        desk.forge.apply(desk.repository, sticky(desk, number), FIRST)
    assert desk.world.bot_comments(there, repository="acme/data") == []


@pytest.mark.skipif(contract.data() is None, reason="GitHub's API description is not beside the checkout")
def test_every_exchange_is_as_github_describes_it(desk: Desk) -> None:
    number = desk.world.open_issue("Crash", labels=["needs-triage"])
    desk.github._client.call_as_app(Request("GET", "/app"))  # the description at hand leaves /users out
    file = desk.forge.file(desk.repository, POLICY, etag=None)
    desk.forge.file(desk.repository, POLICY, etag=file.etag if file else None)
    desk.forge.file(desk.repository, "no/such.yml", etag=None)
    desk.forge.issue(desk.repository, number)
    desk.forge.issue_types(desk.repository)
    desk.forge.apply(desk.repository, SetLabels(desk.subject(number), ("bug",), (), "Bug", ("needs-triage",)), FIRST)
    desk.forge.apply(desk.repository, SetLabels(desk.subject(number), ("p1",), ("needs-triage", "x")), FIRST)
    for body in ("One", "One"):
        desk.forge.apply(desk.repository, sticky(desk, number, body), FIRST)
    desk.forge.apply(desk.repository, sticky(desk, number, "Two", may_exist=True), FIRST)

    for answer in desk.recording.answers:
        check(answer)
    assert len({answer.request.name for answer in desk.recording.answers}) == 14
