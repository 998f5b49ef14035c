"""The strict reader: what YAML allows and a policy file does not, and hostile files that must not cost time."""

from collections.abc import Callable

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.config import Config, ConfigError, Mistake, parse, strict
from tests.config.test_config import mistakes, only_mistake
from tests.limits import at_most


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: *x\n", "1:4: a: aliases (*name) are not allowed: write the value out"),
        ("version: !!int 1", '1:10: version: tags are not allowed: "tag:yaml.org,2002:int"'),
        ("version: ! 1", '1:10: version: tags are not allowed: "!"'),
        ("version: &v 1", "1:10: version: anchors (&name) are not allowed"),
        ("sla: !!map {bug: x}", '1:6: sla: tags are not allowed: "tag:yaml.org,2002:map"'),
        ("triage: {rules: &r [x]}", "1:17: triage.rules: anchors (&name) are not allowed"),
        ("version: 1\nversion: 1\n", "2:1: version: is given twice (first on line 1)"),
        ("version: 1\n'version': 1\n", "2:1: version: is given twice (first on line 1)"),
        ("sla: {bug: 1h, bug: 2h}", "1:16: sla.bug: is given twice (first on line 1)"),
        ("version: 1\n---\nversion: 1\n", "2:1: holds a second document: one file, one document"),
        ("version: 1\n---\n", "2:1: holds a second document: one file, one document"),
        ("? [a]\n: 1\n", "1:3: keys must be plain words"),
        ("? {a: b}\n: 1\n", "1:3: keys must be plain words"),
        ("*a : 1\n", "1:1: keys must be plain words"),
        ("%TAG !e! tag:example.com,2000:\n---\nversion: 1\n", "1:1: must not declare tags"),
        ("version: 1\n\tsla: 1\n", "2:1: is not valid YAML: found a tab character that violates indentation"),
        ("sla: {bug: 24h", "2:1: is not valid YAML: did not find expected ',' or '}'"),
        ("version: 1\0", "1:11: holds a character that cannot be shown (U+0000)"),
        ("version: 1\nsla: \x1b[0m", "2:6: holds a character that cannot be shown (U+001B)"),
        ('labels: {bug: "a\\0b"}', "1:15: labels.bug: holds a character that cannot be shown"),
        ('messages: {welcome: "a\\ab"}', "1:21: messages.welcome: holds a character that cannot be shown"),
        ("x" * 65_537, "1:1: is larger than 64 kB"),
        ("é" * 40_000, "1:1: is larger than 64 kB"),
        ("version: \ud800", "1:1: must be UTF-8 text"),
        (b"version: \xff", "1:1: must be UTF-8 text"),
        ("version: 1".encode("utf-16"), "1:1: must be UTF-8 text"),
        ("[" * 100, "1:22: is nested more than 20 levels deep"),
        ("{a: " * 100, "1:85: is nested more than 20 levels deep"),
        ("- " * 100, "1:43: is nested more than 20 levels deep"),
    ],
)  # fmt: skip
def test_what_could_surprise_a_reader_is_refused_with_its_place(text: str | bytes, expected: str) -> None:
    assert only_mistake(text) == expected


def test_an_anchor_on_a_key_is_refused() -> None:
    assert "1:1: version: is not a plain key" in "\n".join(mistakes("&a version: 1"))


def test_a_tag_on_a_key_is_refused() -> None:
    assert "1:1: version: is not a plain key" in "\n".join(mistakes("!!str version: 1"))


def test_an_invisible_key_is_shown_by_a_stand_in() -> None:
    assert "a�: is not a plain key" in "\n".join(mistakes('"a\\0": 1'))


def test_a_long_key_is_cut_in_the_mistake() -> None:
    assert len(only_mistake("k" * 900 + ": 1")) < 250


def test_the_first_of_two_equal_keys_is_the_one_that_is_checked() -> None:
    lines = mistakes("sla: {bug: 1h}\nsla: {bug: nonsense}\n")
    assert lines == [".github/reeve.yml:2:1: sla: is given twice (first on line 1)"]


