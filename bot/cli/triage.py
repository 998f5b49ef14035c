"""`reeve train` and `reeve triage`: make the classifier, try it on a backlog, measure it, fit it to a repository."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Annotated

import typer

from bot.settings import SettingsError

if TYPE_CHECKING:
    from bot.classifier.corpus import Example

app = typer.Typer(help="Try the classifier on a backlog, measure it, fit it to a repository.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Seed = Annotated[int, typer.Option(help="The seed of everything that is drawn by lot.")]


def train(
    data: Annotated[list[Path], typer.Argument(help="JSON lines with title, body, label and, if known, repo.")],
    out: Annotated[Path, typer.Option(help="Where to write the model.")],
    check: Annotated[bool, typer.Option("--check", help="Measure first, on sources that are held back.")] = False,
    adapt: Annotated[list[str] | None, typer.Option(help="With --check: a source to measure adapted too.")] = None,
    seed: Seed = 0,
) -> None:
    """Make the model that ships with Reeve from labelled issues; --check also calibrates it."""
    from bot.classifier import training

    examples = _examples(data)
    about: dict[str, object] = {"issues": len(examples), "data": _digest(data)}
    if check:
        about["temperature"] = _check(examples, adapt or [], Random(seed))  # noqa: S311  repeatable, and no secret
    model = training.train(examples, about=about)
    out.write_bytes(model.to_bytes())
    typer.echo(f"{out}: {out.stat().st_size} bytes, {len(model.index)} features")


def _check(examples: "Sequence[Example]", adapt: Sequence[str], random: Random) -> float:
    """Print what the model is worth on what it has not seen; return the temperature that makes it honest."""
    from bot.classifier import validation
    from bot.cli import measured

    odds = validation.cold(examples, _say)
    temperature = validation.temperature(odds)
    judged = validation.judged(odds, temperature)
    typer.echo(f"temperature {temperature:.3f}")
    for source in sorted({each.source for each in judged}):
        measured.show(f"cold, {source}", [each for each in judged if each.source == source], random)
    if adapt:
        joined = validation.adapted(examples, adapt, random, _say)
        measured.show("adapted", validation.judged(joined, 1.0), random)
    return temperature


def _say(line: str) -> None:
    typer.echo(line, err=True)


def _examples(files: Sequence[Path]) -> "list[Example]":
    from bot.classifier.corpus import BadLine, examples

    found: list[Example] = []
    for file in files:
        try:
            found += examples(_read(file).split("\n"))
        except BadLine as error:
            raise SettingsError(f"{file}: {error}") from None
    return found


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
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
