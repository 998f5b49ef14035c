"""Files of events: every usual form gives the same clock, and what cannot be read is named with its place."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from bot.config import Config
from bot.model.roles import Role
from bot.model.subjects import Actor
from bot.model.timeline import Source, What
from bot.policies.sla import Clock, clock
from bot.policies.sla.events import EventsError, Given, Opening, read
from tests.policies.sla.given import AUTHOR, at, bug, comment, labeled, unlabeled

DAY = "2026-11-23T"
NOW = datetime(2026, 11, 26, tzinfo=UTC)

PAUSE = '/sla pause reason="waiting for upstream"'
WHO = {"author": (1, "NONE"), "maint": (2, "MEMBER"), "passer": (3, "CONTRIBUTOR"), "helper[bot]": (4, "NONE")}


def account(login: str) -> dict[str, Any]:
    return {"login": login, "id": WHO[login][0], "type": "Bot" if login.endswith("[bot]") else "User"}


def listed(event: str, hour: str, by: str, number: int, **more: Any) -> dict[str, Any]:
    """An entry of GitHub's Timeline API."""
    return {"event": event, "id": number, "created_at": f"{DAY}{hour}:00Z", "actor": account(by), **more}


def commented(hour: str, by: str, number: int, body: str = "I see it too.", **more: Any) -> dict[str, Any]:
    entry = listed("commented", hour, by, number, body=body, user=account(by), author_association=WHO[by][1])
    return entry | {"updated_at": entry["created_at"]} | more


ISSUE: dict[str, Any] = {
    "number": 7,
    "title": "It crashes",
    "body": None,
    "created_at": f"{DAY}06:00:00Z",
    "updated_at": f"{DAY}06:00:00Z",
    "user": account("author"),
    "author_association": "NONE",
    "labels": [{"name": "bug"}],
    "state": "open",
    "closed_at": None,
}
EVENTS = [
    listed("labeled", "06:01", "maint", 11, label={"name": "bug", "color": "d73a4a"}),
    listed("mentioned", "06:02", "passer", 12),
    commented("07:00", "helper[bot]", 13),
    commented("08:00", "passer", 14),
    listed("labeled", "10:00", "maint", 15, label={"name": "needs-info"}),
    commented("12:00", "author", 16, "It is 1.2.3"),
    commented("13:00", "maint", 17, PAUSE),
    commented("15:00", "maint", 18, "/sla resume"),
    commented("20:00", "maint", 19, "Fixed in main."),
]


def delivery(action: str, hour: str, by: str, **more: Any) -> dict[str, Any]:
    issue = ISSUE | {"updated_at": f"{DAY}{hour}:00Z"}
    return {"action": action, "issue": issue, "sender": account(by), "repository": {"id": 1}, **more}


def spoken(hour: str, by: str, number: int, body: str, action: str = "created") -> dict[str, Any]:
    said = commented(hour, by, number, body)
    del said["event"], said["actor"]
    return delivery(action, hour, by, comment=said)


DELIVERIES = [
    delivery("opened", "06:00", "author") | {"issue": ISSUE | {"labels": []}},
    delivery("labeled", "06:01", "maint", label={"name": "bug"}),
    delivery("pinned", "06:02", "maint"),
    spoken("07:00", "helper[bot]", 13, "I see it too."),
    spoken("08:00", "passer", 14, "I see it too."),
    delivery("labeled", "10:00", "maint", label={"name": "needs-info"}),
    spoken("12:00", "author", 16, "It is 1.2.3"),
    spoken("13:00", "maint", 17, PAUSE),
    spoken("15:00", "maint", 18, "/sla resume"),
    spoken("20:00", "maint", 19, "Fixed in main."),
]
OWN = [
    {"what": "opened", "at": f"{DAY}06:00:00Z", "actor": "author"},
    {"what": "labeled", "at": f"{DAY}06:01:00Z", "actor": "maint", "name": "bug"},
    {"what": "commented", "at": f"{DAY}07:00:00Z", "actor": "helper[bot]", "body": "I see it too."},
    {"what": "commented", "at": f"{DAY}08:00:00Z", "actor": "passer", "role": "read", "body": "I see it too."},
    {"what": "labeled", "at": f"{DAY}10:00:00Z", "actor": "maint", "name": "needs-info"},
    {"what": "commented", "at": f"{DAY}12:00:00Z", "actor": "author", "body": "It is 1.2.3"},
    {
        "what": "commented",
        "at": f"{DAY}13:00:00Z",
        "actor": "maint",
        "body": '/sla pause reason="waiting for upstream"',
    },
    {"what": "commented", "at": f"{DAY}15:00:00Z", "actor": "maint", "body": "/sla resume"},
    {"what": "commented", "at": f"{DAY}20:00:00Z", "actor": "maint", "role": "write", "body": "Fixed in main."},
]


