"""The `reeve` command. Each command loads only what it needs."""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import bench as bench_commands
from bot.cli import config as config_commands
from bot.cli import gate as gate_commands
from bot.cli import simulate as simulation_commands
from bot.cli import sla as sla_commands
from bot.cli import suite as suite_commands
from bot.cli import triage as triage_commands

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from bot.doctor import Finding
    from bot.settings import Settings
    from bot.store.audit import Noted
    from bot.store.figures import DeliveryRow

app = typer.Typer(
    help="Reeve governs open-source model repositories on GitHub.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
audit_app = typer.Typer(help="Read and check the audit log.", no_args_is_help=True)
app.add_typer(audit_app, name="audit")
app.add_typer(bench_commands.app, name="bench")
suite_commands.add_to(bench_commands.app)
app.add_typer(config_commands.app, name="config")
app.add_typer(gate_commands.app, name="gate")
app.add_typer(sla_commands.app, name="sla")
app.add_typer(triage_commands.app, name="triage")
app.command("train")(triage_commands.train)
app.command("simulate")(simulation_commands.simulate)

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(help="Port to listen on.")]


@app.command()
def serve(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Receive webhooks; without REEVE_BROKER_URL also do the work, all in this one process."""
    from bot import logs, settings
    from bot.serve import Service
    from bot.web.server import serve as listen

    found = settings.from_environment()
    logs.configure(found.log_level)
    listen(Service(found).app, host, port)


@app.command()
def worker(threads: Annotated[int, typer.Option(help="How many subjects to work on at once.", min=1)] = 4) -> None:
    """Do the work that `reeve serve` queues on REEVE_BROKER_URL; run as many as you like."""
    from bot import logs, settings, tasks, wiring

    found = _with_broker(settings.from_environment())
    logs.configure(found.log_level)
    parts = wiring.build(found)
    tasks.worker(tasks.app_for(found, lambda: parts), threads=threads).start()


@app.command()
def beat() -> None:
    """Ring every two seconds and tick every minute; a second one does no harm."""
    from bot import logs, settings, tasks

    found = _with_broker(settings.from_environment())
    logs.configure(found.log_level)
    tasks.beat(tasks.app_for(found)).start()


@app.command()
def deliveries(
    retry: Annotated[str, typer.Option(help="Try this dead letter again, by its delivery id.")] = "",
    all_: Annotated[bool, typer.Option("--all", help="List every delivery, not only dead letters.")] = False,
    limit: Annotated[int, typer.Option(help="List at most this many.", min=1)] = 50,
    as_json: Json = False,
) -> None:
    """List dead letters with their reasons, newest first; retry one by its id."""
    from bot.clock import utc_now
    from bot.store.database import Database
    from bot.store.tables import State

    database = Database(_engine())
    if retry:
        found = database.inbox.rearm(retry, now=utc_now())
        typer.echo(f"{retry} will be tried again" if found else f"no dead letter has the id {retry}")
        raise typer.Exit(0 if found else 1)
    states = tuple(State) if all_ else (State.DEAD,)
    _print_deliveries(database.figures.deliveries(states, limit=limit), as_json=as_json, is_all=all_)


@audit_app.command("verify")
def audit_verify(
    noted: Annotated[str, typer.Option(help="A head noted before, COUNT:HASH: the chain must pass through it.")] = "",
    as_json: Json = False,
) -> None:
    """Recompute the whole chain; name the first entry that was changed, dropped, moved, added or rolled back."""
    from bot.store import audit

    checked = audit.verify(audit.entries(_engine()), noted=_noted(noted))
    if as_json:
        typer.echo(json.dumps(asdict(checked)))
    else:
        typer.echo(checked.fault or f"the chain holds: {checked.entries} entries, head {checked.head}")
    raise typer.Exit(1 if checked.fault else 0)


@audit_app.command("show")
def audit_show(
    after: Annotated[int, typer.Option(help="Begin after this entry.", min=0)] = 0,
) -> None:
    """Print the log as JSON lines, as it is chained: enough to verify it elsewhere."""
    from bot.store import audit

    for line in audit.entries(_engine(), after=after):
        typer.echo(json.dumps({"entry": line.entry, "detail": line.detail, "hash": line.hash}, ensure_ascii=False))


@app.command()
def migrate() -> None:
    """Bring the database up to date; `serve` and `worker` do it by themselves."""
    from bot.store import migrate as migrations

    migrations.upgrade(_engine())
    typer.echo(f"the database is at migration {migrations.head()}")


@app.command()
def doctor(as_json: Json = False) -> None:
    """Check settings, App, webhook, clock, database and installations; exit 1 where something is to be put right."""
    from bot import doctor as checks
    from bot import settings
    from bot.clock import utc_now
    from bot.github.forge import GitHub

    try:
        found = settings.from_environment()
    except settings.SettingsError as error:
        unset = checks.Finding("settings", checks.Level.ERROR, str(error), "set it in the environment of this process")
        _print_findings([unset], as_json=as_json)
        raise typer.Exit(1) from None
    github = GitHub(app_id=found.app_id, private_key=found.private_key, base_url=found.github_api_url, clock=utc_now)
    findings = list(checks.examine(found, github, utc_now))
    github.close()
    _print_findings(findings, as_json=as_json)
    raise typer.Exit(0 if all(each.level is checks.Level.OK for each in findings) else 1)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="The repository's folder.")] = Path(),
    language: Annotated[str, typer.Option(help="The language of the comments in the file: en or zh-CN.")] = "en",
    source: Annotated[
        str, typer.Option("--from", help="Call the workflow bodies of this repository and commit: OWNER/REPO@SHA.")
    ] = "",
) -> None:
    """Write a policy file with every setting as a comment, and the workflows of the gates; what is there stays."""
    from bot import initial

    written = list(initial.write(folder, language=language, source=source))
    for each in written:
        typer.echo(f"{folder / each.path} is {'written' if each.is_new else 'there already and stays as it is'}")
    if not any(each.is_new for each in written):
        raise typer.Exit(1)
    typer.echo("commit them to the default branch to switch Reeve on")


@app.command()
def sandbox(port: Port = 8100) -> None:
    """Run a GitHub on your desk and print how to point Reeve at it."""
    from bot.demo import sandbox as run

    run(port)


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="End when the scene is over.")] = False,
) -> None:
    """Play a scene: Reeve beside a GitHub on your desk."""
    from bot.demo import demo as play

    raise typer.Exit(0 if play(stay=not once) else 1)


def _engine() -> "Engine":
    from bot.settings import database_url
    from bot.store import engine, migrate

    connected = engine.connect(database_url(os.environ))
    migrate.upgrade(connected)
    return connected


def _with_broker(found: "Settings") -> "Settings":
    from bot.settings import SettingsError

    if found.is_embedded:
        raise SettingsError(
            "REEVE_BROKER_URL must be set for this command, for example redis://localhost:6379/0;"
            " without it `reeve serve` does the work itself"
        )
    return found


def _noted(text: str) -> "Noted | None":
    from bot.settings import SettingsError
    from bot.store.audit import Noted

    if not text:
        return None
    count, _, head = text.partition(":")
    if not count.isdigit() or not head:
        raise SettingsError(f"--noted {text}: write COUNT:HASH, as `reeve audit verify --json` gave them")
    return Noted(int(count), head)


def _print_deliveries(rows: "Sequence[DeliveryRow]", *, as_json: bool, is_all: bool) -> None:
    if as_json:
        for row in rows:
            typer.echo(json.dumps({**asdict(row), "received_at": row.received_at.isoformat()}, ensure_ascii=False))
        return
    if not rows:
        typer.echo("no such deliveries" if is_all else "no dead letters")
    for row in rows:
        typer.echo(
            f"{row.received_at:%Y-%m-%d %H:%M:%S}  {row.delivery}  {row.event:16} {row.subject:20}"
            f" {row.state:8} tries={row.attempts}  {row.reason or ''}"
        )


def _print_findings(findings: "Sequence[Finding]", *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in findings], ensure_ascii=False))
    elif sys.stdout.isatty():
        _print_table(findings)
    else:
        for each in findings:
            typer.echo(f"{each.level:8} {each.check}: {each.message}" + (f"; fix: {each.fix}" if each.fix else ""))


def _print_table(findings: "Sequence[Finding]") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    colors = {"ok": "green", "warning": "yellow", "error": "red"}
    table = Table("", "check", "found", "fix", show_lines=True)
    for each in findings:
        table.add_row(Text(each.level, colors[each.level]), Text(each.check), Text(each.message), Text(each.fix))
    Console().print(table)


def main() -> None:
    """Run the command; a mistake in the settings is told in one line."""
    from bot.model.errors import ReeveError

    try:
        app()
    except ReeveError as error:
        typer.echo(f"reeve: {error}", err=True)
        sys.exit(2)
