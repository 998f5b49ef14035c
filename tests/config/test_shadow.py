"""Shadow: until the end of a named day a section or a rule only reports, and then it is enforced by itself."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import Config, parse
from bot.config.section import Section
from bot.config.shadow import Enforced
from tests.config.test_config import only_mistake

LAST_SECOND = datetime(2027, 1, 31, 23, 59, 59, tzinfo=UTC)
MIDNIGHT = datetime(2027, 2, 1, tzinfo=UTC)

SECTIONS = ("triage", "sla", "coverage", "benchmark", "release", "safety")
UNTIL = "shadow_until: 2027-01-31"


def shadow(config: Config, section: str) -> str | None:
    """Return until when a section is in shadow."""
    found: Enforced = getattr(config, section)
    return found.shadow_until


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_is_in_shadow_to_the_end_of_the_day_and_then_enforced(section: str) -> None:
    config = parse(f"{section}: {{{UNTIL}}}")

    assert shadow(config.at(LAST_SECOND), section) == "2027-01-31"
    assert shadow(config.at(MIDNIGHT), section) is None
    assert config.at(MIDNIGHT) == Config()


def test_a_rule_of_its_own_can_be_in_shadow() -> None:
    config = parse(f"triage: {{rules: [{{title: a, label: b, {UNTIL}}}, {{title: c, label: d}}]}}")

    assert [each.shadow_until for each in config.at(LAST_SECOND).triage.rules] == ["2027-01-31", None]
    assert [each.shadow_until for each in config.at(MIDNIGHT).triage.rules] == [None, None]
    assert config.triage.rules[0].promoted_at == MIDNIGHT


def test_the_digest_says_that_something_was_promoted() -> None:
    config = parse(f"coverage: {{{UNTIL}}}")

    assert config.at(LAST_SECOND).digest == config.digest
    assert config.at(MIDNIGHT).digest == Config().digest != config.digest


@pytest.mark.parametrize("day", ["2027-02-30", "'20270131'", "tomorrow", "2027-1-31", "31.01.2027", "'2027-W05-1'"])
def test_a_day_that_is_none_is_refused(day: str) -> None:
    assert only_mistake(f"coverage: {{shadow_until: {day}}}").startswith("1:26: coverage.shadow_until: must be a day")


def test_what_cannot_block_anything_has_no_shadow() -> None:
    assert {name for name, each in Config() if isinstance(each, Enforced)} == set(SECTIONS)
    assert "unknown" not in only_mistake("labels: {shadow_until: 2027-01-31}")


@given(st.dates(min_value=LAST_SECOND.date() - timedelta(days=9), max_value=LAST_SECOND.date() + timedelta(days=9)))
def test_a_shadow_ends_once_and_for_all(day: object) -> None:
    config = parse(f"triage: {{shadow_until: {day}, rules: [{{title: a, label: b, shadow_until: {day}}}]}}")
    over = [shadow(config.at(MIDNIGHT + timedelta(days=n)), "triage") is None for n in range(-12, 13)]

    assert over == sorted(over)
    assert config.at(MIDNIGHT).at(MIDNIGHT) == config.at(MIDNIGHT)


def test_nothing_is_copied_where_nothing_changes() -> None:
    config = parse(f"triage: {{{UNTIL}, rules: [{{title: a, label: b}}]}}")

    assert config.at(LAST_SECOND) is config
    assert isinstance(config, Section)
