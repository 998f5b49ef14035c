"""The strict reading of a delivery: what it says in Reeve's own words, and what is refused."""

import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.github.webhooks import parse
from bot.model.errors import Malformed
from bot.model.events import (
    CommentGiven,
    ConfigChanged,
    Event,
    Ignored,
    InstallationChanged,
    IssueChanged,
    PullRequestChanged,
    RefMoved,
)
from bot.model.facts import Comment, Issue, PullRequest
from bot.model.forge import Entry
from bot.model.subjects import Actor, Repository, Subject
from bot.model.timeline import Happening, What, comment_key, heard_key
from tests.github.samples import (
    JSON,
    ME,
    comment,
    comment_delivery,
    delivery,
    encoded,
    issue,
    issue_delivery,
    pull,
    pull_delivery,
    push_delivery,
    repository,
)

POLICY_FILE = ".github/reeve.yml"
OCTOCAT = Actor(1, "octocat")
OPENED = datetime(2026, 11, 20, 10, tzinfo=UTC)
ACME = Repository(1296269, "acme/model", 77, default_branch="trunk", organization="acme")


def read(event: str, payload: dict[str, Any]) -> Event:
    return parse(event, encoded(payload), JSON, ME)


def read_issue(**changes: Any) -> Issue:
    event = read("issues", issue_delivery(issue=issue(**changes)))
    assert isinstance(event, IssueChanged)
    return event.issue


def test_an_opened_issue_is_told_in_full() -> None:
    event = read("issues", issue_delivery())

    assert event == IssueChanged(
        action="opened",
        repository=ACME,
        issue=Issue(
            subject=Subject(1296269, 7),
            title="Crash at TP=8",
            body="loss is NaN",
            author=Actor(1, "octocat"),
            labels=frozenset({"bug"}),
            type="Bug",
            is_open=True,
            comments=2,
            created_at=datetime(2026, 11, 20, 10, tzinfo=UTC),
            updated_at=datetime(2026, 11, 20, 11, tzinfo=UTC),
        ),
        sender=Actor(1, "octocat"),
        entries=(
            heard(What.OPENED, OPENED),
            heard(What.LABELED, OPENED, name="bug"),
            heard(What.TYPED, OPENED, name="Bug"),
        ),
    )


CHANGED = datetime(2026, 11, 20, 11, tzinfo=UTC)


def heard(what: What, at: datetime, *, name: str | None = None) -> Entry:
    return Entry(Happening(id=heard_key(what, at, OCTOCAT, name), what=what, at=at, actor=OCTOCAT, name=name))


@pytest.mark.parametrize(
    ("action", "about", "what", "name"),
    [
        ("labeled", {"label": {"name": "needs-info"}}, What.LABELED, "needs-info"),
        ("unlabeled", {"label": {"name": "needs-info"}}, What.UNLABELED, "needs-info"),
        ("typed", {"type": {"name": "Bug"}}, What.TYPED, "Bug"),
        ("untyped", {"type": {"name": "Bug"}}, What.TYPED, None),
        ("assigned", {"assignee": {"login": "bob", "id": 4}}, What.ASSIGNED, "bob"),
        ("unassigned", {"assignee": {"login": "bob", "id": 4}}, What.UNASSIGNED, "bob"),
        ("milestoned", {"milestone": {"title": "v2"}}, What.MILESTONED, "v2"),
        ("demilestoned", {"milestone": {"title": "v2"}}, What.DEMILESTONED, "v2"),
        ("reopened", {}, What.REOPENED, None),
        ("closed", {}, What.CLOSED, None),
        ("transferred", {}, What.TRANSFERRED, None),
        ("deleted", {}, What.DELETED, None),
    ],
)
def test_what_happened_to_an_issue_is_told_with_its_name_and_the_time_of_the_change(
    action: str, about: dict[str, Any], what: What, name: str | None
) -> None:
    event = read("issues", issue_delivery(action, **about))

    assert isinstance(event, IssueChanged)
    assert event.entries == (heard(what, CHANGED, name=name),)


def test_an_issue_was_closed_when_github_says_so_not_when_it_changed_last() -> None:
    event = read("issues", issue_delivery("closed", issue=issue(closed_at="2026-11-20T10:59:00Z")))

    assert isinstance(event, IssueChanged)
    assert event.entries == (heard(What.CLOSED, datetime(2026, 11, 20, 10, 59, tzinfo=UTC)),)


