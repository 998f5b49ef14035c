"""The quick look at a delivery: how it is filed, what is refused at the door."""

import contextlib
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.github.webhooks import Peek, peek
from bot.model.errors import Malformed
from bot.model.subjects import Lane
from tests.github.samples import (
    JSON,
    comment_delivery,
    delivery,
    encoded,
    issue,
    issue_delivery,
    pull_delivery,
    push_delivery,
)
from tests.github.samples import repository as place


def look(event: str, payload: dict[str, Any]) -> Peek:
    return peek(event, encoded(payload), JSON)


def filed_as(lane: Lane, subject: str, *, is_relevant: bool) -> Peek:
    return Peek(lane, subject, installation_id=77, is_relevant=is_relevant, sender_id=1)


def test_an_opened_issue_is_filed_under_its_repository_and_number() -> None:
    assert look("issues", issue_delivery()) == filed_as(Lane.ISSUE, "1296269#7", is_relevant=True)


@pytest.mark.parametrize("action", ["opened", "edited", "labeled", "typed", "closed", "reopened", "transferred"])
def test_an_action_that_can_change_a_verdict_is_relevant(action: str) -> None:
    assert look("issues", issue_delivery(action)).is_relevant


@pytest.mark.parametrize("action", ["pinned", "locked", "teleported", ""])
def test_an_action_without_a_rule_is_not_relevant(action: str) -> None:
    assert not look("issues", issue_delivery(action)).is_relevant


def test_an_unknown_event_is_filed_without_a_subject_and_not_relevant() -> None:
    assert look("quantum_leap", delivery(action="opened")) == filed_as(Lane.ISSUE, "", is_relevant=False)


@pytest.mark.parametrize("missing", ["installation", "repository"])
def test_a_delivery_without_its_installation_or_repository_is_not_relevant(missing: str) -> None:
    payload = issue_delivery()
    del payload[missing]

    assert not look("issues", payload).is_relevant


@pytest.mark.parametrize(
    ("text", "lane"),
    [
        ("/reeve explain", Lane.COMMAND),
        ("Thanks!\n/benchmark", Lane.COMMAND),
        ("@reeve explain", Lane.COMMAND),
        ("@Reeve explain", Lane.COMMAND),
        ("see a/b/c", Lane.ISSUE),
        ("ask @reeve", Lane.ISSUE),
        ("    /indented code", Lane.ISSUE),
        ("// a comment in C", Lane.ISSUE),
        ("", Lane.ISSUE),
        (None, Lane.ISSUE),
    ],
)
def test_a_comment_that_starts_a_line_like_a_command_goes_first(text: str | None, lane: Lane) -> None:
    assert look("issue_comment", comment_delivery(text)).lane is lane


def test_a_bots_comment_is_never_a_command() -> None:
    bot = {"id": 3, "body": "/benchmark", "user": {"login": "other[bot]", "id": 2, "type": "Bot"}}

    assert look("issue_comment", comment_delivery(comment=bot)).lane is Lane.ISSUE


def test_a_ghosts_comment_is_filed_like_any_other() -> None:
    ghost = {"id": 3, "body": "Me too", "user": None}

    assert look("issue_comment", comment_delivery(comment=ghost)).is_relevant


@pytest.mark.parametrize(
    ("text", "action", "is_pull", "is_relevant"),
    [
        ("Me too", "created", False, True),
        ("Me too", "edited", False, True),
        ("Me too", "deleted", False, True),
        ("Me too", "pinned", False, False),
        ("Me too", "created", True, False),
        ("/why", "created", True, True),
        ("/why", "edited", True, True),
        ("/why", "deleted", False, True),
        ("/why", "pinned", False, False),
    ],
)
def test_a_comment_is_relevant_where_it_may_be_a_command_or_answers_an_issue(
    text: str, action: str, *, is_pull: bool, is_relevant: bool
) -> None:
    about = issue(pull_request={"url": "u"}) if is_pull else issue()

    assert look("issue_comment", comment_delivery(text, action, issue=about)).is_relevant is is_relevant


def test_a_plain_comment_on_a_pull_request_has_its_lane() -> None:
    filed = look("issue_comment", comment_delivery(issue=issue(pull_request={"url": "u"})))

    assert (filed.lane, filed.is_relevant) == (Lane.PULL_REQUEST, False)


@pytest.mark.parametrize("action", ["opened", "synchronize", "reopened", "edited", "closed", "ready_for_review"])
def test_a_changed_pull_request_has_its_lane_and_is_relevant(action: str) -> None:
    assert look("pull_request", pull_delivery(action)) == filed_as(Lane.PULL_REQUEST, "1296269#9", is_relevant=True)


@pytest.mark.parametrize("action", ["labeled", "assigned", "teleported"])
def test_a_pull_request_that_only_looks_different_is_not_relevant(action: str) -> None:
    assert not look("pull_request", pull_delivery(action)).is_relevant


@pytest.mark.parametrize("event", ["pull_request_review", "pull_request_review_comment", "pull_request_review_thread"])
def test_a_review_is_filed_under_its_pull_request_and_not_relevant_yet(event: str) -> None:
    filed = look(event, delivery(action="opened", pull_request={"number": 9}))

    assert filed == filed_as(Lane.PULL_REQUEST, "1296269#9", is_relevant=False)


@pytest.mark.parametrize(
    ("action", "is_relevant"), [("transferred", True), ("deleted", True), ("renamed", False), ("archived", False)]
)
def test_a_repository_that_goes_away_is_relevant(action: str, *, is_relevant: bool) -> None:
    assert look("repository", delivery(action=action)) == filed_as(Lane.ISSUE, "1296269#0", is_relevant=is_relevant)


