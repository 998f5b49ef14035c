"""What people read: each message in both languages, kept as text to be read in review."""

from pathlib import Path

import pytest
from jinja2 import TemplateNotFound, UndefinedError

from bot.model.verdicts import Data, Message
from bot.render import LANGUAGES, Words
from tests.render.samples import MESSAGES

STORED = Path(__file__).parent.parent / "data" / "rendered"
WORDS = Words()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", MESSAGES)
def test_the_comment_reads_as_it_is_stored(name: str, language: str) -> None:
    """Written anew by deleting the stored file: then this test fails once and shows in the diff what is new."""
    path = STORED / f"triage-{name}.{language}.md"
    comment = WORDS.comment([MESSAGES[name]], language)
    if not path.exists():
        path.write_text(comment, encoding="utf-8")
        pytest.fail(f"{path.name} was not there and has been written: read it and run again")
    assert comment == path.read_text(encoding="utf-8")


def test_every_stored_comment_is_still_said() -> None:
    said = {f"triage-{name}.{language}.md" for name in MESSAGES for language in LANGUAGES}
    assert {path.name for path in STORED.glob("*.md")} == said


def test_several_messages_share_one_comment_and_one_fold() -> None:
    comment = WORDS.comment([MESSAGES["decided-title-prefix"], MESSAGES["unclear-no-evidence"]], "en")
    assert comment.count("<details>") == 1
    assert (
        comment.index("**This is a bug report.**") < comment.index("**A maintainer needs") < comment.index("<details>")
    )


def test_a_comment_without_details_has_no_fold(tmp_path: Path) -> None:
    _write(tmp_path, "{% block verdict %}Fine.{% endblock %}{% block details %}{% endblock %}")
    assert Words(tmp_path).comment([Message("note")], "en") == "Fine.\n"


def test_the_text_of_one_message_is_its_verdict_and_its_details() -> None:
    message = MESSAGES["decided-title-prefix"]
    text = WORDS.text(message.key, message.data, "en")
    assert text.startswith("**This is a bug report.**")
    assert text.endswith("Decided by how the title begins: `[Bug]`.\n")


def test_a_language_that_reeve_does_not_speak_is_answered_in_english() -> None:
    message = MESSAGES["removed"]
    assert WORDS.comment([message], "fr") == WORDS.comment([message], "en")


def test_a_key_without_a_template_is_an_error() -> None:
    with pytest.raises(TemplateNotFound):
        WORDS.text("triage/nothing", {}, "en")


def test_a_missing_name_is_an_error_not_a_gap() -> None:
    with pytest.raises(UndefinedError):
        WORDS.text("triage/contradicting", {"rule": "x"}, "en")


def test_a_template_in_the_data_stays_text() -> None:
    data = dict(MESSAGES["unclear-no-evidence"].data) | {
        "welcome": "{{ 7 * 7 }} {% for i in range(10**9) %}x{% endfor %}"
    }
    text = WORDS.text("triage/unclear", data, "en")
    assert "49" not in text
    assert "7 \\* 7" in text


def test_a_template_cannot_reach_into_python(tmp_path: Path) -> None:
    source = "{% block verdict %}{{ ''.__class__.__mro__ }}{% endblock %}{% block details %}{% endblock %}"
    _write(tmp_path, source)
    with pytest.raises(Exception, match=r"unsafe|undefined|no attribute"):
        Words(tmp_path).text("note", {}, "en")


@pytest.mark.parametrize(
    "expression",
    ["text", "text | upper", "text ~ ''", "text | safe", "text | replace('x', 'x')", "[text] | first", "[text] | join"],
)
def test_no_way_of_printing_data_forgets_to_escape(expression: str, tmp_path: Path) -> None:
    _write(tmp_path, "{% block verdict %}{{ " + expression + " }}{% endblock %}{% block details %}{% endblock %}")
    text = Words(tmp_path).text("note", {"text": "[a](b)<c>@d"}, "en")
    assert "\\[" in text
    assert "<" not in text


@pytest.mark.parametrize(
    ("iso", "english", "chinese"),
    [
        ("2026-01-02T03:04:59+00:00", "2 January 2026, 03:04 UTC", "2026 年 1 月 2 日 03:04（UTC）"),
        ("2026-12-31T23:30:00-02:00", "1 January 2027, 01:30 UTC", "2027 年 1 月 1 日 01:30（UTC）"),
    ],
)
def test_a_moment_is_written_for_people_in_utc(iso: str, english: str, chinese: str) -> None:
    data: dict[str, Data] = {"state": "on-track", "due": iso, "hours": 24, "is_business": False, "how": None}
    assert english in WORDS.text("sla/clock", data, "en")
    assert chinese in WORDS.text("sla/clock", data, "zh-CN")


def test_a_choice_of_one_needs_no_or() -> None:
    data = dict(MESSAGES["unclear-no-evidence"].data) | {"choices": ("bug",)}
    assert "add one of the labels `bug`." in WORDS.text("triage/unclear", data, "en")


def _write(folder: Path, source: str) -> None:
    for language in LANGUAGES:
        (folder / language).mkdir()
        (folder / language / "note.md.j2").write_text(source, encoding="utf-8")
        frame = "{{ verdicts | paragraphs }}{% if details %}<details>{% endif %}"
        (folder / language / "sticky.md.j2").write_text(frame, encoding="utf-8")
