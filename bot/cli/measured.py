"""How a measurement of a classifier is printed: a table for people, or JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from random import Random

import typer

from bot.classifier.evaluate import Figure, Judged, Report, report
from bot.render.terminal import shown


def show(name: str, judged: Sequence[Judged], random: Random) -> None:
    """Measure and print as a table."""
    found = report(judged, random)
    typer.echo(f"\n{shown(name)}: {found.issues} issues, 95 % intervals in brackets")
    typer.echo(f"  macro F1            {_text(found.macro_f1)}")
    if found.mean_of_sources is not None:
        typer.echo(f"  mean over sources   {_text(found.mean_of_sources)}")
    typer.echo(f"  accuracy            {_text(found.accuracy)}")
    typer.echo(f"  calibration error   {_text(found.calibration_error)}")
    threshold = found.threshold_for_wanted_precision
    place = "" if threshold is None else f", from a confidence of {threshold:.2f} on"
    typer.echo(f"  labelled at 90 %    {_text(found.coverage_at_wanted_precision)}{place}")
    _show_parts(found)


def as_json(judged: Sequence[Judged], random: Random) -> str:
    """Measure and return everything as one line of JSON."""
    return json.dumps(asdict(report(judged, random)), ensure_ascii=False)


def _show_parts(found: Report) -> None:
    typer.echo("  class      precision  recall  F1                      issues")
    for label, each in found.classes.items():
        typer.echo(f"  {label:10} {each.precision:9.3f} {each.recall:7.3f}  {_text(each.f1):22} {each.issues:7}")
    typer.echo("  threshold  labelled  precision")
    for step in found.curve:
        typer.echo(f"  {step.threshold:9.2f} {step.coverage:9.3f} {step.precision:10.3f}")
    if len(found.sources) > 1:
        typer.echo(
            "  source and its macro F1: " + ", ".join(f"{shown(n)} {value:.3f}" for n, value in found.sources.items())
        )


def _text(figure: Figure) -> str:
    return f"{figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f})"
