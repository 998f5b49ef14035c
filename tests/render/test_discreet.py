"""What somebody wrote as a secret is quoted by none of Reeve's words; everything else is said as it was."""

from bot.model.verdicts import Message
from bot.redaction import redact
from bot.render import Words
from bot.render.discreet import Discreet

SECRET = "ghp_" + "aB3xQ9Zk" * 5


def note(english: str) -> Message:
    """Return a message that shows a text."""
    return Message("plugins/note", {"english": english, "chinese": "", "plugin": "example"})


def test_a_secret_is_shown_nowhere() -> None:
    words, message = Discreet(redact), note(f"it was {SECRET}")
    said = [
        words.comment([message], "en"),
        words.text(message.key, message.data, "en"),
        *words.headed(message, "en"),
        words.answer([message], "zh-CN"),
    ]

    assert all(SECRET not in each and SECRET.replace("_", "\\_") not in each for each in said)
    assert "redacted: github-token" in said[0]


def test_in_a_list_each_text_is_looked_at() -> None:
    data = {"rule": "question", "evidence": ("[Help]", SECRET), "choices": ("bug",), "label": "x", "welcome": None}

    said = Discreet(redact).text("triage/unclear", data, "en")

    assert SECRET not in said
    assert "`[Help]`" in said


def test_what_holds_no_secret_is_said_as_it_was() -> None:
    message = note("Which version was it? `max_tokens=4096` & <b>")

    assert Discreet(redact).comment([message], "en") == Words().comment([message], "en")
