"""GitHub's own example payloads and the hostile corpus, through both readings."""

import subprocess
import sys

import pytest

from bot.github.webhooks import parse, peek
from bot.model.errors import Malformed
from bot.model.events import Ignored, IssueChanged
from tests.github.samples import JSON, ME, Hostile, hostile, recorded

#: Judged by other means than the body: signature, delivery id, method, size, memory of earlier deliveries, and
#: (the mismatch) by asking GitHub for a token.
NOT_BY_THE_BODY = ("-sig-", "-replay-", "-order-", "-guid-", "-method-", "-size-26mb", "-event-missing", "-mismatch")


def judge(row: Hostile) -> str:
    """Say what becomes of a delivery that has passed the signature check."""
    try:
        if not peek(row.event, row.body, row.content_type).is_relevant:
            return "irrelevant"
        event = parse(row.event, row.body, row.content_type, ME)
    except Malformed:
        return "malformed"
    return "ignored" if isinstance(event, Ignored) else "enqueued"


def test_github_own_payloads_are_filed_and_read_without_an_error() -> None:
    payloads = recorded()

    read = {
        (event, type(parse(event, body, JSON, ME)), peek(event, body, JSON).is_relevant) for event, body in payloads
    }

    assert len(payloads) > 150
    assert ("issues", IssueChanged, True) in read


def test_what_the_quick_look_finds_irrelevant_the_strict_reading_ignores() -> None:
    for event, body in recorded():
        if not peek(event, body, JSON).is_relevant:
            assert isinstance(parse(event, body, JSON, ME), Ignored), event


def test_no_hostile_body_reaches_a_handler_and_no_good_one_is_lost() -> None:
    rows = [row for row in hostile() if not any(part in row.id for part in NOT_BY_THE_BODY)]

    wrong = [
        (row.id, verdict)
        for row in rows
        if row.enqueued is not None and ((verdict := judge(row)) == "enqueued") != bool(row.enqueued)
    ]

    assert len(rows) > 20
    assert wrong == []


@pytest.mark.parametrize("name", ["surrogate", "nul", "bom", "form-ok", "sig-nonascii"])
def test_a_body_that_may_go_either_way_is_never_an_unexpected_error(name: str) -> None:
    (row,) = [row for row in hostile() if row.id.endswith(name)]

    assert judge(row) in {"malformed", "enqueued"}


def test_reading_deliveries_does_without_pygithub() -> None:
    """The web process starts faster, and holds less, without the API's client."""
    program = "import sys, bot.github.webhooks; sys.exit(bool({'github', 'requests'} & set(sys.modules)))"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
