"""Both built-in engines compute what the reference does, on any number of ranks."""

from typing import Any

import pytest

from bot.bench.cases import CASES, PROFILES, SMALL, Work
from bot.bench.checks import Place, check_case, check_cases
from bot.bench.comm import Group
from bot.bench.engine import Built
from bot.bench.launch import RankFailed
from bot.bench.ours import Ours
from bot.bench.pieces import CannotRun, Piece
from bot.bench.shapes import SHAPES
from bot.bench.side import Order, load, obey

OURS, DTENSOR = load("reeve"), load("dtensor")


@pytest.mark.parametrize("world", [1, 2, 4])
@pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16"])
def test_every_case_is_right_in_every_dtype(dtype: str, world: int) -> None:
    cases = [CASES[name] for name in SMALL if CASES[name].least_world <= world]  # the others differ in size only

    outcomes = check_cases(cases, Place("tiny", dtype, world), OURS)

    assert list(outcomes) == [case.name for case in cases]
    for name, errors in outcomes.items():
        assert isinstance(errors, tuple), name
        assert errors, name
        assert [each for each in errors if each.error is None or each.error > each.limit] == [], name


class Fails(Ours):
    """An engine that breaks on one rank, in one piece only."""

    name = "fails"

    def build(self, piece: Piece, group: Group, *args: Any, **kwargs: Any) -> Built:
        """Break."""
        if piece is Piece.ROW and group.rank == group.size - 1:
            raise ValueError("no such kernel")
        return super().build(piece, group, *args, **kwargs)


@pytest.mark.parametrize("world", [1, 2])
def test_a_case_that_breaks_is_named_and_takes_no_other_with_it(world: int) -> None:
    outcomes = check_cases([CASES["row"], CASES["column"]], Place("tiny", "float32", world), Fails())

    assert isinstance(outcomes["row"], RankFailed)
    assert "no such kernel" in str(outcomes["row"])
    assert isinstance(outcomes["column"], tuple)


@pytest.mark.parametrize("world", [1, 2])
@pytest.mark.parametrize("name", ["column", "row", "mlp"])
def test_pytorchs_own_parallelism_agrees(name: str, world: int) -> None:
    errors = check_case(CASES[name], Place("tiny", "float64", world), DTENSOR)

    assert errors
    assert [each for each in errors if each.error is None or each.error > each.limit] == []


@pytest.mark.parametrize("world", [1, 2])
def test_what_an_engine_does_not_have_is_skipped_with_the_reason(world: int) -> None:
    (answer,) = obey(Order(what="check", cases=("layer",), shape="tiny", world=world), DTENSOR)  # type: ignore[misc]

    assert answer.skipped == "the engine dtensor has no layer"


def test_a_shape_that_does_not_divide_is_skipped_with_the_reason() -> None:
    with pytest.raises(CannotRun, match="28 heads do not divide over 8 ranks"):
        check_case(CASES["layer"], Place("qwen2.5-7b", "float32", 8), OURS)


def test_every_profile_names_cases_and_shapes_that_there_are() -> None:
    for profile in PROFILES.values():
        assert set(profile.cases) <= set(CASES)
        assert set(profile.shapes) <= set(SHAPES)
    assert {case.work for case in CASES.values()} == set(Work)
