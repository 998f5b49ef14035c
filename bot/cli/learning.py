"""`reeve triage fit` and `reeve triage export`: learn from a repository's history, hand out what people corrected."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.settings import SettingsError

if TYPE_CHECKING:
    from bot.classifier.corpus import Example
    from bot.classifier.fitting import Fit
    from bot.model.subjects import Repository
    from bot.wiring import Parts

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def fit(
    history: Annotated[str, typer.Argument(help="A repository, OWNER/NAME, or a file of labelled issues, FILE.jsonl.")],
    repository: Annotated[str, typer.Option(help="With a file: keep what is learnt for this repository.")] = "",
    as_json: Json = False,
) -> None:
    """Learn a second model from labelled issues; it is used only where it is better on the newest of them."""
    if Path(history).is_file() or history.endswith((".jsonl", ".json")):
        _fit_to_file(Path(history), repository, as_json=as_json)
        return
    from bot import learning

    with _parts() as parts:
        found = learning.learn(parts, _known(parts, history), parts.clock())
    _tell(history, found, as_json=as_json)


def export(
    repository: Annotated[str, typer.Argument(help="Only this repository, OWNER/NAME.")] = "",
) -> None:
    """Print what people said of issues that Reeve had sorted, or left to them: JSON lines to train and to fit with."""
    from bot import corrections

    with _parts() as parts:
        for each in corrections.corrections(parts, repository or None):
            example = each.example
            row = {"id": each.number, "repo": example.source, "title": example.title, "body": example.body}
            said = {"label": example.label, "created_at": example.created_at, "rule": each.rule}
            typer.echo(json.dumps(row | said, ensure_ascii=False))


def line(name: str, found: "Fit") -> str:
    """Say in one line what came of fitting to a repository; its name may come from a file."""
    from bot.render.terminal import shown

    return f"{shown(name)}: {told(found)}"


def told(found: "Fit") -> str:
    """Say what came of fitting."""
    if not found.measured_on:
        count = "1 labelled issue is" if found.issues == 1 else f"{found.issues} labelled issues are"
        return f"{count} too few to fit to, or of one kind; where words alone decide, Reeve only suggests"
    compared = f", {found.shipped:.3f} without it" if found.shipped is not None else ""
    use = "it is used" if found.own else "it is not used"
    measured = f"macro F1 {found.together:.3f} on the newest {found.measured_on}{compared}"
    return f"fitted to {found.issues} issues, {measured}; {use}"


def _fit_to_file(file: Path, repository: str, *, as_json: bool) -> None:
    from bot import resources
    from bot.classifier.fitting import learn_from
    from bot.cli.triage import read_examples
    from bot.sorting import Shipped

    examples = read_examples([file])
    if repository:
        with _parts() as parts:
            place = _known(parts, repository)
            found = learn_from(examples, parts.shipped.classifier)
            parts.database.triage.keep_fit(place, found, now=parts.clock())
        _tell(repository, found, as_json=as_json)
        return
    shipped = Shipped(resources.weights).classifier
    for source in sorted({each.source for each in examples}):
        _tell(source, learn_from(_of(source, examples), shipped), as_json=as_json)


def _of(source: str, examples: "Sequence[Example]") -> "list[Example]":
    return [each for each in examples if each.source == source]


def _tell(name: str, found: "Fit", *, as_json: bool) -> None:
    if not as_json:
        typer.echo(line(name, found))
        return
    thresholds = found.own.thresholds if found.own else None
    typer.echo(
        json.dumps(
            {
                "repository": name,
                "issues": found.issues,
                "measured_on": found.measured_on,
                "macro_f1": found.together,
                "macro_f1_without": found.shipped,
                "is_used": found.own is not None,
                "mode": found.mode,
                "thresholds": {"bug": thresholds.bug, "other": thresholds.other} if thresholds else None,
            }
        )
    )


@contextmanager
def _parts() -> "Iterator[Parts]":
    from bot import logs, settings, wiring

    logs.configure("ERROR")
    parts = wiring.build(settings.from_environment())
    try:
        yield parts
    finally:
        parts.close()


def _known(parts: "Parts", name: str) -> "Repository":
    found = parts.database.triage.repository(name)
    if found is None:
        raise SettingsError(f"{name} is no repository that Reeve is installed on, and no file")
    return found
