"""A day without Reeve, and how soon it is level again: as `python -m benchmarks.catch_up` measures it."""

from pathlib import Path

import pytest

from benchmarks import catch_up


@pytest.mark.soak
def test_after_a_day_and_5000_deliveries_reeve_is_level_within_a_quarter_of_an_hour(tmp_path: Path) -> None:
    found = catch_up.measure(5000, tmp_path / "reeve")

    print(catch_up.text(found))  # noqa: T201  the figure is what one runs it for
    assert found.deliveries >= 5000
    assert found.left == ()
    assert found.minutes <= 15
    assert found.writes <= 500


def test_after_an_hour_and_some_hundred_deliveries_nothing_is_left_behind(tmp_path: Path) -> None:
    found = catch_up.measure(300, tmp_path / "reeve")

    assert found.deliveries >= 300
    assert found.left == ()
    assert found.minutes <= 15
