"""The section `coverage`: its defaults are the gate's own, and what cannot be meant is refused."""

from dataclasses import fields
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.config import ConfigError, Coverage, parse
from bot.model.coverage import CoverageRules


def test_the_defaults_are_those_that_the_gate_has_without_a_file() -> None:
    assert parse("version: 1\n").coverage.rules == CoverageRules()
    assert CoverageRules().minimum == 80


def test_every_rule_is_a_setting() -> None:
    assert {each.name for each in fields(CoverageRules)} == set(Coverage.model_fields) - {"shadow_until"}


def test_a_whole_section_is_read() -> None:
    rules = parse(
        """
coverage:
  minimum: 79.5
  branch: true
  project: both
  parts: [unit, gpu-2.5]
  deadline: 90m
  source: ["bot/**", "*.pyx"]
  tests: [spec/]
  ignore: ["docs/**"]
  protected: []
  max_excluded: 0
"""
    ).coverage.rules

    assert rules == CoverageRules(
        minimum=Decimal("79.5"),
        branch=True,
        project="both",
        parts=("unit", "gpu-2.5"),
        deadline=timedelta(minutes=90),
        source=("bot/**", "*.pyx"),
        tests=("spec/",),
        ignore=("docs/**",),
        protected=(),
        max_excluded=0,
    )


@pytest.mark.parametrize(
    ("setting", "code"),
    [
        ("minimum: 101", "percentage"),
        ("minimum: 80%", "percentage"),
        ("project: lower", "choice"),
        ("parts: [a b]", "part"),
        ("parts: ['']", "part"),
        ("parts: [../x]", "part"),
        ("source: [../x]", "glob"),
        ("source: ['/x']", "glob"),
        ("deadline: 2", "duration"),
        ("max_excluded: -1", "at-least"),
        ("max_excluded: 1.5", "integer"),
        ("branches: true", "unknown-near"),
    ],
)
def test_what_cannot_be_meant_is_refused(setting: str, code: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse(f"coverage: {{{setting}}}")
    assert [each.code for each in error.value.mistakes] == [code]