def lines(values: list[dict[str, Any]]) -> str:
    return "\n".join(json.dumps(each) for each in values) + "\n\n"


CLOSED = {"event": "closed", "created_at": f"{DAY}06:00:00Z", "actor": "x"}
FORMS = {
    "an issue and its events": json.dumps({"issue": ISSUE, "events": EVENTS}),
    "an issue, its events and its comments apart": json.dumps(
        {
            "issue": ISSUE,
            "timeline": [each for each in EVENTS if each["event"] != "commented"],
            "comments": [
                {key: value for key, value in each.items() if key not in ("event", "actor")}
                for each in EVENTS
                if each["event"] == "commented"
            ],
        }
    ),
    "a list that begins with the issue": json.dumps([ISSUE, *EVENTS]),
    "a line for each entry": lines([ISSUE, *EVENTS]),
    "a line for each entry, with a mark of the byte order": "\ufeff" + lines([{"issue": ISSUE}, *EVENTS]),
    "deliveries": json.dumps(DELIVERIES),
    "a line for each delivery": lines(DELIVERIES),
    "recorded deliveries": json.dumps([{"name": "issues", "payload": each} for each in DELIVERIES]),
    "deliveries in their requests": json.dumps([{"headers": {}, "body": each} for each in DELIVERIES]),
    "a line for each of our own": lines(OWN),
    "our own in a list": json.dumps(OWN),
    "our own beside their issue": json.dumps({"issue": ISSUE, "happenings": OWN[1:]}),
    "deliveries and entries of the list together": json.dumps([*DELIVERIES, *EVENTS]),
}


def shown(given: Given, config: Config | None = None) -> list[Any]:
    """Return what a clock shows of people and times; made-up ids are not part of it."""
    found: Clock = clock(given.timeline, config or Config(), NOW)
    (lap,) = found.laps
    login = {each.by.login for each in lap.passed_over if each.by}
    pauses = [(each.cause, each.since, each.until, each.reason) for each in lap.holds]
    goal = lap.first_answer
    end = goal.end and (goal.end.how, goal.end.at, goal.end.by and goal.end.by.login)
    return [lap.since, goal.kind, goal.elapsed, goal.due_at, goal.stage, end, pauses, login]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_clock(form: str) -> None:
    assert shown(read(FORMS[form])) == shown(read(FORMS["an issue and its events"]))


def test_the_clock_of_them_all_is_the_expected_one() -> None:
    found = shown(read(FORMS["an issue and its events"]))
    assert found[1] == "bug"
    assert found[4] == "met"
    assert found[5] == ("answered", datetime(2026, 11, 23, 20, tzinfo=UTC), "maint")
    assert [each[0] for each in found[6]] == ["needs-info", "pause"]
    assert found[7] == {"helper[bot]", "passer", "maint"}


def test_what_is_stored_of_an_issue_can_be_given_back() -> None:
    past = bug(labeled(2, "needs-info"), comment(4, AUTHOR), comment(5, body="/sla pause"), unlabeled(9))
    given = read(b"\n".join(msgspec.json.encode(each) for each in past))
    assert sorted(map(repr, given.timeline.happenings)) == sorted(map(repr, past))


@pytest.mark.parametrize(
    ("role", "rank"),
    [("write", Role.WRITE), ("Admin", Role.ADMIN), ("push", Role.WRITE), ("none", Role.NONE), (2, Role.TRIAGE)],
)
def test_a_role_may_stand_with_each_event(role: str | int, rank: Role) -> None:
    given = read(json.dumps([ISSUE, commented("07:00", "passer", 13, role=role)]))
    assert given.timeline.happenings[0].role is rank
    assert not [note for note in given.notes if note.code == "likely-roles"]


