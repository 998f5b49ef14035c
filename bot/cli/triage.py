"""`reeve train` and `reeve triage`: make the classifier, try it on a backlog, measure it, fit it to a repository."""

import hashlib
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli import learning
from bot.settings import SettingsError

if TYPE_CHECKING:
    from bot.classifier.builtin import BuiltIn
    from bot.classifier.corpus import Example
    from bot.classifier.evaluate import Judged
    from bot.classifier.training import Reading
    from bot.cli.backlog import Sorted
    from bot.config import Config

app = typer.Typer(help="Try the classifier on a backlog, measure it, fit it to a repository.")
app.command("fit")(learning.fit)
app.command("export")(learning.export)

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Seed = Annotated[int, typer.Option(help="The seed of everything that is drawn by lot.")]


@app.callback(invoke_without_command=True)
def triage(
    context: typer.Context,
    as_json: Json = False,
    config: Annotated[Path | None, typer.Option(help="A policy file; without one the defaults hold.")] = None,
) -> None:
    """Sort a backlog: JSON lines with title, body and, if known, id and labels come in on standard input.

    Each line has its kind, or none where a person has to say, and the words that decided. A line that cannot be read is
    named on standard error and the others are sorted all the same; the exit status is 1 then.
    """
    if context.invoked_subcommand is not None:
        return
    from bot import resources
    from bot.classifier.corpus import BadLine
    from bot.cli import backlog
    from bot.sorting import Shipped

    bad = 0
    for each in backlog.sort(sys.stdin.buffer, Shipped(resources.weights), _config(config)):
        if isinstance(each, BadLine):
            bad += 1
            typer.echo(str(each), err=True)
        else:
            typer.echo(json.dumps(each.as_data(), ensure_ascii=False) if as_json else _line(each))
    raise typer.Exit(1 if bad else 0)


def _line(each: "Sorted") -> str:
    from bot.render.terminal import shown

    kind = each.finding.kind.value if each.finding.kind else "ask"
    reasons = ", ".join(each.finding.evidence or each.opinion.scores.reasons)
    because = f"  because: {reasons}" if reasons else ""
    number = "-" if each.row.id is None else each.row.id
    return shown(f"{number}  {kind:8} {each.confidence:4.2f}  {each.row.title}{because}")


@app.command("eval")
def evaluate(
    file: Annotated[Path, typer.Argument(help="JSON lines with title, body, label and, if known, repo.")],
    fit: Annotated[Path | None, typer.Option(help="Labelled issues of the same repositories to fit to first.")] = None,
    as_json: Json = False,
    seed: Seed = 0,
) -> None:
    """Measure the classifier on labelled issues: F1 by class, what it may label, and whether its confidence is true."""
    from bot.cli import measured

    judged = _judged(read_examples([file]), read_examples([fit]) if fit else [])
    random = Random(seed)  # noqa: S311  repeatable, and no secret
    if as_json:
        typer.echo(measured.as_json(judged, random))
    else:
        measured.show(str(file), judged, random)


def _judged(issues: "Sequence[Example]", history: "Sequence[Example]") -> "list[Judged]":
    """Return what is thought of the issues, each source fitted to its own part of the history."""
    from bot import resources
    from bot.classifier.evaluate import Judged
    from bot.sorting import Shipped

    shipped = Shipped(resources.weights).classifier
    seen = sum(shipped.has_learnt_from(each.title, each.body) for each in issues)
    if seen:
        _say(f"{seen} of these {len(issues)} issues were among those that the model was made from: no fair measure")
    fitted = {source: _fitted(source, history, shipped) for source in {each.source for each in issues}}
    return [
        Judged(each.label, fitted[each.source].probabilities(each.title, each.body), each.source) for each in issues
    ]


def _fitted(source: str, history: "Sequence[Example]", shipped: "BuiltIn") -> "BuiltIn":
    from bot.classifier.builtin import BuiltIn
    from bot.classifier.fitting import learn_from

    own = [each for each in history if each.source == source]
    if not own:
        return shipped
    found = learn_from(own, shipped)
    _say(learning.line(source, found))
    return BuiltIn(shipped.model, found.own)


