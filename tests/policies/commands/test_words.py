"""What people read: each answer in both languages, kept as text to be read in review."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.config import Config
from bot.model.roles import Role
from bot.model.verdicts import Message, Outcome, Verdict
from bot.policies.commands import Head, Situation, decide_comment, docs_page, flooded, parse
from bot.render import LANGUAGES, Words
from tests.policies.commands.given import AUTHOR, HEAD, NOW, decide, situation

ROOT = Path(__file__).resolve().parents[3]
STORED = ROOT / "tests" / "data" / "rendered" / "commands"
PAGE = ROOT / "docs" / "commands.md"
WORDS = Words()

_UNCLEAR = Verdict("triage", "no-evidence", Outcome.UNKNOWN)
_WAITING = Verdict("sla", "waiting", Outcome.PENDING)
_OVERRIDE = '/override coverage reason="generated code"'
SITUATIONS: dict[str, Situation] = {
    "help": situation("/help"),
    "help-one": situation("/help label"),
    "help-later": situation("/approve ?"),
    "why-nothing": situation("/why"),
    "why-closed": situation("/why", is_open=False),
    "why-label": situation("/why", labels=["hold"]),
    "why-unknown": situation("/why", labels=["needs-info"], verdicts=(_UNCLEAR, _WAITING)),
    "why-pending": situation("/why", verdicts=(_WAITING,)),
    "unknown": situation("@reeve dance"),
    "unknown-near": situation("/rele\u0430se cut v1"),
    "usage-argument": situation("/kind question"),
    "usage-missing": situation("/label"),
    "usage-empty": situation('/label ""'),
    "not-available": situation("/approve", head=HEAD),
    "refused-too-many": situation("/why\n" * 6),
    "refused-permission": situation("/label +a", role=Role.READ),
    "refused-unchecked": situation("/hold", role=None),
    "refused-author": situation("/retest", role=Role.READ, head=HEAD),
    "refused-self-approval": situation("/approve", by=AUTHOR, head=HEAD),
    "refused-not-a-pr": situation("/benchmark"),
    "refused-not-an-issue": situation("/kind bug", head=HEAD),
    "refused-closed": situation("/hold", is_open=False),
    "refused-edited": situation("/label +a", body_now="/label +b"),
    "refused-head-moved": situation(_OVERRIDE, head=Head("1" * 40, "2" * 40)),
    "refused-head-unknown": situation(_OVERRIDE, head=Head("1" * 40, None)),
    "refused-too-old": situation("/hold"),
    "refused-too-old-risky": situation(_OVERRIDE, head=HEAD),
    "refused-too-often": situation("/hold"),
}

#: How late Reeve gets to the commands that are too old.
LATE = {"refused-too-old": timedelta(days=8), "refused-too-old-risky": timedelta(days=2)}


def message(name: str) -> Message:
    """Return what is said in this situation."""
    given = SITUATIONS[name]
    if name == "refused-too-often":
        said = flooded(given.comment.id, given.facts.issue.subject, NOW).verdict.message
    else:
        (answer,) = decide_comment(given, Config(), NOW + LATE.get(name, timedelta()))
        said = answer.verdict.message
    assert said is not None
    return said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SITUATIONS)
def test_the_answer_reads_as_it_is_stored(name: str, language: str) -> None:
    """Written anew by deleting the stored file: then this test fails once and shows in the diff what is new."""
    path = STORED / f"commands-{name}.{language}.md"
    text = WORDS.text(message(name).key, message(name).data, language)
    if not path.exists():
        path.write_text(text, encoding="utf-8")
        pytest.fail(f"{path.name} was not there and has been written: read it and run again")
    assert text == path.read_text(encoding="utf-8")


def test_every_stored_answer_is_still_given() -> None:
    said = {f"commands-{name}.{language}.md" for name in SITUATIONS for language in LANGUAGES}
    assert {path.name for path in STORED.glob("*.md")} == said


def test_doing_what_was_asked_needs_no_words() -> None:
    for answer in decide_comment(situation("/label +a\n/kind bug\n/assign\n/hold\n/needs-info"), Config(), NOW):
        assert answer.verdict.outcome is Outcome.PASS
        assert answer.verdict.message is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SITUATIONS)
def test_no_answer_of_reeves_is_a_command(name: str, language: str) -> None:
    assert parse(WORDS.text(message(name).key, message(name).data, language)) == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_mistyped_is_shown_and_does_nothing(language: str) -> None:
    for body in ("@reeve <b>@everyone", "/kind [x](//a.example)"):
        said = decide(situation(body)).verdict.message
        assert said is not None
        text = WORDS.text(said.key, said.data, language)
        assert "`" + body.split()[1] + "`" in text


def test_the_page_in_the_documentation_is_what_the_registry_says() -> None:
    """Written anew by deleting the page: then this test fails once and shows in the diff what is new."""
    page = docs_page(lambda verb: WORDS.text("commands/summary", {"verb": verb}, "en"))
    if not PAGE.exists():
        PAGE.write_text(page, encoding="utf-8")
        pytest.fail(f"{PAGE.name} was not there and has been written: read it and run again")
    assert page == PAGE.read_text(encoding="utf-8")
