"""What a result has to hold is what the suite runs."""

import pytest

from bot.bench import cases, suite
from bot.policies.release.required import required


@pytest.mark.parametrize("profile", cases.PROFILES.values(), ids=lambda profile: profile.name)
def test_what_is_required_of_a_profile_is_what_it_runs(profile: cases.Profile) -> None:
    assert required(profile.name) == {name for cell in suite.cells(profile) for name in cell.cases}


def test_on_one_rank_nothing_is_required_that_needs_two() -> None:
    alone = {name for name, case in cases.CASES.items() if case.least_world == 1}

    assert required("release", (1,)) == alone
    assert required("release", (1, 2)) == set(cases.CASES)
