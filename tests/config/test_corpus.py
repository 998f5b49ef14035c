"""Every case of the project's corpus of policy files, which lies beside the checkout."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from bot.config import Config, ConfigError, parse
from bot.model.verdicts import Message
from bot.render import Words
from tests.limits import at_most

_BESIDE = Path(__file__).resolve().parents[2].parent / "shared" / "data"
CORPUS = Path(os.environ.get("REEVE_SHARED_DATA", _BESIDE)) / "security" / "config_yaml.jsonl"

if not CORPUS.is_file():
    pytest.skip(
        "the corpus is not here: it lies beside the checkout, or where REEVE_SHARED_DATA says", allow_module_level=True
    )

CASES: list[dict[str, Any]] = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]


def outcome(text: str) -> Config | ConfigError:
    """Parse, and return what came of it."""
    try:
        return parse(text)
    except ConfigError as error:
        return error


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_case_of_the_corpus_comes_out_as_it_says(case: dict[str, Any]) -> None:
    with at_most(20):
        result = outcome(case["text"])
    match case["verdict"]:
        case "accept":
            assert isinstance(result, Config)
        case "accept_defaults":
            assert result == Config()
        case "reject":
            assert isinstance(result, ConfigError)
            assert all(mistake.line >= 1 and mistake.column >= 1 for mistake in result.mistakes)
        case "reject_or_literal" | "sanitise":
            assert isinstance(result, Config)
            assert _is_shown_literally(result)
        case other:
            pytest.fail(f"the corpus has a verdict this test does not know: {other}")


def _is_shown_literally(config: Config) -> bool:
    """Say whether the repository's own words reach a comment unexecuted and without a mention."""
    data = {
        "rule": "no-evidence",
        "evidence": (),
        "choices": ("bug",),
        "label": "x",
        "welcome": config.messages.welcome,
    }
    shown = Words().comment([Message("triage/unclear", data)], "en")
    words = [word.strip("\"'%{}@/") for word in (config.messages.welcome or "").split()]
    return all(word.split("/")[0].split("(")[0].split("_")[0] in shown for word in words) and "@everyone" not in shown
