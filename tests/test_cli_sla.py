"""`reeve sla`: what it prints in both languages, as JSON, and where it cannot."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner, Result

from bot import cli, resources
from bot.clock import utc_now
from bot.config import parse
from bot.model.kinds import Kind
from bot.model.subjects import Repository, Subject
from bot.model.timeline import Stage, Standing, Target
from bot.render import LANGUAGES
from bot.store import clocks, migrate
from bot.store import engine as engines
from bot.store.database import Database
from tests.policies.sla.test_events import DAY, EVENTS, ISSUE, commented, listed

STORED = Path(__file__).parent / "data" / "rendered" / "sla-explain"
BUSINESS = """
sla:
  bug: 8h
  goals: [{target: next-answer, within: 4h}, {target: resolution, within: 20h}]
  calendar: {timezone: Asia/Shanghai, country: CN, hours: ["09:00-12:00", "13:30-18:00"]}
"""
LATER = "2026-11-26T00:00:00Z"
FAR = "9999-12-31T23:59:59-14:00"
NO_MOMENT = "is no moment; write one such as 2026-11-24T06:00:00Z, between 1971 and 2999\n"


def reeve(*arguments: str, given: str = "") -> Result:
    return CliRunner().invoke(cli.app, ["sla", *arguments], input=given)


def explain(*arguments: str, events: Any = None, now: str = LATER) -> Result:
    text = json.dumps({"issue": ISSUE, "events": EVENTS} if events is None else events)
    return reeve("explain", "--events", "-", "--now", now, *arguments, given=text)


LONG_TALK = [
    *EVENTS[:2],
    commented("07:00", "maint", 40),
    commented("08:00", "author", 41),
    listed("closed", "09:00", "helper[bot]", 42),
    listed("reopened", "10:00", "author", 43),
    listed("closed", "12:00", "maint", 44),
    listed("reopened", "13:00", "author", 45),
]
UNSURE = ISSUE | {"labels": [], "title": "Hm", "user": None}
STORIES: dict[str, tuple[Any, str, str]] = {
    "late": ({"issue": ISSUE, "events": EVENTS[:-1]}, LATER, ""),
    "in-time": ({"issue": ISSUE, "events": EVENTS}, LATER, ""),
    "on-track": ({"issue": ISSUE, "events": EVENTS[:4]}, f"{DAY}09:00:00Z", ""),
    "paused": ({"issue": ISSUE, "events": EVENTS[:5]}, LATER, ""),
    "at-risk": ({"issue": ISSUE, "events": EVENTS[:1]}, "2026-11-24T02:30:15Z", ""),
    "breached": ({"issue": ISSUE, "events": EVENTS[:1]}, "2026-11-24T07:00:00Z", ""),
    "missed": ([ISSUE, EVENTS[0], listed("closed", "09:00", "maint", 9)], LATER, "sla: {bug: 1h}"),
    "met-in-a-pause": ({"issue": ISSUE, "events": [*EVENTS[:5], commented("11:00", "maint", 9)]}, LATER, ""),
    "withdrawn": ({"issue": ISSUE, "events": [*EVENTS[:1], listed("closed", "09:00", "author", 9)]}, LATER, ""),
    "discussion": ([ISSUE, EVENTS[0], listed("converted_to_discussion", "09:00", "maint", 9)], LATER, ""),
    "several-rounds": ({"issue": ISSUE, "events": LONG_TALK}, LATER, BUSINESS),
    "unclassified": ({"issue": UNSURE, "events": EVENTS[3:4]}, LATER, ""),
    "unclassified-answered": ({"issue": UNSURE, "events": [commented("11:00", "maint", 9)]}, LATER, ""),
    "kind-by-triage": ({"issue": ISSUE | {"title": "[Docs] typo", "labels": []}, "events": []}, LATER, ""),
    "opened-by-a-bot": ({"issue": ISSUE | {"user": {"login": "a[bot]"}}, "events": []}, LATER, ""),
    "switched-off": ({"issue": ISSUE, "events": []}, LATER, "sla: {enabled: false}"),
    "before": ({"issue": ISSUE, "events": []}, LATER, "sla: {since: 2026-12-01}"),
    "not-open-yet": ({"issue": ISSUE, "events": []}, "2026-11-01T00:00:00Z", ""),
    "a-bare-list": (EVENTS, LATER, ""),
    "transferred": ([ISSUE, EVENTS[0], listed("transferred", "09:00", "maint", 9)], LATER, ""),
    "arrived": ([ISSUE, listed("transferred", "09:00", "maint", 9), EVENTS[-1]], LATER, ""),
    "unheard-closing": ([ISSUE | {"state": "closed", "closed_at": f"{DAY}09:00:00Z"}, EVENTS[0]], LATER, ""),
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", STORIES)
def test_a_clock_is_told_as_it_is_stored(name: str, language: str, tmp_path: Path) -> None:
    """Written anew by deleting the stored file: then this test fails once and shows in the diff what is new."""
    events, now, policy = STORIES[name]
    (tmp_path / "reeve.yml").write_text(policy, encoding="utf-8")
    found = explain("--config", str(tmp_path / "reeve.yml"), "--language", language, events=events, now=now)
    assert found.exit_code == 0, found.output
    path = STORED / f"{name}.{language}.txt"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        path.write_text(found.output, encoding="utf-8")
        pytest.fail(f"{path.name} was not there and has been written: read it and run again")
    assert found.output == path.read_text(encoding="utf-8")


def test_every_stored_text_is_still_told() -> None:
    assert {path.name for path in STORED.iterdir()} == {f"{name}.{each}.txt" for name in STORIES for each in LANGUAGES}


def catalog(language: str, name: str) -> dict[str, set[str]]:
    text = (resources.templates() / language / "sla" / name).read_text(encoding="utf-8")
    sentences = dict(line.split(": ", 1) for line in text.splitlines())
    return {key: {name for _, name, _, _ in Formatter().parse(text) if name} for key, text in sentences.items()}


@pytest.mark.parametrize("name", ["explain.txt", "report.txt"])
def test_both_languages_say_the_same_things_with_the_same_data(name: str) -> None:
    assert catalog("en", name) == catalog("zh-CN", name)


TIME = {"type": ["string", "null"], "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"}


def listing(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "array", "items": {"required": list(required), "properties": properties}}


END = {"type": ["object", "null"], "required": ["how", "at", "by"]}
GOALS = listing("target", "kind", "state", "since", "end", "due_at", "steps", end=END, due_at=TIME) | {"minItems": 1}
ROUND = {
    "intervals": listing("since", "until", "counted_seconds", since=TIME, until=TIME),
    "pauses": listing("cause", "since", "until", "by", "reason", "is_answered", since=TIME, until=TIME),
    "passed_over": listing("at", "by", "why", at=TIME),
    "goals": GOALS,
}
SCHEMA = {
    "required": ["now", "author", "opened_at", "exempt", "kind", "state", "due_at", "changes_at", "rounds", "notes"],
    "properties": {"due_at": TIME, "rounds": listing("number", "since", "end", *ROUND, **ROUND)},
}


@pytest.mark.parametrize("name", STORIES)
def test_the_same_is_there_as_json(name: str) -> None:
    events, now, _ = STORIES[name]
    found = json.loads(explain("--json", events=events, now=now).output)
    assert list(Draft202012Validator(SCHEMA).iter_errors(found)) == []


def test_the_json_has_the_numbers() -> None:
    found = json.loads(explain("--json").output)
    goal = found["rounds"][0]["goals"][0]
    assert (found["state"], found["kind"], found["due_at"]) == ("met", "bug", "2026-11-24T10:00:00Z")
    assert (goal["allowed_seconds"], goal["elapsed_seconds"], goal["remaining_seconds"]) == (86_400, 36_000, 50_400)
    assert goal["end"] == {"how": "answered", "at": f"{DAY}20:00:00Z", "by": "maint"}
    assert [each["counted_seconds"] for each in found["rounds"][0]["intervals"]] == [14_400, 3_600, 18_000]
    assert found["notes"][0]["code"] == "passed-over"


def test_without_a_moment_it_is_explained_as_of_now() -> None:
    text = json.dumps({"issue": ISSUE, "events": EVENTS[:1]})
    found = json.loads(reeve("explain", "--events", "-", "--json", given=text).output)
    assert found["now"] > "2026-"


def test_the_language_is_that_of_the_policy_file_unless_another_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "reeve.yml").write_text("language: zh-CN", encoding="utf-8")
    config = ("--config", str(tmp_path / "reeve.yml"))
    assert "缺陷报告" in explain(*config).output
    assert "bug report" in explain(*config, "--language", "en").output


def test_ten_thousand_pauses_are_not_all_printed() -> None:
    many = [commented(f"{hour:02}:{minute:02}", "maint", hour * 60 + minute, "/needs-info" if minute % 2 else "x")
            for hour in range(7, 24) for minute in range(60)]  # fmt: skip
    many = [each | {"author_association": "NONE"} for each in many]
    assert "and 820 more of these; --json has them all" in explain(events={"issue": ISSUE, "events": many}).output


def test_what_others_wrote_cannot_steer_the_terminal() -> None:
    pause = commented("07:00", "maint", 13, '/sla pause reason="ok"') | {"user": {"login": "ma\x1b[31mint"}}
    found = explain(events={"issue": ISSUE, "events": [pause | {"role": "write"}]})
    assert "\x1b" not in found.output


@pytest.mark.parametrize(
    ("arguments", "given", "said"),
    [
        ((), "[1]", "-: [0]: must be an object\n"),
        (("--language", "zh-CN"), "[1]", "-: [0]: 必须是对象\n"),
        (("--language", "fr"), "[]", "--language: fr is no language that Reeve speaks; write en or zh-CN\n"),
        (("--now", "soon"), json.dumps([ISSUE]), f"--now: soon {NO_MOMENT}"),
        (("--now", FAR), json.dumps([ISSUE]), f"--now: {FAR} {NO_MOMENT}"),
        (("--opened", "soon"), "[]", f"--opened: soon {NO_MOMENT}"),
        (("--opened", "0001-01-01T00:00:00+14:00"), "[]", f"--opened: 0001-01-01T00:00:00+14:00 {NO_MOMENT}"),
    ],
)
def test_what_cannot_be_explained_ends_with_2_and_the_reason(arguments: tuple[str, ...], given: str, said: str) -> None:
    found = reeve("explain", "--events", "-", *arguments, given=given)
    assert (found.exit_code, found.stderr) == (2, said)


def test_a_policy_file_with_mistakes_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "reeve.yml").write_text("sla: {bugs: 1h}", encoding="utf-8")
    found = explain("--config", str(tmp_path / "reeve.yml"))
    assert found.exit_code == 2
    assert found.stderr == f'{tmp_path}/reeve.yml:1:7: sla.bugs: is not a setting; did you mean "bug"?\n'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A data directory with two repositories, and the clocks of some issues in the month that runs."""
    monkeypatch.setenv("REEVE_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("REEVE_DATABASE_URL", raising=False)
    engine = engines.connect(f"sqlite:///{tmp_path / 'reeve.db'}")
    migrate.upgrade(engine)
    database = Database(engine)
    for number, name in ((1, "acme/model"), (2, "acme/other")):
        database.memory.keep_repository(Repository(number, name, 77))
    start = datetime(utc_now().year, utc_now().month, 1, tzinfo=UTC)
    with engine.begin() as connection:
        clocks.keep(connection, Subject(1, 7), [answered(start, 3), answered(start - timedelta(days=600), 3)])
        clocks.keep(connection, Subject(1, 8), [answered(start, 30, kind=Kind.DOCS)])
        clocks.keep(connection, Subject(2, 9), [answered(start, 5)])
    return database


def answered(start: datetime, hours: int, *, kind: Kind = Kind.BUG) -> Standing:
    end = start + timedelta(hours=hours)
    time, allowed = timedelta(hours=hours), timedelta(hours=24)
    stage = Stage.MET if hours <= 24 else Stage.MISSED
    return Standing(Target.FIRST_ANSWER, start, kind, stage, allowed, time, start + allowed, end, is_answered=True)


@pytest.mark.usefixtures("home")
def test_a_report_counts_the_clocks_of_the_last_twelve_months() -> None:
    lines = json.loads(reeve("report", "--json").output)
    month = f"{utc_now():%Y-%m}"
    assert [(each["month"], each["kind"], each["count"]) for each in lines] == [
        (month, "bug", 2),
        (month, "docs", 1),
        (month, None, 3),
    ]
    assert lines[2] == {
        "month": month,
        "target": "first-answer",
        "kind": None,
        "count": 3,
        "met": 2,
        "breached": 1,
        "waiting": 0,
        "moot": 0,
        "median_seconds": 5 * 3600,
        "p90_seconds": 30 * 3600,
    }


@pytest.mark.usefixtures("home")
def test_a_report_may_be_of_one_repository_and_go_further_back() -> None:
    lines = json.loads(reeve("report", "--json", "--repository", "ACME/model", "--since", "2020-01").output)
    assert [(each["kind"], each["count"]) for each in lines] == [
        ("bug", 1),
        (None, 1),
        ("bug", 1),
        ("docs", 1),
        (None, 2),
    ]


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("language", "heading", "row"),
    [
        ("en", "month    waited for    kind  count  in time  late  waiting  withdrawn  median  p90", "docs  1"),
        ("zh-CN", "月份     等待      类别  总数  按时  逾期  等待中  撤回  中位数", "文档  1"),
    ],
)
def test_a_report_is_a_table_in_both_languages(language: str, heading: str, row: str) -> None:
    lines = reeve("report", "--language", language).output.splitlines()
    assert lines[0].startswith(heading)
    assert row in lines[2]
    assert len(lines) == 4


