"""A release goes on one step at a time, and everything about another commit is void."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.release import Release
from bot.model.roles import Role
from bot.policies.release.suite import Outcome
from bot.policies.release.train import (
    Approval,
    Blocking,
    Check,
    Decision,
    Facts,
    Measured,
    Next,
    Obstacle,
    Waiting,
    decide,
    standing,
)
from bot.policies.release.versions import Step, Version

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
SHA, MOVED = "a" * 40, "b" * 40
RULES = Release()


def approval(user_id: int, **changes: Any) -> Approval:
    return replace(Approval(user_id, f"user{user_id}", Role.MAINTAIN, SHA), **changes)


READY = Facts(
    step=Step.MINOR,
    version=Version(1, 3, 0),
    last=Version(1, 2, 3),
    sha=SHA,
    due=NOW - timedelta(hours=12),
    checks=(Check("ci", is_green=True),),
    measured=Measured(SHA, Outcome.PASS),
    approvals=(approval(1), approval(2)),
)

STEPS: list[tuple[str, dict[str, Any], Decision]] = [
    ("nothing measured yet", {"measured": None}, Decision(Next.DISPATCH)),
    ("measured for another commit", {"measured": Measured(MOVED, Outcome.PASS)}, Decision(Next.DISPATCH)),
    (
        "asked the runners",
        {"measured": None, "waiting": Waiting(SHA, NOW - timedelta(hours=1))},
        Decision(Next.AWAIT_RESULT, wake_at=NOW + timedelta(hours=5)),
    ),
    ("asked about another commit", {"measured": None, "waiting": Waiting(MOVED, NOW)}, Decision(Next.DISPATCH)),
    (
        "the runners never answer",
        {"measured": None, "waiting": Waiting(SHA, NOW - timedelta(hours=6))},
        Decision(Next.REMOVE_OBSTACLES, (Blocking(Obstacle.NO_ANSWER),)),
    ),
    ("unclear for the first time", {"measured": Measured(SHA, Outcome.INCONCLUSIVE)}, Decision(Next.EXTEND)),
    (
        "unclear again",
        {"measured": Measured(SHA, Outcome.INCONCLUSIVE, extensions=1)},
        Decision(Next.REMOVE_OBSTACLES, (Blocking(Obstacle.EVIDENCE, detail="inconclusive"),)),
    ),
    (
        "slower",
        {"measured": Measured(SHA, Outcome.REGRESS)},
        Decision(Next.REMOVE_OBSTACLES, (Blocking(Obstacle.EVIDENCE, detail="regress"),)),
    ),
    ("one approval", {"approvals": (approval(1),)}, Decision(Next.AWAIT_APPROVAL, missing_approvals=1)),
    (
        "the same person twice",
        {"approvals": (approval(1), approval(1))},
        Decision(Next.AWAIT_APPROVAL, missing_approvals=1),
    ),
    (
        "approvals of another commit",
        {"approvals": (approval(1, sha=MOVED), approval(2, sha=MOVED))},
        Decision(Next.AWAIT_APPROVAL, missing_approvals=2),
    ),
    (
        "a bot's approval",
        {"approvals": (approval(1), approval(2, is_bot=True))},
        Decision(Next.AWAIT_APPROVAL, missing_approvals=1),
    ),
    (
        "an outsider's approval",
        {"approvals": (approval(1), approval(2, role=Role.WRITE))},
        Decision(Next.AWAIT_APPROVAL, missing_approvals=1),
    ),
    (
        "an approval by nobody knows whom",
        {"approvals": (approval(1), approval(2, role=None))},
        Decision(Next.AWAIT_APPROVAL, missing_approvals=1),
    ),
    ("everything there", {}, Decision(Next.CREATE_TAG)),
    ("tagged", {"tag_sha": SHA}, Decision(Next.CREATE_RELEASE)),
    ("tagged and released", {"tag_sha": SHA, "has_release": True}, Decision(Next.CLOSE_ISSUE)),
    ("closed", {"is_closed": True}, Decision(Next.NOTHING)),
    ("cancelled", {"is_cancelled": True}, Decision(Next.NOTHING)),
]


@pytest.mark.parametrize(("name", "changes", "decision"), STEPS, ids=[each[0] for each in STEPS])
def test_a_release_needs_one_thing_next(name: str, changes: dict[str, Any], decision: Decision) -> None:  # noqa: ARG001
    assert decide(replace(READY, **changes), RULES, NOW) == decision


OBSTACLES: list[tuple[dict[str, Any], Blocking]] = [
    ({"version": Version(1, 4, 0)}, Blocking(Obstacle.WRONG_STEP, detail="v1.3.0")),
    ({"tag_sha": MOVED}, Blocking(Obstacle.TAG_ELSEWHERE, detail=MOVED)),
    ({"due": NOW + timedelta(days=1)}, Blocking(Obstacle.NOT_DUE)),
    ({"blockers": (7,)}, Blocking(Obstacle.BLOCKER_ISSUE, 7)),
    ({"late_bugs": (8,)}, Blocking(Obstacle.LATE_BUG, 8)),
    ({"architecture_pulls": (9,)}, Blocking(Obstacle.WRONG_PULL, 9)),
    ({"checks": (Check("ci", is_green=False),)}, Blocking(Obstacle.RED_CHECK, detail="ci")),
    ({"checks": (Check("ci", None),)}, Blocking(Obstacle.UNKNOWN_CHECK, detail="ci")),
    ({"checks": ()}, Blocking(Obstacle.UNKNOWN_CHECK)),
]


@pytest.mark.parametrize(("changes", "blocking"), OBSTACLES, ids=[each[1].obstacle for each in OBSTACLES])
def test_what_is_in_the_way_is_named(changes: dict[str, Any], blocking: Blocking) -> None:
    decision = decide(replace(READY, **changes), RULES, NOW)

    assert decision.next is Next.REMOVE_OBSTACLES
    assert decision.blocking == (blocking,)


def test_an_early_release_is_looked_at_again_when_it_is_due() -> None:
    due = NOW + timedelta(days=3)

    assert decide(replace(READY, due=due), RULES, NOW).wake_at == due


def test_changes_of_the_architecture_belong_in_a_major_release() -> None:
    major = replace(READY, step=Step.MAJOR, version=Version(2, 0, 0), architecture_pulls=(9,))

    assert decide(major, RULES, NOW).next is Next.CREATE_TAG


def test_a_patch_has_no_due_day() -> None:
    patch = replace(READY, step=Step.PATCH, version=Version(1, 2, 4), due=None)

    assert decide(patch, RULES, NOW).next is Next.CREATE_TAG


@given(
    st.sampled_from(Outcome),
    st.lists(st.builds(approval, st.integers(1, 4), sha=st.sampled_from([SHA, MOVED])), max_size=6),
)
def test_no_tag_without_a_pass_and_enough_approvals_of_the_very_commit(outcome: Outcome, given: list[Approval]) -> None:
    facts = replace(READY, measured=Measured(SHA, outcome, 1), approvals=tuple(given))

    may_go = decide(facts, RULES, NOW).next is Next.CREATE_TAG

    assert may_go == (outcome is Outcome.PASS and len(standing(given, SHA)) >= 2)


@given(st.sampled_from(STEPS))
def test_a_moved_candidate_never_gets_a_tag_from_old_evidence(step: tuple[str, dict[str, Any], Decision]) -> None:
    facts = replace(READY, **step[1], sha="c" * 40)

    assert decide(facts, RULES, NOW).next not in {Next.CREATE_TAG, Next.CREATE_RELEASE, Next.CLOSE_ISSUE}