@pytest.mark.parametrize("text", ["version: 1\n...\n", "%YAML 1.2\n---\nversion: 1\n", "---\nversion: 1\n"])
def test_document_marks_around_one_document_are_fine(text: str) -> None:
    assert parse(text) == Config()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", True), ("Yes", True), ("off", False), ("NO", False), ("~", None), ("Null", None), ("'no'", "no"),
        ("12", 12), ("-0", 0), ("0120", "0120"), ("1_000", "1_000"), ("24:00", "24:00"), ("0x10", "0x10"),
        ("1e3", "1e3"), ("+1", "+1"), (".nan", ".nan"), ("-.inf", "-.inf"), ("2026-01-01", "2026-01-01"),
        ("1" * 400, "1" * 400), ("'12'", "12"), ("[a, 1]", ["a", 1]), ("{a: {b: c}}", {"a": {"b": "c"}}),
    ],
)  # fmt: skip
def test_only_what_all_yaml_versions_agree_on_has_a_type(text: str, value: object) -> None:
    document = strict.read(text, file="x")
    assert (document.value, document.mistakes) == (value, [])


HOSTILE: dict[str, Callable[[], str]] = {
    "open lists": lambda: "[" * 65_000,
    "open mappings": lambda: "{a: " * 16_000,
    "block lists": lambda: "- " * 32_000,
    "complex keys": lambda: "? " * 32_000,
    "growing indentation": lambda: "".join(" " * depth + "a:\n" for depth in range(340)),
    "equal keys": lambda: "a: 1\n" * 13_000,
    "unknown keys": lambda: "".join(f"k{number}: 1\n" for number in range(7000)),
    "aliases": lambda: "a: [" + "*a," * 20_000 + "]",
    "anchors": lambda: "a: [" + "&a 1," * 12_000 + "]",
    "alias bomb": lambda: "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1},*a{n - 1}]\n" for n in range(1, 200)),
    "long key": lambda: "k" * 65_000 + ": 1",
    "long number": lambda: "coverage: {minimum: " + "9" * 65_000 + "}",
    "long quoted text": lambda: 'a: "' + "x" * 65_000,
    "documents": lambda: "---\n" * 16_000,
    "spaces": lambda: " " * 65_000 + "a: 1",
    "empty items": lambda: "{" + "a," * 32_000 + "}",
    "too many rules": lambda: "triage: {rules: [" + "{title: a, label: b}," * 3000 + "]}",
    "broken patterns": lambda: "triage:\n  rules:\n" + "  - {title: '(\\pL{50}', label: b}\n" * 1500,
}


@pytest.mark.parametrize("loader", [strict._LOADER, yaml.SafeLoader], ids=["C", "Python"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_soon(name: str, loader: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strict, "_LOADER", loader)  # where libyaml is missing, PyYAML's own scanner reads
    text = HOSTILE[name]()
    with at_most(60), pytest.raises(ConfigError):  # the usual is below 0.3 s, a traced one below 5 s
        parse(text)


YAML_LIKE = st.text(alphabet="ab1:{}[],-&*!?|>'\"%#\n\t ~\\\0é版.", max_size=80)


def mistakes_or_none(text: str | bytes) -> tuple[Mistake, ...] | None:
    """Parse, and return the mistakes; None when there is a config."""
    try:
        parse(text)
    except ConfigError as error:
        return error.mistakes
    return None


@given(YAML_LIKE | st.text(max_size=200))
def test_any_text_gives_a_config_or_mistakes_with_places(text: str) -> None:
    found = mistakes_or_none(text)
    assert found is None or found
    assert all(mistake.line >= 1 and mistake.column >= 1 and mistake.code for mistake in found or ())


@given(st.binary(max_size=200))
def test_any_bytes_give_a_config_or_mistakes(data: bytes) -> None:
    found = mistakes_or_none(data)
    assert found is None or found
