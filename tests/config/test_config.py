"""What a policy file may say, and what is answered when it says something else."""

from datetime import timedelta
from decimal import Decimal

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from bot.config import Config, ConfigError, Labels, Sla, parse
from bot.config.reference import json_schema
from bot.model.kinds import Kind
from bot.render import Words

WORDS = Words()

EVERYTHING = """\
version: 1
language: zh-CN
triage:
  rules:
    - {title: "^crash", label: bug}
    - title: 'how (do|to)'
      label: question
sla:
  bug: 90m
  feature: 3d
  docs: 1d
coverage:
  minimum: 79.5
benchmark: {}
release: {}
safety: {}
commands: {}
messages:
  welcome: "Thank you, {name}!"
labels:
  bug: "kind: bug"
  feature: 功能
  docs: docs
  needs_triage: 待分类
"""


DURATION = "must be a duration with its unit, such as 90m, 24h or 3d"
LABEL = "must be the name of a label: one line, no space at either end"
NUMBER = "must be a plain number from 0 to 100, such as 80 or 79.5"
DISTINCT = "must name 8 different labels (GitHub ignores the case of letters)"
SECTION = "must hold settings, one `name: value` a line; remove it to have the defaults"


def told(error: ConfigError, language: str = "en") -> list[str]:
    """Return what is said about a file, one line for each mistake."""
    return [each.place + WORDS.mistake(each, language) for each in error.mistakes]


def mistakes(text: str | bytes) -> list[str]:
    """Parse a text that must be refused, and return what is said about it."""
    with pytest.raises(ConfigError) as caught:
        parse(text)
    return told(caught.value)


def only_mistake(text: str | bytes) -> str:
    """Return the one mistake of a text, without the file's name."""
    (line,) = mistakes(text)
    return line.removeprefix(".github/reeve.yml:")


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "\n\n", "\ufeff", "{}", "version: 1", b"", "null"])
def test_a_file_that_says_nothing_gives_the_defaults(text: str | bytes) -> None:
    assert parse(text) == Config()


def test_the_defaults_are_the_numbers_the_project_exists_for() -> None:
    config = Config()
    assert config.sla == Sla(bug=timedelta(hours=24), feature=timedelta(hours=72), docs=timedelta(hours=72))
    assert config.coverage.minimum == 80
    assert config.language == "auto"
    assert config.labels == Labels(bug="bug", feature="enhancement", docs="documentation", needs_triage="needs-triage")
    assert config.triage.rules == ()
    assert config.messages.welcome is None


def test_every_setting_is_read() -> None:
    config = parse(EVERYTHING)
    assert config.language == "zh-CN"
    assert [(rule.title, rule.label) for rule in config.triage.rules] == [
        ("^crash", "bug"),
        ("how (do|to)", "question"),
    ]
    assert config.sla.bug == timedelta(minutes=90)
    assert config.sla.feature == timedelta(days=3)
    assert config.sla.docs == timedelta(days=1)
    assert config.coverage.minimum == Decimal("79.5")
    assert config.messages.welcome == "Thank you, {name}!"
    assert config.labels.needs_triage == "待分类"


@pytest.mark.parametrize(
    ("kind", "label", "hours"),
    [(Kind.BUG, "bug", 24), (Kind.FEATURE, "enhancement", 72), (Kind.DOCS, "documentation", 72)],
)
def test_each_kind_has_its_label_and_its_time(kind: Kind, label: str, hours: int) -> None:
    assert Config().labels.of(kind) == label
    assert Config().sla.of(kind) == timedelta(hours=hours)


