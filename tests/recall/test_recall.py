"""What is told is remembered for nothing; GitHub is asked where something may be missing, and then all is right."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.config import parse
from bot.model.past import Known
from bot.model.roles import Role
from bot.model.subjects import Actor
from bot.model.timeline import Stage, What, comment_key
from bot.recall import pulse
from tests.recall.given import ADA, BOB, HOUR, MAINTAINER, NOON, ROBOT, Hub, Reader, Told


def opened() -> tuple[Hub, Reader]:
    hub = Hub()
    reader = Reader(hub)
    reader.hear(hub.open())
    hub.wait()
    return hub, reader


def test_an_opened_issue_is_known_from_its_delivery_and_nothing_is_read() -> None:
    hub, reader = opened()

    assert hub.calls == []
    assert reader.whats() == [What.OPENED]
    (standing,) = reader.standings()
    assert (standing.started_at, standing.stage) == (NOON, Stage.ON_TRACK)


def test_a_maintainers_comment_costs_one_question_and_ends_the_wait() -> None:
    hub, reader = opened()

    learnt = reader.hear(hub.say("Fixed on main.", MAINTAINER, 1))

    assert hub.calls == ["permission maintainer"]
    assert [each.role for each in learnt.happenings] == [Role.MAINTAIN]
    assert reader.standings()[0].stage is Stage.MET


def test_what_was_learnt_holds_no_word_of_a_comment() -> None:
    hub, reader = opened()

    learnt = reader.hear(hub.say("The secret is tangerine", MAINTAINER, 1))

    assert "tangerine" not in repr(learnt)


@pytest.mark.parametrize(
    ("text", "by"),
    [("On 2.1 with CUDA 12.4", ADA), ("Released v2", ROBOT), ("+1", BOB), ("Auto-reply: I am on leave", BOB)],
)
def test_where_a_role_cannot_matter_nobody_asks_for_it(text: str, by: Actor) -> None:
    hub, reader = opened()

    reader.hear(hub.say(text, by, 1))

    assert hub.calls == []
    assert reader.standings()[0].stage is Stage.ON_TRACK


def test_after_the_answer_nobody_is_asked_who_they_are() -> None:
    hub, reader = opened()
    reader.hear(hub.say("Fixed on main.", MAINTAINER, 1))
    hub.calls.clear()
    hub.wait()

    reader.hear(hub.say("Works for me too, thanks a lot", BOB, 2))

    assert hub.calls == []


def test_a_role_is_asked_once_a_minute_for_each_person() -> None:
    hub, reader = opened()
    for number in range(3):
        hub.wait(timedelta(seconds=20))
        reader.hear(hub.say(f"I see it too, here is log {number}", BOB, number))
    assert hub.calls == ["permission bob"]

    hub.wait(timedelta(seconds=61))
    reader.hear(hub.say("And another log", BOB, 9))

    assert hub.calls == ["permission bob", "permission bob"]


def test_a_role_that_is_not_told_is_none_and_is_asked_for_again_later() -> None:
    hub, reader = opened()
    hub.refuses = True
    reader.hear(hub.say("Fixed on main.", MAINTAINER, 1))
    assert reader.standings()[0].stage is Stage.ON_TRACK

    hub.refuses = False
    hub.wait(timedelta(minutes=2))
    reader.hear(hub.say("me too", BOB, 2))

    assert reader.standings()[0].stage is Stage.MET


def test_a_role_holds_for_what_was_said_even_if_it_is_taken_away_later() -> None:
    hub, reader = opened()
    reader.hear(hub.say("Fixed on main.", MAINTAINER, 1))
    hub.roles.clear()
    hub.wait(timedelta(days=2))

    reader.look()

    assert reader.standings()[0].stage is Stage.MET


def test_a_doubled_delivery_adds_nothing() -> None:
    hub, reader = opened()
    told = hub.say("Fixed on main.", MAINTAINER, 1)
    reader.hear(told)

    assert reader.hear(told).is_nothing


def test_a_comment_nobody_told_of_is_found_by_the_next_one() -> None:
    hub, reader = opened()
    hub.say("Fixed on main.", MAINTAINER, 1)
    hub.wait()

    reader.hear(hub.say("Thanks", BOB, 2))

    assert "timeline" in hub.calls
    standing = reader.standings()[0]
    assert (standing.stage, standing.ended_at) == (Stage.MET, NOON + HOUR)


@pytest.mark.parametrize(
    "lost",
    [
        lambda hub: hub.label("needs-info"),
        lambda hub: hub.type("Bug"),
        lambda hub: hub.close(),
        lambda hub: hub.say("Fixed", MAINTAINER, 1),
    ],
    ids=["label", "type", "closed", "comment"],
)
def test_an_issue_that_shows_what_nobody_told_is_read_once(lost: Callable[[Hub], Told]) -> None:
    hub, reader = opened()
    lost(hub)
    hub.wait()

    reader.hear(hub.label("p1"))
    hub.wait()
    reader.hear(hub.label("p2"))

    assert hub.calls.count("timeline") == 1


def test_a_pause_of_which_nothing_was_told_is_found_when_the_clock_rings() -> None:
    hub, reader = opened()
    hub.label("needs-info")
    hub.wait(10 * HOUR)
    hub.unlabel("needs-info")
    hub.wait(14 * HOUR)
    assert reader.standings()[0].stage is Stage.BREACHED

    reader.look()

    assert hub.calls == ["timeline"]
    assert reader.standings()[0].due_at == NOON + 34 * HOUR


def test_a_clock_that_rings_twice_reads_for_nothing_the_second_time() -> None:
    _, reader = opened()
    reader.look()
    etags = reader.known.etags

    learnt = reader.look()

    assert etags
    assert learnt.happenings == ()


def test_an_old_issue_is_read_at_first_sight_and_a_closed_one_is_not() -> None:
    for is_open, calls in ((True, ["timeline"]), (False, [])):
        hub = Hub()
        hub.open()
        if not is_open:
            hub.close()
        hub.wait(HOUR)
        reader = Reader(hub)

        reader.hear(hub.label("p1"))

        assert hub.calls == calls


def test_an_issue_from_elsewhere_is_read_though_its_opening_was_told() -> None:
    hub = Hub()
    told = hub.open()
    arrived = hub.label("x")
    hub.listed.clear()
    reader = Reader(hub)

    arrival = replace(arrived.entries[0], happening=replace(arrived.entries[0].happening, what=What.ARRIVED))
    reader.hear(replace(arrived, entries=(*told.entries, arrival)))

    assert hub.calls == ["timeline"]


def test_an_edited_comment_counts_as_it_reads_and_a_deleted_one_not_at_all() -> None:
    hub, reader = opened()
    reader.hear(hub.say("Fixed on main.", MAINTAINER, 1))
    hub.wait()
    learnt = reader.hear(hub.edit(1, "+1"))
    assert [each.id for each in learnt.happenings] == [comment_key(1, hub.now)]
    assert reader.standings()[0].stage is Stage.ON_TRACK

    hub.wait()
    reader.hear(hub.edit(1, "Fixed in v2."))
    assert reader.standings()[0].stage is Stage.MET

    reader.hear(hub.unsay(1))
    assert reader.standings()[0].stage is Stage.ON_TRACK


def test_a_deletion_nobody_told_of_is_found_and_proved_by_asking_for_the_comment() -> None:
    hub, reader = opened()
    reader.hear(hub.say("Fixed on main.", MAINTAINER, 1))
    hub.unsay(1)
    hub.wait()

    reader.hear(hub.label("p1"))

    assert hub.calls[1:] == ["timeline", "comment"]
    assert reader.standings()[0].stage is Stage.ON_TRACK


def test_a_list_that_lags_behind_deletes_no_comment() -> None:
    hub, reader = opened()
    reader.hear(hub.say("Fixed on main.", MAINTAINER, 1))
    hub.lags_behind = True

    reader.look()

    assert hub.calls[1:] == ["timeline", "comment"]
    assert reader.standings()[0].stage is Stage.MET


def test_a_renamed_label_is_taken_note_of_and_not_looked_for_again() -> None:
    hub, reader = opened()
    reader.hear(hub.label("question"))
    hub.issue = replace(hub.issue, labels=frozenset({"help"}))
    for number in range(3):
        hub.wait()
        reader.hear(hub.say("me too", BOB, number))

    assert hub.calls.count("timeline") == 1


def test_comments_that_are_missing_for_good_are_not_looked_for_at_every_event() -> None:
    hub, reader = opened()
    hub.say("hidden", BOB, 1)
    del hub.listed[0]
    for number in range(2, 6):
        hub.wait(timedelta(minutes=1))
        reader.hear(hub.say("me too", BOB, number))

    assert hub.calls.count("timeline") == 1


def test_reeves_own_comments_are_no_gap_whether_the_state_shows_them_or_not() -> None:
    hub, reader = opened()
    for comments in (0, 1):
        reader.known = replace(reader.known, own_comments=1)
        hub.issue = replace(hub.issue, comments=comments)
        hub.wait()
        reader.hear(hub.label(f"p{comments}"))

    assert "timeline" not in hub.calls


def test_an_older_state_proves_nothing() -> None:
    hub, reader = opened()
    early = hub.label("p1")
    hub.wait()
    late = hub.label("p2")
    reader.hear(early, late)

    reader.hear(early)

    assert hub.calls == []


def test_a_swept_issue_is_read_only_if_its_change_is_not_explained() -> None:
    hub, reader = opened()
    reader.hear(hub.label("p1"))
    reader.hear(is_swept=True)
    assert hub.calls == []

    hub.wait()
    hub.label("needs-info")
    hub.unlabel("needs-info")
    hub.wait()
    reader.hear(is_swept=True)

    assert hub.calls == ["timeline"]


def test_a_change_of_reeves_own_explains_a_swept_issue() -> None:
    hub, reader = opened()
    hub.wait()
    hub.issue = replace(hub.issue, updated_at=hub.now)
    reader.known = replace(reader.known, written_at=hub.now)

    reader.hear(is_swept=True)

    assert hub.calls == []


def test_with_the_clocks_off_all_is_remembered_and_nothing_asked() -> None:
    hub = Hub()
    reader = Reader(hub, parse("sla: {enabled: false}"))
    reader.hear(hub.open())
    hub.wait()
    reader.hear(hub.say("Fixed on main.", MAINTAINER, 1))
    reader.look()

    assert hub.calls == []
    assert reader.whats() == [What.OPENED, What.COMMENTED]


def test_the_settings_are_remembered_when_they_change_and_a_clock_runs_by_those_it_started_under() -> None:
    hub, reader = opened()
    assert len(reader.known.timeline.regimes) == 1
    assert reader.hear(hub.label("p1")).regime is None

    reader.config = parse("sla: {bug: 1h}")
    learnt = reader.hear(hub.label("p2"))

    assert learnt.regime is not None
    assert reader.standings()[0].allowed == 24 * HOUR


def test_the_pulse_beats_when_a_stage_is_reached_and_is_the_same_between() -> None:
    _, reader = opened()
    config = reader.config

    def at(hours: float) -> str:
        return pulse(reader.timeline, config, NOON + hours * HOUR)

    assert at(1) == at(17) != at(18) == at(23) != at(24) == at(35) != at(36)
    assert pulse(None, config, NOON) == ""
    assert Known().timeline.happenings == ()