def train(
    data: Annotated[list[Path], typer.Argument(help="JSON lines with title, body, label and, if known, repo.")],
    out: Annotated[Path, typer.Option(help="Where to write the model.")],
    check: Annotated[bool, typer.Option("--check", help="Measure first, on sources that are held back.")] = False,
    adapt: Annotated[list[str] | None, typer.Option(help="With --check: a source to measure adapted too.")] = None,
    reread: Annotated[
        Path | None, typer.Option(help="JSON lines with id and label: what a second reading found.")
    ] = None,
    seed: Seed = 0,
) -> None:
    """Make the model that ships with Reeve from labelled issues; --check also calibrates it."""
    from bot.classifier import training

    if out.is_dir() or not os.access(out.parent, os.W_OK):  # said before a quarter of an hour is spent
        raise SettingsError(f"{out} cannot be written: --out must be a file in a folder that is there")
    examples = read_examples(data, reread)
    about: dict[str, object] = {"issues": len(examples), "data": _digest([*data, *([reread] if reread else [])])}
    reading = training.Reading()
    if check:
        about["temperature"] = _check(examples, adapt or [], seed, reading)
    model = training.train(examples, about=about, reading=reading)
    out.write_bytes(model.to_bytes())
    typer.echo(f"{out}: {out.stat().st_size} bytes, {len(model.index)} features")


def _check(examples: "Sequence[Example]", adapt: Sequence[str], seed: int, reading: "Reading") -> float:
    """Print what the model is worth on what it has not seen; return the temperature that makes it honest.

    Each source is held against the labels that it came with, and again where some were read anew.
    """
    from bot.classifier import validation
    from bot.cli import measured

    random = Random(seed)  # noqa: S311  repeatable, and no secret
    odds = validation.cold(examples, _say, reading)
    temperature = validation.temperature(odds)
    again = validation.judged(odds, temperature)
    judged = [replace(one, truth=each.before or one.truth) for (each, _), one in zip(odds, again, strict=True)]
    anew = {each.source for each, _ in odds if each.before}
    typer.echo(f"temperature {temperature:.3f}")
    for source in sorted({each.source for each in judged}):
        measured.show(f"cold, {source}", [each for each in judged if each.source == source], random)
        if source in anew:
            measured.show(f"cold, {source}, read again", [each for each in again if each.source == source], random)
    chinese = [one for (each, _), one in zip(odds, judged, strict=True) if validation.is_real_chinese(each)]
    if chinese:
        measured.show("cold, in Chinese", chinese, random)
    if adapt:
        split = Random(seed)  # noqa: S311  the same parts whatever was measured before
        joined = validation.adapted(examples, adapt, split, _say, reading, temperature)
        measured.show("adapted", validation.judged(joined, 1.0), random)
    return temperature


def _say(line: str) -> None:
    typer.echo(line, err=True)


def read_examples(files: Sequence[Path], reread: Path | None = None) -> "list[Example]":
    """Return the labelled issues of these files; raise `SettingsError` that names the first bad line."""
    from bot.classifier.corpus import BadLine, examples, second_reading

    found: list[Example] = []
    again = {}
    for file in [*([reread] if reread else []), *files]:
        try:
            if file is reread:
                again = second_reading(_read(file).split("\n"))
            else:
                found += examples(_read(file).split("\n"), again)
        except BadLine as error:
            raise SettingsError(f"{file}: {error}") from None
    if not found:
        raise SettingsError(f"{', '.join(map(str, files))}: no labelled issue in it")
    return found


def _config(file: Path | None) -> "Config":
    from bot.config import Config, ConfigError, parse
    from bot.render import Words

    if file is None:
        return Config()
    try:
        return parse(_read(file), file=str(file))
    except ConfigError as error:
        words = Words()
        raise SettingsError("\n".join(each.place + words.mistake(each, "en") for each in error.mistakes)) from None


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{file} is not text in UTF-8") from None


def _digest(files: Sequence[Path]) -> str:
    """Return the SHA-256 of all files, in the order in which they were given."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()
