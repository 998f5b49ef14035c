"""`reeve bench run|verdict|report`: the tensor-parallel suite. Only `run` needs the extra `bench`."""

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from bot.bench.cases import Profile
    from bot.bench.suite import Progress
    from bot.policies.release.suite import Conclusion
    from bot.reports.tensor_parallel import Document

File = Annotated[Path, typer.Argument(help="A result of the suite.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]

#: Exit status by outcome, as a job's log and a shell script read it.
STATUS = {"pass": 0, "regress": 1, "incorrect": 2, "not_comparable": 3, "inconclusive": 3, "infrastructure": 4}


def run(  # noqa: PLR0913, PLR0917  each is one option of the command
    profile: Annotated[str, typer.Option(help="smoke, pr, release or nightly.")] = "smoke",
    out: Annotated[Path, typer.Option(help="Where to write the result.")] = Path("tensor-parallel.json"),
    engine: Annotated[str, typer.Option(help="reeve, dtensor, or your own as module:Class.")] = "reeve",
    base_engine: Annotated[str, typer.Option(help="The base's engine, where it is another one.")] = "",
    head_python: Annotated[str, typer.Option(help="An interpreter with the head installed.")] = sys.executable,
    base_python: Annotated[str, typer.Option(help="An interpreter with the base installed.")] = sys.executable,
    head: Annotated[str, typer.Option(help="The head's commit.")] = "",
    base: Annotated[str, typer.Option(help="The base's commit.")] = "",
    nonce: Annotated[str, typer.Option(help="To be repeated in the result.")] = "",
    run_id: Annotated[str, typer.Option(help="The workflow run, where there is one.")] = "",
    pairs: Annotated[int, typer.Option(min=0, help="Launches of each side; 0 for the profile's own number.")] = 0,
    tp: Annotated[str, typer.Option(help="On how many ranks, as 1,2,4,8, where not on the profile's own.")] = "",
) -> None:
    """Run a profile: base and head take turns, and the raw numbers are written down."""
    try:
        from bot.bench import suite
    except ModuleNotFoundError as error:
        _stop(f"{error.name} is not installed: pip install 'reeve[bench]', or `make extra` in a checkout")
    from bot.reports import tensor_parallel

    chosen = _profile(profile, pairs, tp)
    builds = suite.Build(head_python, engine, head), suite.Build(base_python, base_engine or engine, base)
    try:
        with _progress() as progress:
            document = suite.run(chosen, head=builds[0], base=builds[1], nonce=nonce, run_id=run_id, progress=progress)
    except suite.SideDied as error:
        _stop(f"the suite could not go on: {error}")
    out.write_bytes(tensor_parallel.encode(document))
    typer.echo(f"{out}: {len(document.cases)} cases in {document.duration:.0f} s")


def verdict(
    file: File,
    head: Annotated[str, typer.Option(help="The commit that must have been measured.")] = "",
    base: Annotated[str, typer.Option(help="The commit that it must have been compared with.")] = "",
    as_json: Json = False,
) -> None:
    """Work out what a result says: exit 0 pass, 1 slower, 2 wrong, 3 not comparable or unclear, 4 did not run."""
    conclusion = _conclude(_read(file), head, base)
    _print_json(conclusion) if as_json else _print(conclusion)
    raise typer.Exit(STATUS[conclusion.outcome])


def report(
    file: File,
    out: Annotated[Path, typer.Option(help="The page to write.")] = Path("tensor-parallel.html"),
    language: Annotated[str, typer.Option(help="en or zh-CN.")] = "en",
) -> None:
    """Write a page that opens without a network: speed against base, scaling, what was checked."""
    from bot.render.suite_page import page

    document = _read(file)
    out.write_text(page(document, _conclude(document), language), encoding="utf-8")
    typer.echo(str(out))


def _profile(name: str, pairs: int, tp: str) -> "Profile":
    """Return a profile, with other numbers of launches and ranks where they are asked for."""
    from bot.bench.cases import PROFILES

    if name not in PROFILES:
        raise typer.BadParameter(f"{name} is none of {', '.join(PROFILES)}", param_hint="--profile")
    profile = PROFILES[name]
    if tp and not re.fullmatch(r"[1248](,[1248])*", tp):
        raise typer.BadParameter(f"{tp}: name 1, 2, 4 and 8, with commas", param_hint="--tp")
    worlds = tuple(sorted({int(each) for each in tp.split(",")})) if tp else profile.worlds
    return replace(profile, pairs=pairs or profile.pairs, worlds=worlds)


def _conclude(document: "Document", head: str = "", base: str = "") -> "Conclusion":
    """Judge a result by itself: it is believed which commits it names, unless they are asked for."""
    from bot.policies.release.suite import Expectation, conclude

    sides = document.sides
    expected = Expectation(
        head=head or sides["head"].commit,
        base=base or (sides["base"].commit if "base" in sides else ""),
        nonce=document.nonce,
        profile=document.profile,
    )
    return conclude(document, expected)


def _read(file: Path) -> "Document":
    from bot.reports import tensor_parallel

    try:
        return tensor_parallel.parse(file.read_bytes())
    except OSError as error:
        _stop(f"{file}: {error.strerror}")
    except tensor_parallel.Unreadable as error:
        _stop(f"{file}: {error}")


def _stop(reason: str) -> NoReturn:
    typer.echo(reason, err=True)
    raise typer.Exit(4)


@contextmanager
def _progress() -> "Iterator[Progress]":
    """Give a bar on a terminal and plain lines elsewhere."""
    if not sys.stderr.isatty():
        yield lambda text, done, total: typer.echo(f"[{done}/{total}] {text}", err=True)
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None)
        yield lambda text, done, total: bar.update(task, description=text, completed=done, total=total)


def _print_json(conclusion: "Conclusion") -> None:
    metrics = [
        {
            "name": name,
            "verdict": each.call,
            "ratio": each.ratio,
            "low": each.low,
            "high": each.high,
            "pairs": each.pairs,
        }
        for name, each in conclusion.judgements.items()
    ]
    findings = [{"outcome": each.outcome, "case": each.case, "reason": each.reason} for each in conclusion.findings]
    typer.echo(json.dumps({"verdict": conclusion.outcome, "findings": findings, "cases": metrics}))


def _print(conclusion: "Conclusion") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in ("case", "verdict", "head / base", "interval", "pairs"):
        table.add_column(heading, overflow="fold")
    for name, each in conclusion.judgements.items():
        interval = f"{each.low:.3f} to {each.high:.3f}" if each.low is not None and each.high is not None else "-"
        ratio = f"{each.ratio:.3f}" if each.ratio is not None else "-"
        table.add_row(name, each.call, ratio, interval, str(each.pairs))
    console = Console()
    console.print(table)
    for finding in conclusion.findings:
        console.print(f"{finding.outcome}: {finding.case or 'the run'}: {finding.reason}", markup=False)
    console.print(f"verdict: {conclusion.outcome}")


def add_to(bench: typer.Typer) -> None:
    """Put the suite's commands beside `reeve bench compare`."""
    for command in (run, verdict, report):
        bench.command()(command)
