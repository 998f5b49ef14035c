"""What comes after which version."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policies.release.versions import NOTHING, Step, Version, latest, parse


@pytest.mark.parametrize(
    ("tag", "version"),
    [
        ("v1.2.3", Version(1, 2, 3)),
        ("1.2.3", Version(1, 2, 3)),
        ("v0.0.0", NOTHING),
        ("v1.2", None),
        ("v1.2.3-rc.1", None),
        ("v01.2.3", None),
        ("v１.2.3", None),
        ("release-1.2.3", None),
        ("v1.2.3\n", None),
        ("", None),
    ],
)
def test_a_tag_names_a_version_or_none(tag: str, version: Version | None) -> None:
    assert parse(tag) == version


@pytest.mark.parametrize(("step", "version"), [(Step.PATCH, "v1.2.4"), (Step.MINOR, "v1.3.0"), (Step.MAJOR, "v2.0.0")])
def test_a_step_leads_to_the_next_version(step: Step, version: str) -> None:
    assert str(Version(1, 2, 3).after(step)) == version


numbers = st.integers(0, 50)
versions = st.builds(Version, numbers, numbers, numbers)


@given(versions, st.sampled_from(Step))
def test_every_step_goes_up_and_is_recognised(version: Version, step: Step) -> None:
    after = version.after(step)

    assert after > version
    assert version.step_to(after) is step
    assert parse(str(after)) == after


def test_a_leap_is_no_step() -> None:
    assert Version(1, 2, 3).step_to(Version(1, 4, 0)) is None


def test_the_last_release_is_the_highest_version_and_not_the_newest_tag() -> None:
    assert latest(("v1.10.0", "v1.9.9", "nightly", "v2.0.0-rc.1")) == Version(1, 10, 0)
    assert latest(()) == NOTHING