@pytest.mark.parametrize("key", ["role", "role_name"])
def test_a_role_may_stand_with_the_account(key: str) -> None:
    entry = commented("07:00", "passer", 13) | {"user": account("passer") | {key: "maintain"}}
    assert read(json.dumps([ISSUE, entry])).timeline.happenings[0].role is Role.MAINTAIN


def test_roles_may_be_given_once_for_all() -> None:
    text = json.dumps({"issue": ISSUE, "events": [commented("07:00", "passer", 13)], "roles": {"Passer": "triage"}})
    assert read(text).timeline.happenings[0].role is Role.TRIAGE


def test_a_delivery_may_name_the_role_of_its_sender() -> None:
    given = read(json.dumps([spoken("07:00", "passer", 13, "x") | {"role": "write"}]))
    assert {each.role for each in given.timeline.happenings if each.what is What.COMMENTED} == {Role.WRITE}


def test_without_roles_a_likely_one_is_assumed_and_said_so() -> None:
    given = read(FORMS["an issue and its events"])
    assert [note.data["roles"] for note in given.notes if note.code == "likely-roles"] == ["maint write, passer read"]


def test_who_sets_labels_may_at_least_triage() -> None:
    events = [listed("labeled", "06:01", "maint", 11, label={"name": "bug"}), listed("closed", "07:00", "maint", 12)]
    given = read(json.dumps({"issue": ISSUE, "events": events}))
    assert {each.role for each in given.timeline.happenings if each.what is What.CLOSED} == {Role.TRIAGE}


def test_of_whom_nothing_is_known_no_role_is_assumed() -> None:
    entry = {"event": "commented", "created_at": f"{DAY}07:00:00Z", "user": {"login": "x"}, "body": "y"}
    assert read(json.dumps([ISSUE, entry])).timeline.happenings[0].role is None


def test_a_deleted_account_is_nobody() -> None:
    given = read(json.dumps([ISSUE | {"user": None}, commented("07:00", "passer", 13) | {"user": None, "actor": None}]))
    assert [each.actor for each in given.timeline.happenings] == [None, None]


def test_an_app_that_posts_for_a_person_answers_nothing() -> None:
    entry = commented("07:00", "maint", 13, performed_via_github_app={"id": 1})
    remark = read(json.dumps([ISSUE, entry])).timeline.happenings[0].remark
    assert remark is not None
    assert remark.is_automatic


def test_an_edited_comment_is_known_as_edited() -> None:
    entry = commented("07:00", "maint", 13, updated_at=f"{DAY}08:00:00Z")
    assert read(json.dumps([ISSUE, entry])).timeline.happenings[0].edited_at == datetime(2026, 11, 23, 8, tzinfo=UTC)


def test_a_list_without_its_opening_begins_with_its_first_entry_and_says_so() -> None:
    given = read(json.dumps(EVENTS))
    opening = next(each for each in given.timeline.happenings if each.what is What.OPENED)
    assert (opening.at, opening.actor) == (datetime(2026, 11, 23, 6, 1, tzinfo=UTC), None)
    assert {"opening-assumed", "author-unknown"} <= {note.code for note in given.notes}


def test_the_opening_may_be_told_apart() -> None:
    told = read(json.dumps(EVENTS), Opening(datetime(2026, 11, 23, 6, tzinfo=UTC), "author"))
    assert shown(told) == shown(read(FORMS["an issue and its events"]))
    assert [note.code for note in told.notes] == ["passed-over", "likely-roles"]


def test_a_closing_that_no_event_tells_of_is_taken_from_the_issue() -> None:
    closed = ISSUE | {"state": "closed", "closed_at": f"{DAY}09:00:00Z", "closed_by": account("maint")}
    given = read(json.dumps({"issue": closed, "events": EVENTS[:1]}))
    assert [each.at.hour for each in given.timeline.happenings if each.what is What.CLOSED] == [9]
    assert "unheard-closing" in {note.code for note in given.notes}
    heard = read(json.dumps({"issue": closed, "events": [listed("closed", "09:00", "maint", 20)]}))
    assert len([each for each in heard.timeline.happenings if each.what is What.CLOSED]) == 1


