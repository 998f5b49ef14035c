"""How the verdicts of the gates come together: one check for all, one for each, and one comment."""

import itertools

import pytest

from bot.gating.together import CHECK, RETEST, Sibling, Together, conclusion, worst
from bot.model.effects import CheckRun
from bot.model.outcomes import Outcome
from bot.model.subjects import Subject
from bot.model.verdicts import Message, Verdict
from bot.render import Words

SEVEN, SHA = Subject(1296269, 7), "a" * 40
WORDS = Words()
GREEN = {Outcome.PASS, Outcome.NOT_APPLICABLE}


def verdict(gate: str, outcome: Outcome, *, message: Message | None = None) -> Verdict:
    """Return a gate's verdict with its check."""
    check = CheckRun(SEVEN, SHA, f"reeve / {gate}", conclusion(outcome), f"{gate}: {outcome}", "why")
    return Verdict(gate, "rule", outcome, message, (check,))


def together(coverage: Outcome, benchmark: Outcome, *siblings: Sibling, **more: object) -> Together:
    """Return both gates with these outcomes."""
    verdicts = (verdict("coverage", coverage), verdict("benchmark", benchmark))
    return Together(SEVEN, SHA, verdicts, "en", siblings, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("outcomes", list(itertools.product(Outcome, repeat=2)))
def test_the_one_check_is_green_only_where_every_gate_is(outcomes: tuple[Outcome, Outcome]) -> None:
    *gates, whole = together(*outcomes).checks(WORDS)

    assert whole.name == CHECK
    assert (whole.conclusion == "success") is (set(outcomes) <= GREEN)
    assert [each.conclusion for each in gates] == [conclusion(each) for each in outcomes]
    assert all(each.conclusion not in {"neutral", "skipped"} for each in (*gates, whole))


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([Outcome.PASS, Outcome.PENDING], Outcome.PENDING),
        ([Outcome.PENDING, Outcome.ACTION_REQUIRED], Outcome.ACTION_REQUIRED),
        ([Outcome.ACTION_REQUIRED, Outcome.FAIL], Outcome.FAIL),
        ([Outcome.UNKNOWN, Outcome.PASS], Outcome.UNKNOWN),
        ([], Outcome.NOT_APPLICABLE),
    ],
)
def test_the_worst_outcome_counts(outcomes: list[Outcome], expected: Outcome) -> None:
    assert worst(outcomes) is expected


def test_what_is_not_known_is_never_a_success() -> None:
    assert conclusion(Outcome.UNKNOWN) == conclusion(Outcome.ACTION_REQUIRED) == "action_required"
    assert conclusion(Outcome.PENDING) is None


def test_a_sibling_that_is_blocked_blocks_the_check_that_both_share_and_is_named() -> None:
    blocked = Sibling(8, {"coverage": Outcome.PASS, "benchmark": Outcome.FAIL})

    coverage, benchmark, whole = together(Outcome.PASS, Outcome.PASS, blocked).checks(WORDS)

    assert (coverage.conclusion, benchmark.conclusion, whole.conclusion) == ("success", "failure", "failure")
    assert benchmark.title == "The same head is blocked in `#8`"
    assert benchmark.summary.endswith("why")
    assert whole.title == "Blocked by `#8`, which has the same head"
    assert {each.subject for each in (coverage, benchmark, whole)} == {Subject(SEVEN.repository_id, 0)}


def test_a_sibling_that_was_not_judged_yet_is_waited_for() -> None:
    checks = together(Outcome.PASS, Outcome.PASS, Sibling(8, {})).checks(WORDS)

    assert [each.conclusion for each in checks] == [None, None, None]
    assert checks[-1].title == "Waiting for `#8`"


def test_every_check_has_the_button_and_the_round_and_only_the_one_for_all_is_bound_to_the_head() -> None:
    checks = together(Outcome.PASS, Outcome.FAIL, rounds=3).checks(WORDS)

    assert {(each.round, *(button.name for button in each.buttons)) for each in checks} == {(3, RETEST)}
    assert [each.bound_to for each in checks] == [None, None, 7]
    for button in (button for each in checks for button in each.buttons):
        assert len(button.label) <= 20
        assert len(button.description) <= 40


def test_nothing_is_said_while_there_is_nothing_to_do_and_what_was_said_is_kept_up_to_date() -> None:
    quiet = together(Outcome.PASS, Outcome.PENDING)
    assert quiet.comment(WORDS, has_spoken=False) == ()

    (kept,) = quiet.comment(WORDS, has_spoken=True)
    assert (kept.subject, kept.key, kept.may_exist) == (SEVEN, "status", False)
    (first,) = together(Outcome.FAIL, Outcome.PASS).comment(WORDS, has_spoken=False)
    assert first.body.startswith("### Blocked by coverage")
    assert first.may_exist


def test_a_merge_group_has_checks_and_no_comment() -> None:
    group = together(Outcome.FAIL, Outcome.PASS, is_group=True)

    assert group.comment(WORDS, has_spoken=False) == ()
    assert [each.bound_to for each in group.checks(WORDS)] == [None, None, None]
    assert "merge queue" in group.checks(WORDS)[-1].summary