@pytest.mark.usefixtures("home")
def test_a_report_of_nothing_says_so() -> None:
    found = reeve("report", "--since", "2999-01")
    assert (found.exit_code, found.output) == (0, "no clock has started since 2999-01-01\n")


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--repository", "acme/none"), "--repository: acme/none is not known here\n"),
        (("--since", "lately"), "--since: lately is no month; write one such as 2026-11\n"),
        (("--since", "2026-13", "--language", "zh-CN"), "--since: 2026-13 不是月份；请写成 2026-11 的形式\n"),
        (("--language", "fr"), "--language: fr is no language that Reeve speaks; write en or zh-CN\n"),
    ],
)
def test_a_report_that_cannot_be_ends_with_2(arguments: tuple[str, ...], said: str) -> None:
    found = reeve("report", *arguments)
    assert (found.exit_code, found.stderr) == (2, said)


def test_the_example_in_the_page_is_what_is_printed() -> None:
    page = (Path(__file__).parents[1] / "docs" / "sla.md").read_text(encoding="utf-8")
    events = page.split("```json\n")[1].split("```")[0]
    command, _, printed = page.split("```console\n$ .venv/bin/reeve ")[1].split("```")[0].partition("\n")
    assert reeve(*command.replace("events.jsonl", "-").split()[1:], given=events).output == printed


def test_the_policy_file_in_the_page_is_good() -> None:
    page = (Path(__file__).parents[1] / "docs" / "sla.md").read_text(encoding="utf-8")
    sla = parse(page.split("```yaml\n")[1].split("```")[0]).sla
    assert (len(sla.goals), sla.team) == (3, "acme/triage")
