"""`reeve sla`: what an issue's clock says, and how soon people were answered."""

import json
import os
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from bot.config import Config
    from bot.policies.sla import Clock
    from bot.policies.sla.events import Given, Note
    from bot.policies.sla.report import Figures
    from bot.render.answer_times import AnswerTimes
    from bot.render.clock_page import ClockPage
    from bot.store.clocks import Clocks

app = typer.Typer(help="Explain an issue's clock; report how soon people were answered.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Events = Annotated[Path, typer.Option(help="What happened, as JSON or JSON lines; - reads standard input.")]
Policy = Annotated[Path | None, typer.Option("--config", help="The policy file; without one the defaults hold.")]
Now = Annotated[str, typer.Option(help="The moment to explain, such as 2026-11-24T06:00:00Z; by default now.")]
Opened = Annotated[str, typer.Option(help="When the issue was opened, for a list that does not say so.")]
Author = Annotated[str, typer.Option(help="Who opened the issue, for a list that does not say so.")]
Speech = Annotated[str, typer.Option("--language", help="en or zh-CN; by default as the policy file says, or en.")]

Only = Annotated[str, typer.Option(help="Only this repository, as owner/name.")]
Since = Annotated[str, typer.Option(help="From this month on, YYYY-MM; by default the last twelve.")]
Tongue = Annotated[str, typer.Option("--language", help="en or zh-CN.")]


@app.callback()
def sla() -> None:
    """Keep the name of each command, also while there is only one."""


@app.command()
def explain(
    events: Events,
    config: Policy = None,
    now: Now = "",
    opened: Opened = "",
    author: Author = "",
    language: Speech = "",
    as_json: Json = False,
) -> None:
    """Tell every interval, pause and deadline of an issue, computed as the service does; exit 2 where it cannot."""
    import gc

    from bot.policies.sla.events import EventsError, Opening, read

    settings = _config(config, language)
    page = _page(settings, language)
    opening = Opening(_moment(opened, page, "--opened") if opened else None, author or None)
    gc.disable()  # a third of the time would go into looking for garbage where there is none
    try:
        given = read(_bytes(events), opening)
        found, notes = _clock(given, settings, _moment(now, page, "--now"))
    except EventsError as error:
        _refuse(f"{events}: {page.error(error)}")
    finally:
        gc.enable()
    typer.echo(_json(found, notes, page) if as_json else page.tell(found, notes), nl=as_json)


@app.command()
def report(repository: Only = "", since: Since = "", language: Tongue = "en", as_json: Json = False) -> None:
    """Count by month and kind who was answered in time and late, with the median and 90th percentile of the time."""
    from bot.clock import utc_now
    from bot.policies.sla.report import aggregate
    from bot.render import LANGUAGES, Words
    from bot.render.answer_times import AnswerTimes

    page = AnswerTimes(Words(), language if language in LANGUAGES else LANGUAGES[0])
    if language not in LANGUAGES:
        _refuse(f"--language: {page.say('error-language', value=language)}")
    start, clocks = _month(since, page) if since else _year_before(utc_now().date()), _clocks()
    only = clocks.repository(repository) if repository else None
    if repository and only is None:
        _refuse(f"--repository: {page.say('no-repository', name=repository)}")
    begin = datetime.combine(start, time(), UTC)
    figures = aggregate(each.standing for each in clocks.since(begin, repository_id=only))
    if as_json:
        typer.echo(json.dumps([_line(each) for each in figures]))
    else:
        typer.echo(page.table(figures) if figures else page.say("nothing", since=start.isoformat()), nl=not figures)


def _clocks() -> "Clocks":
    from bot.settings import database_url
    from bot.store import engine, migrate
    from bot.store.clocks import Clocks

    connected = engine.connect(database_url(os.environ))
    migrate.upgrade(connected)
    return Clocks(connected)


def _month(text: str, page: "AnswerTimes") -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        _refuse(f"--since: {page.say('error-month', value=text)}")


def _year_before(day: date) -> date:
    """Return the first day of the month eleven months before: with this one they are twelve."""
    month = day.year * 12 + day.month - 12
    return date(month // 12, month % 12 + 1, 1)


def _line(figures: "Figures") -> dict[str, object]:
    times = {f"{name}_seconds": getattr(figures, name) for name in ("median", "p90")}
    counts = {name: getattr(figures, name) for name in ("count", "met", "breached", "waiting", "moot")}
    return {
        "month": figures.month,
        "target": figures.target.value,
        "kind": figures.kind.value if figures.kind else None,
        **counts,
        **{name: None if each is None else int(each.total_seconds()) for name, each in times.items()},
    }


def _config(file: Path | None, language: str) -> "Config":
    from bot.cli.config import read
    from bot.config import Config, ConfigError, parse
    from bot.render import Words

    if file is None:
        return Config()
    try:
        return parse(read(file), file=str(file))
    except ConfigError as error:
        words = Words()
        _refuse("\n".join(each.place + words.mistake(each, language or "en") for each in error.mistakes))


def _page(config: "Config", language: str) -> "ClockPage":
    from bot.render import LANGUAGES, Words
    from bot.render.clock_page import ClockPage

    spoken = language or ("en" if config.language == "auto" else config.language)
    page = ClockPage.of(Words(), spoken if spoken in LANGUAGES else "en", config.sla.calendar)
    if spoken not in LANGUAGES:
        _refuse(f"--language: {page.say('error-language', value=spoken)}")
    return page


def _bytes(file: Path) -> bytes:
    from bot.cli.config import read

    return typer.get_binary_stream("stdin").read() if str(file) == "-" else read(file)


def _moment(text: str, page: "ClockPage", option: str) -> datetime:
    from bot.clock import utc_now
    from bot.policies.sla.events.told import FIRST_YEAR, LAST_YEAR

    try:
        moment = datetime.fromisoformat(text) if text else utc_now()
    except ValueError:
        moment = datetime.min.replace(tzinfo=UTC)
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        _refuse(f"{option}: {page.say('error-now', value=text)}")
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def _clock(given: "Given", config: "Config", now: datetime) -> "tuple[Clock, tuple[Note, ...]]":
    """Run the clock; where no event names a kind, triage says what the issue is, as it does in the service."""
    from bot.model.facts import Facts
    from bot.model.subjects import Repository
    from bot.policies.sla import clock
    from bot.policies.sla.events import Note
    from bot.policies.sla.rounds import names_kind
    from bot.policies.triage.evidence import find

    is_told = any(names_kind(each, config) for each in given.timeline.happenings)
    kind = find(Facts(Repository(0, "", 0), given.issue), config).kind if given.issue and not is_told else None
    found = clock(replace(given.timeline, kind=kind), config, now)
    if kind is None or found.exempt or not found.laps:
        return found, given.notes
    return found, (*given.notes, Note("kind", {"kind": kind.value}))


def _json(found: "Clock", notes: "tuple[Note, ...]", page: "ClockPage") -> str:
    from bot.policies.sla.statement import statement

    said = [{"code": note.code, "text": text} for note, text in zip(notes, page.notes(notes), strict=True)]
    return json.dumps({**statement(found), "notes": said}, ensure_ascii=False, indent=2)


def _refuse(text: str) -> NoReturn:
    typer.echo(text, err=True)
    raise typer.Exit(2)
