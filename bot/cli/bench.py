"""`reeve bench`: what benchmark reports say, before a push; beside it the tensor-parallel suite."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import suite

if TYPE_CHECKING:
    from bot.config.benchmark import Benchmark
    from bot.model.samples import Samples
    from bot.policies.benchmark.comparison import Comparison, MetricVerdict

app = typer.Typer(help="Judge benchmark reports, and run the tensor-parallel suite.", no_args_is_help=True)
suite.add_to(app)

Files = Annotated[list[Path], typer.Argument(help="A report with both sides, or several in the order of time.")]
Bases = Annotated[list[Path] | None, typer.Option("--base", help="A report of base, one for each FILE of head.")]
Margin = Annotated[str, typer.Option(help="How much slower is too slow, such as 5%.")]
Policy = Annotated[Path | None, typer.Option("--config", help="A policy file; else .github/reeve.yml, if it is there.")]
Head = Annotated[str, typer.Option(help="The commit that head must be of.")]
Speech = Annotated[str, typer.Option("--language", help="en or zh-CN; by default as LANG says.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]

#: Exit status by verdict; everything else is 3: not clear, not to be compared, or no report that can be believed.
STATUS = {"pass": 0, "regress": 1}
NOT_CLEAR = 3


@app.command()
def compare(
    files: Files,
    base: Bases = None,
    margin: Margin = "",
    config: Policy = None,
    head: Head = "",
    language: Speech = "",
    as_json: Json = False,
) -> None:
    """Say whether head is slower than base: exit 0 pass, 1 slower, 2 usage, 3 not clear, not comparable or refused."""
    from bot.policies.benchmark.comparison import compare as judge
    from bot.policies.benchmark.conditions import ANY, Expected

    expected = Expected(frozenset({head})) if head else ANY
    with _refused(as_json=as_json):
        samples = _samples(files, base or [])
    found = judge(samples, _rules(config, margin), expected)
    if as_json:
        typer.echo(json.dumps([_as_json(each) for each in found.metrics], ensure_ascii=False))
    else:
        _print(found, language or _spoken())
    raise typer.Exit(STATUS.get(found.call, NOT_CLEAR))


@app.command()
def calibrate(
    files: Files, base: Bases = None, margin: Margin = "", config: Policy = None, language: Speech = ""
) -> None:
    """Say which margins a machine can be trusted with, by one build on both sides: exit 0 good, 3 not good enough."""
    from bot.cli.markdown import show
    from bot.policies.benchmark.calibration import calibrate_all
    from bot.policies.benchmark.comparison import compare as judge
    from bot.policies.benchmark.message import calibration
    from bot.render import Words

    with _refused():
        samples = _samples(files, base or [])
    rules = _rules(config, margin)
    found = calibrate_all(samples, rules)
    data = calibration(found, judge(samples, rules))
    show(Words().text("benchmark/calibration", data, language or _spoken()))
    raise typer.Exit(0 if found and all(each.is_good for each in found.values()) else NOT_CLEAR)


@app.command()
def bundle(
    reports: Annotated[list[str], typer.Argument(help="base=FILE and head=FILE, in the order in which they ran.")],
    base_commit: Annotated[str, typer.Option(help="The full hash of base.")],
    head_commit: Annotated[str, typer.Option(help="The full hash of head.")],
    environment: Annotated[list[str], typer.Option(help="NAME=VALUE; machine is needed, once for each.")],
    dirty: Annotated[bool, typer.Option("--dirty", help="A tree had changes that are in no commit.")] = False,
    out: Annotated[Path, typer.Option(help="Where to write the samples.")] = Path("samples.json"),
) -> None:
    """Put the reports of launches that took turns into one document of samples, and check that it can be read."""
    from bot.reports import reeve_samples, samples

    build = {"dirty": dirty, "environment": dict(_named(each, "--environment") for each in environment)}
    document = {
        "schema": reeve_samples.SCHEMA,
        "base": {"commit": base_commit, **build},
        "head": {"commit": head_commit, **build},
        "launches": [_launch(*_named(each, "a report")) for each in reports],
    }
    data = json.dumps(document, ensure_ascii=False).encode()
    found = samples.parse(data, name=str(out))
    out.write_bytes(data)
    typer.echo(f"{out}: {len(found.launches)} launches, {len(found.metrics)} metrics")


def _launch(side: str, file: str) -> dict[str, object]:
    from bot.reports.json_document import documents

    reports = documents(_read(Path(file)))
    if len(reports) > 1:
        raise typer.BadParameter(f"{file}: it holds {len(reports)} reports, and a launch has one")
    return {"side": side, "report": reports[0]}


def _named(text: str, what: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not (name and sign and value):
        raise typer.BadParameter(f"{text}: {what} is written as NAME=VALUE")
    return name, value


def _samples(files: list[Path], bases: list[Path]) -> "Samples":
    """Read all reports; with `--base` base and head are pairs by their places, unless the reports know their times."""
    from bot.model.samples import Side
    from bot.reports.samples import combined, in_time, of_side, parse

    heads = [parse(_read(each), name=str(each)) for each in files]
    if not bases:
        return combined(heads)
    if len(bases) != len(files):
        raise typer.BadParameter(f"{len(files)} reports of head and {len(bases)} of base: give as many of each")
    others = [parse(_read(each), name=str(each)) for each in bases]
    turns = [
        of_side(each, side)
        for pair in zip(others, heads, strict=True)
        for each, side in zip(pair, (Side.BASE, Side.HEAD), strict=True)
    ]
    return in_time(combined(turns))


@contextmanager
def _refused(*, as_json: bool = False) -> Iterator[None]:
    """Tell of a report that is not believed, as the coverage gate does: nothing is known then, and nothing passes."""
    from bot.reports.measured import BadReport

    try:
        yield
    except BadReport as error:
        typer.echo(f"reeve: {error}", err=True)
        if as_json:
            typer.echo("[]")
        raise typer.Exit(NOT_CLEAR) from None


def _rules(config: Path | None, margin: str) -> "Benchmark":
    from bot.config import FILE, parse

    file = config or Path(FILE)
    text = _read(file) if config or file.exists() else ""
    rules = parse(text, file=str(file)).benchmark
    return _with_margin(rules, margin) if margin else rules


def _with_margin(rules: "Benchmark", margin: str) -> "Benchmark":
    """Use this margin for every metric."""
    from decimal import Decimal, InvalidOperation

    try:
        percent = Decimal(margin.strip().removesuffix("%").strip())
    except InvalidOperation:
        percent = Decimal(0)
    if not percent.is_finite() or not rules.floor < percent <= 100:
        raise typer.BadParameter(f"{margin}: a margin is more than {rules.floor:g}% and at most 100%, such as 5%")
    metrics = tuple(each.model_copy(update={"margin": None}) for each in rules.metrics)
    return rules.model_copy(update={"margin": percent, "metrics": metrics})


def _as_json(verdict: "MetricVerdict") -> dict[str, object]:
    judgement = verdict.judgement
    return {
        "name": verdict.metric.name,
        "verdict": judgement.call.value,
        "ratio": judgement.ratio,
        "low": judgement.low,
        "high": judgement.high,
        "pairs": judgement.pairs,
    }


def _print(found: "Comparison", language: str) -> None:
    """Print what the check on GitHub would say."""
    from bot.cli.markdown import show
    from bot.policies.benchmark.message import facts, local
    from bot.render import Words

    show(Words().text("benchmark/check", facts(local(found)), language))


def _spoken() -> str:
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    found = next((os.environ[name] for name in names if os.environ.get(name)), "")
    return "zh-CN" if found.lower().startswith("zh") else "en"


def _read(file: Path) -> bytes:
    from bot.settings import SettingsError

    try:
        return file.read_bytes()
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}") from None
