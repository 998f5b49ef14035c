"""Both built-in engines compute what the reference does, on any number of ranks."""

import pytest

from bot.bench.cases import ALL, CASES, PROFILES, Work
from bot.bench.checks import check_case
from bot.bench.pieces import CannotRun
from bot.bench.shapes import SHAPES
from bot.bench.side import Order, load, obey

OURS, DTENSOR = load("reeve"), load("dtensor")


@pytest.mark.parametrize("world", [1, 2, 4])
@pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16"])
@pytest.mark.parametrize("name", ALL)
def test_every_case_is_right_in_every_dtype(name: str, dtype: str, world: int) -> None:
    if world < CASES[name].least_world:
        pytest.skip("one rank has nobody to talk to")

    errors = check_case(CASES[name], "tiny", dtype, world, "cpu", OURS)

    assert errors
    assert [each for each in errors if each.error is None or each.error > each.limit] == []


@pytest.mark.parametrize("world", [1, 2])
@pytest.mark.parametrize("name", ["column", "row", "mlp"])
def test_pytorchs_own_parallelism_agrees(name: str, world: int) -> None:
    errors = check_case(CASES[name], "tiny", "float64", world, "cpu", DTENSOR)

    assert errors
    assert [each for each in errors if each.error is None or each.error > each.limit] == []


@pytest.mark.parametrize("world", [1, 2])
def test_what_an_engine_does_not_have_is_skipped_with_the_reason(world: int) -> None:
    (answer,) = obey(Order(what="check", cases=("layer",), shape="tiny", world=world), DTENSOR)  # type: ignore[misc]

    assert answer.skipped == "the engine dtensor has no layer"


def test_a_shape_that_does_not_divide_is_skipped_with_the_reason() -> None:
    with pytest.raises(CannotRun, match="28 heads do not divide over 8 ranks"):
        check_case(CASES["layer"], "qwen2.5-7b", "float32", 8, "cpu", OURS)


def test_every_profile_names_cases_and_shapes_that_there_are() -> None:
    for profile in PROFILES.values():
        assert set(profile.cases) <= set(CASES)
        assert set(profile.shapes) <= set(SHAPES)
    assert {case.work for case in CASES.values()} == set(Work)