def test_closed_by_a_commit_counts_as_closed_by_the_project() -> None:
    given = read(json.dumps([ISSUE, listed("closed", "09:00", "helper[bot]", 20, commit_id="a" * 40)]))
    assert given.timeline.happenings[0].commit


def test_the_last_transfer_is_a_leaving_and_one_before_other_things_an_arrival() -> None:
    moved = listed("transferred", "09:00", "maint", 20)
    gone = read(json.dumps([ISSUE, moved]))
    assert What.TRANSFERRED in {each.what for each in gone.timeline.happenings}
    here = read(json.dumps([ISSUE, moved, commented("10:00", "author", 21)]))
    assert What.ARRIVED in {each.what for each in here.timeline.happenings}
    assert "arrived" in {note.code for note in here.notes}


def test_an_issue_opened_by_transfer_has_arrived() -> None:
    given = read(json.dumps([delivery("opened", "06:00", "author") | {"changes": {"old_issue": {"number": 3}}}]))
    assert What.ARRIVED in {each.what for each in given.timeline.happenings}


def test_a_deleted_comment_and_a_type_come_by_deliveries() -> None:
    given = read(
        json.dumps(
            [
                delivery("opened", "06:00", "author") | {"issue": ISSUE | {"type": {"name": "Bug"}, "labels": ["a"]}},
                spoken("07:00", "maint", 13, "Hello"),
                spoken("08:00", "maint", 13, "Hello", action="deleted"),
                delivery("typed", "09:00", "maint", type={"name": "Feature"}),
                delivery("untyped", "10:00", "maint", type={"name": "Feature"}),
                delivery("closed", "11:00", "maint") | {"issue": ISSUE | {"closed_at": f"{DAY}10:59:00Z"}},
            ]
        )
    )
    found = {(each.what, each.name) for each in given.timeline.happenings}
    assert {(What.TYPED, "Bug"), (What.TYPED, "Feature"), (What.TYPED, None), (What.LABELED, "a")} <= found
    gone = [each.comment_id for each in given.timeline.happenings if each.what is What.COMMENT_DELETED]
    assert gone == [13]
    assert [each.at.minute for each in given.timeline.happenings if each.what is What.CLOSED] == [59]


def test_the_newest_state_of_the_issue_is_kept_for_triage() -> None:
    given = read(json.dumps(list(reversed(DELIVERIES))))
    assert given.issue is not None
    assert (given.issue.subject.number, given.issue.labels) == (7, frozenset({"bug"}))
    assert given.issue.author == Actor(1, "author")
    assert read(lines(OWN)).issue is None


def test_what_means_nothing_is_passed_over_and_counted() -> None:
    bare = {"event": None, "body": "x", "created_at": f"{DAY}07:00:00Z"}
    more = [listed("mentioned", "06:03", "passer", 30), {"action": "completed", "workflow_run": {}}, bare]
    notes = {note.code: note.data for note in read(json.dumps([ISSUE, *EVENTS, *more])).notes}
    assert notes["passed-over"] == {"words": "completed, mentioned (2)"}


def test_our_own_entries_say_how_they_were_known() -> None:
    given = read(lines([OWN[0], OWN[1] | {"source": "read", "id": "event:5"}]))
    assert given.timeline.happenings[1].source is Source.READ
    assert given.timeline.happenings[1].id == "event:5"


