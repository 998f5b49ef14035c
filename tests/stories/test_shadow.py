"""A rule is tried out before it counts: in shadow it only reports, and after its last day it is enforced by itself."""

import json
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from bot.store.tables import audit
from tests.stories.conftest import Town

FILE = ".github/reeve.yml"
#: Nothing is late meanwhile.
HEAD = "version: 1\nsla: {bug: 30d, feature: 30d, docs: 30d}\n"


def day(town: Town, days: int) -> str:
    """Return a day from now, as a policy file has it."""
    return (town.world.now + timedelta(days=days)).date().isoformat()


def pushed(town: Town, text: str) -> None:
    """Push the policy file and let everything follow."""
    town.world.advance(seconds=5)
    town.world.push_file(FILE, text)
    town.settle()


def opened(town: Town, title: str) -> int:
    """Open an issue and let everything follow."""
    number = town.world.open_issue(title)
    town.settle()
    return number


def at_midnight_after(town: Town, until: str) -> None:
    """Let the days pass until the shadow is over."""
    over = datetime.fromisoformat(until).replace(tzinfo=UTC) + timedelta(days=1)
    town.advance(seconds=(over - town.world.now).total_seconds() + 60)


def test_a_section_in_shadow_reports_and_changes_nothing_until_its_day_is_over(town: Town) -> None:
    until = day(town, 3)
    pushed(town, f"{HEAD}triage: {{shadow_until: {until}}}\n")
    number = opened(town, "[Bug] crash on load")

    assert town.world.labels(number) == set()
    (comment,) = town.world.bot_comments(number)
    assert comment.startswith("**Only a report until ")
    assert "Reeve would have set `bug`, and said:" in comment
    assert "> **This is a bug report.**" in comment

    at_midnight_after(town, until)

    assert town.world.labels(number) == {"bug"}
    (comment,) = town.world.bot_comments(number)
    assert comment.startswith("**This is a bug report.**")


def test_the_report_is_written_in_the_authors_language(town: Town) -> None:
    pushed(town, f"{HEAD}triage: {{shadow_until: {day(town, 3)}}}\n")

    (comment,) = town.world.bot_comments(opened(town, "[Bug] 加载模型时程序崩溃，请问如何处理"))

    assert "之前只作报告" in comment
    assert "否则 Reeve 会设置 `bug`，并说：" in comment


def test_a_rule_in_shadow_is_reported_beside_what_is_enforced(town: Town) -> None:
    until = day(town, 3)
    pushed(town, f"{HEAD}triage: {{rules: [{{title: ^hello, label: bug, shadow_until: {until}}}]}}\n")
    number = opened(town, "Hello frobnicator")

    assert town.world.labels(number) == {"needs-triage"}
    (comment,) = town.world.bot_comments(number)
    assert comment.startswith("**A maintainer needs to say what kind of issue this is.**")
    assert "`triage.rules[0]` is in shadow" in comment
    assert "Reeve would have set `bug`, and said:" in comment

    at_midnight_after(town, until)

    assert town.world.labels(number) == {"bug"}


def test_what_shadow_would_have_done_stands_in_the_audit_log(town: Town) -> None:
    pushed(town, f"{HEAD}triage: {{shadow_until: {day(town, 3)}}}\n")
    opened(town, "[Bug] crash on load")

    with town.database.engine.connect() as connection:
        entries = [json.loads(text) for text in connection.execute(select(audit.c.entry)).scalars()]
    verdicts = [each for entry in entries for each in entry.get("verdicts", ()) if each["policy"] == "triage"]
    assert {"policy": "triage", "rule": "title-prefix", "outcome": "not_applicable", "shadow": "pass"} in verdicts