def test_a_config_cannot_be_changed_after_reading() -> None:
    with pytest.raises(ValidationError):
        Config().version = 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sla: {bug: 24}", "1:12: sla.bug: " + DURATION),
        ("sla: {bug: 24:00}", "1:12: sla.bug: " + DURATION),
        ("sla: {bug: 0h}", "1:12: sla.bug: " + DURATION),
        ("sla: {bug: -1h}", "1:12: sla.bug: " + DURATION),
        ("sla: {bug: 1.5h}", "1:12: sla.bug: " + DURATION),
        ("sla: {bug: 024h}", "1:12: sla.bug: " + DURATION),
        ("sla: {bug: 24 h}", "1:12: sla.bug: " + DURATION),
        ("sla: {bug: ２４h}", "1:12: sla.bug: " + DURATION),
        ("sla: {bug: }", "1:12: sla.bug: " + DURATION),
        ("sla: {bug: [24h]}", "1:12: sla.bug: " + DURATION),
        ("sla: {bug: 366d}", "1:12: sla.bug: must not be longer than 365d"),
        ("coverage: {minimum: .nan}", "1:21: coverage.minimum: " + NUMBER),
        ("coverage: {minimum: .inf}", "1:21: coverage.minimum: " + NUMBER),
        ("coverage: {minimum: -1}", "1:21: coverage.minimum: " + NUMBER),
        ("coverage: {minimum: 100.1}", "1:21: coverage.minimum: " + NUMBER),
        ("coverage: {minimum: yes}", "1:21: coverage.minimum: " + NUMBER),
        ("coverage: {minimum: true}", "1:21: coverage.minimum: " + NUMBER),
        ("coverage: {minimum: '80'}", "1:21: coverage.minimum: " + NUMBER),
        ("coverage: {minimum: 80%}", "1:21: coverage.minimum: " + NUMBER),
        ("coverage: {minimum: 0120}", "1:21: coverage.minimum: " + NUMBER),
        ("coverage: {minimum: 0x50}", "1:21: coverage.minimum: " + NUMBER),
        ("coverage: {minimum: 8e1}", "1:21: coverage.minimum: " + NUMBER),
        ("coverage: {minimum: ~}", "1:21: coverage.minimum: " + NUMBER),
        ("coverage: {minimum: 1_0}", "1:21: coverage.minimum: " + NUMBER),
        ("coverage: ~", "1:11: coverage: " + SECTION),
        ("coverage:", "1:10: coverage: " + SECTION),
        ("coverage: 80", "1:11: coverage: " + SECTION),
        ("coverage: [80]", "1:11: coverage: " + SECTION),
        ("version: 2", "1:10: version: must be 1"),
        ("version: '1'", "1:10: version: must be 1"),
        ("version: true", "1:10: version: must be 1"),
        ("version: 1.0", "1:10: version: must be 1"),
        ("language: fr", "1:11: language: must be auto, en or zh-CN"),
        ("language: no", "1:11: language: must be auto, en or zh-CN"),
        ("labels: {bug: ''}", "1:15: labels.bug: " + LABEL),
        ("labels: {bug: ' bug'}", "1:15: labels.bug: " + LABEL),
        ('labels: {bug: "a\\nb"}', "1:15: labels.bug: " + LABEL),
        ("labels: {bug: " + "x" * 51 + "}", "1:15: labels.bug: is longer than 50 characters, GitHub's limit for a label"),  # noqa: E501  one case a line
        ("labels: {bug: no}", "1:15: labels.bug: must be text; put it in quotes"),
        ("labels: {bug: 7}", "1:15: labels.bug: must be text; put it in quotes"),
        ("labels: {bug: 7.5}", "1:15: labels.bug: must be text; put it in quotes"),
        ("labels: {bug: Enhancement}", "1:9: labels: " + DISTINCT),
        ("messages: {welcome: ' '}", "1:21: messages.welcome: must be a text of 1 to 1000 characters"),
        ("triage: {rules: {}}", "1:17: triage.rules: must be a list"),
        ("triage: {rules: [bug]}", "1:18: triage.rules[0]: " + SECTION),
        ("triage: {rules: [{title: a}]}", "1:18: triage.rules[0].label: is missing"),
        ("[1, 2]", "1:1: the file must hold settings, one `name: value` a line"),
        ("just words", "1:1: the file must hold settings, one `name: value` a line"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_with_its_place_and_the_way_to_write_it(text: str, expected: str) -> None:
    assert only_mistake(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("coverrage: {}", '1:1: coverrage: is not a setting; did you mean "coverage"?'),
        ("Coverage: {}", '1:1: Coverage: is not a setting; did you mean "coverage"?'),
        ("sla: {bgu: 1h}", '1:7: sla.bgu: is not a setting; did you mean "bug"?'),
        ("labels: {needs-triage: a}", '1:10: labels.needs-triage: is not a setting; did you mean "needs_triage"?'),
        (
            "labels: {no: a}",
            ("1:10: labels.no: is not a setting; "
            "known here: at_risk, breached, bug, docs, feature, hold, needs_info, needs_triage"),
        ),
        ("safety: {<<: {version: 1}}", "1:10: safety.<<: is not a setting; known here: shadow_until"),
        (
            "triage: {rules: [{titel: a, title: b, label: c}]}",
            '1:19: triage.rules[0].titel: is not a setting; did you mean "title"?',
        ),
        ("commands: {x: 1}", "1:12: commands.x: is not a setting; this section has no settings yet"),
    ],
)  # fmt: skip
def test_an_unknown_key_is_named_with_the_nearest_setting(text: str, expected: str) -> None:
    assert only_mistake(text) == expected


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    text = "version: 2\nsla:\n  bug: soon\n  bug: later\ncoverage: &x\n  minimum: 900\nlabel: {}\n"
    assert mistakes(text) == [
        ".github/reeve.yml:1:10: version: must be 1",
        ".github/reeve.yml:4:3: sla.bug: is given twice (first on line 3)",
        ".github/reeve.yml:5:11: coverage: anchors (&name) are not allowed",
        '.github/reeve.yml:7:1: label: is not a setting; did you mean "labels"?',
    ]