@pytest.mark.parametrize(
    ("text", "place", "code"),
    [
        ("", "line 1", "not-json"),
        ("{", "line 1", "not-json"),
        ('{"events": [\n{"event": x}]}', "line 2", "not-json"),
        (b"\xff\xfe", "line 1", "not-text"),
        ("[" * 100_000, "line 1", "not-json"),
        ("5", "line 1", "not-events"),
        ("null", "line 1", "not-events"),
        ("[1]", "[0]", "not-object"),
        ('{"events": [null]}', "events[0]", "not-object"),
        ('{"events": [], "issue": 7}', "issue", "not-object"),
        ('{"events": [], "roles": []}', "roles", "not-object"),
        ("[]", "the file", "no-events"),
        ('[{"event": "mentioned"}]', "the file", "no-events"),
        ("{}", "the object", "wrong-shape"),
        (lines(OWN[:1]) + "{", "line 3", "not-json"),
        (lines(OWN[:1]) + "7", "line 3", "not-object"),
        (lines(OWN[:1]) + '{"what": "closed"}', "line 3", "no-time"),
        (json.dumps([{"event": "closed", "id": 1}]), "[0]", "no-time"),
        (json.dumps([{"event": "closed", "created_at": "soon"}]), "[0].created_at", "wrong-shape"),
        (json.dumps([{"event": "closed", "created_at": "2026-11-23T06:00:00"}]), "[0].created_at", "wrong-shape"),
        (json.dumps([{"event": "closed", "created_at": "0001-01-01T00:00:00Z"}]), "[0]", "far-time"),
        (json.dumps([{"event": "closed", "created_at": "9999-12-31T23:59:59-14:00"}]), "[0]", "far-time"),
        (json.dumps([{"what": "commented", "at": "0001-01-01T00:00:00+14:00", "body": "x"}]), "[0]", "far-time"),
        (json.dumps({"issue": ISSUE | {"created_at": "0001-01-01T00:00:00Z"}, "events": []}), "issue", "far-time"),
        (json.dumps([ISSUE | {"updated_at": "9999-12-31T23:59:59-05:00"}]), "[0].updated_at", "far-time"),
        (json.dumps([ISSUE | {"state": "closed", "closed_at": "3000-01-01T00:00:00Z"}]), "[0].closed_at", "far-time"),
        ('{"what": "opened"}\n报错'.encode("gbk"), "line 2", "not-text"),
        ("[]".encode("utf-16"), "line 1", "not-text"),
        ('[{"what": "opened"}][1', "line 1", "not-json"),
        ('[{"what": "opened"}] {}', "line 1", "not-json"),
        (json.dumps({"issue": {"number": 7}, "events": []}), "issue", "wrong-shape"),
        (json.dumps({"issue": ISSUE | {"created_at": 5}, "events": []}), "issue.created_at", "wrong-shape"),
        (json.dumps([CLOSED | {"role": "boss"}]), "[0].role", "role"),
        (json.dumps([CLOSED | {"role": 9}]), "[0].role", "role"),
        (json.dumps({"events": EVENTS, "roles": {"x": "boss"}}), "roles.x.role", "role"),
        (json.dumps({"events": EVENTS, "roles": {"x": None}}), "roles.x", "role"),
        (json.dumps([ISSUE, ISSUE | {"number": 8}]), "[1]", "several-issues"),
        (json.dumps([{"action": "labeled", "issue": ISSUE | {"updated_at": None}}]), "[0].issue", "no-time"),
        (json.dumps([delivery("created", "06:00", "maint", comment={"id": 1})]), "[0].comment", "no-time"),
        (json.dumps([{"payload": delivery("labeled", "06:00", "maint", label=5)}]), "[0].payload.label", "wrong-shape"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(text: str | bytes, place: str, code: str) -> None:
    with pytest.raises(EventsError) as caught:
        read(text)
    assert (caught.value.place, caught.value.code) == (place, code)


def test_times_come_in_any_zone() -> None:
    entry = commented("07:00", "maint", 13) | {"created_at": "2026-11-23T15:00:00+08:00", "updated_at": None}
    assert read(json.dumps([ISSUE, entry])).timeline.happenings[0].at == at(1)


def test_pages_of_a_list_may_stand_one_after_the_other_or_in_a_list_of_their_own() -> None:
    """As `gh api --paginate` prints them, by its version, and with `--slurp`."""
    whole = read(json.dumps(EVENTS), Opening(at(0), "author"))
    pages: list[list[dict[str, Any]]] = [EVENTS[:4], [], EVENTS[4:]]
    assert read("".join(map(json.dumps, pages)), Opening(at(0), "author")) == whole
    assert read("\n".join(map(json.dumps, pages)) + "\n", Opening(at(0), "author")) == whole
    assert read(json.dumps(pages), Opening(at(0), "author")) == whole
