"""`reeve gate coverage`: the same verdict as on GitHub, before a push. It loads little: reports are large."""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot import resources
from bot.gate.gathering import Asked, gather
from bot.policies.coverage import decide
from bot.policies.coverage.facts import facts

if TYPE_CHECKING:
    from bot.model.coverage import CoverageRules
    from bot.policies.coverage import CoverageVerdict
    from bot.reports.measured import Count

#: What is neither passed nor failed: pending, or a person has to look.
_NOT_SURE = 3
_EXIT = {"pass": 0, "fail": 1}


def coverage(words: Sequence[str]) -> int:
    """Print the verdict of the coverage gate on these arguments; return the exit status."""
    given = _arguments(words)
    now = datetime.now(UTC)
    asked = Asked(tuple(given.reports), given.diff, given.base, given.base_report, given.config)
    evidence, rules = gather(asked, now)
    found = decide(evidence, rules, now)
    if given.json:
        sys.stdout.write(json.dumps(_as_json(found, rules)) + "\n")
    else:
        _print(found, rules, given.language)
    return _EXIT.get(found.outcome.value, _NOT_SURE)


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    """Read the arguments. Not by typer: that loads pydantic, which takes as much memory as a large report."""
    parser = argparse.ArgumentParser(
        "reeve gate coverage",
        description="Judge whether tests reach the project and the changed lines, by the same policy as on GitHub.",
        epilog="Exit status: 0 pass, 1 fail, 2 usage, 3 pending or a person has to look.",
    )
    parser.add_argument(
        "reports", nargs="+", metavar="REPORT", help="coverage.py JSON, Cobertura or LCOV; NAME=FILE names a part"
    )
    change = parser.add_mutually_exclusive_group(required=True)
    change.add_argument("--diff", default="", metavar="FILE", help="a diff as git makes it; - reads it from the input")
    change.add_argument(
        "--base", default="", metavar="REF", help="the branch to merge into; the change is what differs from it"
    )
    parser.add_argument("--base-report", default="", metavar="FILE", help="the base's own report, for a ratchet")
    parser.add_argument("--config", default="", metavar="FILE", help="a policy file, instead of the repository's own")
    parser.add_argument("--language", default="en", choices=("en", "zh-CN"), help="the language of the summary")
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")
    return parser.parse_args(words)


def _as_json(found: "CoverageVerdict", rules: "CoverageRules") -> dict[str, object]:
    """Return the verdict for programs; the reason is a sentence in English."""
    return {
        "verdict": found.outcome.value,
        "reason": _reason(found, rules),
        "project": _count(found.figures.project),
        "patch": _count(found.figures.patch),
        "uncovered": {path: list(lines) for path, lines in found.figures.uncovered.items()},
    }


def _count(count: "Count") -> dict[str, int]:
    return {"covered": count.covered, "total": count.total}


def _reason(found: "CoverageVerdict", rules: "CoverageRules") -> str:
    """Return the reason in one sentence. The template engine would take as much memory as a large report."""
    lines = (resources.templates() / "en" / "coverage" / "reasons.txt").read_text(encoding="utf-8").splitlines()
    words = dict(line.split(": ", 1) for line in lines)
    flaws = "; ".join(f"{each.part}: {each.detail}" for each in found.refused)
    return words[found.reason].format_map({**facts(found, rules), "flaws": flaws})


def _print(found: "CoverageVerdict", rules: "CoverageRules", language: str) -> None:
    """Print the words that GitHub would show: drawn for a terminal, as Markdown for anything else."""
    from bot.model.verdicts import Message
    from bot.render import Words

    title, body = Words().headed(Message("coverage/check", facts(found, rules)), language)
    if sys.stdout.isatty():
        _draw(title, body, found.outcome.value)
    else:
        sys.stdout.write(f"# {title}\n\n{body}")


def _draw(title: str, body: str, outcome: str) -> None:
    from rich.console import Console
    from rich.markdown import Markdown
    from rich.text import Text

    console, colors = Console(), {"pass": "bold green", "fail": "bold red"}
    console.print(Text(title, colors.get(outcome, "bold yellow")))
    console.print(Markdown(body))
