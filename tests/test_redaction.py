"""What looks like a secret is taken out of a text, and nothing else is; the shared corpus says how well."""

import json
import os
import secrets
import string
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policies import builtin
from bot.redaction import find, redact

_BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"
CORPUS = Path(os.environ.get("REEVE_SHARED_DATA", _BESIDE)) / "security" / "redaction.jsonl"

LETTERS = string.ascii_letters + string.digits


def drawn(length: int, signs: str = LETTERS) -> str:
    """Return signs that nobody ever issued; the first ones differ, so that it is no filler."""
    return "aB3xQ9"[: length if signs is LETTERS else 0] + "".join(
        secrets.choice(signs) for _ in range(length - (6 if signs is LETTERS else 0))
    )


FORMS: dict[str, Callable[[], str]] = {
    "a token of GitHub's": lambda: "ghp_" + drawn(36),
    "a fine-grained token": lambda: "github_pat_" + drawn(22) + "_" + drawn(59),
    "a token of a model hub": lambda: "hf_" + drawn(34),
    "a key of a model's API": lambda: "sk-proj-" + drawn(48),
    "a cloud key": lambda: "AKIA" + "QX7Z" + drawn(12, string.ascii_uppercase),
    "a web token": lambda: f"eyJ{drawn(20)}.{drawn(40)}.{drawn(30)}",
}


@pytest.mark.parametrize("form", FORMS)
def test_a_secret_is_known_by_its_own_form(form: str) -> None:
    secret = FORMS[form]()

    shown = redact(f"before {secret}, after")

    assert secret not in shown
    assert shown.startswith("before ‹redacted: ")
    assert shown.endswith("›, after")


@pytest.mark.parametrize(
    "place",
    [
        'api_key = "{}"',
        "export HF_SECRET_TOKEN={}",
        "Authorization: Bearer {}",
        "密码：{}",
        "postgresql://reeve:{}@db.example.com/reeve",
    ],
)
def test_a_secret_is_known_by_the_name_that_it_is_given(place: str) -> None:
    secret = drawn(24)

    assert secret not in redact(place.format(secret))


def test_a_private_key_is_taken_out_whole_and_also_where_it_is_cut_off() -> None:
    begin, lines = f"-----BEGIN RSA {'PRIVATE'} KEY-----", "\n".join(drawn(64) for _ in range(4))

    assert redact(f"a\n{begin}\n{lines}\n-----END RSA PRIVATE KEY-----\nb") == "a\n‹redacted: private-key›\nb"
    assert lines.split("\n")[-1] not in redact(f"a\n{begin}\n{lines}")


@pytest.mark.parametrize(
    "text",
    [
        "GITHUB_TOKEN=ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "token: ${{ secrets.GITHUB_TOKEN }}",
        "password = your-password-here",
        "密码：******",
        "commit d5ad1a095a808cc25218139f740e89573b42d0e5",
        "The token is read from /etc/reeve/token",
        "max_tokens=4096, tokenizer: LlamaTokenizerFast",
    ],
)
def test_what_only_stands_for_a_secret_stays(text: str) -> None:
    assert redact(text) == text


def test_signs_that_cannot_be_seen_hide_no_secret() -> None:
    secret = "ghp_" + drawn(36)
    hidden = "\u200b".join((secret[:9], secret[9:20], secret[20:]))

    assert redact(f"x {hidden} y") == "x ‹redacted: github-token› y"


@given(st.text())
def test_any_text_can_be_redacted_and_what_is_left_holds_no_secret_any_more(text: str) -> None:
    assert redact(redact(text)) == redact(text)


@given(st.text(max_size=40), st.text(max_size=40))
def test_what_stands_around_a_secret_stays(before: str, after: str) -> None:
    secret = "hf_" + "aB3xQ9Zk" * 4
    shown = redact(f"{before} {secret} {after}")

    assert secret not in shown
    assert [each.kind for each in find(f" {secret} ")] == ["access-token"]


def test_reeves_own_redactor_is_registered_like_a_plugins() -> None:
    assert redact in builtin.redactors()


@pytest.mark.skipif(not CORPUS.is_file(), reason=f"no data at {CORPUS}: set REEVE_SHARED_DATA")
def test_every_secret_of_the_corpus_is_found_and_every_harmless_text_stays_as_it_is() -> None:
    rows = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]
    secret = [(row["text"], span) for row in rows for span in row["spans"] if span["type"] == "SECRET"]

    missed = [text for text, span in secret if not _is_covered(text, span["start"], span["end"])]
    spoilt = [row["text"] for row in rows if row["kind"] == "neg" and redact(row["text"]) != row["text"]]

    assert len(secret) > 50
    assert missed == []
    assert spoilt == []


def _is_covered(text: str, start: int, end: int) -> bool:
    covered = {at for each in find(text) for at in range(each.start, each.end)}
    return all(at in covered for at in range(start, end) if text[at].isalnum())