def test_an_issue_that_came_from_another_repository_was_opened_there_and_arrived_here() -> None:
    event = read("issues", issue_delivery(changes={"old_issue": {"id": 5}, "old_repository": {"id": 6}}))

    assert isinstance(event, IssueChanged)
    assert [each.happening.what for each in event.entries] == [What.OPENED, What.ARRIVED]


def test_an_edited_text_adds_nothing_to_the_past() -> None:
    event = read("issues", issue_delivery("edited", changes={"title": {"from": "x"}}))

    assert isinstance(event, IssueChanged)
    assert event.entries == ()


def test_a_comment_is_known_by_its_number_and_an_edited_one_by_the_time_of_the_edit_too() -> None:
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    fresh = comment(updated_at="2026-11-20T12:00:00Z", performed_via_github_app={"id": 99})

    written = read("issue_comment", comment_delivery(comment=fresh))
    edited = read("issue_comment", comment_delivery(action="edited"))

    assert isinstance(written, IssueChanged)
    assert isinstance(edited, IssueChanged)
    assert written.entries == (
        Entry(
            Happening(id=comment_key(3), what=What.COMMENTED, at=noon, actor=OCTOCAT, comment_id=3),
            "Me too",
            is_by_app=True,
        ),
    )
    assert edited.entries[0].happening.id == comment_key(3, noon + timedelta(minutes=30))
    assert edited.entries[0].happening.edited_at == noon + timedelta(minutes=30)


def test_a_deleted_comment_is_told_by_its_number_and_without_its_text() -> None:
    event = read("issue_comment", comment_delivery(action="deleted"))

    assert isinstance(event, IssueChanged)
    assert [(each.happening.what, each.happening.comment_id, each.body) for each in event.entries] == [
        (What.COMMENT_DELETED, 3, "")
    ]


def test_a_time_beyond_all_calendars_is_refused() -> None:
    with pytest.raises(Malformed, match="out of range"):
        read("issues", issue_delivery("closed", issue=issue(closed_at="9999-12-31T23:59:59-10:00")))


def test_a_person_owns_a_repository_without_an_organization() -> None:
    owner = {"login": "octocat", "id": 1, "type": "User"}
    event = read("issues", issue_delivery(repository=repository(owner=owner)))

    assert isinstance(event, IssueChanged)
    assert event.repository.organization is None


def test_an_empty_body_is_null_on_github_and_empty_text_here() -> None:
    assert read_issue(body=None).body == ""


def test_a_deleted_author_is_nobody() -> None:
    assert read_issue(user=None).author is None


def test_an_issue_without_a_native_type_has_none() -> None:
    assert read_issue(type=None).type is None


@pytest.mark.parametrize(
    ("action", "state", "is_open"),
    [("closed", "open", False), ("reopened", "closed", True), ("edited", "open", True), ("edited", "closed", False)],
)
def test_an_action_that_opens_or_closes_is_believed_over_the_snapshot(
    action: str, state: str, *, is_open: bool
) -> None:
    event = read("issues", issue_delivery(action=action, issue=issue(state=state)))

    assert isinstance(event, IssueChanged)
    assert event.issue.is_open is is_open


def test_a_closed_issue_is_not_open() -> None:
    assert not read_issue(state="closed").is_open


def test_other_time_zones_become_utc() -> None:
    assert read_issue(updated_at="2026-11-20T19:00:00+08:00").updated_at == datetime(2026, 11, 20, 11, tzinfo=UTC)


def test_nul_and_lone_surrogates_never_reach_the_database() -> None:
    found = read_issue(title="a\x00b", body="loss is \ud800", labels=[{"name": "b\x00ug"}])

    assert (found.title, found.body, set(found.labels)) == ("ab", "loss is \ufffd", {"bug"})


def test_a_surrogate_pair_is_one_character() -> None:
    assert read_issue(title="\N{ROCKET} start").title == "\N{ROCKET} start"


@pytest.mark.parametrize("action", ["pinned", "unlocked", "teleported", ""])
def test_an_action_without_a_rule_is_ignored(action: str) -> None:
    assert read("issues", issue_delivery(action)) == Ignored("no rule for this action on an issue")


def test_an_event_without_a_rule_is_ignored() -> None:
    assert read("quantum_leap", issue_delivery()) == Ignored("no rule for this event")


@pytest.mark.parametrize("missing", ["installation", "repository"])
@pytest.mark.parametrize("event", ["issues", "push"])
def test_a_delivery_without_its_installation_or_repository_is_ignored(event: str, missing: str) -> None:
    payload = issue_delivery() | push_delivery(POLICY_FILE)
    del payload[missing]

    assert read(event, payload | {"action": "opened"}) == Ignored("no installation or no repository")


