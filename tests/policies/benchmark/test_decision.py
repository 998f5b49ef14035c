"""The verdict: every way it can come out, with what there is of evidence."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.benchmark import Benchmark
from bot.config.benchmark import Metric as Setting
from bot.model.decisions import Override
from bot.model.trust import Trust
from bot.model.verdicts import Outcome
from bot.policies.benchmark.decision import BenchmarkVerdict, Level, Reason, decide
from bot.policies.benchmark.evidence import BenchmarkEvidence, Broken, Measurement, Waiting
from bot.policies.benchmark.relevance import Exemption
from tests.policies.benchmark.given import BASE, HEAD, RULES, SUBJECT, evidence, in_turn, measured, samples

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MEASURED = Benchmark(evidence="measured")

TABLE = f"""
| metric | unit | before | after | hardware | command | commit |
|---|---|---|---|---|---|---|
| TTFT | ms | 12 | 11 | H200 | bench.sh | {HEAD[:10]} |
"""


def outcome(given: BenchmarkEvidence, rules: Benchmark = RULES, now: datetime = NOW) -> tuple[Outcome, Reason, Level]:
    """Decide, and return what matters."""
    found = decide(given, rules, now)
    return found.outcome, found.reason, found.level


def override(**change: object) -> Override:
    """Return a maintainer's word for this head."""
    word = Override(SUBJECT, "benchmark", HEAD, "known trade-off", None, "ada")
    return replace(word, **change)  # type: ignore[arg-type]


def few() -> Measurement:
    """Return a report of too few pairs."""
    return measured(samples(in_turn(pairs=5)))


def means(trust: Trust = Trust.REPORTED) -> Measurement:
    """Return a report of means, head no slower."""
    return measured(samples([replace(each, has_samples=False) for each in in_turn()]), trust)


@pytest.mark.parametrize(
    ("body", "measurement", "rules", "expected"),
    [
        ("", None, RULES, (Outcome.ACTION_REQUIRED, Reason.NO_DATA, Level.NONE)),
        ("It is fast.", None, MEASURED, (Outcome.ACTION_REQUIRED, Reason.NO_DATA, Level.NONE)),
        (TABLE, None, RULES, (Outcome.PASS, Reason.CLAIMED, Level.CLAIMED)),
        (TABLE, None, MEASURED, (Outcome.ACTION_REQUIRED, Reason.NOT_MEASURED, Level.CLAIMED)),
        (TABLE.replace("H200", ""), None, RULES, (Outcome.ACTION_REQUIRED, Reason.CLAIM_INCOMPLETE, Level.NONE)),
        (TABLE.replace("| 11", "| fast"), None, RULES, (Outcome.ACTION_REQUIRED, Reason.CLAIM_INCOMPLETE, Level.NONE)),
        (TABLE.replace("aaaa", "cccc"), None, RULES, (Outcome.ACTION_REQUIRED, Reason.CLAIM_STALE, Level.NONE)),
        ("", measured(), RULES, (Outcome.PASS, Reason.WITHIN_MARGIN, Level.MEASURED)),
        ("", measured(), MEASURED, (Outcome.PASS, Reason.WITHIN_MARGIN, Level.MEASURED)),
        (TABLE, measured(samples(in_turn(0.2))), RULES, (Outcome.FAIL, Reason.REGRESSION, Level.MEASURED)),
        (
            TABLE,
            measured(samples(in_turn(0, 5))),
            RULES,
            (Outcome.ACTION_REQUIRED, Reason.INCONCLUSIVE, Level.MEASURED),
        ),
        (TABLE, measured(samples(in_turn()[:-1])), RULES, (Outcome.ACTION_REQUIRED, Reason.INVALID, Level.MEASURED)),
        ("", means(), RULES, (Outcome.PASS, Reason.CLAIMED, Level.CLAIMED)),
        (TABLE, means(), MEASURED, (Outcome.ACTION_REQUIRED, Reason.NOT_MEASURED, Level.CLAIMED)),
        (TABLE, Broken("zip bomb"), RULES, (Outcome.ACTION_REQUIRED, Reason.UNREADABLE, Level.NONE)),
        (TABLE, Waiting(NOW), RULES, (Outcome.PENDING, Reason.MEASURING, Level.NONE)),
    ],
    ids=range(16),
)
def test_the_evidence_decides(
    body: str, measurement: Measurement, rules: Benchmark, expected: tuple[Outcome, Reason, Level]
) -> None:
    assert outcome(evidence(body=body, measurement=measurement), rules) == expected


def test_other_conditions_on_both_sides_block_and_name_the_fields() -> None:
    launches = in_turn()
    launches[0] = replace(launches[0], environment=())
    found = decide(evidence(measurement=measured(samples(launches))), RULES, NOW)
    assert (found.outcome, found.reason) == (Outcome.ACTION_REQUIRED, Reason.NOT_COMPARABLE)
    assert found.comparison
    assert {each.field for each in found.comparison.mismatches} == {"machine", "gpu_count", "driver", "dtype"}


