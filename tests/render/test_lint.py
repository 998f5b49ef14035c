"""The templates themselves: the same in both languages."""

from pathlib import Path

import pytest

from bot import resources
from bot.render import lint
from bot.render.words import LANGUAGES

GOOD = "{% block verdict %}{{ kind }}{% endblock %}{% block details %}{% endblock %}"


def test_our_own_templates_have_no_mistakes() -> None:
    assert lint.lint(resources.templates()) == []


def test_the_command_says_so_and_succeeds(capsys: pytest.CaptureFixture[str]) -> None:
    assert lint.main() == 0
    assert capsys.readouterr().out == "templates: no mistakes\n"


def test_the_command_fails_on_a_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(tmp_path, english=GOOD, chinese=None)
    monkeypatch.setattr(resources, "templates", lambda: tmp_path)
    assert lint.main() == 1
    assert capsys.readouterr().out == "zh-CN/note.md.j2 is missing\n"


@pytest.mark.parametrize(
    ("english", "chinese", "expected"),
    [
        (GOOD, GOOD, []),
        (GOOD, None, ["zh-CN/note.md.j2 is missing"]),
        (None, GOOD, ["en/note.md.j2 is missing"]),
        (GOOD, GOOD.replace("kind", "sort"), ["note.md.j2 uses in one language only: kind, sort"]),
        (GOOD, GOOD + "{% if", ["zh-CN/note.md.j2:1: unexpected 'end of template'"]),
        (GOOD, "{{ kind }}", ["zh-CN/note.md.j2 must have the blocks verdict and details"]),
        (
            GOOD,
            GOOD + "\n<b>{{ kind }}</b>",
            ["zh-CN/note.md.j2 prints data in a line of HTML, where it is not escaped"],
        ),
    ],
)
def test_a_mistake_in_a_template_is_named(
    english: str | None, chinese: str | None, expected: list[str], tmp_path: Path
) -> None:
    _write(tmp_path, english=english, chinese=chinese)
    found = lint.lint(tmp_path)
    assert [mistake.split(", expected")[0] for mistake in found] == expected


@pytest.mark.parametrize(
    ("english", "chinese", "expected"),
    [
        ("a: x {n}\n", "a: y {n}\n", []),
        ("a: x {n}\n", "a: y {m}\n", ["mistakes.txt differs between the languages: a"]),
        ("a: x\nb: x: y\n", "a: y\n", ["mistakes.txt differs between the languages: b"]),
        ("a: x {names:or}\n", "a: y {names}\n", []),
    ],
)
def test_the_words_for_mistakes_are_the_same_in_both_languages(
    english: str, chinese: str, expected: list[str], tmp_path: Path
) -> None:
    for language, text in zip(LANGUAGES, (english, chinese), strict=True):
        (tmp_path / language).mkdir()
        (tmp_path / language / "mistakes.txt").write_text(text, encoding="utf-8")

    assert lint.lint(tmp_path) == expected


def _write(folder: Path, *, english: str | None, chinese: str | None) -> None:
    for language, source in zip(LANGUAGES, (english, chinese), strict=True):
        (folder / language).mkdir()
        if source is not None:
            (folder / language / "note.md.j2").write_text(source, encoding="utf-8")
