"""Logs: JSON lines, and no credential in any of them, whoever logged it and wherever it stood."""

import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
import structlog

from bot import logs
from bot.sandbox.world import World

CLASSIC = "ghs_" + "a1B2" * 9
STATELESS = f"ghs_1234567_{'eyJhbGciOiJSUzI1NiJ9'}.{'b-_2' * 60}.{'c-_3' * 60}"  # the format of 2026, with dots
FINE_GRAINED = "github_pat_" + "11AAAAAAA0" + "_" + "x" * 59
BEARER = jwt.encode({"iss": "1"}, "k" * 40)
KIND = "RSA PRIVATE KEY"  # put in, so that no scanner takes this file for one that holds a key
PEM = f"-----BEGIN {KIND}-----\nMIIE{'x' * 60}\n-----END {KIND}-----"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (CLASSIC, "[secret]"),
        (f"ghp_{'z' * 36}", "[secret]"),
        (f"gho_{'z' * 36} ghu_{'z' * 36} ghr_{'z' * 76}", "[secret] [secret] [secret]"),
        (f"token {STATELESS} refused", "token [secret] refused"),
        (FINE_GRAINED, "[secret]"),
        (f"Authorization: Bearer {BEARER}", "Authorization: Bearer [secret]"),
        (f"key={PEM};", "key=[secret];"),
        (PEM.replace("\n", "\\n"), "[secret]"),
        (PEM[:60], "[secret]"),
        ("postgresql://reeve:hunter2@db/reeve", "postgresql://[secret]@db/reeve"),
        ("redis://:hunter2@queue:6379/0", "redis://[secret]@queue:6379/0"),
        (f"https://x-access-token:{CLASSIC}@github.com/acme/model", "https://[secret]@github.com/acme/model"),
        ("redis://queue:6379/0", "redis://queue:6379/0"),
        ("https://github.com/acme/model@v1", "https://github.com/acme/model@v1"),
        ("ghs_short", "ghs_short"),
        ("a sha 0123456789abcdef0123456789abcdef01234567", "a sha 0123456789abcdef0123456789abcdef01234567"),
    ],
)
def test_credentials_are_masked_and_nothing_else(text: str, masked: str) -> None:
    assert logs.masked(text) == masked


def test_a_real_token_and_key_of_the_sandbox_are_masked() -> None:
    with World.start() as world:
        world.create_repository("acme/model")
        world.install()
        printed = logs.masked(f"{world.token()} {world.private_key_pem}")

    assert printed.strip() == "[secret] [secret]"


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Configure logging as a process does, and give what it wrote; everything is put back afterwards."""
    root, written, before = logging.getLogger(), io.StringIO(), structlog.get_config()
    handlers, level = list(root.handlers), root.level
    monkeypatch.setattr(sys, "stderr", written)
    logs.configure("INFO")
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**before)


def test_every_line_is_json_with_a_level_a_name_and_a_time(lines: Callable[[], list[dict[str, Any]]]) -> None:
    structlog.get_logger("ours").info("effect applied", target="1#7/labels", was_needed=True, tries=[1, "two"])
    logging.getLogger("theirs").warning("plain %s", "text", extra={"delivery": "abc"})

    ours, theirs = lines()

    assert ours.pop("timestamp").endswith("Z")
    assert theirs.pop("timestamp").endswith("Z")
    assert ours == {
        "event": "effect applied",
        "level": "info",
        "logger": "ours",
        "target": "1#7/labels",
        "tries": [1, "two"],
        "was_needed": True,
    }
    assert theirs == {"event": "plain text", "level": "warning", "logger": "theirs", "delivery": "abc"}


def test_secrets_are_masked_in_texts_fields_lists_objects_and_tracebacks(
    lines: Callable[[], list[dict[str, Any]]],
) -> None:
    ours, theirs = structlog.get_logger("ours"), logging.getLogger("theirs")
    ours.info(f"text {CLASSIC}", field=CLASSIC, deep=[("x", CLASSIC)], error=ValueError(CLASSIC), data={"a": CLASSIC})
    theirs.info("%s", CLASSIC, extra={"field": CLASSIC})
    try:
        fail()
    except ConnectionError:
        ours.exception("failed")
        theirs.exception("failed")

    found = lines()

    assert len(found) == 4
    assert "ConnectionError" in found[2]["exception"]
    assert "ConnectionError" in found[3]["exception"]
    written = json.dumps(found)
    assert written.count("[secret]") >= 9
    assert "a1B2" not in written
    assert "MIIE" not in written


def fail() -> None:
    raise ConnectionError(f"https://x:{CLASSIC}@github.com {PEM}")


def test_the_level_is_kept_and_chatty_libraries_speak_only_of_trouble(
    lines: Callable[[], list[dict[str, Any]]],
) -> None:
    structlog.get_logger("ours").debug("too fine")
    for name in ("httpx", "urllib3", "celery", "kombu"):
        logging.getLogger(name).info("GET https://api.github.com")
        logging.getLogger(name).warning("trouble")

    assert [line["event"] for line in lines()] == ["trouble"] * 4
