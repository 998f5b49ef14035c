"""What holds for any past beside order and repetition: settings that change, reopenings, pauses, questions."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.config import Config, frozen
from bot.model.timeline import Happening, Regime, What
from bot.policies.sla.clock import Clock
from bot.policies.sla.goals import Goal
from bot.policies.sla.rounds import Cause
from tests.policies.sla.given import AUTHOR, MAINTAINER, at, closed, comment, labeled, reopened, run, unlabeled
from tests.policies.sla.test_properties import CONFIGS, MOMENTS, SEASONS, SETTINGS, TIMES, moved, pasts

#: Closings by maintainers and reopenings, often several.
turns = st.lists(TIMES, min_size=2, max_size=8, unique=True).map(sorted)


def regime(hours: float, config: Config) -> Regime:
    return Regime(at(hours), frozen.write(config))


def by_since(clock: Clock) -> list[tuple[object, ...]]:
    return [(goal.target, goal.since, goal.allowed, goal.due_at, goal.elapsed) for goal in clock.goals]


@settings(max_examples=150)
@given(
    pasts,
    MOMENTS,
    st.lists(st.tuples(TIMES, SETTINGS), min_size=1, max_size=4, unique_by=lambda each: each[0]),
    st.data(),
)
def test_settings_that_change_in_the_middle_move_no_clock_that_runs(
    past: tuple[Happening, ...], now: float, changes: list[tuple[float, Config]], data: st.DataObject
) -> None:
    """Neither the order in which the settings are known matters, nor what came into force after a round began."""
    regimes = (regime(-1, CONFIGS[0]), *(regime(hours, config) for hours, config in changes))
    clock = run(past, now, regimes=regimes)
    assert run(past, now, regimes=tuple(data.draw(st.permutations(regimes)))) == clock
    for lap in clock.laps:
        before = tuple(each for each in regimes if each.since <= lap.since)
        assert run(past, now, regimes=before).laps[lap.number - 1] == lap


@settings(max_examples=150)
@given(pasts, turns, MOMENTS, SETTINGS, SEASONS)
def test_each_reopening_begins_a_round_of_its_own_and_rounds_do_not_overlap(
    past: tuple[Happening, ...], times: list[float], now: float, config: Config, season: int
) -> None:
    doors = [(closed if turn % 2 == 0 else reopened)(hours, MAINTAINER) for turn, hours in enumerate(times)]
    clock = run(moved((*past, *doors), season), now + season * 24, config=config)
    for before, after in zip(clock.laps, clock.laps[1:], strict=False):
        assert before.end is not None
        assert before.end.at <= after.since
        assert all(goal.end is not None for goal in before.goals)
    assert [lap.number for lap in clock.laps] == list(range(1, len(clock.laps) + 1))
    assert all(goal.since >= lap.since for lap in clock.laps for goal in lap.goals)


@settings(max_examples=150)
@given(pasts, MOMENTS, SETTINGS, SEASONS, st.lists(TIMES, min_size=2, max_size=2).map(sorted))
def test_a_pause_more_takes_time_away_and_puts_deadlines_off(
    past: tuple[Happening, ...], now: float, config: Config, season: int, times: list[float]
) -> None:
    paused = (comment(times[0], body="/sla pause", number=-1), comment(times[1], body="/sla resume", number=-2))
    calm = tuple(each for each in past if not (each.remark and each.remark.orders))
    plain = run(moved(calm, season), now + season * 24, config=config)
    longer = run(moved((*calm, *paused), season), now + season * 24, config=config)
    for one, other in zip(plain.goals, longer.goals, strict=True):
        assert timedelta() <= one.elapsed - other.elapsed <= timedelta(hours=times[1] - times[0])
        assert _is_no_sooner(one, other)


def _is_no_sooner(one: Goal, other: Goal) -> bool:
    return one.due_at is None or other.due_at is None or one.due_at <= other.due_at


@settings(max_examples=150)
@given(pasts, turns, MOMENTS, SETTINGS)
def test_while_a_question_is_open_nobody_gets_later_however_often_the_issue_is_closed_and_opened(
    past: tuple[Happening, ...], times: list[float], now: float, config: Config
) -> None:
    silent = tuple(
        each for each in past if (each.name != "needs-info" and each.actor != AUTHOR) or each.what is What.OPENED
    )
    doors = [(closed if turn % 2 == 0 else reopened)(hours, MAINTAINER) for turn, hours in enumerate(times)]
    asked = labeled(0, "needs-info")
    clock = run((*silent, asked, *doors), now, config=config)
    assert all(goal.elapsed == timedelta() for goal in clock.goals)
    assert all(any(hold.cause is Cause.NEEDS_INFO for hold in lap.holds) for lap in clock.laps)
    freed = run((*silent, asked, *doors, unlabeled(0, "needs-info", number=9)), now, config=config)
    assert by_since(freed) == by_since(run((*silent, *doors), now, config=config))
