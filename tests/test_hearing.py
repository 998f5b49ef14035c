"""Hearing commands: which comments are heard, in which order, and what is asked of GitHub for them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.config import Config
from bot.hearing import Ear, Heard
from bot.model.decisions import Decision
from bot.model.effects import React, SetLabels, StickyComment
from bot.model.events import CommentGiven
from bot.model.facts import Comment, Facts, Memory
from bot.model.roles import Role
from bot.model.subjects import Actor
from bot.policies.commands.rate import BURST
from tests.road import ADA, MODEL, NOW, SECOND, SEVEN, Island, Notebook, PlainWords, issue

FACTS = Facts(MODEL, issue())


class Room:
    """Somewhere to be heard."""

    def __init__(self, role: Role = Role.WRITE) -> None:
        """Nobody has said anything yet."""
        self.island, self.notebook, self.at = Island(roles={"ada": role}), Notebook(), NOW + timedelta(seconds=30)

    def says(self, text: str, *, id: int = 1, after: int = 0, by: Actor = ADA, action: str = "created") -> CommentGiven:  # noqa: A002
        """Let somebody write a comment, so many seconds after noon."""
        at = NOW + after * SECOND
        comment = Comment(id, text, by, at, at)
        self.island.said[id] = comment
        return CommentGiven(action, MODEL, issue(), comment, by, is_pull_request=False)

    def hear(self, given: Sequence[CommentGiven]) -> Heard:
        """Hear these comments and remember that they were heard."""
        ear = Ear(self.island, self.notebook, PlainWords(), Config(), self.at, lambda _: ())
        heard = ear.hear(given, FACTS)
        self.notebook.record(Decision(MODEL, SEVEN, (), heard.effects, Memory(), "", "", comments=heard.comments))
        return heard

    def labelled(self, *given: CommentGiven) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
        """Hear these comments and return which labels come and go."""
        return [(each.add, each.remove) for each in self.hear(given).effects if isinstance(each, SetLabels)]


def test_a_comment_that_comes_twice_in_one_batch_is_heard_once() -> None:
    room = Room()
    told, swept = room.says("/label +x"), room.says("/label +x")

    heard = room.hear([told, swept])

    assert [each.comment_id for each in heard.comments] == [1]
    assert room.labelled(told) == []


def test_commands_count_in_the_order_in_which_they_were_written() -> None:
    room = Room()
    first, second = room.says("/hold", id=1, after=1), room.says("/hold cancel", id=2, after=2)

    assert room.labelled(second, first) == [(("hold",), ()), ((), ("hold",))]


def test_a_command_that_is_found_late_does_not_undo_a_later_one() -> None:
    room = Room()
    lost, later = room.says("/label +a +b", id=1, after=1), room.says("/label -a", id=2, after=2)
    room.hear([later])

    assert room.labelled(lost) == [(("b",), ())]


def test_of_two_comments_of_the_same_second_the_one_with_the_higher_id_is_the_later() -> None:
    room = Room()
    lost, later = room.says("/hold", id=1), room.says("/hold cancel", id=2)
    room.hear([later])

    assert room.labelled(lost) == []


@pytest.mark.parametrize("action", ["edited", "deleted"])
def test_an_edited_or_deleted_comment_costs_no_request(action: str) -> None:
    room = Room()

    assert room.hear([room.says("/label +x", action=action)]) == Heard(FACTS)
    assert room.island.calls == []


def test_a_bots_comment_costs_no_request() -> None:
    room = Room()

    assert room.hear([room.says("/label +x", by=Actor(9, "other[bot]", is_bot=True))]) == Heard(FACTS)
    assert room.island.calls == []


def test_another_bots_verb_costs_no_request_and_counts_for_nobody() -> None:
    room = Room()

    (answered,) = room.hear([room.says("/deploy prod")]).comments

    assert answered.actor_id == 0
    assert room.island.calls == []


def test_a_flood_from_one_account_is_told_once_and_then_met_with_silence_and_no_request() -> None:
    room = Room()
    room.hear([room.says("/label +x", id=n) for n in range(BURST)])
    room.island.calls.clear()

    first = room.hear([room.says("/label +y", id=BURST)])
    second = room.hear([room.says("/label +z", id=BURST + 1)])

    assert [type(each) for each in first.effects] == [React, StickyComment]
    assert second.effects == ()
    assert [each.rule for each in first.verdicts + second.verdicts] == ["too-often"]
    assert room.island.calls == []
    assert room.notebook.is_answered(BURST + 1)


def test_a_flood_in_one_batch_is_a_flood_too() -> None:
    room = Room()

    heard = room.hear([room.says("/label +x", id=n) for n in range(BURST + 5)])

    assert len(heard.comments) == BURST + 5
    assert [each.rule for each in heard.verdicts] == ["label"] * BURST + ["too-often"]


def test_a_flood_from_one_account_keeps_nobody_else_from_being_heard() -> None:
    room = Room()
    room.hear([room.says("/label +x", id=n) for n in range(BURST + 5)])
    bob = Actor(2, "bob")
    room.island.roles["bob"] = Role.TRIAGE

    assert room.labelled(room.says("/label +y", id=99, by=bob)) == [(("y",), ())]


def test_commands_that_waited_through_an_outage_are_no_flood() -> None:
    room = Room()
    waited = [room.says("/label +x", id=n, after=60 * n) for n in range(3 * BURST)]
    room.at = NOW + timedelta(hours=5)

    assert [each.rule for each in room.hear(waited).verdicts] == ["label"] * 3 * BURST


def test_a_comment_that_is_gone_by_now_is_not_heard() -> None:
    room = Room()
    given = room.says("/label +x")
    room.island.said.clear()

    assert room.hear([given]).comments == ()


def test_a_comment_whose_text_is_another_by_now_is_refused() -> None:
    room = Room()
    given = room.says("/label +x")
    room.island.said[1] = replace(given.comment, body="/label +y")

    assert [each.rule for each in room.hear([given]).verdicts] == ["stale-or-edited"]
