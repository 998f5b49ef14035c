"""`reeve config`: what a policy file means, before it is pushed."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from bot.config import Mistake
    from bot.config.layers import Effective

app = typer.Typer(help="Check a policy file before it is pushed.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
File = Annotated[Path, typer.Argument(help="The policy file.")]
Organization = Annotated[Path | None, typer.Option(help="The organization's file beneath it.")]
Repo = Annotated[str, typer.Option(help="Lay it on what the organization of this repository has, owner/name.")]
Speech = Annotated[str, typer.Option("--language", help="The language of the mistakes: en or zh-CN.")]

DEFAULT = Path(".github/reeve.yml")


@app.command()
def check(
    file: File = DEFAULT,
    organization: Organization = None,
    repo: Repo = "",
    language: Speech = "en",
    as_json: Json = False,
) -> None:
    """Report every mistake in a policy file, as file:line:column: key: message; exit 1 if there is one."""
    from bot.config import ConfigError

    mistakes: tuple[Mistake, ...] = ()
    ignored: tuple[Mistake, ...] = ()
    try:
        ignored = _laid(file, organization, repo).ignored
    except ConfigError as error:
        mistakes = tuple(error.mistakes)
    if as_json:
        told = {"mistakes": _dumped(mistakes, language), "ignored": _dumped(ignored, language)}
        typer.echo(json.dumps({"valid": not mistakes, **told}, ensure_ascii=False))
    else:
        typer.echo("\n".join(lines((*mistakes, *ignored), language)) or f"{file}: no mistakes")
    raise typer.Exit(1 if mistakes else 0)


@app.command()
def explain(
    file: File = DEFAULT,
    organization: Organization = None,
    repo: Repo = "",
    language: Speech = "en",
    as_json: Json = False,
) -> None:
    """Print every setting with its value and the layer that set it; exit 1 if a file has a mistake."""
    from bot.config import ConfigError

    try:
        found = _laid(file, organization, repo)
    except ConfigError as error:
        typer.echo("\n".join(lines(error.mistakes, language)), err=True)
        raise typer.Exit(1) from None
    values = found.values()
    if as_json:
        settings = [{"key": key, "value": values[key], "layer": origin} for key, origin in found.origins.items()]
        typer.echo(json.dumps({"settings": settings, "ignored": _dumped(found.ignored, language)}, ensure_ascii=False))
        return
    for key, origin in found.origins.items():
        typer.echo(f"{origin.value:12}  {key}: {json.dumps(values[key], ensure_ascii=False)}")
    for line in lines(found.ignored, language):
        typer.echo(line)


@app.command()
def schema() -> None:
    """Print the JSON Schema of the policy file, for editors."""
    from bot.config.reference import json_schema

    typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@app.command()
def reference(
    write: Annotated[Path | None, typer.Option(help="Write them into this page, between its two marks.")] = None,
) -> None:
    """Print every setting with what it takes, its default and what it is, as Markdown."""
    from bot.config.reference import reference as page
    from bot.config.reference import rewritten

    if write is None:
        typer.echo(page())
    else:
        write.write_text(rewritten(write.read_text(encoding="utf-8")), encoding="utf-8")


def read(file: Path) -> bytes:
    """Return a file's bytes; raise `SettingsError` naming one that cannot be read."""
    from bot.settings import SettingsError

    try:
        return file.read_bytes()
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}") from None


def _laid(file: Path, organization: Path | None, repo: str) -> "Effective":
    """Lay a file on its organisation's, which is another file, or what GitHub has of it."""
    from bot.config import layers

    shared = layers.organization_layer(read(organization), file=str(organization)) if organization else None
    if shared is None and repo and (text := _shared(repo)) is not None:
        shared = layers.organization_layer(text, file=f"{repo.partition('/')[0]}/.github")
    return layers.layer(shared, layers.repository_layer(read(file), file=str(file)))


def _shared(repo: str) -> str | None:
    """Read the organisation's file from GitHub, with the App's credentials."""
    from bot import settings
    from bot.clock import utc_now
    from bot.github.forge import GitHub
    from bot.policyfile import inspection

    found = settings.from_environment()
    github = GitHub(app_id=found.app_id, private_key=found.private_key, base_url=found.github_api_url, clock=utc_now)
    try:
        repository = github.repository(repo)
        forge = github.installation(repository.installation_id)
        return inspection.ground(forge, repository, github.home_of(repository)).shared
    finally:
        github.close()


def lines(mistakes: "tuple[Mistake, ...]", language: str) -> list[str]:
    """Return each mistake in a line that editors can jump to."""
    from bot.render import Words

    words = Words()
    return [each.place + words.mistake(each, language) for each in mistakes]


def _dumped(mistakes: "tuple[Mistake, ...]", language: str) -> list[dict[str, Any]]:
    from bot.render import Words

    words = Words()
    return [
        {
            "file": each.file,
            "line": each.line,
            "column": each.column,
            "key": each.key,
            "code": each.code,
            "message": words.mistake(each, language),
        }
        for each in mistakes
    ]
