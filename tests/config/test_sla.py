"""The section `sla`: what may be set, what is refused, and how it is kept beside a clock."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import Config, ConfigError, Sla, frozen, layers, parse
from bot.config.reference import json_schema
from bot.config.sla import Calendar, Goal
from bot.model.kinds import Kind
from bot.model.timeline import Target

SHANGHAI = """
sla:
  bug: 8h
  goals:
    - {kinds: [bug], labels: [security], within: 2h}
    - {target: resolution, within: 14d}
  calendar:
    timezone: Asia/Shanghai
    country: CN
    hours: [09:00-12:00, 13:30-18:00]
    saturday: ["10:00-12:00"]
    days_off: [2026-12-24]
    workdays: [2027-01-03]
  team: "@acme/triage"
  quiet_hours: 22:00-08:00
"""


def test_a_whole_section_is_read() -> None:
    sla = parse(SHANGHAI).sla
    assert sla.bug == timedelta(hours=8)
    assert sla.feature == timedelta(hours=72)
    assert sla.goals[0] == Goal(kinds=(Kind.BUG,), labels=("security",), within=timedelta(hours=2))
    assert sla.goals[1].target is Target.RESOLUTION
    assert sla.calendar is not None
    assert sla.calendar.hours == ("09:00-12:00", "13:30-18:00")
    assert sla.calendar.weekday(5) == ("10:00-12:00",)
    assert sla.team == "acme/triage"


def test_the_default_is_plain_hours_and_the_ladder_of_the_mission() -> None:
    assert Sla().calendar is None
    assert (Sla().at_risk, Sla().escalate) == (75, 150)


@pytest.mark.parametrize(
    ("yaml", "key", "code"),
    [
        ("{calendar: {timezone: Mars/Olympus}}", "sla.calendar.timezone", "timezone"),
        ("{calendar: {timezone: ../etc/passwd}}", "sla.calendar.timezone", "timezone"),
        ("{calendar: {country: XX}}", "sla.calendar.country", "country"),
        ("{calendar: {country: cn}}", "sla.calendar.country", "country"),
        ("{calendar: {country: DE, region: ZZ}}", "sla.calendar", "region"),
        ("{calendar: {region: BY}}", "sla.calendar", "region"),
        ("{calendar: {hours: [9-17]}}", "sla.calendar.hours[0]", "hours"),
        ("{calendar: {hours: ['09:00-24:30']}}", "sla.calendar.hours[0]", "hours"),
        ("{calendar: {hours: ['18:00-09:00']}}", "sla.calendar.hours[0]", "hours-order"),
        ("{calendar: {monday: ['09:00-12:00', '11:00-18:00']}}", "sla.calendar", "hours-overlap"),
        ("{calendar: {hours: ['13:00-18:00', '09:00-12:00']}}", "sla.calendar", "hours-overlap"),
        ("{calendar: {days_off: [2026-13-01]}}", "sla.calendar.days_off[0]", "day"),
        ("{calendar: {days_off: ['20261224']}}", "sla.calendar.days_off[0]", "day"),
        ("{calendar: {days_off: [2026-12-24], workdays: [2026-12-24]}}", "sla.calendar", "day-both"),
        ("{calendar: {hours: []}}", "sla", "calendar-too-little"),
        ("{bug: 365d, calendar: {hours: ['09:00-09:30']}}", "sla", "calendar-too-little"),
        ("{since: yesterday}", "sla.since", "day"),
        ("{team: not a team}", "sla.team", "addressee"),
        ("{responders: ['-x']}", "sla.responders[0]", "person"),
        ("{responders: [acme/team]}", "sla.responders[0]", "person"),
        ("{quiet_hours: '08:00-08:00'}", "sla.quiet_hours", "hours-order"),
        ("{at_risk: 0}", "sla.at_risk", "at-least"),
        ("{at_risk: 100}", "sla.at_risk", "at-most"),
        ("{at_risk: 75.5}", "sla.at_risk", "integer"),
        ("{at_risk: yes}", "sla.at_risk", "integer"),
        ("{escalate: 100}", "sla.escalate", "at-least"),
        ("{enabled: '1'}", "sla.enabled", "boolean"),
        ("{digest: hourly}", "sla.digest", "choice"),
        ("{goals: [{target: answer, within: 1h}]}", "sla.goals[0].target", "choice"),
        ("{goals: [{kinds: [task], within: 1h}]}", "sla.goals[0].kinds[0]", "choice"),
        ("{goals: [{kinds: [bug]}]}", "sla.goals[0].within", "missing"),
        ("{goals: [{within: 1h, label: x}]}", "sla.goals[0].label", "unknown-near"),
        ("{calendar: {holidays: CN}}", "sla.calendar.holidays", "unknown-near"),
    ],
)
def test_a_mistake_is_found_at_its_place(yaml: str, key: str, code: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(f"sla: {yaml}")
    assert [(each.key, each.code) for each in caught.value.mistakes] == [(key, code)]


@pytest.mark.parametrize("hours", ["22:00-06:00", "06:00-22:00"])
def test_quiet_hours_may_pass_midnight(hours: str) -> None:
    assert parse(f"sla: {{quiet_hours: '{hours}'}}").sla.quiet_hours == hours


def test_a_week_has_the_hours_of_its_working_days_unless_they_have_their_own() -> None:
    assert Calendar().week == timedelta(days=5)
    assert Calendar(hours=("09:00-12:00", "13:00-18:00"), monday=(), sunday=("10:00-11:00",)).week == timedelta(
        hours=33
    )


def test_an_organization_may_set_the_calendar_and_a_repository_the_hours() -> None:
    shared = layers.organization_layer("sla: {calendar: {country: CN}}", file="org.yml")
    own = layers.repository_layer("sla: {bug: 4h}", file="repo.yml")
    found = layers.layer(shared, own)
    assert found.config.sla.calendar == Calendar(country="CN")
    assert json.loads(json.dumps(found.values()))["sla.calendar"]["country"] == "CN"


def test_the_schema_of_the_file_knows_the_section() -> None:
    schema = json_schema()
    assert "Calendar" in schema["$defs"]


minutes = st.integers(min_value=1, max_value=60 * 24 * 300)


@given(bug=minutes, within=minutes, percent=st.integers(1, 99))
def test_what_is_kept_beside_a_clock_reads_back_as_it_was(bug: int, within: int, percent: int) -> None:
    sla = Sla(
        bug=timedelta(minutes=bug),
        goals=(Goal(within=timedelta(minutes=within), labels=("p0",), kinds=(Kind.DOCS,)),),
        at_risk=percent,
    )
    config = Config(sla=sla)
    assert frozen.read(frozen.write(config)).sla == sla


def test_a_calendar_is_kept_too() -> None:
    config = parse(SHANGHAI)
    assert frozen.read(frozen.write(config)).sla == config.sla


def test_what_is_kept_does_not_change_with_what_a_clock_does_not_depend_on() -> None:
    assert frozen.write(parse("language: en")) == frozen.write(Config())
    assert frozen.write(parse("labels: {bug: kind/bug}")) != frozen.write(Config())
