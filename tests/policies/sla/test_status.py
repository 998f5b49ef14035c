"""What `/sla status` answers, in both languages."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.config import parse
from bot.model.timeline import Happening
from bot.model.verdicts import Message
from bot.policies.sla.status import status
from bot.render import LANGUAGES, Words
from tests.policies.given import facts as issue_facts
from tests.policies.sla.given import AUTHOR, BOT, at, bug, closed, comment, deed, labeled, opened
from tests.policies.sla.test_decision import facts

STORED = Path(__file__).resolve().parents[2] / "data" / "rendered" / "sla-status"
WORDS = Words()
PAUSED = comment(10, body='/sla pause reason="waiting for upstream"')
NEXT = "sla: {goals: [{target: next-answer, within: 12h}, {target: resolution, within: 10d}]}"


def asked(*happenings: Happening, now: float = 12, config: str = "", labels: tuple[str, ...] = ("bug",)) -> Message:
    return status(facts(*happenings, labels=labels), parse(config), at(now))


ANSWERS: dict[str, Message] = {
    "on-track": asked(*bug()),
    "at-risk": asked(*bug(), now=20),
    "business": asked(*bug(), config="sla: {bug: 8h, calendar: {hours: ['09:00-17:00']}}", now=4),
    "overdue": asked(*bug(), now=30),
    "overdue-paused": asked(*bug(), comment(28, body="/sla pause"), now=30),
    "paused": asked(*bug(PAUSED)),
    "paused-twice": asked(*bug(PAUSED, labeled(11, "needs-info"))),
    "closed-by-a-bot": asked(*bug(closed(10, BOT))),
    "answered": asked(*bug(comment(5))),
    "answered-late": asked(*bug(comment(25.5)), now=30),
    "ended": asked(*bug(closed(5, None, commit=True))),
    "ended-late": asked(*bug(closed(25, AUTHOR)), now=30),
    "resolution": asked(*bug(comment(5)), config=NEXT),
    "resolution-overdue": asked(*bug(comment(5)), config=NEXT, now=300),
    "unclassified": asked(opened(), labels=()),
    "disabled": asked(*bug(), config="sla: {enabled: false}"),
    "before": asked(*bug(), config="sla: {since: 2027-01-01}"),
    "unknown": status(issue_facts("x"), parse(""), at(12)),
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ANSWERS)
def test_the_answer_reads_as_it_is_stored(name: str, language: str) -> None:
    """Written anew by deleting the stored file: then this test fails once and shows in the diff what is new."""
    path, text = STORED / f"{name}.{language}.md", WORDS.answer([ANSWERS[name]], language)
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        pytest.fail(f"{path.name} was not there and has been written: read it and run again")
    assert text == path.read_text(encoding="utf-8")


def test_every_stored_answer_is_still_given() -> None:
    assert {path.name for path in STORED.iterdir()} == {f"{name}.{each}.md" for name in ANSWERS for each in LANGUAGES}


def test_an_issue_of_a_bots_has_no_deadline() -> None:
    given = facts(opened(BOT), labeled(0))
    message = status(replace(given, issue=replace(given.issue, author=BOT)), parse(""), at(12))
    assert message.data["state"] == "bot"


def test_a_goal_that_is_not_set_for_a_kind_has_no_deadline_either() -> None:
    assert asked(opened(), deed(labeled(0).what, 1, name="other"), labels=("other",)).data["state"] == "no-deadline"


def test_after_an_answer_that_is_the_last_word_even_if_more_would_be_waited_for() -> None:
    assert asked(*bug(comment(5), comment(6, AUTHOR))).data["state"] == "met"