@pytest.mark.parametrize(
    "sender",
    [
        {"login": "governor[bot]", "id": 424242, "type": "Bot"},
        {"login": "Governor[bot]", "id": 5, "type": "Bot"},
        {"login": "renamed[bot]", "id": 424242, "type": "Bot"},
    ],
)
def test_what_reeve_did_itself_is_ignored(sender: dict[str, Any]) -> None:
    events = [("issues", issue_delivery()), ("issue_comment", comment_delivery()), ("push", push_delivery(POLICY_FILE))]

    assert {read(event, payload | {"sender": sender}) for event, payload in events} == {Ignored("own doing")}


def test_another_bots_doing_counts() -> None:
    sender = {"login": "dependabot[bot]", "id": 5, "type": "Bot"}
    event = read("issues", issue_delivery(sender=sender))

    assert isinstance(event, IssueChanged)
    assert event.sender == Actor(5, "dependabot[bot]", is_bot=True)


def test_a_new_comment_changes_its_issue() -> None:
    event = read("issue_comment", comment_delivery())

    assert isinstance(event, IssueChanged)
    assert (event.action, event.subject) == ("commented", Subject(1296269, 7))


def test_a_pinned_comment_is_ignored() -> None:
    assert read("issue_comment", comment_delivery(action="pinned")) == Ignored("no rule for this action on a comment")


def test_a_plain_comment_on_a_pull_request_is_ignored() -> None:
    payload = comment_delivery(issue=issue(pull_request={"url": "u"}))

    assert read("issue_comment", payload) == Ignored("a pull request, not an issue")


@pytest.mark.parametrize("action", ["created", "edited", "deleted"])
@pytest.mark.parametrize("text", ["/why", "Thanks!\n@Reeve help"])
def test_a_comment_that_may_be_a_command_is_told_in_full(action: str, text: str) -> None:
    event = read("issue_comment", comment_delivery(text, action, sender={"login": "maintainer", "id": 8}))

    assert isinstance(event, CommentGiven)
    assert event == CommentGiven(
        action=action,
        repository=ACME,
        issue=read_issue(),
        comment=Comment(
            id=3,
            body=text,
            author=Actor(1, "octocat"),
            created_at=datetime(2026, 11, 20, 12, tzinfo=UTC),
            updated_at=datetime(2026, 11, 20, 12, 30, tzinfo=UTC),
        ),
        sender=Actor(8, "maintainer"),
        is_pull_request=False,
        entries=event.entries,
    )
    assert event.subject == Subject(1296269, 7)


def test_a_command_on_a_pull_request_says_so() -> None:
    event = read("issue_comment", comment_delivery("/why", issue=issue(pull_request={"url": "u"})))

    assert isinstance(event, CommentGiven)
    assert event.is_pull_request


def test_what_a_bot_writes_is_never_a_command() -> None:
    bot = {"login": "other[bot]", "id": 2, "type": "Bot"}

    assert isinstance(read("issue_comment", comment_delivery("/why", comment=comment(user=bot))), IssueChanged)


def test_reeves_own_command_and_one_from_nowhere_are_ignored() -> None:
    me = {"login": "governor[bot]", "id": 424242, "type": "Bot"}

    assert read("issue_comment", comment_delivery("/why", sender=me)) == Ignored("own doing")
    assert read("issue_comment", comment_delivery("/why", installation=None)) == Ignored(
        "no installation or no repository"
    )


def test_a_changed_pull_request_is_told_in_full() -> None:
    event = read("pull_request", pull_delivery("synchronize"))

    assert event == PullRequestChanged(
        action="synchronize",
        repository=ACME,
        pull=PullRequest(
            subject=Subject(1296269, 9),
            title="Faster all-reduce",
            body="measured",
            author=Actor(1, "octocat"),
            labels=frozenset({"p1"}),
            head_sha="a" * 40,
            head_ref="faster",
            head_repository_id=5,
            base_sha="b" * 40,
            base_ref="trunk",
            is_open=True,
            is_draft=False,
            is_merged=False,
            created_at=datetime(2026, 11, 20, 10, tzinfo=UTC),
            updated_at=datetime(2026, 11, 20, 11, tzinfo=UTC),
        ),
        sender=Actor(1, "octocat"),
    )
    assert (event.subject, event.pull.is_from_fork) == (Subject(1296269, 9), True)


