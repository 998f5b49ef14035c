"""The files that put a repository under Reeve: its policy file, and the workflows that hand over evidence."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot import resources
from bot.config import FILE
from bot.model.errors import ReeveError
from bot.render import Words
from bot.welcome import WORKFLOWS

#: The thin callers, which Reeve knows by their names, and the bodies that they call.
CALLERS = ("reeve-coverage.yml", "reeve-benchmark.yml", "reeve-tensor-parallel.yml")
BODIES = ("measure-coverage.yml", "measure-benchmark.yml", "measure-tensor-parallel.yml")

_SOURCE = re.compile(r"[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}@[0-9a-f]{40}")
_LOCAL = re.compile(r"uses: \./\.github/workflows/(measure-[a-z-]+\.yml).*$", re.MULTILINE)


class NotPinned(ReeveError):
    """The bodies were to come from somewhere that is not one whole commit."""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one file: new, or there already and left as it is."""

    path: str
    is_new: bool


def write(folder: Path, *, language: str = "en", source: str = "") -> Iterator[Written]:
    """Write what is not there yet, file by file; `source` names whose bodies are called, as OWNER/REPO@SHA."""
    for path, text in files(language=language, source=source):
        file = folder / path
        is_new = not file.exists()
        if is_new:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        yield Written(path, is_new)


def files(*, language: str, source: str) -> Iterator[tuple[str, str]]:
    """Give each file's path and text. Without a source the bodies come along: then nothing is called from elsewhere."""
    if source and not _SOURCE.fullmatch(source):
        raise NotPinned(f"{source}: name it as OWNER/REPO@SHA, with all forty digits, so that nobody can change it")
    yield FILE, Words().document("welcome/reeve.yml", language)
    for name in CALLERS:
        text = resources.workflow(name, language=language).read_text(encoding="utf-8")
        yield f"{WORKFLOWS}/{name}", _called(text, source)
    for name in () if source else BODIES:
        yield f"{WORKFLOWS}/{name}", resources.workflow(name).read_text(encoding="utf-8")


def _called(text: str, source: str) -> str:
    """Return a caller that calls the bodies, and takes the suite, of this source; its own repository's without one."""
    if not source:
        return text
    repository, _, sha = source.partition("@")
    text = _LOCAL.sub(rf"uses: {repository}/{WORKFLOWS}/\1@{sha}", text)
    return text.replace('suite-repository: ""', f"suite-repository: {repository}").replace(
        'suite-commit: ""', f"suite-commit: {sha}"
    )