def test_the_mistake_carries_its_parts_for_annotations() -> None:
    with pytest.raises(ConfigError) as caught:
        parse("version: 1\ncoverage: {minimum: 101}", file="policy.yml")
    (mistake,) = caught.value.mistakes
    assert (mistake.file, mistake.line, mistake.column, mistake.key) == ("policy.yml", 2, 21, "coverage.minimum")


def test_a_file_full_of_mistakes_is_answered_with_fifty() -> None:
    with pytest.raises(ConfigError) as caught:
        parse("".join(f"k{number}: 1\n" for number in range(60)))
    assert (len(caught.value.mistakes), caught.value.left_out) == (50, 10)


def test_columns_count_characters_not_bytes() -> None:
    assert only_mistake("labels: {feature: '功能功能', bugg: x}").startswith("1:27: labels.bugg:")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("", "version: 1"),
        ("coverage: {minimum: 80}", "coverage: {minimum: 80.00}"),
        ("sla: {bug: 24h}", "sla: {bug: 1d}"),
        ("sla: {bug: 60m}", "sla:\n  bug: '1h'  # quick\n"),
    ],
)
def test_files_that_mean_the_same_have_one_digest(one: str, other: str) -> None:
    assert parse(one).digest == parse(other).digest


@pytest.mark.parametrize(
    "text", ["coverage: {minimum: 80.1}", "sla: {bug: 25h}", "language: en", "labels: {bug: Bug}", EVERYTHING]
)
def test_files_that_differ_have_different_digests(text: str) -> None:
    assert parse(text).digest != Config().digest


def test_the_digest_is_a_sha256_in_hexadecimal() -> None:
    assert len(bytes.fromhex(Config().digest)) == 32


def test_the_json_schema_is_valid_and_knows_every_section() -> None:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    assert set(schema["properties"]) == set(Config.model_fields)
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize(
    ("value", "is_valid"),
    [
        ({}, True),
        ({"version": 1, "sla": {"bug": "24h"}, "coverage": {"minimum": 79.5}}, True),
        ({"triage": {"rules": [{"title": "a", "label": "bug"}]}}, True),
        ({"sla": {"bug": 24}}, False),
        ({"coverage": {"minimum": 101}}, False),
        ({"coverage": {"minimum": "80"}}, False),
        ({"version": 2}, False),
        ({"coverrage": {}}, False),
    ],
)
def test_the_json_schema_agrees_with_the_reader(value: dict[str, object], *, is_valid: bool) -> None:
    assert Draft202012Validator(json_schema()).is_valid(value) is is_valid
