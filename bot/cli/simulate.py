"""`reeve simulate`: which issues and pull requests another policy file would have judged differently."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.config import lines, read

if TYPE_CHECKING:
    from bot.simulation import Difference, Judgement, Result

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def simulate(
    file: Annotated[Path, typer.Argument(help="The policy file to try.")],
    repo: Annotated[str, typer.Option(help="The repository, as owner/name: the App must be installed there.")],
    last: Annotated[int, typer.Option(help="So many of the newest issues and pull requests.", min=1, max=100)] = 50,
    as_json: Json = False,
) -> None:
    """Show which of the newest issues and pull requests this file would have judged differently; writes nothing."""
    from bot import logs, settings
    from bot.clock import utc_now
    from bot.config import ConfigError
    from bot.github.forge import GitHub
    from bot.simulation import Case
    from bot.simulation import simulate as run

    found = settings.from_environment()
    logs.configure("ERROR")
    github = GitHub(app_id=found.app_id, private_key=found.private_key, base_url=found.github_api_url, clock=utc_now)
    try:
        repository = github.repository(repo)
        text = read(file).decode("utf-8", errors="replace")
        case = Case(text, repository, github.home_of(repository), last, utc_now())
        result = run(case, found, github)
    except ConfigError as error:
        typer.echo("\n".join(lines(error.mistakes, "en")), err=True)
        raise typer.Exit(1) from None
    finally:
        github.close()
    typer.echo(json.dumps(_dumped(result), ensure_ascii=False)) if as_json else show(result)


def show(result: "Result") -> None:
    """Print what came of a simulation: a table on a terminal, else a line for each difference."""
    for line in lines(result.ignored, "en"):
        typer.echo(line)
    for number, why in result.skipped:
        typer.echo(f"#{number} could not be judged: {why}")
    typer.echo(f"{len(result.differences)} of {result.judged} would have been judged differently")
    if not result.differences:
        return
    if sys.stdout.isatty():
        _print_table(result)
        return
    for each in result.differences:
        for before, after in each.changes:
            typer.echo(f"#{each.number} {_policy(before, after)}: {_said(before)} -> {_said(after)}  ({each.title})")


def _print_table(result: "Result") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("", "title", "policy", "now", "with this file", show_lines=True)
    for each in result.differences:
        for before, after in each.changes:
            cells = (f"#{each.number}", each.title, _policy(before, after), _said(before), _said(after))
            table.add_row(*map(Text, cells))
    Console().print(table)


def _policy(before: "Judgement | None", after: "Judgement | None") -> str:
    found = after or before
    return found.policy if found else ""


def _said(judgement: "Judgement | None") -> str:
    return str(judgement) if judgement else "nothing"


def _dumped(result: "Result") -> dict[str, Any]:
    return {
        "judged": result.judged,
        "differences": [_difference(each) for each in result.differences],
        "skipped": [{"number": number, "reason": why} for number, why in result.skipped],
        "ignored": lines(result.ignored, "en"),
    }


def _difference(each: "Difference") -> dict[str, Any]:
    changes = [
        {"policy": _policy(before, after), "before": _judgement(before), "after": _judgement(after)}
        for before, after in each.changes
    ]
    kind = "pull_request" if each.is_pull_request else "issue"
    return {"number": each.number, "title": each.title, "kind": kind, "changes": changes}


def _judgement(judgement: "Judgement | None") -> dict[str, Any] | None:
    if judgement is None:
        return None
    names = ("rule", "outcome", "is_shadow", "add", "remove", "checks", "due")
    said = judgement.said.key if judgement.said else None
    return {**{name: getattr(judgement, name) for name in names}, "says": said}