def test_a_pull_request_from_a_deleted_fork_has_no_head_repository() -> None:
    event = read("pull_request", pull_delivery(pull_request=pull(head={"ref": "x", "sha": "a" * 40, "repo": None})))

    assert isinstance(event, PullRequestChanged)
    assert (event.pull.head_repository_id, event.pull.is_from_fork) == (None, True)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"action": "labeled"}, "no rule for this action on a pull request"),
        ({"installation": None}, "no installation or no repository"),
        ({"action": "edited", "sender": {"login": "governor[bot]", "id": 424242, "type": "Bot"}}, "own doing"),
    ],
)
def test_a_pull_request_without_a_rule_is_ignored(changes: dict[str, Any], reason: str) -> None:
    assert read("pull_request", pull_delivery() | changes) == Ignored(reason)


def test_a_pull_request_that_reeve_opened_is_looked_at_like_anybodys() -> None:
    me = {"login": "governor[bot]", "id": 424242, "type": "Bot"}

    assert isinstance(read("pull_request", pull_delivery(sender=me)), PullRequestChanged)


@pytest.mark.parametrize("sha", ["", "main", "A" * 40, "a" * 39, "../" + "a" * 37])
def test_a_commit_is_named_by_a_whole_sha(sha: str) -> None:
    with pytest.raises(Malformed, match="sha"):
        read("pull_request", pull_delivery(pull_request=pull(head={"ref": "x", "sha": sha, "repo": None})))


def test_a_repository_that_is_deleted_leaves_its_installation() -> None:
    assert read("repository", delivery(action="deleted")) == InstallationChanged("removed", 77, removed=(1296269,))


def test_a_repository_that_changes_hands_comes_to_its_new_owners_installation() -> None:
    event = read("repository", delivery(action="transferred"))

    assert isinstance(event, InstallationChanged)
    assert (event.action, event.installation_id, event.removed) == ("transferred", 77, ())
    assert [each.id for each in event.added] == [1296269]


def test_a_renamed_repository_is_the_same_one() -> None:
    assert read("repository", delivery(action="renamed")) == Ignored("no rule for this action on a repository")
    assert read("repository", delivery(action="deleted", installation=None)) == Ignored(
        "no installation or no repository"
    )


@pytest.mark.parametrize("how", ["added", "modified", "removed"])
def test_a_push_that_touches_the_policy_file_changes_the_config(how: str) -> None:
    commit = {"added": ["a"], "modified": ["b"], "removed": ["c"]} | {how: [POLICY_FILE]}

    assert read("push", push_delivery(commits=[{"added": ["a"]}, commit])) == ConfigChanged(ACME)


def test_a_push_that_leaves_the_policy_file_alone_moves_the_branch() -> None:
    moved = RefMoved(ACME, "refs/heads/trunk", "a" * 40, "b" * 40)

    assert read("push", push_delivery("README.md")) == moved
    assert moved.subject == Subject(1296269, 0)


@pytest.mark.parametrize("change", [{"created": True, "before": "0" * 40}, {"deleted": True, "after": "0" * 40}, {}])
def test_a_tag_that_comes_goes_or_moves_is_told(change: dict[str, Any]) -> None:
    payload = push_delivery(POLICY_FILE, ref="refs/tags/v1.0.0", **change)
    before, after = payload["before"], payload["after"]

    assert read("push", payload) == RefMoved(ACME, "refs/tags/v1.0.0", before, after)


@pytest.mark.parametrize(
    "change",
    [{"forced": True}, {"created": True}, {"commits": []}, {"commits": [{"modified": ["a"]}] * 2048}],
    ids=["forced", "created", "no commits", "list cut off"],
)
def test_a_push_that_does_not_tell_all_may_have_changed_the_config(change: dict[str, Any]) -> None:
    assert read("push", push_delivery("README.md", **change)) == ConfigChanged(ACME)


@pytest.mark.parametrize("change", [{"ref": "refs/heads/x"}, {"ref": "refs/heads/tags/x"}, {"deleted": True}])
def test_a_push_elsewhere_is_ignored(change: dict[str, Any]) -> None:
    assert read("push", push_delivery(POLICY_FILE, **change)) == Ignored("not a push to the default branch, and no tag")


def installation(action: str, **changes: Any) -> dict[str, Any]:
    account = {"login": "acme", "id": 9, "type": "Organization"}
    return {"action": action, "installation": {"id": 77, "account": account}} | changes


MODEL = {"id": 1, "full_name": "acme/model"}
DATA = {"id": 2, "full_name": "acme/data"}