def test_a_push_to_the_default_branch_is_filed_under_the_repository() -> None:
    assert look("push", push_delivery("README.md")) == filed_as(Lane.ISSUE, "1296269#0", is_relevant=True)


@pytest.mark.parametrize("change", [{}, {"created": True}, {"deleted": True}])
def test_a_tag_that_moves_is_filed_under_the_repository(change: dict[str, Any]) -> None:
    payload = push_delivery("README.md", ref="refs/tags/v1.0.0", **change)

    assert look("push", payload) == filed_as(Lane.ISSUE, "1296269#0", is_relevant=True)


@pytest.mark.parametrize("change", [{"ref": "refs/heads/tags/x"}, {"ref": "refs/heads/other"}, {"deleted": True}])
def test_a_push_elsewhere_is_not_relevant(change: dict[str, Any]) -> None:
    assert not look("push", push_delivery("README.md", **change)).is_relevant


@pytest.mark.parametrize(
    ("event", "action"),
    [("installation", "created"), ("installation", "suspend"), ("installation_repositories", "added")],
)
def test_a_change_of_an_installation_has_no_subject(event: str, action: str) -> None:
    filed = look(event, {"action": action, "installation": {"id": 77}, "sender": {"id": 1}})

    assert filed == filed_as(Lane.ISSUE, "", is_relevant=True)


def test_a_deleted_sender_has_no_id() -> None:
    assert look("issues", issue_delivery(sender=None)).sender_id == 0


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"Hello, World!", "malformed"),
        (b"[1,2,3]", "object"),
        (b'"text"', "object"),
        (b"null", "object"),
        (encoded(issue_delivery())[:-9], "truncated"),
        (encoded(issue_delivery()) + b"}", "trailing"),
        (b"\xef\xbb\xbf" + encoded(issue_delivery()), "malformed"),
        (encoded(issue_delivery(issue=issue(number="7"))), "number"),
        (encoded(issue_delivery(issue=issue(number=True))), "number"),
        (encoded(issue_delivery(issue=issue(number=0))), "number"),
        (encoded(issue_delivery(issue=issue(number=7.5))), "number"),
        (encoded(issue_delivery()).replace(b'"number":7', b'"number":NaN'), "malformed"),
        (encoded(issue_delivery()).replace(b'"number":7', b'"number":Infinity'), "malformed"),
        (encoded(issue_delivery()).replace(b'"number":7', b'"number":' + b"9" * 5000), "number"),
        (encoded(issue_delivery()).replace(b'"loss is NaN"', b"[" * 100_000 + b"]" * 100_000), "deeply"),
        (encoded(issue_delivery()).replace(b"loss", b"\xff\xfe"), "UTF-8"),
        (encoded(issue_delivery(issue=None)), "issue"),
        (encoded(issue_delivery(installation={"id": "77"})), "installation"),
        (encoded(issue_delivery(repository=place(id=True))), "repository"),
    ],
)
def test_a_body_that_cannot_be_an_event_is_malformed_with_a_one_line_reason(body: bytes, reason: str) -> None:
    with pytest.raises(Malformed, match=reason) as raised:
        peek("issues", body, JSON)

    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "name", ["acme/..", "acme/.", "acme", "acme/", "/model", "a/b/c", "acme/mo del", "acme/model\n", "acme/модель", ""]
)
def test_a_repository_that_is_not_owner_and_name_is_malformed(name: str) -> None:
    with pytest.raises(Malformed, match="full_name"):
        look("issues", issue_delivery(repository=place(full_name=name)))


@pytest.mark.parametrize("name", ["acme/.github", "acme/a..b", "a-b/c_d.e", "acme/...", "0/0"])
def test_unusual_but_legal_repository_names_pass(name: str) -> None:
    assert look("issues", issue_delivery(repository=place(full_name=name))).is_relevant


@pytest.mark.parametrize("kind", [JSON, "application/json; charset=utf-8", "Application/JSON", "application/json;x"])
def test_json_may_carry_parameters(kind: str) -> None:
    assert peek("issues", encoded(issue_delivery()), kind).is_relevant


@pytest.mark.parametrize("kind", ["", "text/plain", "application/xml", "multipart/form-data", "application/jsonp"])
def test_other_content_types_are_malformed(kind: str) -> None:
    with pytest.raises(Malformed, match="content type"):
        peek("issues", encoded(issue_delivery()), kind)


def test_a_form_carries_the_same_json_in_its_field_payload() -> None:
    form = "other=1&payload=" + quote_plus(encoded(issue_delivery(issue=issue(title="50 % & more +1"))).decode())

    assert peek("issues", form.encode(), "application/x-www-form-urlencoded").subject == "1296269#7"


@pytest.mark.parametrize("form", [b"", b"other=1", b"payload=", b"payload={}&payload={}", b"payload=%ff", b"payload=%"])
def test_a_form_without_exactly_one_good_payload_is_malformed(form: bytes) -> None:
    with pytest.raises(Malformed):
        peek("issues", form, "application/x-www-form-urlencoded")


@given(
    body=st.binary() | st.binary().map(lambda noise: encoded(issue_delivery())[: len(noise) * 3] + noise),
    event=st.sampled_from(["issues", "issue_comment", "push", "installation", "pull_request", "other"]),
    kind=st.sampled_from([JSON, "application/x-www-form-urlencoded"]),
)
def test_arbitrary_bytes_are_filed_or_malformed_and_nothing_else(body: bytes, event: str, kind: str) -> None:
    with contextlib.suppress(Malformed):
        assert isinstance(peek(event, body, kind), Peek)
