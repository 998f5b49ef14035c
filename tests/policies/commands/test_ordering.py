"""A command that is heard of late never undoes what a later one did."""

import pytest

from bot.config import Config, parse
from bot.model.effects import Assign, React, SetLabels
from bot.model.verdicts import Outcome
from bot.policies.commands import Answer, decide_comment
from tests.policies.commands.given import AUTHOR, HEAD, NOW, decide, situation


def changes(answer: Answer) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return what is added and taken away."""
    return [(each.add, each.remove) for each in answer.verdict.effects if isinstance(each, SetLabels | Assign)]


@pytest.mark.parametrize(
    ("body", "places"),
    [
        ("/label +Regression -question", {"label:regression", "label:question"}),
        ("/kind bug", {"kind"}),
        ("/hold", {"label:hold"}),
        ("/hold cancel", {"label:hold"}),
        ("/needs-info", {"label:needs-info"}),
        ("/assign", {"user:person"}),
        ("/assign @Ada -bob", {"user:ada", "user:bob"}),
        ("/help", set()),
        ("/why", set()),
    ],
)
def test_a_command_touches_places(body: str, places: set[str]) -> None:
    assert decide(situation(body)).touched == places


def test_places_have_the_repositorys_own_names() -> None:
    assert decide(situation("/hold"), parse("labels: {hold: Frozen}")).touched == {"label:frozen"}


def test_an_override_touches_nothing_for_each_is_kept() -> None:
    assert decide(situation('/override coverage reason="generated code"', head=HEAD)).touched == frozenset()


@pytest.mark.parametrize(
    ("body", "later", "left"),
    [
        ("/hold", {"label:other"}, [(("hold",), ())]),
        ("/label +a +b", {"label:a"}, [(("b",), ())]),
        ("/assign @ada bob", {"user:ada"}, [(("bob",), ())]),
        ("/assign", {"user:ada"}, [(("person",), ())]),
    ],
)
def test_what_later_commands_did_not_touch_is_still_done(
    body: str, later: set[str], left: list[tuple[tuple[str, ...], tuple[str, ...]]]
) -> None:
    answer = decide(situation(body, overtaken=later))

    assert changes(answer) == left
    assert answer.touched.isdisjoint(later)


@pytest.mark.parametrize(
    ("body", "later"),
    [
        ("/hold", {"label:hold"}),
        ("/label +hold", {"label:hold"}),
        ("/kind bug", {"kind"}),
        ("/assign", {"user:person"}),
        ("/assign @ada", {"user:ada"}),
        ("/label +a +b", {"label:a", "label:b"}),
    ],
)
def test_a_command_that_was_overtaken_counts_as_done_and_changes_nothing(body: str, later: set[str]) -> None:
    answer = decide(situation(body, overtaken=later))

    assert (answer.verdict.rule, answer.verdict.outcome) == ("overtaken", Outcome.NOT_APPLICABLE)
    assert [each.content for each in answer.verdict.effects if isinstance(each, React)] == ["+1"]
    assert (changes(answer), answer.verdict.message, answer.ran) == ([], None, None)


def test_who_may_not_give_a_command_is_refused_also_where_it_was_overtaken() -> None:
    assert decide(situation("/hold", role=None, by=AUTHOR, overtaken={"label:hold"})).verdict.rule == "permission"


def test_commands_of_one_comment_do_not_overtake_each_other() -> None:
    answers = decide_comment(situation("/hold\n/hold cancel"), Config(), NOW)

    assert [each.verdict.rule for each in answers] == ["hold", "hold"]