def test_an_installation_brings_its_repositories() -> None:
    event = read("installation", installation("created", repositories=[MODEL, DATA]))

    assert event == InstallationChanged(
        action="created",
        installation_id=77,
        added=(
            Repository(1, "acme/model", 77, organization="acme"),
            Repository(2, "acme/data", 77, organization="acme"),
        ),
    )


def test_a_removed_installation_takes_its_repositories_away() -> None:
    event = read("installation", installation("deleted", repositories=[MODEL, DATA]))

    assert event == InstallationChanged("deleted", 77, removed=(1, 2))


def test_repositories_come_and_go_within_an_installation() -> None:
    payload = installation("removed", repositories_added=[MODEL], repositories_removed=[DATA])
    event = read("installation_repositories", payload)

    assert event == InstallationChanged("removed", 77, (Repository(1, "acme/model", 77, organization="acme"),), (2,))


@pytest.mark.parametrize("action", ["suspend", "unsuspend", "new_permissions_accepted"])
def test_an_installation_may_change_without_its_repositories(action: str) -> None:
    assert read("installation", installation(action)) == InstallationChanged(action, 77)


def test_an_unknown_action_on_an_installation_is_ignored() -> None:
    assert read("installation", installation("teleported")) == Ignored("no rule for this action on an installation")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b'"action":', b'"action":"closed","action":', "twice"),
        (b'"number":7', b'"number":7,"number":8', "twice"),
        (b'"comments":2', b'"comments":NaN', "NaN"),
        (b'"comments":2', b'"comments":-Infinity', "NaN"),
        (b'"comments":2', b'"comments":1e999', "out of range"),
        (b'"comments":2', b'"comments":-1', "comments"),
        (b'"comments":2', b'"comments":true', "comments"),
        (b'"comments":2', b'"skipped":' + b"9" * 5000, "digits"),
        (b'"comments":2', b'"skipped":' + b"[" * 101 + b"]" * 101, "deeply"),
        (b'"comments":2', b'"skipped":' + b"[" * 100_000 + b"]" * 100_000, "deeply"),
        (b'"number":7', b'"number":9999999999', "number"),
        (b'"id":77', b'"id":9999999999999999999', "id"),
        (b"2026-11-20T11:00:00Z", b"yesterday", "updated_at"),
        (b"2026-11-20T11:00:00Z", b"2026-11-20T11:00:00", "updated_at"),
        (b"2026-11-20T11:00:00Z", b"0001-01-01T00:00:00+23:00", "date"),
        (b"acme/model", b"acme/..", "full_name"),
        (b"loss", b"\xff", "UTF-8"),
        (b'{"repository"', b'[{"repository"', "not JSON"),
    ],
)
def test_what_parsers_disagree_on_or_no_event_can_hold_is_malformed(old: bytes, new: bytes, reason: str) -> None:
    body = encoded(issue_delivery())
    assert old in body

    with pytest.raises(Malformed, match=reason) as raised:
        parse("issues", body.replace(old, new, 1), JSON, ME)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("body", [b"[]", b"1", b"null", b'"x"', b""])
def test_anything_but_an_object_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        parse("ping", body, JSON, ME)


def test_a_form_is_read_like_json() -> None:
    form = b"payload=" + quote_plus(encoded(issue_delivery())).encode()

    assert parse("issues", form, "application/x-www-form-urlencoded", ME) == read("issues", issue_delivery())


@given(
    body=st.binary() | st.binary().map(lambda noise: encoded(issue_delivery())[: len(noise) * 3] + noise),
    event=st.sampled_from(["issues", "issue_comment", "pull_request", "repository", "push", "installation", "other"]),
)
def test_arbitrary_bytes_are_read_or_malformed_and_nothing_else(body: bytes, event: str) -> None:
    with contextlib.suppress(Malformed):
        assert isinstance(parse(event, body, JSON, ME), Event)


values = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.just("2026-01-01T00:00:00Z")
)
objects = st.recursive(
    values, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)


@given(field=st.sampled_from(sorted(issue())), value=objects, where=st.sampled_from(["issue", "repository", "sender"]))
def test_an_issue_with_any_value_in_any_place_is_read_or_malformed(field: str, value: object, where: str) -> None:
    payload = issue_delivery(issue=issue(**{field: value})) if where == "issue" else issue_delivery() | {where: value}

    try:
        event = read("issues", payload)
    except Malformed:
        return
    if isinstance(event, IssueChanged):
        text = f"{event.issue.title}{event.issue.body}{event.repository}"
        assert text.encode().decode() == text  # no half of a pair gets in, which nothing could store
