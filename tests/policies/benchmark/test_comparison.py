"""What a report of two builds says, and each single condition under which it says nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.benchmark import Benchmark
from bot.config.benchmark import Metric as Setting
from bot.model.samples import Direction, Metric, Reading, Side
from bot.policies.benchmark.comparison import compare
from bot.policies.benchmark.conditions import Caution, Expected, Fault, Found, Mismatch
from bot.policies.benchmark.rule import Call, Ground
from tests.policies.benchmark.given import BASE, HEAD, MACHINE, RULES, TIME, changed, in_turn, launch, samples

EXPECTED = Expected(frozenset({HEAD}), frozenset({BASE}))
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("slowdown", "pairs", "noise", "call", "more"),
    [
        (0.0, 6, 1, Call.PASS, None),
        (-0.3, 12, 1, Call.PASS, None),
        (0.2, 6, 1, Call.REGRESS, None),
        (0.0, 6, 12, Call.INCONCLUSIVE, 12),
        (0.0, 5, 1, Call.INCONCLUSIVE, 6),
        (0.03, 24, 7, Call.INCONCLUSIVE, None),
    ],
)
def test_a_report_passes_regresses_or_needs_more(
    slowdown: float, pairs: int, noise: float, call: Call, more: int | None
) -> None:
    found = compare(samples(in_turn(slowdown, pairs, noise)), RULES, EXPECTED)
    assert (found.call, found.more) == (call, more)
    assert found.metrics[0].judgement.pairs == pairs
    assert (found.base, found.head) == (BASE, HEAD)
    assert (found.faults, found.mismatches) == ((), ())


def test_who_went_first_makes_no_difference() -> None:
    launches = in_turn(0.03)
    swapped = [each for pair in zip(launches[1::2], launches[::2], strict=True) for each in pair]
    assert compare(samples(swapped), RULES).metrics == compare(samples(launches), RULES).metrics


@pytest.mark.parametrize("field", [*MACHINE, "model"])
@pytest.mark.parametrize("value", ["other", ""])
@pytest.mark.parametrize("at", [1, 4])
def test_a_single_field_that_differs_in_a_single_launch_is_named_and_nothing_is_judged(
    field: str, value: str, at: int
) -> None:
    fields = {**MACHINE, "model": "8b"}
    launches = [launch(each.side, fields, time=each.readings[0].median) for each in in_turn(0.5)]
    odd = {name: each for name, each in fields.items() if name != field} | ({field: value} if value else {})
    launches[at] = launch(launches[at].side, odd, time=10.0)
    found = compare(samples(launches), RULES, EXPECTED)
    assert found.call is Call.NOT_COMPARABLE
    assert [each.field for each in found.mismatches] == [field]
    assert {each.judgement.call for each in found.metrics} == {Call.NOT_COMPARABLE}


def test_a_mismatch_shows_both_sides() -> None:
    launches = [launch(each.side, {"machine": "a" if each.side is Side.BASE else "b"}, time=1.0) for each in in_turn()]
    assert compare(samples(launches), RULES).mismatches == (Mismatch("machine", "a", "b"),)


def test_a_machine_that_nobody_names_may_be_two_unless_one_program_ran_everything() -> None:
    launches = [launch(each.side, {}, time=each.readings[0].median) for each in in_turn()]
    assert compare(samples(launches), RULES).mismatches == (Mismatch("machine", "", ""),)
    assert compare(samples(launches, is_one_run=True), RULES).call is Call.PASS


@pytest.mark.parametrize(
    ("at", "change", "expected"),
    [
        (1, {"has_samples": False}, Found(Fault.NO_SAMPLES)),
        (1, {"side": None, "commit": None}, Found(Fault.SIDE_UNKNOWN)),
        (0, {"is_dirty": True}, Found(Fault.DIRTY, "base")),
        (1, {"is_dirty": True}, Found(Fault.DIRTY, "head")),
        (1, {"failures": 3}, Found(Fault.FAILURES, "head: 3")),
        (1, {"commit": "c" * 40}, Found(Fault.WRONG_COMMIT, "c" * 40)),
        (0, {"commit": "c" * 40}, Found(Fault.WRONG_BASE, "c" * 40)),
        (0, {"side": Side.HEAD}, Found(Fault.NOT_IN_TURN)),
    ],
)
@pytest.mark.parametrize("slowdown", [0.0, 0.5])
def test_one_launch_that_cannot_be_believed_makes_the_report_invalid(
    at: int, change: dict[str, object], expected: Found, slowdown: float
) -> None:
    found = compare(samples(changed(in_turn(slowdown), at, **change)), RULES, EXPECTED)
    assert found.call is Call.INVALID
    assert expected in found.faults
    assert {each.judgement.call for each in found.metrics} == {Call.INVALID}


def test_base_first_and_then_head_is_not_in_turn() -> None:
    launches = sorted(in_turn(pairs=6), key=lambda each: each.side or "")
    assert compare(samples(launches), RULES).faults == (Found(Fault.NOT_IN_TURN),)


def test_launches_whose_times_go_backwards_are_not_in_turn() -> None:
    launches = [replace(each, started_at=NOON + timedelta(minutes=n)) for n, each in enumerate(in_turn())]
    assert compare(samples(launches), RULES).call is Call.PASS
    assert compare(samples(changed(launches, 3, started_at=NOON)), RULES).faults == (Found(Fault.NOT_IN_TURN),)


def test_a_launch_without_a_partner_is_not_cut_off() -> None:
    assert compare(samples(in_turn()[:-1]), RULES).faults == (Found(Fault.UNPAIRED),)


@pytest.mark.parametrize("side", Side)
def test_launches_of_one_side_only_compare_nothing(side: Side) -> None:
    launches = [each for each in in_turn() if each.side is side]
    assert compare(samples(launches), RULES).faults == (Found(Fault.ONE_SIDE, side),)


def test_both_sides_of_one_commit_compare_nothing_where_a_commit_is_asked_for() -> None:
    launches = [replace(each, commit=HEAD) for each in in_turn()]
    assert compare(samples(launches), RULES, Expected(frozenset({HEAD}))).faults == (Found(Fault.SAME_COMMIT, HEAD),)
    assert compare(samples(launches), RULES).cautions == (Caution.SAME_COMMIT,)


def test_the_launches_of_a_side_must_be_of_one_commit() -> None:
    found = compare(samples(changed(in_turn(), 2, commit="c" * 40)), RULES)
    assert found.mismatches == (Mismatch("commit", "", f"{HEAD}, {'c' * 40}"),)


def test_a_commit_may_be_shortened_and_need_not_be_stated() -> None:
    short = [replace(each, commit=each.commit and each.commit[:8]) for each in in_turn()]
    none = [replace(each, commit=None) for each in in_turn()]
    assert compare(samples(short), RULES, EXPECTED).call is Call.PASS
    assert compare(samples(none), RULES, EXPECTED).call is Call.PASS


def test_a_side_that_is_not_named_is_told_by_its_commit() -> None:
    launches = [replace(each, side=None) for each in in_turn(0.3)]
    assert compare(samples(launches), RULES, EXPECTED).call is Call.REGRESS
    assert compare(samples(launches), RULES).faults == (Found(Fault.SIDE_UNKNOWN),)


def test_the_very_numbers_of_base_are_no_measurement_of_head() -> None:
    copied = [launch(each.side, time=10.0 + number // 2) for number, each in enumerate(in_turn())]
    assert compare(samples(copied), RULES).faults == (Found(Fault.COPIED),)


@pytest.mark.parametrize("times", [2, 3])
def test_launches_that_are_given_again_are_no_further_pairs(times: int) -> None:
    """Three pairs decide nothing, and do not become six by being uploaded twice."""
    assert compare(samples(in_turn(pairs=3) * times), RULES).faults == (Found(Fault.REPEATED),)
    assert compare(samples(in_turn(0.3, pairs=6)[:4] * times), RULES).faults == (Found(Fault.REPEATED),)


def test_coarse_numbers_that_happen_to_come_again_are_not_called_repeated() -> None:
    steps = (10.0, 11.0, 10.0, 10.0, 11.0, 10.0, 10.0, 11.0, 10.0, 10.0, 11.0, 10.0)
    assert not compare(samples([launch(e.side, time=t) for e, t in zip(in_turn(), steps, strict=True)]), RULES).faults


def test_a_size_that_is_the_same_in_every_launch_is_no_copy() -> None:
    constant = [launch(each.side, time=4096.0) for each in in_turn()]
    assert compare(samples(constant), RULES).call is Call.PASS
    grown = [launch(each.side, time=4096.0 if each.side is Side.BASE else 4400.0) for each in in_turn()]
    assert compare(samples(grown), RULES).call is Call.REGRESS


@pytest.mark.parametrize(("pairs", "cautions"), [(6, ()), (7, (Caution.ODD,)), (8, ())])
def test_an_odd_number_of_pairs_is_judged_and_said(pairs: int, cautions: tuple[Caution, ...]) -> None:
    found = compare(samples(in_turn(pairs=pairs)), RULES)
    assert (found.call, found.cautions) == (Call.PASS, cautions)


def test_an_order_that_does_not_alternate_is_judged_and_said() -> None:
    launches = in_turn()
    same = [each for pair in zip(launches[::2], launches[1::2], strict=True) for each in sorted(pair, key=str)]
    assert compare(samples(same), RULES).cautions == (Caution.ORDER,)


RATE = Metric("rate", "tok/s", Direction.HIGHER)
EXTRA = Metric("extra", "", None, is_primary=False)


def two(slow: float = 0.0, pairs: int = 6) -> list[object]:
    """Return launches with a time, a rate and a counter, the rate lower by this."""
    found: list[object] = []
    for number, each in enumerate(in_turn(pairs=pairs)):
        rate = (100.0 + number) * (1 - slow if each.side is Side.HEAD else 1)
        more = (Reading("rate", rate, 1), Reading("extra", 3.0 + number, 1))
        found.append(replace(each, readings=(*each.readings, *more)))
    return found


def calls(rules: Benchmark, slow: float = 0.0) -> dict[str, Call]:
    """Compare and return what is said of each metric."""
    found = compare(samples(two(slow), TIME, RATE, EXTRA), rules)  # type: ignore[arg-type]
    return {each.metric.name: each.judgement.call for each in found.metrics} | {"": found.call}


def test_without_settings_every_primary_metric_must_pass() -> None:
    assert calls(RULES) == {"time": Call.PASS, "rate": Call.PASS, "": Call.PASS}
    assert calls(RULES, 0.3) == {"time": Call.PASS, "rate": Call.REGRESS, "": Call.REGRESS}


def test_where_metrics_are_listed_only_those_count() -> None:
    rules = Benchmark(
        metrics=(Setting(name="time", better="lower"), Setting(name="extra", better="lower", required=False))
    )
    assert calls(rules, 0.3) == {"time": Call.PASS, "extra": Call.INCONCLUSIVE, "": Call.PASS}


def test_a_metric_that_is_not_required_holds_nothing_up() -> None:
    rules = Benchmark(
        metrics=(Setting(name="time", better="lower"), Setting(name="rate", better="higher", required=False))
    )
    assert calls(rules, 0.3) == {"time": Call.PASS, "rate": Call.REGRESS, "": Call.PASS}


def test_a_required_metric_that_was_not_measured_is_no_pass() -> None:
    rules = Benchmark(metrics=(Setting(name="time", better="lower"), Setting(name="memory*", better="lower")))
    found = compare(samples(two(), TIME, RATE), rules)  # type: ignore[arg-type]
    missing = found.metrics[-1]
    assert found.call is Call.INVALID
    assert (missing.metric.name, missing.judgement.ground, missing.judgement.pairs) == ("memory*", Ground.MISSING, 0)


def test_a_metric_that_one_launch_lacks_is_no_pass() -> None:
    launches = changed(two(), 3, readings=in_turn()[3].readings)  # type: ignore[arg-type]
    found = compare(samples(launches, TIME, RATE), RULES)
    assert [each.judgement.ground for each in found.metrics] == [Ground.WITHIN_MARGIN, Ground.MISSING]
    assert found.call is Call.INVALID


def test_pairs_that_measure_different_things_are_judged_each_by_its_own() -> None:
    launches = [*in_turn(), *in_turn(0.3, name="other")]
    found = compare(samples(launches, TIME, replace(TIME, name="other")), RULES)
    assert [(each.judgement.call, each.judgement.pairs) for each in found.metrics] == [
        (Call.PASS, 6),
        (Call.REGRESS, 6),
    ]


@pytest.mark.parametrize(
    ("metric", "settings", "fault"),
    [
        (replace(TIME, better=None), (), Fault.DIRECTION),
        (TIME, (Setting(name="time", better="higher"),), Fault.DIRECTION),
        (TIME, (Setting(name="time", better="lower", unit="tok/s"),), Fault.UNIT),
        (TIME, (Setting(name="time", better="lower", unit="GiB"),), Fault.UNIT),
        (TIME, (Setting(name="time", better="lower", required=False),), Fault.NO_METRIC),
        (replace(TIME, is_primary=False), (), Fault.NO_METRIC),
    ],
)
def test_a_direction_or_unit_is_never_guessed(metric: Metric, settings: tuple[Setting, ...], fault: Fault) -> None:
    found = compare(samples(in_turn(0.3), metric), Benchmark(metrics=settings))
    assert (found.call, [each.fault for each in found.faults]) == (Call.INVALID, [fault])


@pytest.mark.parametrize("unit", ["ms", "s", "US", None])
def test_a_unit_of_the_same_kind_will_do_and_a_direction_may_come_from_the_policy(unit: str | None) -> None:
    rules = Benchmark(metrics=(Setting(name="time", better="lower", unit=unit),))
    assert compare(samples(in_turn(), replace(TIME, better=None)), rules).call is Call.PASS


def test_each_metric_has_its_own_margin() -> None:
    rules = Benchmark(margin=Decimal(20), metrics=(Setting(name="time", better="lower", margin=Decimal(2)),))
    found = compare(samples(in_turn(0.05)), rules)
    assert (found.call, found.metrics[0].margin) == (Call.REGRESS, 0.02)
    assert compare(samples(in_turn(0.05)), Benchmark(margin=Decimal(20))).call is Call.PASS


def test_a_report_of_means_is_not_judged_but_shown() -> None:
    means = [replace(each, has_samples=False) for each in in_turn(0.3)]
    found = compare(samples(means), RULES)
    assert found.faults == (Found(Fault.NO_SAMPLES),)
    assert found.metrics[0].judgement.ratio == pytest.approx(1.3, rel=1e-6)
    assert found.metrics[0].judgement.call is Call.INVALID
    assert found.metrics[0].is_slower


def test_of_a_rate_less_is_slower() -> None:
    means = [replace(each, has_samples=False) for each in in_turn(-0.3)]
    assert compare(samples(means, replace(TIME, better=Direction.HIGHER)), RULES).metrics[0].is_slower
    assert not compare(samples(means), RULES).metrics[0].is_slower


def test_many_metrics_and_launches_are_compared_in_good_time() -> None:
    names = [f"m{number}" for number in range(1_000)]
    launches = [
        launch(side, MACHINE, **dict.fromkeys(names, 10.0 + number % 7))
        for number, side in enumerate([Side.BASE, Side.HEAD, Side.HEAD, Side.BASE] * 20)
    ]
    found = compare(samples(launches, *[Metric(name, "s", Direction.LOWER) for name in names]), RULES)
    assert len(found.metrics) == 1_000


@given(st.lists(st.sampled_from([Side.BASE, Side.HEAD, None]), max_size=14), st.data())
def test_whatever_the_launches_are_there_is_a_call_and_never_a_pass_for_nothing(
    sides: list[Side | None], data: st.DataObject
) -> None:
    launches = [launch(side, time=data.draw(st.sampled_from([0.0, 1.0, 1.1, 2.0]))) for side in sides]
    found = compare(samples(launches), RULES, EXPECTED)
    if found.call in {Call.PASS, Call.REGRESS}:
        assert len(launches) >= 12
        assert len(launches) % 2 == 0
        assert set(sides) == set(Side)
