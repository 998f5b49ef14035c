"""What GitHub, and whoever pretends to be GitHub, is answered. Over real HTTP, into a real database."""

import http.client
import json
import re
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.github.webhooks import Peek, peek
from bot.model.errors import Full, StoreDown
from bot.model.states import State
from bot.model.subjects import Lane
from bot.store.ingest import Admission, Arrival
from bot.web.tally import Tally
from bot.web.webhook import Receiver
from tests.web.doors import PREVIOUS, SECRET, Door, accept, signed

ISSUE = json.dumps(
    {
        "action": "opened",
        "issue": {
            "number": 7,
            "title": "Crash",
            "body": None,
            "state": "open",
            "labels": [],
            "comments": 0,
            "user": {"login": "o", "id": 1, "type": "User"},
            "created_at": "2026-11-20T10:00:00Z",
            "updated_at": "2026-11-20T10:00:00Z",
        },
        "repository": {"id": 1296269, "full_name": "acme/model", "name": "model", "owner": {"login": "acme", "id": 9}},
        "sender": {"login": "o", "id": 1, "type": "User"},
        "installation": {"id": 77},
    }
).encode()
GUID = "72d3162e-cc78-11e3-81ab-4c9367dc0958"


def test_a_signed_delivery_is_stored_before_it_is_acknowledged(door: Door) -> None:
    assert door.deliver(ISSUE, X_GitHub_Delivery=GUID) == (202, "accepted\n")

    assert door.rows() == [(GUID, "issues", 77, State.PENDING)]


def test_the_previous_secret_still_works_while_secrets_are_rotated(door: Door) -> None:
    assert door.deliver(ISSUE, secret=PREVIOUS)[0] == 202


def test_the_delivery_id_is_kept_in_lower_case(door: Door) -> None:
    door.deliver(ISSUE, X_GitHub_Delivery=GUID.upper())
    assert door.rows()[0][0] == GUID


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_json_is_taken_with_or_without_a_charset(door: Door, content_type: str) -> None:
    assert door.deliver(ISSUE, Content_Type=content_type)[0] == 202


def test_a_form_is_taken_too_and_is_signed_as_it_was_sent(door: Door) -> None:
    form = b"payload=" + quote_plus(ISSUE).encode()
    assert door.deliver(form, Content_Type="application/x-www-form-urlencoded")[0] == 202
    assert door.rows()[0][2] == 77


@pytest.mark.parametrize(
    ("changes", "status", "word"),
    [
        ({"X_Hub_Signature_256": None}, 401, "x-hub-signature-256"),
        ({"X_Hub_Signature_256": ""}, 401, "x-hub-signature-256"),
        ({"X_Hub_Signature_256": "sha1=" + "0" * 40}, 401, "x-hub-signature-256"),
        ({"X_Hub_Signature_256": "sha256=" + "0" * 64}, 401, "does not match"),
        ({"X_Hub_Signature_256": "sha256=" + "é" * 64}, 401, "x-hub-signature-256"),
        ({"X_Hub_Signature_256": "sha256=" + "0" * 63}, 401, "x-hub-signature-256"),
        ({"Content_Type": "text/plain"}, 415, "content-type"),
        ({"Content_Type": None}, 415, "content-type"),
        ({"X_GitHub_Delivery": None}, 400, "x-github-delivery"),
        ({"X_GitHub_Delivery": "../../etc/passwd"}, 400, "x-github-delivery"),
        ({"X_GitHub_Delivery": GUID + "0"}, 400, "x-github-delivery"),
        ({"X_GitHub_Event": None}, 400, "x-github-event"),
        ({"X_GitHub_Event": "Issues!"}, 400, "x-github-event"),
        ({"X_GitHub_Event": "a" * 65}, 400, "x-github-event"),
    ],
)
def test_a_wrong_envelope_is_refused_with_a_reason_and_nothing_is_stored(
    door: Door, changes: dict[str, Any], status: int, word: str
) -> None:
    answer = door.deliver(ISSUE, **changes)

    assert answer[0] == status
    assert word in answer[1]
    assert answer[1].count("\n") == 1
    assert door.rows() == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_only_post_is_taken(door: Door, method: str) -> None:
    assert door.post(ISSUE, signed(ISSUE), method=method)[0] == 405


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b'{"action":' + b"[" * 100_000])
def test_a_signed_body_that_is_no_event_is_refused_with_its_reason(door: Door, body: bytes) -> None:
    status, reason = door.deliver(body)
    assert status == 400
    assert len(reason) > 5
    assert door.rows() == []


@pytest.mark.parametrize("event", ["quantum_leap", "ping", "star"])
def test_an_event_without_a_rule_is_stored_as_ignored(door: Door, event: str) -> None:
    assert door.deliver(ISSUE, X_GitHub_Event=event)[0] == 202
    assert door.rows()[0][3] == State.IGNORED


