"""Which news nobody told Reeve of, and what goes first."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.facts import Comment, Issue, PullRequest
from bot.model.subjects import Actor, Lane, Subject
from bot.model.sweeps import News, Said
from bot.store.sweeps import issue_json, pull_json, said_json
from bot.sweep.choice import Known, choose, commands_in
from tests.road import ADA, MODEL, NOW, SECOND, issue

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def numbered(number: int, *, age: timedelta = HOUR, is_open: bool = True, changed: timedelta = HOUR) -> Issue:
    """Return an issue that was opened and last changed so long ago."""
    return replace(
        issue(),
        subject=Subject(MODEL.id, number),
        is_open=is_open,
        created_at=NOW - age,
        updated_at=NOW - changed,
    )


def pull(number: int, *, head: str = "a" * 40, is_open: bool = True, changed: timedelta = HOUR) -> PullRequest:
    """Return a pull request."""
    return PullRequest(
        subject=Subject(MODEL.id, number),
        title="fix",
        body="",
        author=ADA,
        labels=frozenset(),
        head_sha=head,
        head_ref="fix",
        head_repository_id=MODEL.id,
        base_sha="b" * 40,
        base_ref="main",
        is_open=is_open,
        is_draft=False,
        is_merged=False,
        created_at=NOW - DAY,
        updated_at=NOW - changed,
    )


def said(
    text: str,
    *,
    id: int = 1,  # noqa: A002
    by: Actor | None = ADA,
    is_edited: bool = False,
    age: timedelta = HOUR,
    number: int = 7,
) -> Said:
    """Return a comment on an issue."""
    at = NOW - age
    return Said(numbered(number), Comment(id, text, by, at, at + is_edited * SECOND), is_pull_request=False)


def order(news: News, known: Known | None = None) -> list[tuple[Lane, int]]:
    """Return lane and number of what is chosen."""
    return [(each.lane, each.subject.number) for each in choose(news, known or Known(), NOW)]


def comments(*given: Said) -> News:
    """Return news of comments alone."""
    return News(comments=given)


@pytest.mark.parametrize(
    ("given", "is_wanted"),
    [
        (said("/label +x"), True),
        (said("@reeve dance"), True),
        (said("thanks"), False),
        (said("/deploy prod"), False),
        (said("```\n/label +x\n```"), False),
        (said("/label +x", is_edited=True), False),
        (said("/label +x", by=None), False),
        (said("/label +x", by=Actor(9, "reeve[bot]", is_bot=True)), False),
    ],
    ids=["command", "to Reeve", "words", "another bot's", "in a fence", "edited", "nobody's", "a bot's"],
)
def test_only_what_a_person_asked_of_reeve_and_left_as_it_was_is_a_command(given: Said, is_wanted: bool) -> None:  # noqa: FBT001
    assert bool(commands_in(comments(given))) is is_wanted
    assert bool(choose(comments(given), Known(unanswered={1}), NOW)) is is_wanted


def test_a_comment_that_was_answered_is_left_alone() -> None:
    news = comments(said("/hold", id=1), said("/hold cancel", id=2))

    found = choose(news, Known(unanswered={2}), NOW)

    assert [each.key for each in found] == ["sweep:comment:2"]
    assert said_json.validate_json(found[0].body) == news.comments[1]


def test_commands_go_first_then_pull_requests_then_what_is_overdue_then_the_rest() -> None:
    news = News(
        issues=(
            numbered(1),
            numbered(2, age=2 * DAY),
            numbered(3, age=3 * DAY, is_open=False),
            numbered(4, age=2 * HOUR),
        ),
        pulls=(pull(5),),
        comments=(said("/hold", id=9, number=6),),
    )

    assert order(news, Known(unanswered={9})) == [
        (Lane.COMMAND, 6),
        (Lane.PULL_REQUEST, 5),
        (Lane.ISSUE, 2),
        (Lane.SWEEP, 4),
        (Lane.SWEEP, 1),
        (Lane.SWEEP, 3),
    ]


def test_a_known_deadline_counts_for_more_than_the_age() -> None:
    news = News(issues=(numbered(1, age=3 * DAY), numbered(2), numbered(3)))
    known = Known(due={1: NOW + DAY, 2: NOW - HOUR, 3: NOW - 2 * HOUR})

    assert order(news, known) == [(Lane.ISSUE, 3), (Lane.ISSUE, 2), (Lane.SWEEP, 1)]


def test_what_was_judged_in_this_state_or_a_newer_one_is_left_alone() -> None:
    news = News(issues=(numbered(1), numbered(2), numbered(3)), pulls=(pull(4), pull(5)))
    known = Known(seen={1: NOW - HOUR, 2: NOW, 3: NOW - 2 * HOUR, 4: NOW - HOUR})

    assert order(news, known) == [(Lane.PULL_REQUEST, 5), (Lane.SWEEP, 3)]


def test_two_states_of_one_second_are_two_deliveries_and_the_same_state_is_one() -> None:
    one, other = numbered(1), replace(numbered(1), title="[Docs] another title")

    keys = [choose(News(issues=(each,)), Known(), NOW)[0].key for each in (one, other, one)]

    assert keys[0] == keys[2] != keys[1]


def test_another_head_of_the_same_second_is_another_delivery() -> None:
    keys = {choose(News(pulls=(pull(1, head=head * 40),)), Known(), NOW)[0].key for head in "ab"}

    assert len(keys) == 2


def test_what_was_found_comes_out_of_the_inbox_as_it_went_in() -> None:
    news = News(issues=(numbered(1),), pulls=(pull(2),))

    found = {each.subject.number: each.body for each in choose(news, Known(), NOW)}

    assert issue_json.validate_json(found[1]) == news.issues[0]
    assert pull_json.validate_json(found[2]) == news.pulls[0]


AGES = st.lists(st.integers(0, 200), max_size=30, unique=True)


@given(AGES, st.randoms())
def test_the_order_is_by_deadline_however_the_list_comes(ages: Iterable[int], dice: object) -> None:  # noqa: ARG001
    issues = [numbered(age + 1, age=timedelta(hours=age)) for age in ages]

    chosen = [each.subject.number for each in choose(News(issues=tuple(issues)), Known(), NOW)]

    assert chosen == sorted((each.subject.number for each in issues), reverse=True)
