"""Issues are answered in time, or everybody sees that they are not: clocks on the road, in both languages."""

from datetime import timedelta
from typing import NamedTuple

import pytest

from bot import work
from bot.model.timeline import Stage
from bot.sandbox.world import World
from tests.stories.conftest import Town


class Spoken(NamedTuple):
    """A bug in one language, and words by which a comment in it is known."""

    title: str
    body: str
    words: str


FILE = ".github/reeve.yml"

ENGLISH = Spoken("[Bug] loading crashes", "It crashes when the model is loaded.", "answer")
CHINESE = Spoken("[Bug] 加载模型时崩溃", "加载模型的时候程序崩溃了，请问怎么解决？", "回复")


@pytest.fixture(params=[ENGLISH, CHINESE], ids=["en", "zh-CN"])
def spoken(request: pytest.FixtureRequest) -> Spoken:
    found: Spoken = request.param
    return found


def stage(town: Town, number: int) -> Stage:
    """Return how the issue's last clock stands by the records."""
    opened_at = town.world.issue(number).created_at - timedelta(seconds=1)
    found = town.database.clocks.since(opened_at, repository_id=town.world.repository().id)
    return [each.standing.stage for each in found if each.subject.number == number][-1]


def bug(world: World, spoken: Spoken = ENGLISH) -> int:
    return world.open_issue(spoken.title, body=spoken.body)


def status(town: Town, number: int) -> str:
    """Return the one comment that Reeve keeps."""
    return town.world.bot_comments(number)[0]


def test_a_bug_goes_at_risk_breached_escalated_and_is_answered_late(town: Town, spoken: Spoken) -> None:
    number = bug(town.world, spoken)
    town.settle()
    assert town.world.labels(number) == {"bug"}

    town.advance(hours=18, minutes=2)
    assert town.world.labels(number) == {"bug", "sla:at-risk"}

    town.advance(hours=6)
    assert town.world.labels(number) == {"bug", "sla:breached"}
    breached = status(town, number)
    assert spoken.words in breached

    town.advance(hours=12)
    assert stage(town, number) is Stage.ESCALATED

    town.world.comment(number, "Fixed on main, thank you for the report.", by="maintainer")
    town.settle()
    assert town.world.labels(number) == {"bug"}
    assert stage(town, number) is Stage.MISSED
    assert status(town, number) != breached
    assert len(town.world.bot_comments(number)) == 1


@pytest.mark.parametrize(
    ("who", "text"), [("bob", "Same here, on 2.1 too."), ("ada", "More: it needs 2.1."), ("maintainer", "+1")]
)
def test_what_is_no_answer_does_not_stop_the_clock(town: Town, who: str, text: str) -> None:
    number = bug(town.world)
    town.settle()
    town.world.comment(number, text, by=who)

    town.advance(hours=25)

    assert "sla:breached" in town.world.labels(number)


def test_a_question_holds_the_clock_until_the_author_answers(town: Town) -> None:
    number = bug(town.world)
    town.settle()
    town.world.add_label(number, "needs-info")
    town.advance(hours=30)
    assert stage(town, number) is Stage.ON_TRACK

    town.world.comment(number, "It is version 2.1 on Linux.", by="ada")
    town.settle()
    assert "needs-info" not in town.world.labels(number)
    town.advance(hours=25)

    assert "sla:breached" in town.world.labels(number)


def test_a_pause_holds_the_clock_and_its_end_lets_it_go_on(town: Town) -> None:
    number = bug(town.world)
    town.settle()
    paused = town.world.comment(number, '/sla pause reason="waiting for a release"', by="maintainer")
    town.advance(hours=48)
    assert town.world.labels(number) == {"bug"}
    assert ("reeve[bot]", "+1") in town.world.reactions(number, comment=paused)

    town.world.comment(number, "/sla resume", by="maintainer")
    town.advance(hours=25)

    assert "sla:breached" in town.world.labels(number)


def test_an_outsider_pauses_nothing(town: Town) -> None:
    number = bug(town.world)
    town.settle()
    town.world.comment(number, '/sla pause reason="because"', by="bob")

    town.advance(hours=25)

    assert "sla:breached" in town.world.labels(number)


@pytest.mark.parametrize(("spoken", "said"), [(ENGLISH, "is due by"), (CHINESE, "之前")], ids=["en", "zh-CN"])
def test_the_answer_to_a_question_about_the_clock_names_the_deadline(town: Town, spoken: Spoken, said: str) -> None:
    number = bug(town.world, spoken)
    town.settle()
    town.world.comment(number, "/sla status", by="maintainer")
    town.settle()

    assert said in town.world.bot_comments(number)[-1]


def test_the_team_is_called_once_and_the_maintainers_in_the_end(town: Town, spoken: Spoken) -> None:
    for team in ("triage", "maintainers"):
        town.world.create_team(team)
    town.world.push_file(FILE, "version: 1\nsla: {team: acme/triage, maintainers: acme/maintainers}\n")
    town.settle()
    number = bug(town.world, spoken)
    town.settle()

    town.advance(hours=18, minutes=2)
    assert ["@acme/triage" in each for each in town.world.bot_comments(number)] == [False, True]
    town.advance(hours=6)
    assert len(town.world.bot_comments(number)) == 2

    town.advance(hours=12)
    called = town.world.bot_comments(number)[2:]
    assert ["@acme/maintainers" in each for each in called] == [True]


def test_another_kind_keeps_the_time_that_was_counted(town: Town) -> None:
    number = bug(town.world)
    town.settle()
    town.advance(hours=20)
    town.world.remove_label(number, "bug")
    town.world.advance(seconds=2)
    town.world.add_label(number, "enhancement")
    town.settle()

    town.advance(hours=30)
    assert "sla:breached" not in town.world.labels(number)
    town.advance(hours=23)

    assert "sla:breached" in town.world.labels(number)


def test_an_issue_that_is_opened_again_has_the_full_time(town: Town) -> None:
    number = bug(town.world)
    town.settle()
    town.world.close_issue(number)
    town.advance(hours=40)
    town.world.reopen_issue(number)
    town.advance(hours=17)
    assert town.world.labels(number) == {"bug"}

    town.advance(hours=8)

    assert "sla:breached" in town.world.labels(number)


def test_a_week_of_downtime_is_caught_up_once(town: Town) -> None:
    number = bug(town.world)
    town.settle()
    town.close()
    town.world.advance(days=7)
    town.open()

    calls = town.calls(lambda: work.tick(town.parts))

    writes = [call for call in calls if not call.startswith("GET") and "access_tokens" not in call]
    assert len(writes) == 2
    assert stage(town, number) is Stage.ESCALATED
    assert "sla:at-risk" not in town.world.labels(number)


def test_an_answer_that_nobody_told_of_is_found_before_anybody_is_called_late(town: Town) -> None:
    number = bug(town.world)
    town.settle()
    town.world.faults.webhooks.lose(None)
    town.world.advance(hours=5)
    town.world.comment(number, "Fixed on main, thank you.", by="maintainer")
    town.world.faults.webhooks.clear()

    town.advance(hours=20)

    assert town.world.labels(number) == {"bug"}
    assert stage(town, number) is Stage.MET


def test_two_schedulers_say_everything_once(town: Town) -> None:
    number = bug(town.world)
    town.settle()
    town.world.advance(hours=25)

    work.tick(town.parts)
    work.tick(town.parts)
    town.settle()

    assert "sla:breached" in town.world.labels(number)
    assert len(town.world.bot_comments(number)) == 1