def test_a_repeat_is_acknowledged_and_stored_once(door: Door) -> None:
    first = door.deliver(ISSUE, X_GitHub_Delivery=GUID)
    second = door.deliver(ISSUE, X_GitHub_Delivery=GUID.upper())
    assert (first[0], second) == (202, (202, "known, still being worked on\n"))
    assert len(door.rows()) == 1


def test_a_repeat_of_finished_work_is_answered_with_200(door: Door) -> None:
    for _ in range(2):
        answer = door.deliver(ISSUE, X_GitHub_Delivery=GUID, X_GitHub_Event="star")
    assert answer == (200, "known, done before\n")


def test_another_body_under_a_known_id_is_a_conflict(door: Door) -> None:
    door.deliver(ISSUE, X_GitHub_Delivery=GUID)
    assert door.deliver(ISSUE + b" ", X_GitHub_Delivery=GUID)[0] == 409


@pytest.mark.parametrize("fault", [Full("full"), StoreDown("disk full"), RuntimeError("a bug")])
def test_when_it_cannot_be_stored_github_is_told_to_come_again(
    open_door: Callable[..., Door], fault: Exception
) -> None:
    async def fail(_arrival: Arrival) -> Admission:
        raise fault

    status, reason = open_door(submit=fail).deliver(ISSUE)
    assert (status, reason) == (503, "cannot store deliveries now, try again later\n")


def test_the_reason_never_quotes_a_fault_of_the_store(open_door: Callable[..., Door]) -> None:
    async def fail(_arrival: Arrival) -> Admission:
        raise StoreDown("password=hunter2")

    assert "hunter2" not in open_door(submit=fail).deliver(ISSUE)[1]


@pytest.mark.parametrize("installation", [-1, 1 << 63])
def test_an_installation_that_no_column_holds_is_refused(open_door: Callable[..., Door], installation: int) -> None:
    door = open_door(peek=lambda *_: Peek(Lane.ISSUE, "1#7", installation, is_relevant=True, sender_id=1))
    assert door.deliver(ISSUE)[0] == 400


@pytest.mark.parametrize("secrets", [[], [b""], [b"good", b""]])
def test_without_a_secret_there_is_no_receiver(secrets: list[bytes]) -> None:
    with pytest.raises(ValueError, match="secret"):
        Receiver(secrets=secrets, peek=peek, submit=accept, tally=Tally())


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(ISSUE) - 1), st.integers(1, 255))
def test_no_changed_byte_keeps_a_2xx(door: Door, place: int, flip: int) -> None:
    changed = bytearray(ISSUE)
    changed[place] ^= flip
    assert door.post(bytes(changed), signed(ISSUE))[0] == 401


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(["X-GitHub-Event", "X-GitHub-Delivery", "Content-Type", "X-Hub-Signature-256", "Expect"]),
        st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=80),
    )
)
def test_no_header_however_odd_is_a_fault_of_ours(door: Door, odd: dict[str, str]) -> None:
    status, _ = door.post(ISSUE, {**signed(ISSUE), **odd})
    assert status < 500


def test_every_recorded_payload_is_acknowledged(door: Door, shared_data: Path) -> None:
    paths = sorted((shared_data / "github" / "payloads").glob("*/*.json"))
    refused = {}
    for path in paths:
        answer = door.deliver(path.read_bytes(), X_GitHub_Event=path.parent.name)
        if answer[0] != 202:
            refused[str(path)] = answer
    assert refused == {}
    assert len(door.rows()) == len(paths) > 100


def test_answers_are_counted_by_status_with_the_time_they_took(door: Door) -> None:
    door.deliver(ISSUE)
    door.deliver(ISSUE, X_GitHub_Delivery="x")
    assert door.tally.answers == {202: 1, 400: 1}
    assert door.tally.latency.cumulated()[-1] == ("+Inf", 2)


def test_importing_the_receiver_brings_no_framework_along() -> None:
    heavy = "sqlalchemy|fastapi|starlette|github|jinja2|celery|psycopg|prometheus_client|pydantic"
    code = "import sys, bot.web.app, bot.web.webhook, bot.store.ingest; print('\\n'.join(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not re.findall(rf"^(?:{heavy})$", out.stdout, re.MULTILINE)


def test_a_kept_connection_serves_many_deliveries(door: Door) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", door.port, timeout=10)
    for _ in range(20):
        connection.request("POST", "/webhooks/github", ISSUE, signed(ISSUE, X_GitHub_Delivery=str(uuid.uuid4())))
        response = connection.getresponse()
        assert (response.status, response.read()) == (202, b"accepted\n")
    connection.close()
    assert len(door.rows()) == 20
    assert SECRET not in repr(door).encode()