def test_a_report_of_means_from_two_machines_is_no_claim_either() -> None:
    launches = [replace(each, has_samples=False) for each in in_turn()]
    launches[0] = replace(launches[0], environment=())
    given = evidence(measurement=measured(samples(launches)))
    assert outcome(given) == (Outcome.ACTION_REQUIRED, Reason.NOT_COMPARABLE, Level.CLAIMED)


@pytest.mark.parametrize(
    ("changed", "exemption"),
    [(("docs/a.md",), Exemption.DOCS), (("tests/a.py",), Exemption.TESTS), (("ci.yml",), Exemption.NO_SOURCE)],
)
def test_a_change_without_source_passes_with_the_reason(changed: tuple[str, ...], exemption: Exemption) -> None:
    found = decide(evidence(changed=changed, measurement=measured(samples(in_turn(0.5)))), MEASURED, NOW)
    assert (found.outcome, found.reason, found.exemption) == (Outcome.PASS, Reason.EXEMPT, exemption)


def test_a_change_that_nobody_can_list_is_held_to_evidence() -> None:
    assert outcome(evidence(changed=None)) == (Outcome.ACTION_REQUIRED, Reason.NO_DATA, Level.NONE)


def test_a_repository_may_ask_for_nothing() -> None:
    found = outcome(evidence(), Benchmark(evidence="none"))
    assert found == (Outcome.NOT_APPLICABLE, Reason.OFF, Level.NONE)


def test_a_claim_for_the_tested_merge_is_current_too() -> None:
    merge = "d" * 40
    body = TABLE.replace(HEAD[:10], merge[:10])
    assert outcome(evidence(body=body))[1] is Reason.CLAIM_STALE
    assert outcome(evidence(body=body, heads=frozenset({merge})))[1] is Reason.CLAIMED


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        (Setting(name="TTFT", better="lower"), Reason.CLAIM_SLOWER),
        (Setting(name="TTFT", better="lower", margin=Decimal(60)), Reason.CLAIMED),
        (Setting(name="TTFT", better="higher"), Reason.CLAIMED),
        (Setting(name="other", better="lower"), Reason.CLAIMED),
    ],
)
def test_a_claim_that_admits_to_be_slower_is_no_pass_where_the_policy_states_the_direction(
    setting: Setting, reason: Reason
) -> None:
    body = TABLE.replace("| 11 ", "| 18 ")
    assert outcome(evidence(body=body), Benchmark(metrics=(setting,)))[1] is reason


def test_means_that_are_slower_are_no_pass() -> None:
    slower = [replace(each, has_samples=False) for each in in_turn(0.2)]
    found = outcome(evidence(measurement=measured(samples(slower))))
    assert found == (Outcome.ACTION_REQUIRED, Reason.CLAIM_SLOWER, Level.CLAIMED)


@pytest.mark.parametrize(
    ("waited", "expected"),
    [(timedelta(hours=5, minutes=59), Reason.MEASURING), (timedelta(hours=6), Reason.TOO_LATE)],
)
def test_a_measurement_that_does_not_end_blocks_after_its_time(waited: timedelta, expected: Reason) -> None:
    found = decide(evidence(measurement=Waiting(NOW)), RULES, NOW + waited)
    assert found.reason is expected
    assert found.wake_at == (NOW + timedelta(hours=6) if expected is Reason.MEASURING else None)
    assert found.outcome is not Outcome.PASS


def test_what_was_refused_is_kept_for_people() -> None:
    assert decide(evidence(measurement=Broken("zip bomb")), RULES, NOW).trouble == "zip bomb"


@pytest.mark.parametrize(
    ("trust", "acknowledged_by", "reason"),
    [
        (Trust.REPORTED, None, Reason.PROTECTED),
        (Trust.LOCAL, None, Reason.PROTECTED),
        (Trust.REPORTED, "ada", Reason.WITHIN_MARGIN),
        (Trust.RECOMPUTED, None, Reason.WITHIN_MARGIN),
        (Trust.TRUSTED, None, Reason.WITHIN_MARGIN),
    ],
)
def test_a_change_that_could_bend_its_own_measurement_needs_a_maintainer(
    trust: Trust, acknowledged_by: str | None, reason: Reason
) -> None:
    given = evidence(measurement=measured(trust=trust), acknowledged_by=acknowledged_by)
    for changed in (("src/engine.py", "benchmarks/run.py"), ("src/engine.py", ".github/workflows/ci.yml"), None):
        assert outcome(replace(given, changed=changed))[1] is reason


def test_a_regression_is_one_even_if_the_harness_was_changed() -> None:
    given = evidence(measurement=measured(samples(in_turn(0.2))), changed=("benchmarks/run.py",))
    assert outcome(given)[1] is Reason.REGRESSION


