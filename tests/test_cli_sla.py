"""`reeve sla`: what it prints in both languages, as JSON, and where it cannot."""

import json
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from jsonschema import validate
from typer.testing import CliRunner, Result

from bot import cli, resources
from bot.render import LANGUAGES
from tests.policies.sla.test_events import DAY, EVENTS, ISSUE, commented, listed

STORED = Path(__file__).parent / "data" / "rendered" / "sla-explain"
BUSINESS = """
sla:
  bug: 8h
  goals: [{target: next-answer, within: 4h}, {target: resolution, within: 20h}]
  calendar: {timezone: Asia/Shanghai, country: CN, hours: ["09:00-12:00", "13:30-18:00"]}
"""
LATER = "2026-11-26T00:00:00Z"


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


def catalog(language: str) -> dict[str, set[str]]:
    text = (resources.templates() / language / "sla" / "explain.txt").read_text(encoding="utf-8")
    sentences = dict(line.split(": ", 1) for line in text.splitlines())
    return {key: {name for _, name, _, _ in Formatter().parse(text) if name} for key, text in sentences.items()}


def test_both_languages_say_the_same_things_with_the_same_data() -> None:
    assert catalog("en") == catalog("zh-CN")


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
    validate(found, SCHEMA)


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
        (("--now", "soon"), json.dumps([ISSUE]), "--now: soon is no moment; write one such as 2026-11-24T06:00:00Z\n"),
        (("--opened", "soon"), "[]", "--opened: soon is no moment; write one such as 2026-11-24T06:00:00Z\n"),
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
