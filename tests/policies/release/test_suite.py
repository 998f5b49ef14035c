"""A release gate's conclusion is worked out from raw numbers, and what is not known never passes."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policies.release.suite import Outcome, conclude, differences, needs_more
from bot.reports.tensor_parallel import Case, Ceiling, Counts, Document, Error, Gpu
from tests.policies.release.documents import (
    BASE,
    COUNTS,
    HEAD,
    QUIET,
    QUIET_TOO,
    case,
    document,
    expectation,
    launches,
    side,
)

SLOWER = tuple(each * 1.12 for each in QUIET_TOO)
NOISY = (10.0, 14.0, 8.0, 12.0, 9.0, 11.0)


def counts(**changes: Any) -> dict[str, Counts]:
    return {"base": COUNTS, "head": msgspec.structs.replace(COUNTS, **changes)}


@pytest.mark.parametrize("untimed", [{"launches": ()}, {"launches": (), "counts": {}}])
def test_a_result_that_proves_a_case_and_never_times_it_does_not_pass(untimed: dict[str, Any]) -> None:
    proof = case(dtype="float64", world=4, **untimed)
    only_proven = conclude(document(proof), expectation(required=frozenset({"mlp"})))
    timed_too = conclude(document(proof, case()), expectation(required=frozenset({"mlp"})))

    assert (only_proven.outcome, only_proven.findings[0].reason) == (Outcome.INFRASTRUCTURE, "never timed")
    assert timed_too.outcome is Outcome.PASS


def test_the_same_speed_counts_and_results_pass() -> None:
    conclusion = conclude(document(), expectation(required=frozenset({"mlp"})))

    assert conclusion.outcome is Outcome.PASS
    assert conclusion.findings == ()
    assert conclusion.judgements["mlp/tiny/float32/2/step"].ratio == pytest.approx(1.0, abs=0.01)


CASES: list[tuple[str, Case, Outcome, str]] = [
    ("a slowdown of 12 %", case(launches=launches(QUIET, SLOWER)), Outcome.REGRESS, "slower"),
    ("noise that hides everything", case(launches=launches(QUIET, NOISY)), Outcome.INCONCLUSIVE, "not clear"),
    (
        "one more all-reduce",
        case(counts=counts(collectives={"all_reduce": (3, 8192)})),
        Outcome.REGRESS,
        "all_reduce calls: 2 -> 3",
    ),
    (
        "more bytes sent",
        case(counts=counts(collectives={"all_reduce": (2, 9000)})),
        Outcome.REGRESS,
        "all_reduce bytes: 8192 -> 9000",
    ),
    (
        "a new kind of collective",
        case(counts=counts(collectives={"all_reduce": (2, 8192), "all_gather": (1, 8)})),
        Outcome.REGRESS,
        "all_gather calls: 0 -> 1",
    ),
    ("more operations", case(counts=counts(operations=21)), Outcome.REGRESS, "operations: 20 -> 21"),
    ("more floating-point operations", case(counts=counts(flops=1001)), Outcome.REGRESS, "flops: 1000 -> 1001"),
    (
        "more kept for the backward pass",
        case(counts=counts(saved_bytes=5000)),
        Outcome.REGRESS,
        "saved bytes: 4096 -> 5000",
    ),
    ("no counts", case(counts={}), Outcome.INFRASTRUCTURE, "counts are missing"),
    (
        "more peak memory",
        case(peak_memory={"base": 2**30, "head": 2**31}),
        Outcome.REGRESS,
        f"peak memory: {2**30} -> {2**31} bytes",
    ),
    (
        "an error over its limit",
        case(correctness=(Error(quantity="dx", error=3e-7, limit=2e-7),)),
        Outcome.INCORRECT,
        "dx: 3e-07, limit 2e-07",
    ),
    (
        "an error that is no number",
        case(correctness=(Error(quantity="dx", error=None, limit=2e-7),)),
        Outcome.INCORRECT,
        "dx: not a number, limit 2e-07",
    ),
    (
        "a limit that lets anything through",
        case(correctness=(Error(quantity="y", error=9.0, limit=1e9),)),
        Outcome.INCORRECT,
        "y: the limit 1e+09 proves nothing",
    ),
    (
        "an error below nothing",
        case(correctness=(Error(quantity="y", error=-1.0, limit=2e-7),)),
        Outcome.INCORRECT,
        "y: -1, limit 2e-07",
    ),
    ("a case that was not checked", case(correctness=()), Outcome.INCORRECT, "not checked"),
    ("a wrong case", case(status="incorrect", launches=(), reason="y"), Outcome.INCORRECT, "y"),
    ("a skipped case", case(status="skipped", launches=(), reason="no fp8"), Outcome.INFRASTRUCTURE, "skipped: no fp8"),
    ("a failed case", case(status="error", launches=(), reason="hang"), Outcome.INFRASTRUCTURE, "error: hang"),
    (
        "a throttled case",
        case(status="unstable", launches=(), reason="throttled"),
        Outcome.NOT_COMPARABLE,
        "unstable: throttled",
    ),
    (
        "launches that do not pair up",
        case(launches=launches(QUIET, QUIET_TOO)[:-1]),
        Outcome.NOT_COMPARABLE,
        "launches do not pair up",
    ),
    ("two pairs only", case(launches=launches(QUIET[:2], QUIET_TOO[:2])), Outcome.INCONCLUSIVE, "not clear"),
]


@pytest.mark.parametrize(("name", "found", "outcome", "reason"), CASES, ids=[each[0] for each in CASES])
def test_a_case_blocks_and_says_why(name: str, found: Case, outcome: Outcome, reason: str) -> None:  # noqa: ARG001
    conclusion = conclude(document(found), expectation())

    assert conclusion.outcome is outcome
    assert reason in [each.reason for each in conclusion.findings if each.outcome is outcome]


def peak(start: float, end: float) -> Ceiling:
    return Ceiling(name="gemm/bfloat16", unit="TFLOP/s", start=start, end=end)


def test_what_a_machine_can_do_may_vary_by_a_percent_and_on_cpus_by_anything() -> None:
    steady, drifting = (
        document(ceilings=(peak(100.0, 101.0),)),
        document(ceilings=(peak(100.0, 50.0),), profile="smoke"),
    )

    assert conclude(steady, expectation()).outcome is Outcome.PASS
    assert conclude(drifting, expectation(profile="smoke")).outcome is Outcome.PASS


RUNS: list[tuple[str, Document, str]] = [
    ("another nonce", document(nonce="other"), "nonce"),
    ("another profile", document(profile="smoke"), "profile"),
    ("another head", document(sides={"base": side(BASE), "head": side("c" * 40)}), "head commit"),
    ("another base", document(sides={"base": side("c" * 40), "head": side(HEAD)}), "base commit"),
    ("no base", document(sides={"head": side(HEAD)}), "no base"),
    ("a slower clock in the end", document(ceilings=(peak(100.0, 96.0),)), "ceilings.gemm/bfloat16: 100 -> 96 TFLOP/s"),
    ("another driver", document(sides={"base": side(BASE, driver="550"), "head": side(HEAD)}), "environment.driver"),
]


@pytest.mark.parametrize(("name", "found", "reason"), RUNS, ids=[each[0] for each in RUNS])
def test_a_result_of_another_run_is_not_comparable_and_names_the_field(name: str, found: Document, reason: str) -> None:  # noqa: ARG001
    conclusion = conclude(found, expectation())

    assert conclusion.outcome is Outcome.NOT_COMPARABLE
    assert reason in [each.reason for each in conclusion.findings]


def test_a_tree_with_other_changes_is_not_comparable() -> None:
    dirty = msgspec.structs.replace(side(HEAD), is_dirty=True)

    conclusion = conclude(document(sides={"base": side(BASE), "head": dirty}), expectation())

    assert conclusion.outcome is Outcome.NOT_COMPARABLE


def test_a_missing_case_blocks() -> None:
    conclusion = conclude(document(), expectation(required=frozenset({"mlp", "layer"})))

    assert conclusion.outcome is Outcome.INFRASTRUCTURE
    assert [(each.case, each.reason) for each in conclusion.findings] == [("layer", "missing")]


def test_a_case_may_be_skipped_where_the_release_allows_it() -> None:
    skipped = case("fp8", status="skipped", launches=(), reason="no fp8")

    assert conclude(document(skipped), expectation(may_skip=frozenset({"fp8"}))).outcome is Outcome.PASS


def test_a_waived_case_no_longer_decides_but_is_still_shown() -> None:
    slow = case(launches=launches(QUIET, SLOWER))

    conclusion = conclude(document(slow), expectation(waived=frozenset({slow.id})))

    assert conclusion.outcome is Outcome.PASS
    assert [each.outcome for each in conclusion.findings] == [Outcome.REGRESS]


def test_a_margin_of_its_own_lets_a_case_be_slower() -> None:
    slow = case(launches=launches(QUIET, tuple(each * 1.008 for each in QUIET)))

    assert conclude(document(slow), expectation(margins={"mlp": 0.001})).outcome is not Outcome.PASS
    assert conclude(document(slow), expectation(margins={"mlp": 0.2})).outcome is Outcome.PASS


def test_on_a_cpu_only_a_clear_slowdown_counts() -> None:
    noisy = document(case(launches=launches(QUIET, (10.0, 30.0, 4.0, 25.0, 5.0, 20.0))), profile="smoke")
    scattered = (5.0, 20.0, 9.0, 30.0, 7.0, 14.0)
    all_slower = document(case(launches=launches(scattered, tuple(each * 1.9 for each in scattered))), profile="smoke")
    twice = document(case(launches=launches(QUIET, tuple(each * 2 for each in QUIET_TOO))), profile="smoke")

    assert conclude(noisy, expectation(profile="smoke")).outcome is Outcome.PASS
    assert conclude(noisy, expectation(profile="smoke")).findings[0].outcome is Outcome.INCONCLUSIVE
    assert conclude(twice, expectation(profile="smoke")).outcome is Outcome.REGRESS
    assert conclude(all_slower, expectation(profile="smoke")).outcome is Outcome.PASS
    assert conclude(all_slower, expectation(profile="smoke")).findings[0].outcome is Outcome.INCONCLUSIVE


def test_the_worst_finding_decides() -> None:
    slow = case("layer", launches=launches(QUIET, SLOWER))
    wrong = case("mlp", correctness=(Error(quantity="y", error=1.0, limit=1e-7),))

    assert conclude(document(slow, wrong), expectation()).outcome is Outcome.INCORRECT


def test_what_is_not_clear_asks_for_more_pairs() -> None:
    assert list(needs_more(document(case(launches=launches(QUIET, NOISY))), expectation())) == [12]
    assert list(needs_more(document(), expectation())) == []
    assert list(needs_more(document(case(launches=())), expectation())) == []


FIELDS = sorted(side(HEAD).environment.__struct_fields__)


@pytest.mark.parametrize("field", FIELDS)
def test_a_difference_in_any_field_of_the_environment_is_named(field: str) -> None:
    value = getattr(side(HEAD).environment, field)
    changed = {int: 7, str: "other", tuple: (), dict: {"NCCL_ALGO": "Ring"}}[type(value)]
    if value == changed:
        changed = (Gpu(name="H100", uuid="u", memory=1, capability="9.0"),)

    assert differences(side(HEAD), side(HEAD, **{field: changed})) == (field,)


@given(st.lists(st.floats(1, 100), min_size=0, max_size=25), st.floats(1, 3))
def test_no_result_that_is_much_slower_ever_passes(base: list[float], factor: float) -> None:
    slow = case(launches=launches(base, [each * 1.2 * factor for each in base])) if base else case(launches=())

    conclusion = conclude(document(slow), expectation())

    assert base == [] or conclusion.outcome is not Outcome.PASS