def test_what_is_protected_is_for_the_policy_to_say() -> None:
    given = evidence(measurement=measured(), changed=("src/engine.py", "benchmarks/run.py"))
    assert decide(given, RULES, NOW).protected == ("benchmarks/run.py",)
    assert outcome(given, Benchmark(protected=()))[1] is Reason.WITHIN_MARGIN
    assert outcome(given, Benchmark(protected=("src/**",)))[1] is Reason.PROTECTED


def test_who_has_looked_into_the_changes_knows_better_than_the_patterns() -> None:
    given = evidence(measurement=measured(), changed=("benchmarks/run.py",))
    assert outcome(replace(given, protected=()))[1] is Reason.WITHIN_MARGIN
    assert outcome(replace(given, changed=("a.py",), protected=("a.py",)))[1] is Reason.PROTECTED


@pytest.mark.parametrize("trust", [Trust.LOCAL, Trust.REPORTED])
def test_a_release_takes_no_numbers_that_a_pull_request_reports(trust: Trust) -> None:
    given = evidence(measurement=measured(trust=trust), is_release=True)
    assert outcome(given) == (Outcome.ACTION_REQUIRED, Reason.NOT_TRUSTED, Level.MEASURED)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"body": TABLE}, (Outcome.ACTION_REQUIRED, Reason.NOT_MEASURED, Level.CLAIMED)),
        ({}, (Outcome.ACTION_REQUIRED, Reason.NOT_MEASURED, Level.NONE)),
        ({"changed": ("README.md",)}, (Outcome.ACTION_REQUIRED, Reason.NOT_MEASURED, Level.NONE)),
        ({"measurement": means(Trust.TRUSTED)}, (Outcome.ACTION_REQUIRED, Reason.INVALID, Level.MEASURED)),
        ({"measurement": measured(trust=Trust.TRUSTED)}, (Outcome.PASS, Reason.WITHIN_MARGIN, Level.MEASURED)),
    ],
)
@pytest.mark.parametrize("rules", [RULES, MEASURED, Benchmark(evidence="none")])
def test_a_release_accepts_only_what_was_measured_whatever_the_policy_says_of_pull_requests(
    change: dict[str, object], expected: tuple[Outcome, Reason, Level], rules: Benchmark
) -> None:
    assert outcome(evidence(is_release=True, **change), rules) == expected


@pytest.mark.parametrize(
    ("word", "is_heard"),
    [
        (override(), True),
        (override(until=date(2026, 11, 24)), True),
        (override(until=date(2026, 11, 23)), False),
        (override(head_sha=BASE), False),
        (override(head_sha=None), False),
    ],
)
@pytest.mark.parametrize(
    "measurement", [None, measured(samples(in_turn(0.2))), Broken("x"), Waiting(NOW)], ids=range(4)
)
def test_an_override_is_for_this_head_and_until_its_day(
    word: Override, measurement: Measurement, *, is_heard: bool
) -> None:
    found = decide(evidence(measurement=measurement, override=word), RULES, NOW)
    assert (found.reason is Reason.OVERRIDDEN, found.outcome is Outcome.PASS) == (is_heard, is_heard)
    assert found.override == (word if is_heard else None)
    assert found.wake_at is None or not is_heard


def test_an_override_changes_nothing_where_all_is_in_order_and_nothing_for_a_release() -> None:
    assert outcome(evidence(measurement=measured(), override=override()))[1] is Reason.WITHIN_MARGIN
    assert outcome(evidence(override=override(), is_release=True))[1] is Reason.NOT_MEASURED


_measurements = st.sampled_from(
    [None, Broken("x"), Waiting(NOW), Waiting(NOW - timedelta(days=1)), means()]
    + [measured(samples(in_turn(slow, pairs)), trust) for slow in (0, 0.2) for pairs in (3, 6, 12) for trust in Trust]
)


@given(
    _measurements,
    st.sampled_from(["", TABLE, TABLE.replace("H200", ""), TABLE.replace("aaaa", "cccc")]),
    st.sampled_from([None, (), ("a.py",), ("README.md",)]),
    st.sampled_from(["claimed", "measured"]),
    st.booleans(),
)
def test_nothing_passes_without_a_claim_a_measurement_or_an_exemption(
    measurement: Measurement,
    body: str,
    changed: tuple[str, ...] | None,
    level: str,
    is_release: bool,  # noqa: FBT001
) -> None:
    given = evidence(measurement=measurement, body=body, changed=changed, is_release=is_release)
    found: BenchmarkVerdict = decide(given, Benchmark(evidence=level), NOW)  # type: ignore[arg-type]
    if found.outcome is Outcome.PASS:
        assert found.reason in {Reason.EXEMPT, Reason.CLAIMED, Reason.WITHIN_MARGIN}
        assert found.reason is Reason.WITHIN_MARGIN or not is_release
        assert found.reason is not Reason.CLAIMED or level == "claimed"
