"""What has waited far too long stands in one issue, made at nine, in the language of the repository."""

from datetime import UTC, datetime, time, timedelta

import pytest

from bot import work
from bot.sandbox.state import Issue
from tests.stories.conftest import Town

FILE = ".github/reeve.yml"


def kept(town: Town) -> list[Issue]:
    """Return the open issues in which Reeve lists what is late."""
    issues = town.world.repository().issues.values()
    return [each for each in issues if each.state == "open" and "key=sla-digest" in (each.body or "")]


def pushed(town: Town, path: str, text: str) -> None:
    """Push a file and let everything follow."""
    town.world.advance(seconds=5)
    town.world.push_file(path, text)
    town.advance(seconds=90)


def at_nine(town: Town, *, weekday: int | None = None) -> None:
    """Let time pass until it is just after nine, of a day of the week if one is named."""
    day = town.world.now.astimezone(UTC).date()
    nines = (datetime.combine(day + timedelta(days=number), time(9), UTC) for number in range(9))
    nine = next(each for each in nines if each > town.world.now and weekday in (None, each.weekday()))
    town.advance(seconds=(nine - town.world.now).total_seconds() + 30)


@pytest.mark.parametrize(
    ("readme", "title", "words"),
    [
        ("# Model", "Issues that wait far too long", "a first answer was due by"),
        ("# 模型\n这是一个开源的语言模型。", "等待过久的 issue", "给出首次回复"),
    ],
    ids=["en", "zh-CN"],
)
def test_what_escalated_is_listed_at_nine_and_the_list_is_closed_once_it_is_empty(
    town: Town, readme: str, title: str, words: str
) -> None:
    pushed(town, "README.md", readme)
    first, second = (town.world.open_issue(f"[Bug] crash {name}") for name in ("one", "two"))
    town.settle()
    town.advance(hours=37)
    assert kept(town) == []

    at_nine(town)
    (listed,) = kept(town)
    assert listed.title == title
    assert listed.body is not None
    assert words in listed.body
    assert f"#{first}:" in listed.body.replace("：", ":")
    assert f"#{second}:" in listed.body.replace("：", ":")

    town.world.comment(first, "Fixed on main, thank you for the report.", by="maintainer")
    town.settle()
    at_nine(town)
    (again,) = kept(town)
    assert again.number == listed.number
    assert f"#{first}:" not in (again.body or "").replace("：", ":")

    town.world.comment(second, "Fixed on main, thank you for the report.", by="maintainer")
    town.settle()
    at_nine(town)
    assert kept(town) == []
    assert town.calls(lambda: at_nine(town)) == []


def test_a_weekly_digest_tells_on_monday_how_the_week_went(town: Town) -> None:
    pushed(town, FILE, "version: 1\nsla: {digest: weekly}\n")
    answered, late = (town.world.open_issue(f"[Bug] crash {name}") for name in ("one", "two"))
    town.settle()
    town.world.comment(answered, "Fixed on main, thank you for the report.", by="maintainer")
    town.advance(hours=25)
    assert kept(town) == []

    at_nine(town, weekday=0)

    (listed,) = kept(town)
    body = listed.body or ""
    assert "2 clocks started for a first answer: 1 answered or closed in time, 1 too late or overdue" in body
    assert f"- #{late}: a first answer was due by" in body


def test_after_a_week_of_downtime_the_digest_comes_once_and_tells_how_it_is_now(town: Town) -> None:
    answered, late = (town.world.open_issue(f"[Bug] crash {name}") for name in ("one", "two"))
    town.settle()
    town.advance(hours=37)
    town.close()
    town.world.advance(days=7)
    town.world.comment(answered, "Fixed on main, thank you for the report.", by="maintainer")
    town.open()

    made = town.calls(lambda: [work.tick(town.parts) for _ in range(2)])

    assert [call for call in made if call.startswith("POST") and call.endswith("/issues")] == [
        "POST /repos/acme/model/issues"
    ]
    (listed,) = kept(town)
    assert f"#{late}:" in (listed.body or "")


def test_a_digest_that_is_switched_off_is_closed(town: Town) -> None:
    town.world.open_issue("[Bug] crash")
    town.settle()
    town.advance(hours=37)
    at_nine(town)
    assert len(kept(town)) == 1

    pushed(town, FILE, "version: 1\nsla: {digest: never}\n")
    at_nine(town)

    assert kept(town) == []
